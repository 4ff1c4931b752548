"""Training through accelerate: bounded parts add up to the whole batch, mixed precision comes close, nothing is loaded early."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from hypothesis import given
from hypothesis import strategies as st

from assistant.learning.training import policy, precision
from assistant.learning.training.cached_layers import Row, Trunk
from assistant.learning.training.lora import Adapter
from assistant.learning.training.policy import Example, Hyper


@pytest.fixture(autouse=True)
def fresh_state():
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


def examples():
    """Six single replies and a pair, of many lengths."""
    generator = torch.Generator().manual_seed(3)
    found = []
    for i in range(8):
        ids = torch.randint(5, 400, (14 + 5 * i,), generator=generator).tolist()
        row = Row(tuple(ids[:6]), tuple(ids[6:]))
        found.append(Example(row, 1.0 if i % 2 else -0.5, pair=0 if i in (2, 5) else -1, source=str(i)))
    return found


def trained(module, **hyper):
    """(adapter tensors, outcome, number of parts, steps told) after two epochs over one batch of eight."""
    hyper = Hyper(top_layers=1, epochs=2, kl_limit=10.0, **hyper)
    adapter = Adapter(module, top=1)
    training = policy.Training(Trunk(module, 1), adapter, hyper, seed=0)
    for _ in training.add(examples()):
        pass
    told = list(training.run(hyper.epochs))
    adapter.detach()
    return adapter.state(), training.outcome, sum(len(b) for b in training._recorded), told


def test_a_batch_in_parts_trains_as_the_whole_batch_does(tiny):
    module = tiny.module()
    hidden = module.get_output_embeddings().weight.shape[1]
    whole, one, in_one, told = trained(module)
    parts, many, in_many, told_often = trained(module, part=100 * hidden)
    assert in_one == 1 and in_many > 3
    assert (
        (one.steps, one.tokens)
        == (many.steps, many.tokens)
        == (2, sum(len(e.row.reply) for e in examples()) * 2)
    )
    assert one.kl_per_token == pytest.approx(many.kl_per_token, rel=0.02)  # noted in float16
    assert all(torch.allclose(whole[name], parts[name], atol=2e-5) for name in whole)
    assert len(told_often) == len(told) + 2 * (
        in_many - 1
    )  # a waiting reply may go in between two parts, too


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(-1, 3)), min_size=1, max_size=12), st.integers(1, 900)
)
def test_parts_are_bounded_and_keep_pairs_together(shapes, positions):
    batch = [
        Example(Row((1,), (2,) * n), 1.0, pair=pair, source=str(i)) for i, (n, pair) in enumerate(shapes)
    ]
    found = policy.parts(batch, positions)
    assert sorted(e.source for part in found for e in part) == sorted(e.source for e in batch)
    for part in found:
        longest = max(1 + len(e.row.reply) for e in part)
        units = {e.pair if e.pair >= 0 else e.source for e in part}
        assert len(part) * longest <= positions or len(units) == 1
    for pair in range(4):
        assert sum(any(e.pair == pair for e in part) for part in found) <= 1


def test_a_picture_in_front_counts_towards_a_part():
    seen = Example(Row((), (1, 2), torch.zeros(1, 500, 4)), 1.0)
    assert [len(part) for part in policy.parts([seen, replace(seen), replace(seen)], 1100)] == [2, 1]


def test_mixed_precision_trains_nearly_the_same(tiny, monkeypatch):
    module = tiny.module()
    whole, _, _, _ = trained(module)
    AcceleratorState._reset_state(reset_partial_state=True)
    mixed = Accelerator(cpu=True, mixed_precision="bf16")
    monkeypatch.setattr(precision, "accelerator", lambda device: mixed)
    half, outcome, _, _ = trained(module)
    moved = torch.cat([(whole[name] - half[name]).flatten() for name in whole if "lora_B" in name])
    size = torch.cat([whole[name].flatten() for name in whole if "lora_B" in name])
    assert outcome.steps == 2 and all(tensor.dtype == torch.float32 for tensor in half.values())
    assert 0 < moved.norm() < 0.35 * size.norm()


def test_the_accelerator_is_of_the_models_device_whatever_was_there_before():
    other = Accelerator(cpu=True, mixed_precision="bf16")
    assert other.mixed_precision == "bf16"
    mine = precision.accelerator(torch.device("cpu"))
    assert (mine.device.type, mine.mixed_precision) == ("cpu", "no")


def test_accelerate_is_not_loaded_before_the_first_update():
    code = "import sys; from assistant.learning.training import cached_layers, policy, precision; "
    code += "print('accelerate' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
