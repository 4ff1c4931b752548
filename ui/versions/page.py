"""The timeline of the style: a card a version with its gate report, to use, roll back to, name, export or delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from assistant.services.styles import VersionRow
from ui.dates import date_text
from ui.page import Page
from ui.ratings.words import score_text, version_name
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.focus import follow_layout
from ui.theme.widgets import Button, clear, label
from ui.versions.figures import figures
from ui.versions.trend_chart import TrendChart
from ui.versions.trend_data import trends


class VersionsPage(Page):
    use_wanted = Signal(object)  # version id; None: the original model
    rename_wanted = Signal(str, str)
    delete_wanted = Signal(str)
    export_wanted = Signal(str)
    import_wanted = Signal()
    compare_wanted = Signal(str)
    list_wanted = Signal()
    line_chosen = Signal(str)  # the style whose versions are to be shown
    remove_wanted = Signal(str)  # a named style

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("VersionsPage", "Versions of your style"), parent)
        self.line = ""  # the style whose versions are shown; empty: the user's own
        self.which = Choice(self)
        self.which.setAccessibleName(self.tr("Style"))
        self.which.setMinimumWidth(200)
        self.which.currentIndexChanged.connect(self._choose_line)
        self.remove = ConfirmButton(self.tr("Remove this style"), self._loss, self)
        self.remove.confirmed.connect(lambda: self.remove_wanted.emit(self.line))
        self._lines = QWidget(self)
        self._lines.setAccessibleName(self.tr("Styles"))
        lines = QHBoxLayout(self._lines)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.which)
        lines.addStretch(1)
        lines.addWidget(self.remove)
        self._lines.hide()
        self.column.addWidget(self._lines)
        self._note = label("", "muted", self, wrap=True)
        self.off = Button(self.tr("Use the original model"), self)
        self.off.setToolTip(self.tr("The original model writes the replies. Versions and ratings are kept."))
        self.off.clicked.connect(lambda: self.use_wanted.emit(None))
        take = Button(self.tr("Import…"), self, icon="folder")
        take.setToolTip(self.tr("A folder with a PEFT LoRA adapter for this model"))
        take.clicked.connect(self.import_wanted)
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addWidget(self._note, 1)
        row.addWidget(self.off)
        row.addWidget(take)
        self.column.addLayout(row)
        self._trends = QFrame(self)
        self._trends.setProperty("role", "card")
        self._trends.setAccessibleName(self.tr("Trend over versions"))
        charts = QHBoxLayout(self._trends)
        charts.setContentsMargins(tokens.GRID * 2, tokens.GRID + tokens.HALF, tokens.GRID * 2, tokens.GRID)
        charts.setSpacing(tokens.GRID * 2)
        self._trends.hide()
        self.column.addWidget(self._trends)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(tokens.GRID * 2)
        self.column.addLayout(self._cards)
        self.column.addStretch(1)
        self.rows: tuple[VersionRow, ...] = ()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit()

    def set_line(self, line: str) -> None:
        """Show the versions of this style from now on."""
        if line != self.line:
            self.line = line
            if self.isVisible():
                self.line_chosen.emit(line)

    def show_lines(self, lines: Sequence[str], shown: str) -> None:
        """The named styles there are, and whose versions are shown."""
        self.line = shown
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItem(self.tr("My own style"), "")
        for line in lines:
            self.which.addItem(line, line)
        self.which.setCurrentIndex(max(0, self.which.findData(shown)))
        self.which.blockSignals(False)
        self._lines.setVisible(bool(lines))
        self.remove.setVisible(bool(shown))

    def _loss(self) -> Loss:
        versions = self.tr("%n version(s)", "", len(self.rows))
        return Loss(
            self.tr("Remove the style “{0}”?").format(self.line),
            (self.tr("Its name and what it learned: {0}.").format(versions),),
            self.tr("Remove"),
            stays=self.tr("Your ratings and conversations stay. This cannot be undone."),
            typed=True,
        )

    def _choose_line(self) -> None:
        self.set_line(self.which.currentData() or "")

    def show_versions(self, rows: Sequence[VersionRow]) -> None:
        self.rows = tuple(rows)
        used = next((row for row in rows if row.in_use), None)
        if not rows:
            note = self.tr("No version yet. Rate a few replies, good and bad, then choose “Learn now”.")
        elif used is None:
            note = self.tr("None is in use. The original model writes the replies.")
        else:
            note = self.tr("{0} is in use.").format(version_name(used.version, used.number))
        self._note.setText(note)
        self._note.setAccessibleName(note)
        self.off.setEnabled(used is not None)
        self._show_trends(rows)
        clear(self._cards)
        for row in rows:
            self._cards.addWidget(VersionCard(row, used.number if used else 0, self))
        follow_layout(self)

    def charts(self) -> list[TrendChart]:
        return [chart for chart in self._trends.findChildren(TrendChart) if not chart.isHidden()]

    def _show_trends(self, rows: Sequence[VersionRow]) -> None:
        layout = self._trends.layout()
        assert layout is not None
        clear(layout)
        found = trends(rows)
        for trend in found:
            layout.addWidget(TrendChart(trend, self._trends))
        self._trends.setVisible(bool(found))

    def cards(self) -> list[VersionCard]:
        items = [self._cards.itemAt(at) for at in range(self._cards.count())]
        return [w for item in items if item is not None and isinstance(w := item.widget(), VersionCard)]


class VersionCard(QFrame):
    def __init__(self, row: VersionRow, used_number: int, page: VersionsPage) -> None:
        super().__init__(page)
        version = row.version
        self.row = row
        name = version_name(version, row.number)
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self._page = page
        self.title = QLineEdit(name, self)
        self.title.setProperty("kind", "name")
        self.title.setReadOnly(True)
        self.title.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title.setAccessibleName(self.tr("Name of this version"))
        self.title.setMaxLength(60)
        self.title.editingFinished.connect(self._renamed)
        state, role = self._state()
        chip = label(state, role, self)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(chip)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            tokens.GRID * 2, tokens.GRID + tokens.HALF, tokens.GRID * 2, tokens.GRID * 2
        )
        column.setSpacing(tokens.HALF)
        column.addLayout(top)
        column.addWidget(label(self._made(), "caption", self, wrap=True))
        for text, kind in (
            (self._reason(), ""),
            (self._figures(), "caption"),
            (score_text(row.score), "caption"),
            (self._gone(), "caption"),
        ):
            if text:
                column.addWidget(label(text, kind, self, wrap=True))
        column.addSpacing(tokens.HALF)
        column.addLayout(self._buttons(used_number))

    def _state(self) -> tuple[str, str]:
        if self.row.in_use:
            return self.tr("In use"), "chip-accent"
        if self.row.version.state == "rejected":
            return self.tr("Not used"), "chip"
        return self.tr("Ready"), "chip"

    def _buttons(self, used_number: int) -> QHBoxLayout:
        row, page = self.row, self._page
        version = row.version
        buttons = QHBoxLayout()
        buttons.setSpacing(tokens.GRID)
        self.use: Button | None = None
        if version.state == "active" and not row.in_use and row.has_files:
            back = row.number < used_number
            self.use = Button(self.tr("Roll back to this") if back else self.tr("Use this"), self)
            self.use.clicked.connect(lambda: page.use_wanted.emit(version.id))
            buttons.addWidget(self.use)
        if row.has_files:
            compare = Button(self.tr("Try it"), self)
            compare.setToolTip(self.tr("Compare with the original model on one of your messages"))
            compare.clicked.connect(lambda: page.compare_wanted.emit(version.id))
            buttons.addWidget(compare)
        rename = Button(self.tr("Rename"), self)
        rename.clicked.connect(self.begin_rename)
        buttons.addWidget(rename)
        if row.has_files:
            export = Button(self.tr("Export…"), self)
            export.clicked.connect(lambda: page.export_wanted.emit(version.id))
            buttons.addWidget(export)
        self.delete = ConfirmButton(self.tr("Delete"), self._loss, self)
        self.delete.confirmed.connect(lambda: page.delete_wanted.emit(version.id))
        buttons.addWidget(self.delete)
        buttons.addStretch(1)
        for at in range(buttons.count()):
            item = buttons.itemAt(at)
            if item is not None and isinstance(button := item.widget(), Button):
                button.setProperty("dense", True)
        return buttons

    def _loss(self) -> Loss:
        return Loss(
            self.tr("Delete {0}?").format(self.title.text()),
            (self.tr("What this version learned."),),
            self.tr("Delete"),
            stays=self.tr("Your ratings and the other versions stay."),
        )

    def begin_rename(self) -> None:
        self.title.setReadOnly(False)
        self.title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title.setFocus()
        self.title.selectAll()

    def _renamed(self) -> None:
        if self.title.isReadOnly():
            return
        self.title.setReadOnly(True)
        self.title.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title.deselect()
        name = self.title.text().strip()
        if name != version_name(self.row.version, self.row.number):
            self._page.rename_wanted.emit(self.row.version.id, name)

    def _made(self) -> str:
        version = self.row.version
        parts = [date_text(version.created_at)]
        if version.report.imported:
            parts.append(self.tr("imported"))
        else:
            parts.append(self.tr("learned from {0} ratings").format(len(version.ratings_used)))
            if version.ratings_held_out:
                parts.append(self.tr("checked with {0} kept aside").format(len(version.ratings_held_out)))
            if seconds := version.report.seconds:
                parts.append(self.tr("took {0} s").format(round(seconds)))
        return " · ".join(parts)

    def _gone(self) -> str:
        if not self.row.gone or self.row.version.state != "active":
            return ""
        return self.tr("Ratings it learned from that were deleted or removed: {0}.").format(self.row.gone)

    def _reason(self) -> str:
        return self.row.version.report.reason

    def _figures(self) -> str:
        found = figures(self.row.version.report)
        words = {
            "agreement": self.tr("agreement with ratings kept aside"),
            "reward": self.tr("reward"),
            "kl": self.tr("KL per token"),
            "perplexity": self.tr("perplexity on general text"),
            "words": self.tr("words per reply"),
            "ended": self.tr("complete replies"),
            "repetition": self.tr("repetition"),
        }
        parts = []
        for name, (after, before) in found.items():
            share = name in ("agreement", "ended", "repetition")
            show = (lambda v: f"{round(100 * v)} %") if share else (lambda v: f"{v:.3g}")
            value = (
                show(after)
                if before is None
                else self.tr("{0} (before: {1})").format(show(after), show(before))
            )
            parts.append(f"{words[name]} {'×' if name == 'perplexity' else ''}{value}")
        return " · ".join(parts)
