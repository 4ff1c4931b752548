"""The report of a problem has nothing of the user's in it, and enough to find the problem."""

from __future__ import annotations

import json
import logging
import os

import pytest

from assistant import logs, problem_report
from assistant import settings as settings_file
from assistant.cli import main
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

SECRETS = ("Wolkenkuckucksheim", "quetzalcoatl", "京都旅行", "s3cr3t-t0ken", "4915112345678", "anna.example")


@pytest.fixture
def full(attune_home):
    """A data folder with a secret wherever one can be."""
    paths = DataPaths(attune_home).ensure()
    word, name, chinese, token, phone, mail = SECRETS
    with Store.open(paths) as store:
        conversation = store.create_conversation(title=word, system_prompt=chinese, folder=name)
        asked = store.add_message(conversation.id, None, "user", f"{phone} {mail}@example.org")
        reply = store.add_message(conversation.id, asked.id, "assistant", word)
        store.add_rating("thumb", 1, reply.id, note=name)
        store.add_line(name)
    settings = Settings(
        system_prompt=word, hub_mirror=f"http://{mail}/{token}", proxy=f"http://{name}:{token}@p", model=f"/home/{name}/m",
        extra={word: chinese}, window={"conversation": name}, shortcuts={word: name},
    )  # fmt: skip
    settings_file.save(paths.settings, settings)
    (paths.models / word).mkdir()
    logs.start(paths.logs, "window")
    log = logging.getLogger("assistant.store")
    log.warning("the database is damaged; recovering")
    log.warning("the model %s in /home/%s/%s could not be read: %s", word, name, chinese, token)
    log.warning("no snapshot: %s\n    second line %s", mail, phone)
    try:
        raise ValueError(f"invalid literal {word!r} {chinese}")
    except ValueError:
        log.exception("a job failed: %s", word)
    for handler in list(logging.getLogger().handlers):
        if getattr(handler, "_attune", False):
            logging.getLogger().removeHandler(handler)
            handler.close()
    (paths.logs / f"{word}.log").write_text(f"{word}\n2026-01-01 00:00:00,000 1 INFO {name}: {word}\n")
    return paths


def test_no_secret_is_in_the_report_and_what_happened_is(full):
    text = problem_report.compose(full)
    for secret in SECRETS:
        assert secret.lower() not in text.lower(), secret
    home = os.path.expanduser("~")
    assert str(full.root) not in text and (len(home) < 2 or home not in text)
    assert "the database is damaged; recovering" in text
    assert "ValueError" in text and "tests/" not in text
    assert "conversations: 1, messages: 2, ratings: 1" in text
    assert "system_prompt: (set)" in text and "proxy: (set)" in text and "theme: system" in text
    assert "python: 3" in text and "sqlite: " in text


def test_any_line_of_a_log_loses_what_is_not_the_programs(full):
    lines = [
        '  File "/home/quetzalcoatl/x/assistant/store/store.py", line 12, in open',
        '    raise ValueError("quetzalcoatl")',
        "quetzalcoatl.Error: quetzalcoatl",
        "ValueError: quetzalcoatl",
        "2026-01-01 00:00:00,000 1 INFO assistant.x: 'quetzalcoatl' \x1b[31m 4915112345678",
        "quetzalcoatl",
        "",
        "\x00\ud800".encode("utf-8", "replace").decode(),
    ]
    made = "\n".join(problem_report._scrubbed_log(lines))
    assert "assistant/store/store.py:12 in open" in made and "ValueError" in made
    assert "4915112345678" not in made and "\x1b" not in made
    assert "quetzalcoatl" not in made


@pytest.mark.parametrize("state", ["empty", "damaged", "foreign", "bad settings"])
def test_a_folder_in_any_state_gives_a_report(attune_home, tmp_path, state, capsys):
    paths = DataPaths(attune_home).ensure()
    if state == "damaged":
        paths.database.write_bytes(os.urandom(20_000))
    elif state == "foreign":
        import sqlite3

        db = sqlite3.connect(paths.database)
        db.execute("CREATE TABLE quetzalcoatl (x)")
        db.execute("PRAGMA application_id = 7")
        db.commit()
        db.close()
    elif state == "bad settings":
        paths.settings.write_text('{"theme": "quetzalcoatl"')
    target = tmp_path / "report.txt"
    assert main(["doctor", "--report", str(target), "--json"], None) == 0
    assert json.loads(capsys.readouterr().out)["size_bytes"] == target.stat().st_size
    text = target.read_text()
    assert "quetzalcoatl" not in text and str(attune_home) not in text and "== Data ==" in text
    if os.name == "posix":
        assert target.stat().st_mode & 0o077 == 0


def test_a_report_that_cannot_be_written_is_one_sentence(attune_home, tmp_path, capsys):
    assert main(["doctor", "--report", str(tmp_path / "no" / "such" / "folder.txt")], None) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
