"""Languages: the source is English; ``<code>.ts`` holds a translation and ``<code>.qm`` what Qt reads of it.

``python -m ui.i18n.update`` renews both from the source code.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from ui.i18n import fonts

FOLDER = Path(__file__).parent
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}  # offered in the settings, each in its own name

_in_use = ""
_translators: list[QTranslator] = []


def install(app: QCoreApplication, language: str = "") -> str:
    """Translate the window into ``language`` ("": the system's); the code of the one in use.

    Widgets that exist already get a LanguageChange event (see ``ui.language_switch``). English is loaded too: it holds
    the plural forms.
    """
    global _in_use
    code = language if language in LANGUAGES else of_system()
    system = QLocale.system()
    # Dates and numbers as this person's system writes them, unless that is in another language than the window.
    QLocale.setDefault(system if system.language() == QLocale(code).language() else QLocale(code))
    if code == _in_use:
        return code
    _in_use = code
    fonts.install(app, code)
    for translator in _translators:
        app.removeTranslator(translator)
    _translators.clear()
    for folder, name in (
        (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase_" + code),
        (str(FOLDER), code),
    ):
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)
            _translators.append(translator)
    return code


def in_use() -> str:
    """The code of the language that the window is shown in."""
    return _in_use or "en"


def of_system() -> str:
    """The first of the user's languages that there is, else English. Any Chinese is better than none to who reads it."""
    for name in QLocale.system().uiLanguages():
        tongue = name.replace("_", "-").split("-")[0]
        for code in LANGUAGES:
            if code.split("_")[0] == tongue:
                return code
    return "en"
