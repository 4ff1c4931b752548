"""Processes that the stress command kills: the window in use, a real update of the style, an update that writes versions."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.learning import versions
from assistant.paths import DataPaths
from assistant.store import Store, recovery

ROOT = Path(__file__).resolve().parents[2]
_START_S = 240.0  # on a busy machine

PATHS = f"""
import sys
from pathlib import Path
for where in ("", "tests", "tests/ui", "tests/engine"):
    sys.path.insert(0, str(Path({str(ROOT)!r}) / where))
"""

# Types, waits for the reply and rates, as a person; says what the window has shown as saved.
WINDOW = PATHS + textwrap.dedent(
    """
    from answering_engine import AnsweringClient, Answers
    import ui.engine_bridge
    from assistant.settings import Settings
    from window_driver import Driver

    ui.engine_bridge.Client = type("Client", (AnsweringClient,), {"answers": Answers()})
    driver = Driver(Path(sys.argv[1]), Settings(learn_when="off", first_run_done=True))
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    print("ready", flush=True)
    for number in range(1, 1000):
        driver.say(f"question {number}")
        reply = driver.replied()
        print("a", reply.id, flush=True)
        driver.window.chat.rate(reply.id, 1)
        saved = []
        driver.window.data.writer.run(lambda _store: None, saved.append)
        driver.until(lambda: saved, "the rating")
        print("r", reply.id, flush=True)
        if number % 3 == 0:
            driver.window.new_chat()
    """
)

# Updates of a style, one after the other, in a real engine.
UPDATES = PATHS + textwrap.dedent(
    """
    from test_engine_learning import job
    from watched_engine import Watched
    from assistant.engine.protocol import LearnDone
    from assistant.learning import versions
    from assistant.paths import DataPaths
    from assistant.store import Store

    if __name__ == "__main__":
        paths = DataPaths(Path(sys.argv[1])).ensure()
        engine = Watched(paths.logs)
        engine.load(Path(sys.argv[2]))
        with Store.open(paths) as store:
            print("ready", engine.client.pid, flush=True)
            for number in range(1000):
                name = f"v{__import__('os').getpid()}x{number}"
                done = engine.client.wait(engine.client.learn(job(paths.styles, name, 2)), 600)
                if isinstance(done, LearnDone):
                    version = versions.register(store, "tiny", done.report)
                    print("v", done.report.version or "", flush=True)
    """
)

# Writes versions of a style as an update does at its end: files, sums, rename, the ledger.
LEARNER = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from assistant.learning import versions
    from assistant.paths import DataPaths
    from assistant.records import UpdateReport
    from assistant.store import Store

    paths = DataPaths(Path(sys.argv[1]))
    with Store.open(paths) as store:
        print("ready", flush=True)
        for number in range(1000):
            with versions.learning(paths.styles):
                folder = versions.begin(paths.styles, f"v{os.getpid()}x{number}")
                for name in ("adapter_config.json", "adapter_model.safetensors"):
                    (folder / name).write_bytes(os.urandom(300_000))
                made = versions.finish(folder, {"base": "starter"})
                versions.register(store, "starter", UpdateReport(accepted=True, version=made.name))
            print(made.name, flush=True)
    """
)


class Victim:
    """A process that says what it has acknowledged, a line each, until it is killed."""

    def __init__(self, script: Path, code: str, *arguments: str) -> None:
        script.write_text(code)
        self._errors = script.with_suffix(".err").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout is not None
        self.lines: list[str] = []
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        assert self.wait(1, _START_S), f"it did not start: {self.errors()}"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                with self._more:
                    self.lines.append(line.strip())
                    self._more.notify_all()
        with self._more:
            self.lines.append("end")
            self._more.notify_all()

    def wait(self, count: int, seconds: float) -> bool:
        """Until it has said ``count`` lines, or ended."""
        with self._more:
            self._more.wait_for(lambda: len(self.lines) >= count or "end" in self.lines, seconds)
            return len([line for line in self.lines if line != "end"]) >= count

    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-600:]

    def kill(self) -> list[str]:
        """What it had said."""
        self._process.kill()
        self._process.wait()
        self.wait(10**9, 20)
        self._errors.close()
        return [line for line in self.lines[1:] if line != "end"]


def killed_window(folder: Path, draw: random.Random) -> None:
    """What was shown as saved is there, and the next window opens."""
    paths = DataPaths(folder / "data").ensure()
    window = Victim(folder / "window.py", WINDOW, str(paths.root))
    window.wait(1 + draw.randrange(1, 9), 90)
    time.sleep(draw.random() * 0.4)
    said = window.kill()
    assert said, "nothing was shown before the kill"
    with Store.open(paths) as store:
        assert recovery.problems(paths.database) == []
        rated = {rating.message_id for rating in store.ratings()}
        for line in said:
            kind, _, id = line.partition(" ")
            message = store.message(id)
            assert message.state == "done" and message.text and message.error == ""
            assert kind != "r" or id in rated, "a rating that was shown is gone"
    again = Victim(folder / "again.py", WINDOW, str(paths.root))
    assert again.wait(3, 120), f"the next window does not work: {again.errors()}"
    again.kill()


def killed_update(folder: Path) -> Iterator[Any]:
    """The engine or the whole program killed in the middle of a real update: versions are whole or not there."""
    from tiny_model import make_tiny_model

    tiny = make_tiny_model(folder / "tiny")

    def one(inner: Path, draw: random.Random) -> None:
        paths = DataPaths(inner / "data").ensure()
        program = Victim(inner / "updates.py", UPDATES, str(paths.root), str(tiny))
        engine = int(program.lines[0].split()[1])
        time.sleep(draw.random() * 4.0)
        if draw.random() < 0.5:
            os.kill(engine, 9)
            program.wait(2 + len(program.lines), 120)  # it is started again, and learns
        said = [line.partition(" ")[2] for line in program.kill()]
        with Store.open(paths) as store:
            kept = [style.id for style in store.styles()]
            assert {version for version in said if version} <= set(kept), "a version that was told of is gone"
            for version in kept:
                versions.verify(paths.styles / version)
            with versions.learning(paths.styles):
                assert not list(paths.styles.glob("*.tmp")), "a half-written version stayed"

    yield one


def killed_learner(folder: Path, draw: random.Random) -> None:
    paths = DataPaths(folder / "data")
    process = subprocess.Popen(
        [sys.executable, "-c", LEARNER, str(paths.root)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline()
    time.sleep(draw.random() * 0.6)
    process.kill()
    said = [line.strip() for line in process.stdout.readlines() if line.endswith("\n")]
    process.wait()
    with Store.open(paths) as store:
        kept = [style.id for style in store.styles()]
        assert set(said) <= set(kept), "a version that was told of is gone"
        for version in kept:
            versions.verify(paths.styles / version)
        assert store.current_style("starter") == (kept[-1] if kept else None)
        with versions.learning(paths.styles):
            assert not list(paths.styles.glob("*.tmp")), "a half-written version stayed"
