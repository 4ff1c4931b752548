"""Your style: what the user has rated so far and what stands behind it. It shows what is there and nothing
else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.rating_words import LastRating, PanelData
from ui.theme import tokens
from ui.theme.widgets import Button, IconLabel, label

_WIDTH = 280


class StylePanel(QWidget):
    open_wanted = Signal(str, str)  # conversation id, message id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Your style"))
        self.setFixedWidth(_WIDTH)
        self._version = label("", "muted", self, wrap=True)
        self._counts = QHBoxLayout()
        self._count_labels = {
            kind: self._count(kind, text)
            for kind, text in (
                ("thumb-up", self.tr("Good replies")),
                ("thumb-down", self.tr("Bad replies")),
                ("edit", self.tr("Replies you edited")),
            )
        }
        self._counts.addStretch(1)
        self._waiting = label("", "caption", self, wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(tokens.HALF)
        self._list_title = label(self.tr("Last rated"), "section", self)
        inner = QWidget(self)
        inner.setAccessibleName(self.tr("Last rated"))
        inner.setLayout(self._list)
        self._list.setContentsMargins(0, 0, 0, 0)
        scroller = QScrollArea(self)
        scroller.setAccessibleName(self.tr("Last rated"))
        scroller.setWidgetResizable(True)
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setWidget(inner)
        scroller.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2, tokens.GRID * 2)
        column.setSpacing(tokens.GRID * 2)
        column.addWidget(label(self.tr("Your style"), "title", self))
        column.addWidget(self._version)
        column.addLayout(self._counts)
        column.addWidget(self._waiting)
        column.addWidget(self._list_title)
        column.addWidget(scroller, 1)

    def show_data(self, data: PanelData) -> None:
        """What the store says."""
        if data.style is None:
            version = self.tr("No style has been learned yet: replies come from the model as it is.")
        else:
            version = self.tr("{0}, learned from {1} of your ratings").format(
                data.style.name or data.style.id, len(data.style.ratings_used)
            )
        self._say(self._version, version)
        for kind, count in (("thumb-up", data.up), ("thumb-down", data.down), ("edit", data.edits)):
            self._count_labels[kind].setText(str(count))
        if not data.count:
            waiting = self.tr("Rate replies with the thumbs under them; what you rate is kept here.")
        else:
            waiting = self.tr("%n rating(s) have not been learned from yet.", "", data.pending)
        self._say(self._waiting, waiting)
        self._list_title.setVisible(bool(data.last))
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for last in data.last:
            self._list.addWidget(self._row(last))
        self._list.addStretch(1)

    def _row(self, last: LastRating) -> QWidget:
        up = last.rating.kind == "edit" or last.rating.value > 0
        icon = {"thumb": "thumb-up" if up else "thumb-down", "edit": "edit"}.get(last.rating.kind, "check")
        row = Button(_short(last.reply), self, kind="nav", icon=icon)
        row.setToolTip(last.reply)
        said = self.tr("Rated good: {0}") if up else self.tr("Rated bad: {0}")
        row.setAccessibleName(said.format(last.reply))
        row.setEnabled(bool(last.conversation_id))
        row.clicked.connect(
            lambda _on=False: self.open_wanted.emit(last.conversation_id, last.rating.message_id or "")
        )
        return row

    def _count(self, icon: str, text: str) -> QLabel:
        number = label("0", "strong", self)
        number.setAccessibleName(text)
        number.setToolTip(text)
        self._counts.addWidget(IconLabel(icon, text, self))
        self._counts.addWidget(number)
        self._counts.addSpacing(tokens.GRID)
        return number

    def _say(self, part: QLabel, text: str) -> None:
        part.setText(text)
        part.setAccessibleName(text)


def _short(text: str) -> str:
    return text if len(text) <= 28 else text[:27].rstrip() + "…"
