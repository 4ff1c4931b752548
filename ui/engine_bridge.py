"""The engine and the chat, seen from the window: calls go to the writing thread, what happens comes back as
signals.

Starts the engine after the window is shown, has the starter model prepared when it is missing, loads the
chosen model, and says what state all that is in. Prompts sent before a model is loaded wait in the gate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from assistant.engine import protocol as p
from assistant.engine.client import Client
from assistant.paths import DataPaths
from assistant.services.models import STARTER
from assistant.settings import Settings
from ui.engine_gate import EngineGate
from ui.store_thread import StoreThread

if TYPE_CHECKING:
    from assistant.learning_records import FinishedReply
    from assistant.services.chat import ChatService
    from assistant.store import Store

Phase = Literal["starting", "missing", "preparing", "loading", "ready", "failed", "stopped"]
_VERDICT_MS = 250


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the chosen model lies; "" if it is the starter and has yet to be made."""

    folder: str
    needs_download: bool = False
    name: str = ""  # that the catalogue gives it


class EngineBridge(QObject):
    phase_changed = Signal(str)  # a Phase
    progress = Signal(str, float, float)  # what in a few words, done, total (0: unknown)
    model_changed = Signal(object)  # ModelInfo, or None while none is loaded
    failed = Signal(str)  # the model cannot be prepared or loaded, one sentence
    restarted = Signal(str)  # the engine died and is back, one sentence
    chat_event = Signal(object)  # assistant.services.chat_events.ChatEvent
    learn_event = Signal(object)  # LearnStep, LearnDone or Failed of the update under way
    _engine_event = Signal(object)

    def __init__(
        self, paths: DataPaths, settings: Settings, writer: StoreThread, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._paths, self._settings, self._writer = paths, settings, writer
        self._client = Client(paths.logs, self._on_reader_thread, log_level=settings.log_level)
        self._client.pace(settings.learn_cpu_percent)
        self._gate = EngineGate(self._client, self._answer)
        self._chat: ChatService | None = None
        self._phase: Phase = "starting"
        self._info: p.ModelInfo | None = None
        self._prepare_id = self._load_id = self._learn_id = 0
        self._asked: dict[int, tuple[Callable[[Any], None], Callable[[str], None]]] = {}  # by request id
        self._reason = self._name = ""
        self._verdict = QTimer(self)
        self._verdict.setSingleShot(True)
        self._verdict.timeout.connect(lambda: self._give_up(self._reason))
        self._engine_event.connect(self._on_engine_event, Qt.ConnectionType.QueuedConnection)
        writer.run(self._make_chat)  # the first job of all: what is asked later finds the chat made

    # --- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the engine process and load the chosen model. Returns at once."""
        self._writer.run(self._begin, self._take_model, self._give_up)

    def announce(self) -> None:
        """Tell again of the model and of what the engine is at, to listeners that have just come."""
        if self._info is not None:
            self._info = self._named(self._info)  # the language may have changed
        self.model_changed.emit(self._info)
        self.phase_changed.emit(self._phase)
        if self._phase in ("failed", "stopped") and self._reason:
            self.failed.emit(self._reason)

    def shutdown(self) -> None:
        """Stop what is being written, keeping its text, and end the engine. Waits a few seconds at most."""
        stopped = threading.Event()

        def stop_all(_store: Store) -> None:
            for handle in self._chat.writing() if self._chat else ():
                self._chat.stop(handle)  # type: ignore[union-attr]
            stopped.set()

        self._writer.run(stop_all)
        stopped.wait(2.0)
        self._client.shutdown()

    @property
    def paths(self) -> DataPaths:
        return self._paths

    @property
    def client(self) -> Client:
        return self._client

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def model(self) -> p.ModelInfo | None:
        """The loaded model."""
        return self._info

    @property
    def engine_pid(self) -> int | None:
        return self._client.pid

    def use_settings(self, settings: Settings) -> None:
        """Use ``settings`` for the replies to come; another model is loaded if it was changed."""
        before, self._settings = self._settings, settings

        def change(_store: Store) -> None:
            if self._chat is not None:
                self._chat.settings = settings

        self._writer.run(change)
        if before.learn_cpu_percent != settings.learn_cpu_percent:
            self._client.pace(settings.learn_cpu_percent)
        keys = ("model", "quantization", "device", "threads", "picture_detail", "unload_after_min")
        if any(getattr(before, key) != getattr(settings, key) for key in keys):
            self.load_model()

    def load_model(self) -> None:
        """Load the model of the settings (again), preparing the starter first if it is missing."""
        self._set_phase("loading")
        self._set_model(None)
        self._writer.run(self._find_model, self._take_model, self._give_up)

    def prepare_starter(self) -> None:
        """Make the starter model; its language model is fetched if no package on this computer has it."""
        self._set_phase("preparing")
        self._prepare_id = self._client.prepare(self._paths.models)

    # --- what the user asks (each calls back on the GUI thread) -------------------------------------------

    def ask(
        self,
        work: Callable[[Store, ChatService], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Run ``work(store, chat)`` on the writing thread."""

        def with_chat(store: Store) -> Any:
            assert self._chat is not None  # made by the first job after the store was opened
            return work(store, self._chat)

        self._writer.run(with_chat, done, failed)

    def reread(
        self,
        make: Callable[[Store], FinishedReply],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> None:
        """Have a finished reply read with and without its style; ``done`` gets the Shift."""
        made = self._client.new_id()
        self._asked[made] = (done, failed)

        def refused(why: str) -> None:
            if self._asked.pop(made, None) is not None:
                failed(why)

        self._writer.run(lambda store: self._client.reread(make(store), id=made), None, refused)

    def new_learn_id(self) -> int:
        """The id for an update that is about to be asked for; ``learn_event`` tells of it."""
        self._learn_id = self._client.new_id()
        return self._learn_id

    # --- on the writing thread -------------------------------------------------------------------------------

    def _make_chat(self, store: Store) -> None:
        from assistant.services.chat import ChatService

        self._chat = ChatService(
            store,
            self._gate,
            self._settings,
            self._paths,
            post=self._writer.post,
            listener=self.chat_event.emit,
            at_once=self.chat_event.emit,
        )

    def _begin(self, store: Store) -> _Found:
        self._client.start()
        return self._find_model(store)

    def _find_model(self, _store: Store) -> _Found:
        """The folder of the chosen model, or what has to be done to get it."""
        from assistant.services.models import find, name_of, starter_needs_download

        self._gate.close()
        folder = find(self._paths, self._settings.model)
        if folder is not None:
            return _Found(str(folder), name=name_of(self._settings.model))
        return _Found("", needs_download=starter_needs_download(self._paths))

    def _answer(self, event: p.Event) -> None:
        """The gate answers a request itself; the chat hears of it like of any other."""
        if self._chat is not None:
            self._chat.on_event(event)

    def _fail_waiting(self, reason: str) -> None:
        self._writer.post(lambda: self._gate.fail(reason))

    # --- on the client's reader thread ----------------------------------------------------------------------

    def _on_reader_thread(self, event: p.Event) -> None:
        if self._chat is not None:
            self._chat.on_event(event)
        if isinstance(event, p.Loaded):
            # After the chat has heard of the model: posts run in order.
            self._writer.post(self._gate.open)
        elif isinstance(event, p.EngineRestarted):
            self._writer.post(self._gate.close)
        if not isinstance(event, (p.Token, p.Done, p.Recognised)):
            self._engine_event.emit(event)

    # --- on the GUI thread ----------------------------------------------------------------------------------

    def _take_model(self, found: _Found) -> None:
        self._name = found.name
        if found.folder:
            self._load(found.folder)
        elif found.needs_download:
            self._set_phase("missing")  # nothing is fetched unless the user says so: prepare_starter
        else:
            self.prepare_starter()

    def _load(self, folder: str) -> None:
        self._set_phase("loading")
        s = self._settings
        self._load_id = self._client.load(
            Path(folder),
            s.model,
            quantization=s.quantization,
            device=s.device,
            threads=s.threads,
            pictures=s.picture_detail,
            idle_unload_s=60.0 * s.unload_after_min,
        )

    @Slot(object)
    def _on_engine_event(self, event: p.Event) -> None:
        if isinstance(event, (p.LearnStep, p.LearnDone, p.Failed)) and 0 < event.id == self._learn_id:
            self.learn_event.emit(event)
        elif isinstance(event, p.Shifted) and event.id in self._asked:
            self._asked.pop(event.id)[0](event.shift)
        elif isinstance(event, p.Failed) and event.id in self._asked:
            self._asked.pop(event.id)[1](event.reason)
        elif isinstance(event, p.Progress) and event.id in (self._prepare_id, self._load_id):
            self.progress.emit(event.phase, event.done, event.total)
        elif isinstance(event, p.Prepared) and event.id == self._prepare_id:
            self._load(event.folder)
        elif isinstance(event, p.Loaded) and event.id == self._load_id:
            self._set_model(self._named(event.info))
            self._set_phase("ready")
        elif isinstance(event, p.Failed) and event.id in (self._prepare_id, self._load_id, 0):
            if event.kind != "cancelled":
                # If the engine died, EngineRestarted or EngineStopped follows at once and says so.
                self._reason = event.reason
                self._verdict.start(_VERDICT_MS)
        elif isinstance(event, p.EngineRestarted):
            self._verdict.stop()
            self._set_model(None)
            self.restarted.emit(event.reason)
            if event.load_id is not None:
                self._load_id = event.load_id
                self._set_phase("loading")
            else:
                self.load_model()
        elif isinstance(event, p.EngineStopped):
            self._verdict.stop()
            self._set_model(None)
            self._set_phase("stopped")
            self._reason = event.reason
            self._fail_waiting(event.reason)
            self.failed.emit(event.reason)

    def _give_up(self, reason: str) -> None:
        self._set_model(None)
        self._set_phase("failed")
        self._reason = reason
        self._fail_waiting(reason)
        self.failed.emit(reason)

    def _named(self, info: p.ModelInfo) -> p.ModelInfo:
        return replace(info, name=self.tr("Starter") if info.id == STARTER else self._name or info.name)

    def _set_phase(self, phase: Phase) -> None:
        if phase != self._phase:
            self._phase = phase
            self.phase_changed.emit(phase)

    def _set_model(self, info: p.ModelInfo | None) -> None:
        if info != self._info:
            self._info = info
            self.model_changed.emit(info)
