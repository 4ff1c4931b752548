"""A file as a chip: its name, its pages or size; pressed, it shows what was read in it. Removable where it is not sent yet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from assistant.files.document import Document
from ui.files.preview import show_preview
from ui.theme import tokens
from ui.theme.widgets import IconButton, label

_LONGEST_NAME = 40  # characters shown; all of it is in the tooltip


class FileChip(QFrame):
    """``load`` gives what was read in the file; raises AttuneError where that is gone."""

    def __init__(
        self,
        path: str,
        name: str,
        pages: int,
        size_bytes: int,
        load: Callable[[], Document],
        parent: QWidget | None = None,
        *,
        note: str = "",
        removable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.setProperty("role", "card")
        much = self.tr("%n page(s)", "", pages) if pages else size_text(size_bytes)
        if pages and removable:
            much += f" · {size_text(size_bytes)}"
        words = " · ".join(part for part in (name, much, note) if part)
        self.setAccessibleName(self.tr("File {0}").format(words))
        self.setToolTip(words)
        shown = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID + tokens.HALF, tokens.HALF, tokens.HALF, tokens.HALF)
        row.setSpacing(tokens.GRID)
        for text, role in ((shown, ""), (much, "caption"), (note, "caption")):
            if text:
                shown_label = label(text, role, self)
                shown_label.setTextFormat(Qt.TextFormat.PlainText)
                shown_label.setMinimumWidth(1)
                row.addWidget(shown_label)
        self.open = IconButton("search", self.tr("Show the text of {0}").format(name), self, size=14, side=28)
        self.open.clicked.connect(lambda: show_preview(self, name, load))
        row.addWidget(self.open)
        self.remove = IconButton("x", self.tr("Remove {0}").format(name), self, size=14, side=28)
        self.remove.setVisible(removable)
        row.addWidget(self.remove)


def size_text(size_bytes: int) -> str:
    """A size for people: 12 kB."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    return f"{size_bytes / 1000:.0f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1e6:.1f} MB"
