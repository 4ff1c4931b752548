"""The Qt stylesheet of the whole window, generated from the tokens.

Widgets say what they are by dynamic properties, set before they are shown:
``QPushButton``: ``kind`` = primary | plain | ghost | danger; ``QToolButton``: ``kind`` = icon | chip;
``QLabel``: ``role`` = caption | muted | title | display | strong;
    ``QFrame``: ``role`` = card | banner-info |
banner-warning | banner-danger | bubble | line; ``QWidget``: ``role`` = page | sidebar | header | status.
"""

from __future__ import annotations

from collections.abc import Callable

from ui.theme import tokens as t
from ui.theme.tokens import Colours


def build(c: Colours, zoom: float = 1.0) -> str:
    """The stylesheet for palette ``c``, all sizes multiplied by ``zoom``."""

    def px(size: float) -> str:
        return f"{max(1, round(size * zoom))}px"

    return "".join(part(c, px) for part in (_base, _buttons, _fields, _lists, _frames, _small))


def _base(c: Colours, px: Callable[[float], str]) -> str:
    return f"""
* {{ font-size: {px(t.TYPE_BODY)}; }}
QWidget {{ color: {c.text}; selection-background-color: {c.selection}; selection-color: {c.on_selection}; }}
QMainWindow, QDialog, QWidget[role="page"] {{ background: {c.background}; }}
QWidget[role="sidebar"] {{ background: {c.sidebar}; }}
QWidget[role="header"] {{ background: {c.background}; }}
QWidget[role="status"] {{ background: {c.background}; }}
QLabel {{ background: transparent; }}
QLabel[role="caption"] {{ font-size: {px(t.TYPE_SMALL)}; color: {c.muted}; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="section"] {{ font-size: {px(t.TYPE_SMALL)}; font-weight: 600; color: {c.muted}; }}
QLabel[role="title"] {{ font-size: {px(t.TYPE_TITLE)}; font-weight: 600; }}
QLabel[role="display"] {{ font-size: {px(t.TYPE_DISPLAY)}; font-weight: 600; }}
QLabel[role="danger"] {{ color: {c.danger}; font-size: {px(t.TYPE_SMALL)}; }}
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.border}; padding: {px(4)} {px(8)};
    font-size: {px(t.TYPE_SMALL)}; }}
QSplitter::handle {{ background: {c.border}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QScrollArea {{ background: transparent; border: none; }}
"""


