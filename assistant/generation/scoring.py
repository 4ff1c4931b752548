"""The log-probabilities of tokens that are given: what a reply's own words, or another's, are worth to the model."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import torch

from assistant.generation.decode_loop import read_prompt
from assistant.generation.reply import Piece
from models.inputs import Inputs

ROWS = 8  # replies in one pass
POSITIONS = 64  # whose logits are held together: 12 MB for a vocabulary of 49,152


def _never() -> bool:
    return False


@torch.inference_mode()
def logprobs(
    model: Any,
    inputs: Inputs,
    replies: Sequence[Sequence[int]],
    ends: Sequence[int] = (),
    cancelled: Callable[[], bool] = _never,
) -> Generator[Piece, None, list[list[float]]]:
    """Natural log-probability of each token of each reply to one prompt, under the decoder as it is set.

    The prompt is read once, in chunks. ``ends``: one more value a reply, of one of these ids coming after its last
    token. Yields between passes. Temperature 1, nothing cut away.
    """
    decoder = model.decoder
    found: list[list[float]] = [[] for _ in replies]
    order = sorted((k for k, ids in enumerate(replies) if ids), key=lambda k: len(replies[k]))
    if not order:
        return found
    cache = decoder.new_cache(1, len(inputs.keys))
    first = (yield from read_prompt(decoder, cache, inputs, 0, cancelled))[0].float()
    yield Piece("", 0)
    for start in range(0, len(order), ROWS):
        part = order[start : start + ROWS]
        rows = [list(replies[k]) for k in part]
        longest = len(rows[-1])
        padded = torch.tensor([[*ids, *(ids[-1:] * (longest - len(ids)))] for ids in rows])
        values = [first.log_softmax(-1)[padded[:, 0].to(first.device)][:, None].cpu()]
        at_end = torch.zeros(len(rows))
        batch, step = cache.fork(len(rows)), max(1, POSITIONS // len(rows))
        for at in range(0, longest if ends else longest - 1, step):
            ids = padded[:, at : at + step] if ends else padded[:, at : min(at + step, longest - 1)]
            logits = decoder.forward(batch, ids, all_logits=True).float()  # (rows, positions, vocab)
            normal = logits.logsumexp(-1)
            after = padded[:, at + 1 : at + 1 + ids.shape[1]].to(logits.device)
            token = logits[:, : after.shape[1]].gather(-1, after[..., None])[..., 0]
            values.append((token - normal[:, : after.shape[1]]).cpu())
            for row, own in enumerate(rows):
                if ends and at < len(own) <= at + ids.shape[1]:
                    place = len(own) - 1 - at
                    at_end[row] = logits[row, place, list(ends)].logsumexp(-1) - normal[row, place]
            yield Piece("", 0)
        every = torch.cat(values, 1)
        for row, k in enumerate(part):
            found[k] = every[row, : len(rows[row])].tolist() + ([float(at_end[row])] if ends else [])
    return found
