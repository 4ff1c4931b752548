"""What most commands need: the data folder, the store, the engine with a model in it, and a clean end."""

from __future__ import annotations

import argparse
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from assistant import logs
from assistant import settings as settings_file
from assistant.cli.model_choice import Choice, choose, fetching_allowed
from assistant.cli.output import ProgressLine, note
from assistant.engine.client import Client
from assistant.engine.protocol import (
    EngineRestarted,
    EngineStopped,
    Event,
    LearnStep,
    Loaded,
    ModelInfo,
    Progress,
)
from assistant.errors import Unwritable
from assistant.paths import DataPaths, data_dir
from assistant.services.chat import ChatService
from assistant.services.learning import LearningService
from assistant.services.library import LibraryService
from assistant.services.models import settle
from assistant.services.styles import StyleService
from assistant.store import Store

if TYPE_CHECKING:
    from pathlib import Path


class Session:
    """One run of a command. Use in a ``with`` block; store, engine and chat are made when first asked for."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Raises StoreError if the data folder can be neither written nor read."""
        self.offline: bool = arguments.offline
        self.paths = DataPaths(data_dir(arguments.data_dir))
        try:
            self.paths.ensure()
        except Unwritable:
            if not self.paths.database.is_file():
                raise
        self.settings = settle(settings_file.load(self.paths.settings), self.paths)
        level = arguments.log_level or self.settings.log_level
        logs.start(self.paths.logs, "command", level, to_stderr=arguments.log_level is not None)
        self._log_level = level.upper()
        self._progress = ProgressLine()
        self._chat: ChatService | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.clear()
        if "client" in self.__dict__:
            self.client.shutdown()
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def store(self) -> Store:
        store = Store.open(self.paths)
        if store.notice:
            note(store.notice)
        return store

    @cached_property
    def client(self) -> Client:
        """The engine; its process starts now."""
        client = Client(self.paths.logs, self._on_event, log_level=self._log_level)
        client.start()
        return client

    @cached_property
    def learning(self) -> LearningService:
        return LearningService(self.store, self.paths)

    @cached_property
    def styles(self) -> StyleService:
        return StyleService(self.store, self.paths)

    @cached_property
    def library(self) -> LibraryService:
        return LibraryService(self.store, self.paths)

    @property
    def chat(self) -> ChatService:
        if self._chat is None:
            self._chat = ChatService(self.store, self.client, self.settings, self.paths)
        return self._chat

    def load_model(self, name: str | None) -> ModelInfo:
        """Have the engine load a model (None: the chosen one); the starter is made first where it is missing.

        Raises ModelError or AttuneError in one sentence.
        """
        choice = choose(name or self.settings.model, self.paths.models)
        if choice.is_starter:
            self.prepare_starter(choice)
        settings = self.settings
        request = self.client.load(
            choice.folder,
            choice.id,
            quantization=settings.quantization,
            device=settings.device,
            threads=settings.threads,
            pictures=settings.picture_detail,
            idle_unload_s=60.0 * settings.unload_after_min,
        )
        loaded = self.client.result(request)
        self._progress.clear()
        assert isinstance(loaded, Loaded)
        if loaded.info.context_note:
            note(loaded.info.context_note)
        return loaded.info

    def prepare_starter(self, choice: Choice) -> Path:
        """Make the starter's folder where it is missing, fetching its source if that is allowed."""
        from models.starter import is_prepared

        if not is_prepared(self.paths.models):
            fetching_allowed(self.paths.models, offline=self.offline)
            self.client.result(self.client.prepare(self.paths.models))
            self._progress.clear()
        return choice.folder

    def _on_event(self, event: Event) -> None:
        """On the client's thread."""
        if isinstance(event, Progress):
            self._progress.show(event.phase, event.done, event.total)
        elif isinstance(event, LearnStep):
            self._progress.show(f"Learning: {event.phase}", float(event.step), float(event.steps))
        elif isinstance(event, (EngineRestarted, EngineStopped)):
            self._progress.clear()
            note(event.reason)
        if self._chat is not None:
            self._chat.on_event(event)
