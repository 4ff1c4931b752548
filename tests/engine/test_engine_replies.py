"""Replies through the real engine process: streaming, cancelling, order, refusals. The front never loads
torch."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from style_folder import make_style

from assistant.engine.client import Client, error_of
from assistant.engine.protocol import Done, Failed, Generate, Load, Prefill, Prefilled, Token, Turn
from assistant.errors import BadInput
from assistant.learning_records import FinishedReply, UpdateJob
from assistant.records import Sampling

LONG = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=700)
SHORT = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=12)


def test_tokens_joined_are_the_reply_and_come_in_few_events(engine: Any) -> None:
    id = engine.ask("Say something long.", LONG)
    started = time.monotonic()
    done = engine.client.wait(id, 120)
    seconds = time.monotonic() - started
    tokens = engine.of(id, Token)
    assert isinstance(done, Done)
    assert "".join(token.text for token in tokens) == done.text != ""
    assert tokens[0].count <= 10  # the first at once, not gathered
    assert [token.count for token in tokens] == sorted(token.count for token in tokens)
    # At most fifty a second, plus the first and the last.
    assert len(tokens) <= 50 * seconds + 3


def test_a_reply_carries_what_learning_needs(engine: Any) -> None:
    done = engine.client.wait(engine.ask(), 60)
    made = done.generation
    assert made.model == "tiny" and made.style is None
    assert len(made.prompt_ids) == made.prompt_tokens > 0
    assert len(made.reply_ids) == len(made.logprobs) == made.completion_tokens > 0
    assert all(value <= 0 for value in made.logprobs)
    assert made.ttft_s > 0 and made.finish in ("stop", "length")


def test_a_second_turn_reads_only_what_is_new(engine: Any) -> None:
    first = Turn("user", "Once upon a time there was a lazy dog. " * 8)
    one = engine.client.wait(engine.client.generate((first,), SHORT), 60)
    turns = (first, Turn("assistant", one.text), Turn("user", "And then?"))
    two = engine.client.wait(engine.client.generate(turns, SHORT), 60)
    assert two.generation.details.reused_tokens >= one.generation.prompt_tokens - 1


def test_cancel_ends_a_reply_and_keeps_its_text(engine: Any) -> None:
    id = engine.ask("Go on and on.", LONG)
    engine.until(lambda event: isinstance(event, Token) and event.id == id)
    engine.client.cancel(id)
    done = engine.client.wait(id, 60)
    assert isinstance(done, Done)
    assert done.generation.finish == "cancelled"
    assert 0 < done.generation.completion_tokens < 700
    assert "".join(token.text for token in engine.of(id, Token)) == done.text


def test_cancelling_one_that_waits_gives_an_empty_reply(engine: Any) -> None:
    first, second = engine.ask("First.", LONG), engine.ask("Second.", LONG)
    engine.client.cancel(second)
    engine.client.cancel(first)
    done = engine.client.wait(second, 60)
    assert isinstance(done, Done) and done.text == "" and done.generation.finish == "cancelled"
    engine.client.wait(first, 60)


def test_the_same_seed_gives_the_same_reply(engine: Any) -> None:
    drawn = Sampling(temperature=1.0, top_p=1.0, top_k=0, seed=11, max_tokens=30)
    texts = {engine.client.wait(engine.ask("Surprise me.", drawn), 60).text for _ in range(3)}
    other = engine.client.wait(engine.ask("Surprise me.", Sampling(1.0, 1.0, 0, seed=12, max_tokens=30)), 60)
    assert len(texts) == 1 and other.text not in texts


@pytest.mark.parametrize(
    ("turns", "sampling", "says"),
    [
        ((Turn("user", "  "),), SHORT, "nothing to reply to"),
        ((Turn("user", "word " * 3000),), SHORT, "tokens"),
        ((Turn("user", "x" * 3_000_000),), SHORT, "3,000,000 characters"),
        ((Turn("user", "hi"),), Sampling(temperature=-1), "temperature"),
        ((Turn("user", "hi"),), Sampling(top_p=float("nan")), "top-p"),
    ],
)
def test_impossible_requests_are_refused_in_a_sentence(
    engine: Any, turns: tuple[Turn, ...], sampling: Sampling, says: str
) -> None:
    failed = engine.client.wait(engine.client.generate(turns, sampling), 60)
    assert isinstance(failed, Failed) and failed.kind == "bad_input" and says in failed.reason
    assert isinstance(error_of(failed), BadInput)
    assert isinstance(engine.client.wait(engine.ask(), 60), Done)  # and the engine goes on


def test_a_missing_style_is_said_and_the_base_model_goes_on(engine: Any, tmp_path: Path) -> None:
    id = engine.client.generate((Turn("user", "hi"),), SHORT, style=tmp_path / "gone", style_name="v3")
    failed = engine.client.wait(id, 60)
    assert isinstance(failed, Failed) and "style" in failed.reason
    assert isinstance(engine.client.wait(engine.ask(), 60), Done)


def test_a_folder_that_is_no_model_is_refused_and_requests_then_say_so(
    engine: Any, tmp_path: Path, tiny_folder: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    failed = engine.client.wait(engine.client.load(tmp_path, "broken"), 60)
    assert isinstance(failed, Failed) and failed.kind == "model"
    failed = engine.client.wait(engine.ask(), 60)
    assert isinstance(failed, Failed) and failed.kind == "model" and "No model is loaded" in failed.reason
    engine.load(tiny_folder)


def test_what_is_not_plain_data_never_leaves_the_caller() -> None:
    client = Client()
    with pytest.raises(Exception, match="plain data"):
        client.learn(UpdateJob("v1", "tiny", "styles", (object(),)))
    assert client.pid is None  # not even started


def test_the_front_loads_neither_torch_nor_transformers_nor_qt() -> None:
    code = (
        "import sys; import assistant.engine.client, assistant.prompt; "
        "print([m for m in ('torch', 'transformers', 'numpy', 'PySide6', 'PIL') if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert output.stdout.strip() == "[]"


def test_a_listener_that_fails_does_not_stop_the_engine(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(event: Any) -> None:
        raise ValueError("a bug in the window")

    monkeypatch.setattr(engine.client, "_on_event", broken)
    assert isinstance(engine.client.wait(engine.ask(), 60), Done)


def test_a_reply_is_read_again_with_and_without_its_style(
    engine: Any, tiny_folder: Path, tmp_path: Path
) -> None:
    style = make_style(tiny_folder, tmp_path / "v1")
    turns = (Turn("user", "hi"),)
    written = engine.client.wait(engine.client.generate(turns, SHORT, style=style, style_name="v1"), 60)
    made = written.generation
    reply = FinishedReply((), made.prompt_ids, made.reply_ids, False, str(style))
    shift = engine.client.wait(engine.client.reread(reply), 60).shift
    assert "".join(shift.pieces) == written.text
    assert shift.styled == pytest.approx(made.logprobs, abs=0.05)
    assert max(abs(a - b) for a, b in zip(shift.styled, shift.base, strict=True)) > 0.5
    # The reply after it is the base model's again, as if nothing had been read in between.
    plain = engine.client.wait(engine.client.generate(turns, SHORT), 60)
    assert plain.generation.style is None and plain.text != written.text
    gone = engine.client.wait(engine.client.reread(replace(reply, style=str(tmp_path / "gone"))), 60)
    assert isinstance(gone, Failed) and "gone" in gone.reason


def test_two_sides_of_a_comparison_are_written_in_turns_and_the_base_is_checked(
    engine: Any, tiny_folder: Path, tmp_path: Path
) -> None:
    style = make_style(tiny_folder, tmp_path / "v1")
    turns, sampling = (Turn("user", "Go on."),), replace(LONG, max_tokens=200)
    begun = len(engine.events)
    mine = engine.client.generate(turns, sampling, style=style, style_name="v1", comparing="side")
    base = engine.client.generate(turns, sampling, comparing="base")
    between = engine.ask("And a message between them.")
    done = {id: engine.client.wait(id, 120) for id in (mine, base, between)}
    check = done[base].generation.details.base_check
    assert 0.0 <= check.difference <= check.tolerance
    assert done[mine].generation.details.base_check is None
    # Neither side waits for the other's end, and an ordinary reply waits for neither.
    order = [
        event.id
        for event in engine.events[begun:]
        if isinstance(event, (Token, Done)) and event.id in (mine, base, between)
    ]
    assert order.index(base) < len(order) - 1 - order[::-1].index(mine)
    assert order.index(mine) < len(order) - 1 - order[::-1].index(base)
    # Alone, each writes the very same.
    alone = engine.client.wait(engine.client.generate(turns, sampling), 120)
    assert alone.text == done[base].text
    alone = engine.client.wait(engine.client.generate(turns, sampling, style=style, style_name="v1"), 120)
    assert alone.text == done[mine].text != done[base].text


def test_what_a_prompt_begins_with_is_read_ahead_and_changes_no_reply(engine: Any) -> None:
    said = (
        Turn("system", "Answer like a pirate, and mind the wind. " * 6),
        Turn("user", "Where does the river go? " * 8),
        Turn("assistant", "To the sea. " * 8),
    )
    asked = (*said, Turn("user", "And then?"))
    plain = engine.client.wait(engine.client.generate(asked, SHORT), 60)
    other = tuple(
        replace(turn, text=f"{turn.text} Indeed.") if turn.role == "system" else turn for turn in said
    )
    ahead = engine.client.wait(engine.client.prefill(other), 60)
    assert isinstance(ahead, Prefilled) and ahead.tokens > 100
    again = engine.client.wait(engine.client.prefill(other), 60)
    assert isinstance(again, Prefilled) and again.tokens == ahead.tokens  # nothing is read twice
    done = engine.client.wait(engine.client.generate((*other, asked[-1]), SHORT), 60)
    assert done.generation.details.reused_tokens == ahead.tokens
    assert engine.client.wait(engine.client.generate(asked, SHORT), 60).text == plain.text


def test_a_conversation_with_pictures_is_not_read_ahead(engine: Any) -> None:
    seen = engine.client.wait(
        engine.client.prefill((Turn("user", "This?", ("a.png",)), Turn("assistant", "A cat."))), 60
    )
    assert isinstance(seen, Prefilled) and seen.tokens == 0


def test_a_reply_in_between_uses_what_was_read_ahead_so_far(tiny_folder: Path) -> None:
    from assistant.engine.jobs import PREFILL_CHUNK, Engine

    events: list[Any] = []
    engine = Engine(events.append, lambda reason: None)
    list(engine.load(Load(1, str(tiny_folder), "tiny"), lambda: False))
    said = (Turn("user", "Where does the river go? " * 12), Turn("assistant", "To the sea. " * 12))
    steps = engine.prefill(Prefill(2, said), lambda: False)
    next(steps)
    list(engine.generate(Generate(3, (*said, Turn("user", "And then?")), SHORT), lambda: False))
    list(steps)
    reply, ahead = events[-2:]
    assert reply.generation.details.reused_tokens == PREFILL_CHUNK
    assert isinstance(ahead, Prefilled) and ahead.tokens > PREFILL_CHUNK
