"""The transcript of one conversation: what the window puts messages into and hears wishes from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from assistant.records import Message
from assistant.token_attribution import Word
from ui import theme
from ui.markdown import highlight
from ui.theme.widgets import IconButton
from ui.transcript import announce
from ui.transcript.message_list import MessageList
from ui.transcript.message_view import MessageView
from ui.transcript.message_widget import MessageWidget
from ui.transcript.pictures import Thumbnails
from ui.transcript.question import QuestionWidget
from ui.transcript.reply import ReplyWidget

FLUSH_MS = 33  # between two drawings of a reply being written: 30 Hz
_REST = 4  # a drawing that took t is followed by at least this many t without one
_MARK_MS = 1600


class TranscriptView(QWidget):
    """Shows the messages of a branch, from the root to its leaf, and the reply being written.

    All ids are message ids. ``rate_requested`` carries the thumb pressed, 1 or -1; the one already given
    means that the user takes it back.
    """

    rate_requested = Signal(str, int)
    edit_requested = Signal(str, str)
    edit_closed = Signal(str)  # an editor was closed by another action: what was typed in it
    regenerate_requested = Signal(str)
    continue_requested = Signal(str)
    original_requested = Signal(str)  # the reply of the original model to the same message
    style_off_requested = Signal(str)  # the same, and no style in this chat from now on
    branch_requested = Signal(str, int)
    reasons_told = Signal(str, str)  # why a reply was rated as it was
    stars_requested = Signal(str, int)
    details_requested = Signal(str)  # what the ratings say of a reply (``show_why``)
    pair_settled = Signal(str, str)  # of two replies: the better one, the other one
    pair_skipped = Signal(str)
    words_requested = Signal(str)  # what the style did to the words of a reply (``show_words``)
    rule_requested = Signal(str, float)  # a reason made into a rule: trait, weight
    copy_done = Signal(str)
    open_image_requested = Signal(str)
    link_requested = Signal(str)
    at_end_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Conversation"))
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._thumbnails = Thumbnails(self)
        self.enter_sends = True  # in the editor of a question
        self._list = MessageList(self._make, self)
        self._list.setAccessibleName(self.tr("Messages"))
        self._list.at_end_changed.connect(self._at_end_changed)
        self._to_end = _FloatButton("arrow-down", self.tr("Go to the latest message"), self, side=36)
        self._to_end.clicked.connect(self._list.to_end)
        self._to_end.hide()
        self._arrived: dict[str, list[str]] = {}  # message id -> text not drawn yet
        self._flush_timer = QTimer(self, singleShot=True)
        self._flush_timer.timeout.connect(self.flush)
        self._flush_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._last_cost_s = 0.0
        self._unmark = QTimer(self, singleShot=True, interval=_MARK_MS)
        self._unmark.timeout.connect(self._clear_marks)
        theme.signals().changed.connect(self._restyle)

    # -- messages ---------------------------------------------------------------------------------

    def show_messages(self, views: Sequence[MessageView]) -> None:
        """Show these messages instead of what is there: at the end, or where it stood in the same conversation."""
        self._arrived.clear()
        self._list.replace_all(views)
        self._place_button()

    def messages(self) -> Sequence[MessageView]:
        """The messages shown."""
        return self._list.views()

    def add_message(self, view: MessageView) -> None:
        """Add a message at the end; one of the user's own is scrolled to."""
        self._list.append(view)
        if view.message.role == "user":
            self._list.to_end()

    def begin_reply(self, view: MessageView) -> None:
        """Add (or restart) a reply that is about to be written."""
        view = replace(view, message=replace(view.message, state="streaming"))
        if self._list.view_of(view.message.id) is None:
            self._list.append(view)
        else:
            self._list.update_view(view)
        announce.say(self, self.tr("Attune is writing"))
        # The model is still reading the prompt: time for what would hold up the first words.
        QTimer.singleShot(0, self, highlight.warm_up)
        widget = self._list.widget_of(view.message.id)
        if widget is not None:
            QTimer.singleShot(0, widget.body, widget.body.prepare)

    def note_answered(self, message_ids: Sequence[str]) -> None:
        """Messages stand under these by now: none of them can be continued any more."""
        for message_id in message_ids:
            view = self._list.view_of(message_id)
            if view is not None and view.can_continue:
                self._list.update_view(replace(view, can_continue=False))

    def append_text(self, message_id: str, text: str) -> None:
        """More text of a reply being written; drawn at most thirty times a second."""
        view = self._list.view_of(message_id)
        if view is None or not text:
            return
        self._arrived.setdefault(message_id, []).append(text)
        if not self._flush_timer.isActive():
            self._flush_timer.start(max(FLUSH_MS, int(1000 * _REST * self._last_cost_s)))

    def finish_reply(self, view: MessageView) -> None:
        """The reply is complete, or as complete as it will be; it is read to screen readers."""
        self.flush()
        view = replace(view, message=replace(view.message, state="done"))
        if self._list.view_of(view.message.id) is None:
            self._list.append(view)
        else:
            self._list.update_view(view)
        widget = self._list.widget_of(view.message.id)
        spoken = widget.spoken() if widget is not None else " ".join((view.text, view.message.error))
        announce.say(self, self.tr("Attune: %s") % spoken)

    def offer_pair(self, view: MessageView, left: Message, right: Message) -> None:
        """The reply is complete and there is a second one: both side by side, and a question."""
        self.flush()
        shown = replace(view, message=replace(view.message, state="done"), pair=(left, right))
        self.update_message(shown)
        self._list.bring_top(view.message.id)
        said = self.tr("Which reply do you prefer? Reply A: {0}. Reply B: {1}.")
        announce.say(self, said.format(left.text, right.text))

    def choose_offered(self, at: int) -> bool:
        """Of the two replies that wait for a choice, prefer A (0) or B (1); False if there are none."""
        waiting = self.offered()

        def choose(widget: MessageWidget) -> None:
            if isinstance(widget, ReplyWidget):
                widget.choose(at)

        self._with_widget(self._list.view_of(waiting), choose)
        return bool(waiting)

    def offered(self) -> str:
        """Id of the reply that is shown beside another one, waiting for a choice; empty: none."""
        return next((view.message.id for view in self._list.views() if view.pair), "")

    def update_message(self, view: MessageView) -> None:
        """Show another state of a message (rating, recognition, branches); an unknown one is added."""
        before = self._list.view_of(view.message.id)
        if before is None:
            self.add_message(view)
            return
        if before.text == view.text:
            # What was worked out for the details does not go stale with a thumb.
            view = replace(
                view,
                why=view.why or before.why,
                style_effect=view.style_effect or before.style_effect,
                words=view.words or before.words,
                end=view.end or before.end,
                words_note=view.words_note or before.words_note,
            )
        if before.message.state == view.message.state == "streaming":
            # The text drawn so far is at least as new as what the caller read from the store.
            view = replace(view, message=replace(view.message, text=before.message.text))
        self._list.update_view(view)
        if view.note and view.note != before.note:
            announce.say(self, view.note)

    def show_note(self, message_id: str, note: str) -> None:
        """Say quietly under a reply what a rating did."""
        view = self._list.view_of(message_id)
        if view is not None:
            self.update_message(replace(view, note=note))

    def show_style_effect(self, message_id: str, effect: str) -> None:
        """Say quietly under a reply what the style did to it."""
        view = self._list.view_of(message_id)
        if view is not None and view.style_effect != effect:
            self.update_message(replace(view, style_effect=effect))

    def show_why(self, message_id: str, why: str) -> None:
        """Add to a reply's details what the ratings say of it."""
        view = self._list.view_of(message_id)
        if view is not None:
            self.update_message(replace(view, why=why))

    def show_words(
        self, message_id: str, words: Sequence[Word] = (), end: tuple[float, ...] = (), note: str = ""
    ) -> None:
        """Colour the words of a reply by what the style did to them, or say in ``note`` why not."""
        view = self._list.view_of(message_id)
        if view is not None:
            self._list.update_view(replace(view, words=tuple(words), end=end, words_note=note))
            if note:
                announce.say(self, note)

    def ask_reasons(self, message_id: str, asks: bool) -> None:
        """Ask, or stop asking, why a reply was rated as it was."""
        for view in list(self._list.views()):
            wanted = asks and view.message.id == message_id
            if view.asks != wanted:
                self.update_message(replace(view, asks=wanted))

    # -- moving about -----------------------------------------------------------------------------

    def scroll_to_end(self) -> None:
        """Go to the end and follow it from now on."""
        self._list.to_end()

    def is_at_end(self) -> bool:
        """Whether the end is in sight and followed."""
        return self._list.is_at_end()

    def scroll_to(self, message_id: str) -> None:
        """Bring a message into view and mark it for a moment (a search hit)."""
        if self._list.view_of(message_id) is None:
            return
        self._list.bring(message_id)
        self._list.mark(message_id)
        self._unmark.start()

    # -- keyboard commands of the window ----------------------------------------------------------

    def current_reply(self) -> MessageView | None:
        """The reply with the focus, else the last one."""
        for widget in self._list.widgets():
            if widget.reply and widget.view is not None and widget.has_focus_inside():
                return widget.view
        return next((view for view in reversed(self._list.views()) if view.message.role == "assistant"), None)

    def rate_current(self, value: int) -> None:
        """Ask for a thumb up (1) or down (-1) on the current reply; the same again takes it back."""
        view = self.current_reply()
        if view is not None and view.message.state == "done" and not view.pair:
            self.rate_requested.emit(view.message.id, value)

    def regenerate_current(self) -> None:
        """Ask for another version of the current reply."""
        view = self.current_reply()
        if view is not None and view.message.state == "done" and not view.pair:
            for widget in self._list.widgets():
                if typed := widget.close_editor():
                    self.edit_closed.emit(typed)
            self.regenerate_requested.emit(view.message.id)

    def copy_current(self) -> None:
        """Copy the current reply."""
        self._with_widget(self.current_reply(), MessageWidget.copy)

    def copy_last_code(self) -> None:
        """Copy the last code block of the current reply."""

        def copy(widget: MessageWidget) -> None:
            code = widget.body.last_code()
            if code is not None:
                code.copy()

        self._with_widget(self.current_reply(), copy)

    def edit_last_question(self) -> None:
        """Edit the user's last message in its place."""
        view = next((view for view in reversed(self._list.views()) if view.message.role == "user"), None)
        self._with_widget(view, MessageWidget.edit)

    def _with_widget(self, view: MessageView | None, action: object) -> None:
        if view is None or not callable(action):
            return
        if self._list.widget_of(view.message.id) is None:
            self._list.bring(view.message.id)
        widget = self._list.widget_of(view.message.id)
        if widget is not None:
            action(widget)

    # -- inside -----------------------------------------------------------------------------------

    def message_list(self) -> MessageList:
        """The scrolled list, for tests and for the window's focus order."""
        return self._list

    def flush(self) -> None:
        """Draw the text that has arrived."""
        self._flush_timer.stop()
        if not self._arrived:
            return
        start = time.perf_counter()
        arrived, self._arrived = self._arrived, {}
        for message_id, pieces in arrived.items():
            view = self._list.view_of(message_id)
            if view is None:
                continue
            more = "".join(pieces)
            self._list.set_text(message_id, view.message.text + more)
            widget = self._list.widget_of(message_id)
            if isinstance(widget, ReplyWidget):
                widget.append(more)
                widget.advance()
                self._list.remeasure(message_id)
        self._list.arrange()
        self._last_cost_s = time.perf_counter() - start

    def _make(self, parent: QWidget, reply: bool) -> MessageWidget:
        made = ReplyWidget(parent) if reply else QuestionWidget(parent, self._thumbnails)
        made.enter_sends = lambda: self.enter_sends
        made.rated.connect(self.rate_requested)
        made.edited.connect(self.edit_requested)
        made.regenerate_requested.connect(self.regenerate_requested)
        made.continue_requested.connect(self.continue_requested)
        made.original_requested.connect(self.original_requested)
        made.style_off_requested.connect(self.style_off_requested)
        made.branch_requested.connect(self.branch_requested)
        made.reasons_told.connect(self.reasons_told)
        made.starred.connect(self.stars_requested)
        made.rule_requested.connect(self.rule_requested)
        made.details_requested.connect(self.details_requested)
        made.words_requested.connect(self.words_requested)
        made.pair_settled.connect(self.pair_settled)
        made.pair_skipped.connect(self.pair_skipped)
        made.reasons_closed.connect(lambda message_id: self.ask_reasons(message_id, False))
        made.copied.connect(self.copy_done)
        made.picture_requested.connect(self.open_image_requested)
        made.link_requested.connect(self.link_requested)
        return made

    def _at_end_changed(self, at_end: bool) -> None:
        self._to_end.setVisible(not at_end)
        self._to_end.raise_()
        self.at_end_changed.emit(at_end)

    def _clear_marks(self) -> None:
        self._list.mark("")

    def _restyle(self) -> None:
        self._list.restyle()
        self._place_button()

    def _place_button(self) -> None:
        side = self._to_end.sizeHint().width()
        side = max(side, self._to_end.width())
        self._to_end.move(QPoint((self.width() - side) // 2, self.height() - side - theme.current().px(12)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._list.setGeometry(self.rect())
        self._place_button()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._restyle()


class _FloatButton(IconButton):
    """A round button that lies over the text."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        focused = self.hasFocus()
        painter.setPen(QPen(theme.colour("accent" if focused else "border"), 2 if focused else 1))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "raised"))
        painter.drawEllipse(area)
        side = self.iconSize().width()
        self.icon().paint(painter, (self.width() - side) // 2, (self.height() - side) // 2, side, side)
        painter.end()
