"""Rollouts: many replies in one batched decode, on the transformers module that is being trained.

Sampling dominates the cost of reinforcement learning here, so prompts are prefilled once, their cache is repeated
for each reply, and rows that have ended leave the batch. What the user sees is written by ``assistant.generation``;
this is only for learning (rollouts, probes of the gate, evaluation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Draw:
    """How learning samples. The defaults are the product's own defaults (``records.Sampling``)."""

    temperature: float = 0.6
    top_p: float = 0.9
    top_k: int = 50
    repetition_penalty: float = 1.1
    max_tokens: int = 96


@dataclass(frozen=True, slots=True)
class Rollout:
    """One sampled reply. ``logprobs`` are of the model itself: temperature 1, nothing cut away."""

    prompt: int  # index into the prompts that were asked for
    ids: tuple[int, ...]  # without the end token
    logprobs: tuple[float, ...]  # one per id, plus the end token's if ``ended``
    ended: bool


Guide = Callable[[Tensor, list[list[int]], list[int]], Tensor]
"""(logits (rows, vocab), ids so far a row, prompt index a row) -> logits with bonuses."""


def choose(logits: Tensor, seen: Tensor, draw: Draw, generator: torch.Generator) -> Tensor:
    """Draw one token a row. ``logits`` (rows, vocab), ``seen`` bool (rows, vocab): ids already in the row. -> (rows,)."""
    if draw.repetition_penalty != 1.0:
        penalised = torch.where(
            logits > 0, logits / draw.repetition_penalty, logits * draw.repetition_penalty
        )
        logits = torch.where(seen, penalised, logits)
    if draw.temperature <= 0:
        return logits.argmax(-1)
    top = torch.topk(logits / draw.temperature, draw.top_k or min(1000, logits.shape[-1]), dim=-1)
    probabilities = torch.softmax(top.values, -1)
    before = probabilities.cumsum(-1) - probabilities
    probabilities = probabilities.masked_fill(before > draw.top_p, 0.0)
    pick = torch.multinomial(probabilities, 1, generator=generator)
    return top.indices.gather(-1, pick).squeeze(-1)


@torch.inference_mode()
def sample(
    module: Any,
    prompts: Sequence[Sequence[int]],
    *,
    each: int,
    eos_ids: Sequence[int],
    draw: Draw,
    seed: int,
    guide: Guide | None = None,
    batch: int = 16,
) -> Iterator[list[Rollout]]:
    """Sample ``each`` replies to every prompt (token ids); yields after each batch of about ``batch`` rows.

    Prompts of like length share a batch: they are padded on the left. The order of what is yielded is not the order
    of ``prompts``; ``Rollout.prompt`` says which is which. Deterministic for a seed on one machine and thread count.
    """
    generator = torch.Generator().manual_seed(seed)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    per_batch = max(1, batch // each)
    for start in range(0, len(order), per_batch):
        some = order[start : start + per_batch]
        yield _decode(module, prompts, some, each, tuple(eos_ids), draw, generator, guide)


def _decode(
    module: Any,
    prompts: Sequence[Sequence[int]],
    which: list[int],
    each: int,
    eos_ids: tuple[int, ...],
    draw: Draw,
    generator: torch.Generator,
    guide: Guide | None,
) -> list[Rollout]:
    device = next(module.parameters()).device
    longest = max(len(prompts[i]) for i in which)
    ids = torch.full((len(which), longest), eos_ids[0])
    mask = torch.zeros_like(ids)
    for row, i in enumerate(which):
        ids[row, longest - len(prompts[i]) :] = torch.tensor(list(prompts[i]))
        mask[row, longest - len(prompts[i]) :] = 1
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    out = module(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        position_ids=positions.to(device),
        use_cache=True,
        logits_to_keep=1,
    )
    cache = out.past_key_values
    cache.batch_repeat_interleave(each)
    mask = mask.repeat_interleave(each, 0)
    logits = out.logits[:, -1].float().cpu().repeat_interleave(each, 0)  # (rows, vocab)
    owners = [i for i in which for _ in range(each)]  # prompt of each row still in the batch
    rows = list(range(len(owners)))
    all_owners = list(owners)
    written: list[list[int]] = [[] for _ in rows]
    logprobs: list[list[float]] = [[] for _ in rows]
    ended = [False] * len(rows)
    seen = torch.zeros(len(rows), logits.shape[-1], dtype=torch.bool)
    seen.scatter_(1, ids.repeat_interleave(each, 0), True)
    seen[:, list(eos_ids)] = False
    next_position = mask.sum(-1)
    for _ in range(draw.max_tokens):
        plain = torch.log_softmax(logits, -1)
        if guide is not None:
            logits = guide(logits, [written[r] for r in rows], [all_owners[r] for r in rows])
        token = choose(logits, seen, draw, generator)  # (rows,)
        chosen = plain.gather(-1, token[:, None]).squeeze(-1).tolist()
        keep: list[int] = []
        for k, (row, t) in enumerate(zip(rows, token.tolist(), strict=True)):
            logprobs[row].append(chosen[k])
            if t in eos_ids:
                ended[row] = True
            else:
                written[row].append(t)
                keep.append(k)
        if not keep:
            break
        seen.scatter_(1, token[:, None], True)
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], -1)
        if len(keep) < len(rows):
            index = torch.tensor(keep)
            cache.batch_select_indices(index.to(device))
            mask, seen, token, next_position = mask[index], seen[index], token[index], next_position[index]
            rows = [rows[k] for k in keep]
        out = module(
            input_ids=token[:, None].to(device),
            attention_mask=mask.to(device),
            position_ids=next_position[:, None].to(device),
            past_key_values=cache,
            use_cache=True,
        )
        next_position = next_position + 1
        logits = out.logits[:, -1].float().cpu()
    return [
        Rollout(
            owner, tuple(written[row]), tuple(logprobs[row][: len(written[row]) + ended[row]]), ended[row]
        )
        for row, owner in enumerate(all_owners)
    ]
