"""`attune serve` as a process with the real starter: one conversation, and how it starts and ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import openai
import pytest

ROOT = Path(__file__).resolve().parents[2]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "ui.launch", "serve", *words]


def begin(*words: str) -> tuple[subprocess.Popen[str], str, str]:
    """The process, its address and its token, once it answers."""
    process = subprocess.Popen(
        command("--port", "0", *words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    first, second = process.stdout.readline(), process.stdout.readline()
    if "Ctrl-C" not in process.stderr.readline():
        process.kill()
        raise AssertionError(process.stderr.read())
    return process, first.split()[-1], second.split()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_conversation_with_the_official_client_and_a_clean_end(home_with_starter, number):
    process, url, token = begin("--keep")
    try:
        with openai.OpenAI(base_url=url, api_key=token, max_retries=0) as client:
            with client.chat.completions.create(
                model="starter",
                messages=[{"role": "user", "content": "Say hello in five words."}],
                max_tokens=12,
                temperature=0,
                seed=1,
                stream=True,
            ) as stream:
                text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
            whole = client.chat.completions.create(
                model="starter@base",
                messages=[{"role": "user", "content": "Say hello in five words."}],
                max_tokens=12,
                temperature=0,
            )
            assert text and whole.choices[0].message.content == text
            assert whole.usage.completion_tokens <= 12 and whole.usage.prompt_tokens > 5
            rated = client.post(
                "/attune/ratings", body={"id": whole.id, "rating": "up"}, cast_to=dict[str, object]
            )
            assert rated["kind"] == "thumb"
        process.send_signal(number)
        assert process.wait(timeout=120) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    logged = (home_with_starter / "logs" / "serve.log").read_text(encoding="utf-8")
    assert token not in logged and "hello" not in logged.lower()


def test_what_keeps_it_from_starting_is_one_sentence(home_with_starter):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words, said in (
            (("--port", port), "cannot listen"),
            (("--port", "0", "--host", "not an address"), "no address of this computer"),
            (("--port", "0", "--model", "gone"), "not on this computer"),
            (("--port", "0", "--token", "short"), "8 to 512 characters"),
        ):
            done = subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, timeout=200)
            assert done.returncode == 1 and re.search(said, done.stderr), done.stderr
            assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
