"""The settings: every change takes effect and is saved at once."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from assistant.services.library import DataReport
from assistant.settings import Settings
from ui.i18n import LANGUAGES
from ui.page import Page, Section
from ui.settings.learning import LearningSection
from ui.settings.replies import RepliesSection
from ui.sizes import size_text
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.switch import Switch
from ui.theme.widgets import Button, label


class SettingsPage(Page):
    changed = Signal(object)  # the new Settings
    report_wanted = Signal()
    keys_wanted = Signal()
    export_wanted = Signal()
    import_wanted = Signal()
    data_wanted = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("SettingsPage", "Settings"), parent)
        self._settings = settings
        self._loading = False
        self._report: DataReport | None = None
        for section in (self._look(), self._writing()):
            self.column.addWidget(section)
        self.replies = RepliesSection(settings, self)
        self.replies.changed.connect(lambda changes: self._change(**changes))
        self.column.addWidget(self.replies)
        self.learning = LearningSection(settings, self)
        self.learning.changed.connect(lambda changes: self._change(**changes))
        self.column.addWidget(self.learning)
        for section in (self._data(), self._privacy()):
            self.column.addWidget(section)
        self.column.addStretch(1)
        self.show_settings(settings)

    # --- sections -----------------------------------------------------------------------------------------

    def _look(self) -> Section:
        section = Section(self.tr("Appearance"), self)
        self.theme_box = Choice(self)
        for value, text in (
            ("system", self.tr("Match system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self.theme_box.addItem(text, value)
        self.theme_box.currentIndexChanged.connect(lambda: self._change(theme=self.theme_box.currentData()))
        section.add_row(self.tr("Theme"), self.theme_box)
        self.zoom_box = Choice(self)
        for zoom in tokens.ZOOMS:
            self.zoom_box.addItem(f"{round(zoom * 100)} %", zoom)
        self.zoom_box.currentIndexChanged.connect(lambda: self._change(zoom=self.zoom_box.currentData()))
        section.add_row(self.tr("Text size"), self.zoom_box, self.tr("Or press Ctrl with + or − anywhere."))
        self.language_box = Choice(self)
        self.language_box.addItem(self.tr("Match system"), "")
        for code, name in LANGUAGES.items():
            self.language_box.addItem(name, code)
        self.language_box.currentIndexChanged.connect(
            lambda: self._change(language=self.language_box.currentData())
        )
        section.add_row(self.tr("Language"), self.language_box)
        return section

    def _writing(self) -> Section:
        section = Section(self.tr("Writing"), self)
        self.enter_switch = Switch(self)
        self.enter_switch.toggled.connect(lambda on: self._change(enter_sends=on))
        section.add_row(
            self.tr("Enter sends the message"),
            self.enter_switch,
            self.tr("Shift+Enter starts a new line. When off, Ctrl+Enter sends."),
        )
        self.notify_switch = Switch(self)
        self.notify_switch.toggled.connect(lambda on: self._change(notify_when_done=on))
        section.add_row(
            self.tr("Notify me when a reply is done"),
            self.notify_switch,
            self.tr("Highlights Attune in the taskbar while you use another window."),
        )
        keys = Button(self.tr("Show"), self)
        keys.clicked.connect(self.keys_wanted)
        section.add_row(
            self.tr("Keyboard shortcuts"), keys, self.tr("Attune can be used with the keyboard alone.")
        )
        return section

    def _data(self) -> Section:
        section = Section(self.tr("Your data"), self)
        folder = Button(self.tr("Open"), self, icon="folder")
        folder.clicked.connect(self._open_folder)
        row = section.add_row(self.tr("Data folder"), folder, " ")
        self._folder_text = row.findChildren(type(label("")))[1]
        export = Button(self.tr("Export…"), self, icon="download")
        export.clicked.connect(self.export_wanted)
        section.add_row(
            self.tr("Export everything"),
            export,
            self.tr("Conversations, pictures and ratings in one JSON file."),
        )
        take = Button(self.tr("Import…"), self, icon="folder")
        take.clicked.connect(self.import_wanted)
        section.add_row(
            self.tr("Import from a file"), take, self.tr("Nothing that is already here is changed.")
        )
        return section

    def _privacy(self) -> Section:
        section = Section(self.tr("Privacy"), self)
        promise = label(
            self.tr(
                "Attune runs on this computer. It has no account, sends no usage figures, and opens no "
                "connection by itself."
            ),
            parent=self,
            wrap=True,
        )
        promise.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        section.add(promise)
        look = Button(self.tr("Show"), self)
        look.clicked.connect(self.data_wanted)
        section.add_row(
            self.tr("What is kept"),
            look,
            self.tr("All data by kind, with size and folder. Export or erase it."),
        )
        return section

    # --- showing ------------------------------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        """Set every control; nothing is emitted."""
        self._loading = True
        self._settings = settings
        for box, value in (
            (self.theme_box, settings.theme),
            (self.zoom_box, settings.zoom),
            (self.language_box, settings.language),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.enter_switch.setChecked(settings.enter_sends)
        self.notify_switch.setChecked(settings.notify_when_done)
        self.replies.show_settings(settings)
        self.learning.show_settings(settings)
        self._loading = False

    def show_report(self, report: DataReport) -> None:
        """Sizes measured on another thread."""
        self._report = report
        self._say(
            self._folder_text,
            " · ".join(
                (
                    report.folder,
                    size_text(report.size_bytes),
                    self.tr("%n conversation(s)", "", report.conversations),
                    self.tr("%n rating(s)", "", report.ratings),
                )
            ),
        )

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.report_wanted.emit()

    def _say(self, part: QWidget, text: str) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        part.setAccessibleName(text)
        part.setToolTip(text)

    def _change(self, **changes: Any) -> None:
        if not self._loading:
            self._settings = self._settings.with_changes(**changes)
            self.changed.emit(self._settings)

    def _open_folder(self) -> None:
        if self._report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._report.folder))
