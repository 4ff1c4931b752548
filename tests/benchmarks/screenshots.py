"""Makes docs/screenshot-light.png and docs/screenshot-dark.png: the real window, real replies of a real model.

``python tests/benchmarks/screenshots.py [MODELS_FOLDER] [--model ID]``: with the default model of this computer where
MODELS_FOLDER has it, else with the starter; a folder with a prepared starter saves the preparing. ``--to`` names another
folder than docs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).parents[2]
SIZE = (1180, 760)
TITLES = ("Trip to Kyoto", "E-mail to the landlord", "Ideas for a short story")
QUESTION = "What animal is in this picture?"
FOLLOW_UP = "Write a funny two-line poem about it."
COLOURS = 256  # of the palette: a photograph in the window would make the file five times as large


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "models", nargs="?", type=Path, help="a models folder; its models are linked, not copied"
    )
    parser.add_argument("--model", help="id of the model that answers")
    parser.add_argument("--to", type=Path, default=ROOT / "docs", help="where the pictures go")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)

    from PySide6.QtGui import QFont

    from assistant.paths import DataPaths
    from assistant.records import Sampling
    from assistant.services.models import STARTER, default_id
    from assistant.settings import Settings
    from assistant.store import Store
    from ui import app as ui_app
    from ui import i18n, theme
    from ui.main_window import MainWindow

    with tempfile.TemporaryDirectory() as folder:
        paths = DataPaths(Path(folder)).ensure()
        model = arguments.model or default_id()
        if arguments.models is not None:
            for wanted in {STARTER, model}:
                if (source := arguments.models.resolve() / wanted).is_dir():
                    (paths.models / wanted).symlink_to(source)
        if not (paths.models / model).is_dir():
            if arguments.model not in (None, STARTER):
                parser.error(f"there is no model {model} in {arguments.models}")
            model = STARTER
        with Store.open(paths) as store:
            for title in TITLES:
                store.create_conversation(title=title)
        app = ui_app.application()
        app.setFont(QFont("Inter"))
        i18n.install(app, "en")
        theme.install(app, "light")
        settings = Settings(
            model=model,
            model_chosen=True,
            sampling=Sampling(temperature=0.0, max_tokens=160),
            show_style_panel=False,
        )
        window = MainWindow(paths, settings)
        window.resize(*SIZE)
        window.show()

        def until(seen: Callable[[], object], seconds: float = 580) -> None:
            end = time.monotonic() + seconds
            while not seen():
                if time.monotonic() > end:
                    raise TimeoutError
                app.processEvents()
                time.sleep(0.01)

        def ask(text: str) -> None:
            before = window.chat.last_reply
            window.page.composer.set_text(text)
            window.page.composer.submit()
            until(lambda: window.chat.last_reply is not None and window.chat.last_reply != before)
            until(lambda: not window.chat.busy and window.chat.last_reply.state == "done")

        window.start()
        until(lambda: window.bridge.phase == "ready")
        window.page.composer.add_file(str(ROOT / "tests" / "data" / "cat.jpg"))
        until(lambda: window.page.composer.pictures.files())
        ask(QUESTION)
        if model != STARTER:
            ask(FOLLOW_UP)
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
            _save(window.grab(), arguments.to / f"screenshot-{mode}.png")
        window.close()
    return 0


def _save(picture: QPixmap, path: Path) -> None:
    """As a PNG with a palette."""
    from PIL import Image

    picture.save(str(path))
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
