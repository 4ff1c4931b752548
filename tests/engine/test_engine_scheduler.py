"""Who goes first: a reply before everything, learning one short step at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine.outgoing import failed
from assistant.engine.scheduler import Cancelled, Job, Priority, Scheduler
from assistant.errors import BadInput
from models.errors import ModelRefused


class Bench:
    """A scheduler whose steps and errors are written down."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.errors: dict[int, BaseException] = {}
        self.scheduler = Scheduler(lambda job, error: self.errors.update({job.id: error}), lambda job: None)

    def steps(self, name: str, n: int, then: object = None) -> Iterator[None]:
        for i in range(n):
            self.log.append(f"{name}{i}")
            if callable(then):
                then(i)
            yield

    def add(
        self, id: int, name: str, priority: Priority, n: int = 3, then: object = None, **more: bool
    ) -> Job:
        job = Job(id, name, priority, self.steps(name, n, then), 10.0, **more)
        self.scheduler.submit(job)
        return job

    def run(self) -> None:
        """Until a job of the lowest priority, added now, has its turn."""

        def stop() -> Iterator[None]:
            self.scheduler.stop()
            yield

        self.scheduler.submit(Job(0, "stop", Priority.LEARN, stop(), 10.0))
        self.scheduler.run()


def test_the_urgent_go_first_and_equals_in_order() -> None:
    bench = Bench()
    bench.add(1, "learn", Priority.LEARN, 1)
    bench.add(2, "bench", Priority.BENCH, 1)
    bench.add(3, "look", Priority.RECOGNISE, 1)
    bench.add(4, "a", Priority.REPLY, 2)
    bench.add(5, "b", Priority.REPLY, 1)
    bench.run()
    assert bench.log == ["a0", "a1", "b0", "look0", "bench0", "learn0"]


def test_a_reply_waits_for_one_learning_step_at_most() -> None:
    bench = Bench()
    bench.add(
        1, "learn", Priority.LEARN, 4, lambda i: bench.add(2, "reply", Priority.REPLY, 2) if i == 1 else None
    )
    bench.run()
    assert bench.log == ["learn0", "learn1", "reply0", "reply1", "learn2", "learn3"]


def test_cancel_ends_learning_at_its_next_step_and_says_so() -> None:
    bench = Bench()
    bench.add(1, "learn", Priority.LEARN, 9, lambda i: bench.scheduler.cancel(1) if i == 2 else None)
    bench.run()
    assert bench.log == ["learn0", "learn1", "learn2"]
    assert isinstance(bench.errors[1], Cancelled)


def test_a_job_that_finishes_itself_gets_another_step_after_cancel() -> None:
    bench = Bench()
    bench.add(1, "r", Priority.REPLY, 2, lambda i: bench.scheduler.cancel(1), finishes_itself=True)
    bench.run()
    assert bench.log == ["r0", "r1"] and not bench.errors


def test_pause_holds_learning_back_but_not_replies() -> None:
    bench = Bench()
    bench.scheduler.pause(True)
    bench.add(1, "learn", Priority.LEARN, 1)
    bench.add(2, "reply", Priority.REPLY, 1, lambda i: threading.Timer(0.05, resume).start())

    def resume() -> None:
        bench.log.append("resumed")
        bench.scheduler.pause(False)

    bench.run()
    assert bench.log == ["reply0", "resumed", "learn0"]


class FakeTime:
    """A clock that only steps and waiting move."""

    def __init__(self) -> None:
        self.now = 100.0
        self.rested = 0.0

    def sleep(self, seconds: float) -> bool:
        self.now += seconds
        self.rested += seconds
        return False


@given(percent=st.integers(10, 100), took=st.lists(st.floats(0.01, 20.0), min_size=2, max_size=12))
def test_learning_works_in_no_more_than_its_share_of_the_time(percent: int, took: list[float]) -> None:
    time, ended = FakeTime(), []
    scheduler = Scheduler(lambda job, error: None, lambda job: None, clock=lambda: time.now, sleep=time.sleep)

    def learn() -> Iterator[None]:
        for seconds in took:
            time.now += seconds
            ended.append(time.now)
            yield
        scheduler.stop()

    scheduler.pace(percent)
    scheduler.submit(Job(1, "learn", Priority.LEARN, learn(), 10.0))
    began = time.now
    scheduler.run()
    assert len(ended) == len(took)
    worked, whole = sum(took), time.now - began  # the rest after the last step included
    assert worked / whole == pytest.approx(percent / 100)
    assert time.rested == pytest.approx(whole - worked)


def test_a_cap_on_learning_holds_no_reply_up_and_can_be_lifted_in_the_middle_of_a_rest() -> None:
    time, log = FakeTime(), []
    scheduler = Scheduler(lambda job, error: None, lambda job: None, clock=lambda: time.now)

    def learn() -> Iterator[None]:
        time.now += 10
        log.append(f"learn {time.now:.0f}")
        yield
        log.append(f"learn {time.now:.0f}")
        scheduler.stop()
        yield

    def reply() -> Iterator[None]:
        log.append(f"reply {time.now:.0f}")
        threading.Timer(0.05, scheduler.pace, [100]).start()  # now it may learn as much as it likes
        yield

    def rest(seconds: float) -> bool:
        assert seconds == 90  # of 100 s, one tenth is worked
        if len(log) == 1:
            scheduler.submit(Job(2, "reply", Priority.REPLY, reply(), 10.0))
            return True
        return waited(30)

    waited, scheduler._sleep = scheduler._sleep, rest
    scheduler.pace(10)
    scheduler.submit(Job(1, "learn", Priority.LEARN, learn(), 10.0))
    scheduler.run()
    assert log == ["learn 110", "reply 110", "learn 110"]


def test_an_error_ends_its_job_alone() -> None:
    bench = Bench()

    def fail(i: int) -> None:
        raise ValueError("broken")

    bench.add(1, "bad", Priority.REPLY, 2, fail)
    bench.add(2, "good", Priority.REPLY, 1)
    bench.run()
    assert bench.log == ["bad0", "good0"] and isinstance(bench.errors[1], ValueError)


def test_loading_ends_only_what_had_begun_with_the_old_model() -> None:
    bench = Bench()

    def load(i: int) -> None:
        bench.scheduler.end_started("Another model was loaded meanwhile.")

    def arrive(i: int) -> None:
        if i == 0:
            bench.add(2, "load", Priority.REPLY, 1, load, uses_model=False)
            bench.add(3, "new", Priority.BENCH, 1)

    bench.add(1, "learn", Priority.LEARN, 3, arrive)
    bench.run()
    assert bench.log == ["learn0", "load0", "new0"]
    assert str(bench.errors[1]) == "Another model was loaded meanwhile."


def test_errors_become_kinds_and_sentences() -> None:
    cuda = RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
    cpu = RuntimeError(
        "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried"
    )
    assert [failed(1, e).kind for e in (MemoryError(), cuda, cpu)] == ["memory"] * 3
    assert failed(1, BadInput("Too long.")) == failed(1, BadInput("Too long."))
    assert failed(1, BadInput("Too long.")).kind == "bad_input"
    assert failed(1, ModelRefused("Damaged.")).kind == "model"
    unexpected = failed(1, KeyError("x"))
    assert unexpected.kind == "internal" and "KeyError" in unexpected.reason and "\n" not in unexpected.reason
