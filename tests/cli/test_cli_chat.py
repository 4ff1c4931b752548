"""`attune chat` with the real starter, in a process of its own, as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "conversation", "message", "reply", "model", "style", "prompt_tokens", "completion_tokens", "ttft_s",
    "tokens_per_s", "finish",
}  # fmt: skip


def attune(*arguments: str, timeout_s: float = 800) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui.launch", "--offline", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s)


def test_a_conversation_with_a_picture(home_with_starter: Path, tmp_path: Path) -> None:
    first = attune("chat", "--json", "--seed", "1", "--max-tokens", "12", "What is the capital of France?")
    assert first.returncode == 0, first.stderr
    said = json.loads(first.stdout)
    assert said.keys() >= KEYS and "Paris" in said["reply"]
    assert said["model"] == "starter" and said["style"] is None and said["finish"] in ("stop", "length")

    sign = Image.new("RGB", (420, 160), "white")
    ImageDraw.Draw(sign).text((40, 40), "EXIT 24", font=ImageFont.load_default(60), fill="red")
    sign.save(tmp_path / "sign.png")
    second = attune(
        "chat", "--conversation", said["conversation"], "--max-tokens", "24", "--temperature", "0",
        "--image", str(tmp_path / "sign.png"), "What does the sign say?",
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    assert "sign.png: " in second.stderr and "EXIT 24" in second.stderr  # recognised, and shown
    assert second.stdout.strip()

    rated = attune("rate", said["message"], "up", "--json")
    assert rated.returncode == 0 and json.loads(rated.stdout)["value"] == 1
    found = json.loads(attune("search", "capital", "--json").stdout)["hits"]
    assert {hit["conversation_id"] for hit in found} == {said["conversation"]}


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent differently there")
def test_ctrl_c_keeps_what_was_written(home_with_starter: Path) -> None:
    command = [sys.executable, "-u", "-m", "ui.launch", "chat", "--seed", "3", "--max-tokens", "2000"]
    command += ["--temperature", "1", "Tell me a very long story about a dragon, in many chapters."]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, bufsize=0
    )
    assert process.stdout is not None
    start = process.stdout.read(20)  # the reply has begun
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group, the engine too
    rest, said = process.communicate(timeout=600)
    notes, written = said.decode(), (start + rest).decode()
    assert process.returncode == 0, notes
    assert "Stopped; what was written is kept." in notes and "Traceback" not in notes
    exported = home_with_starter / "all.json"
    assert attune("export", str(exported)).returncode == 0
    kept = json.loads(exported.read_text(encoding="utf-8"))["conversations"][0]["messages"][-1]
    assert kept["text"].strip() == written.strip() and kept["generation"]["finish"] == "cancelled"
    assert not left_of_group(process.pid)


def left_of_group(group: int, patience_s: float = 60.0) -> list[str]:
    """Processes of a group that do not end by themselves (an orphan would stay for ever; ending takes a moment).

    A zombie is no orphan: it has ended, and only the system has not taken note of it yet.
    """
    end = time.monotonic() + patience_s
    while True:
        left = []
        for process in psutil.process_iter(["pid", "name", "status"]):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                alive = process.info["status"] not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
                if alive and os.getpgid(process.pid) == group:
                    left.append(f"{process.pid} {process.info['name']}")
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.1)


def test_a_damaged_model_is_a_sentence(home_with_starter: Path) -> None:
    weights = home_with_starter / "models" / "starter" / "config.json"
    text = weights.read_text(encoding="utf-8")
    weights.unlink()  # a hard link: never write into it
    weights.write_text(text.replace("{", "x", 1).ljust(len(text)), encoding="utf-8")
    done = attune("chat", "hello")
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].endswith(".")


def test_a_reply_that_was_cut_off_is_continued(home_with_starter: Path) -> None:
    first = attune(
        "chat", "--json", "--temperature", "0", "--max-tokens", "4", "Count from one to twenty in words."
    )
    assert first.returncode == 0, first.stderr
    said = json.loads(first.stdout)
    assert said["finish"] == "length"
    more = attune("chat", "--continue", "--json", "--temperature", "0", "--max-tokens", "6")
    assert more.returncode == 0, more.stderr
    gone_on = json.loads(more.stdout)
    assert gone_on["message"] == said["message"] and gone_on["completion_tokens"] > 4
    assert gone_on["reply"].startswith(said["reply"]) and len(gone_on["reply"]) > len(said["reply"])
    mixed = attune("chat", "--continue", "And more?")
    assert mixed.returncode == 1 and "prompt" in mixed.stderr and "Traceback" not in mixed.stderr


def test_a_conversation_is_told_instructions_and_put_into_a_folder(home_with_starter: Path) -> None:
    from assistant.paths import DataPaths
    from assistant.store import Store

    done = attune(
        "chat", "--json", "--max-tokens", "4", "--instructions", "Answer in one word.", "--folder", "Short ones", "Hello",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)["conversation"]
    with Store.open(DataPaths(home_with_starter)) as store:
        conversation = store.conversation(made)
        assert (conversation.system_prompt, conversation.folder) == ("Answer in one word.", "Short ones")
    again = attune("chat", "--conversation", made, "--max-tokens", "4", "--instructions", "", "Hello again")
    assert again.returncode == 0, again.stderr
    with Store.open(DataPaths(home_with_starter)) as store:
        assert store.conversation(made).system_prompt == ""
