"""The line under the window: model, where it runs, how fast the last reply was, how full the context is,
offline."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from assistant.engine.protocol import ModelInfo
from assistant.records import Generation
from ui.theme import tokens
from ui.theme.widgets import IconLabel, label

_SIZE = re.compile(r"\d[BM]\b")  # a name that tells how large the model is


def parameters_text(count: int) -> str:
    """``134515008`` as ``135M``, ``7241748480`` as ``7.2B``."""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f}B"
    return f"{round(count / 1e6)}M" if count else ""


class StatusLine(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self.setAccessibleName(self.tr("Status"))
        self._model = label("", parent=self)
        self._place = label("", parent=self)
        self._speed = label("", parent=self)
        self._context = label("", parent=self)
        self._note = label("", parent=self)
        self._lock = IconLabel("lock", self.tr("Offline"), self, size=14)
        self._offline = label(self.tr("Offline"), parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.GRID * 2, tokens.HALF, tokens.GRID * 2, tokens.HALF)
        row.setSpacing(tokens.GRID)
        self._parts = (self._model, self._place, self._speed, self._context)
        self._dots = []
        for index, part in enumerate(self._parts):
            if index:
                dot = label("·", parent=self)
                self._dots.append(dot)
                row.addWidget(dot)
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self._note)
        row.addWidget(self._lock)
        row.addWidget(self._offline)
        self._length = 0
        self._used = 0
        self._generation: Generation | None = None  # of the conversation's last reply
        self.set_offline(True)
        self._arrange()

    def set_model(self, info: ModelInfo | None, text: str = "") -> None:
        """Show the loaded model, or ``text`` while there is none."""
        if info is None:
            self._set(self._model, text)
            self._set(self._place, "")
            self._length = 0
        else:
            size = "" if _SIZE.search(info.name) else parameters_text(info.parameters)
            self._set(self._model, f"{info.name} {size}".strip())
            kind = (
                info.quantization.upper() if info.quantization.startswith("q") else info.quantization
            )  # Q4_K
            self._set(self._place, f"{info.device.upper()} {kind}".strip())
            self._length = info.context_length
        self.set_usage(self._generation)

    def set_usage(self, generation: Generation | None) -> None:
        """Show the speed and the context of the conversation's last reply."""
        self._generation = generation
        if generation is None or generation.completion_tokens < 2:
            self._set(self._speed, "")
        else:
            self._set(self._speed, self.tr("{0} tokens per second").format(round(generation.tokens_per_s)))
        self._used = 0 if generation is None else generation.prompt_tokens + generation.completion_tokens
        if self._length:
            text = self.tr("context {0}/{1}").format(f"{self._used:,}", f"{self._length:,}")
            if generation is not None and generation.dropped_turns:
                text += " " + self.tr("({0} oldest messages left out)").format(generation.dropped_turns)
            self._set(self._context, text)
        else:
            self._set(self._context, "")

    def set_offline(self, offline: bool) -> None:
        text = self.tr("Offline") if offline else self.tr("Online")
        self._offline.setText(text)
        self._offline.setAccessibleName(text)
        why = (
            self.tr("Nothing leaves this computer. The model runs here and Attune opens no connection.")
            if offline
            else self.tr("Attune connects only when you ask for a download.")
        )
        for part in (self._offline, self._lock):
            part.setToolTip(why)
        self._lock.setVisible(offline)

    def note(self, text: str) -> None:
        """A quiet word beside the lock ("3 ratings so far."); empty takes it away."""
        self._set(self._note, text)

    @property
    def noted(self) -> str:
        return self._note.text()

    def texts(self) -> tuple[str, ...]:
        """What is shown, left to right, without the empty parts."""
        return tuple(part.text() for part in self._parts if part.text())

    def _set(self, part: QWidget, text: str) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        part.setAccessibleName(text or "-")
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, super().minimumSizeHint().height())

    def _wanted(self, shown: list[bool]) -> int:
        """The width that takes all that is shown, in pixels."""
        parts = [part for part, visible in zip(self._parts, shown, strict=True) if visible]
        dot = self._dots[0].sizeHint().width() + 2 * tokens.GRID
        right = (self._note, self._lock, self._offline)
        words = sum(part.sizeHint().width() for part in (*parts, *right)) + tokens.GRID * len(right)
        return words + dot * max(0, len(parts) - 1) + 4 * tokens.GRID

    def _arrange(self) -> None:
        shown = [bool(part.text()) for part in self._parts]
        # Too narrow for all of it: where the model runs is dropped first, then its speed; never the offline sign.
        for part in (self._place, self._speed, self._context):
            if self._wanted(shown) <= self.width() or self.width() == 0:
                break
            shown[self._parts.index(part)] = False
        for part, visible in zip(self._parts, shown, strict=True):
            part.setVisible(visible)
        for index, dot in enumerate(self._dots):
            dot.setVisible(shown[index + 1] and any(shown[: index + 1]))
