"""The row of buttons under a message: branches, copy, regenerate, edit, thumbs, details."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QWidget

from assistant.records import ReplyDetails
from ui import theme
from ui.theme import tokens
from ui.theme.widgets import IconButton, label
from ui.transcript.message_view import MessageView

HEIGHT = 36  # pixels
COPIED_MS = 1600  # that a button says "Copied"
_SIDE = 30
_GAP = 2


class ActionRow(QWidget):
    """Buttons of one message; quiet until the message is hovered, focused, rated or the last one."""

    copy_requested = Signal()
    regenerate_requested = Signal()
    edit_requested = Signal()
    rated = Signal(int)  # the thumb pressed: 1 or -1; the one already given means that it is taken back
    branch_requested = Signal(int)  # -1, +1
    details_toggled = Signal(bool)

    def __init__(self, parent: QWidget, reply: bool) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Actions for this message"))
        self._reply = reply
        self._right = not reply
        self._rating: int | None = None
        self._buttons: list[IconButton] = []
        self._previous = self._button("chevron-left", self.tr("Previous version"), self.tr("Left"))
        self._count = label("", "caption", self)
        self._next = self._button("chevron-right", self.tr("Next version"), self.tr("Right"))
        self.copy = self._button("copy", self.tr("Copy message"), "Ctrl+C")
        self.regenerate = self._button("regenerate", self.tr("Regenerate"), "Ctrl+R")
        self.edit = self._button("edit", self.tr("Edit reply") if reply else self.tr("Edit message"), "F2")
        self.up = self._button("thumb-up", self.tr("Good reply"), "Alt+Up", checked="accent")
        self.down = self._button("thumb-down", self.tr("Bad reply"), "Alt+Down", checked="accent")
        self.details = self._button("info", self.tr("Details of this reply"), checked="accent")
        self._note = label("", "caption", self)
        self._previous.clicked.connect(lambda: self.branch_requested.emit(-1))
        self._next.clicked.connect(lambda: self.branch_requested.emit(1))
        self.copy.clicked.connect(self.copy_requested)
        self.regenerate.clicked.connect(self.regenerate_requested)
        self.edit.clicked.connect(self.edit_requested)
        self.up.clicked.connect(lambda: self._thumb(1))
        self.down.clicked.connect(lambda: self._thumb(-1))
        self.details.toggled.connect(self.details_toggled)
        self._shown: set[QWidget] = set()
        self._copied = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._copied.timeout.connect(lambda: self.show_copied(False))

    def show_copied(self, copied: bool) -> None:
        """The button that copied says so for a moment."""
        self.copy.set_icon("check" if copied else "copy", "success" if copied else "muted")
        self.copy.set_text(
            self.tr("Copied") if copied else self.tr("Copy message"), "" if copied else "Ctrl+C"
        )
        if copied:
            self._copied.start()
        else:
            self._copied.stop()

    def show_state(self, view: MessageView, lively: bool, busy: bool) -> None:
        """Which buttons stand here. ``lively``: the message has the mouse, the focus, or is the last one."""
        self._rating = view.rating
        for button, value in ((self.up, 1), (self.down, -1)):
            button.setChecked(view.rating == value)
        branches = view.sibling_count > 1
        self._count.setText(f"{view.sibling_index + 1}/{view.sibling_count}")
        self._count.setAccessibleName(
            self.tr("Version %1 of %2")
            .replace("%1", str(view.sibling_index + 1))
            .replace("%2", str(view.sibling_count))
        )
        self._previous.setEnabled(view.sibling_index > 0)
        self._next.setEnabled(view.sibling_index + 1 < view.sibling_count)
        self._note.setText(view.note if self._reply else "")
        self._note.setAccessibleName(view.note or self.tr("Note"))
        shown: set[QWidget] = set()
        if branches:
            shown |= {self._previous, self._count, self._next}
        if lively and not busy:
            shown |= {self.copy, self.edit}
            if self._reply:
                shown |= {self.regenerate, self.up, self.down}
                if view.message.generation is not None:
                    shown.add(self.details)
        if self._reply and not busy:
            if view.rating is not None:
                shown.add(self.up if view.rating > 0 else self.down)
            if self.details.isChecked():
                shown.add(self.details)
            if view.note:
                shown.add(self._note)
        self._shown = shown
        for widget in (*self._buttons, self._count, self._note):
            widget.setVisible(widget in shown)
        self._place()

    def rate(self, value: int) -> None:
        """As if the thumb had been pressed."""
        self._thumb(value)

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _thumb(self, value: int) -> None:
        # The thumb is only shown as pressed once the rating has been stored.
        for button, its in ((self.up, 1), (self.down, -1)):
            button.setChecked(self._rating == its)
        self.rated.emit(value)

    def _button(self, icon: str, text: str, shortcut: str = "", checked: str | None = None) -> IconButton:
        made = IconButton(
            icon, text, self, size=tokens.ICON_SMALL, side=_SIDE, shortcut=shortcut, checked_token=checked
        )
        made.hide()
        self._buttons.append(made)
        return made

    def _place(self) -> None:
        """Buttons keep their places whether their neighbours show or not, so nothing jumps under the mouse."""
        gap, side = theme.current().px(_GAP), theme.current().px(_SIDE)
        count = self._count.sizeHint().width()
        order: list[tuple[QWidget, int]] = []
        if self._previous in self._shown:
            order += [(self._previous, side), (self._count, count), (self._next, side)]
        order += [(self.copy, side)]
        order += [(self.regenerate, side)] if self._reply else []
        order += [(self.edit, side)]
        order += [(self.up, side), (self.down, side), (self.details, side)] if self._reply else []
        wide = sum(width + gap for _, width in order) - gap
        left = self.width() - wide if self._right else 0
        top = (self.height() - side) // 2
        for widget, width in order:
            widget.setGeometry(left, top, width, side)
            left += width + gap
        self._note.setGeometry(left + 3 * gap, top, max(0, self.width() - left - 3 * gap), side)


class Details(QLabel):
    """How a reply came to be, in one line: only shown when asked for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "caption")
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_generation(self, view: MessageView) -> None:
        """Take the words from ``view.message.generation``."""
        made = view.message.generation
        if made is None:
            self.setText("")
            return
        style = view.style_name or (self.tr("style %s") % made.style if made.style else self.tr("no style"))
        parts = [
            made.model,
            style,
            self.tr("%s tokens per second") % f"{made.tokens_per_s:.0f}",
            self.tr("1 token")
            if made.completion_tokens == 1
            else self.tr("%s tokens") % made.completion_tokens,
            self.tr("first token after %s s") % f"{made.ttft_s:.2f}",
            self.tr("prompt %s") % made.prompt_tokens,
            self.tr("seed %s") % made.seed,
        ]
        lines = [" · ".join(parts), *self._steering(made.details), view.why, view.words_note]
        text = "\n".join(line for line in lines if line)
        self.setText(text)
        self.setAccessibleName(self.tr("Details of this reply") + ": " + text)

    def _steering(self, details: ReplyDetails) -> list[str]:
        """What the ratings did while the reply was written."""
        lines = []
        guided = details.guided_steps
        if guided:
            said = self.tr("Your ratings changed %n word choice(s).", "", guided)
            words = details.guided_words
            if words:
                there = ", ".join(word or self.tr("the end") for word in words)
                more = ", …" if guided > len(words) else ""
                said += " " + self.tr("Words chosen: %s") % (there + more)
            lines.append(said)
        elif guided is not None:
            lines.append(self.tr("Your ratings did not change any words."))
        if details.style_card:
            lines.append(self.tr("The model was told: %s") % details.style_card)
        if details.best_of is not None:
            candidates = details.best_of.candidates
            lines.append(self.tr("The best of %n replies by your ratings:", "", len(candidates)))
            for at, candidate in enumerate(candidates):
                text = " ".join(candidate.text.split())
                shown = text if len(text) <= 70 else text[:69] + "…"
                mark = "→" if at == details.best_of.chosen else "   "
                lines.append(f"{mark} {candidate.score:+.2f}  {shown}")
        return lines
