"""Formulas as drawings: LaTeX to MathML to SVG by ziamath, which is pure Python, off the GUI thread and kept.

A formula took 18 to 140 ms on two busy cores, loading the library half a second. What cannot be drawn (an unknown command,
letters that the mathematical font lacks) gives nothing, and its source stays. Formulas come from a model, so their length
and depth are bounded, and nothing in them is ever run.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from ui.markdown.latex import may_be_drawn

log = logging.getLogger(__name__)

_KEPT = 200  # drawings
_UNKNOWN = re.compile(r"<m[io][^>]*>\\")  # latex2mathml writes a command that it does not know as text
_lock = threading.Lock()  # the library keeps its settings in a module


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG of ``width`` x ``height`` pixels."""

    svg: bytes
    width: float
    height: float


def draw(tex: str, size: int, colour: str) -> Drawing | None:
    """A formula in letters of ``size`` pixels and ``colour`` (#rrggbb); None where it cannot be drawn. On any thread."""
    if not may_be_drawn(tex):
        return None
    with _lock:
        try:
            import latex2mathml.converter
            import ziamath

            if _UNKNOWN.search(latex2mathml.converter.convert(tex)):
                return None
            ziamath.config.svg2 = False  # Qt draws no symbols with a view of their own
            made = ziamath.Latex(tex, size=size, color=colour)
            width, height = made.getsize()
            svg = made.svg().encode()
        except Exception as error:  # noqa: BLE001 - whatever two libraries raise at what they do not understand
            log.info("a formula could not be drawn: %s", type(error).__name__)
            return None
    return Drawing(svg, float(width), float(height)) if width > 0 and height > 0 else None


class Typesetter(QObject):
    """Draws one formula after the other on a thread; ``drawn(tex, size, colour, Drawing or None)`` on the GUI thread."""

    drawn = Signal(str, int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._kept: OrderedDict[tuple[str, int, str], Drawing | None] = OrderedDict()
        self._asked: set[tuple[str, int, str]] = set()
        self.drawn.connect(self._keep)

    def get(self, tex: str, size: int, colour: str) -> tuple[bool, Drawing | None]:
        """(whether it is known, the drawing); what is not known is drawn, and ``drawn`` tells of it."""
        key = (tex, size, colour)
        if key in self._kept:
            self._kept.move_to_end(key)
            return True, self._kept[key]
        if not may_be_drawn(tex):
            return True, None
        if key not in self._asked:
            self._asked.add(key)
            self._pool.start(_Job(self, key))
        return False, None

    def _keep(self, tex: str, size: int, colour: str, drawing: Drawing | None) -> None:
        self._asked.discard((tex, size, colour))
        self._kept[tex, size, colour] = drawing
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


class _Job(QRunnable):
    def __init__(self, owner: Typesetter, key: tuple[str, int, str]) -> None:
        super().__init__()
        self._owner, self._key = owner, key

    def run(self) -> None:
        self._owner.drawn.emit(*self._key, draw(*self._key))


_typesetter: Typesetter | None = None


def typesetter() -> Typesetter:
    """The one of this process."""
    global _typesetter
    if _typesetter is None:
        _typesetter = Typesetter()
    return _typesetter
