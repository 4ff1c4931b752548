"""From ids to text without splitting a character, and stop strings across pieces."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generation.reply import Detokenizer, Growing, StopScanner

awkward = st.text(
    st.sampled_from("aé中文字🎉👩\u200d🚀🇨🇳\ufe0f \n\tßñ✓界𠜎") | st.characters(exclude_categories=["Cs"]),
    max_size=60,
)


def pieces(tokenizer: Any, ids: list[int]) -> list[str]:
    stream = Detokenizer(tokenizer)
    return [stream.push(id) for id in ids] + [stream.finish()]


@settings(max_examples=300, deadline=None)
@given(text=awkward.filter(lambda text: not text.endswith("\ufffd")))
def test_pieces_joined_are_the_text_and_no_piece_holds_half_a_character(tiny: Any, text: str) -> None:
    ids = tiny.tokenizer(text, add_special_tokens=False)["input_ids"]
    parts = pieces(tiny.tokenizer, ids)
    assert "".join(parts) == text
    assert sum(part.count("\ufffd") for part in parts) == text.count("\ufffd")


@settings(max_examples=200, deadline=None)
@given(ids=st.lists(st.integers(0, 511), max_size=60))
def test_any_ids_give_the_text_of_decoding_them_at_once(tiny: Any, ids: list[int]) -> None:
    whole = tiny.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    joined = "".join(pieces(tiny.tokenizer, ids))
    # Bytes that are no text may count as one broken character or as several; everything readable must be there.
    assert joined.replace("\ufffd", "") == whole.replace("\ufffd", "")


def test_a_character_of_several_tokens_comes_whole_with_its_last_one(tiny: Any) -> None:
    ids = tiny.tokenizer("🎉", add_special_tokens=False)["input_ids"]
    assert len(ids) == 4
    assert pieces(tiny.tokenizer, ids) == ["", "", "", "🎉", ""]


def test_a_character_cut_off_at_the_end_is_dropped(tiny: Any) -> None:
    ids = tiny.tokenizer("ok🎉", add_special_tokens=False)["input_ids"]
    assert "".join(pieces(tiny.tokenizer, ids[:-1])) == "ok"


@given(
    st.text("abc", max_size=30),
    st.lists(st.text("abc", min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(0, 30), max_size=8),
)
def test_stop_strings_end_the_text_before_the_first_one(text: str, stops: list[str], cuts: list[int]) -> None:
    scanner = StopScanner(stops)
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    shown = ""
    for start, end in itertools.pairwise(edges):
        shown += scanner.push(text[start:end])
        assert not any(stop in shown for stop in stops)
    if not scanner.stopped:
        shown += scanner.finish()
    assert text.startswith(shown)
    if any(stop in text for stop in stops):
        # The stop string that is complete first wins; nothing of it is shown.
        complete = min(text.find(stop) + len(stop) for stop in stops if stop in text)
        assert len(shown) < complete and not any(stop in shown for stop in stops)
    else:
        assert shown == text


def test_a_growing_reply_stops_at_the_end_token_a_stop_string_and_the_limit(tiny: Any) -> None:
    ids = tiny.tokenizer("a quick dog. END of it", add_special_tokens=False)["input_ids"]

    def grow(stops: tuple[str, ...], limit: int, more: list[int]) -> Growing:
        reply = Growing(tiny.tokenizer, tiny.eos_ids, stops, limit)
        for id in [*ids, *more]:
            if reply.finish is None:
                reply.add(id, -1.0)
        return reply

    ended = grow((), 100, [2])
    assert (ended.text, ended.finish, ended.end_logprob) == ("a quick dog. END of it", "stop", -1.0)
    assert 2 not in ended.ids
    stopped = grow(("END",), 100, [])
    assert (stopped.text, stopped.finish) == ("a quick dog. ", "stop")
    cut = grow(("END",), 3, [])
    assert cut.finish == "length" and len(cut.ids) == 3 and "a quick dog. END".startswith(cut.text)
