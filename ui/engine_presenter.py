"""What the engine is doing, in words: the model chip, the welcome's card, the status line, and banners for
trouble."""

from __future__ import annotations

from PySide6.QtCore import QObject

from assistant.engine.protocol import ModelInfo
from ui.chat_page import ChatPage
from ui.chat_presenter import ChatPresenter
from ui.engine_bridge import EngineBridge, Phase
from ui.header import Header
from ui.status_line import StatusLine
from ui.store_thread import StoreAccess


class EnginePresenter(QObject):
    def __init__(
        self,
        bridge: EngineBridge,
        chat: ChatPresenter,
        data: StoreAccess,
        page: ChatPage,
        header: Header,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._chat, self._writer = bridge, chat, data.writer
        self._page, self._header, self._status = page, header, status
        self._banner, self._card = page.banner, page.welcome.model_card
        self._store_is_open = False
        bridge.phase_changed.connect(self._phase)
        bridge.progress.connect(self._progress)
        bridge.model_changed.connect(self._model)
        bridge.failed.connect(self._failed)
        bridge.restarted.connect(self._restarted)
        chat.trouble.connect(page.banner.trouble)
        data.writer.opened.connect(self._opened)
        data.writer.broken.connect(self._store_broken)
        data.reader.broken.connect(page.banner.trouble)
        page.welcome.retry_wanted.connect(bridge.load_model)
        page.welcome.download_wanted.connect(bridge.prepare_starter)
        self._phase("starting")

    def _opened(self, notice: str) -> None:
        self._store_is_open = True
        self._banner.dismiss("store")
        if notice:
            self._banner.show_message(notice, "warning")

    def _store_broken(self, sentence: str) -> None:
        if self._store_is_open:
            self._banner.trouble(sentence)
            return
        self._card.hide()
        self._banner.show_message(
            sentence, "danger", action=self.tr("Try again"), callback=self._writer.start, key="store"
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
        self._card.set_phase(phase)
        if phase in texts:
            self._header.set_model_text(texts[phase])
            self._status.set_model(None, texts[phase])
        if phase == "ready":
            self._banner.dismiss("engine")

    def _model(self, info: ModelInfo | None) -> None:
        if info is not None:
            self._header.set_model_text(info.name)
            self._status.set_model(info)
            self._status.set_usage(self._chat.generation)

    def _progress(self, what: str, done: float, total: float) -> None:
        self._card.set_progress(what, done, total)
        share = f" {round(100 * min(done / total, 1.0))} %" if total > 0 else ""
        self._status.set_model(None, (what or self.tr("Loading")) + share)

    def _failed(self, why: str) -> None:
        self._card.set_phase(self._bridge.phase, why)
        self._banner.show_message(
            why, "danger", action=self.tr("Try again"), callback=self._bridge.load_model, key="engine"
        )

    def _restarted(self, why: str) -> None:
        self._banner.show_message(why, "warning", key="engine")
