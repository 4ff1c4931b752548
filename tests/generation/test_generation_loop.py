"""Reuse, drafts, chunks and batches change how fast a reply is written, never what is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from assistant.errors import BadInput
from assistant.generation import decode_loop
from assistant.generation.batch_decoding import generate_batch
from assistant.generation.decode_loop import Drafter, generate, run
from assistant.generation.guided_decoding import Steering
from assistant.generation.prefix_cache import MOST_CACHES, PrefixCaches
from assistant.generation.reply import Piece
from assistant.learning.guidance import to_request
from assistant.learning.reward_head.reward import empty_head
from assistant.records import Sampling

GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=40)
DRAWN = Sampling(temperature=0.7, seed=5, max_tokens=40)
PROMPTS = ("the quick brown fox jumps over the lazy dog " * 6, "你好,世界。" * 10, "hi")


def ask(tiny: Any, *texts: str) -> Any:
    roles = ("user", "assistant")
    return tiny.prepare([{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)])


@pytest.mark.parametrize("text", PROMPTS)
def test_greedy_is_transformers_own_greedy(tiny: Any, text: str) -> None:
    inputs = ask(tiny, text)
    module = tiny.module()
    expected = module.generate(inputs.ids, max_new_tokens=40, do_sample=False, pad_token_id=2)[
        0, len(inputs) :
    ]
    reply = run(generate(tiny, inputs, GREEDY))
    assert list(reply.ids) == [id for id in expected.tolist() if id not in tiny.eos_ids][: len(reply.ids)]
    assert len(reply.ids) == 40 or reply.finish == "stop"


@pytest.mark.parametrize("sampling", [GREEDY, DRAWN])
@pytest.mark.parametrize("text", PROMPTS)
def test_drafts_and_reuse_never_change_a_reply(tiny: Any, text: str, sampling: Sampling) -> None:
    inputs, caches = ask(tiny, text), PrefixCaches()
    plain = run(generate(tiny, inputs, sampling, speculate=False))
    first = run(generate(tiny, inputs, sampling, caches=caches))
    again = run(generate(tiny, inputs, sampling, caches=caches))
    assert plain.ids == first.ids == again.ids and plain.text == again.text
    assert first.details.reused_tokens == 0 and again.details.reused_tokens == len(inputs) - 1
    assert again.logprobs == pytest.approx(plain.logprobs, abs=1e-3)


def test_drafts_are_accepted_when_the_reply_repeats_itself(tiny: Any) -> None:
    def repeat(logits: torch.Tensor, written: list[list[int]]) -> torch.Tensor:
        """A model that copies its prompt over and over."""
        steered = logits.clone()
        steered[0, pattern[len(written[0]) % len(pattern)]] += 1000.0
        return steered

    pattern = tiny.tokenizer("the quick brown fox jumps over the lazy dog. ")["input_ids"]
    inputs = ask(tiny, "the quick brown fox jumps over the lazy dog. " * 2)
    plain = run(generate(tiny, inputs, GREEDY, speculate=False, hook=repeat))
    steps = generate(tiny, inputs, GREEDY, hook=repeat)
    drafted = run(steps)
    assert drafted.ids == plain.ids == tuple((pattern * 40)[:40])
    assert drafted.details.accepted > 20


def test_the_chunk_size_of_reading_does_not_matter(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = ask(tiny, "a long prompt about a fox and a dog " * 12)
    whole = run(generate(tiny, inputs, GREEDY))
    monkeypatch.setattr(decode_loop, "CHUNK", 7)
    steps = list(generate(tiny, inputs, GREEDY))
    assert sum(piece == Piece("", 0) for piece in steps) >= len(inputs) // 7 - 1
    assert "".join(piece.text for piece in steps) == whole.text


def test_the_next_turn_and_another_branch_reuse_what_they_share(tiny: Any) -> None:
    caches = PrefixCaches()
    first = ask(tiny, "Tell me about the fox. " * 10)
    reply = run(generate(tiny, first, GREEDY, caches=caches))
    follow = ask(tiny, "Tell me about the fox. " * 10, reply.text.replace("\ufffd", ""), "And the dog?")
    turn = run(generate(tiny, follow, GREEDY, caches=caches))
    assert turn.details.reused_tokens >= len(first) - 1
    branch = ask(tiny, "Tell me about the fox. " * 10, reply.text.replace("\ufffd", ""), "And the cat?")
    assert run(generate(tiny, branch, GREEDY, caches=caches)).details.reused_tokens > len(first)
    assert run(generate(tiny, branch, GREEDY)).ids == run(generate(tiny, branch, GREEDY, caches=caches)).ids


def test_a_style_has_caches_of_its_own_and_few_are_kept(tiny: Any) -> None:
    caches = PrefixCaches()
    inputs = ask(tiny, "Tell me about the fox.")
    run(generate(tiny, inputs, GREEDY, caches=caches))
    assert run(generate(tiny, inputs, GREEDY, caches=caches, style="v1")).details.reused_tokens == 0
    for i in range(MOST_CACHES + 3):
        run(generate(tiny, ask(tiny, f"{i} " * 30), GREEDY, caches=caches))
    assert len(caches._kept) <= MOST_CACHES


def test_a_batch_gives_the_rows_that_single_replies_would_be(tiny: Any) -> None:
    inputs = ask(tiny, "Tell me about the fox.")
    replies = run(generate_batch(tiny, inputs, DRAWN, 4))
    assert len(replies) == 4 and len({reply.ids for reply in replies}) > 1
    for reply in replies:
        alone = run(generate(tiny, inputs, Sampling(0.7, seed=reply.seed, max_tokens=40)))
        assert alone.ids == reply.ids and alone.text == reply.text
        assert alone.logprobs == pytest.approx(reply.logprobs, abs=1e-3)


def test_cancel_is_seen_while_reading_and_while_writing(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_loop, "CHUNK", 8)
    inputs = ask(tiny, "a long prompt about a fox and a dog " * 12)
    asked = iter([False, False, True])
    early = run(generate(tiny, inputs, GREEDY, cancelled=lambda: next(asked)))
    assert early.finish == "cancelled" and early.ids == () and early.text == ""
    steps = generate(tiny, ask(tiny, "hi"), GREEDY, cancelled=lambda: bool(written) and written[-1] >= 3)
    written: list[int] = []
    text = ""
    while True:
        try:
            piece = next(steps)
        except StopIteration as end:
            late = end.value
            break
        written.append(piece.count)
        text += piece.text
    assert late.finish == "cancelled" and 3 <= len(late.ids) <= 3 + 8 and text == late.text


def test_a_full_context_ends_the_reply_and_an_overfull_one_is_refused(tiny: Any) -> None:
    words = "fox " * 500
    inputs = ask(tiny, words)
    while len(inputs) < tiny.context_length - 6:
        words += "a "
        inputs = ask(tiny, words)
    reply = run(generate(tiny, inputs, GREEDY))
    assert reply.finish in ("length", "stop") and len(inputs) + len(reply.ids) <= tiny.context_length
    with pytest.raises(BadInput, match=r"1,024 at most"):
        run(generate(tiny, ask(tiny, words + "fox " * 600), GREEDY))


def test_a_guess_continues_the_latest_place_like_this_one() -> None:
    drafter = Drafter([1, 2, 3, 4, 5, 6, 1, 2])
    assert drafter.propose([3], 7) == [4, 5, 6, 1, 2, 3]
    assert drafter.propose([3, 9], 7) == []
    assert drafter.propose([3, 9, 1, 2], 2) == [3, 9]
    for _ in range(12):
        drafter.checked([7, 7], 0)
    assert drafter.propose([3, 9, 1, 2], 2) == []  # guesses that always fail pause


def test_a_cache_that_an_error_left_half_written_is_not_used_again(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches, inputs = PrefixCaches(), ask(tiny, "Tell me about the fox.")
    forward, calls = tiny.decoder.forward, iter(range(100))

    def failing(cache: Any, *arguments: Any, **more: Any) -> Any:
        if next(calls) == 3:
            forward(cache, *arguments, **more)
            raise MemoryError
        return forward(cache, *arguments, **more)

    monkeypatch.setattr(tiny.decoder, "forward", failing)
    with pytest.raises(MemoryError):
        run(generate(tiny, inputs, GREEDY, caches=caches))
    monkeypatch.undo()
    again = run(generate(tiny, inputs, GREEDY, caches=caches))
    assert again.details.reused_tokens == 0 and again.ids == run(generate(tiny, inputs, GREEDY)).ids


def test_each_reply_tells_where_the_ratings_changed_its_likeliest_token(tiny: Any) -> None:
    steering = Steering(tiny)
    inputs = ask(tiny, "Tell me of the fox.")

    def guidance(logits: torch.Tensor, written: list[list[int]]) -> torch.Tensor:
        """Another token than the model's at the third and the fifth place; the same again elsewhere."""
        made = logits.clone()
        for row, ids in enumerate(written):
            if len(ids) in (2, 4):
                made[row, logits[row].argsort(descending=True)[1]] += 100.0
        return made

    steering._use = lambda _steering, _asked: None  # type: ignore[method-assign]
    steering._guidance = guidance
    options = {"caches": None, "style": None, "cancelled": lambda: False, "started": 0.0}
    guided = replace(to_request(empty_head(), explore=True), guide=True, explore=False)
    reply = run(steering.write(inputs, GREEDY, guided, **options))
    assert reply.details.guided_steps == 2 and reply.details.guided_at == (2, 4)
    words = tuple(tiny.tokenizer.decode([reply.ids[at]]).strip() for at in (2, 4))
    assert reply.details.guided_words == words
    plain = run(steering.write(inputs, GREEDY, replace(guided, guide=False), **options))
    assert plain.details.guided_steps is None and plain.details.guided_at == ()
    rows = run(generate_batch(tiny, inputs, Sampling(max_tokens=9, seed=3), 3, hook=guidance))
    assert all(row.details.guided_at == (2, 4) for row in rows)  # of its own, not of all together


