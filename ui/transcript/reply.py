"""A reply of the assistant: Markdown over the whole column, what went wrong with it, and details on demand."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from assistant.files.document import ranges
from assistant.records import FileUse
from ui import theme
from ui.theme import tokens
from ui.theme.widgets import Button, IconLabel, label
from ui.transcript import reasons
from ui.transcript.actions import Details
from ui.transcript.body import Body
from ui.transcript.changes import Changes, EditedNote
from ui.transcript.marked_text import MarkedText
from ui.transcript.message_view import MessageView
from ui.transcript.message_widget import MessageWidget
from ui.transcript.pair import PairChoice
from ui.transcript.style_note import StyleNote
from ui.transcript.word_colours import marks_of

_HEADER = 28  # pixels


class ReplyWidget(MessageWidget):
    """Shows a message of the assistant (or of the system)."""

    reply = True

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = IconLabel("sparkle", self.tr("Attune"), self, token="accent", size=tokens.ICON_SMALL)
        self._name = label(self.tr("Attune"), "section", self)
        self._waiting = label(self.tr("Thinking…"), "muted", self)
        self._hint = label("", "caption", self, wrap=True)
        self._continue: Button | None = None  # behind the hint
        self._problem: _Problem | None = None
        self._edited: EditedNote | None = None
        self._changes: Changes | None = None
        self._style: StyleNote | None = None
        self._info: Details | None = None
        self._reasons: reasons.ReasonRow | None = None
        self._colour: Button | None = None  # in the details: colour the words
        self._pair: PairChoice | None = None  # in the body's place while two replies wait for a choice
        self._marked: MarkedText | None = None  # in the body's place while they are coloured
        self._shown_id = ""
        self._shown_changes = ""

    def who(self) -> str:
        return self.tr("Attune")

    def spoken(self) -> str:
        problem = self.view.message.error if self.view else ""
        return " ".join(part for part in (self.body.spoken(), problem) if part)

    def is_busy(self) -> bool:
        return super().is_busy() or (self.view is not None and self.view.message.state == "streaming")

    def fill(self, view: MessageView) -> None:
        message = view.message
        streaming = message.state == "streaming"
        if message.id == self._shown_id and not streaming and view.text == self.body.source():
            self.body.finish()  # written while it streamed, or drawn before
        elif message.id != self._shown_id or view.text != self.body.source() or self.body.is_finished():
            self.body.set_text(view.text, finished=not streaming)
        if message.id != self._shown_id and self._colour is not None:
            self._colour.setChecked(False)
        self._shown_id = message.id
        self._waiting.setVisible(streaming and not message.text)
        self._fill_problem(message.error, view.can_continue)
        self._fill_continue(view)
        self._fill_changes(view)
        self._fill_style(view)
        hint = self._hint_of(view)
        self._hint.setText(hint)
        self._hint.setAccessibleName(hint or self.tr("Note"))
        self._hint.setVisible(bool(hint))
        if self._info is not None:
            self._info.show_generation(view)
            self._info.setVisible(self.row().details.isChecked())
        self._fill_colours(view)
        self._fill_pair(view)
        self._fill_reasons(view)

    def append(self, text: str) -> None:
        """More of the reply being written; drawn by ``advance``."""
        self.body.append(text)

    def advance(self) -> None:
        """Draw what was appended."""
        if not self._waiting.isHidden():
            self._waiting.hide()
        self.body.advance()

    def content_height(self, width: int) -> int:
        now = theme.current()
        side = now.px(tokens.ICON_SMALL)
        header = now.px(_HEADER)
        self._icon.setGeometry(0, (header - side) // 2, side, side)
        self._name.setGeometry(side + now.px(8), 0, max(0, width - side - now.px(8)), header)
        top = header + now.px(2)
        if not self._waiting.isHidden():
            height = now.px(28)
            self._waiting.setGeometry(0, top, width, height)
            top += height
        text: Body | MarkedText | PairChoice = self.body
        for other in (self._pair, self._marked):
            if other is not None and not other.isHidden():
                text = other
        height = text.height_for(width)
        text.setGeometry(0, top, width, height)
        top += height
        if self._edited is not None and not self._edited.isHidden():
            height = self._edited.sizeHint().height()
            self._edited.setGeometry(0, top + now.px(4), width, height)
            top += height + now.px(4)
        if self._style is not None and not self._style.isHidden():
            height = self._style.sizeHint().height()
            self._style.setGeometry(0, top + now.px(4), width, height)
            top += height + now.px(4)
        if self._changes is not None and not self._changes.isHidden():
            height = self._changes.height_for(width)
            self._changes.setGeometry(0, top + now.px(8), width, height)
            top += height + now.px(8)
        top = self._place_hint(top, width)
        if self._info is not None and not self._info.isHidden() and self._info.text():
            height = self._info.heightForWidth(width)
            self._info.setGeometry(0, top + now.px(8), width, height)
            top += height + now.px(8)
        if self._colour is not None and not self._colour.isHidden():
            height = self._colour.sizeHint().height()
            self._colour.setGeometry(0, top, min(width, self._colour.sizeHint().width()), height)
            top += height
        if self._problem is not None and not self._problem.isHidden():
            gap = now.px(8) if self.body.source() else 0
            height = self._problem.height_for(width)
            self._problem.setGeometry(0, top + gap, width, height)
            top += height + gap
        return top

    def _place_hint(self, top: int, width: int) -> int:
        """How it ended, and behind that (below it where there is no room) the way to go on; where both end."""
        now, gap = theme.current(), theme.current().px(8)
        button = self._continue if self._continue is not None and not self._continue.isHidden() else None
        side = button.sizeHint() if button is not None else QSize()
        hint = not self._hint.isHidden() and bool(self._hint.text())
        if not hint and button is None:
            return top
        top += gap
        left = 0
        if hint:
            metrics = self._hint.fontMetrics()
            left = metrics.horizontalAdvance(self._hint.text()) + now.px(12)
            beside = button is not None and left + side.width() <= width
            height = self._hint.heightForWidth(left if beside else width)
            line = max(height, side.height()) if beside else height
            self._hint.setGeometry(0, top + (line - height) // 2, left if beside else width, height)
            if button is not None and beside:
                button.setGeometry(left, top + (line - side.height()) // 2, side.width(), side.height())
                return top + line
            top += height
        if button is not None:
            button.setGeometry(0, top, min(width, side.width()), side.height())
            top += side.height()
        return top

    def place_below(self, top: int, width: int) -> int:
        if self._reasons is None or self._reasons.isHidden():
            return 0
        height = theme.current().px(reasons.HEIGHT)
        self._reasons.setGeometry(0, top, width, height)
        return height

    def _fill_colours(self, view: MessageView) -> None:
        """The words coloured, if that was asked for and they are there; else the body as ever."""
        button = self._colour
        details = self.row().details.isChecked() if button is not None else False
        if button is not None:
            button.setVisible(details)
            button.setText(
                self.tr("Hide the highlighting")
                if button.isChecked() and view.words
                else self.tr("Highlight words changed by your style")
            )
        coloured = button is not None and button.isChecked() and details and bool(view.words)
        if coloured:
            if self._marked is None:
                self._marked = MarkedText(self)
            style = view.style_name or self.tr("the style")
            self._marked.show_marks(*marks_of(view.words, view.end, style))
        if self._marked is not None:
            self._marked.setVisible(coloured)
            self.body.setVisible(not coloured)

    def _fill_pair(self, view: MessageView) -> None:
        """This reply and another one, side by side; nothing else can be done with it meanwhile."""
        if view.pair is not None and self._pair is None:
            pair = self._pair = PairChoice(self)
            pair.chosen.connect(self.pair_settled)
            pair.skipped.connect(lambda: self.pair_skipped.emit(self.message_id))
            pair.changed.connect(self._height_changed)
            pair.link_requested.connect(self.link_requested)
        if self._pair is None:
            return
        waits = view.pair is not None
        if view.pair is not None:
            self._pair.show_pair(*view.pair)
            self._hint.hide()
        if waits or not self._pair.isHidden():
            self.body.setVisible(not waits)
            self._pair.setVisible(waits)

    def update_row(self) -> None:
        super().update_row()
        if self._row is not None and self.view is not None and self.editor() is None:
            self._row.setVisible(self.view.pair is None)

    def edit(self) -> None:
        if self.view is not None and self.view.pair is None:
            super().edit()

    def restyle(self) -> None:
        if self._pair is not None:
            self._pair.restyle()
        super().restyle()

    def _colour_pressed(self) -> None:
        if self.view is None or self._colour is None:
            return
        if not self.view.words:
            self._colour.setChecked(True)  # they are shown when they come
            self.words_requested.emit(self.message_id)
        self._fill_colours(self.view)
        self._height_changed()

    def _fill_reasons(self, view: MessageView) -> None:
        if view.asks and self._reasons is None:
            row = self._reasons = reasons.ReasonRow(self)
            row.told.connect(lambda note: self.reasons_told.emit(self.message_id, note))
            row.starred.connect(lambda count: self.starred.emit(self.message_id, count))
            row.rule_wanted.connect(self.rule_requested)
            row.closed.connect(lambda: self.reasons_closed.emit(self.message_id))
        if self._reasons is not None:
            if view.asks:
                self._reasons.show_view(view)
            self._reasons.setVisible(view.asks)

    def _fill_continue(self, view: MessageView) -> None:
        """The way to go on, of a reply that was cut off; one that failed has it beside what went wrong."""
        shown = view.can_continue and not view.message.error and view.message.state == "done"
        shown = shown and view.pair is None
        if shown and self._continue is None:
            self._continue = Button(self.tr("Continue"), self, kind="link")
            self._continue.setProperty("dense", True)
            self._continue.setToolTip(self.tr("Continue this reply") + "  (Ctrl+Shift+Return)")
            self._continue.clicked.connect(lambda: self.continue_requested.emit(self.message_id))
        if self._continue is not None:
            self._continue.setVisible(shown)

    def _hint_of(self, view: MessageView) -> str:
        made = view.message.generation
        if made is None:
            return ""
        if view.message.state == "streaming":
            return self.tr("Continuing…")
        parts = []
        if made.finish == "length":
            parts.append(self.tr("Stopped at the length limit."))
        elif made.finish == "cancelled":
            parts.append(self.tr("Stopped by you."))
        if made.dropped_turns:
            one = self.tr("The oldest message did not fit into the context and was left out.")
            many = (
                self.tr("The %s oldest messages did not fit into the context and were left out.")
                % made.dropped_turns
            )
            parts.append(one if made.dropped_turns == 1 else many)
        parts += [self._used(use) for use in made.details.files if use.how != "whole"]
        return " ".join(parts)

    def _used(self, use: FileUse) -> str:
        """What of a file the reply was written to, where that was not all."""
        if use.percent == 0 and not use.pages:
            return self.tr("Nothing of {0} was used.").format(use.name)
        if use.how == "first" and use.total_pages:
            first = self.tr("The first {0} of {1} pages of {2} were used.")
            return first.format(len(use.pages), use.total_pages, use.name)
        if use.how == "first":
            return self.tr("The first {0} % of {1} were used.").format(use.percent, use.name)
        if use.pages:
            best = self.tr("The parts of {0} that match your question best were used (pages {1} of {2}).")
            return best.format(use.name, ranges(use.pages), use.total_pages)
        return self.tr("The parts of {0} that match your question best were used.").format(use.name)

    def _fill_problem(self, sentence: str, can_continue: bool = False) -> None:
        if sentence and self._problem is None:
            self._problem = _Problem(self)
            self._problem.again.clicked.connect(lambda: self.regenerate_requested.emit(self.message_id))
            self._problem.go_on.clicked.connect(lambda: self.continue_requested.emit(self.message_id))
        if self._problem is not None:
            self._problem.show_sentence(sentence)
            self._problem.go_on.setVisible(can_continue)

    def _fill_changes(self, view: MessageView) -> None:
        if view.edited and self._edited is None:
            self._edited = EditedNote(self)
            self._edited.changes_toggled.connect(self._show_changes)
            self._edited.original_wanted.connect(self._use_original)
        if self._edited is not None:
            if view.message.id != self._shown_changes:
                self._edited.show_link(False)
            self._shown_changes = view.message.id
            self._edited.setVisible(bool(view.edited))
            self._show_changes(self._edited.shows and bool(view.edited))

    def _fill_style(self, view: MessageView) -> None:
        """What the style did, of a reply that is shown as it was written."""
        shown = bool(view.style_effect) and not view.edited and view.pair is None
        shown = shown and view.message.state == "done" and self._editor is None
        if shown and self._style is None:
            self._style = StyleNote(self)
            self._style.original_wanted.connect(lambda: self.original_requested.emit(self.message_id))
            self._style.off_wanted.connect(lambda: self.style_off_requested.emit(self.message_id))
        if self._style is not None:
            self._style.show_effect(view.style_effect)
            self._style.setVisible(shown)

    def style_note(self) -> StyleNote | None:
        """What says what the style did, once there was something to say."""
        return self._style

    def _use_original(self) -> None:
        if self.view is not None:
            self.edited.emit(self.message_id, self.view.message.text)

    def _show_changes(self, shown: bool) -> None:
        if shown and self._changes is None:
            self._changes = Changes(self)
        if self._changes is not None and self.view is not None:
            if shown:
                self._changes.show_change(self.view.message.text, self.view.edited)
            self._changes.setVisible(shown)
        self._height_changed()

    def changes(self) -> Changes | None:
        """What the user's version changed, once that was asked for."""
        return self._changes

    def choose(self, at: int) -> None:
        """Of two replies that wait for a choice, this one (0: A, 1: B) is preferred."""
        if self._pair is not None and self.view is not None and self.view.pair is not None:
            self._pair.choose(at)

    def edited_note(self) -> EditedNote | None:
        """What says that the reply is the user's version, once there was one."""
        return self._edited

    def _details(self, shown: bool) -> None:
        if shown and self._info is None:
            self._info = Details(self)
            self._colour = Button("", self, kind="link")
            self._colour.setCheckable(True)
            self._colour.clicked.connect(lambda _on: self._colour_pressed())
        if self._info is not None and self.view is not None:
            self._info.show_generation(self.view)
            self._info.setVisible(shown)
            self._fill_colours(self.view)
            if shown and not self.view.why:
                self.details_requested.emit(self.message_id)
        self._height_changed()

    def _show_content(self, shown: bool) -> None:
        super()._show_content(shown)
        self._icon.setVisible(shown)
        self._name.setVisible(shown)
        view = self.view
        if self._problem is not None:
            self._problem.setVisible(shown and bool(view and view.message.error))
        self._hint.setVisible(shown and bool(self._hint.text()))
        if self._continue is not None:
            self._continue.hide()
            if shown and view is not None:
                self._fill_continue(view)
        if self._edited is not None:
            edited = shown and bool(view and view.edited)
            self._edited.setVisible(edited)
            if self._changes is not None:
                self._changes.setVisible(edited and self._edited.shows)
        if self._style is not None:
            self._style.hide()
            if shown and view is not None:
                self._fill_style(view)
        if self._reasons is not None:
            self._reasons.setVisible(shown and bool(view and view.asks))
        if self._info is not None:
            self._info.setVisible(shown and self.row().details.isChecked())
        if self._colour is not None and view is not None:
            self._fill_colours(view)
            self._colour.setVisible(shown and self.row().details.isChecked())
            if not shown:
                self.body.hide()
                if self._marked is not None:
                    self._marked.hide()


class _Problem(QFrame):
    """Why a reply is incomplete: a sentence and the one thing to do about it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner-danger")
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.again = Button(self.tr("Try again"), self, kind="plain")
        self.again.setProperty("dense", True)
        row = self._row = QHBoxLayout(self)
        side = theme.current().px(12)
        row.setContentsMargins(side, side // 2, side // 2, side // 2)
        row.setSpacing(side)
        row.addWidget(IconLabel("warning", self.tr("Problem"), self, token="danger"))
        self.go_on = Button(self.tr("Continue"), self, kind="plain")
        self.go_on.setProperty("dense", True)
        row.addWidget(self._text, 1)
        row.addWidget(self.go_on)
        row.addWidget(self.again)

    def show_sentence(self, sentence: str) -> None:
        """Show ``sentence``, or nothing when it is empty."""
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def height_for(self, width: int) -> int:
        """Height in pixels when ``width`` pixels wide."""
        self._row.activate()
        return max(self._row.heightForWidth(width), self.minimumSizeHint().height())
