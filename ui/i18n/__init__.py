"""Languages: the source is English; ``<code>.ts`` holds a translation and ``<code>.qm`` what Qt reads of it.

``python -m ui.i18n.update`` renews both from the source code.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).parent
LANGUAGES = {"en": "English"}  # offered in the settings, each in its own name
STARTED = ("zh_CN",)  # being translated, not offered yet


def install(app: QCoreApplication, language: str = "") -> str:
    """Translate the window into ``language`` ("": the system's); the code of the one in use.

    English is loaded too: it holds the plural forms.
    """
    code = language if language in LANGUAGES else _of_system()
    locale = QLocale(code)
    QLocale.setDefault(locale if language else QLocale.system())
    for folder, name in (
        (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase_" + code),
        (str(FOLDER), code),
    ):
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)
    return code


def _of_system() -> str:
    for name in QLocale.system().uiLanguages():
        if name.split("-")[0] == "en":
            return "en"
    return "en"
