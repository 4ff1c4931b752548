"""How Attune looks: tokens, the stylesheet made from them, and icons in their colours.

``current()`` is what is in force; ``signals().changed`` fires after it changed and every widget was restyled.
A widget that paints itself reads ``current().colours`` in its paint event; one with a pixmap also handles
``QEvent.Type.StyleChange`` (see ``ui.theme.widgets.IconButton``), which Qt sends when the stylesheet changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from ui.theme import icons, stylesheet, tokens

Mode = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    dark: bool
    zoom: float = 1.0

    @property
    def colours(self) -> tokens.Colours:
        return tokens.DARK if self.dark else tokens.LIGHT

    def px(self, size: float) -> int:
        """``size`` logical pixels at the present zoom."""
        return max(1, round(size * self.zoom))


class _Signals(QObject):
    changed = Signal()


_theme = Theme(dark=False)
_mode: Mode = "system"
_signals: _Signals | None = None


def current() -> Theme:
    """The theme in force."""
    return _theme


def mode() -> Mode:
    """What the user chose: follow the system, light or dark."""
    return _mode


def signals() -> _Signals:
    """The object whose ``changed`` signal tells of a new theme or zoom."""
    global _signals
    if _signals is None:
        _signals = _Signals()
    return _signals


def colour(token: str) -> QColor:
    """The present colour of ``token`` ("accent", "muted", ...)."""
    return QColor(getattr(_theme.colours, token))


def icon(name: str, token: str = "muted", size: int = tokens.ICON, checked: str | None = None) -> QIcon:
    """Icon ``name`` in colour ``token`` (and ``checked`` when checked) at the present theme and zoom."""
    colours = _theme.colours
    return icons.icon(
        name, getattr(colours, token), _theme.px(size), getattr(colours, checked) if checked else None
    )


def install(app: QApplication, mode: Mode = "system", zoom: float = 1.0) -> None:
    """Style the application and keep following the system's light or dark while ``mode`` is "system"."""
    app.setStyle("Fusion")  # the one style that looks the same everywhere, so the stylesheet holds
    QGuiApplication.styleHints().colorSchemeChanged.connect(_system_changed)
    set_theme(mode, zoom, force=True)


def set_theme(mode: Mode | None = None, zoom: float | None = None, force: bool = False) -> None:
    """Change light/dark mode or the zoom (see ``tokens.ZOOMS``); ``None`` keeps what is."""
    global _theme, _mode
    if mode is not None:
        _mode = mode
    theme = replace(_theme, dark=_is_dark(_mode), zoom=_theme.zoom if zoom is None else zoom)
    if theme == _theme and not force:
        return
    _theme = theme
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setPalette(_palette(theme.colours))
        app.setStyleSheet(stylesheet.build(theme.colours, theme.zoom))
    signals().changed.emit()


def step_zoom(steps: int) -> None:
    """One step larger (1), smaller (-1), or back to 100 % (0)."""
    if steps == 0:
        set_theme(zoom=1.0)
        return
    nearest = min(range(len(tokens.ZOOMS)), key=lambda i: abs(tokens.ZOOMS[i] - _theme.zoom))
    set_theme(zoom=tokens.ZOOMS[min(max(nearest + steps, 0), len(tokens.ZOOMS) - 1)])


def _is_dark(mode: Mode) -> bool:
    if mode == "system":
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return mode == "dark"


def _system_changed() -> None:
    if _mode == "system":
        set_theme()


def _palette(c: tokens.Colours) -> QPalette:
    """The palette for what a stylesheet does not reach: native dialogs, placeholder text, links."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: c.background,
        QPalette.ColorRole.WindowText: c.text,
        QPalette.ColorRole.Base: c.surface,
        QPalette.ColorRole.AlternateBase: c.sidebar,
        QPalette.ColorRole.Text: c.text,
        QPalette.ColorRole.Button: c.surface,
        QPalette.ColorRole.ButtonText: c.text,
        QPalette.ColorRole.BrightText: c.on_accent,
        QPalette.ColorRole.Highlight: c.selection,
        QPalette.ColorRole.HighlightedText: c.on_selection,
        QPalette.ColorRole.Link: c.link,
        QPalette.ColorRole.LinkVisited: c.link,
        QPalette.ColorRole.ToolTipBase: c.raised,
        QPalette.ColorRole.ToolTipText: c.text,
        QPalette.ColorRole.PlaceholderText: c.muted,
        QPalette.ColorRole.Accent: c.accent,
    }
    for role, value in roles.items():
        palette.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.control))
    return palette
