"""Continuing a reply that was stopped or cut off: what is kept, what is refused, and what ratings are said of."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from fake_engine import INFO, FakeClient, generation

from assistant.engine.protocol import Loaded
from assistant.errors import BadInput
from assistant.learning.update_job import collect
from assistant.paths import DataPaths
from assistant.services.chat import ChatService
from assistant.services.chat_events import ReplyDone, SendRefused
from assistant.services.continuing import COMPLETE, merged, was_cut
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
    chat.on_event(Loaded(99, INFO))
    yield SimpleNamespace(paths=paths, store=store, client=client, chat=chat, heard=heard)
    client.close()
    store.close()


def cut(world, text="Once upon a", finish="length", error=""):
    """A conversation whose last reply was cut off."""
    conversation = world.store.create_conversation(title="Tale")
    asked = world.store.add_message(conversation.id, None, "user", "Tell me a tale.")
    reply = world.store.add_message(conversation.id, asked.id, "assistant", "")
    made = None if error else generation(text, finish=finish)
    return world.store.finish_message(reply.id, text, made, error)


def test_the_rest_stands_in_the_same_message(world):
    reply = cut(world)
    world.client.reply = " time there was"
    message = world.chat.wait(world.chat.go_on(reply.id), 10)
    assert message.id == reply.id and message.text == "Once upon a time there was"
    assert message.generation.finish == "stop" and not was_cut(message)
    assert [m.id for m in world.store.siblings(reply.id)] == [reply.id]
    turns, sampling, _ = world.client.generated[-1]
    assert [(t.role, t.text) for t in turns] == [("user", "Tell me a tale."), ("assistant", "Once upon a")]
    assert sampling.seed == reply.generation.seed
    assert world.heard[-1] == ReplyDone(message)


def test_what_is_written_is_saved_behind_the_beginning_while_it_comes(world, monkeypatch):
    monkeypatch.setattr("assistant.services.chat.SAVE_EVERY_S", 0.0)
    reply = cut(world)
    world.client.reply, world.client.gate = " time there was", threading.Semaphore(0)
    handle = world.chat.go_on(reply.id)
    assert world.store.message(reply.id).state == "streaming"
    world.client.gate.release(2)
    world.chat.run_until(lambda: handle.count == 2, 10)
    assert world.store.message(reply.id).text == "Once upon a time"
    # The program ends here: the text is kept, without figures that are of the first part only.
    world.store.owner = None
    assert world.store.recover() == 1
    kept = world.store.message(reply.id)
    assert kept.text == "Once upon a time" and kept.error and kept.generation is None and was_cut(kept)


@pytest.mark.parametrize("how", ["stopped", "died", "refused"])
def test_a_reply_that_gets_no_further_stays_exactly_as_it_was(world, how):
    reply = cut(world)
    world.store.add_rating("thumb", 1, reply.id)
    if how == "died":
        world.client.die_after = 0
    if how == "refused":
        world.client.refuse_over = 5
    world.client.gate = threading.Semaphore(0)
    handle = world.chat.go_on(reply.id)
    if how == "stopped":
        world.chat.stop(handle)
    else:
        world.client.gate.release(5)
    world.chat.wait(handle, 10)
    assert world.store.message(reply.id) == reply
    assert world.store.rating_of(reply.id).value == 1
    assert isinstance(world.heard[-1], ReplyDone if how == "stopped" else SendRefused)
    assert len(world.store.messages(reply.conversation_id)) == 2


def test_it_can_be_stopped_and_continued_again(world):
    reply = cut(world)
    world.client.reply, world.client.gate = " time there was", threading.Semaphore(0)
    handle = world.chat.go_on(reply.id)
    world.client.gate.release(2)
    world.chat.run_until(lambda: handle.count == 2, 10)
    world.chat.stop(handle)
    message = world.chat.wait(handle, 10)
    assert was_cut(message) and message.generation.finish == "cancelled"
    world.client.gate = None
    world.client.reply = " more"
    assert world.chat.wait(world.chat.go_on(reply.id), 10).text.endswith(" more")


def test_what_was_rated_stays_what_was_rated(world):
    reply = cut(world)
    world.store.add_rating("thumb", -1, reply.id, note="too short")
    world.client.reply = " time there was"
    world.chat.wait(world.chat.go_on(reply.id), 10)
    assert world.store.rating_of(reply.id) is None  # nobody has rated the longer one
    (signal,) = collect(world.store)
    assert signal.reply.text == "Once upon a"
    world.store.add_rating("thumb", 1, reply.id)
    assert world.store.rating_of(reply.id).value == 1
    texts = {world.store.with_texts(r).reply: r.value for r in world.store.ratings()}
    assert texts == {"Once upon a": -1, "Once upon a time there was": 1}
    world.store.purge_conversation(reply.conversation_id)
    assert world.store.ratings(withdrawn=True) == []  # it goes with its conversation


def test_the_losing_reply_of_a_comparison_keeps_its_text_there_too(world):
    reply = cut(world)
    other = world.store.add_message(reply.conversation_id, reply.parent_id, "assistant", "Another.")
    world.store.add_rating("pair", 1, other.id, other_id=reply.id)
    world.client.reply = " time"
    world.chat.wait(world.chat.go_on(reply.id), 10)
    (signal,) = collect(world.store)
    assert (signal.reply.text, signal.other.text) == ("Another.", "Once upon a")


def test_only_what_was_cut_off_and_is_the_last_can_be_continued(world):
    done = world.chat.wait(world.chat.send(None, "hello"), 10)
    with pytest.raises(BadInput, match="complete"):
        world.chat.go_on(done.id)
    reply = cut(world)
    with pytest.raises(BadInput, match="replies of the assistant"):
        world.chat.go_on(reply.parent_id)
    edit = world.store.add_rating("edit", 1, reply.id, text="Mine.")
    with pytest.raises(BadInput, match="edited"):
        world.chat.go_on(reply.id)
    world.store.withdraw_rating(edit.id)
    world.chat.wait(world.chat.send(reply.conversation_id, "And?"), 10)
    with pytest.raises(BadInput, match="gone on"):
        world.chat.go_on(reply.id)
    assert world.store.message(reply.id) == reply


def test_a_reply_that_an_error_cut_off_can_be_continued(world):
    reply = cut(world, error="The engine stopped and was started again.")
    world.client.reply = " time"
    message = world.chat.wait(world.chat.go_on(reply.id), 10)
    assert message.text == "Once upon a time" and message.error == ""


def test_both_parts_have_the_probabilities_of_all_their_tokens_or_none(world):
    reply = cut(world)
    first = reply.generation
    whole = generation("x", reply_ids=(*first.reply_ids, 8, 9), logprobs=(-1.0, -2.0))
    _, made, _ = merged(reply, " more text", whole, "")
    assert made.logprobs == (*first.logprobs, -1.0, -2.0)
    split_otherwise = generation("x", reply_ids=(7, 8, 9), logprobs=(-1.0,))
    assert merged(reply, " more", split_otherwise, "")[1].logprobs == ()
    other_style = generation("x", style="v2", reply_ids=whole.reply_ids, logprobs=(-1.0, -2.0))
    assert merged(reply, " more", other_style, "")[1].logprobs == ()


def test_nothing_but_an_end_makes_it_complete(world):
    reply = cut(world)
    text, made, _ = merged(reply, "", generation("", reply_ids=reply.generation.reply_ids, logprobs=()), "")
    assert text == reply.text and made.finish == "stop"
    assert COMPLETE
