"""What the window does about models: which there are, fetching, adding and removing them, and which one answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.errors import BadInput
from assistant.model_jobs import Get
from assistant.services.models import Here, ModelChoice
from assistant.settings import Settings
from ui.banner import Banner
from ui.current_settings import CurrentSettings
from ui.engine_bridge import EngineBridge
from ui.header import Header
from ui.models.model_jobs import JobState, ModelJobs
from ui.store_thread import StoreAccess
from ui.welcome import Welcome

if TYPE_CHECKING:
    from ui.models.page import ModelsPage


class ModelsPresenter(QObject):
    chosen_by_user = Signal()  # a model was chosen, which stays
    network_used = Signal(bool)  # downloads run, or none does

    def __init__(
        self,
        bridge: EngineBridge,
        jobs: ModelJobs,
        data: StoreAccess,
        settings: CurrentSettings,
        header: Header,
        welcome: Welcome,
        banner: Banner,
        *,
        network_forbidden: bool,
        may_advise: Callable[[], bool],
        taken: Callable[[str], bool],
        parent: QObject | None = None,
    ) -> None:
        """``network_forbidden``: not even a download that the user asks for. ``may_advise``: may the welcome point to a
        better model? ``taken``: is a model that has just come taken into use by itself?
        """
        super().__init__(parent)
        self._bridge, self._data, self._settings = bridge, data, settings
        self._header, self._welcome, self._banner = header, welcome, banner
        self.network_forbidden, self._may_advise, self._taken = network_forbidden, may_advise, taken
        self._page: ModelsPage | None = None  # made when it is first shown
        self._choices: list[ModelChoice] = []
        self._token = ""  # given this time, where there is no keyring to keep it
        self.jobs = jobs
        self.jobs.changed.connect(self._job_changed)
        self.jobs.finished.connect(self._here)
        header.model_chosen.connect(self.use)
        bridge.phase_changed.connect(lambda _phase: self.show_state())
        bridge.model_changed.connect(lambda _info: self.show_state())
        bridge.progress.connect(lambda _what, done, total: self._show_progress(done, total))

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
        page.changed.connect(lambda fields: self._settings.change(**fields))
        self.jobs.changed.connect(page.set_job)
        self.jobs.finished.connect(page.set_here)
        page.show_settings(self._settings.now)
        self.show_state()

    def use_settings(self, settings: Settings) -> None:
        """Settings were changed elsewhere."""
        if self._page is not None:
            self._page.show_settings(settings)
        self.show()

    # --- which there are -------------------------------------------------------------------------------

    def list(self) -> None:
        """Look again at which models are there."""
        from assistant.services.models import choices

        paths = self._data.paths

        def done(found: list[ModelChoice]) -> None:
            self._choices = found
            self.show()

        self._data.reader.run(lambda _store: choices(paths), done, self._banner.trouble)

    def name_of(self, model_id: str) -> str:
        """The name that the lists show, else the id."""
        return next((choice.name for choice in self._choices if choice.id == model_id), model_id)

    def show_state(self) -> None:
        """The engine is at something else now."""
        bridge, current = self._bridge, self._settings.now.model
        if self._page is not None:
            self._page.set_state(bridge.phase, bridge.model)
        chosen = next((choice for choice in self._choices if choice.id == current), None)
        if bridge.phase == "ready" and chosen is not None and not chosen.installed:
            self.list()  # it has just been prepared

    def _show_progress(self, done: float, total: float) -> None:
        if self._page is not None:
            self._page.set_progress(done, total)

    def show(self) -> None:
        """Show the models that there are wherever they are listed."""
        current = self._settings.now.model
        best = next((choice for choice in self._choices if choice.why), None)
        better = best is not None and self._may_advise() and best.id != current and not best.installed
        name, why = (best.name, best.why) if best is not None and better else ("", "")
        self._welcome.set_better_model(name, why)
        self._header.set_models(self._choices, current)
        if self._page is not None:
            self._page.show_models(self._choices, current)
            self._page.set_state(self._bridge.phase, self._bridge.model)

    # --- what a person does ----------------------------------------------------------------------------

    def use(self, model_id: str) -> None:
        """Let a model answer from now on: the user's choice, which stays."""
        again = model_id == self._settings.now.model and self._bridge.phase in ("failed", "stopped")
        self.chosen_by_user.emit()
        self._settings.change(model=model_id, model_chosen=True)
        if again:
            self._bridge.load_model()

    def get(self, name: str, done: int = 0, total: int = 0) -> None:
        """Fetch a model: the user asked for it, so this may use the network (unless --offline forbids it).

        ``done`` of ``total`` bytes are known to be here.
        """
        from assistant.services.models import get_job

        token = self._token
        if self.network_forbidden:
            self._refuse(self.tr("Attune was started with --offline, so nothing is downloaded."))
            return
        self._refuse("")
        paths, settings = self._data.paths, self._settings.now

        def start(job: Get | Here) -> None:
            if isinstance(job, Here):
                self._refuse(
                    self.tr("There is a model called {0} on this computer already.").format(job.model_id)
                )
                return
            self.jobs.start(job.model_id, job, done, total)

        self._data.reader.run(lambda _store: get_job(paths, settings, name, token), start, self._refuse)

    def add(self, path: str, link: bool) -> None:
        """Check what the user has and take it in, in a process of its own; ``link``: its file stays where it is."""
        self._refuse("")
        from assistant.services.models import add_job

        try:
            self.jobs.start(path, add_job(Path(path), link=link))
        except BadInput as error:
            self._refuse(str(error))

    def remove(self, model_id: str) -> None:
        """Delete a model, or what an unfinished download left."""
        from assistant.services.models import remove

        paths = self._data.paths

        def gone(_done: object) -> None:
            self.jobs.forget(model_id)
            self.list()

        self._data.reader.run(lambda _store: remove(paths, model_id), gone, self._refuse)

    def _refuse(self, why: str) -> None:
        """Why something could not be begun, where it was asked for; "": all is well again."""
        if self._page is not None:
            self._page.show_error(why)
        elif why:
            self._banner.trouble(why)

    # --- what jobs report ------------------------------------------------------------------------------

    def _job_changed(self, _key: str, _state: JobState) -> None:
        self.network_used.emit(self.jobs.downloading)

    def _here(self, _key: str, model_id: str) -> None:
        self.list()
        if self._taken(model_id):
            return
        name = Path(self.name_of(model_id)).name
        self._banner.show_message(
            self.tr("{0} is ready.").format(name),
            action=self.tr("Use it now"),
            callback=lambda: self.use(model_id),
            key="model",
        )

    def _keep_token(self, token: str) -> None:
        from assistant import hub_access

        endpoint = hub_access.endpoint(self._settings.now)

        def kept(in_keyring: bool) -> None:
            self._token = "" if in_keyring else token
            text = (
                self.tr("The access token is stored in the system keyring.")
                if in_keyring
                else self.tr("No system keyring was found. The access token is used until Attune is closed.")
            )
            self._banner.show_message(text, seconds=8)

        self._data.reader.run(lambda _store: hub_access.keep_hub_token(endpoint, token), kept, self._refuse)
