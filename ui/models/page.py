"""The models: which one answers, what each one is, how to get one, and how to bring your own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from assistant.engine.protocol import ModelInfo
from assistant.services.models import ModelChoice
from assistant.settings import Settings
from ui.engine_bridge import Phase
from ui.models.adding import Adding
from ui.models.model_jobs import JobState
from ui.models.row import ModelRow
from ui.models.words import phase_text
from ui.page import Page, Section
from ui.sizes import size_text
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.focus import follow_layout
from ui.theme.widgets import Button, label


class ModelsPage(Page):
    chosen = Signal(str)
    get_wanted = Signal(str)  # an id, or OWNER/NAME on a hub
    pause_wanted = Signal(str)
    remove_wanted = Signal(str)
    add_wanted = Signal(str, bool)  # a folder or a file; whether it stays where it is
    token_given = Signal(str)
    changed = Signal(dict)  # fields of Settings
    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("ModelsPage", "Models"), parent)
        self.setAcceptDrops(True)
        self._models: tuple[ModelChoice, ...] = ()
        self._current = ""
        self._phase: Phase = "starting"
        self._info: ModelInfo | None = None
        self._jobs: dict[str, JobState] = {}
        self._rows: list[ModelRow] = []
        self._adding: dict[str, Adding] = {}  # by path
        self._fresh: set[str] = set()  # models that came while the window was open, and were not used yet
        self._here = Section(self.tr("On this computer"), self)
        self._others = Section(self.tr("Other models"), self)
        self._others.hide()
        self.error = label("", "danger", self, wrap=True)
        self.error.hide()
        self.working = label("", "caption", self, wrap=True)  # work on what has no row
        self.working.hide()
        self._asked: set[tuple[str, bool]] = (
            set()
        )  # models whose row was looked for, before and after the first bytes
        self._cards = QVBoxLayout()
        self._cards.setSpacing(tokens.GRID)
        self.column.addLayout(self._cards)
        self.column.addWidget(self._here)
        self.column.addWidget(self.working)
        self.column.addWidget(self.error)
        self.column.addWidget(self._others)
        self.column.addWidget(self._own())
        self.column.addWidget(self._network())
        self.column.addWidget(self._running())
        self.column.addStretch(1)

    def _own(self) -> Section:
        section = Section(self.tr("Your own"), self)
        self.add_button = Button(self.tr("Import from a folder…"), self, icon="folder")
        self.add_button.clicked.connect(self._ask_folder)
        self.file_button = Button(self.tr("Import from a file…"), self, icon="attach")
        self.file_button.clicked.connect(self._ask_file)
        both = QWidget(self)
        both.setAccessibleName(self.tr("Add a model"))
        box = QHBoxLayout(both)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(tokens.GRID)
        box.addWidget(self.add_button)
        box.addWidget(self.file_button)
        section.add_row(
            self.tr("A model on your disk"),
            both,
            self.tr(
                "A folder with safetensors weights, a PEFT adapter for a model you have, or a GGUF file; or drop it "
                "on this page. It is checked before it is used."
            ),
        )
        self.hub_name = self._line(self.tr("OWNER/NAME"))
        self.hub_name.setAccessibleName(self.tr("Name of a model on the hub, OWNER/NAME"))
        self.hub_name.returnPressed.connect(self._get_named)
        self.hub_button = Button(self.tr("Download"), self, icon="download")
        self.hub_button.setAccessibleName(self.tr("Download this model"))
        self.hub_button.clicked.connect(self._get_named)
        named = QWidget(self)
        named.setAccessibleName(self.tr("A model on the hub"))
        line = QHBoxLayout(named)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.GRID)
        line.addWidget(self.hub_name)
        line.addWidget(self.hub_button)
        section.add_row(
            self.tr("Any other model on the hub"),
            named,
            self.tr(
                "Attune downloads it only if it supports the model type, the weights are safetensors, and no "
                "extra code is needed."
            ),
        )
        return section

    def _network(self) -> Section:
        section = Section(self.tr("Downloads"), self)
        self.mirror = self._line("https://huggingface.co")
        self.mirror.editingFinished.connect(
            lambda: self.changed.emit({"hub_mirror": self.mirror.text().strip()})
        )
        section.add_row(
            self.tr("Another hub address"),
            self.mirror,
            self.tr("A mirror, where huggingface.co cannot be reached."),
        )
        self.proxy = self._line("http://host:port")
        self.proxy.editingFinished.connect(lambda: self.changed.emit({"proxy": self.proxy.text().strip()}))
        section.add_row(self.tr("Proxy"), self.proxy, self.tr("Leave empty to use the system setting."))
        self.token = self._line("hf_…")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.returnPressed.connect(self._give_token)
        section.add_row(
            self.tr("Access token"),
            self.token,
            self.tr(
                "Only for models whose terms you accepted on the hub. It is stored in the system keyring and nowhere "
                "else; without a keyring it is used until Attune is closed. Press Enter to keep it."
            ),
        )
        return section

    def _running(self) -> Section:
        section = Section(self.tr("Running models"), self)
        self.pictures = Choice(self)
        for value, text in (
            ("auto", self.tr("Automatic")),
            ("fast", self.tr("Fast")),
            ("detailed", self.tr("Detailed")),
        ):
            self.pictures.addItem(text, value)
        self.pictures.activated.connect(
            lambda _at: self.changed.emit({"picture_detail": self.pictures.currentData()})
        )
        section.add_row(
            self.tr("Picture detail"),
            self.pictures,
            self.tr(
                "“Detailed” reads small print and takes longer. “Automatic” is fast without a graphics card."
            ),
        )
        self.unload = Choice(self)
        for minutes in (0, 10, 30, 60, 240):
            text = self.tr("{0} minutes").format(minutes) if minutes else self.tr("Never")
            self.unload.addItem(text, minutes)
        self.unload.activated.connect(
            lambda _at: self.changed.emit({"unload_after_min": self.unload.currentData()})
        )
        section.add_row(
            self.tr("Unload the model after"),
            self.unload,
            self.tr(
                "After this time without a message, the model is unloaded. The next message loads it again and takes longer."
            ),
        )
        return section

    def _line(self, example: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(example)
        line.setMinimumWidth(tokens.GRID * 28)
        return line

    # --- what is shown ----------------------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        for line, text in ((self.mirror, settings.hub_mirror), (self.proxy, settings.proxy)):
            if not line.hasFocus():
                line.setText(text)
        self.pictures.setCurrentIndex(max(0, self.pictures.findData(settings.picture_detail)))
        self.unload.setCurrentIndex(max(0, self.unload.findData(settings.unload_after_min)))

    def show_models(self, models: Sequence[ModelChoice], current: str) -> None:
        """The models there are; ``current`` is the chosen one."""
        if self._models == tuple(models) and self._rows:
            self._current = current
            self._show_state()
            return
        self._models, self._current = tuple(models), current
        for section in (self._here, self._others):
            while (item := section.rows.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
        self._rows = []
        # The best one for this computer stands first among those to fetch.
        for model in sorted(self._models, key=lambda model: not model.why):
            row = ModelRow(model, self)
            row.use_wanted.connect(self._use)
            row.get_wanted.connect(self.get_wanted)
            row.pause_wanted.connect(self.pause_wanted)
            row.remove_wanted.connect(self.remove_wanted)
            if not model.usable and model.id in self._jobs and self._jobs[model.id].phase:
                row.set_job(self._jobs[model.id])
            (self._here if model.usable else self._others).add(row)
            self._rows.append(row)
        self._others.setVisible(any(not model.usable for model in self._models))
        self._show_state()
        follow_layout(self)

    def adding(self) -> dict[str, Adding]:
        """The card of each path that is being added."""
        return dict(self._adding)

    def rows(self) -> dict[str, ModelRow]:
        """The row of each model."""
        return {row.model.id: row for row in self._rows}

    def set_state(self, phase: Phase, info: ModelInfo | None) -> None:
        """Where the chosen model stands."""
        self._phase, self._info = phase, info
        self._show_state()

    def set_progress(self, done: float, total: float) -> None:
        for row in self._rows:
            if row.model.id == self._current:
                row.set_progress(done, total)

    def set_job(self, model_id: str, state: JobState) -> None:
        """Where a job stands; what is being added has a card, and a download without a row is told above the list."""
        if model_id in self._adding:
            self._adding[model_id].show_job(state)
            return
        self._jobs[model_id] = state
        row = self.rows().get(model_id)
        has_row = row is not None and not row.model.installed
        if row is not None and has_row:
            row.set_job(state)
        elif state.phase == "failed":
            self.show_error(state.reason)
        elif state.total and (look := (model_id, state.done > 0)) not in self._asked:
            # A download of a model that the catalogue does not know has a row once its plan is on the disk: perhaps when
            # it is told of, surely when its first bytes are there.
            self._asked.add(look)
            self.list_wanted.emit()
        text = ""
        if state.running and not has_row:
            share = f" {100 * state.done // state.total} %" if state.total else ""
            text = f"{Path(model_id).name}: {phase_text(state.phase)}{share}"
        self.working.setText(text)
        self.working.setAccessibleName(text or "-")
        self.working.setVisible(bool(text))

    def set_here(self, key: str, model_id: str) -> None:
        """A job has ended: the model is on this computer."""
        self._fresh.add(model_id)
        if key in self._adding:
            self._adding[key].show_done(model_id)

    def show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setAccessibleName(sentence or "-")
        self.error.setVisible(bool(sentence))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list_wanted.emit()

    def _show_state(self) -> None:
        for row in self._rows:
            row.set_fresh(row.model.id in self._fresh)
            row.set_state(row.model.id == self._current, self._phase, self._info)

    # --- what a person does -----------------------------------------------------------------------------

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("A folder with a model"))
        if folder:
            self.bring(folder)

    def _ask_file(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, self.tr("A model file"), "", self.tr("GGUF (*.gguf)"))
        if file:
            self.bring(file)

    def bring(self, path: str) -> None:
        """Begin to add a folder, or ask what is to become of a file."""
        if path in self._adding:
            self._adding[path].close_.setFocus()
            return
        card = self._adding[path] = Adding(path, self)
        card.chosen.connect(self.add_wanted)
        card.cancel_wanted.connect(self.pause_wanted)
        card.use_wanted.connect(self._use)
        card.closed.connect(self._close_card)
        self._cards.addWidget(card)
        file = Path(path)
        if file.is_file():
            card.ask(size_text(file.stat().st_size))
        else:
            self.add_wanted.emit(path, False)
        self.scroller.ensureWidgetVisible(card)

    def _close_card(self, path: str) -> None:
        if (card := self._adding.pop(path, None)) is not None:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()

    def _use(self, model_id: str) -> None:
        self._fresh.discard(model_id)
        self.chosen.emit(model_id)

    def _get_named(self) -> None:
        if name := self.hub_name.text().strip():
            self.get_wanted.emit(name)

    def _give_token(self) -> None:
        if token := self.token.text().strip():
            self.token.clear()
            self.token_given.emit(token)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _dropped(event.mimeData().urls()):
            self.bring(path)
        event.acceptProposedAction()


def _dropped(urls: Sequence[QUrl]) -> list[str]:
    """Local folders and GGUF files; nothing else that can be dropped is a model."""
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [str(path) for path in paths if path.is_dir() or path.suffix.lower() == ".gguf"]
