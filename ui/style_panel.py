"""Your style: what has been learned from the ratings, in words; what can be done with it; and the last ratings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from assistant.learning.style_queries import Evidence, LearnedTrait
from assistant.learning_records import word_of
from ui import theme
from ui.learning.trait_page import TraitPage
from ui.learning.trait_row import TraitRow
from ui.learning.trait_words import ends, is_shown
from ui.ratings.words import LastRating, PanelData, rating_icon, said_of, score_text, version_name
from ui.theme import tokens
from ui.theme.focus import follow_layout
from ui.theme.switch import Switch
from ui.theme.widgets import Button, IconLabel, clear, label
from ui.versions.trend_chart import TrendChart

_WIDTH = 288
_TRAITS = 6


class StylePanel(QWidget):
    open_wanted = Signal(str, str)  # conversation id, message id
    style_switched = Signal(bool)
    learn_wanted = Signal()
    practise_wanted = Signal()
    compare_wanted = Signal()
    versions_wanted = Signal()
    ratings_wanted = Signal()
    card_wanted = Signal()
    texts_wanted = Signal()
    trait_wanted = Signal(object)  # LearnedTrait: its ratings are to be shown (``show_trait``)
    corrected = Signal(str, object)  # trait name, weight or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Your style"))
        self.fit(0)
        self.trait_page = TraitPage(self)
        self.trait_page.back_wanted.connect(self.show_overview)
        self.trait_page.corrected.connect(self.corrected)
        self.trait_page.open_wanted.connect(self.open_wanted)
        self._traits: dict[str, LearnedTrait] = {}
        self._pages = QStackedWidget(self)
        self._pages.setAccessibleName(self.tr("Your style"))
        self._overview = self._scrolled(self._make_overview())
        self._detail = self._scrolled(self.trait_page)
        self._pages.addWidget(self._overview)
        self._pages.addWidget(self._detail)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GRID * 2, tokens.GRID * 2, tokens.GRID, tokens.GRID)
        column.setSpacing(tokens.GRID)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, tokens.GRID, 0)
        top.addWidget(label(self.tr("Your style"), "title", self), 1)
        column.addLayout(top)
        # Not in the corner: the button that opens the panel was there a moment ago.
        self.switch = Switch(self)
        self.switch.setAccessibleName(self.tr("Use my style"))
        self.switch.clicked.connect(self.style_switched)
        use = QHBoxLayout()
        use.setContentsMargins(0, 0, tokens.GRID, 0)
        use.setSpacing(tokens.GRID)
        use.addWidget(self.switch)
        use.addWidget(label(self.tr("Use my style"), parent=self), 1)
        column.addLayout(use)
        column.addWidget(self._pages, 1)

    def _make_overview(self) -> QWidget:
        inner = QWidget(self)
        inner.setAccessibleName(self.tr("Your style"))
        self._line = label("", "strong", inner, wrap=True)
        self._line.hide()
        self._version = label("", "muted", inner, wrap=True)
        self._score = label("", "caption", inner, wrap=True)
        self._trend = QVBoxLayout()
        self._traits_title = label(self.tr("What you like"), "section", inner)
        self._trait_list = QVBoxLayout()
        self._trait_list.setSpacing(0)
        self._no_trait = label("", "caption", inner, wrap=True)
        self.tell = Button(self.tr("Add a preference"), inner, kind="link", icon="plus")
        self.tell.setProperty("align", "left")
        self._menu = QMenu(self.tell)
        self._menu.setAccessibleName(self.tr("Traits"))
        self.tell.clicked.connect(self._open_menu)
        self.learn = Button(self.tr("Learn now"), inner, kind="primary", icon="sparkle")
        self.learn.clicked.connect(self.learn_wanted)
        self.practise = Button(self.tr("Train longer"), inner, kind="link")
        self.practise.setProperty("align", "left")
        self.practise.clicked.connect(self.practise_wanted)
        self._waiting = label("", "caption", inner, wrap=True)
        self._counts = QHBoxLayout()
        self._count_labels = {
            kind: self._count(kind, text, inner)
            for kind, text in (
                ("thumb-up", self.tr("Good replies")),
                ("thumb-down", self.tr("Bad replies")),
                ("edit", self.tr("Replies you edited")),
            )
        }
        self._counts.addStretch(1)
        self.card = Button(self.tr("Style card"), inner, kind="nav", icon="edit")
        self.texts = Button(self.tr("Write like me"), inner, kind="nav", icon="pen")
        self.ratings = Button(self.tr("My ratings"), inner, kind="nav", icon="star")
        self.compare = Button(self.tr("Compare blind"), inner, kind="nav", icon="compare")
        self.versions = Button(self.tr("Versions"), inner, kind="nav", icon="clock")
        self.card.clicked.connect(self.card_wanted)
        self.texts.clicked.connect(self.texts_wanted)
        self.ratings.clicked.connect(self.ratings_wanted)
        self.compare.clicked.connect(self.compare_wanted)
        self.versions.clicked.connect(self.versions_wanted)
        self._list_title = label(self.tr("Recent ratings"), "section", inner)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.GRID)
        column.addWidget(self._line)
        column.addWidget(self._version)
        column.addWidget(self._score)
        column.addLayout(self._trend)
        column.addSpacing(tokens.HALF)
        column.addWidget(self._traits_title)
        column.addLayout(self._trait_list)
        column.addWidget(self._no_trait)
        column.addWidget(self.tell)
        column.addSpacing(tokens.HALF)
        column.addWidget(self.learn)
        column.addWidget(self.practise)
        column.addWidget(self._waiting)
        column.addSpacing(tokens.HALF)
        for button in (self.card, self.texts, self.compare, self.versions, self.ratings):
            column.addWidget(button)
        column.addLayout(self._counts)
        column.addWidget(self._list_title)
        column.addLayout(self._list)
        column.addStretch(1)
        return inner

    def _scrolled(self, inner: QWidget) -> QScrollArea:
        scroller = QScrollArea(self)
        scroller.setAccessibleName(inner.accessibleName())
        scroller.setWidgetResizable(True)
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setWidget(inner)
        scroller.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        inner.setContentsMargins(0, 0, tokens.GRID, 0)
        return scroller

    def fit(self, room: int) -> None:
        """As wide as its words need at the present zoom, two fifths of ``room`` pixels at most (0: no limit)."""
        wanted = theme.current().px(_WIDTH)
        self.setFixedWidth(max(_WIDTH, min(wanted, round(0.4 * room))) if room else wanted)

    # --- showing ------------------------------------------------------------------------------------------

    def show_data(self, data: PanelData) -> None:
        """What the store says."""
        self._say(self._line, self.tr("The style {0}").format(data.line) if data.line else "")
        self._line.setVisible(bool(data.line))
        self._say(self._version, self._version_text(data))
        self._say(self._score, score_text(data.score))
        self._score.setVisible(bool(self._score.text()))
        for kind, count in (("thumb-up", data.up), ("thumb-down", data.down), ("edit", data.edits)):
            self._count_labels[kind].setText(str(count))
        if not data.count:
            waiting = self.tr("Rate replies with the thumbs below them. Your ratings are listed here.")
        elif not data.pending:
            waiting = self.tr("All your ratings have been learned from.")
        else:
            waiting = self.tr("%n rating(s) have not been learned from yet.", "", data.pending)
            if data.until_learning is not None:
                waiting += " " + self.tr("It learns automatically after %n more.", "", data.until_learning)
        self._say(self._waiting, waiting)
        clear(self._trend)
        if data.trend is not None:
            self._trend.addWidget(TrendChart(data.trend, self, low=True))
        self._show_traits(data)
        self._list_title.setVisible(bool(data.last))
        clear(self._list)
        for last in data.last:
            self._list.addWidget(self._row(last))
        follow_layout(self)

    def show_switch(self, on: bool) -> None:
        self.switch.setChecked(on)

    def set_can_learn(self, can: bool, why: str = "") -> None:
        self.learn.setEnabled(can)
        self.learn.setToolTip(why)
        self.practise.setEnabled(can)
        self.practise.setToolTip(
            why or self.tr("Several rounds of practice on your own prompts. This takes a few minutes.")
        )

    def show_trait(self, trait: LearnedTrait, evidence: list[Evidence]) -> None:
        """The page of one trait."""
        self.trait_page.show_trait(trait, evidence)
        follow_layout(self)
        if self._pages.currentWidget() is not self._detail:
            self._pages.setCurrentWidget(self._detail)
            self.trait_page.back.setFocus()

    def show_overview(self) -> None:
        self._pages.setCurrentWidget(self._overview)

    def trend_chart(self) -> TrendChart | None:
        """The chart of the style over its versions, where there is one."""
        item = self._trend.itemAt(0)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, TrendChart) else None

    @property
    def open_trait(self) -> str:
        """The trait whose page is open."""
        trait = self.trait_page.trait
        return trait.name if trait is not None and self._pages.currentWidget() is self._detail else ""

    def trait_rows(self) -> list[TraitRow]:
        """The lines of learned traits, the most telling first."""
        items = [self._trait_list.itemAt(at) for at in range(self._trait_list.count())]
        return [w for item in items if item is not None and isinstance(w := item.widget(), TraitRow)]

    def _show_traits(self, data: PanelData) -> None:
        learned = data.learned.traits if data.learned is not None else ()
        self._traits = {trait.name: trait for trait in learned}
        clear(self._trait_list)
        shown = [trait for trait in learned if is_shown(trait)][:_TRAITS]
        for trait in shown:
            row = TraitRow(trait, self)
            row.clicked.connect(lambda _on=False, trait=trait: self.trait_wanted.emit(trait))
            self._trait_list.addWidget(row)
        self._say(self._no_trait, self.tr("No clear preference yet. Rate a few more replies."))
        self._no_trait.setVisible(not shown)

    def _open_menu(self) -> None:
        self._menu.clear()
        for trait in sorted(self._traits.values(), key=lambda trait: ends(trait.name)):
            if word_of(trait.name) and not is_shown(trait):
                continue  # one word of many, and no more than a guess
            more, less = ends(trait.name)
            action = self._menu.addAction(self.tr("{0} or {1}").format(more, less))
            action.triggered.connect(lambda _on=False, trait=trait: self.trait_wanted.emit(trait))
        self._menu.popup(self.tell.mapToGlobal(self.tell.rect().bottomLeft()))

    def _version_text(self, data: PanelData) -> str:
        if data.off:
            return self.tr("Off in this chat: the original model writes the replies.")
        if data.style is not None:
            return self.tr("{0}, learned from {1} of your ratings").format(
                version_name(data.style, data.number), len(data.style.ratings_used)
            )
        if data.learned is not None and any(is_shown(trait) for trait in data.learned.traits):
            return self.tr("Not trained yet. Your ratings already guide the choice of words.")
        return self.tr("No style has been learned yet. The original model writes the replies.")

    def _row(self, last: LastRating) -> QWidget:
        row = Button(_short(last.reply), self, kind="nav", icon=rating_icon(last.rating))
        row.setToolTip(last.reply)
        row.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row.setAccessibleName(f"{said_of(last.rating)}: {last.reply}")
        row.setEnabled(bool(last.conversation_id))
        row.clicked.connect(
            lambda _on=False: self.open_wanted.emit(last.conversation_id, last.rating.message_id or "")
        )
        return row

    def _count(self, icon: str, text: str, parent: QWidget) -> QLabel:
        number = label("0", "strong", parent)
        number.setAccessibleName(text)
        number.setToolTip(text)
        self._counts.addWidget(IconLabel(icon, text, parent))
        self._counts.addWidget(number)
        self._counts.addSpacing(tokens.GRID)
        return number

    def _say(self, part: QLabel, text: str) -> None:
        part.setText(text)
        part.setAccessibleName(text)


def _short(text: str) -> str:
    return text if len(text) <= 26 else text[:25].rstrip() + "…"