def _buttons(c: Colours, px: Callable[[float], str]) -> str:
    return f"""
QPushButton {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.border};
    border-radius: {px(t.RADIUS)};
    padding: {px(7)} {px(16)}; font-weight: 500; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {c.pressed}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: {px(6)} {px(15)}; }}
QPushButton:disabled {{ color: {c.control}; background: transparent; }}
QPushButton[kind="primary"] {{ background: {c.accent}; color: {c.on_accent};
    border: 1px solid {c.accent}; }}
QPushButton[kind="primary"]:hover {{ background: {c.accent_hover}; border-color: {c.accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {c.accent_pressed}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {c.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {c.pressed}; border-color: {c.pressed};
    color: {c.muted}; }}
QPushButton[kind="danger"] {{ color: {c.danger}; }}
QPushButton[kind="danger"]:hover {{ background: {c.danger_soft}; border-color: {c.danger}; }}
QPushButton[kind="ghost"] {{ background: transparent; border: 1px solid transparent; }}
QPushButton[kind="ghost"]:hover {{ background: {c.hover}; }}
QPushButton[kind="ghost"]:pressed {{ background: {c.pressed}; }}
QPushButton[kind="ghost"]:focus {{ border: 2px solid {c.accent}; }}
QPushButton[kind="link"] {{ background: transparent; border: none; color: {c.link};
    padding: {px(2)} {px(4)}; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:focus {{ border: 2px solid {c.accent}; border-radius: {px(t.RADIUS_SMALL)};
    padding: 0 {px(2)}; }}
QPushButton[kind="nav"] {{ background: transparent; border: 1px solid transparent; text-align: left;
    padding: {px(7)} {px(10)}; font-weight: 400; }}
QPushButton[kind="nav"]:hover {{ background: {c.hover}; }}
QPushButton[kind="nav"]:pressed, QPushButton[kind="nav"]:checked {{ background: {c.selected}; }}
QPushButton[kind="nav"]:focus {{ border: 2px solid {c.accent}; padding: {px(6)} {px(9)}; }}
QPushButton[kind="plain"]:checked {{ background: {c.accent_soft}; border-color: {c.accent}; }}
QPushButton[align="left"] {{ text-align: left; }}
QToolButton {{ background: transparent; border: 1px solid transparent;
    border-radius: {px(t.RADIUS_SMALL + 2)};
    padding: {px(5)}; color: {c.text}; }}
QToolButton:hover {{ background: {c.hover}; }}
QToolButton:pressed {{ background: {c.pressed}; }}
QToolButton:checked {{ background: {c.accent_soft}; }}
QToolButton[quiet="true"]:checked {{ background: transparent; }}
QToolButton[quiet="true"]:checked:hover {{ background: {c.hover}; }}
QToolButton:focus {{ border: 2px solid {c.accent}; padding: {px(4)}; }}
QToolButton:disabled {{ color: {c.control}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[kind="chip"] {{ padding: {px(4)} {px(24)} {px(4)} {px(10)}; color: {c.muted}; font-size: {px(t.TYPE_SMALL)}; }}
QToolButton[kind="chip"]:hover {{ color: {c.text}; }}
QToolButton[kind="chip"]:focus {{ padding: {px(3)} {px(23)} {px(3)} {px(9)}; }}
QToolButton[kind="primary"] {{ background: {c.accent}; border-radius: {px(t.RADIUS)}; }}
QToolButton[kind="primary"]:hover {{ background: {c.accent_hover}; }}
QToolButton[kind="primary"]:pressed {{ background: {c.accent_pressed}; }}
QToolButton[kind="primary"]:focus {{ border: 2px solid {c.text}; }}
QToolButton[kind="primary"]:disabled {{ background: {c.pressed}; }}
"""


def _fields(c: Colours, px: Callable[[float], str]) -> str:
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {c.surface};
    color: {c.text};
    border: 1px solid {c.border}; border-radius: {px(t.RADIUS)}; padding: {px(6)} {px(10)};
    placeholder-text-color: {c.muted}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
    QComboBox:focus {{
    border: 2px solid {c.accent}; padding: {px(5)} {px(9)}; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {c.control}; }}
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ background: transparent; border: none;
    padding: 0 {px(10)}; }}
QLineEdit[kind="bare"], QPlainTextEdit[kind="bare"], QTextEdit[kind="bare"], QTextBrowser {{
    background: transparent;
    border: none; padding: 0; }}
