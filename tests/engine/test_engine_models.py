"""Models are swapped without a restart, let go when nobody needs them, and come back by themselves."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest
from tiny_model import make_tiny_model

from assistant.engine import jobs
from assistant.engine import protocol as p
from assistant.engine.scheduler import Job, Priority, Scheduler
from assistant.records import Sampling

SHORT = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=8)
ASK = (p.Turn("user", "Tell me about the quick brown fox."),)


def test_another_model_takes_over_in_the_same_process(engine, tiny_folder: Path, tmp_path: Path) -> None:
    other = make_tiny_model(tmp_path / "other", seed=4)
    first, pid = engine.client.wait(engine.client.generate(ASK, SHORT), 60), engine.client.pid
    loaded = engine.client.wait(engine.client.load(other, "other"), 120)
    assert isinstance(loaded, p.Loaded) and loaded.info.id == "other"
    second = engine.client.wait(engine.client.generate(ASK, SHORT), 60)
    engine.load(tiny_folder)
    third = engine.client.wait(engine.client.generate(ASK, SHORT), 60)
    assert (second.generation.model, third.generation.model) == ("other", "tiny")
    assert second.text != first.text == third.text
    assert engine.client.pid == pid


def test_a_model_that_fills_the_memory_is_refused_and_the_engine_lives(
    engine, tiny_folder: Path, tmp_path: Path
) -> None:
    hostile = Path(shutil.copytree(tiny_folder, tmp_path / "hostile"))
    template = (
        "{% set ns = namespace(x='x') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"
    )
    (hostile / "chat_template.jinja").write_text(template)
    assert isinstance(engine.client.wait(engine.client.load(hostile, "hostile"), 120), p.Loaded)
    told = engine.client.wait(engine.client.generate(ASK, SHORT), 60)
    assert isinstance(told, p.Failed) and told.kind == "model" and "chat template" in told.reason
    pid = engine.client.pid
    engine.load(tiny_folder)
    assert engine.client.wait(engine.client.generate(ASK, SHORT), 60).text and engine.client.pid == pid


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's data is Linux's")
def test_the_engine_may_take_no_more_memory_than_its_work_needs(engine) -> None:
    def table(name: str) -> str:
        return (Path("/proc") / str(engine.client.pid) / name).read_text()

    limit = int(re.search(r"Max data size +(\d+)", table("limits"))[1])
    used = int(re.search(r"VmData:\s+(\d+)", table("status"))[1]) * 1024
    assert used < limit < used + 4_000_000_000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_idle_model_is_let_go_and_comes_back(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock, events = Clock(), []
    monkeypatch.setattr(jobs.time, "monotonic", clock)
    engine = jobs.Engine(events.append, lambda reason: None)

    def run(steps) -> None:
        engine.before_step(1)
        for _ in steps:
            pass

    request = p.Load(1, str(tiny_folder), "tiny", "float32", "cpu", 1, idle_unload_s=600.0)
    run(engine.load(request, lambda: False))
    run(engine.generate(p.Generate(2, ASK, SHORT), lambda: False))
    clock.now = 599.0
    engine.sleep_if_idle()
    assert engine._model is not None
    clock.now = 601.0
    engine.sleep_if_idle()
    assert engine._model is None
    run(engine.generate(p.Generate(3, ASK, SHORT), lambda: False))
    replies = [event.text for event in events if isinstance(event, p.Done)]
    assert replies[0] == replies[1] != ""
    clock.now = 1100.0
    engine.sleep_if_idle()  # 499 s after the last step
    assert engine._model is not None
    run(engine.load(p.Load(4, str(tiny_folder), "tiny", "float32", "cpu", 1), lambda: False))
    clock.now = 10**6
    engine.sleep_if_idle()  # this Load said: never
    assert engine._model is not None


def test_the_scheduler_tells_of_idle_time_and_of_nothing_else() -> None:
    idle: list[float] = []
    scheduler = Scheduler(lambda job, error: None, lambda job: None, lambda: on_idle(), idle_every_s=0.01)
    done = []

    def on_idle() -> None:
        idle.append(time.monotonic())
        if len(idle) == 2:
            scheduler.submit(Job(1, "work", Priority.REPLY, work(), 10.0))
        if len(idle) == 4:
            scheduler.stop()

    def work():
        for _ in range(3):
            before = len(idle)
            yield
            assert len(idle) == before
        done.append(True)

    scheduler.run()
    assert done and len(idle) == 4


def test_a_paused_update_keeps_its_model_so_that_there_are_never_two() -> None:
    """The idle model was let go although the update still held it, and the next reply loaded a second one."""
    idle: list[float] = []
    ended: list[BaseException] = []
    scheduler = Scheduler(
        lambda job, error: ended.append(error), lambda job: None, lambda: on_idle(), idle_every_s=0.01
    )

    def on_idle() -> None:
        idle.append(time.monotonic())
        scheduler.stop()

    def steps():
        scheduler.pause(True)
        while True:
            yield

    update = Job(1, "learn", Priority.LEARN, steps(), 60.0)
    scheduler.submit(update)
    thread = threading.Thread(target=scheduler.run)
    thread.start()
    deadline = time.monotonic() + 30
    while not update.started and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.3)  # thirty times as long as it takes to be idle
    assert update.started and not idle
    scheduler.cancel(1)
    thread.join(30)
    assert len(ended) == 1 and len(idle) == 1  # nothing holds the model any more
