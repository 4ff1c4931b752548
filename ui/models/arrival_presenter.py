"""The default model in the window: offered or fetched in the background, and taken into use when it is whole.

What is to be done is decided in ``assistant.services.models``; this asks for it, shows how it goes and says how it ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from assistant.services.models import STARTER, ModelChoice, arrival_plan, follows_default, may_switch
from ui.chat_page import ChatPage
from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.engine_bridge import EngineBridge
from ui.learning.update_presenter import UpdatePresenter
from ui.models.arrival_bar import ArrivalBar
from ui.models.model_jobs import JobState
from ui.models.presenter import ModelsPresenter
from ui.store_thread import StoreAccess

# Keys of its banners: of the one that goes with the next message, and of the one that stays until it is closed.
_SAID, _WAITS = "arrival", "arrival waits"


class ArrivalPresenter(QObject):
    def __init__(
        self,
        models: ModelsPresenter,
        bridge: EngineBridge,
        chat: ChatPresenter,
        learning: UpdatePresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        page: ChatPage,
        bar: ArrivalBar,
        *,
        said: bool | None,
        network_forbidden: bool,
        comparing: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """``said``: what the command line says about fetching the default model; None: nothing. ``comparing``: are two
        replies being written to be compared?
        """
        super().__init__(parent)
        self._models, self._bridge, self._chat, self._learning = models, bridge, chat, learning
        self._data, self._settings, self._bar = data, settings, bar
        self._welcome, self._composer, self._banner = page.welcome, page.composer, page.banner
        self._said, self._network_forbidden, self._comparing = said, network_forbidden, comparing
        self._default: ModelChoice | None = None  # until ``look`` has found out
        self._asking = self._discarding = False
        self._waiting = False  # it is whole and takes over with the next new chat
        self._on_trial = False  # it was taken into use just now, and has yet to load
        self._to_say = ""  # as soon as it has loaded
        models.jobs.changed.connect(self._job_changed)
        models.chosen_by_user.connect(self._stand_back)
        offer = page.welcome.offer
        bar.pause_wanted.connect(self._pause)
        bar.resume_wanted.connect(self._fetch)
        bar.cancel_wanted.connect(self._cancel)
        offer.accepted.connect(self._accept)
        offer.declined.connect(self._decline)
        bridge.phase_changed.connect(self._phase)
        bridge.failed.connect(self._load_failed)
        chat.opened.connect(lambda _found: self._switch())
        learning.state_changed.connect(lambda _state: self._switch())

    @property
    def may_advise(self) -> bool:
        """May the welcome point to a better model? Not where the default is being offered, or is to come by itself."""
        settings = self._settings.now
        return settings.model == STARTER and settings.fetch_default != "yes" and not self._asking

    def look(self) -> None:
        """At the start: find out where the default model stands, and begin what is due."""
        from assistant.cli.entry import announce
        from assistant.services.models import default_model

        settings, paths = self._settings, self._data.paths

        def found(default: ModelChoice) -> None:
            self._default = default
            self._on_trial = settings.now.model == default.id and not settings.now.model_chosen
            forbidden = self._network_forbidden
            plan = arrival_plan(default, settings.now, self._said, network_forbidden=forbidden)
            self._ask(plan.ask)
            begun = self._models.jobs.state(default.id).phase  # before the window's parts were made anew
            if plan.fetch and self._said and not begun:
                announce(default)
            if plan.fetch and begun not in ("paused", "failed"):
                self._fetch()

        self._data.reader.run(lambda _store: default_model(paths), found, self._banner.trouble)

    def takes(self, model_id: str) -> bool:
        """A model has just been fetched: is it the default, and does it take over by itself? Then it does."""
        default = self._default
        if default is None or model_id != default.id:
            return False
        self._default = replace(default, installed=True)
        self._bar.hide()
        self._ask(False)
        if not follows_default(self._settings.now):
            return False
        self._waiting = True
        if not self._switch(self.tr("{0} is ready and answers from now on.").format(default.name)):
            self._banner.show_message(
                self.tr("{0} is ready. It answers in your next new chat.").format(default.name),
                action=self.tr("Use it now"),
                callback=lambda: self._use(""),
                key=_WAITS,
            )
        return True

    def _stand_back(self) -> None:
        """The user has chosen a model: the default does not take over by itself any more."""
        self._waiting = self._on_trial = False
        self._banner.dismiss(_WAITS)

    # --- what a person does ----------------------------------------------------------------------------

    def _accept(self) -> None:
        self._ask(False)
        self._composer.setFocus()
        if self._bridge.phase == "missing":
            self._bridge.prepare_starter()  # it answers until then
        self._fetch()

    def _decline(self) -> None:
        self._settings.change(fetch_default="no")
        self._ask(False)
        self._composer.setFocus()

    def _pause(self) -> None:
        if self._default is not None:
            self._models.jobs.pause(self._default.id)

    def _fetch(self) -> None:
        if (default := self._default) is not None:
            self._settings.change(fetch_default="yes")  # the next start goes on with it
            self._models.get(default.id, default.fetched_bytes, default.size_bytes)

    def _cancel(self) -> None:
        """Stop the download, delete what there is of it, and do not begin it again without being asked."""
        if self._default is None:
            return
        model_id = self._default.id
        self._settings.change(fetch_default="no")
        self._bar.hide()
        if self._models.jobs.state(model_id).running:
            self._discarding = True
            self._models.jobs.pause(model_id)
        else:
            self._models.remove(model_id)

    # --- what happens ----------------------------------------------------------------------------------

    def _ask(self, asking: bool) -> None:
        self._asking = asking
        self._welcome.offer.show_model(self._default if asking else None)
        self._models.show()

    def _job_changed(self, model_id: str, state: JobState) -> None:
        default = self._default
        if default is None or model_id != default.id:
            return
        if self._discarding:
            if not state.running:
                self._discarding = False
                self._models.remove(model_id)
            return
        if state.running and self._settings.now.fetch_default != "yes":
            self._settings.change(fetch_default="yes")  # it was begun on the models page
        if state.running and self._asking:
            self._ask(False)
        if state.phase and follows_default(self._settings.now):
            self._bar.show_job(default.name, state)
        else:
            self._bar.hide()

    def _switch(self, sentence: str = "") -> bool:
        """Let the model that waits take over, if nothing is against it; whether it does."""
        may = self._waiting and may_switch(
            self._settings.now,
            chat_is_empty=not self._chat.messages and not self._chat.busy,
            learning=self._learning.state != "idle",
            comparing=self._comparing(),
        )
        if may:
            self._use(sentence)
        return may

    def _use(self, sentence: str) -> None:
        """Load it instead of the starter (the engine first finishes what is being written); then say ``sentence``."""
        if self._default is not None:
            self._waiting, self._on_trial, self._to_say = False, True, sentence
            self._banner.dismiss(_WAITS)
            self._settings.change(model=self._default.id)

    def _phase(self, phase: str) -> None:
        info = self._bridge.model
        if phase != "ready" or info is None or self._default is None or info.id != self._default.id:
            return
        self._on_trial = False
        if self._to_say:
            self._banner.show_message(self._to_say, key=_SAID)
        self._to_say = ""

    def _load_failed(self, why: str) -> None:
        """It was taken into use without being chosen and cannot be loaded: the starter goes on."""
        if not self._on_trial or self._default is None:
            return
        self._on_trial, self._to_say = False, ""
        self._settings.change(model=STARTER)
        self._banner.show_message(
            self.tr("{0} could not be loaded, so the starter answers: {1}").format(self._default.name, why),
            "warning",
            action=self.tr("Try again"),
            callback=lambda: self._use(""),
            key=_WAITS,
        )
