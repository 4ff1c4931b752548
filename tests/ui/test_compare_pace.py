"""Two replies grow side by side and neither runs ahead."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.compare.pace import Pace


@given(st.lists(st.integers(0, 1), max_size=60), st.integers(0, 1))
def test_neither_side_is_shown_ahead_and_nothing_is_lost(order, ends_first):
    pace, written, shown = Pace(), ["", ""], ["", ""]
    counts = [0, 0]

    def look() -> None:
        for side, text in enumerate(pace.due()):
            shown[side] += text

    for side in order:
        counts[side] += 1
        written[side] += f"{counts[side]},"
        pace.add(side, f"{counts[side]},", counts[side])
        look()
        assert [text.count(",") for text in shown] == [min(counts)] * 2
    for side in (ends_first, 1 - ends_first):
        pace.end(side)
        look()
    assert shown == written


def test_it_has_begun_when_both_have():
    pace = Pace()
    pace.add(0, "a", 1)
    assert not pace.began and pace.due() == ("", "")
    pace.add(1, "b", 2)
    assert pace.began and pace.due() == ("a", "")
