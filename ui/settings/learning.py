"""The section about learning: when it happens, how far it goes, and what it does to replies."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.settings import RANGES, Settings
from ui.page import Section
from ui.theme import tokens
from ui.theme.choice import Choice
from ui.theme.number import Number
from ui.theme.steps import Steps
from ui.theme.switch import Switch
from ui.theme.widgets import label

_CPU_STEP = 10  # percent


class LearningSection(QWidget):
    changed = Signal(dict)  # fields of Settings

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Learning"))
        self._loading = False
        section = Section(self.tr("Learning"), self)
        self.style_switch = Switch(self)
        section.add_row(
            self.tr("Write in my style"),
            self.style_switch,
            self.tr("When off, the original model writes the replies. Ratings and versions are kept."),
        )
        self.guide_switch = Switch(self)
        section.add_row(
            self.tr("Guide replies while they are written"),
            self.guide_switch,
            self.tr("Uses your ratings at once, before an update learns from them."),
        )
        self.card_switch = Switch(self)
        section.add_row(
            self.tr("Describe your style to the model"),
            self.card_switch,
            self.tr(
                "A few sentences from your ratings, for models that follow instructions well. The details of a reply show them."
            ),
        )
        self.best_switch = Switch(self)
        section.add_row(
            self.tr("Pick the best continuation"),
            self.best_switch,
            self.tr(
                "Every few words, several continuations are written. The one that fits your ratings best is kept."
            ),
        )
        self.whole_switch = Switch(self)
        section.add_row(
            self.tr("Compare whole replies instead"),
            self.whole_switch,
            self.tr("Slower: several replies are written to the end, and the best then appears all at once."),
        )
        self.when_box = Choice(self)
        for value, text in (
            ("auto", self.tr("After new ratings")),
            ("idle", self.tr("When the computer is idle")),
            ("mains", self.tr("When plugged in")),
            ("off", self.tr("Only when I choose “Learn now”")),
        ):
            self.when_box.addItem(text, value)
        section.add_row(
            self.tr("Learn automatically"), self.when_box, self.tr("A reply you ask for always goes first.")
        )
        self.deep_switch = Switch(self)
        section.add_row(
            self.tr("Train longer when I am away"),
            self.deep_switch,
            self.tr(
                "After ten new ratings, when you have been away for ten minutes and the computer is plugged in."
            ),
        )
        self.after_field = Number(self)
        low, high = RANGES["learn_after"]
        self.after_field.setRange(round(low), round(high))
        section.add_row(
            self.tr("New ratings before an update"),
            self.after_field,
            self.tr("At least four."),
        )
        self.strength_box = Choice(self)
        for value, text in (
            ("careful", self.tr("Careful")),
            ("normal", self.tr("Normal")),
            ("bold", self.tr("Bold")),
        ):
            self.strength_box.addItem(text, value)
        section.add_row(
            self.tr("Learning strength"),
            self.strength_box,
            self.tr("How much an update may change the model. Every update must pass the same checks."),
        )
        self.cpu = Steps(self)
        low, high = RANGES["learn_cpu_percent"]
        self.cpu.setRange(round(low) // _CPU_STEP, round(high) // _CPU_STEP)
        self.cpu.setPageStep(1)
        self.cpu.setMinimumWidth(120)
        self._cpu_text = label("", "strong", self)
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.GRID)
        row.addWidget(self.cpu)
        row.addWidget(self._cpu_text)
        self.cpu.setAccessibleName(self.tr("Processor time"))
        section.add_row(
            self.tr("Processor time"),
            holder,
            self.tr("The share of time that learning may use. It takes effect at once."),
        )
        self.pairs_switch = Switch(self)
        section.add_row(
            self.tr("Offer comparisons"),
            self.pairs_switch,
            self.tr("Sometimes Attune shows two replies and asks which you prefer. You can always skip."),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(section)
        self.style_switch.toggled.connect(lambda on: self._change(style_on=on))
        self.guide_switch.toggled.connect(lambda on: self._change(guidance_on=on))
        self.card_switch.toggled.connect(lambda on: self._change(style_card_on=on))
        self.best_switch.toggled.connect(lambda on: self._change(best_of_on=on))
        self.whole_switch.toggled.connect(lambda on: self._change(best_of_streams=not on))
        self.deep_switch.toggled.connect(lambda on: self._change(learn_deep=on))
        self.pairs_switch.toggled.connect(lambda on: self._change(offer_pairs=on))
        self.when_box.currentIndexChanged.connect(
            lambda: self._change(learn_when=self.when_box.currentData())
        )
        self.after_field.valueChanged.connect(lambda value: self._change(learn_after=value))
        self.strength_box.currentIndexChanged.connect(
            lambda: self._change(learn_strength=self.strength_box.currentData())
        )
        self.cpu.valueChanged.connect(self._cpu_moved)
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        """Set every control; nothing is emitted."""
        self._loading = True
        self.style_switch.setChecked(settings.style_on)
        self.guide_switch.setChecked(settings.guidance_on)
        self.card_switch.setChecked(settings.style_card_on)
        self.best_switch.setChecked(settings.best_of_on)
        self.whole_switch.setChecked(not settings.best_of_streams)
        self.whole_switch.setEnabled(settings.best_of_on)
        self.pairs_switch.setChecked(settings.offer_pairs)
        self.deep_switch.setChecked(settings.learn_deep)
        self.deep_switch.setEnabled(settings.learn_when != "off")
        self.when_box.setCurrentIndex(max(0, self.when_box.findData(settings.learn_when)))
        self.after_field.setValue(settings.learn_after)
        self.strength_box.setCurrentIndex(max(0, self.strength_box.findData(settings.learn_strength)))
        self.after_field.setEnabled(settings.learn_when != "off")
        self.cpu.setValue(round(settings.learn_cpu_percent / _CPU_STEP))
        self._say_cpu(settings.learn_cpu_percent)
        self._loading = False

    def _cpu_moved(self, step: int) -> None:
        if not self._loading:
            self._say_cpu(step * _CPU_STEP)
            self._change(learn_cpu_percent=step * _CPU_STEP)

    def _say_cpu(self, percent: int) -> None:
        text = f"{percent} %"
        self._cpu_text.setText(text)
        self._cpu_text.setAccessibleName(text)
        self._cpu_text.setMinimumWidth(self._cpu_text.fontMetrics().horizontalAdvance("100 %") + tokens.GRID)
        self.cpu.setAccessibleDescription(text)

    def _change(self, **changes: Any) -> None:
        if "learn_when" in changes:
            self.after_field.setEnabled(changes["learn_when"] != "off")
            self.deep_switch.setEnabled(changes["learn_when"] != "off")
        if "best_of_on" in changes:
            self.whole_switch.setEnabled(changes["best_of_on"])
        if not self._loading:
            self.changed.emit(changes)
