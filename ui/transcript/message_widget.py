"""One message on the screen: what a question and a reply have in common. Placed by the transcript, no Qt layout."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.transcript import announce
from ui.transcript.actions import HEIGHT, ActionRow
from ui.transcript.body import Body
from ui.transcript.editor import InlineEditor
from ui.transcript.message_view import MessageView


class MessageWidget(QWidget):
    """Shows a ``MessageView``; may be given another one of the same role later (``show_view``)."""

    rated = Signal(str, int)
    edited = Signal(str, str)
    regenerate_requested = Signal(str)
    continue_requested = Signal(str)
    original_requested = Signal(str)
    style_off_requested = Signal(str)
    branch_requested = Signal(str, int)
    reasons_told = Signal(str, str)
    starred = Signal(str, int)
    rule_requested = Signal(str, float)
    reasons_closed = Signal(str)
    details_requested = Signal(str)
    words_requested = Signal(str)
    pair_settled = Signal(str, str)  # the better reply's id and the other's
    pair_skipped = Signal(str)
    copied = Signal(str)
    picture_requested = Signal(str)
    link_requested = Signal(str)
    step_requested = Signal(int)  # focus: -1 the message above, +1 below; -2, +2: first, last
    height_changed = Signal(str)
    focused = Signal()

    reply = False
    enter_sends: Callable[[], bool] = staticmethod(lambda: True)  # in the editor of a question

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.view: MessageView | None = None
        self._lively = False
        self._last = False
        self._row: ActionRow | None = None
        self._editor: InlineEditor | None = None
        self.ringed = False  # has the focus by the keyboard
        self.body = Body(self)
        self.body.changed.connect(self._height_changed)
        self.body.link_requested.connect(self.link_requested)
        self.body.code_copied.connect(lambda: self.copied.emit(self.message_id))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- what subclasses say ----------------------------------------------------------------------

    def content_height(self, width: int) -> int:
        """Lay out everything but the row of buttons; the height in pixels."""
        raise NotImplementedError

    def fill(self, view: MessageView) -> None:
        """Show the content of ``view``."""
        raise NotImplementedError

    def who(self) -> str:
        """The speaker's name."""
        raise NotImplementedError

    # -- for the transcript -----------------------------------------------------------------------

    @property
    def message_id(self) -> str:
        """Id of the message shown, empty when none."""
        return self.view.message.id if self.view else ""

    def show_view(self, view: MessageView) -> None:
        """Show another message, or another state of this one."""
        before, self.view = self.view, view
        fresh = before is None or before.message.id != view.message.id
        if fresh:
            self._end_edit()
            self._lively = self.underMouse()
            if self._row is not None:
                self._row.details.setChecked(False)
                self._row.show_copied(False)
        self.fill(view)
        self.describe()
        self.update_row()

    def describe(self) -> None:
        """Tell assistive technology what is shown here."""
        spoken = self.spoken()
        self.setAccessibleName(f"{self.who()}: {spoken}"[:4000])
        self.setAccessibleDescription(self.tr("Press Tab for its buttons, arrow keys for other messages"))

    def spoken(self) -> str:
        """The message as it is read aloud."""
        return self.body.spoken()

    def set_last(self, last: bool) -> None:
        """The last message keeps its buttons in sight."""
        if last != self._last:
            self._last = last
            self.update_row()

    def is_busy(self) -> bool:
        """Whether it must not be given another message: it is edited, or a reply being written."""
        return self._editor is not None

    def height_for(self, width: int) -> int:
        """Lay everything out ``width`` pixels wide; the height in pixels."""
        if self._editor is not None:
            height = self._editor.height_for(width)
            self._editor.setGeometry(0, 0, width, height)
            return height
        height = self.content_height(width)
        row = theme.current().px(HEIGHT)
        if self._row is not None:
            self._row.setGeometry(0, height, width, row)
        return height + row + self.place_below(height + row, width)

    def place_below(self, top: int, width: int) -> int:
        """Lay out what stands under the buttons; its height in pixels."""
        return 0

    def restyle(self) -> None:
        """The theme or zoom has changed."""
        self.body.restyle()
        if self.view is not None:
            self.show_view(self.view)

    def row(self) -> ActionRow:
        """The row of buttons; made when first needed."""
        if self._row is None:
            row = self._row = ActionRow(self, self.reply)
            row.copy_requested.connect(self.copy)
            row.edit_requested.connect(self.edit)
            row.regenerate_requested.connect(lambda: self.regenerate_requested.emit(self.message_id))
            row.rated.connect(lambda value: self.rated.emit(self.message_id, value))
            row.branch_requested.connect(lambda step: self.branch_requested.emit(self.message_id, step))
            row.details_toggled.connect(self._details)
            row.setGeometry(
                0, self.height() - theme.current().px(HEIGHT), self.width(), theme.current().px(HEIGHT)
            )
            row.show()
        return self._row

    def update_row(self) -> None:
        """Show the buttons that belong here now."""
        if self.view is None or self._editor is not None:
            return
        lively = self._lively or self._last or self.has_focus_inside()
        view = self.view
        if self._row is None and not (
            lively or view.sibling_count > 1 or view.rating is not None or view.note
        ):
            return
        self.row().show_state(view, lively, view.message.state == "streaming")

    def has_focus_inside(self) -> bool:
        """Whether the focus is on the message or anything in it."""
        focused = QGuiApplication.focusObject()
        return isinstance(focused, QWidget) and (focused is self or self.isAncestorOf(focused))

    # -- actions ----------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the message's source text on the clipboard."""
        if self.view is not None:
            QGuiApplication.clipboard().setText(self.body.source())
            self.row().show_copied(True)
            self.update_row()
            announce.say(self, self.tr("Copied"))
            self.copied.emit(self.message_id)

    def edit(self) -> None:
        """Edit the message in its place."""
        if self.view is None or self._editor is not None or self.view.message.state == "streaming":
            return
        self._editor = InlineEditor(
            self.view.message.text, self.reply, self, now=self.view.edited, enter_sends=self.enter_sends()
        )
        self._editor.saved.connect(self._edit_saved)
        self._editor.cancelled.connect(self._edit_cancelled)
        self._editor.resized.connect(self._height_changed)
        self._show_content(False)
        self._editor.show()
        self._height_changed()
        self._editor.start()

    def close_editor(self) -> str:
        """Close the editor; what was typed in it and is not kept anywhere else."""
        if self._editor is None or self.view is None:
            return ""
        typed = self._editor.text()
        self._edit_cancelled()
        return typed if typed != self.view.text else ""

    def editor(self) -> InlineEditor | None:
        """The editor while there is one."""
        return self._editor

    def _edit_saved(self, text: str) -> None:
        self._edit_cancelled()
        self.edited.emit(self.message_id, text)

    def _edit_cancelled(self) -> None:
        self._end_edit()
        self._height_changed()

    def _end_edit(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
            self._show_content(True)
            self.update_row()

    def _show_content(self, shown: bool) -> None:
        self.body.setVisible(shown)
        if self._row is not None:
            self._row.setVisible(shown)

    def _details(self, shown: bool) -> None:
        """Show or hide the details (of replies)."""

    def _height_changed(self) -> None:
        if self.view is not None:
            self.height_changed.emit(self.message_id)

    # -- events -----------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        self._lively = True
        self.update_row()

    def leaveEvent(self, event: QEvent) -> None:
        self._lively = False
        self.update_row()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # A click needs no ring; the keyboard does.
        self.ringed = event.reason() != Qt.FocusReason.MouseFocusReason
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.ringed = False
        self.focused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        alt, control = (
            modifiers & Qt.KeyboardModifier.AltModifier,
            modifiers & Qt.KeyboardModifier.ControlModifier,
        )
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -2, Qt.Key.Key_End: 2}
        branches = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        view = self.view
        if view is None:
            super().keyPressEvent(event)
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.reply and view.message.state == "done":
            self.row().rate(1 if key == Qt.Key.Key_Up else -1)
        elif plain and key in steps:
            self.step_requested.emit(steps[Qt.Key(key)])
        elif plain and key in branches and view.sibling_count > 1:
            step = branches[Qt.Key(key)]
            if 0 <= view.sibling_index + step < view.sibling_count:
                self.branch_requested.emit(self.message_id, step)
        elif control and key == Qt.Key.Key_C:
            self.copy()
        elif control and key == Qt.Key.Key_R and self.reply:
            self.regenerate_requested.emit(self.message_id)
        elif plain and key == Qt.Key.Key_F2:
            self.edit()
        else:
            super().keyPressEvent(event)
