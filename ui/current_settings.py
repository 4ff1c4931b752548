"""The settings as they are now, for every presenter; and their way to the disk, a moment after a change."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from assistant import settings as settings_file
from assistant.settings import Settings
from ui.store_thread import StoreAccess

_SAVE_AFTER_MS = 400


class CurrentSettings(QObject):
    changed = Signal(object)  # Settings
    save_failed = Signal(str)  # one sentence

    def __init__(self, settings: Settings, data: StoreAccess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = settings
        self._data = data
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_AFTER_MS)
        self._soon.timeout.connect(self.save)

    def change(self, **fields: Any) -> None:
        """Use and save other settings."""
        self.use(self.now.with_changes(**fields))

    def use(self, settings: Settings) -> None:
        if settings != self.now:
            self.now = settings
            self.changed.emit(settings)
            self._soon.start()

    def save(self) -> None:
        """Write them to the disk, on the reading thread."""
        self._soon.stop()
        settings, path = self.now, self._data.paths.settings
        self._data.reader.run(lambda _store: settings_file.save(path, settings), None, self.save_failed.emit)
