"""The promise on the real starter, through the commands a user has: rate, learn, see the effect, go back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKED = (
    "How do I boil an egg?", "What is a mortgage?", "Why is the sky blue?", "How do I start a diary?",
    "What is compost good for?", "How do I clean a keyboard?", "What is a glacier?", "How can I sleep better?",
)  # fmt: skip
SHORT = (
    "Seven minutes in boiling water.",
    "It is a loan for a house.",
    "Air scatters blue light most.",
    "Write a line a day.",
)
LONG = (
    "There are many things to consider here, and each of them deserves some attention. First of all, it is important "
    "to think about the whole situation with care. Then there is the question of time, which is often forgotten. "
    "In addition, a number of other matters may play a role, and it is wise to look at them one after the other. "
    "Number {}."
)


def attune(*arguments: str) -> dict:
    command = [sys.executable, "-m", "ui.launch", "--offline", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1700)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_ratings_teach_the_starter_and_a_style_can_be_put_away_and_taken_up_again(
    home_with_starter: Path, tmp_path: Path
) -> None:
    rows = [
        {
            "prompt": ASKED[i % 8],
            "reply": SHORT[i % 4] if i % 2 else LONG.format(i),
            "rating": 1 if i % 2 else -1,
        }
        for i in range(16)
    ]
    file = tmp_path / "ratings.jsonl"
    file.write_text(
        "\n".join(json.dumps(row | {"at": f"2026-01-01T00:00:{i:02d}"}) for i, row in enumerate(rows))
    )
    assert attune("ratings", "import", str(file))["imported"] == 16

    report = attune("learn")
    assert report["accepted"], report["reason"]
    assert (
        report["kl_per_token"] <= 0.1 and report["gate"]["perplexity_ratio"] <= 1.05 and report["steps"] > 0
    )
    assert report["traits"]["length"] < 0
    shown = attune("style", "list")
    assert shown["current"] == report["version"]

    compared = attune("evaluate")
    assert compared["version"] == report["version"]
    assert compared["words_style"] < compared["words_base"] and compared["win"] > 0.55

    said = attune("chat", "What is a tide?", "--max-tokens", "64", "--seed", "1")
    assert said["style"] == report["version"]
    assert attune("style", "off")["current"] is None
    assert attune("chat", "What is a tide?", "--max-tokens", "16", "--no-style")["style"] is None
    assert attune("style", "use", report["version"])["current"] == report["version"]

    out = tmp_path / "adapter"
    attune("style", "export", str(out))
    assert attune("style", "import", str(out))["version"] != report["version"]
