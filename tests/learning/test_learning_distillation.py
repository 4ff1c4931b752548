"""The teacher: what is shown and said before a prompt, what is kept of each step, and that the policy comes to follow it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from exhausting import drain
from hypothesis import given
from hypothesis import strategies as st

from assistant.generation import batch_decoding
from assistant.learning.checks import gate_metrics
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward, style_features
from assistant.learning.training import distillation, losses, policy
from assistant.learning.training.cached_layers import Row, Taught, Trunk
from assistant.learning.training.distillation import Shot
from assistant.learning.training.lora import Adapter
from assistant.learning.training.policy import Example, Hyper
from assistant.records import Sampling, Turn


def head_that_likes(trait: str, weight: float = 1.5, sure: float = 0.99) -> reward.Head:
    place = style_features.NAMES.index(trait)
    empty = reward.empty_head()
    mean, inclusion = empty.mean.copy(), empty.inclusion.copy()
    mean[place], inclusion[place] = weight, sure
    return replace(empty, mean=mean, inclusion=inclusion, ratings=20, nothing=0.0)


def rated(id: str, prompt: str, text: str, value: int = 1, kind: str = "thumb") -> Signal:
    other = Reply("another") if kind in ("pair", "edit") else None
    return Signal(id, kind, value, id, (Turn("user", prompt),), Reply(text), other)


def test_what_is_shown_was_liked_or_practised_and_is_better_than_usual():
    head = head_that_likes("lists")
    items = "- one\n- two\n- three"
    found = [
        rated("1", "a", items),
        rated("2", "b", items, -1),  # disliked
        rated("3", "c", "No items at all."),  # liked, but nothing to copy
        rated("4", "d", "- one\n- two", kind="edit"),
        rated("5", "e", items + "\n- four" * 300),  # too long to show
    ]
    practised = [Shot("a", "- one\n- two", 0.5), Shot("f", items, 9.0), Shot("g", "plain", -1.0)]
    shots = distillation.worth_showing(head, found, practised)
    assert shots[0].prompt == "f" and {s.prompt for s in shots} == {"a", "d", "f"}
    assert next(s for s in shots if s.prompt == "a").reply == items  # the better of the two
    assert distillation.worth_showing(head, [], []) == []


def test_the_wish_is_said_after_every_prompt_and_the_best_example_stands_last(tiny, monkeypatch):
    seen = []
    prepare = tiny.prepare
    monkeypatch.setattr(tiny, "prepare", lambda m, *rest: (seen.append(m), prepare(m, *rest))[1])
    system = Turn("system", "Be kind.")
    signal = replace(rated("1", "Tell me.", "x"), prompt=(system, Turn("user", "Tell me.")))
    shots = [Shot("one", "r1", 2.0), Shot("Tell me.", "own", 1.5), Shot("two", "r2", 1.0)]
    teacher = distillation.Teacher(tiny, head_that_likes("questions"), Hyper(steered=3))
    teacher.asked(signal, shots, Sampling(max_tokens=4))
    bare, shown = seen
    wish = "Ask me a question back."
    assert [m["content"] for m in bare] == ["Be kind.", f"Tell me. {wish}"]
    contents = [m["content"] for m in shown]
    assert contents == ["Be kind.", f"two {wish}", "r2", f"one {wish}", "r1", f"Tell me. {wish}"]
    assert signal.asked == "Tell me."  # the rating itself is as it was


def test_without_anything_to_go_by_there_is_no_teacher(tiny):
    signal = rated("1", "Tell me.", "x")
    for head, hyper in (
        (reward.empty_head(), Hyper()),
        (head_that_likes("questions"), Hyper(steered=0)),
    ):
        teacher = distillation.Teacher(tiny, head, hyper)
        assert teacher.asked(signal, [], Sampling(max_tokens=4)) == []


def test_a_prompt_that_leaves_no_room_for_help_gets_none(tiny):
    teacher = distillation.Teacher(tiny, head_that_likes("questions"), Hyper(steered=2))
    signal = rated("1", "word " * tiny.context_length, "x")
    assert teacher.asked(signal, [], Sampling(max_tokens=4)) == []


def test_what_is_kept_of_a_step_is_the_distribution_it_was_drawn_from(tiny):
    inputs = tiny.prepare([{"role": "user", "content": "Tell me about the fox."}])

    def hook(logits, written):
        steered = logits.clone()
        steered[:, 7] += 50.0
        return steered

    draw = Sampling(max_tokens=5, temperature=1.0)
    steps = batch_decoding.sample(tiny, inputs, 3, draw, torch.Generator().manual_seed(1), hook, 8)
    for one in drain(steps):
        assert one.likely is not None
        assert one.likely.ids.shape == (len(one.ids) + one.ended, 8)
        total = one.likely.logprob.exp().sum(-1)
        assert (total <= 1.001).all()
        at = (one.likely.ids[0] == 7).nonzero()
        assert len(at) == 1  # the bonus lifted it among the likeliest
    steps = batch_decoding.sample(tiny, inputs, 1, draw, torch.Generator().manual_seed(1))
    assert drain(steps)[0].likely is None


def test_the_distance_from_the_teacher_is_zero_at_the_teacher_and_its_gradient_is_p_minus_q():
    torch.manual_seed(0)
    logits = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    teacher = torch.randn(4, 6, dtype=torch.float64).log_softmax(-1)
    kept = slice(0, 4)  # the other two tokens are one
    apart = losses.taught(logits.log_softmax(-1)[:, kept], teacher[:, kept])
    same = losses.taught(teacher[:, kept], teacher[:, kept])
    assert same.abs().max() < 1e-9 and (apart > 0).all()
    apart.sum().backward()
    p, q = logits.detach().softmax(-1), teacher.exp()
    assert torch.allclose(logits.grad[:, kept], (p - q)[:, kept], atol=1e-9)


def test_a_policy_comes_to_follow_its_teacher(tiny):
    module = tiny.module()
    adapter = Adapter(module, top=1, rank=4, seed=1)
    trunk = Trunk(module, 1)
    prompt, reply = tuple(range(5, 15)), (20, 21, 22, 23)
    ids = torch.tensor([[31, 32]] * 4)
    taught = Taught(ids, torch.tensor([[0.7, 0.2]] * 4).log())
    hyper = Hyper(top_layers=1, rank=4, epochs=80, kl_limit=100.0, learning_rate=1e-2, kl_weight=0.0)
    training = policy.Training(trunk, adapter, hyper, seed=1)
    examples = [Example(Row(prompt, reply, None, taught), 0.0), Example(Row(prompt, (40, 41)), 0.0)]
    for _ in training.add(examples):
        pass

    def apart():
        batch = training._recorded[0][0].recorded
        own = trunk.replay(batch)[batch.taught_at].gather(-1, batch.taught_short)
        return float(losses.taught(own, batch.taught.logprob).mean())

    with torch.no_grad():
        before = apart()
    for _ in training.run(hyper.epochs):
        pass
    with torch.no_grad():
        assert apart() < 0.1 * before
    adapter.detach()
    tiny.release_module()


def test_cutting_a_reply_cuts_what_its_teacher_said_with_it():
    taught = Taught(torch.zeros(6, 2, dtype=torch.long), torch.zeros(6, 2))
    example = Example(Row((1, 2), (1, 2, 3, 4, 5, 6), None, taught), 0.0)
    cut = policy.cut(example, Hyper(reply_tokens=4))
    assert len(cut.row.reply) == 4 and cut.row.taught is not None and len(cut.row.taught.ids) == 4


@given(
    st.floats(0.001, 5.0), st.floats(1.0, 4.0), st.floats(0.01, 0.2), st.floats(0.5, 1.5)
)  # fmt: skip
def test_the_search_for_a_strength_ends_within_its_bounds(scale, power, limit, start):
    """KL = scale * strength ** power: the search stays within the strengths, and never asks for more than it may."""
    tried: list[tuple[float, float]] = []
    strength: float | None = start
    while strength is not None:
        assert gate_metrics.STRENGTHS[-1] <= strength <= gate_metrics.STRENGTHS[0]
        tried.append((strength, scale * strength**power))
        assert len(tried) <= gate_metrics.SEARCHES
        strength = gate_metrics.next_strength(tried, limit)
    if len(tried) > 1 and tried[-1][1] > limit:  # it went the right way
        assert tried[-1][1] <= tried[0][1] or tried[0][1] < limit


def test_a_small_divergence_makes_the_update_stronger_and_a_great_one_weaker():
    assert gate_metrics.next_strength([(1.0, 0.02)], 0.08) == pytest.approx(1.9, abs=0.05)
    assert gate_metrics.next_strength([(1.0, 0.32)], 0.08) == pytest.approx(0.47, abs=0.05)
    assert gate_metrics.next_strength([(1.0, 0.07)], 0.08) is None  # near enough
    assert gate_metrics.next_strength([(2.0, 0.01)], 0.08) is None  # as strong as it gets


@pytest.mark.parametrize(
    ("strongest", "obeys", "kept"), [(2.0, 2.0, 1.0), (0.8, 2.0, 0.72), (2.0, 0.8, 0.72)]
)
def test_a_version_that_does_not_end_or_obey_is_made_weaker_until_it_does(
    monkeypatch, strongest, obeys, kept
):
    """Replies end, and requests are answered as asked, up to a strength.

    KL is 0.085 at 1 (near the limit of 0.09) and goes with the square of it.
    """

    class Switch:
        strength = 1.0

        def set_strength(self, strength):
            self.strength = strength

    adapter = Switch()
    t = gate_metrics.Trained(
        None, adapter, None, Hyper(kl_limit=0.09), head_that_likes("emoji"), 0.0, (), None, None
    )
    ids = tuple(range(20))

    def probe(t, step):
        yield gate_metrics._step(step)
        return [("some words that say a thing", ids, adapter.strength <= strongest)] * 16

    def record(t, probed):
        yield gate_metrics._step(2)
        return []

    class Text:
        def read(self):
            return 1.0, 0.01

    monkeypatch.setattr(gate_metrics, "_probe", probe)
    monkeypatch.setattr(gate_metrics, "_record", record)
    monkeypatch.setattr(gate_metrics, "_divergence", lambda t, recorded: 0.085 * adapter.strength**2)
    shape = gate_metrics.gate.Shape(0.0, 1.0, 6.0)

    class Requests:
        before = 1.0

        def style(self):
            yield gate_metrics._step(2)
            return 1.0 if adapter.strength <= obeys else 0.5

    kl, _, found = drain(gate_metrics._within_bounds(t, Text(), shape, Requests()))
    probed = found.replies
    assert found.asked == 1.0
    assert adapter.strength == pytest.approx(kept, abs=0.1) and adapter.strength <= strongest
    assert kl == pytest.approx(0.085 * adapter.strength**2) and all(ended for _, _, ended in probed)
