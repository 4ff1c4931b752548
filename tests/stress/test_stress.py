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
    done = stress("--quick", "--report", str(tmp_path / "report.md"), "--parts", str(tmp_path / "parts"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything held." in (tmp_path / "report.md").read_text()


def every_other(_folder, draw) -> None:
    assert draw.random() < 0.5, "drawn badly"


def test_a_try_that_does_not_hold_is_told():
    from tests.stress.__main__ import report
    from tests.stress.checks import Check, plain
    from tests.stress.parts import run

    check = Check("drawing", "hostile", 1, 1, plain(every_other))
    result = run(check, 40, 1)
    assert result.tried == 40 and 5 < len(result.broken) < 35
    assert "drawing, try" in report([result], "quick", 1)
    assert "Everything" not in report([result], "quick", 1)
    # In parts it is the same.
    first, second = run(check, 15, 1), run(check, 25, 1, first=15)
    assert first.broken + second.broken == result.broken


def test_what_was_interrupted_goes_on_and_is_told_as_it_is(tmp_path):
    from tests.stress import parts as stressing
    from tests.stress.__main__ import report
    from tests.stress.checks import CHECKS

    checks = [check for check in CHECKS if check.name == "search queries"]
    everything = stressing.parts(checks, True, tmp_path)
    assert sum(part.tries for part in everything) == checks[0].quick and len(everything) == 2
    stressing.run_all(everything[:1], 1, 1)
    (half,) = stressing.gathered(checks, everything)
    assert half.tried == 50 and "some tries are missing" in report([half], "quick", 1)
    stressing.run_all([part for part in everything if not part.file.exists()], 1, 1)
    (whole,) = stressing.gathered(checks, everything)
    assert whole.tried == checks[0].quick and "Everything held." in report([whole], "quick", 1)
