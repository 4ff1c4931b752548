"""Folders of conversations and their instructions."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import BadInput, NotFound
from assistant.paths import DataPaths
from assistant.services.folders import LONGEST_INSTRUCTIONS, LONGEST_NAME, FolderService, named
from assistant.store import Store


@pytest.fixture
def world(tmp_path):
    with Store.open(DataPaths(tmp_path / "data")) as store:
        chats = [store.create_conversation(title=title) for title in ("One", "Two", "Three")]
        yield SimpleNamespace(store=store, folders=FolderService(store), chats=[chat.id for chat in chats])


def where(world) -> list[str]:
    return [world.store.conversation(id).folder for id in world.chats]


def test_chats_are_moved_into_a_folder_and_back(world):
    world.folders.add("Work")
    before = world.folders.move(world.chats[:2], "Work")
    assert where(world) == ["Work", "Work", ""]
    (folder,) = world.folders.folders()
    assert {chat.title for chat in folder.conversations} == {"One", "Two"}
    world.folders.move_back(before)
    assert where(world) == ["", "", ""] and world.folders.names() == ["Work"]  # an empty folder stays


def test_a_name_is_one_line_and_the_same_in_any_case(world):
    assert world.folders.add("  Work \n stuff ") == "Work stuff"
    assert world.folders.add("WORK STUFF") == "Work stuff"
    assert world.folders.free_name("Work stuff") == "Work stuff 2"
    for bad in ("", " \n", "\u202e", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(BadInput):
            world.folders.add(bad)


@given(st.text())
def test_any_text_is_a_name_or_refused(text):
    try:
        name = named(text)
    except BadInput:
        return
    assert name == named(name) and name.isprintable() and 0 < len(name) <= LONGEST_NAME


def test_renaming_takes_chats_and_instructions_along(world):
    world.folders.move(world.chats[:1], "Work")
    world.folders.set_instructions("Work", "Be formal.")
    assert world.folders.rename("Work", "work") == "work"  # only the case
    assert world.folders.rename("work", "Office") == "Office"
    assert where(world)[0] == "Office"
    assert world.store.folder_instructions() == {"Office": "Be formal."}
    world.folders.add("Home")
    with pytest.raises(BadInput, match="already"):
        world.folders.rename("Office", "HOME")
    with pytest.raises(NotFound):
        world.folders.rename("Nowhere", "Somewhere")


def test_removing_a_folder_keeps_its_chats_and_can_be_undone(world):
    world.folders.move(world.chats, "Work")
    world.folders.set_instructions("Work", "Be formal.")
    before = world.folders.remove("Work")
    assert where(world) == ["", "", ""] and world.folders.folders() == []
    world.store.purge_conversation(world.chats[2])
    world.folders.move_back(before, "Be formal.")
    assert [world.store.conversation(id).folder for id in world.chats[:2]] == ["Work", "Work"]
    assert world.store.folder_instructions() == {"Work": "Be formal."}


def test_a_chat_is_told_its_folders_instructions_and_then_its_own(world):
    world.folders.move(world.chats[:1], "Work")
    world.folders.set_instructions("Work", "Be formal.")
    world.store.update_conversation(world.chats[0], system_prompt="Answer in German.")
    told = [world.store.instructions_of(world.store.conversation(id)) for id in world.chats]
    assert told == ["Be formal.\n\nAnswer in German.", "", ""]
    with pytest.raises(BadInput):
        world.folders.set_instructions("Work", "x" * (LONGEST_INSTRUCTIONS + 1))


def test_moving_a_chat_that_is_gone_moves_none(world):
    with pytest.raises(NotFound):
        world.folders.move([*world.chats, "nowhere"], "Work")
    assert where(world) == ["", "", ""]


def test_damaged_folders_are_read_as_none(world):
    world.store.set_value("folders", ["no", "mapping"])
    assert world.folders.folders() == []
    world.store.set_value("folders", {"Work": 3, "": "x", "Home": "Be kind."})
    assert world.store.folder_instructions() == {"Home": "Be kind."}


def test_what_learning_is_told_of_a_rating_has_the_instructions_too(world):
    from assistant.learning.update_job import collect

    chat = world.chats[0]
    world.folders.move([chat], "Work")
    world.folders.set_instructions("Work", "Be formal.")
    asked = world.store.add_message(chat, None, "user", "Hello")
    reply = world.store.add_message(chat, asked.id, "assistant", "Good day.")
    world.store.add_rating("thumb", 1, reply.id)
    (signal,) = collect(world.store)
    assert [(turn.role, turn.text) for turn in signal.prompt] == [("system", "Be formal."), ("user", "Hello")]
    assert world.store.with_texts(world.store.ratings()[0]).history[0]["content"] == "Be formal."
