"""What the page of data asks for: measured on the reader's thread, erased and exported on the writing thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from assistant.services.learning import LearningService
from ui.data_report import report
from ui.learning.forgetting_presenter import Learned, named
from ui.privacy.erasing import erase
from ui.privacy.page import PrivacyPage

if TYPE_CHECKING:
    from assistant.store import Store
    from ui.main_window import MainWindow


class PrivacyPresenter(QObject):
    def __init__(self, window: MainWindow, page: PrivacyPage) -> None:
        super().__init__(page)
        self._window, self._page = window, page
        page.report_wanted.connect(self.refresh)
        page.export_wanted.connect(self._export)
        page.erase_wanted.connect(self._erase)

    def refresh(self) -> None:
        paths = self._window.paths
        self._window.reader.run(lambda store: report(store, paths), self._page.show_report)

    def _export(self, kind: str) -> None:
        if kind == "database":
            self._window.pages.export("")
            return
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, self.tr("Export ratings to"), "ratings.jsonl", self.tr("JSON lines (*.jsonl)")
        )
        if chosen:
            self._window.reader.run(
                lambda store: store.export_ratings(Path(chosen)),
                lambda _done: self._page.say(self.tr("Exported to {0}.").format(chosen)),
                self._page.say,
            )

    def _erase(self, kind: str) -> None:
        window, paths = self._window, self._window.paths
        if kind in ("database", "everything"):
            window.chat.stop()
        if kind in ("styles", "everything", "ratings", "database"):
            window.learning.cancel()
        model = window.settings.model

        def work(store: Store) -> Learned | None:
            trained = erase(store, paths, kind)
            return named(store, LearningService(store, paths).forgetting(model, trained))

        def done(learned: Learned | None) -> None:
            if kind in ("database", "everything"):
                window.chat.new()
            if kind == "everything":
                window.change_settings(system_prompt="")  # the user's words too
            window.list.refresh()
            window.style_panel.refresh()
            said = self.tr("Erased.")
            if learned is not None:
                said += " " + window.forgetting.said(learned)
                window.forgetting.tell(learned)
            elif kind in ("styles", "everything"):
                window.learning_bar.take_offer_back()
            self._page.say(said)
            self.refresh()

        window.writer.run(work, done, self._page.say)
