"""The models on this computer: which one answers, what each one is, and how to add a folder."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from assistant.engine.protocol import ModelInfo
from assistant.model_folders import ModelChoice
from ui.data_report import size_text
from ui.engine_bridge import Phase
from ui.page import Page, Section
from ui.status_line import parameters_text
from ui.theme import tokens
from ui.theme.widgets import Button, label


class ModelsPage(Page):
    chosen = Signal(str)
    add_wanted = Signal(str)  # a folder
    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("ModelsPage", "Models"), parent)
        self._models: tuple[ModelChoice, ...] = ()
        self._current = ""
        self._phase: Phase = "starting"
        self._info: ModelInfo | None = None
        self._section = Section(self.tr("On this computer"), self)
        self._rows: list[_ModelRow] = []
        self.column.addWidget(self._section)
        self._others = Section(self.tr("Others that Attune can run"), self)
        self._others.hide()
        self.column.addWidget(self._others)
        more = Section(self.tr("Your own"), self)
        self.add_button = Button(self.tr("Add a folder…"), self, icon="folder")
        self.add_button.clicked.connect(self._ask_folder)
        more.add_row(
            self.tr("A model folder"),
            self.add_button,
            self.tr("A Hugging Face model with safetensors weights that is on your disk already."),
        )
        self.error = label("", "danger", self, wrap=True)
        self.error.hide()
        more.add(self.error)
        self.column.addWidget(more)
        self.column.addStretch(1)

    def show_models(self, models: Sequence[ModelChoice], current: str) -> None:
        """The models there are; ``current`` is the chosen one."""
        self._models, self._current = tuple(models), current
        self.error.hide()
        for section in (self._section, self._others):
            while (item := section.rows.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
        self._rows = []
        for model in self._models:
            row = _ModelRow(model, self)
            row.use.clicked.connect(lambda _on=False, chosen=model.id: self.chosen.emit(chosen))
            here = model.installed or model.id == "starter"
            (self._section if here else self._others).add(row)
            self._rows.append(row)
        self._others.setVisible(any(not m.installed and m.id != "starter" for m in self._models))
        self._show_state()

    def set_state(self, phase: Phase, info: ModelInfo | None) -> None:
        """Where the chosen model stands."""
        self._phase, self._info = phase, info
        self._show_state()

    def set_progress(self, done: float, total: float) -> None:
        for row in self._rows:
            if row.model.id == self._current:
                row.set_progress(done, total)

    def show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setAccessibleName(sentence)
        self.error.show()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.list_wanted.emit()

    def _show_state(self) -> None:
        for row in self._rows:
            row.set_state(row.model.id == self._current, self._phase, self._info)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("A folder with a model"))
        if folder:
            self.add_wanted.emit(folder)


class _ModelRow(QWidget):
    def __init__(self, model: ModelChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.setAccessibleName(model.name)
        self._facts = label(self._fact_text(model), "caption", self, wrap=True)
        self._state = label("", "chip-accent", self)
        self.use = Button(self.tr("Use"), self)
        self.use.setAccessibleName(self.tr("Use {0}").format(model.name))
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(self.tr("Progress of {0}").format(model.name))
        self._bar.setTextVisible(False)
        words = QVBoxLayout()
        words.setSpacing(tokens.HALF)
        words.addWidget(label(model.name, "strong", self))
        words.addWidget(self._facts)
        if model.note:
            words.addWidget(label(model.note, "caption", self, wrap=True))
        words.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        row.setSpacing(tokens.GRID * 2)
        row.addLayout(words, 1)
        row.addWidget(self._state, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.use, 0, Qt.AlignmentFlag.AlignVCenter)
        self.set_state(False, "starting", None)

    def _fact_text(self, model: ModelChoice) -> str:
        facts = [
            self.tr("{0} parameters").format(parameters_text(model.parameters)) if model.parameters else "",
            self.tr("sees pictures") if model.can_see else self.tr("text only"),
            size_text(model.size_bytes) if model.size_bytes else "",
            model.licence,
        ]
        return " · ".join(fact for fact in facts if fact)

    def set_state(self, current: bool, phase: Phase, info: ModelInfo | None) -> None:
        texts = {
            "ready": self.tr("In use"),
            "missing": self.tr("Not on this computer"),
            "preparing": self.tr("Being prepared"),
            "loading": self.tr("Loading"),
            "starting": self.tr("Starting"),
            "failed": self.tr("Not working"),
            "stopped": self.tr("Stopped"),
        }
        text = texts[phase] if current else ("" if self.model.installed else self.tr("Not on this computer"))
        self._state.setText(text)
        self._state.setAccessibleName(text or "-")
        self._state.setVisible(bool(text))
        working = current and phase in ("preparing", "loading")
        self._bar.setVisible(working)
        usable = self.model.installed or self.model.id == "starter"
        self.use.setVisible(usable and (not current or phase in ("failed", "stopped")))
        if not working:
            self._bar.setValue(0)

    def set_progress(self, done: float, total: float) -> None:
        self._bar.setRange(0, 1000 if total > 0 else 0)
        if total > 0:
            self._bar.setValue(round(1000 * min(max(done / total, 0.0), 1.0)))
