"""Renew the translations from the source code: ``python -m ui.i18n.update`` (for developers).

``en.ts`` holds plural forms only, every other ``<code>.ts`` all strings. What translators wrote is kept.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import PySide6

from ui.i18n import FOLDER, LANGUAGES

ROOT = FOLDER.parents[1]


def tool(name: str) -> str:
    """The path of one of Qt's translation tools."""
    return str(Path(PySide6.__file__).parent / f"{name}{'.exe' if sys.platform == 'win32' else ''}")


def command(code: str, ts: Path) -> list[str]:
    """What brings ``ts``, the translations into ``code``, up to the sources; run it in ``ROOT``."""
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "ui").rglob("*.py"))
    plural = ["-pluralonly"] if code == "en" else []
    languages = ["-source-language", "en_US", "-target-language", code]
    return [
        tool("lupdate"),
        *sources,
        "-ts",
        str(ts),
        *languages,
        "-no-obsolete",
        "-locations",
        "none",
        *plural,
    ]


def main() -> int:
    for code in LANGUAGES:
        ts = FOLDER / f"{code}.ts"
        subprocess.run(command(code, ts), cwd=ROOT, check=True)
        release = [tool("lrelease"), str(ts), "-qm", str(FOLDER / f"{code}.qm")]
        subprocess.run(release, cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
