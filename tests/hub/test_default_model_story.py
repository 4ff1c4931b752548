"""What a newcomer does with the real small default model: chat in two languages, a picture, ratings, an update, again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.fetch.default_model import SMALL_DEFAULT_ID

ROOT = Path(__file__).resolve().parents[2]
CAT = ROOT / "tests" / "data" / "cat.jpg"
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
    "Number {}."
)


def attune(*arguments: str) -> dict:
    """A command as a user runs it, in a process of its own; what it prints as JSON."""
    command = [sys.executable, "-m", "ui.launch", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1700)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def ask(prompt: str, *arguments: str) -> dict:
    said = attune(
        "chat", prompt, "--model", SMALL_DEFAULT_ID, "--temperature", "0", "--max-tokens", "64", *arguments
    )
    assert said["model"] == SMALL_DEFAULT_ID
    return said


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_newcomer_chats_shows_a_picture_rates_and_teaches(
    small_default: Path, attune_home: Path, tmp_path: Path
) -> None:
    weights = (small_default / "source.gguf").resolve()
    added = attune("models", "add", str(weights), "--link", "--id", SMALL_DEFAULT_ID)
    assert added["id"] == SMALL_DEFAULT_ID

    first = ask("What is the capital of France? Answer with one word.")
    assert "Paris" in first["reply"] and first["style"] is None
    assert "蓝" in ask("天空是什么颜色的？")["reply"]
    seen = ask("What animal is in this picture?", "--image", str(CAT))
    assert "cat" in seen["reply"].lower()
    asked_on = ask("What colour is grass?", "--conversation", seen["conversation"])
    assert "green" in asked_on["reply"].lower()

    attune("rate", first["message"], "up")
    rows = [
        {
            "prompt": ASKED[i % 8],
            "reply": SHORT[i % 4] if i % 2 else LONG.format(i),
            "rating": 1 if i % 2 else -1,
            "at": f"2026-01-01T00:00:{i:02d}",
        }
        for i in range(24)
    ]
    file = tmp_path / "ratings.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert attune("ratings", "import", str(file))["imported"] == 24

    report = attune("learn", "--model", SMALL_DEFAULT_ID)
    assert report["accepted"], report["reason"]
    assert report["traits"]["length"] < 0 and report["kl_per_token"] <= 0.1

    again = ask("How do I water a cactus?")
    assert again["style"] == report["version"] and again["reply"].strip()
    assert ask("How do I water a cactus?", "--no-style")["style"] is None
