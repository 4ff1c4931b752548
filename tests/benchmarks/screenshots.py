"""Makes docs/screenshot-light.png and docs/screenshot-dark.png: the real window, a real reply of the real starter.

``python tests/benchmarks/screenshots.py [MODELS_FOLDER]``; a folder with a prepared starter saves the preparing.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).parents[2]
SIZE = (1180, 760)
TITLES = ("Trip to Kyoto", "E-mail to the landlord", "Ideas for a short story")


def main() -> int:
    from PySide6.QtGui import QFont

    from assistant.paths import DataPaths
    from assistant.records import Sampling
    from assistant.settings import Settings
    from assistant.store import Store
    from ui import app as ui_app
    from ui import i18n, theme
    from ui.main_window import MainWindow

    with tempfile.TemporaryDirectory() as folder:
        paths = DataPaths(Path(folder)).ensure()
        if len(sys.argv) > 1:
            (paths.models / "starter").symlink_to(Path(sys.argv[1], "starter").resolve())
        with Store.open(paths) as store:
            for title in TITLES:
                store.create_conversation(title=title)
        app = ui_app.application()
        app.setFont(QFont("Inter"))
        i18n.install(app, "en")
        theme.install(app, "light")
        settings = Settings(sampling=Sampling(temperature=0.0, max_tokens=120), show_style_panel=False)
        window = MainWindow(paths, settings)
        window.resize(*SIZE)
        window.show()

        def until(seen: Callable[[], object], seconds: float = 280) -> None:
            end = time.monotonic() + seconds
            while not seen():
                if time.monotonic() > end:
                    raise TimeoutError
                app.processEvents()
                time.sleep(0.01)

        window.start()
        composer = window.page.composer
        composer.add_file(str(ROOT / "tests" / "data" / "cat.jpg"))
        until(lambda: composer.pictures.files())
        composer.set_text("What animal is in this picture?")
        composer.submit()
        until(lambda: window.chat.last_reply and window.chat.last_reply.state == "done")
        until(lambda: not window.chat.busy)
        reply = window.chat.last_reply
        assert reply is not None
        window.chat.rate(reply.id, 1)
        until(lambda: window.page.transcript.messages()[-1].rating == 1)
        window.page.composer.setFocus()
        for mode in ("light", "dark"):
            theme.set_theme(mode)  # type: ignore[arg-type]
            start = time.monotonic()
            until(lambda start=start: time.monotonic() - start > 1.0)
            window.page.transcript.scroll_to_end()
            app.processEvents()
            window.grab().save(str(ROOT / "docs" / f"screenshot-{mode}.png"))
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
