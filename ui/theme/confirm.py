"""Asking before something is lost: a dialog that lists what goes, and a button that opens it.

A second click can never confirm: the dialog is another window, its action is never placed under the pointer, and where
the user's own words are lost it stays disabled until a word is typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui import theme
from ui.theme import tokens
from ui.theme.widgets import Button, label

_WIDTH = 440  # pixels


@dataclass(frozen=True, slots=True)
class Loss:
    """What would be lost. ``goes``: one line for each thing; ``typed``: a word has to be typed first."""

    title: str
    goes: tuple[str, ...]
    action: str  # of the button that does it
    stays: str = ""  # what is kept, or how it could come back
    typed: bool = False
    option: str = ""  # a box that may be ticked: what is done otherwise then (``ConfirmDialog.option``)


class ConfirmDialog(QDialog):
    """Lists what goes. ``confirmed`` when the user went through with it; anything else changes nothing."""

    confirmed = Signal()

    def __init__(self, loss: Loss, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(loss.title)
        self.setAccessibleName(loss.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._word = self.tr("erase") if loss.typed else ""
        column = QVBoxLayout(self)
        side = tokens.GRID * 3
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(tokens.GRID)
        column.addWidget(label(loss.title, "title", self, wrap=True))
        for line in loss.goes:
            column.addWidget(label(f"•  {line}", parent=self, wrap=True))
        if loss.stays:
            column.addWidget(label(loss.stays, "muted", self, wrap=True))
        self.option = QCheckBox(loss.option, self)
        self.option.setAccessibleName(loss.option or "-")
        self.option.setVisible(bool(loss.option))
        column.addWidget(self.option)
        self.field = QLineEdit(self)
        asked = self.tr("Type “{0}” to confirm").format(self._word)
        self.field.setAccessibleName(asked)
        self.field.setVisible(loss.typed)
        self.field.textChanged.connect(self._show_armed)
        self.field.returnPressed.connect(self._do)
        if loss.typed:
            column.addSpacing(tokens.GRID)
            column.addWidget(label(asked, "strong", self, wrap=True))
        column.addWidget(self.field)
        column.addSpacing(tokens.GRID)
        self.cancel = Button(self.tr("Cancel"), self)
        self.cancel.clicked.connect(self.reject)
        self.action = Button(loss.action, self, kind="danger")
        self.action.setAutoDefault(False)
        self.action.clicked.connect(self._do)
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.action)
        column.addLayout(row)
        self.setFixedWidth(theme.current().px(_WIDTH))
        self._show_armed()
        (self.field if loss.typed else self.cancel).setFocus()

    @property
    def armed(self) -> bool:
        """Whether the action would do it now."""
        return self.field.text().strip().casefold() == self._word.casefold()

    def _show_armed(self) -> None:
        self.action.setEnabled(self.armed)

    def _do(self) -> None:
        if self.armed:
            self.confirmed.emit()
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter in the field is handled there; elsewhere it belongs to the button that has the focus.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.field.hasFocus():
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.keep_clear_of(QCursor.pos())

    def keep_clear_of(self, pointer: QPoint) -> None:
        """Move away if the action would stand under ``pointer`` (on the screen)."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        gap = theme.current().px(tokens.GRID)
        button = QRect(self.action.mapToGlobal(QPoint(0, 0)), self.action.size())
        if not button.adjusted(-gap, -gap, gap, gap).contains(pointer):
            return
        step = self.action.height() + 4 * gap
        screen = QGuiApplication.screenAt(pointer) or self.screen()
        lower = self.y() + step + self.height() <= screen.availableGeometry().bottom()
        self.move(self.x(), self.y() + (step if lower else -step))


def ask(parent: QWidget, loss: Loss, then: Callable[[], object]) -> ConfirmDialog:
    """Show the dialog over the window of ``parent``; ``then`` is called if the user goes through with it."""
    dialog = ConfirmDialog(loss, parent.window())
    dialog.confirmed.connect(then)
    dialog.open()
    return dialog


class ConfirmButton(Button):
    """A button for what cannot be undone: pressing it opens the dialog. ``loss`` is asked for what goes now."""

    confirmed = Signal()

    def __init__(
        self, text: str, loss: Callable[[], Loss], parent: QWidget | None = None, *, icon: str = ""
    ) -> None:
        super().__init__(text, parent, kind="plain", icon=icon)
        self._loss = loss
        self.option = False  # whether the box was ticked when it was last confirmed
        self.clicked.connect(self._pressed)

    def _pressed(self) -> None:
        def confirmed() -> None:
            self.option = dialog.option.isChecked()
            self.confirmed.emit()

        dialog = ask(self, self._loss(), confirmed)
