"""What older, newer or damaged versions of the program stored is read as far as it fits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from samples import GENERATION, exchange

from assistant import strict_json
from assistant.learning import versions
from assistant.paths import DataPaths
from assistant.records import BestOf, Candidate, GateReport, LeftOut, ReplyDetails, UpdateReport
from assistant.store import Store

# As a version wrote them whose reports and details were free JSON objects.
OLD_REPORT = {
    "accepted": True, "reason": "It agrees with your ratings and passed every check.", "version": "v1", "ratings_used": 9,
    "reward_before": 0.1, "reward_after": 0.6, "heldout_agreement": None, "kl_per_token": 0.031, "seconds": 41.2, "steps": 24,
    "traits": {"length": -1.2}, "used": ["a", "b"], "held_out": ["c"], "parent": None,
    "left_out": [{"rating": "d", "why": "the reply is empty"}], "contradictions": 1, "continued": False,
    "gate": {"accepted": True, "reason": "", "heldout_before": None, "kl_per_token": 0.031, "words_after": 12.0},
    "tokens": 900, "stopped": "kl", "strength": 0.85, "seconds_by_phase": {"training": 9.5},
}  # fmt: skip
OLD_DETAILS = {
    "reused_tokens": 12, "candidates": 2, "guided_steps": 0, "guided_at": [], "end_logprob": -0.25,
    "best_of": {"chosen": 1, "candidates": [{"text": "a", "score": 0.1, "bound": 0}, {"text": "b", "score": 1, "bound": 0.9}]},
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def test_the_report_of_an_older_style_version_is_read(store: Store) -> None:
    store.add_style("m", style_id="v1")
    store._write("UPDATE style_version SET report = ?", [json.dumps(OLD_REPORT)])
    report = store.style("v1").report
    assert report.reason.startswith("It agrees") and report.left_out == (LeftOut("d", "the reply is empty"),)
    assert report.gate == GateReport(True, "", kl_per_token=0.031, words_after=12.0)
    assert report.traits == {"length": -1.2} and report.seconds_by_phase == {"training": 9.5}
    store.update_style("v1", report=report)
    assert store.style("v1").report == report


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ({"imported": True, "reason": "imported"}, UpdateReport(imported=True, reason="imported")),
        ({"steps": 3, "of a newer version": [1, {"x": 2}]}, UpdateReport(steps=3)),
        ({"steps": "three", "tokens": 7}, UpdateReport(tokens=7)),
        ({"gate": {"kl_per_token": "far", "nothing": 0.5}}, UpdateReport(gate=GateReport(nothing=0.5))),
        ({"gate": None, "left_out": [{"rating": 1}]}, UpdateReport()),
        ([1, 2], UpdateReport()),
    ],
)
def test_what_does_not_fit_a_report_is_left_out_and_the_rest_is_read(
    store: Store, stored: object, read: UpdateReport
) -> None:
    store.add_style("m", style_id="v1")
    store._write("UPDATE style_version SET report = ?", [json.dumps(stored)])
    assert store.style("v1").report == read


def test_the_details_of_an_older_reply_are_read_and_exported(store: Store, tmp_path: Path) -> None:
    _, reply = exchange(store)
    row = json.loads(store._row("SELECT data FROM generation WHERE message_id = ?", [reply.id])[0])
    for details in (OLD_DETAILS, OLD_DETAILS | {"of a newer version": {"x": 1}}):
        store._write("UPDATE generation SET data = ?", [json.dumps({**row, "details": details})])
        made = store.message(reply.id).generation
        assert made is not None and made.details == ReplyDetails(
            12, 2, end_logprob=-0.25, guided_steps=0,
            best_of=BestOf(1, (Candidate("a", 0.1, 0.0), Candidate("b", 1.0, 0.9))),
        )  # fmt: skip
    store.export_json(tmp_path / "all.json")
    with Store.open(DataPaths(tmp_path / "other")) as other:
        other.import_file(tmp_path / "all.json")
        assert other.message(reply.id).generation == made


def test_details_of_another_kind_cost_no_more_than_themselves(store: Store) -> None:
    _, reply = exchange(store)
    row = json.loads(store._row("SELECT data FROM generation WHERE message_id = ?", [reply.id])[0])
    for details in (None, [], "x", {"best_of": {"chosen": "b", "candidates": 3}, "candidates": {}}):
        store._write("UPDATE generation SET data = ?", [json.dumps({**row, "details": details})])
        made = store.message(reply.id).generation
        assert made is not None and made.reply_ids == GENERATION.reply_ids
        assert made.details.candidates == 1 and made.details.best_of in (None, BestOf())


def test_only_what_differs_from_the_defaults_is_stored() -> None:
    assert strict_json.differing(ReplyDetails()) == {} and strict_json.differing(UpdateReport()) == {}
    found = strict_json.differing(ReplyDetails(guided_steps=0, guided_at=(2,), best_of=BestOf(1)))
    assert found == {"guided_steps": 0, "guided_at": [2], "best_of": {"chosen": 1}}


def test_the_manifest_of_an_older_style_folder_is_verified(tmp_path: Path) -> None:
    """Its report is a free JSON object; only the checksums matter."""
    folder = tmp_path / "v1.tmp"
    folder.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (folder / name).write_text("{}")
    made = versions.finish(
        folder, {"version": "v1", "model": "m", "hyper": {"rank": 16}, "report": OLD_REPORT}
    )
    assert versions.verify(made)["report"]["gate"]["words_after"] == 12.0
