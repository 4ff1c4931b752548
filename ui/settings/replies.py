"""The section about replies: what the assistant is told first, and, on demand, how words are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from assistant.records import Sampling
from assistant.settings import ADVISED, RANGES, Settings
from ui.page import Section
from ui.theme import tokens
from ui.theme.number import Decimal, Number
from ui.theme.switch import Switch
from ui.theme.widgets import Button, label

_DECIMALS = ("temperature", "top_p", "min_p", "repetition_penalty")


class RepliesSection(QWidget):
    changed = Signal(dict)  # fields of Settings

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Replies"))
        self._sampling = settings.sampling
        self._chosen = settings.sampling_chosen
        self._advice = Sampling()  # the loaded model's, shown where the user chose nothing
        self._loading = False
        section = Section(self.tr("Replies"), self)
        self.prompt = QPlainTextEdit(self)
        self.prompt.setPlaceholderText(self.tr("For example: Answer briefly and in plain words."))
        self.prompt.setFixedHeight(tokens.GRID * 11)
        self.prompt.setTabChangesFocus(True)
        self.prompt.setAccessibleName(self.tr("Instructions that the model gets in every chat"))
        self.prompt.textChanged.connect(self._prompt_changed)
        holder = QWidget(self)
        holder.setAccessibleName(self.tr("Instructions"))
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, tokens.GRID, 0, tokens.GRID)
        box.addWidget(label(self.tr("Instructions"), parent=holder))
        box.addWidget(label(self.tr("Instructions that the model gets in every chat."), "caption", holder))
        box.addWidget(self.prompt)
        section.add(holder)
        self.titles = Switch(self)
        self.titles.setChecked(settings.write_titles)
        self.titles.toggled.connect(self._titles_changed)
        section.add_row(
            self.tr("Name chats automatically"),
            self.titles,
            self.tr(
                "The model writes a short title after the first reply, while nothing else is to be done."
            ),
        )
        self.more = Button(self.tr("Advanced"), self, kind="link", icon="chevron-down")
        self.more.setCheckable(True)
        self.more.setProperty("align", "left")
        section.add(self.more)
        self.advanced = Section(self.tr("Sampling"), self)
        self.fields = {
            name: self._field(name, text, why)
            for name, text, why in (
                ("temperature", self.tr("Temperature"), self.tr("0 always picks the most likely word.")),
                (
                    "top_p",
                    self.tr("Top p"),
                    self.tr("Sample from the most likely words up to this total probability."),
                ),
                (
                    "top_k",
                    self.tr("Top k"),
                    self.tr("Sample from this many of the most likely words. 0: all."),
                ),
                (
                    "min_p",
                    self.tr("Min p"),
                    self.tr("Leave out words less likely than this share of the most likely word."),
                ),
                (
                    "repetition_penalty",
                    self.tr("Repetition penalty"),
                    self.tr("Above 1, words already used become less likely."),
                ),
                ("max_tokens", self.tr("Longest reply"), self.tr("In tokens. A word has about 1.3 tokens.")),
            )
        }
        reset = Button(self.tr("Reset"), self)
        reset.clicked.connect(self._reset)
        self.advanced.add_row(self.tr("Back to what suits the model"), reset)
        self.advanced.hide()
        self.more.toggled.connect(self.advanced.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.GRID * 2)
        column.addWidget(section)
        column.addWidget(self.advanced)

    def _field(self, name: str, text: str, why: str) -> Number | Decimal:
        low, high = RANGES[name]
        field: Number | Decimal
        if name in _DECIMALS:
            field = Decimal(self)
            field.setDecimals(2)
            field.setSingleStep(0.05)
            field.setRange(low, high)
        else:
            field = Number(self)
            field.setRange(round(low), round(high))
            field.setSingleStep(64 if name == "max_tokens" else 5)
        field.valueChanged.connect(lambda value: self._sampling_changed(name, value))
        self.advanced.add_row(text, field, why)
        return field

    def show_settings(self, settings: Settings) -> None:
        """Set every control; nothing is emitted."""
        self._loading = True
        self._sampling, self._chosen = settings.sampling, settings.sampling_chosen
        if self.prompt.toPlainText() != settings.system_prompt:
            self.prompt.setPlainText(settings.system_prompt)
        self.titles.setChecked(settings.write_titles)
        shown = settings.sampling_for(self._advice)
        for name, field in self.fields.items():
            value: Any = getattr(shown, name)
            field.setValue(value)
        self._loading = False

    def show_advice(self, advice: Sampling, settings: Settings) -> None:
        """Another model was loaded: show what it recommends wherever the user chose nothing."""
        self._advice = advice
        self.show_settings(settings)

    def _prompt_changed(self) -> None:
        if not self._loading:
            self.changed.emit({"system_prompt": self.prompt.toPlainText()})

    def _titles_changed(self, on: bool) -> None:
        if not self._loading:
            self.changed.emit({"write_titles": on})

    def _sampling_changed(self, name: str, value: float) -> None:
        if not self._loading:
            changes: dict[str, Any] = {name: value}
            self._sampling = replace(self._sampling, **changes)
            if name in ADVISED and name not in self._chosen:
                self._chosen = (*self._chosen, name)
            self.changed.emit({"sampling": self._sampling, "sampling_chosen": self._chosen})

    def _reset(self) -> None:
        """Back to what the model recommends."""
        self._sampling, self._chosen = Sampling(), ()
        self.changed.emit({"sampling": self._sampling, "sampling_chosen": self._chosen})
        self.show_settings(
            Settings(
                sampling=self._sampling,
                system_prompt=self.prompt.toPlainText(),
                write_titles=self.titles.isChecked(),
            )
        )
