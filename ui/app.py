"""Opens the window: one per data folder, visible first, everything slow afterwards."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from assistant import logs
from assistant import settings as settings_file
from assistant.cli.options import WindowOptions
from assistant.services.models import settle
from ui import i18n, theme
from ui.crash_dialog import CrashDialog
from ui.main_window import MainWindow
from ui.single_instance import SingleInstance
from ui.theme import icons, tokens


def application() -> QApplication:
    """The one QApplication, named and with its icon."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Attune")
    app.setApplicationDisplayName("Attune")
    app.setDesktopFileName("attune")
    app.setWindowIcon(QIcon(icons.pixmap("sparkle", tokens.LIGHT.accent, 64)))
    return app


def run(options: WindowOptions) -> int:
    """Show the window until it is closed; the exit code. Raises StoreError if the data folder is unusable."""
    app = application()
    paths = options.paths.ensure()
    instance = SingleInstance(paths.root)
    if not instance.acquire():
        return 0
    settings = settle(settings_file.load(paths.settings), paths)
    logs.start(paths.logs, "window", options.log_level or settings.log_level)
    i18n.install(app, settings.language)
    theme.install(app, settings.theme, settings.zoom)  # type: ignore[arg-type]
    offline = options.offline or settings.offline
    window = MainWindow(
        paths,
        settings,
        offline=offline,
        network_forbidden=options.offline,
        fetch_default=options.fetch_default,
    )
    instance.raise_requested.connect(window.come_forward)
    crash = CrashDialog(paths.logs, window)
    crash.install()
    crash.report_wanted.connect(window.pages.report_problem)
    window.show()
    # After the first paint: from here on the disk and the engine may take their time.
    QTimer.singleShot(0, window.start)
    code = app.exec()
    instance.release()
    return code
