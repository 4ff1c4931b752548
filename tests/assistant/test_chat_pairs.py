"""A fresh message answered twice, and two sides of a comparison: what the store holds of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fake_engine import INFO, FakeClient

from assistant.engine.protocol import Loaded
from assistant.errors import BadInput
from assistant.learning import preference_queries, update_job
from assistant.learning.checks import ab_comparison
from assistant.paths import DataPaths
from assistant.records import ReplyDetails
from assistant.services.chat import ChatService, Personal
from assistant.services.chat_events import ReplyDone, SendRefused, StoreTrouble
from assistant.settings import Settings
from assistant.store import Store


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)  # the lot always falls on this message
    store = Store.open(DataPaths(tmp_path / "data"))
    store.set_value(
        preference_queries.SINCE, preference_queries.APART
    )  # and it is far enough from the last one
    client = FakeClient()
    heard: list = []
    chat = ChatService(store, client, Settings(), store.paths, listener=heard.append)
    client.on_event = chat.on_event
    chat._handle(Loaded(0, INFO))
    yield SimpleNamespace(store=store, client=client, chat=chat, heard=heard)
    client.close()
    store.close()


def done(world) -> ReplyDone:
    return next(event for event in reversed(world.heard) if isinstance(event, ReplyDone))


def test_a_fresh_message_may_be_answered_by_two_replies_that_are_both_kept(world):
    handle = world.chat.send(None, "Where to?", explore=True)
    message = world.chat.wait(handle, 10)
    other = done(world).other
    assert message.generation.details == ReplyDetails(explored="a")
    assert [m.id for m in world.store.siblings(message.id)] == [message.id, other.id]
    stored = world.store.message(other.id)
    assert (stored.text, stored.generation.reply_ids, stored.generation.seed) == ("Another reply", (7, 8), 9)
    assert world.store.conversation(handle.conversation_id).leaf_id == message.id
    # The choice is a rating that learning understands, and no vote for or against the base model.
    world.store.add_rating("pair", 1, other.id, other_id=message.id)
    (signal,) = update_job.collect(world.store, "fake")
    assert signal.kind == "pair" and signal.reply.ids == (7, 8) and signal.other.text == message.text
    assert ab_comparison.score(world.store, "fake", None).votes == 0
    # Going on with the chosen one says nothing new.
    world.store.set_leaf(handle.conversation_id, other.id)
    world.chat.wait(world.chat.send(handle.conversation_id, "And then?"), 10)
    assert [rating.kind for rating in world.store.ratings()] == ["pair"]


@pytest.mark.parametrize(
    "why", ["not asked", "switched off", "style off", "a comparison", "no luck", "no model"]
)
def test_otherwise_there_is_one_reply(world, monkeypatch, why):
    settings = {"switched off": {"offer_pairs": False}, "style off": {"style_on": False}}.get(why, {})
    world.chat.settings = world.chat.settings.with_changes(**settings)
    if why == "no luck":
        monkeypatch.setattr("random.random", lambda: 0.999)
    if why == "no model":
        world.chat.model_info = None
    personal = Personal(comparing="side") if why == "a comparison" else None
    handle = world.chat.send(None, "Where to?", explore=why != "not asked", personal=personal)
    message = world.chat.wait(handle, 10)
    assert done(world).other is None and len(world.store.siblings(message.id)) == 1
    again = world.chat.regenerate(message.id)
    world.chat.wait(again, 10)
    assert done(world).other is None


def test_a_conversation_with_a_picture_is_never_explored(world):
    shot = SimpleNamespace(data=b"pixels", mime="image/png", name="cat.png", width=2, height=3, note="")
    picture = world.store.add_attachment(shot)
    handle = world.chat.send(None, "What is this?", [picture], explore=True)
    world.chat.wait(handle, 10)
    assert done(world).other is None
    world.chat.wait(world.chat.send(handle.conversation_id, "And its colour?", explore=True), 10)
    assert done(world).other is None and not world.client.generated[-1][2]["steering"]


def test_the_first_five_messages_have_one_reply_and_later_at_most_one_in_six_has_two(world):
    world.store.set_value(preference_queries.SINCE, None)
    conversation, twice = None, []
    for number in range(18):
        handle = world.chat.send(conversation, f"Message {number}", explore=True)
        world.chat.wait(handle, 10)
        conversation = handle.conversation_id
        if done(world).other is not None:
            twice.append(number)
    assert twice == [5, 11, 17]


def test_two_sides_answer_one_message_as_branches(world):
    sides = (Personal(style="/s/v1", style_name="v1", comparing="side"), Personal(comparing="base"))
    first, second = world.chat.send_pair("Where to?", sides)
    world.chat.wait(first, 10)
    world.chat.wait(second, 10)
    assert first.user_id == second.user_id and first.conversation_id == second.conversation_id
    assert [given["style_name"] for _turns, _sampling, given in world.client.generated] == ["v1", None]
    assert [len(turns) for turns, _sampling, _given in world.client.generated] == [1, 1]
    assert len(world.store.siblings(first.reply_id)) == 2


def test_two_refused_sides_leave_nothing_and_one_reason_each(world):
    world.client.refuse_over = 3
    first, second = world.chat.send_pair("Where to?", (Personal(), Personal()))
    world.chat.wait(first, 10)
    world.chat.wait(second, 10)
    assert first.refused == second.refused != ""
    assert world.store.conversations() == [] and world.store.value("draft") == "Where to?"
    assert [type(event) for event in world.heard] == [SendRefused, SendRefused]
    assert not any(isinstance(event, StoreTrouble) for event in world.heard)
    with pytest.raises(BadInput):
        world.chat.send_pair("  ", (Personal(), Personal()))
