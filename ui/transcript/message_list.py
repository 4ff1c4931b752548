"""A list of any number of messages of which only those near the view exist as widgets.

Heights of the others are estimated from their length and corrected when they are first laid out. Whatever changes its
height, the message being read stays where it is; the view follows the end only when it is already there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from ui import theme
from ui.theme import tokens
from ui.transcript.actions import HEIGHT
from ui.transcript.heights import Heights
from ui.transcript.message_view import MessageView
from ui.transcript.message_widget import MessageWidget
from ui.transcript.ring import Ring

_MARGIN = 24  # pixels at both sides of the column, at least
_GAP = 10  # between messages
_TOP = 24  # above the first and below the last message
_AT_END = 4  # pixels from the end that still count as being there
_SPARE = 12  # widgets kept out of sight, ready to be shown again
_PASSES = 8  # of measuring in one arrangement


class MessageList(QAbstractScrollArea):
    """The scrolled column. ``make`` builds a widget for a role (True: a reply)."""

    at_end_changed = Signal(bool)
    arranged = Signal()  # what is laid out, or where it is, may have changed

    def __init__(self, make: Callable[[QWidget, bool], MessageWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._views: list[MessageView] = []
        self._index: dict[str, int] = {}
        self._heights = Heights()
        self._measured: set[str] = set()  # ids whose height is known at this width
        self._widgets: dict[str, MessageWidget] = {}  # of the messages laid out
        self._spare: list[
            MessageWidget
        ] = []  # hidden, oldest first; may be shown again or given another message
        self._value = 0  # pixels of the column above the view
        self._following = True
        self._arranging = False
        self._pending = QTimer(self, singleShot=True, interval=0)
        self._pending.timeout.connect(self.arrange)
        self._ring = Ring(self.viewport(), filled=False)
        self._mark = Ring(self.viewport(), filled=True)
        self._marked = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().setAccessibleName(self.tr("Scroll the conversation"))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    # -- content ----------------------------------------------------------------------------------

    def views(self) -> Sequence[MessageView]:
        """All messages."""
        return self._views

    def view_of(self, message_id: str) -> MessageView | None:
        """The message of that id."""
        at = self._index.get(message_id)
        return None if at is None else self._views[at]

    def widget_of(self, message_id: str) -> MessageWidget | None:
        """Its widget, if it is laid out."""
        return self._widgets.get(message_id)

    def widgets(self) -> list[MessageWidget]:
        """The widgets laid out, from the top."""
        return sorted(self._widgets.values(), key=lambda widget: self._index[widget.message_id])

    def replace_all(self, views: Sequence[MessageView]) -> None:
        """Show other messages: at the same place if it is the same conversation, else at the end."""
        anchor = self._anchor()
        focused = next((self._index[key] for key, widget in self._widgets.items() if widget.hasFocus()), -1)
        same = bool(views and self._views) and (
            views[0].message.conversation_id == self._views[0].message.conversation_id
        )
        for widget in self._widgets.values():
            self._retire(widget)
        self._widgets.clear()
        known = (
            {
                view.message.id: self._heights[at]
                for at, view in enumerate(self._views)
                if view.message.id in self._measured
            }
            if same
            else {}
        )
        self._views = list(views)
        self._index = {view.message.id: at for at, view in enumerate(self._views)}
        self._measured &= known.keys() & self._index.keys()
        estimate = self._estimator()
        self._heights = Heights(known.get(view.message.id) or estimate(view) for view in self._views)
        if same and anchor is not None and anchor[0] in self._index and not self._following:
            self._value = max(0, self._heights.before(self._index[anchor[0]]) - anchor[1])
        else:
            self._set_following(True)
        self.arrange()
        if same and 0 <= focused < len(self._views):  # another version of the message that had the focus
            other = self._widgets.get(self._views[focused].message.id)
            if other is not None:
                other.setFocus(Qt.FocusReason.TabFocusReason)

    def append(self, view: MessageView) -> None:
        """Add a message at the end."""
        self._index[view.message.id] = len(self._views)
        self._views.append(view)
        self._heights.append(self._estimator()(view))
        self.arrange()

    def update_view(self, view: MessageView) -> None:
        """Show another state of a message."""
        at = self._index[view.message.id]
        self._views[at] = view
        widget = self._widgets.get(view.message.id)
        if widget is not None:
            widget.show_view(view)
        else:
            self._spare = [spare for spare in self._spare if not self._drop(spare, view.message.id)]
        self._measured.discard(view.message.id)
        self.arrange()

    def set_text(self, message_id: str, text: str) -> None:
        """Note the text of a reply being written; whoever writes it draws it."""
        at = self._index[message_id]
        self._views[at] = replace(self._views[at], message=replace(self._views[at].message, text=text))
        widget = self._widgets.get(message_id)
        if widget is not None:
            widget.view = self._views[at]

    def remeasure(self, message_id: str) -> None:
        """A message may have another height now; arranged soon."""
        self._measured.discard(message_id)
        # Started anew each time, it would wait until a long message is complete, and then measure it all.
        if not self._arranging and not self._pending.isActive():
            self._pending.start()

    def restyle(self) -> None:
        """The theme or zoom has changed: measure and draw everything again."""
        for spare in self._spare:
            spare.deleteLater()
        self._spare.clear()
        anchor = self._anchor()
        self._estimate_again()
        for widget in self._widgets.values():
            widget.restyle()
        if anchor is not None and not self._following:
            self._value = self._heights.before(self._index[anchor[0]]) - anchor[1]
        self.arrange()

    # -- where it stands --------------------------------------------------------------------------

    def is_at_end(self) -> bool:
        """Whether the end is in sight, and followed."""
        return self._following

    def to_end(self) -> None:
        """Go to the end and follow it."""
        self._set_following(True)
        self.arrange()

    def bring(self, message_id: str) -> None:
        """Bring a message into view, its beginning a little below the top."""
        at = self._index[message_id]
        if at not in self._visible() or self._top(at) < 0:
            self._set_following(False)
            self._value = max(0, self._heights.before(at) - theme.current().px(_GAP))
            self.arrange()
            # Its neighbours have been measured now; put it where it was meant to be.
            self._value = max(0, self._heights.before(at) - theme.current().px(_GAP))
            self.arrange()
        self._note_end()

    def first_visible(self) -> int:
        """The first message that is in sight (0 if there is none)."""
        visible = self._visible()
        return next((at for at in visible if self._top(at) + self._heights[at] > 0), visible.start)

    def bring_part(self, message_id: str, top: int, height: int) -> None:
        """Bring a part of a message that is laid out into view: ``top`` and ``height`` in its widget, in pixels."""
        room, margin = self.viewport().height(), theme.current().px(_TOP)
        above = self._top(self._index[message_id]) + top
        if above < margin or above + height > room - margin:
            self._set_following(False)
            # In the upper third, where there is something to read before it.
            self._value = max(0, self._value + above - room // 3)
            self.arrange()
            self._note_end()

    def bring_top(self, message_id: str) -> None:
        """Put the beginning of a message near the top of the view, if it does not fit below the one before."""
        self.arrange()
        at = self._index[message_id]
        if self._heights[at] + self._top(at) > self.viewport().height() or self._top(at) < 0:
            self._set_following(False)
            for _ in range(2):  # neighbours may have another height once they are laid out
                self._value = max(0, self._heights.before(at) - theme.current().px(_GAP))
                self.arrange()

    # -- layout -----------------------------------------------------------------------------------

    def column(self) -> tuple[int, int]:
        """Left edge and width of the column of text in the viewport, in pixels."""
        now = theme.current()
        room = self.viewport().width()
        width = max(120, min(now.px(tokens.TEXT_WIDTH), room - 2 * min(now.px(_MARGIN), room // 16)))
        return max(0, (room - width) // 2), width

    def arrange(self) -> None:
        """Lay out what is near the view, keep what is read in its place, and set the scroll bar."""
        if self._arranging:
            return
        self._arranging = True
        self._pending.stop()
        try:
            self._arrange()
        finally:
            self._arranging = False
        self.arranged.emit()

    def _arrange(self) -> None:
        left, width = self.column()
        room = self.viewport().height()
        anchor = self._anchor()
        visible = range(0)
        for _ in range(_PASSES):
            if self._following:
                self._value = self._end()
            self._value = max(0, min(self._value, self._end()))
            visible = self._visible()
            changed = False
            for at in visible:
                changed |= self._measure(at, width)
            if not changed:
                break
            if not self._following and anchor is not None:
                self._value = self._heights.before(self._index[anchor[0]]) - anchor[1]
        if self._following:
            self._value = self._end()
        self._value = max(0, min(self._value, self._end()))
        wanted = {self._views[at].message.id for at in visible}
        for message_id in [key for key in self._widgets if key not in wanted]:
            widget = self._widgets[message_id]
            if widget.is_busy() or widget.has_focus_inside():
                wanted.add(message_id)  # stays alive out of sight
            else:
                del self._widgets[message_id]
                self._retire(widget)
        now_gap = theme.current().px(_GAP)
        last = len(self._views) - 1
        for message_id, widget in self._widgets.items():
            at = self._index[message_id]
            if message_id not in self._measured:
                self._measure(at, width)
            widget.setGeometry(left, self._top(at), width, self._heights[at] - now_gap)
            widget.set_last(at == last)
            if widget.isHidden():
                widget.show()
        self._place_rings()
        self._set_bar(room)
        self._order_focus()

    def _measure(self, at: int, width: int) -> bool:
        """Make the widget of item ``at`` if need be and learn its height; true if that was news."""
        view = self._views[at]
        message_id = view.message.id
        widget = self._widgets.get(message_id)
        if widget is None:
            widget = self._widget_for(view)
            self._widgets[message_id] = widget
        elif message_id in self._measured:
            return False
        height = widget.height_for(width) + theme.current().px(_GAP)
        self._measured.add(message_id)
        if height == self._heights[at]:
            return False
        self._heights.set(at, height)
        return True

    def _widget_for(self, view: MessageView) -> MessageWidget:
        reply = view.message.role != "user"
        for widget in self._spare:
            if widget.message_id == view.message.id and widget.reply == reply:
                self._spare.remove(widget)
                if widget.view != view:
                    widget.show_view(view)
                return widget
        if len(self._spare) >= _SPARE:
            for widget in self._spare:
                if widget.reply == reply:
                    self._spare.remove(widget)
                    widget.show_view(view)
                    return widget
        made = self._make(self.viewport(), reply)
        made.step_requested.connect(lambda step: self._step(made, step))
        made.height_changed.connect(self.remeasure)
        made.focused.connect(self._place_rings)
        made.show_view(view)
        return made

    def mark(self, message_id: str) -> None:
        """Draw attention to a message (a search hit); an empty id: to none."""
        self._marked = message_id
        self._place_rings()

    def _place_rings(self) -> None:
        marked = self._widgets.get(self._marked)
        ringed = next(
            (widget for widget in self._widgets.values() if widget.ringed and widget.editor() is None), None
        )
        for ring, around in ((self._mark, marked), (self._ring, ringed)):
            if around is None:
                ring.hide()
            else:
                ring.surround(around.geometry())

    def _retire(self, widget: MessageWidget) -> None:
        widget.hide()
        self._spare.append(widget)
        if len(self._spare) > 2 * _SPARE:
            self._spare.pop(0).deleteLater()

    @staticmethod
    def _drop(widget: MessageWidget, message_id: str) -> bool:
        if widget.message_id != message_id:
            return False
        widget.deleteLater()
        return True

    def _visible(self) -> range:
        """Items that are in sight by what is known of their heights."""
        if not self._views:
            return range(0)
        padding = theme.current().px(_TOP)
        first = self._heights.at(max(0, self._value - padding))
        last = self._heights.at(max(0, self._value - padding + self.viewport().height()))
        return range(first, last + 1)

    def _anchor(self) -> tuple[str, int] | None:
        """A message in sight that is laid out already, and where its top is: it must not move."""
        visible = self._visible()
        for at in visible:
            if self._views[at].message.id in self._measured:
                return self._views[at].message.id, self._heights.before(at) - self._value
        return (
            (self._views[visible[0]].message.id, self._heights.before(visible[0]) - self._value)
            if visible
            else None
        )

    def _top(self, at: int) -> int:
        return self._heights.before(at) - self._value + theme.current().px(_TOP)

    def _end(self) -> int:
        """The value of the scroll bar at the end."""
        total = self._heights.total + 2 * theme.current().px(_TOP) - theme.current().px(_GAP)
        return max(0, total - self.viewport().height())

    def _set_bar(self, room: int) -> None:
        bar = self.verticalScrollBar()
        bar.blockSignals(True)
        bar.setRange(0, self._end())
        bar.setPageStep(room)
        bar.setSingleStep(theme.current().px(48))
        bar.setValue(self._value)
        bar.blockSignals(False)
        # Signals were off: the bar must still learn that it has to be drawn or hidden.
        bar.update()
        if bar.isVisible() == (self._end() == 0):
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _order_focus(self) -> None:
        """Tab goes through the messages from the top."""
        ordered = self.widgets()
        for above, below in pairwise(ordered):
            if (
                above.nextInFocusChain() is not below
                and self._last_inside(above).nextInFocusChain() is not below
            ):
                QWidget.setTabOrder(self._last_inside(above), below)

    @staticmethod
    def _last_inside(widget: QWidget) -> QWidget:
        last = widget
        following = widget.nextInFocusChain()
        while following is not None and widget.isAncestorOf(following):
            last, following = following, following.nextInFocusChain()
        return last

    def _estimator(self) -> Callable[[MessageView], int]:
        """A guess of heights from lengths, for messages never laid out at this width."""
        now = theme.current()
        _, width = self.column()
        line = now.px(tokens.TYPE_BODY) * 1.75
        per_line = max(10, int(width / (now.px(tokens.TYPE_BODY) * 0.52)))
        fixed = now.px(HEIGHT + _GAP + 28)
        picture = now.px(260)

        def estimate(view: MessageView) -> int:
            text = view.text
            lines = len(text) / per_line + 0.6 * text.count("\n", 0, 4000) + 1
            return int(fixed + line * lines + (picture if view.message.attachments else 0))

        return estimate

    def _estimate_again(self) -> None:
        estimate = self._estimator()
        self._measured.clear()
        self._heights = Heights(estimate(view) for view in self._views)

    # -- events -----------------------------------------------------------------------------------

    def _scrolled(self, value: int) -> None:
        self._value = value
        self._set_following(value >= self._end() - _AT_END)
        self.arrange()
        if not self._following:
            self._note_end()

    def _note_end(self) -> None:
        self._set_following(self._value >= self._end() - _AT_END)

    def _set_following(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.at_end_changed.emit(following)

    def resizeEvent(self, event: QResizeEvent) -> None:
        anchor = self._anchor()
        if event.oldSize().width() != event.size().width():
            self._estimate_again()
            if anchor is not None and not self._following:
                self._value = self._heights.before(self._index[anchor[0]]) - anchor[1]
        self.arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Messages are moved by ``arrange``."""

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The background is the page's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_End:
            self.to_end()
        elif key == Qt.Key.Key_Home:
            self.verticalScrollBar().setValue(0)
        else:
            super().keyPressEvent(event)

    def _step(self, widget: MessageWidget, step: int) -> None:
        """Move the focus to another message."""
        at = self._index.get(widget.message_id)
        if at is None:
            return
        target = {-2: 0, 2: len(self._views) - 1}.get(step, at + step)
        if 0 <= target < len(self._views):
            self.focus_message(self._views[target].message.id)

    def focus_message(self, message_id: str) -> None:
        """Give a message the focus and bring it into view."""
        self.bring(message_id)
        widget = self._widgets.get(message_id)
        if widget is not None:
            widget.setFocus(Qt.FocusReason.TabFocusReason)

    def _focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        """Buttons follow the focus; what is focused by Tab comes into view."""
        for widget in list(self._widgets.values()):
            inside = now is not None and (now is widget or widget.isAncestorOf(now))
            was = old is not None and (old is widget or widget.isAncestorOf(old))
            if inside and not was:
                widget.update_row()
            elif was and not inside:
                # Afterwards: a button that is hidden now would look as if it had lost the focus by that (ui/focus_home.py).
                QTimer.singleShot(0, widget, widget.update_row)
            if inside and not was and now is widget:
                top = self._top(self._index[widget.message_id])
                if top + widget.height() < 0 or top > self.viewport().height():
                    self.bring(widget.message_id)
