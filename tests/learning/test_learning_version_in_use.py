"""A new version has to beat the one in use, whatever layers that has; and an update leaves the model as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from learning_jobs import update_job

from assistant.errors import StoreError
from assistant.generation import scoring
from assistant.generation.decode_loop import run
from assistant.learning import feedback, update, versions
from assistant.learning.checks import gate_metrics
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward
from assistant.learning.training.lora import Adapter
from assistant.learning.training.packed_layers import trunk_of
from assistant.learning.training.policy import Hyper
from assistant.learning.training.rollouts import written_in
from assistant.records import Turn

HELD = [
    Signal(str(i), "thumb", 1 if i % 2 else -1, str(i), (Turn("user", f"What is it, {i}?"),), Reply(text))
    for i, text in enumerate(("It is a cat.", "The fox jumps.", "Thank you very much.", "It is asleep."))
]


def saved(module: torch.nn.Module, top: int, folder: Path) -> Path:
    adapter = Adapter(module, top=top)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for part in adapter.parts.values():
            part.b.copy_(0.1 * torch.randn(part.b.shape, generator=generator))
    folder.mkdir()
    adapter.save(folder, "tiny")
    adapter.detach()
    return folder


@pytest.mark.parametrize("top", [1, 2])
def test_the_version_in_use_is_the_one_to_beat_also_with_other_layers(tiny_float, tmp_path, top):
    trunk = trunk_of(tiny_float, 1)
    parent = (
        saved(trunk_of(tiny_float, 2).module, 2, tmp_path / "two")
        if top == 2
        else saved(trunk.module, 1, tmp_path / "one")
    )
    adapter = Adapter(trunk.module, top=1)
    trained = gate_metrics.Trained(
        tiny_float,
        adapter,
        trunk,
        Hyper(),
        reward.empty_head(),
        0.0,
        HELD,
        tmp_path / "scratch",
        parent,
        probe_tokens=6,
    )
    try:
        held = gate_metrics._HeldOut(trained)
        probed, gains = run(gate_metrics._of_version_in_use(trained, held))
        with written_in(tiny_float, parent):
            wanted = run(gate_metrics._drawn(trained, 1))
        assert probed == wanted != run(gate_metrics._drawn(trained, 1))
        assert adapter.attached and tiny_float.decoder.style is None
        assert len(gains) == len(HELD) and all(abs(gain) > 1e-3 for gain in gains)
        if top == 1:  # the same layers: both ways of reading agree
            with written_in(tiny_float, parent):
                styled = run(held.read())
            by_decoder = [s - b for s, b in zip(styled, run(held.read()), strict=True)]
            assert gains == pytest.approx(by_decoder, abs=0.02)
    finally:
        adapter.detach()
        trunk.close()


def test_an_update_that_cannot_begin_leaves_no_adapter_in_the_model(tiny, tmp_path, monkeypatch):
    made = []

    class Watched(Adapter):
        def __init__(self, *args, **more):
            super().__init__(*args, **more)
            made.append(self)

    def refuse(*_):
        raise StoreError("The style could not be written: No space left on device.")

    monkeypatch.setattr(update, "Adapter", Watched)
    monkeypatch.setattr(versions, "begin", refuse)
    signals = [
        {"id": str(i), "kind": "thumb", "value": 1 if i % 2 else -1, "at": f"{i:03d}",
         "prompt": [{"role": "user", "text": f"p {i}"}], "conversation": str(i),
         "reply": {"text": f"Short {i}." if i % 2 else f"There are very many things to be said of number {i} here."}}
        for i in range(12)
    ]  # fmt: skip
    job = {"version": "v1", "model": "tiny", "styles": str(tmp_path / "styles"), "signals": signals}
    with pytest.raises(StoreError, match="No space"):
        run(update.run(update_job(job), tiny))
    assert not any(adapter.attached for adapter in made)
    assert not feedback.usable(update_job(job).signals)[1]


def test_given_tokens_are_scored_alike_alone_and_together_and_with_their_end(tiny_float):
    inputs = tiny_float.prepare([{"role": "user", "content": "Tell me of the fox."}])
    replies = [(7, 8, 9), (20,) * 70, (), (30, 31)]
    together = run(scoring.logprobs(tiny_float, inputs, replies, tiny_float.eos_ids))
    for ids, found in zip(replies, together, strict=True):
        if not ids:
            assert found == []
            continue
        cache = tiny_float.decoder.new_cache()
        every = torch.cat([inputs.ids, torch.tensor([ids])], 1)
        log = tiny_float.decoder.forward(cache, every, all_logits=True)[0].log_softmax(-1)[
            len(inputs.keys) - 1 :
        ]
        wanted = [float(log[k, id]) for k, id in enumerate(ids)]
        assert found == pytest.approx(
            [*wanted, float(log[-1, list(tiny_float.eos_ids)].logsumexp(-1))], abs=1e-3
        )
        (alone,) = run(scoring.logprobs(tiny_float, inputs, [ids]))
        assert alone == pytest.approx(wanted, abs=1e-3)
