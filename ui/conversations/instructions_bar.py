"""What the open chat is told before every message: one quiet line above it, and a field to change it in its place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from assistant.errors import BadInput
from assistant.services.folders import checked
from ui.theme import tokens
from ui.theme.widgets import Button, label

_LINES = 4  # of the field


class InstructionsField(QWidget):
    """A text of several lines with Save and Cancel. Ctrl+Enter saves, Esc cancels."""

    saved = Signal(str)
    cancelled = Signal()

    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.edit = QPlainTextEdit(self)
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(hint)
        self.edit.setTabChangesFocus(True)
        self.edit.installEventFilter(self)
        self.problem = label("", "danger", self, wrap=True)
        self.problem.hide()
        self.save = Button(self.tr("Save"), self, kind="primary")
        self.save.setToolTip(self.tr("Save") + "  (Ctrl+Enter)")
        self.save.clicked.connect(self._save)
        self.cancel = Button(self.tr("Cancel"), self)
        self.cancel.clicked.connect(self.cancelled)
        buttons = QHBoxLayout()
        buttons.setSpacing(tokens.GRID)
        buttons.addWidget(self.problem, 1)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.GRID)
        column.addWidget(self.edit)
        column.addLayout(buttons)
        self.fit(_LINES)

    def fit(self, lines: int) -> None:
        """As high as so many lines."""
        self.edit.setFixedHeight(lines * self.edit.fontMetrics().lineSpacing() + tokens.GRID * 3)

    def begin(self, text: str) -> None:
        self.edit.setPlainText(text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.problem.hide()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _save(self) -> None:
        try:
            text = checked(self.edit.toPlainText())
        except BadInput as error:
            self.problem.setText(str(error))
            self.problem.setAccessibleName(str(error))
            self.problem.show()
            return
        self.saved.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.edit and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()  # it closes the field, not what is behind it
            elif event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.cancelled.emit()
                return True
            elif (
                event.type() == QEvent.Type.KeyPress
                and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
                and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            ):
                self._save()
                return True
        return super().eventFilter(watched, event)


class InstructionsBar(QFrame):
    """Hidden while there is nothing to tell and nothing is being written."""

    changed = Signal(str)  # the chat's own instructions
    folder_wanted = Signal(str)  # to change those of this folder

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Instructions"))
        self._own = self._folder = self._of_folder = ""
        self.text = label("", "caption", self)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.change = Button(self.tr("Edit"), self, kind="link")
        self.change.setProperty("dense", True)
        self.change.setAccessibleName(self.tr("Edit the instructions"))
        self.change.clicked.connect(self._change)
        self.line = QWidget(self)
        self.line.setAccessibleName(self.tr("Instructions"))
        row = QHBoxLayout(self.line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        row.addWidget(self.change)
        self.field = InstructionsField(
            self.tr("Instructions for this chat"),
            self.tr("For example: answer in German, in short sentences, for a child of ten."),
            self,
        )
        self.field.saved.connect(self._saved)
        self.field.cancelled.connect(self.close_field)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID * 2, 0, tokens.GRID * 2, 0)
        column.addWidget(self.line)
        column.addWidget(self.field)
        self.field.hide()
        self.hide()

    @property
    def editing(self) -> bool:
        return not self.field.isHidden()

    def show_instructions(self, folder: str, own: str, of_folder: str) -> None:
        """What the open chat is told: by its ``folder``, and by itself."""
        self.field.hide()
        self._folder, self._own, self._of_folder = folder, own, of_folder
        self._show()

    def open_field(self) -> None:
        """Write the chat's own instructions; pressed again, it is put away."""
        if self.editing:
            self.close_field()
            return
        self.line.hide()
        self.field.show()
        self.show()
        self.field.begin(self._own)

    def close_field(self) -> bool:
        """Put the field away without a change; False if it was not there."""
        if not self.editing:
            return False
        self.field.hide()  # the keyboard goes back to the message box
        self._show()
        return True

    def _saved(self, text: str) -> None:
        self.close_field()
        if text != self._own:
            self.changed.emit(text)

    def _change(self) -> None:
        if self._own or not self._of_folder:
            self.open_field()
        else:
            self.folder_wanted.emit(self._folder)

    def _show(self) -> None:
        self.line.setVisible(bool(self._own or self._of_folder))
        self.setVisible(bool(self._own or self._of_folder))
        self._elide()

    def words(self) -> str:
        """The line as it would be with room for all of it."""
        parts = []
        if self._of_folder:
            parts.append(self.tr("Folder {0}: {1}").format(self._folder, " ".join(self._of_folder.split())))
        if self._own:
            parts.append(self.tr("Instructions: {0}").format(" ".join(self._own.split())))
        return "  ·  ".join(parts)

    def _elide(self) -> None:
        words = self.words()
        room = max(0, self.text.width() - 2)
        self.text.setText(self.text.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
        self.text.setAccessibleName(words or "-")
        self.text.setToolTip("\n\n".join(text for text in (self._of_folder, self._own) if text)[:2000])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.line.layout().activate()  # type: ignore[union-attr]
        self._elide()
