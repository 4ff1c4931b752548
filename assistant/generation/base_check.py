"""Before a blind comparison: is the side that should be the model as it is really that? Engine process only.

Two things are compared, largest difference of a logit each: a fixed probe, read now with the style off, with the same
probe as it was read when the model had just been loaded and no style had ever been on (so the weights are still the
stored ones); and the logits that the reply's first word is drawn from with those of a fresh reading of the same prompt
with the style off (so no style and nothing kept from another reply has a part in them).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import torch
from torch import Tensor

from assistant.generation.decode_loop import read_prompt
from assistant.generation.reply import Piece
from models.errors import ModelError
from models.inputs import Inputs

# Logits. A kept beginning is read in other portions than a fresh one, which rounds sums differently; a style moves
# logits by tenths and more. The probe is read alike both times.
PROMPT_TOLERANCE = 0.02
PROBE_TOLERANCE = 1e-4
_PROBE = 6  # tokens


@torch.inference_mode()
def probe(decoder: Any) -> Tensor:
    """Logits (vocab,) of a few fixed ids under the decoder as it is set."""
    ids = torch.arange(3, 3 + _PROBE)[None] % decoder.vocab_size
    logits: Tensor = decoder.forward(decoder.new_cache(1, _PROBE), ids)[0].clone()
    return logits


class BaseCheck:
    """The check of one reply: ``prepare``, then give ``hook`` to ``loop.generate``."""

    def __init__(self, decoder: Any, stored: Tensor) -> None:
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

    def details(self) -> dict[str, Any]:
        """For the record of the reply."""
        if self.difference is None:
            return {}
        return {"base_check": {"difference": round(self.difference, 6), "tolerance": PROMPT_TOLERANCE}}


_SENTENCE = (
    "The side that should be the model as it is does not answer like the stored model ({0}), so there is no "
    "fair comparison; load the model again and try once more."
)


def _difference(one: Tensor, other: Tensor) -> float:
    return float((one.float() - other.float()).abs().max())
