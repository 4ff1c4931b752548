"""Pictures looked at without a language model: encoder and senses, opened at the first picture.

The encoder's weights are read from the package that carries them, the trained part from this one; nothing is kept on
disk. Torch loads inside the functions, so that a model that is never shown a picture costs nothing.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import ModelRefused
from models.fetch.packaged_weights import check, find
from models.inputs import fingerprint
from models.perception import labels
from models.perception.encoder_weights import IMAGE_ENCODER, encoder_tensors

if TYPE_CHECKING:
    from PIL.Image import Image

    from models.perception.evidence import Evidence, Senses
    from models.perception.facts import Facts

SIDE = 224  # pixels of the encoder's views
_KEPT = 64  # pictures whose evidence is kept, some 15 kB each


@dataclass(frozen=True)
class Sight:
    """One picture looked at: ``recognised`` is what the visible line claims, ``facts`` all that may be told."""

    evidence: Evidence
    recognised: tuple[tuple[str, float], ...]
    facts: Facts


def available() -> bool:
    """Is the package with the encoder's weights here? Imports nothing."""
    return find(IMAGE_ENCODER) is not None


class Eyes:
    """``look`` at pictures; each is looked at once."""

    def __init__(self) -> None:
        self._opened: tuple[Any, Senses] | None = None
        self._known: OrderedDict[str, Sight] = OrderedDict()
        self._read: OrderedDict[str, str] = OrderedDict()

    def look(self, image: Image) -> Sight:
        """Raises ModelRefused when weights are missing or damaged."""
        import torch

        from models.perception.evidence import is_drawing, look
        from models.perception.pixels import pixels
        from models.perception.recognition import facts_of, recognise

        key = fingerprint(image)
        if key not in self._known:
            encoder, senses = self._open()
            with torch.inference_mode():
                seen = look(encoder, **pixels([image], SIDE))
                evidence = senses.evidence(seen)
                classes = seen.logits[0, :2].softmax(-1).mean(0)
            recognised = recognise(evidence, classes)
            facts = facts_of(evidence, is_drawing(seen)[0], recognised)
            self._known[key] = Sight(evidence, recognised, facts)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def read(self, image: Image) -> str:
        """The text in a picture; none where text recognition is not installed."""
        from models.perception.ocr import reader

        key = fingerprint(image)
        if key not in self._read:
            file = io.BytesIO()
            image.save(file, "PNG", compress_level=1)
            self._read[key] = reader().read(file.getvalue())
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return self._read[key]

    def _open(self) -> tuple[Any, Senses]:
        if self._opened is None:
            import numpy as np
            import torch

            from models.perception import trained_files
            from models.perception.encoder import EfficientNetLite
            from models.perception.evidence import Senses

            path = find(IMAGE_ENCODER)
            if path is None:
                raise ModelRefused(
                    f"The package {IMAGE_ENCODER.project} is missing, so no picture can be looked at."
                )
            check(IMAGE_ENCODER, path)
            learned = {**trained_files.senses(), "kinds": labels.membership()}
            with torch.device("meta"):
                encoder = EfficientNetLite()
                senses = Senses(len(labels.kinds()), int(trained_files.recipe()["sizes"]["num_drawn"]))
            for module, arrays in ((encoder, encoder_tensors(path)), (senses, learned)):
                tensors = {name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in arrays.items()}
                module.load_state_dict(tensors, strict=True, assign=True)
                module.eval().requires_grad_(False)
            self._opened = encoder, senses
        return self._opened
