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


def refused(*arguments: str) -> str:
    """The one sentence of a command that cannot do what it is asked."""
    command = [sys.executable, "-m", "ui.launch", "--offline", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1700)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_learning_update_without_its_model_is_a_sentence(attune_home: Path, tmp_path: Path) -> None:
    """Ratings stay where they are when the model they would teach is gone."""
    file = tmp_path / "ratings.jsonl"
    file.write_text(json.dumps({"prompt": "p", "reply": "r", "rating": 1}) + "\n")
    assert attune("ratings", "import", str(file))["imported"] == 1
    settings = attune_home / "settings.json"
    settings.write_text(json.dumps({"model": "gone-model"}))
    assert "gone-model" in refused("learn")
    assert attune("ratings", "export", str(tmp_path / "out.jsonl"))["exported"] == 1


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_style_of_the_starter_is_shown_and_put_away_with_all_others(
    home_with_starter: Path, tmp_path: Path
) -> None:
    from assistant.learning.training.lora import Adapter
    from models import loader

    adapter, ratings = tmp_path / "adapter", tmp_path / "ratings.jsonl"
    adapter.mkdir()
    model = loader.load(home_with_starter / "models" / "starter", model_id="starter", threads=1)
    Adapter(model.module(), top=1).save(adapter, "starter")
    ratings.write_text(json.dumps({"prompt": "p", "reply": "r", "rating": 1}) + "\n")
    attune("ratings", "import", str(ratings))
    one, other = (attune("style", "import", str(adapter))["version"] for _ in range(2))
    attune("style", "use", one)
    assert attune("chat", "What is a tide?", "--max-tokens", "8")["style"] == one

    shown = attune("style", "show")
    assert (shown["id"], shown["in_use"], shown["report"]["reason"]) == (one, True, "imported")
    assert not attune("style", "show", other)["in_use"]
    assert set(attune("style", "reset")["removed"]) == {one, other}
    listed = attune("style", "list")
    assert (listed["current"], listed["versions"]) == (None, [])
    assert attune("chat", "What is a tide?", "--max-tokens", "8")["style"] is None
    assert refused("style", "show") == "No style version is in use."
    assert one in refused("style", "use", one)
    assert attune("ratings", "export", str(tmp_path / "again.jsonl"))["exported"] == 1  # ratings stay


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

    shown = attune("style", "show")
    assert shown["id"] == report["version"] and shown["in_use"]
    assert shown["report"]["gate"]["kl_per_token"] <= 0.1 and len(shown["ratings_used"]) > 0
