"""The stress command in its quick form, and that it notices what breaks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def stress(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.stress", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=850)


@pytest.mark.slow
def test_everything_holds(tmp_path):
    done = stress("--quick", "--report", str(tmp_path / "report.md"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything held." in (tmp_path / "report.md").read_text()


def test_a_try_that_does_not_hold_is_told():
    from tests.stress.__main__ import report, run
    from tests.stress.checks import Check, plain

    def every_other(_folder, draw) -> None:
        assert draw.random() < 0.5, "drawn badly"

    result = run(Check("drawing", "hostile", 1, 1, plain(every_other)), 40, 1)
    assert result.tried == 40 and 5 < len(result.broken) < 35
    assert "drawing, try" in report([result], "quick", 1) and "Everything held" not in report(
        [result], "quick", 1
    )
