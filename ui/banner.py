"""One sentence with at most one action, in place: what the window says when something went wrong or is
worth knowing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from ui.theme import tokens
from ui.theme.widgets import Button, IconButton, IconLabel, label, set_property

Kind = Literal["info", "warning", "danger"]
_ICONS: dict[Kind, tuple[str, str]] = {
    "info": ("info", "accent"),
    "warning": ("warning", "warning"),
    "danger": ("warning", "danger"),
}


class Banner(QFrame):
    """Hidden until ``show_message``. It never takes the keyboard focus from what the user is doing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Notice"))
        self._icon = IconLabel("info", self.tr("Notice"), self)
        self._text = label("", parent=self, wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = Button(self.tr("OK"), self, kind="plain")
        self._action.setProperty("dense", True)
        self._action.clicked.connect(self._act)
        self._close = IconButton("x", self.tr("Close this notice"), self, size=tokens.ICON_SMALL, side=28)
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        row.setSpacing(tokens.GRID)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self._callback: Callable[[], object] | None = None
        self._key = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence being shown; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_message(
        self,
        text: str,
        kind: Kind = "info",
        *,
        action: str = "",
        callback: Callable[[], object] | None = None,
        seconds: float = 0,
        key: str = "",
    ) -> None:
        """Show ``text`` (with a button ``action`` that calls ``callback``) for ``seconds``, or until closed
        if 0.

        ``key`` names the matter, so that ``dismiss(key)`` takes away this message and no other.
        """
        icon, token = _ICONS[kind]
        self._icon.set_icon(icon, token)
        set_property(self, "role", f"banner-{kind}")
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self.setAccessibleDescription(text)
        self._action.setText(action or self.tr("OK"))
        self._action.setVisible(bool(action))
        self._callback = callback
        self._key = key
        self._timer.stop()
        if seconds:
            self._timer.start(round(seconds * 1000))
        self.show()

    def trouble(self, sentence: str) -> None:
        """Something the user asked for could not be done."""
        self.show_message(sentence, "danger", key="trouble")

    def dismiss(self, key: str | None = None) -> None:
        """Take the message away; with a ``key`` only if it is about that matter."""
        if isinstance(key, str) and key != self._key:
            return
        self._timer.stop()
        self.hide()

    def _act(self) -> None:
        callback, self._callback = self._callback, None
        self.dismiss()
        if callback is not None:
            callback()
