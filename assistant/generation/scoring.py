"""What a model says of tokens that are given: their log-probabilities, with a style and without, and whether it is still
the model that was loaded. Engine process only."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from assistant.errors import BadInput
from assistant.generation.decode_loop import read_prompt
from assistant.generation.reply import Detokenizer, Piece
from assistant.records import BaseCheckResult, Shift
from models.errors import ModelError
from models.inputs import Inputs

if TYPE_CHECKING:
    from models.decoders.decoder import Decoder
    from models.loaded_model import LoadedModel

ROWS = 8  # replies in one pass
# Logits. A kept beginning is read in other portions than a fresh one, which rounds sums differently; a style moves
# logits by tenths and more. The probe is read alike both times.
PROMPT_TOLERANCE = 0.02
PROBE_TOLERANCE = 1e-4
_PROBE = 6  # tokens
POSITIONS = 64  # whose logits are held together: 12 MB for a vocabulary of 49,152


def _never() -> bool:
    return False


@torch.inference_mode()
def logprobs(
    model: LoadedModel,
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


@torch.inference_mode()
def read_twice(
    model: LoadedModel,
    inputs: Inputs,
    reply_ids: Sequence[int],
    ended: bool,
    set_style: Callable[[Path | None], None],
    style: Path,
) -> Generator[Any, None, Shift]:
    """A finished reply read with a style and without: how far the style moved each of its tokens.

    Yields after every chunk, so that replies go first; returns the Shift.

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
        (read,) = yield from logprobs(model, inputs, [reply_ids], model.eos_ids if ended else ())
        readings.append([round(value, 5) for value in read])
    styled, base = readings
    n = len(reply_ids)
    end = (styled[n], base[n]) if ended else ()
    return Shift(tuple(_pieces(model.tokenizer, reply_ids)), tuple(styled[:n]), tuple(base[:n]), end)


def _pieces(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """The text of each token; that of a token within a character comes with the one that completes it."""
    detokenizer = Detokenizer(tokenizer)
    pieces = [detokenizer.push(id) for id in ids]
    pieces[-1] += detokenizer.finish()
    return pieces


@torch.inference_mode()
def probe(decoder: Decoder) -> Tensor:
    """Logits (vocab,) of a few fixed ids under the decoder as it is set."""
    ids = torch.arange(3, 3 + _PROBE)[None] % decoder.vocab_size
    logits: Tensor = decoder.forward(decoder.new_cache(1, _PROBE), ids)[0].clone()
    return logits


class BaseCheck:
    """Before a blind comparison: is the side that should be the original model really that?

    Two things are compared, largest difference of a logit each: a fixed probe, read now with the style off, with the same
    probe as it was read when the model had just been loaded and no style had ever been on (so the weights are still the
    stored ones); and the logits that the reply's first word is drawn from with those of a fresh reading of the same
    prompt with the style off (so no style and nothing kept from another reply has a part in them).

    The check of one reply: ``prepare``, then give ``hook`` to ``decode_loop.generate``.
    """

    def __init__(self, decoder: Decoder, stored: Tensor) -> None:
        """``stored``: ``probe`` of the model when it had just been loaded."""
        self._decoder, self._stored = decoder, stored
        self._fresh: Tensor | None = None
        self.difference: float | None = None  # of the first word's logits; None: not there yet

    @torch.inference_mode()
    def prepare(self, inputs: Inputs, cancelled: Callable[[], bool]) -> Generator[Piece, None, None]:
        """Read the probe and the prompt. The decoder's style must be off. Raises ModelError."""
        if self._decoder.style is not None:
            raise ModelError(_SENTENCE.format("a style is still on"))
        drift = _difference(probe(self._decoder), self._stored)
        if not drift <= PROBE_TOLERANCE:
            raise ModelError(_SENTENCE.format(f"its logits differ by {drift:.4f} from when it was loaded"))
        yield Piece("", 0)
        cache = self._decoder.new_cache(1, len(inputs.keys))
        self._fresh = (yield from read_prompt(self._decoder, cache, inputs, 0, cancelled))[0].clone()

    def hook(self, logits: Tensor, written: list[list[int]]) -> Tensor:
        """Looks at the first logits (1, vocab) and changes nothing. Raises ModelError if they are not the base's."""
        if self.difference is None and self._fresh is not None:
            self.difference = _difference(logits[0], self._fresh)
            if not self.difference <= PROMPT_TOLERANCE:
                raise ModelError(_SENTENCE.format(f"its logits differ by {self.difference:.4f}"))
        return logits

    def result(self) -> BaseCheckResult | None:
        """For the record of the reply; None: it was stopped before its first word."""
        if self.difference is None:
            return None
        return BaseCheckResult(round(self.difference, 6), PROMPT_TOLERANCE)


_SENTENCE = (
    "The side that should be the original model does not answer like the stored model ({0}), so there is no "
    "fair comparison; load the model again and try once more."
)


def _difference(one: Tensor, other: Tensor) -> float:
    return float((one.float() - other.float()).abs().max())
