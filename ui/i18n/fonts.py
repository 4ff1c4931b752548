"""The fonts of a language, after the system's own font: which Chinese font a system falls back to is chance otherwise,
and often one with the Japanese forms of the characters.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

# In the order in which they are tried: of Windows, of macOS, of Linux.
CHINESE = (
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Sarasa UI SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)

_own: list[str] | None = None  # the families that the system's font has by itself


def families(code: str, own: list[str], installed: set[str]) -> list[str]:
    """The families for language ``code``: the system's ``own`` ones, then those of the language that are installed."""
    more = [name for name in CHINESE if name in installed and name not in own] if code == "zh_CN" else []
    return own + more


def install(app: QCoreApplication, code: str) -> None:
    """Let the application's font find the characters of language ``code`` in a font made for it."""
    global _own
    if not isinstance(app, QGuiApplication):
        return
    font = QFont(QGuiApplication.font())
    if _own is None:
        _own = font.families() or [font.family()]
    wanted = families(code, _own, set(QFontDatabase.families()))
    if wanted != font.families():
        font.setFamilies(wanted)
        QGuiApplication.setFont(font)
