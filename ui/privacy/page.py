"""Every kind of data Attune keeps: how much, where, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.services.library import DataReport
from ui.page import Page, Section
from ui.sizes import size_text
from ui.theme import tokens
from ui.theme.confirm import ConfirmButton, Loss
from ui.theme.widgets import Button, label

Texts = tuple[str, str, str]  # title, what it is, the question before erasing ("": cannot be erased here)


class PrivacyPage(Page):
    report_wanted = Signal()
    export_wanted = Signal(str)  # kind
    erase_wanted = Signal(str)  # kind, or "everything"
    snapshots_wanted = Signal()
    backup_wanted = Signal()
    open_backup_wanted = Signal()
    problem_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("PrivacyPage", "Data and privacy"), parent)
        self._folders: dict[str, str] = {}
        self._facts: dict[str, QLabel] = {}
        self.erase: dict[str, ConfirmButton] = {}
        self.note = label("", "muted", self, wrap=True)
        self.note.hide()
        self.column.addWidget(
            label(
                self.tr(
                    "Everything below is kept in one folder on this computer, and the snapshots in another beside it. "
                    "Only you can read them. Attune sends none of it anywhere."
                ),
                "muted",
                self,
                wrap=True,
            )
        )
        self.column.addWidget(self.note)
        section = Section(self.tr("What is kept"), self)
        for kind, texts in self._kinds().items():
            section.add(self._row(kind, *texts))
        self.column.addWidget(section)
        whole = Section(self.tr("Everything"), self)
        self.back_up = Button(self.tr("Back up…"), self)
        self.back_up.clicked.connect(self.backup_wanted)
        whole.add_row(
            self.tr("Back up to one file"),
            self.back_up,
            self.tr("Everything but models and logs, encrypted if you like."),
        )
        self.open_backup = Button(self.tr("Restore…"), self)
        self.open_backup.clicked.connect(self.open_backup_wanted)
        whole.add_row(
            self.tr("Restore a backup"), self.open_backup, self.tr("What is here now is kept aside.")
        )
        whole.add(
            self._row(
                "everything",
                self.tr("Erase everything"),
                self.tr(
                    "Conversations, pictures, ratings, styles, backups, snapshots and logs are erased from every file. "
                    "Models and settings stay."
                ),
                self.tr("Erase everything Attune knows about you?"),
            )
        )
        self.column.addWidget(whole)
        trouble = Section(self.tr("If something goes wrong"), self)
        self.problem = Button(self.tr("Show…"), self)
        self.problem.clicked.connect(self.problem_wanted)
        trouble.add_row(
            self.tr("Report a problem"),
            self.problem,
            self.tr(
                "Versions, settings, sizes and the log, without anything you wrote. Read it before you send it."
            ),
        )
        self.column.addWidget(trouble)
        self.column.addStretch(1)

    def _kinds(self) -> dict[str, Texts]:
        return {
            "database": (
                self.tr("Conversations"),
                self.tr("What you and the model wrote, drafts and presets, in one database."),
                self.tr("Erase all conversations?"),
            ),
            "ratings": (
                self.tr("Ratings"),
                self.tr("Your ratings, your style card and texts of your own, in the same database."),
                self.tr("Erase all ratings, the style card and your own texts?"),
            ),
            "attachments": (
                self.tr("Pictures and sounds you attached"),
                self.tr("Without metadata. Erased with their conversations."),
                "",
            ),
            "styles": (
                self.tr("Learned styles"),
                self.tr("Every version, also those that are not used."),
                self.tr("Erase all versions?"),
            ),
            "models": (self.tr("Models"), self.tr("They contain none of your data."), ""),
            "logs": (
                self.tr("Logs"),
                self.tr("What Attune did and when. They never contain what you write."),
                self.tr("Erase the logs?"),
            ),
            "backups": (
                self.tr("Backups"),
                self.tr("Copies of the database of the last days."),
                self.tr("Erase all backups?"),
            ),
            "snapshots": (
                self.tr("Snapshots"),
                self.tr("Earlier states of all of it, beside the data folder, to bring back what was lost."),
                self.tr("Erase all snapshots?"),
            ),
            "other": (
                self.tr("Settings and other files"),
                self.tr("Preferences, window size, lock files."),
                "",
            ),
        }

    def _row(self, kind: str, title: str, what: str, question: str) -> QWidget:
        row = QWidget(self)
        row.setAccessibleName(title)
        words = QWidget(row)
        words.setAccessibleName(title)
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label(title, "strong", words))
        column.addWidget(label(what, "caption", words, wrap=True))
        box = QHBoxLayout(row)
        box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        box.setSpacing(tokens.GRID)
        box.addWidget(words, 1)
        if kind != "everything":
            facts = self._facts[kind] = label("…", "caption", words, wrap=True)
            column.addWidget(facts)
            if kind != "ratings":
                show = Button(self.tr("Open"), row)
                show.setAccessibleName(self.tr("Open the folder of: {0}").format(title))
                show.clicked.connect(lambda _on=False, kind=kind: self._open(kind))
                show.setProperty("dense", True)
                box.addWidget(show)
        if kind == "snapshots":
            look = Button(self.tr("Show"), row)
            look.setAccessibleName(self.tr("Show the snapshots"))
            look.setProperty("dense", True)
            look.clicked.connect(self.snapshots_wanted)
            box.addWidget(look)
        if kind in ("database", "ratings"):
            export = Button(self.tr("Export…"), row)
            export.setProperty("dense", True)
            export.clicked.connect(lambda _on=False, kind=kind: self.export_wanted.emit(kind))
            box.addWidget(export)
        if question:
            erase = ConfirmButton(self.tr("Erase…"), lambda: self._loss(kind, question), row)
            erase.setAccessibleName(self.tr("Erase: {0}").format(title))
            erase.setProperty("dense", True)
            erase.confirmed.connect(lambda kind=kind: self.erase_wanted.emit(self._way(kind)))
            self.erase[kind] = erase
            box.addWidget(erase)
        return row

    def _way(self, kind: str) -> str:
        """Conversations go into the trash unless they are to be erased at once."""
        return "trash" if kind == "database" and not self.erase[kind].option else kind

    def _loss(self, kind: str, question: str) -> Loss:
        """What erasing ``kind`` takes, with how much of it there is now."""
        kinds = ("database", "ratings", "attachments", "styles", "backups", "snapshots", "logs")
        if kind == "database":  # backups and snapshots hold them as well
            parts = ("database", "ratings", "attachments", "backups", "snapshots")
            goes = [self._amount(part) for part in parts]
        elif kind == "everything":
            goes = [self._amount(part) for part in kinds]
        elif kind == "ratings":
            goes = [self._amount(part) for part in ("ratings", "backups", "snapshots")]
        elif kind == "styles":
            goes = [self._amount(part) for part in ("styles", "snapshots")]
        else:
            goes = [self._amount(kind)]
        stays = {
            "everything": self.tr("Models and settings stay."),
            "styles": self.tr("Your ratings stay, so a style can be learned again."),
            "backups": self.tr("The conversations themselves stay."),
            "snapshots": self.tr("The conversations themselves stay."),
        }.get(kind, "")
        more = self.tr("This cannot be undone.")
        option = ""
        if kind == "database":
            more = self.tr("They stay in the trash for 30 days and can be restored from there.")
            option = self.tr("Erase now, for good: also from backups and the trash")
        return Loss(
            question,
            tuple(goes),
            self.tr("Erase"),
            stays=f"{stays} {more}".strip(),
            typed=kind != "logs",
            option=option,
        )

    def _amount(self, kind: str) -> str:
        title, facts = self._kinds()[kind][0], self._facts[kind].text().rsplit(" · ", 1)[0]
        return f"{title}: {facts}" if kind in self._folders or kind == "ratings" else title

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.report_wanted.emit()

    def show_report(self, report: DataReport) -> None:
        """Sizes measured on another thread."""
        for kept in report.kept:
            text = f"{size_text(kept.size_bytes)} · {Path(kept.path).name}"
            if kept.kind == "database":
                text = self.tr("%n conversation(s)", "", report.conversations) + " · " + text
            elif kept.kind == "styles":
                text = self.tr("%n version(s)", "", report.versions) + " · " + text
            self._say(self._facts[kept.kind], text)
            self._facts[kept.kind].setToolTip(kept.path)
            self._folders[kept.kind] = kept.path
        self._say(
            self._facts["ratings"],
            self.tr("%n rating(s)", "", report.ratings)
            + " · "
            + self.tr("%n corrected trait(s)", "", report.corrections)
            + " · "
            + self.tr("%n text(s) of your own", "", report.own_texts),
        )

    def facts(self, kind: str) -> str:
        return self._facts[kind].text()

    def say(self, text: str) -> None:
        """What was done, in a sentence."""
        self._say(self.note, text)
        self.note.setVisible(bool(text))

    def _say(self, part: QLabel, text: str) -> None:
        part.setText(text)
        part.setToolTip(text)
        part.setAccessibleName(text or "-")

    def _open(self, kind: str) -> None:
        if kind in self._folders:
            path = Path(self._folders[kind])
            folder = path if path.is_dir() else path.parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
