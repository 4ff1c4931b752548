"""The composer: text that grows with what is written, pictures and sounds by button, paste and drop, send and stop.

Nothing typed is ever lost here: a file that cannot be used is refused in a sentence, and the text stays.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QKeySequence, QTextOption
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui import theme
from ui.composer.pending import PendingPictures
from ui.sound.devices import Recorder, why_not
from ui.theme import tokens
from ui.theme.widgets import IconButton, label, set_property

MAX_TEXT = 200_000  # characters; more than any model here reads, and Qt would wrap it for seconds
_LINES = 9  # the text grows to this many, then scrolls


class Composer(QFrame):
    submitted = Signal(str, list)  # text, files of pictures and sounds
    stop_requested = Signal()
    edit_last_requested = Signal()
    undo_requested = Signal()  # Ctrl+Z where nothing typed can be undone
    draft_changed = Signal(str)
    open_image_requested = Signal(str)  # a picture waiting to be sent was pressed: its file

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Your message"))
        self._busy = self._send_when_checked = False
        self._enter_sends = True
        self.pictures = PendingPictures(self)
        self.pictures.changed.connect(self._pictures_changed)
        self.pictures.failed.connect(self.show_error)
        self.pictures.opened.connect(self.open_image_requested)
        self.edit = _Edit(self)
        self.edit.textChanged.connect(self._text_changed)
        self.edit.send_pressed.connect(self.submit)
        self.edit.up_in_empty.connect(self.edit_last_requested)
        self.edit.undo_past_typing.connect(self.undo_requested)
        self.edit.pictures_came.connect(self._came)
        self.edit.too_long.connect(self._too_long)
        self.edit.focus_changed.connect(lambda on: set_property(self, "focused", "true" if on else "false"))
        self.attach = IconButton("attach", self.tr("Attach files"), self, shortcut="Ctrl+Shift+A")
        self.attach.clicked.connect(self.ask_for_files)
        self.record = IconButton("microphone", self.tr("Record a sound"), self)
        self.record.clicked.connect(self._record)
        self.recorder = Recorder(self)
        self.recorder.recorded.connect(lambda wav: self.add_file(wav, self.tr("recording.wav")))
        self.recorder.failed.connect(self.show_error)
        self.recorder.running_changed.connect(self._show_recording)
        self._error = label("", "danger", self, wrap=True)
        self._error.hide()
        self.button = IconButton("send", self.tr("Send"), self, token="on_accent")
        self.button.setProperty("kind", "primary")
        self.button.clicked.connect(self._press)
        below = QHBoxLayout()
        below.setSpacing(tokens.GRID)
        below.addWidget(self.attach)
        below.addWidget(self.record)
        below.addWidget(self._error, 1)
        below.addStretch(0)
        below.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            tokens.GRID * 2, tokens.GRID + tokens.HALF, tokens.GRID + tokens.HALF, tokens.GRID
        )
        column.setSpacing(tokens.HALF)
        column.addWidget(self.pictures)
        column.addWidget(self.edit)
        column.addLayout(below)
        self.setFocusProxy(self.edit)
        self.setAcceptDrops(False)  # the text takes drops, and with it the whole composer
        self._show_abilities()
        self._show_state()

    # --- what it is told ------------------------------------------------------------------------------------

    def text(self) -> str:
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put ``text`` in, the cursor behind it."""
        self.edit.setPlainText(text)
        cursor = self.edit.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.edit.setTextCursor(cursor)

    def clear(self) -> None:
        """No text, no files, no error."""
        self.edit.clear()
        self.pictures.clear()
        self._say("")

    def add_file(self, source: str | Path | bytes, name: str = "") -> None:
        """Attach a picture, a sound or a file with text: a file's path, or the bytes of one."""
        name = name or (self.tr("pasted picture") if isinstance(source, bytes) else Path(source).name)
        if why := self.pictures.refusal(name):
            self.show_error(why)
            return
        self._say("")
        self.pictures.add(source if isinstance(source, bytes) else str(source), name)

    def ask_for_files(self) -> None:
        """A file dialog for what can be attached."""
        kinds = ["*.txt *.md *.csv *.json *.docx *.pdf"]
        if not self.pictures.blind:
            kinds.append("*.png *.jpg *.jpeg *.webp *.gif")
        if not self.pictures.deaf:
            kinds.append("*.wav *.mp3 *.ogg *.oga *.flac")
        wanted = self.tr("Files ({0})").format(" ".join(kinds)) + ";;" + self.tr("All files (*)")
        files, _kind = QFileDialog.getOpenFileNames(self, self.attach.accessibleName(), "", wanted)
        for file in files:
            self.add_file(file)

    def set_busy(self, busy: bool) -> None:
        """A reply is being written: the button stops it. Typing goes on."""
        self._busy = busy
        self._show_state()

    def set_can_see(self, can_see: bool, reason: str = "") -> None:
        """Whether the model takes pictures; ``reason`` is what is said if not."""
        self.pictures.blind = "" if can_see else reason or self.tr("This model cannot see pictures.")
        self._show_abilities()

    def set_can_hear(self, can_hear: bool, reason: str = "") -> None:
        """Whether the model takes sounds; ``reason`` is what is said if not."""
        self.pictures.deaf = "" if can_hear else reason or self.tr("This model cannot hear sounds.")
        self._show_abilities()

    def _show_abilities(self) -> None:
        hears = not self.pictures.deaf
        self.attach.set_text(self.tr("Attach files"), "Ctrl+Shift+A")
        self.record.setVisible(hears)
        self.record.setEnabled(not why_not())
        self.record.set_text(why_not() or self.tr("Record a sound"))

    def _record(self) -> None:
        if self.recorder.running:
            self.recorder.stop()
        else:
            self._say("")
            self.recorder.start()

    def _show_recording(self, running: bool) -> None:
        self.record.set_icon("stop" if running else "microphone", "danger" if running else "muted")
        self.record.set_text(self.tr("End the recording") if running else self.tr("Record a sound"))

    def set_enter_sends(self, enter_sends: bool) -> None:
        """Enter sends and Shift+Enter breaks the line; or Enter breaks it and Ctrl+Enter sends."""
        self.edit.enter_sends = enter_sends

    def show_error(self, sentence: str) -> None:
        """One sentence under the text, until something is changed."""
        self._say(sentence)

    @property
    def error(self) -> str:
        return self._error.text()

    # --- what the user does ---------------------------------------------------------------------------------

    def submit(self) -> None:
        """Send text and files; waits for files that are still being checked."""
        if self._busy:
            return
        if self.recorder.running:
            self.recorder.stop()  # what was said belongs to the message
        if self.pictures.checking:
            self._send_when_checked = True
            return
        self._send_when_checked = False
        if self.pictures.sounds and self.pictures.deaf:  # another model was loaded meanwhile
            self.show_error(self.pictures.deaf)
            return
        text, files = self.text(), self.pictures.files()
        if not text.strip() and not files:
            return
        self.clear()
        self.submitted.emit(text, files)

    def _press(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        else:
            self.submit()

    def _came(self, mime: QMimeData) -> None:
        """Files, or a picture, by paste or drop."""
        files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        for file in files:
            self.add_file(file)
        if not files and mime.hasImage():
            image = QImage(mime.imageData())
            data = QByteArray()
            buffer = QBuffer(data)
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, Qt text
            self.add_file(bytes(data.data()))

    def _too_long(self) -> None:
        self.show_error(
            self.tr("The text is too long to paste. A message has at most {0} characters.").format(MAX_TEXT)
        )

    def _pictures_changed(self) -> None:
        if self._send_when_checked and not self.pictures.checking:
            if self.error:
                self._send_when_checked = False  # one was refused: let the user look first
            else:
                self.submit()
        self._show_state()

    def _text_changed(self) -> None:
        self._say("")
        self._show_state()
        self.draft_changed.emit(self.text())

    def _show_state(self) -> None:
        something = bool(self.text().strip()) or bool(self.pictures.files()) or self.pictures.checking
        if self._busy:
            self.button.set_icon("stop", "on_accent")
            self.button.set_text(self.tr("Stop"), "Esc")
        else:
            self.button.set_icon("send", "on_accent" if something else "muted")
            self.button.set_text(self.tr("Send"), "Enter" if self.edit.enter_sends else "Ctrl+Enter")
        self.button.setEnabled(self._busy or something)

    def _say(self, sentence: str) -> None:
        if sentence != self._error.text():
            self._error.setText(sentence)
            self._error.setAccessibleName(sentence or "-")
            self._error.setVisible(bool(sentence))


class _Edit(QPlainTextEdit):
    """Plain text that is as high as its lines; pictures that come by paste or drop are handed on."""

    send_pressed = Signal()
    up_in_empty = Signal()
    undo_past_typing = Signal()
    pictures_came = Signal(QMimeData)
    too_long = Signal()
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.enter_sends = True
        self.setProperty("kind", "bare")
        self.setAccessibleName(self.tr("Message"))
        self.setPlaceholderText(self.tr("Message Attune"))
        self.setTabChangesFocus(True)
        # A word without a break must not go past the edge, nor take long to wrap.
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._grow())
        self._grow()

    def _grow(self) -> None:
        """As high as the text, between one line and ``_LINES``."""
        lines = max(1, min(round(self.document().size().height()), _LINES))
        height = lines * self.fontMetrics().lineSpacing() + 2 * round(self.document().documentMargin()) + 2
        if self.height() != height or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(320), self.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            ctrl = held == Qt.KeyboardModifier.ControlModifier
            if ctrl or (self.enter_sends and held == Qt.KeyboardModifier.NoModifier):
                self.send_pressed.emit()
                return
        if event.matches(QKeySequence.StandardKey.Undo) and not self.document().isUndoAvailable():
            self.undo_past_typing.emit()
            return
        if event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.up_in_empty.emit()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Files and pictures are attached; anything else goes in as plain text."""
        local = source.hasUrls() and any(url.isLocalFile() for url in source.urls())
        if local or (source.hasImage() and not source.hasText()):
            self.pictures_came.emit(source)
        elif len(source.text()) + self.document().characterCount() > MAX_TEXT:
            self.too_long.emit()
        else:
            super().insertFromMimeData(source)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)
