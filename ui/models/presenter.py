"""What the window does about models: which there are, fetching, adding and removing them, and which one answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from assistant.model_folders import ModelChoice
from assistant.model_jobs import Add, Get
from assistant.settings import Settings
from ui.models.model_jobs import JobState, ModelJobs

if TYPE_CHECKING:
    from ui.main_window import MainWindow
    from ui.models.page import ModelsPage


class ModelsPresenter(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._page: ModelsPage | None = None  # made when it is first shown
        self._choices: list[ModelChoice] = []
        self._token = ""  # given this time, where there is no keyring to keep it
        self.jobs = ModelJobs(window.paths, self)
        self.jobs.changed.connect(self._job_changed)
        self.jobs.finished.connect(self._here)
        window.header.model_chosen.connect(self.use)

    def serve(self, page: ModelsPage) -> None:
        """Connect the models page, which has just been made."""
        self._page = page
        page.chosen.connect(self.use)
        page.list_wanted.connect(self.list)
        page.get_wanted.connect(self.get)
        page.pause_wanted.connect(self.jobs.pause)
        page.remove_wanted.connect(self.remove)
        page.add_wanted.connect(self.add)
        page.token_given.connect(self._keep_token)
        page.changed.connect(lambda fields: self._window.change_settings(**fields))
        self.jobs.changed.connect(page.set_job)
        self.jobs.finished.connect(page.set_here)
        page.show_settings(self._window.settings)
        self.show_state()

    def use_settings(self, settings: Settings) -> None:
        """Settings were changed elsewhere."""
        if self._page is not None:
            self._page.show_settings(settings)
        self.show()

    # --- which there are -------------------------------------------------------------------------------

    def list(self) -> None:
        """Look again at which models are there."""
        from assistant.model_folders import choices

        paths = self._window.paths

        def done(found: list[ModelChoice]) -> None:
            self._choices = found
            self.show()

        self._window.reader.run(lambda _store: choices(paths), done, self._window.notices.trouble)

    def name_of(self, model_id: str) -> str:
        """The name that the lists show, else the id."""
        return next((choice.name for choice in self._choices if choice.id == model_id), model_id)

    def show_state(self) -> None:
        """The engine is at something else now."""
        bridge, current = self._window.bridge, self._window.settings.model
        if self._page is not None:
            self._page.set_state(bridge.phase, bridge.model)
        chosen = next((choice for choice in self._choices if choice.id == current), None)
        if bridge.phase == "ready" and chosen is not None and not chosen.installed:
            self.list()  # it has just been prepared

    def show_progress(self, done: float, total: float) -> None:
        if self._page is not None:
            self._page.set_progress(done, total)

    def show(self) -> None:
        """Show the models that there are wherever they are listed."""
        window = self._window
        current = window.settings.model
        best = next((choice for choice in self._choices if choice.why), None)
        better = best is not None and window.arrival.may_advise and best.id != current and not best.installed
        name, why = (best.name, best.why) if best is not None and better else ("", "")
        window.page.welcome.set_better_model(name, why)
        window.header.set_models(self._choices, current)
        if self._page is not None:
            self._page.show_models(self._choices, current)
            self._page.set_state(window.bridge.phase, window.bridge.model)

    # --- what a person does ----------------------------------------------------------------------------

    def use(self, model_id: str) -> None:
        """Let a model answer from now on: the user's choice, which stays."""
        window = self._window
        again = model_id == window.settings.model and window.bridge.phase in ("failed", "stopped")
        window.arrival.stand_back()
        window.change_settings(model=model_id, model_chosen=True)
        if again:
            window.bridge.load_model()

    def get(self, name: str, done: int = 0, total: int = 0) -> None:
        """Fetch a model: the user asked for it, so this may use the network (unless --offline forbids it).

        ``done`` of ``total`` bytes are known to be here.
        """
        from assistant.model_folders import get_job

        window, token = self._window, self._token
        if window.network_forbidden:
            self._refuse(self.tr("Attune was started with --offline, so nothing is downloaded."))
            return
        self._refuse("")
        paths, settings = window.paths, window.settings

        def start(job: Get) -> None:
            self.jobs.start(job.model_id, job, done, total)

        window.reader.run(lambda _store: get_job(paths, settings, name, token), start, self._refuse)

    def add(self, path: str, link: bool) -> None:
        """Check what the user has and take it in, in a process of its own; ``link``: its file stays where it is."""
        self._refuse("")
        self.jobs.start(path, Add(path, link=link))

    def remove(self, model_id: str) -> None:
        """Delete a model, or what an unfinished download left."""
        from assistant.model_folders import remove

        paths = self._window.paths

        def gone(_done: object) -> None:
            self.jobs.forget(model_id)
            self.list()

        self._window.reader.run(lambda _store: remove(paths, model_id), gone, self._refuse)

    def _refuse(self, why: str) -> None:
        """Why something could not be begun, where it was asked for; "": all is well again."""
        if self._page is not None:
            self._page.show_error(why)
        elif why:
            self._window.notices.trouble(why)

    # --- what jobs report ------------------------------------------------------------------------------

    def _job_changed(self, _key: str, _state: JobState) -> None:
        self._window.show_network(self.jobs.downloading)

    def _here(self, _key: str, model_id: str) -> None:
        self.list()
        if self._window.arrival.takes(model_id):
            return
        name = Path(self.name_of(model_id)).name
        self._window.notices.say(
            self.tr("{0} is ready.").format(name),
            action=self.tr("Use it now"),
            callback=lambda: self.use(model_id),
            key="model",
        )

    def _keep_token(self, token: str) -> None:
        from assistant import hub_access

        window = self._window
        endpoint = hub_access.endpoint(window.settings)

        def kept(in_keyring: bool) -> None:
            self._token = "" if in_keyring else token
            text = (
                self.tr("The access token is stored in the system keyring.")
                if in_keyring
                else self.tr("No system keyring was found. The access token is used until Attune is closed.")
            )
            window.notices.say(text, seconds=8)

        window.reader.run(lambda _store: hub_access.keep_hub_token(endpoint, token), kept, self._refuse)
