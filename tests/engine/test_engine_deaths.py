"""The engine killed, frozen and orphaned: what the front is told, and that it goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from watched_engine import LONG, Watched

from assistant.engine.client import CRASHES_IN_A_ROW
from assistant.engine.process import Limits
from assistant.engine.protocol import Done, EngineRestarted, EngineStopped, Failed, Loaded, Token

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


def gone(pid: int, timeout_s: float = 30.0) -> bool:
    """Whether process ``pid`` ended (a zombie counts as ended) within the time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def watched(tmp_path: Path, tiny_folder: Path) -> Iterator[Watched]:
    engine = Watched(tmp_path / "logs", Limits(ping_every_s=0.5, hung_after_s=6.0))
    engine.load(tiny_folder)
    yield engine
    engine.client.shutdown()


def kill_in_mid_reply(engine: Watched, delay_s: float) -> None:
    before = len(engine.events)
    pid, id = engine.client.pid, engine.ask("Tell me everything.", LONG)
    assert pid is not None
    time.sleep(delay_s)
    os.kill(pid, signal.SIGKILL)
    last = engine.client.wait(id, 120)
    if isinstance(last, Failed):  # else the reply was faster than the kill
        assert last.kind == "memory" and "started again" in last.reason
    restarted = engine.until(lambda event: isinstance(event, EngineRestarted), after=before)
    assert isinstance(engine.client.wait(restarted.load_id, 120), Loaded)
    assert isinstance(engine.client.wait(engine.ask(), 120), Done)
    assert engine.client.pid != pid and gone(pid)


def test_killed_in_mid_reply_it_restarts_reloads_and_replies(watched: Watched) -> None:
    for delay_s in (0.0, 0.15):
        kill_in_mid_reply(watched, delay_s)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fifty_kills_at_random_moments(watched: Watched) -> None:
    moments = random.Random(5)
    for _ in range(50):
        kill_in_mid_reply(watched, moments.uniform(0.0, 1.5))


def test_a_frozen_engine_is_noticed_and_replaced(watched: Watched) -> None:
    pid = watched.client.pid
    assert pid is not None
    id = watched.ask("Tell me everything.", LONG)
    watched.until(lambda event: isinstance(event, Token) and event.id == id)
    os.kill(pid, signal.SIGSTOP)
    watched.ask("Asked of a frozen engine: " + "long " * 400_000)  # more than a pipe holds; must not block us
    failed = watched.client.wait(id, 120)
    assert isinstance(failed, Failed) and failed.kind == "internal" and "did not answer" in failed.reason
    watched.until(lambda event: isinstance(event, EngineRestarted))
    assert isinstance(watched.client.wait(watched.ask(), 120), Done)
    assert gone(pid)


def test_three_crashes_in_a_row_and_it_stays_off_until_a_model_is_loaded(
    watched: Watched, tiny_folder: Path
) -> None:
    for crash in range(1, CRASHES_IN_A_ROW + 1):
        pid, before = watched.client.pid, len(watched.events)
        assert pid is not None
        os.kill(pid, signal.SIGSEGV)
        event = watched.until(lambda e: isinstance(e, (EngineRestarted, EngineStopped)), after=before)
        assert event.crashes == crash
    assert isinstance(event, EngineStopped) and "3 times in a row (a memory fault)" in event.reason
    assert watched.client.pid is None and watched.client.stopped_reason == event.reason
    refused = watched.client.wait(watched.ask(), 10)
    assert isinstance(refused, Failed) and refused.reason == event.reason
    watched.load(tiny_folder)
    assert isinstance(watched.client.wait(watched.ask(), 120), Done)


def test_shutdown_leaves_no_process_even_of_a_frozen_engine(watched: Watched) -> None:
    pid = watched.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    watched.client.shutdown(timeout_s=1.0)
    assert gone(pid) and watched.client.pid is None
    refused = watched.client.wait(watched.ask(), 10)
    assert isinstance(refused, Failed) and refused.kind == "cancelled"
    assert not any(isinstance(event, EngineRestarted) for event in watched.events)


FRONT = """
    import sys, time
    from assistant.engine.client import Client
    from assistant.engine.protocol import Turn
    from assistant.records import Sampling

    if __name__ == "__main__":
        client = Client(sys.argv[1])
        client.wait(client.load(sys.argv[2], "tiny"), 120)
        client.generate((Turn("user", "Tell me everything."),), Sampling(temperature=0.0, max_tokens=900))
        print(client.pid, flush=True)
        if sys.argv[3] == "leave":
            sys.exit(0)  # without shutdown
        time.sleep(300)
"""


@pytest.mark.parametrize("way", ["kill -9", "leave"])
def test_no_orphan_is_left_when_the_front_dies(way: str, tmp_path: Path, tiny_folder: Path) -> None:
    script = tmp_path / "front.py"
    script.write_text(textwrap.dedent(FRONT))
    command = [sys.executable, str(script), str(tmp_path / "logs"), str(tiny_folder), way]
    front = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert front.stdout is not None
    engine = int(front.stdout.readline())
    children = (
        [child.pid for child in psutil.Process(front.pid).children(recursive=True)] if way != "leave" else []
    )
    if way == "kill -9":
        front.kill()
    front.wait(60)
    front.stdout.close()
    assert gone(engine)
    assert all(gone(pid) for pid in children)  # the resource tracker of multiprocessing too
