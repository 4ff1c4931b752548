"""The default model in the window: offered or fetched in the background, and taken into use when it is whole.

What is to be done is decided in ``assistant.arrival``; this asks for it, shows how it goes and says how it ended.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from assistant import arrival
from assistant.model_folders import STARTER, ModelChoice
from ui.models.model_jobs import JobState

if TYPE_CHECKING:
    from ui.main_window import MainWindow

# Keys of its banners: of the one that goes with the next message, and of the one that stays until it is closed.
_SAID, _WAITS = "arrival", "arrival waits"


class ArrivalPresenter(QObject):
    def __init__(self, window: MainWindow, said: bool | None) -> None:
        """``said``: what the command line says about fetching the default model; None: nothing."""
        super().__init__(window)
        self._window, self._said = window, said
        self._default: ModelChoice | None = None  # until ``look`` has found out
        self._asking = self._discarding = False
        self._waiting = False  # it is whole and takes over with the next new chat
        self._on_trial = False  # it was taken into use just now, and has yet to load
        self._to_say = ""  # as soon as it has loaded
        window.models.jobs.changed.connect(self._job_changed)
        bar, offer = window.arrival_bar, window.page.welcome.offer
        bar.pause_wanted.connect(self._pause)
        bar.resume_wanted.connect(self._fetch)
        bar.cancel_wanted.connect(self._cancel)
        offer.accepted.connect(self._accept)
        offer.declined.connect(self._decline)
        window.bridge.phase_changed.connect(self._phase)
        window.bridge.failed.connect(self._load_failed)
        window.chat.opened.connect(lambda _found: self._switch())
        window.learning.state_changed.connect(lambda _state: self._switch())

    @property
    def may_advise(self) -> bool:
        """May the welcome point to a better model? Not where the default is being offered, or is to come by itself."""
        settings = self._window.settings
        return settings.model == STARTER and settings.fetch_default != "yes" and not self._asking

    def look(self) -> None:
        """At the start: find out where the default model stands, and begin what is due."""
        from assistant.cli.entry import announce
        from assistant.model_folders import default_model

        window = self._window

        def found(default: ModelChoice) -> None:
            self._default = default
            self._on_trial = window.settings.model == default.id and not window.settings.model_chosen
            forbidden = window.network_forbidden
            plan = arrival.plan(default, window.settings, self._said, network_forbidden=forbidden)
            self._ask(plan.ask)
            if plan.fetch and self._said:
                announce(default)
            if plan.fetch:
                self._fetch()

        paths = window.paths
        window.reader.run(lambda _store: default_model(paths), found, window.notices.trouble)

    def takes(self, model_id: str) -> bool:
        """A model has just been fetched: is it the default, and does it take over by itself? Then it does."""
        default, window = self._default, self._window
        if default is None or model_id != default.id:
            return False
        self._default = replace(default, installed=True)
        window.arrival_bar.hide()
        self._ask(False)
        if not arrival.follows_default(window.settings):
            return False
        self._waiting = True
        if not self._switch(self.tr("{0} is ready and answers from now on.").format(default.name)):
            window.notices.say(
                self.tr("{0} is ready. It answers in your next new chat.").format(default.name),
                action=self.tr("Use it now"),
                callback=lambda: self._use(""),
                key=_WAITS,
            )
        return True

    def stand_back(self) -> None:
        """The user has chosen a model: the default does not take over by itself any more."""
        self._waiting = self._on_trial = False
        self._window.page.banner.dismiss(_WAITS)

    # --- what a person does ----------------------------------------------------------------------------

    def _accept(self) -> None:
        window = self._window
        self._ask(False)
        window.page.composer.setFocus()
        if window.bridge.phase == "missing":
            window.bridge.prepare_starter()  # it answers until then
        self._fetch()

    def _decline(self) -> None:
        self._window.change_settings(fetch_default="no")
        self._ask(False)
        self._window.page.composer.setFocus()

    def _pause(self) -> None:
        if self._default is not None:
            self._window.models.jobs.pause(self._default.id)

    def _fetch(self) -> None:
        if (default := self._default) is not None:
            self._window.change_settings(fetch_default="yes")  # the next start goes on with it
            self._window.models.get(default.id, default.fetched_bytes, default.size_bytes)

    def _cancel(self) -> None:
        """Stop the download, delete what there is of it, and do not begin it again without being asked."""
        if self._default is None:
            return
        window, model_id = self._window, self._default.id
        window.change_settings(fetch_default="no")
        window.arrival_bar.hide()
        if window.models.jobs.state(model_id).running:
            self._discarding = True
            window.models.jobs.pause(model_id)
        else:
            window.models.remove(model_id)

    # --- what happens ----------------------------------------------------------------------------------

    def _ask(self, asking: bool) -> None:
        self._asking = asking
        self._window.page.welcome.offer.show_model(self._default if asking else None)
        self._window.models.show()

    def _job_changed(self, model_id: str, state: JobState) -> None:
        default, window = self._default, self._window
        if default is None or model_id != default.id:
            return
        if self._discarding:
            if not state.running:
                self._discarding = False
                window.models.remove(model_id)
            return
        if state.running and window.settings.fetch_default != "yes":
            window.change_settings(fetch_default="yes")  # it was begun on the models page
        if state.running and self._asking:
            self._ask(False)
        if state.phase and arrival.follows_default(window.settings):
            window.arrival_bar.show_job(default.name, state)
        else:
            window.arrival_bar.hide()

    def _switch(self, sentence: str = "") -> bool:
        """Let the model that waits take over, if nothing is against it; whether it does."""
        window = self._window
        may = self._waiting and arrival.may_switch(
            window.settings,
            chat_is_empty=not window.chat.messages and not window.chat.busy,
            learning=window.learning.state != "idle",
            comparing=window.pages.comparing,
        )
        if may:
            self._use(sentence)
        return may

    def _use(self, sentence: str) -> None:
        """Load it instead of the starter (the engine first finishes what is being written); then say ``sentence``."""
        if self._default is not None:
            self._waiting, self._on_trial, self._to_say = False, True, sentence
            self._window.page.banner.dismiss(_WAITS)
            self._window.change_settings(model=self._default.id)

    def _phase(self, phase: str) -> None:
        info = self._window.bridge.model
        if phase != "ready" or info is None or self._default is None or info.id != self._default.id:
            return
        self._on_trial = False
        if self._to_say:
            self._window.notices.say(self._to_say, key=_SAID)
        self._to_say = ""

    def _load_failed(self, why: str) -> None:
        """It was taken into use without being chosen and cannot be loaded: the starter goes on."""
        if not self._on_trial or self._default is None:
            return
        self._on_trial, self._to_say = False, ""
        self._window.change_settings(model=STARTER)
        self._window.notices.say(
            self.tr("{0} could not be loaded, so the starter answers: {1}").format(self._default.name, why),
            "warning",
            action=self.tr("Try again"),
            callback=lambda: self._use(""),
            key=_WAITS,
        )
