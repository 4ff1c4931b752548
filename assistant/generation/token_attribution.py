"""A finished reply read twice, with a style and without: how far the style moved each of its tokens. Engine only."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assistant.errors import BadInput
from assistant.generation.decode_loop import read_prompt
from assistant.generation.detokenizer import Detokenizer
from assistant.records import Shift
from models.inputs import Inputs

_AT_ONCE = 64  # reply tokens whose logits are held together: 12 MB for a vocabulary of 49,152


@torch.inference_mode()
def read_twice(
    model: Any,
    inputs: Inputs,
    reply_ids: Sequence[int],
    ended: bool,
    set_style: Callable[[Path | None], None],
    style: Path,
) -> Generator[Any, None, Shift]:
    """Yields after every chunk, so that replies go first; returns the Shift.

    Both readings begin with an empty cache and cut the text alike, so that nothing but the style differs between
    them. ``ended``: the reply ended by itself, and the probability of that counts too. Raises ``BadInput`` for a reply
    without tokens or one that no longer fits.
    """
    if not reply_ids:
        raise BadInput("This reply has no words to colour.")
    if len(inputs.keys) + len(reply_ids) > model.context_length:
        raise BadInput("This reply and what came before it are longer than the model reads.")
    readings = []
    for folder in (style, None):
        set_style(folder)
        readings.append((yield from _read(model, inputs, reply_ids, ended)))
    styled, base = readings
    n = len(reply_ids)
    end = (styled[n], base[n]) if ended else ()
    return Shift(tuple(_pieces(model.tokenizer, reply_ids)), tuple(styled[:n]), tuple(base[:n]), end)


def _read(
    model: Any, inputs: Inputs, reply_ids: Sequence[int], ended: bool
) -> Generator[Any, None, list[float]]:
    """Log-probability of each reply token under the decoder as it is set, and of ending after the last one."""
    decoder = model.decoder
    cache = decoder.new_cache(1, len(inputs.keys) + len(reply_ids))
    logits = yield from read_prompt(decoder, cache, inputs)
    yield
    found = [_logprob(logits[0], [reply_ids[0]])]
    for start in range(0, len(reply_ids), _AT_ONCE):
        some = list(reply_ids[start : start + _AT_ONCE])
        rows = decoder.forward(cache, torch.tensor([some]), all_logits=True)[0]  # (tokens, vocab)
        for row, id in zip(rows, reply_ids[start + 1 : start + 1 + len(some)], strict=False):
            found.append(_logprob(row, [id]))
        logits = rows[-1:]
        yield
    if ended:
        found.append(_logprob(logits[0], model.eos_ids))
    return [round(value, 5) for value in found]


def _logprob(logits: Tensor, ids: Sequence[int]) -> float:
    """Natural log of the probability that one of ``ids`` comes, from logits (vocab,)."""
    wanted = torch.logsumexp(logits[list(ids)], -1)
    return float(wanted - torch.logsumexp(logits, -1))


def _pieces(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """The text of each token; that of a token within a character comes with the one that completes it."""
    detokenizer = Detokenizer(tokenizer)
    pieces = [detokenizer.push(id) for id in ids]
    pieces[-1] += detokenizer.finish()
    return pieces
