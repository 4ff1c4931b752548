"""What the page of versions asks for, done on the writing thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from assistant.services.styles import StyleService, VersionRow
from ui.versions.page import VersionsPage

if TYPE_CHECKING:
    from assistant.store import Store
    from ui.main_window import MainWindow


class VersionsPresenter(QObject):
    def __init__(self, window: MainWindow, page: VersionsPage) -> None:
        super().__init__(page)
        self._window, self._page = window, page
        page.list_wanted.connect(self.refresh)
        page.use_wanted.connect(self.use)
        page.rename_wanted.connect(
            lambda version, name: self._do(lambda styles: styles.rename(version, name))
        )
        page.delete_wanted.connect(lambda version: self._do(lambda styles: styles.delete([version])))
        page.export_wanted.connect(self._export)
        page.import_wanted.connect(self._import)
        page.compare_wanted.connect(lambda version: window.pages.show_compare().try_out(version))
        page.line_chosen.connect(lambda _line: self.refresh())
        page.remove_wanted.connect(window.styles.remove)
        window.chat.style_changed.connect(lambda line, _style: page.set_line(line))
        page.set_line(window.styles.line)

    def refresh(self) -> None:
        window, model, line = self._window, self._window.settings.model, self._page.line

        def read(store: Store) -> tuple[tuple[str, ...], str, tuple[VersionRow, ...]]:
            lines = tuple(store.lines())
            shown = line if line in lines else ""
            return lines, shown, StyleService(store, window.paths).versions(model, shown)

        def show(found: tuple[tuple[str, ...], str, tuple[VersionRow, ...]]) -> None:
            lines, shown, rows = found
            if self._page.line == line:  # else another one was chosen meanwhile, and is being read
                self._page.show_lines(lines, shown)
                self._page.show_versions(rows)

        window.reader.run(read, show)

    def use(self, version: str | None) -> None:
        """Write with this version from now on; None: with the original model."""
        model, line = self._window.settings.model, self._page.line
        self._do(lambda styles: styles.use(model, version, line))

    def _do(self, work: Callable[[StyleService], Any], said: str = "") -> None:
        window = self._window

        def done(_result: Any) -> None:
            self.refresh()
            window.style_panel.refresh()
            if said:
                window.notices.say(said, seconds=8)

        paths = window.paths
        window.writer.run(lambda store: work(StyleService(store, paths)), done, window.notices.trouble)

    def _export(self, version: str) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, self.tr("A new folder for this version"), f"attune-style-{version}"
        )
        if chosen:
            self._do(
                lambda styles: styles.export(version, Path(chosen)),
                self.tr("Exported to {0}.").format(chosen),
            )

    def _import(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("A folder with a LoRA adapter"))
        if chosen:
            model, line = self._window.settings.model, self._page.line
            self._do(lambda styles: styles.import_folder(model, Path(chosen), line))
