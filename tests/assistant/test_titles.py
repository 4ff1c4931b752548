"""Titles written by the model: what becomes one, and that nothing of the user's waits or is overwritten."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fake_engine import INFO, FakeClient
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine.protocol import Loaded
from assistant.paths import DataPaths
from assistant.services.chat import ChatService
from assistant.services.chat_events import TitleWritten
from assistant.services.titles import LONGEST, request, title_of
from assistant.settings import Settings
from assistant.store import Store


@pytest.fixture
def world(tmp_path):
    paths = DataPaths(tmp_path / "data")
    store = Store.open(paths)
    client = FakeClient()
    heard: list = []
    chat = ChatService(store, client, Settings(), paths, listener=heard.append)
    client.on_event = chat.on_event
    chat.on_event(Loaded(99, replace(INFO, parameters=1_500_000_000)))
    reply = chat.wait(chat.send(None, "please tell me what i should see in kyoto"), 10)
    world = SimpleNamespace(store=store, client=client, chat=chat, heard=heard, id=reply.conversation_id)
    yield world
    client.close()
    store.close()


def titled(world) -> str:
    world.chat.run_until(lambda: not world.chat._titling, 10)
    return world.store.conversation(world.id).title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Sights of Kyoto", "Sights of Kyoto"),
        ('"Sights of Kyoto."', "Sights of Kyoto"),
        ("Title: **Sights of Kyoto**\nMore text", "Sights of Kyoto"),
        ("\n\n# Sights", "Sights"),
        ("标题：《京都景点》", "京都景点"),
        ("", ""),
        ("...", ""),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_what_can_be_a_title(written, title):
    assert title_of(written) == title


@given(st.text())
def test_any_text_gives_one_printable_line_or_none(text):
    title = title_of(text)
    assert len(title) <= LONGEST and title.isprintable() and "\n" not in title


def test_the_model_names_a_conversation_and_the_window_is_told(world):
    world.client.reply = '"Sights of Kyoto"'
    assert world.chat.write_title(world.id)
    assert titled(world) == "Sights of Kyoto"
    assert (
        isinstance(world.heard[-1], TitleWritten) and world.heard[-1].conversation.title == "Sights of Kyoto"
    )
    (turn,) = world.client.generated[-1][0]
    assert "kyoto" in turn.text and "a fine reply" in turn.text
    assert not world.chat.write_title(world.id)  # it has one now
    assert len(world.store.messages(world.id)) == 2  # nothing of it stands in the chat


def test_a_title_of_the_users_own_is_never_replaced(world):
    world.client.reply, world.client.gate = "Sights", threading.Semaphore(0)
    world.chat.write_title(world.id)
    world.store.update_conversation(world.id, title="My trip")
    world.client.gate.release(5)
    assert titled(world) == "My trip"
    assert not world.chat.write_title(world.id)


def test_what_the_user_sends_stops_it(world):
    world.client.reply, world.client.gate = "Sights of Kyoto", threading.Semaphore(0)
    world.chat.write_title(world.id)
    handle = world.chat.send(world.id, "And in Nara?")
    world.client.gate.release(20)
    world.chat.wait(handle, 10)
    assert world.store.conversation(world.id).title.startswith("please tell me")
    world.client.gate = None
    assert world.chat.write_title(world.id)  # later again
    assert titled(world) == "Sights of Kyoto"


def test_it_is_not_asked_while_a_reply_is_written_nor_of_a_small_model_nor_if_switched_off(world):
    world.client.gate = threading.Semaphore(0)
    handle = world.chat.send(None, "Another")
    assert not world.chat.write_title(world.id)
    world.client.gate.release(20)
    world.chat.wait(handle, 10)
    world.chat.settings = Settings(write_titles=False)
    assert not world.chat.write_title(world.id)
    world.chat.settings = Settings()
    world.chat.model_info = INFO
    assert not world.chat.write_title(world.id)


@pytest.mark.parametrize("how", ["cut off", "died", "deleted"])
def test_what_fails_leaves_the_first_line(world, how):
    world.client.gate = threading.Semaphore(0)
    if how == "died":
        world.client.die_after = 1
    world.client.reply = "one two three"
    world.chat.write_title(world.id)
    if how == "cut off":
        world.client.cancel(next(iter(world.chat._titling)))
    if how == "deleted":
        world.store.delete_conversation(world.id)
    world.client.gate.release(20)
    world.chat.run_until(lambda: not world.chat._titling, 10)
    world.store.restore_conversation(world.id)
    assert world.store.conversation(world.id).title.startswith("please tell me")


def test_chinese_is_asked_in_chinese_and_nothing_where_there_is_nothing_to_name(world):
    conversation = world.store.create_conversation(title="京都有什么好看的")
    asked = world.store.add_message(conversation.id, None, "user", "京都有什么好看的")
    assert request(world.store.branch(asked.id)) == ()
    reply = world.store.add_message(conversation.id, asked.id, "assistant", "清水寺。")
    (turn,) = request(world.store.branch(reply.id))
    assert "标题" in turn.text
