"""Which versions learned from something that goes, of which style, and whether a new one can take their place."""

from __future__ import annotations

import pytest

from assistant.learning import forgetting
from assistant.paths import DataPaths
from assistant.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def rate(store, count, line=""):
    return [
        store.add_rating("thumb", (-1) ** n, prompt=f"p {n}", reply=f"r {n} {line}", line=line).id
        for n in range(count)
    ]


def test_only_versions_that_were_taken_over_count_and_the_one_in_use_is_named(store):
    ids = rate(store, 6)
    store.add_style("m", style_id="v1", used=ids[:4])
    store.add_style("m", style_id="bad", used=ids, state="rejected")
    store.add_style("m", style_id="v2", used=ids[:5], held_out=ids[5:], make_current=True)
    found = forgetting.look(store, "m", store.styles_trained_on(ids[:1]))
    assert [v.id for v in found.versions] == ["v1", "v2"] and found.in_use.id == "v2" and found.can_relearn
    assert [v.id for v in forgetting.look(store, "m", store.styles_trained_on(ids[5:])).versions] == ["v2"]
    assert forgetting.look(store, "m", store.styles_trained_on(["other"])) is None
    assert forgetting.look(store, "another model", store.styles_trained_on(ids[:1])).in_use is None
    store.use_style("m", None)
    unused = forgetting.look(store, "m", store.styles_trained_on(ids[:1]))
    assert unused.in_use is None and not unused.can_relearn and len(unused.versions) == 2


def test_what_is_left_is_counted_in_the_style_of_the_version_in_use(store):
    work = store.add_line("Work")
    ids = rate(store, 5, work)
    rate(store, 9)
    store.add_style("m", style_id="w1", used=ids, make_current=True, line=work)
    store.withdraw_rating(ids[0])
    found = forgetting.look(store, "m", store.styles_trained_on(ids[:1]))
    assert found.ratings == 4 and found.can_relearn
    store.withdraw_rating(ids[1])
    assert not forgetting.look(store, "m", store.styles_trained_on(ids[:1])).can_relearn
    assert forgetting.gone(store, store.styles("m")) == {"w1": 2}
    store.restore_rating(ids[1])
    store.erase_rating(ids[2])
    assert forgetting.gone(store, store.styles("m")) == {"w1": 2}
