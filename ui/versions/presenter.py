"""What the page of versions asks for, done on the writing thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from assistant.services.styles import StyleService, VersionRow
from ui.banner import Banner
from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.store_thread import StoreAccess
from ui.styles.style_choice_presenter import StyleChoicePresenter
from ui.versions.page import VersionsPage

if TYPE_CHECKING:
    from assistant.store import Store


class VersionsPresenter(QObject):
    changed = Signal()  # another version is in use, or one came or went

    def __init__(
        self,
        page: VersionsPage,
        choice: StyleChoicePresenter,
        chat: ChatPresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        banner: Banner,
    ) -> None:
        super().__init__(page)
        self._page, self._data, self._settings, self._banner = page, data, settings, banner
        page.list_wanted.connect(self.refresh)
        page.use_wanted.connect(self.use)
        page.rename_wanted.connect(
            lambda version, name: self._do(lambda styles: styles.rename(version, name))
        )
        page.delete_wanted.connect(lambda version: self._do(lambda styles: styles.delete([version])))
        page.export_wanted.connect(self._export)
        page.import_wanted.connect(self._import)
        page.line_chosen.connect(lambda _line: self.refresh())
        page.remove_wanted.connect(choice.remove)
        chat.style_changed.connect(lambda line, _style: page.set_line(line))
        page.set_line(choice.line)

    def refresh(self) -> None:
        paths, model, line = self._data.paths, self._settings.now.model, self._page.line

        def read(store: Store) -> tuple[tuple[str, ...], str, tuple[VersionRow, ...]]:
            lines = tuple(store.lines())
            shown = line if line in lines else ""
            return lines, shown, StyleService(store, paths).versions(model, shown)

        def show(found: tuple[tuple[str, ...], str, tuple[VersionRow, ...]]) -> None:
            lines, shown, rows = found
            if self._page.line == line:  # else another one was chosen meanwhile, and is being read
                self._page.show_lines(lines, shown)
                self._page.show_versions(rows)

        self._data.reader.run(read, show)

    def use(self, version: str | None) -> None:
        """Write with this version from now on; None: with the original model."""
        model, line = self._settings.now.model, self._page.line
        self._do(lambda styles: styles.use(model, version, line))

    def _do(self, work: Callable[[StyleService], Any], said: str = "") -> None:
        paths = self._data.paths

        def done(_result: Any) -> None:
            self.refresh()
            self.changed.emit()
            if said:
                self._banner.show_message(said, seconds=8)

        self._data.writer.run(lambda store: work(StyleService(store, paths)), done, self._banner.trouble)

    def _export(self, version: str) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self._page, self.tr("A new folder for this version"), f"attune-style-{version}"
        )
        if chosen:
            self._do(
                lambda styles: styles.export(version, Path(chosen)),
                self.tr("Exported to {0}.").format(chosen),
            )

    def _import(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._page, self.tr("A folder with a LoRA adapter"))
        if chosen:
            model, line = self._settings.now.model, self._page.line
            self._do(lambda styles: styles.import_folder(model, Path(chosen), line))
