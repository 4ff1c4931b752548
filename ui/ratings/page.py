"""My ratings: everything the user has said of replies, what became of it, and a way to take it back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assistant.records import Rating
from ui.dates import date_text
from ui.page import Page
from ui.ratings.data import RatingRow, RatingsData
from ui.ratings.words import rating_icon, said_of
from ui.theme import tokens
from ui.theme.focus import follow_layout
from ui.theme.widgets import Button, IconLabel, clear, label, line

PAGE = 60


class RatingsPage(Page):
    list_wanted = Signal(int)  # at most so many
    open_wanted = Signal(str, str)  # conversation id, message id
    take_back_wanted = Signal(str)  # rating id
    put_back_wanted = Signal(str)
    change_wanted = Signal(object)  # Rating: a thumb to be turned round
    confirm_wanted = Signal()
    unlearn_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("RatingsPage", "My ratings"), parent)
        self.limit = PAGE
        self._note = label("", "muted", self, wrap=True)
        self.column.addWidget(self._note)
        self.unlearn = _Notice(self.tr("Learn again without them"), self)
        self.unlearn.button.clicked.connect(self.unlearn_wanted)
        self.confirm = _Notice(self.tr("Use them for learning"), self)
        self.confirm.button.clicked.connect(self.confirm_wanted)
        self.column.addWidget(self.unlearn)
        self.column.addWidget(self.confirm)
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setAccessibleName(self.tr("Ratings"))
        self._card = card
        self._list = QVBoxLayout(card)
        self._list.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID * 2, tokens.GRID)
        self._list.setSpacing(0)
        self.column.addWidget(card)
        card.hide()  # until the ratings are read
        self.more = Button(self.tr("Show more"), self)
        self.more.clicked.connect(self._more)
        self.column.addWidget(self.more)
        self.more.hide()
        self.column.addStretch(1)
        self.rows: tuple[RatingRow, ...] = ()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit(self.limit)

    def show_ratings(self, data: RatingsData) -> None:
        self.rows = data.rows
        if data.total:
            note = self.tr("%n rating(s), the newest first.", "", data.total)
        else:
            note = self.tr("None yet. Use the thumbs below a reply, or Alt+Up and Alt+Down.")
        self._note.setText(note)
        self._note.setAccessibleName(note)
        still = {row.still_in for row in data.rows if row.still_in}
        self.unlearn.say(
            self.tr("{0} learned from ratings that you removed.").format(next(iter(still))) if still else ""
        )
        self.confirm.say(
            self.tr("%n imported rating(s) teach nothing until you say so.", "", data.unconfirmed)
            if data.unconfirmed
            else ""
        )
        clear(self._list)
        for at, row in enumerate(data.rows):
            if at:
                self._list.addWidget(line(self))
            self._list.addWidget(RatingLine(row, self))
        self._card.setVisible(bool(data.rows))
        self.more.setVisible(data.total > len(data.rows))
        follow_layout(self)

    def lines(self) -> list[RatingLine]:
        items = [self._list.itemAt(at) for at in range(self._list.count())]
        return [w for item in items if item is not None and isinstance(w := item.widget(), RatingLine)]

    def _more(self) -> None:
        self.limit += PAGE
        self.list_wanted.emit(self.limit)


class RatingLine(QWidget):
    """One rating: what was rated, how and why, what became of it; to be changed or taken back."""

    def __init__(self, row: RatingRow, page: RatingsPage) -> None:
        super().__init__(page)
        rating = row.rating
        self.row = row
        self.setAccessibleName(f"{said_of(rating)}: {row.reply}")
        token = "accent" if rating.withdrawn_at is None else "muted"
        icon = IconLabel(rating_icon(rating), said_of(rating), self, token=token)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.open = Button(_short(row.prompt or row.reply, 36), self, kind="link")
        self.open.setProperty("align", "left")
        self.open.setAccessibleName(self.tr("Open: {0}").format(row.prompt or row.reply))
        self.open.setEnabled(bool(row.conversation_id))
        self.open.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.open.clicked.connect(lambda: page.open_wanted.emit(row.conversation_id, rating.message_id or ""))
        words.addWidget(self.open)
        words.addWidget(_text(_short(row.reply, 140), "", self))
        teaches = self.tr("for the style {0}").format(rating.line) if rating.line else ""
        facts = [said_of(rating), rating.note, date_text(rating.created_at), teaches, row.fate]
        self.facts = _text(" · ".join(part for part in facts if part), "caption", self)
        words.addWidget(self.facts)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        box.setSpacing(tokens.GRID + tokens.HALF)
        box.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(words, 1)
        self.change = Button(self.tr("Reverse"), self)
        self.change.setToolTip(self.tr("Change good to bad, or bad to good"))
        self.change.clicked.connect(lambda: page.change_wanted.emit(rating))
        self.change.setVisible(_can_turn(rating))
        if rating.withdrawn_at is None:
            self.back = Button(self.tr("Remove rating"), self)
            self.back.clicked.connect(lambda: page.take_back_wanted.emit(rating.id))
        else:
            self.back = Button(self.tr("Restore rating"), self)
            self.back.clicked.connect(lambda: page.put_back_wanted.emit(rating.id))
        for button in (self.change, self.back):
            button.setProperty("dense", True)
            box.addWidget(button)


class _Notice(QFrame):
    def __init__(self, action: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner-info")
        self.setAccessibleName(self.tr("Notice"))
        self._text = label("", parent=self, wrap=True)
        self.button = Button(action, self)
        self.button.setProperty("dense", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.GRID, tokens.GRID, tokens.GRID)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        self.hide()

    def say(self, text: str) -> None:
        self._text.setText(text)
        self._text.setAccessibleName(text or self.tr("Notice"))
        self.setVisible(bool(text))


def _can_turn(rating: Rating) -> bool:
    return rating.kind == "thumb" and rating.withdrawn_at is None and rating.message_id is not None


def _text(text: str, role: str, parent: QWidget) -> QLabel:
    made = label(text, role, parent, wrap=True)
    made.setAccessibleName(text or "-")
    return made


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
