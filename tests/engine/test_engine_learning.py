"""Learning, benchmarks and pictures through the real engine process; a reply goes in between learning steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import learning_jobs
import pytest
from PIL import Image

from assistant.engine.protocol import Benched, Done, Failed, LearnDone, LearnStep, Recognised, Turn
from assistant.learning_records import UpdateJob
from assistant.records import Sampling
from models.benchmark.bench_report import BenchOptions

SHORT = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=12)


def job(styles: Path, version: str, epochs: int) -> UpdateJob:
    signals = [
        {
            "id": str(i), "kind": "thumb", "value": 1 if i % 2 else -1, "at": f"{i:03d}",
            "prompt": [{"role": "user", "text": f"Tell me {i}"}],
            "reply": {"text": f"Thank you very much, number {i}!" if i % 2 else f"The dog is {i} and lazy."},
            "conversation": str(i),
        }
        for i in range(24)
    ]  # fmt: skip
    return learning_jobs.update_job({
        "version": version, "model": "tiny", "parent": None, "styles": str(styles), "signals": signals,
        "probe_tokens": 4, "hyper": {"top_layers": 1, "epochs": epochs},
    })  # fmt: skip


def test_a_reply_goes_before_learning_and_learning_then_ends_with_its_report(
    engine: Any, tmp_path: Path
) -> None:
    learning = engine.client.learn(job(tmp_path / "styles", "v1", 30))
    engine.until(lambda event: isinstance(event, LearnStep) and event.id == learning)
    reply = engine.ask()
    assert isinstance(engine.client.wait(reply, 60), Done)
    assert not engine.of(learning, LearnDone)  # the reply did not wait for the whole update
    done = engine.client.wait(learning, 200)
    assert isinstance(done, LearnDone), done
    report = done.report
    assert report.reason and report.ratings_used > 0 and report.kl_per_token >= 0.0 and report.traits
    assert (report.version if report.accepted else report.rejected_version) == "v1"
    steps = engine.of(learning, LearnStep)
    assert len(steps) >= 3 and steps[-1].steps >= steps[-1].step


def test_learning_can_be_paused_and_cancelled(engine: Any, tmp_path: Path) -> None:
    engine.client.pause(True)
    learning = engine.client.learn(job(tmp_path / "styles", "v2", 200))
    assert isinstance(engine.client.wait(engine.ask(), 60), Done)
    assert not engine.of(learning, LearnStep)
    engine.client.pause(False)
    engine.until(lambda event: isinstance(event, LearnStep) and event.id == learning)
    engine.client.cancel(learning)
    last = engine.client.wait(learning, 120)
    assert isinstance(last, Failed) and last.kind == "cancelled"
    assert not (tmp_path / "styles" / "v2").exists()  # a cancelled update leaves no half a version


def test_a_cap_on_learning_reaches_the_engine_and_is_told_in_the_time_left(
    engine: Any, tmp_path: Path
) -> None:
    def reading(version: str) -> float:
        learning = engine.client.learn(job(tmp_path / "styles", version, 200))
        step = engine.until(
            lambda e: isinstance(e, LearnStep) and e.id == learning and e.phase.startswith("read")
        )
        engine.client.cancel(learning)
        assert engine.client.wait(learning, 120).kind == "cancelled"
        left: float = step.seconds_left
        return left

    whole = reading("v4")  # what an update may take at most is told until it is known better
    engine.client.pace(50)
    assert reading("v5") == 2 * whole
    engine.client.pace(100)
    assert reading("v6") == whole


def test_loading_another_model_ends_learning_and_says_why(
    engine: Any, tmp_path: Path, tiny_folder: Path
) -> None:
    learning = engine.client.learn(job(tmp_path / "styles", "v3", 200))
    engine.until(lambda event: isinstance(event, LearnStep) and event.id == learning)
    engine.load(tiny_folder)
    last = engine.client.wait(learning, 60)
    assert isinstance(last, Failed) and "Another model" in last.reason


def test_a_benchmark_measures_the_loaded_model(engine: Any) -> None:
    id = engine.client.bench(BenchOptions(prompt_tokens=64, new_tokens=8, repeats=1))
    event = engine.client.wait(id, 120)
    assert isinstance(event, Benched)
    assert event.report.decode_tokens_per_s > 0 and event.report.rss_bytes > 50e6


def test_text_in_a_picture_is_read_and_a_damaged_one_is_refused(engine: Any, tmp_path: Path) -> None:
    blank, broken = tmp_path / "blank.png", tmp_path / "broken.png"
    Image.new("RGB", (64, 64), "white").save(blank)
    broken.write_bytes(b"\x89PNG broken")
    seen = engine.client.wait(engine.client.recognise(blank), 60)
    assert isinstance(seen, Recognised) and seen.recognition.text == "" and not seen.recognition.objects
    failed = engine.client.wait(engine.client.recognise(broken), 60)
    assert isinstance(failed, Failed) and failed.kind == "bad_input"


def test_a_head_chooses_among_candidates(engine: Any) -> None:
    np = pytest.importorskip("numpy")
    from assistant.learning import guidance
    from assistant.learning.reward_head import reward

    found = [
        learning_jobs.signal(
            {"id": str(i), "kind": "thumb", "value": 1 if i % 2 else -1, "at": f"{i:03d}", "prompt": [],
             "reply": {"text": "Yes!" if i % 2 else "A long and slow reply that goes on. " * 5}}
        )
        for i in range(20)
    ]  # fmt: skip
    request = guidance.to_request(reward.fit(found), budget_s=1000.0, blocks=False)
    drawn = Sampling(temperature=1.0, max_tokens=12, seed=3)
    turns = (Turn("user", "Tell me about the fox."),)
    first = engine.client.wait(engine.client.generate(turns, drawn, steering=request), 60)
    second = engine.client.wait(engine.client.generate(turns, drawn, steering=request), 60)
    assert isinstance(first, Done) and isinstance(second, Done)
    best_of = second.generation.details.best_of
    assert len(best_of.candidates) > 1
    assert best_of.chosen == int(np.argmax([candidate.bound for candidate in best_of.candidates]))
    assert second.text == best_of.candidates[best_of.chosen].text
    plain = engine.client.wait(engine.client.generate(turns, drawn), 60)
    assert plain.generation.details.best_of is None  # off means off
    searched = engine.client.wait(
        engine.client.generate(turns, drawn, steering=replace(request, blocks=True)), 60
    )
    assert searched.generation.details.blocks > 0 and searched.generation.details.best_of is None
