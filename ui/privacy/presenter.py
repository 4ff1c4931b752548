"""What the page of data asks for: measured on the reader's thread, erased and exported on the writing thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from assistant.services.learning import LearningService
from assistant.services.library import LibraryService, is_encrypted, restore
from assistant.services.reports import compose
from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.learning.bar import LearningBar
from ui.learning.forgetting_presenter import ForgettingPresenter, Learned, named
from ui.learning.update_presenter import UpdatePresenter
from ui.privacy.backup_dialogs import BackupDialog, OpenBackupDialog, RecoveryKeyDialog
from ui.privacy.page import PrivacyPage
from ui.privacy.report_dialog import ReportDialog
from ui.store_thread import StoreAccess

if TYPE_CHECKING:
    from assistant.store import Store


class PrivacyPresenter(QObject):
    export_wanted = Signal()  # of everything
    erased = Signal()

    def __init__(
        self,
        page: PrivacyPage,
        chat: ChatPresenter,
        learning: UpdatePresenter,
        forgetting: ForgettingPresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        bar: LearningBar,
    ) -> None:
        super().__init__(page)
        self._page, self._chat, self._learning, self._forgetting = page, chat, learning, forgetting
        self._data, self._settings, self._bar = data, settings, bar
        page.report_wanted.connect(self.refresh)
        page.export_wanted.connect(self._export)
        page.erase_wanted.connect(self._erase)
        page.backup_wanted.connect(self._ask_backup)
        page.open_backup_wanted.connect(self._ask_restore)
        page.problem_wanted.connect(self.report_problem)

    def refresh(self) -> None:
        paths = self._data.paths
        self._data.reader.run(lambda store: LibraryService(store, paths).report(), self._page.show_report)

    def _export(self, kind: str) -> None:
        if kind == "database":
            self.export_wanted.emit()
            return
        chosen, _kind = QFileDialog.getSaveFileName(
            self._page, self.tr("Export ratings to"), "ratings.jsonl", self.tr("JSON lines (*.jsonl)")
        )
        if chosen:
            paths = self._data.paths
            self._data.reader.run(
                lambda store: LibraryService(store, paths).export_ratings(Path(chosen)),
                lambda _done: self._page.say(self.tr("Exported to {0}.").format(chosen)),
                self._page.say,
            )

    def report_problem(self) -> None:
        """Show the report of a problem, to be read and saved."""
        paths = self._data.paths

        def show(text: str) -> None:
            self._page.say("")
            dialog = ReportDialog(text, self._page)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

        self._page.say(self.tr("The report is being written…"))
        self._data.reader.run(lambda _store: compose(paths), show, self._page.say)

    # --- one file ---------------------------------------------------------------------------------------

    def _ask_backup(self) -> None:
        dialog = BackupDialog(self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(self._back_up)
        dialog.open()

    def _back_up(self, passphrase: str) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self._page, self.tr("Back up to"), "everything.attune", self.tr("Backups (*.attune)")
        )
        if not chosen:
            return
        paths = self._data.paths

        def work(store: Store) -> str:
            library = LibraryService(store, paths)
            if passphrase:
                return library.encrypted_backup(Path(chosen), passphrase)[1]
            library.backup(Path(chosen))
            return ""

        def done(words: str) -> None:
            self._page.say(self.tr("Backed up to {0}.").format(chosen))
            if words:
                dialog = RecoveryKeyDialog(words, self._page)
                dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
                dialog.open()

        self._page.say(self.tr("Backing up…"))
        self._data.reader.run(work, done, self._page.say)

    def _ask_restore(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(
            self._page, self.tr("Restore a backup"), "", self.tr("Backups (*.attune);;All files (*)")
        )
        if not chosen:
            return
        source = Path(chosen)

        def ask(encrypted: bool) -> None:
            dialog = OpenBackupDialog(source.name, encrypted, self._page)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.wanted.connect(lambda passphrase, key: self._restore(source, passphrase, key))
            dialog.open()

        self._data.reader.run(lambda _store: is_encrypted(source), ask, self._page.say)

    def _restore(self, source: Path, passphrase: str, recovery_key: str) -> None:
        paths = self._data.paths
        said = self.tr("The backup is checked. Close Attune and start it again: then everything is replaced.")
        self._page.say(self.tr("Checking the backup…"))
        self._data.reader.run(
            lambda _store: restore(paths, source, passphrase, recovery_key, later=True),
            lambda _report: self._page.say(said),
            self._page.say,
        )

    def _erase(self, kind: str) -> None:
        paths = self._data.paths
        if kind in ("database", "trash", "everything"):
            self._chat.stop()
        if kind in ("styles", "everything", "ratings", "database", "trash"):
            self._learning.cancel()
        model = self._settings.now.model

        def work(store: Store) -> Learned | None:
            trained = LibraryService(store, paths).erase(kind)
            return named(store, LearningService(store, paths).forgetting(model, trained))

        def done(learned: Learned | None) -> None:
            if kind in ("database", "trash", "everything"):
                self._chat.new()
            if kind == "everything":
                self._settings.change(system_prompt="")  # the user's words too
            self.erased.emit()
            said = self.tr("Moved to the trash.") if kind == "trash" else self.tr("Erased.")
            if learned is not None:
                said += " " + self._forgetting.said(learned)
                self._forgetting.tell(learned)
            elif kind in ("styles", "everything"):
                self._bar.take_offer_back()
            self._page.say(said)
            self.refresh()

        self._data.writer.run(work, done, self._page.say)
