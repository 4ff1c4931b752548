"""Text in pictures, by the PP-OCR models that the package faster-paddle carries. Engine process only.

Chinese and English in print; nothing is fetched. The recogniser is loaded at the first picture.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

# Measured on rendered print (tests/benchmarks/ocr.py, 2 cores): tiny misreads 0.12 % of English characters
# and none of the Chinese in 0.11 s a picture; small 0.06 % and none in 0.28 s.
MODEL = "tiny"
MIN_CONFIDENCE = 0.6  # of a line, mean over its characters; below it is mostly texture taken for writing
MAX_TEXT = 4000  # characters given on; a page of dense print
_CACHED = 64


class Reader:
    """One loaded recogniser; safe from several threads (one picture at a time)."""

    def __init__(self, model: str = MODEL, threads: int | None = None) -> None:
        """``model``: tiny or small, both inside the package. ImportError where that is missing."""
        import faster_paddle

        if model not in ("tiny", "small"):
            raise ValueError(f"{model} is not in the package and would be fetched from the network")
        self._engine = faster_paddle.OcrEngine(model_size=model, threads=threads)

    def read(self, picture: bytes) -> str:
        """The text in an encoded picture (PNG or JPEG), in reading order, a line each; empty if none.

        Raises ValueError for bytes that are no picture.
        """
        try:
            found = self._engine.ocr(picture)["bounds"]
        except (RuntimeError, OSError) as error:
            raise ValueError(f"the picture cannot be read: {error}") from error
        return arrange([found[key] for key in sorted(found)])[:MAX_TEXT].strip()


def arrange(boxes: list[dict[str, Any]]) -> str:
    """Boxes (text, confidence, topLeftCoord, bottomRightCoord in pixels) to lines, in reading order.

    Boxes that overlap in height by more than half of the smaller one stand in the same line.
    """
    sure = [b for b in boxes if b["confidence"] >= MIN_CONFIDENCE and b["text"].strip()]
    lines: list[list[dict[str, Any]]] = []
    for box in sorted(sure, key=lambda b: (b["topLeftCoord"][1] + b["bottomRightCoord"][1]) / 2):
        if lines and _overlap(lines[-1][-1], box) > 0.5:
            lines[-1].append(box)
        else:
            lines.append([box])
    return "\n".join(
        " ".join(b["text"].strip() for b in sorted(line, key=lambda b: b["topLeftCoord"][0]))
        for line in lines
    )


def _overlap(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Common height of two boxes as a share of the smaller one's height."""
    top = max(a["topLeftCoord"][1], b["topLeftCoord"][1])
    bottom = min(a["bottomRightCoord"][1], b["bottomRightCoord"][1])
    smaller = min(
        a["bottomRightCoord"][1] - a["topLeftCoord"][1], b["bottomRightCoord"][1] - b["topLeftCoord"][1]
    )
    return (bottom - top) / max(smaller, 1)


@functools.cache
def reader() -> Reader:
    return Reader()


_lock = threading.Lock()
_read: OrderedDict[str, str] = OrderedDict()  # SHA-256 of the picture -> text


def read_text(image_path: str | os.PathLike[str]) -> str:
    """The text in a picture that intake has checked, lines joined by newlines; empty if there is none.

    Remembers the last pictures. Raises OSError if the file cannot be read, ValueError if it is no picture.
    """
    data = Path(image_path).read_bytes()
    key = hashlib.sha256(data).hexdigest()
    with _lock:
        if key in _read:
            _read.move_to_end(key)
            return _read[key]
        text = reader().read(data)
        _read[key] = text
        while len(_read) > _CACHED:
            _read.popitem(last=False)
    return text
