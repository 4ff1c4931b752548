"""The recommendation: what fits is chosen, and the sentence says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.fetch import catalog, recommend
from models.fetch.default_model import DEFAULT_ID, SMALL_DEFAULT_ID
from models.fetch.recommend import Machine

GB = 10**9
PLENTY = 200 * GB


@pytest.mark.parametrize(
    ("machine", "chosen"),
    [
        (Machine(1 * GB, 0, PLENTY), "starter"),
        (Machine(2 * GB, 0, PLENTY), SMALL_DEFAULT_ID),
        (Machine(6 * GB, 0, PLENTY), SMALL_DEFAULT_ID),
        (Machine(8 * GB, 0, PLENTY), DEFAULT_ID),
        (Machine(64 * GB, 0, PLENTY), DEFAULT_ID),
        (Machine(16 * GB, 0, 2 * GB), SMALL_DEFAULT_ID),  # no room on the disk for the larger one
        (Machine(16 * GB, 4 * GB, PLENTY), DEFAULT_ID),  # what the card could hold is no better
        (Machine(16 * GB, 8 * GB, PLENTY), "qwen3-vl-2b"),
        (Machine(16 * GB, 12 * GB, PLENTY), "qwen3-vl-4b"),
        (Machine(64 * GB, 24 * GB, PLENTY), "qwen3-vl-8b"),
        (Machine(16 * GB, 0, 1 * GB), "starter"),  # no room on the disk
        (Machine(None, 0, None), "starter"),
    ],
)
def test_what_fits_is_recommended(machine: Machine, chosen: str) -> None:
    advice = recommend.recommend(machine)
    assert advice.entry.id == chosen
    assert advice.why.endswith(".") and advice.why.count(". ") == 0


def test_models_with_terms_and_models_that_cannot_see_are_not_recommended() -> None:
    for memory in (2, 4, 8, 16, 32, 64, 128):
        for gpu in (0, 4, 6, 8, 12, 16, 24, 80):
            entry = recommend.recommend(Machine(memory * GB, gpu * GB, PLENTY)).entry
            assert (entry.can_see or entry.gguf is not None) and not entry.gated


def test_this_machine_says_what_it_has(tmp_path: Path) -> None:
    machine = recommend.this_machine(tmp_path / "not" / "there" / "yet")
    assert machine.memory and machine.memory > GB and machine.disk_free
    assert recommend.recommend(machine).entry in catalog.entries()


def test_pins_are_commits_and_facts_are_dated() -> None:
    for entry in catalog.entries():
        assert entry.source == "packages" or (
            len(entry.revision) == 40 and set(entry.revision) <= set("0123456789abcdef")
        )
        assert entry.checked.startswith("2026-") and entry.license and entry.parameters
        assert entry.language_parameters <= entry.parameters