def test_asked_to_explore_another_candidate_comes_along_whole(tiny: Any) -> None:
    inputs, sampling = ask(tiny, "Tell me of the fox."), Sampling(temperature=1.5, max_tokens=12, seed=4)
    options = {"caches": None, "style": None, "cancelled": lambda: False, "started": 0.0}
    request = to_request(empty_head(), explore=True)
    steps, pieces = Steering(tiny).write(inputs, sampling, request, **options), []
    while True:
        try:
            pieces.append(next(steps))
        except StopIteration as end:
            reply = end.value
            break
    # The first one is what would have been written alone, and it streams.
    alone = run(generate(tiny, inputs, sampling))
    assert "".join(piece.text for piece in pieces) == reply.text and pieces[2].text
    assert reply.text == alone.text and reply.details.best_of is None
    arm = reply.details.arm_b
    assert arm.text != reply.text and len(arm.ids) == len(arm.logprobs) > 0
    assert tiny.tokenizer.decode(arm.ids, skip_special_tokens=True).startswith(arm.text[:20])
    again = run(generate(tiny, inputs, replace(sampling, seed=arm.seed)))
    assert again.text == arm.text and again.ids == arm.ids
    greedy = run(Steering(tiny).write(inputs, replace(sampling, temperature=0.0), request, **options))
    assert greedy.details.arm_b is None  # all candidates would be the same
