"""What the engine is doing, in words: the model chip, the welcome's card, the status line, and banners for
trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from assistant.engine.protocol import ModelInfo
from ui.banner import Kind
from ui.engine_bridge import Phase

if TYPE_CHECKING:
    from ui.main_window import MainWindow


class EnginePresenter(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._store_is_open = False
        bridge = window.bridge
        bridge.phase_changed.connect(self._phase)
        bridge.progress.connect(self._progress)
        bridge.model_changed.connect(self._model)
        bridge.failed.connect(self._failed)
        bridge.restarted.connect(self._restarted)
        window.chat.trouble.connect(self.trouble)
        window.writer.opened.connect(self._opened)
        window.writer.broken.connect(self._store_broken)
        window.reader.broken.connect(self.trouble)
        window.page.welcome.retry_wanted.connect(bridge.load_model)
        window.page.welcome.download_wanted.connect(bridge.prepare_starter)
        self._phase("starting")

    def say(
        self,
        text: str,
        kind: Kind = "info",
        *,
        seconds: float = 0,
        action: str = "",
        callback: Callable[[], object] | None = None,
        key: str = "",
    ) -> None:
        self._window.page.banner.show_message(
            text, kind, action=action, callback=callback, seconds=seconds, key=key
        )

    def trouble(self, sentence: str) -> None:
        """Something the user asked for could not be done."""
        self.say(sentence, "danger", key="trouble")

    def _opened(self, _notice: str) -> None:
        self._store_is_open = True
        self._window.page.banner.dismiss("store")

    def _store_broken(self, sentence: str) -> None:
        if self._store_is_open:
            self.trouble(sentence)
            return
        self._window.page.welcome.model_card.hide()
        self._window.page.banner.show_message(
            sentence,
            "danger",
            action=self.tr("Try again"),
            callback=self._window.writer.start,
            key="store",
        )

    def _phase(self, phase: Phase) -> None:
        texts = {
            "starting": self.tr("Starting…"),
            "missing": self.tr("No model yet"),
            "preparing": self.tr("Preparing…"),
            "loading": self.tr("Loading…"),
            "failed": self.tr("No model"),
            "stopped": self.tr("Engine stopped"),
        }
        window = self._window
        window.page.welcome.model_card.set_phase(phase)
        if phase in texts:
            window.header.set_model_text(texts[phase])
            window.status.set_model(None, texts[phase])
        if phase == "ready":
            window.page.banner.dismiss("engine")
        window.models.show_state()

    def _model(self, info: ModelInfo | None) -> None:
        if info is not None:
            self._window.header.set_model_text(info.name)
            self._window.status.set_model(info)
            self._window.status.set_usage(self._window.chat.generation)
        self._window.models.show_state()
        self._window.pages.show_advice()

    def _progress(self, what: str, done: float, total: float) -> None:
        window = self._window
        window.page.welcome.model_card.set_progress(what, done, total)
        window.models.show_progress(done, total)
        share = f" {round(100 * min(done / total, 1.0))} %" if total > 0 else ""
        window.status.set_model(None, (what or self.tr("Loading")) + share)

    def _failed(self, why: str) -> None:
        window = self._window
        window.page.welcome.model_card.set_phase(window.bridge.phase, why)
        window.page.banner.show_message(
            why, "danger", action=self.tr("Try again"), callback=window.bridge.load_model, key="engine"
        )

    def _restarted(self, why: str) -> None:
        self._window.page.banner.show_message(why, "warning", key="engine")

    def open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._window.paths.root)))
