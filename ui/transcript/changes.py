"""What an edit changed in a reply, word by word: what went struck out, what came underlined (not by colour alone)."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import theme
from ui.theme.widgets import Button, label

Kind = Literal["same", "gone", "new"]
LONGEST = 8_000  # characters whose words are compared; it takes longer than typing them beyond that
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+(?:['’]\w+)*|\s+|[^\w\s]")
_SPOKEN = 300  # characters of each side that a screen reader is given


def changes(before: str, after: str) -> list[tuple[Kind, str]]:
    """The pieces that make ``before`` (same and gone) and ``after`` (same and new), in order."""
    old, new = _WORD.findall(before[:LONGEST]), _WORD.findall(after[:LONGEST])
    found: list[tuple[Kind, str]] = []
    for kind, a, b, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        for side, pieces in (("gone", old[a:b]), ("new", new[start:end])):
            if pieces:
                found.append((side, "".join(pieces)))  # type: ignore[arg-type]  # one of the two
    rest, rest_now = before[LONGEST:], after[LONGEST:]
    if rest == rest_now:
        found += [("same", rest)] if rest else []
    else:
        found += [("gone", rest)] if rest else []
        found += [("new", rest_now)] if rest_now else []
    return found


class EditedNote(QWidget):
    """Under a reply that the user edited: that it is the user's version, its changes, and the way back."""

    changes_toggled = Signal(bool)
    original_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Edited by you"))
        self.link = Button("", self, kind="link")
        self.link.clicked.connect(self._pressed)
        self.original = Button(self.tr("Use the original"), self, kind="link")
        self.original.clicked.connect(self.original_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().px(8))
        row.addWidget(label(self.tr("Edited by you"), "caption", self))
        for button in (self.link, self.original):
            button.setProperty("dense", True)
            row.addWidget(button)
        row.addStretch(1)
        self.shows = False
        self.show_link(False)

    def show_link(self, shows: bool) -> None:
        """Whether the changes are shown."""
        self.shows = shows
        self.link.setText(self.tr("Hide changes") if shows else self.tr("Show changes"))

    def _pressed(self) -> None:
        self.show_link(not self.shows)
        self.changes_toggled.emit(self.shows)


class Changes(QFrame):
    """What the user's version of a reply changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = label(self.tr("Your changes. Attune learns from them."), "caption", self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.RichText)  # every word is escaped
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._pieces: Sequence[tuple[Kind, str]] = ()
        column = self._column = QVBoxLayout(self)
        side = theme.current().px(12)
        column.setContentsMargins(side, side // 2, side, side // 2)
        column.setSpacing(side // 3)
        column.addWidget(self._title)
        column.addWidget(self._text)
        self._shown = ("", "")

    def show_change(self, before: str, after: str) -> None:
        if (before, after) == self._shown:
            return
        self._shown = before, after
        self._pieces = changes(before, after)
        self._paint()
        gone, new = (
            " ".join("".join(text if kind == side else " " for kind, text in self._pieces).split())[:_SPOKEN]
            for side in ("gone", "new")
        )
        self._text.setAccessibleName(
            self.tr("Removed: {0}. Added: {1}.").format(gone or self.tr("nothing"), new or self.tr("nothing"))
        )
        self.setAccessibleName(self._title.text())

    def pieces(self) -> list[tuple[Kind, str]]:
        """What is shown."""
        return list(self._pieces)

    def height_for(self, width: int) -> int:
        """Height in pixels when ``width`` pixels wide."""
        self._column.activate()
        return max(self._column.heightForWidth(width), self.minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._paint()

    def _paint(self) -> None:
        marks = {
            "same": ("", ""),
            "gone": (f'<s style="color:{theme.colour("danger").name()}">', "</s>"),
            "new": (f'<u style="color:{theme.colour("success").name()}">', "</u>"),
        }
        parts = []
        for kind, text in self._pieces:
            begin, end = marks[kind]
            parts.append(f"{begin}{html.escape(text)}{end}")
        # Spaces at the beginning of a line are kept; a text's last, empty line too.
        self._text.setText(f'<div style="white-space: pre-wrap">{"".join(parts)}</div>')
