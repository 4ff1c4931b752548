"""The order in which Tab goes through a part of the window: that of its layouts, which is the order of reading.

Qt's own order is that of making, which is another one where parts are made anew while others stay.
"""

from __future__ import annotations

import itertools

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def in_reading_order(root: QWidget) -> list[QWidget]:
    """The widgets under ``root`` that Tab stops at, hidden ones too, as its layouts have them."""
    found: list[QWidget] = []
    _walk(root, found)
    return found


def follow_layout(root: QWidget) -> None:
    """Have Tab go through ``root`` in the order of reading. Call it again when parts were made anew."""
    stops = in_reading_order(root)
    for before, after in itertools.pairwise(stops):
        QWidget.setTabOrder(before, after)


def _walk(widget: QWidget, found: list[QWidget]) -> None:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        found.append(widget)
    if isinstance(widget, QScrollArea):
        if (inner := widget.widget()) is not None:
            _walk(inner, found)
    elif (layout := widget.layout()) is not None:
        _walk_layout(layout, found)


def _walk_layout(layout: QLayout, found: list[QWidget]) -> None:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            _walk(widget, found)
        elif (inner := item.layout()) is not None:
            _walk_layout(inner, found)
