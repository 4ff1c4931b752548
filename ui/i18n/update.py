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


def main() -> int:
    tools = Path(PySide6.__file__).parent
    suffix = ".exe" if sys.platform == "win32" else ""
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "ui").rglob("*.py"))
    for code in LANGUAGES:
        ts = FOLDER / f"{code}.ts"
        plural = ["-pluralonly"] if code == "en" else []
        update = [str(tools / f"lupdate{suffix}"), *sources, "-ts", str(ts), "-source-language", "en_US"]
        more = ["-target-language", code, "-no-obsolete", "-locations", "none", *plural]
        subprocess.run([*update, *more], cwd=ROOT, check=True)
        release = [str(tools / f"lrelease{suffix}"), str(ts), "-qm", str(FOLDER / f"{code}.qm")]
        subprocess.run(release, cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
