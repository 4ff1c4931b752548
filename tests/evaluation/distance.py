"""How far a tuned policy is from the base model: KL in nats per token over what the policy itself writes to unseen prompts.

The same for Attune's updates and for the yardsticks: float32 log-probabilities of the whole vocabulary by transformers,
at temperature 1, at every position of the replies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from assistant.learning.training.lora import Adapter, load_weights
from assistant.learning.training.policy import Hyper


@torch.no_grad()
def own_kl(model: Any, style: Path, replies: Mapping[str, Sequence[Sequence[int]]]) -> float:
    """Mean KL(policy || base) over ``replies``: prompt -> token ids of replies by the adapter in ``style``.

    Raises ValueError where the adapter is not on the layers that Attune trains.
    """
    module = model.module()
    adapter = Adapter(module, top=Hyper().top_layers, rank=Hyper().rank, alpha=Hyper().alpha)
    try:
        adapter.load_state(_as_here(adapter, load_weights(style), style))
        found = []
        for prompt, rows in replies.items():
            before = model.prepare([{"role": "user", "content": prompt}]).ids[0].tolist()
            for ids in rows:
                text = torch.tensor([[*before, *ids]])
                adapter.set_strength(1.0)
                policy = module(input_ids=text, use_cache=False).logits[0, len(before) - 1 :].float()
                with adapter.off():
                    base = module(input_ids=text, use_cache=False).logits[0, len(before) - 1 :].float()
                log, base_log = policy.log_softmax(-1), base.log_softmax(-1)
                found.append((log.exp() * (log - base_log)).sum(-1))
        return float(torch.cat(found).mean())
    finally:
        adapter.detach()
        model.release_module()


def _as_here(adapter: Adapter, state: Mapping[str, torch.Tensor], style: Path) -> dict[str, torch.Tensor]:
    """The tensors under this module's names: trained on the language model alone, it has other ones before its layers."""
    names = {name.partition(".layers.")[2]: name for name in adapter.state()}
    if {name.partition(".layers.")[2] for name in state} != set(names):
        raise ValueError(f"{style} is an adapter on other layers")
    return {names[name.partition(".layers.")[2]]: tensor for name, tensor in state.items()}