QLineEdit[kind="search"] {{ background: {c.surface}; }}
QLineEdit[kind="name"] {{ background: transparent; border: none; padding: 0; font-weight: 600; }}
QLineEdit[kind="title"] {{ font-size: {px(t.TYPE_TITLE)}; font-weight: 600; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{
    width: 0; }}
QComboBox::drop-down {{ border: none; width: {px(24)}; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox {{ combobox-popup: 0; padding-right: {px(28)}; }}
QComboBoxPrivateContainer {{ background: {c.raised}; border: 1px solid {c.border}; }}
QComboBox QAbstractItemView {{ background: {c.raised}; border: none; padding: {px(4)}; outline: none;
    selection-background-color: {c.selected}; selection-color: {c.text}; }}
QComboBox QAbstractItemView::item {{ min-height: {px(28)}; padding: 0 {px(8)}; }}
QCheckBox, QRadioButton {{ spacing: {px(8)}; padding: {px(4)} {px(2)}; border: 2px solid transparent;
    border-radius: {px(t.RADIUS_SMALL)}; background: transparent; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {c.accent}; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: {px(16)}; height: {px(16)};
    border: 1px solid {c.control};
    background: {c.surface}; }}
QCheckBox::indicator {{ border-radius: {px(5)}; }}
QRadioButton::indicator {{ border-radius: {px(9)}; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked {{ background: {c.accent};
    border: {px(4)} solid {c.surface};
    outline: 1px solid {c.accent}; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {c.accent}; }}
QSlider:horizontal {{ min-height: {px(20)}; }}
QSlider::groove:horizontal {{ height: {px(4)}; background: {c.pressed}; border-radius: {px(2)}; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: {px(2)}; }}
QSlider::handle:horizontal {{ background: {c.accent}; border: 1px solid {c.accent}; width: {px(14)};
    height: {px(14)}; margin: -{px(6)} 0; border-radius: {px(8)}; }}
QSlider::handle:horizontal:focus {{ border-color: {c.text}; background: {c.text}; }}
QProgressBar {{ background: {c.pressed}; border: none; border-radius: {px(3)}; max-height: {px(6)};
    min-height: {px(6)}; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: {px(3)}; }}
"""


def _lists(c: Colours, px: Callable[[float], str]) -> str:
    return f"""
QAbstractItemView {{ background: transparent; border: none; outline: none; color: {c.text}; }}
QListView::item {{ border-radius: {px(t.RADIUS_SMALL + 2)}; padding: {px(6)} {px(8)}; }}
QListView::item:hover {{ background: {c.hover}; }}
QListView::item:selected {{ background: {c.selected}; color: {c.text}; }}
QMenu {{ background: {c.raised}; border: 1px solid {c.border}; border-radius: {px(t.RADIUS)};
    padding: {px(6)}; }}
QMenu::item {{ padding: {px(7)} {px(24)} {px(7)} {px(10)}; border-radius: {px(t.RADIUS_SMALL)};
    background: transparent; }}
QMenu::item:selected {{ background: {c.selected}; }}
QMenu::item:disabled {{ color: {c.control}; }}
QMenu::icon {{ padding-left: {px(8)}; }}
QMenu::separator {{ height: 1px; background: {c.border}; margin: {px(6)} {px(8)}; }}
QScrollBar:vertical {{ background: transparent; width: {px(10)}; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px(10)}; margin: 0; }}
QScrollBar::handle {{ background: {c.scrollbar}; border-radius: {px(3)}; margin: {px(2)}; }}
QScrollBar::handle:hover {{ background: {c.control}; }}
QScrollBar::handle:vertical {{ min-height: {px(32)}; }}
QScrollBar::handle:horizontal {{ min-width: {px(32)}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _frames(c: Colours, px: Callable[[float], str]) -> str:
    banner = f"border-radius: {px(t.RADIUS)}; border: none;"
    return f"""
QFrame[role="card"] {{ background: {c.surface}; border: 1px solid {c.border};
    border-radius: {px(t.RADIUS_LARGE)}; }}
QFrame[role="card"][focused="true"] {{ border: 1px solid {c.accent}; }}
QFrame[role="bubble"] {{ background: {c.user_bubble}; border: none; border-radius: {px(t.RADIUS_LARGE)}; }}
QFrame[role="panel"] {{ background: {c.sidebar}; border: none; }}
QFrame[role="code"] {{ background: {c.code_background}; border: none; border-radius: {px(t.RADIUS)}; }}
QFrame[role="banner-info"] {{ background: {c.accent_soft}; {banner} }}
QFrame[role="banner-warning"] {{ background: {c.warning_soft}; {banner} }}
QFrame[role="banner-danger"] {{ background: {c.danger_soft}; {banner} }}
QFrame[role="line"] {{ background: {c.border}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[role="line-vertical"] {{ background: {c.border}; border: none; max-width: 1px; min-width: 1px; }}
"""


def _small(c: Colours, px: Callable[[float], str]) -> str:
    return f"""
QWidget[role="status"] QLabel, QWidget[role="status"] QToolButton {{ font-size: {px(t.TYPE_SMALL)};
    color: {c.muted}; }}
QPushButton[dense="true"] {{ font-size: {px(t.TYPE_SMALL)}; padding: {px(4)} {px(10)}; }}
QPushButton[dense="true"]:focus {{ padding: {px(3)} {px(9)}; }}
QLabel[role="chip"] {{ background: {c.hover}; color: {c.muted}; border-radius: {px(t.RADIUS_SMALL)};
    padding: {px(2)} {px(8)}; font-size: {px(t.TYPE_SMALL)}; }}
QLabel[role="chip-accent"] {{ background: {c.accent_soft}; color: {c.text};
    border-radius: {px(t.RADIUS_SMALL)};
    padding: {px(2)} {px(8)}; font-size: {px(t.TYPE_SMALL)}; }}
"""
