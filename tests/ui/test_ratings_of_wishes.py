"""A wish that was said in passing teaches, so it is listed with the ratings and can be taken back there."""

from __future__ import annotations

from pathlib import Path

from assistant.learning.fitted_head import CurrentHead
from assistant.paths import DataPaths
from assistant.store import Store
from ui.ratings import data
from ui.ratings.words import said_of


def test_a_wish_in_passing_is_listed_and_can_be_taken_back(qapp, tmp_path: Path) -> None:
    with Store.open(DataPaths(tmp_path / "data")) as store:
        conversation = store.create_conversation()
        asked = store.add_message(conversation.id, None, "user", "What is a tide?")
        reply = store.add_message(conversation.id, asked.id, "assistant", "The sea rises and falls. " * 8)
        store.add_rating("note", 0, reply.id, note="shorter, please")
        (row,) = data.read(store, "starter", 10).rows
        assert (
            said_of(row.rating) == "Described how replies should be" and row.rating.note == "shorter, please"
        )
        current = CurrentHead(store)
        assert current.head("starter").weights()["length"][0] < -0.05
        store.withdraw_rating(row.rating.id)
        assert current.head("starter").weights()["length"][0] == 0.0
