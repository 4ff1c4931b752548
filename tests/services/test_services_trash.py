"""Deleted conversations stay for thirty days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from assistant.errors import NotFound
from assistant.paths import DataPaths
from assistant.services.library import LibraryService
from assistant.services.trash import TrashService
from assistant.store import Store


@pytest.fixture
def world(tmp_path):
    paths = DataPaths(tmp_path / "data")
    with Store.open(paths) as store:
        ids = []
        for title in ("One", "Two", "Three"):
            conversation = store.create_conversation(title=title)
            asked = store.add_message(conversation.id, None, "user", f"The word of {title} is zanzibar.")
            reply = store.add_message(conversation.id, asked.id, "assistant", "Yes.")
            store.add_rating("thumb", 1, reply.id)
            ids.append(conversation.id)
        yield SimpleNamespace(store=store, trash=TrashService(store), ids=ids, paths=paths)


def titles(world) -> list[str]:
    return sorted(conversation.title for conversation in world.store.conversations())


def test_what_is_deleted_is_listed_and_comes_back_as_it_was(world):
    world.trash.put(world.ids[:2])
    assert titles(world) == ["Three"] and world.store.rating_count() == 1
    listed = world.trash.contents()
    assert {item.conversation.title for item in listed} == {"One", "Two"}
    assert {item.days_left for item in listed} == {30}
    assert [c.title for c in world.trash.restore([world.ids[0], "gone"])] == ["One"]
    assert titles(world) == ["One", "Three"] and world.store.rating_count() == 2
    assert len(world.store.messages(world.ids[0])) == 2


def test_deleting_twice_says_so_and_some_of_many_is_enough(world):
    world.trash.put(world.ids[:1])
    assert [c.title for c in world.trash.put([*world.ids[:2], world.ids[1]])] == ["Two"]
    with pytest.raises(NotFound):
        world.trash.put(world.ids[:2])
    assert world.trash.put_all()[0].title == "Three" and world.trash.put_all() == []


def test_erasing_leaves_no_trace_and_never_takes_what_is_not_deleted(world):
    world.trash.put(world.ids[:2])
    assert world.trash.erase(world.ids) == 2
    assert titles(world) == ["Three"] and world.trash.contents() == []
    world.trash.put_all()
    assert world.trash.erase() == 1 and world.trash.erase() == 0
    world.store.close()
    for file in world.paths.root.rglob("*"):
        if file.is_file():
            assert b"zanzibar" not in file.read_bytes(), file


def test_after_thirty_days_it_is_gone_by_itself(world):
    world.trash.put(world.ids[:2])
    for id, days in zip(world.ids, (29, 31), strict=False):
        at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
        world.store._update("conversation", "id", id, {"deleted_at": at})
    assert sorted(item.days_left for item in world.trash.contents()) == [0, 1]
    world.store.purge_deleted()
    assert [item.conversation.title for item in world.trash.contents()] == ["One"]


def test_all_conversations_can_go_into_the_trash(world):
    LibraryService(world.store, world.paths).erase("trash")
    assert titles(world) == [] and len(world.trash.contents()) == 3
    LibraryService(world.store, world.paths).erase("database")
    assert world.trash.contents() == []
