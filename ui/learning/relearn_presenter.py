"""When the offer to learn the style anew for another model is shown, and what its answers do."""

from __future__ import annotations

from PySide6.QtCore import QObject

from assistant.services.learning import LearningService
from ui.engine_bridge import EngineBridge
from ui.learning.relearn_bar import RelearnBar
from ui.learning.update_presenter import UpdatePresenter
from ui.store_thread import StoreAccess


class RelearnPresenter(QObject):
    """Asks once a model, after it is loaded; "later" asks again with the next start of Attune."""

    def __init__(
        self,
        bar: RelearnBar,
        bridge: EngineBridge,
        learning: UpdatePresenter,
        data: StoreAccess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bar, self._bridge, self._learning, self._data = bar, bridge, learning, data
        self._model = ""  # the one being asked about
        self._put_off: set[str] = set()
        bridge.phase_changed.connect(self._phase)
        learning.state_changed.connect(lambda state: None if state == "idle" else self._bar.hide())
        self._bar.yes.connect(self._yes)
        self._bar.later.connect(self._later)
        self._bar.no.connect(self._no)

    def _phase(self, phase: str) -> None:
        self._bar.hide()
        info = self._bridge.model
        if phase != "ready" or info is None or info.id in self._put_off:
            return
        model, name = info.id, info.name

        paths = self._data.paths

        def offer(ratings: int) -> None:
            now = self._bridge.model
            if ratings and now is not None and now.id == model and self._learning.can_learn:
                self._model = model
                self._bar.ask(name, ratings)

        self._data.writer.run(lambda store: LearningService(store, paths).offered_ratings(model), offer)

    def _yes(self) -> None:
        self._answered()
        self._learning.learn_now()

    def _later(self) -> None:
        self._put_off.add(self._model)
        self._bar.hide()

    def _no(self) -> None:
        self._answered()

    def _answered(self) -> None:
        model, paths = self._model, self._data.paths
        self._bar.hide()
        self._data.writer.run(lambda store: LearningService(store, paths).answer_offer(model))
