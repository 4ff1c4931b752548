"""The number of threads: never more than a container's share of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models import thread_count


@pytest.mark.parametrize(
    ("quota", "most"),
    [("50000 100000", 1), ("100000 100000", 1), ("150000 100000", 2), ("max 100000", None), ("torn", None)],
)
def test_a_containers_quota_is_kept_to(
    quota: str, most: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_count, "_CGROUP_QUOTA", tmp_path / "none")
    unlimited = thread_count.physical_cores()
    file = tmp_path / "cpu.max"
    file.write_text(quota + "\n")
    monkeypatch.setattr(thread_count, "_CGROUP_QUOTA", file)
    assert thread_count.physical_cores() == (unlimited if most is None else min(unlimited, most))
    assert 1 <= unlimited <= (os.cpu_count() or 1)
