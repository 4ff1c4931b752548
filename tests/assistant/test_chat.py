"""The way of a message, with an engine in memory and the real store."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fake_engine import INFO, FakeClient

from assistant.engine.protocol import Loaded, Token
from assistant.errors import BadInput, NotFound, StoreError
from assistant.paths import DataPaths
from assistant.records import STYLE_OFF, Recognition, Sampling
from assistant.services.chat import BUSY, ChatService, Personal
from assistant.services.chat_events import PictureSeen, ReplyDone, ReplyText, SendRefused, StoreTrouble
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
    yield SimpleNamespace(paths=paths, store=store, client=client, chat=chat, heard=heard)
    client.close()
    store.close()


def picture(store: Store, data: bytes = b"pixels", name: str = "cat.png"):
    return store.add_attachment(
        SimpleNamespace(data=data, mime="image/png", name=name, width=2, height=3, note="")
    )


def test_a_message_is_sent_answered_and_kept(world):
    handle = world.chat.send(None, "# Trip to Kyoto\nWhat should I see?")
    assert world.store.message(handle.user_id).text.startswith("# Trip")
    message = world.chat.wait(handle, 10)
    assert message.text == "a fine reply" and message.error == "" and message.state == "done"
    assert message.generation.reply_ids == (0, 1, 2) and message.generation.prompt_ids == (1, 2, 3, 4)
    conversation = world.store.conversation(handle.conversation_id)
    assert conversation.title == "Trip to Kyoto" and conversation.leaf_id == message.id
    pieces = [event.text for event in world.heard if isinstance(event, ReplyText)]
    assert "".join(pieces) == "a fine reply" and world.heard[-1] == ReplyDone(message)


def test_the_second_message_carries_the_first_and_its_answer(world):
    first = world.chat.send(None, "one")
    world.chat.wait(first, 10)
    second = world.chat.send(first.conversation_id, "two", sampling=Sampling(seed=3))
    world.chat.wait(second, 10)
    turns, sampling, _ = world.client.generated[-1]
    assert [(turn.role, turn.text) for turn in turns] == [
        ("user", "one"),
        ("assistant", "a fine reply"),
        ("user", "two"),
    ]
    assert sampling.seed == 3


def test_the_system_prompt_of_the_conversation_goes_before_the_settings(world):
    world.chat.settings = Settings(system_prompt="Be kind.")
    world.chat.wait(world.chat.send(None, "hello"), 10)
    assert world.client.generated[-1][0][0].text == "Be kind."
    conversation = world.store.create_conversation(system_prompt="Be short.")
    world.chat.wait(world.chat.send(conversation.id, "hello"), 10)
    assert [turn.text for turn in world.client.generated[-1][0]] == ["Be short.", "hello"]


def test_a_reply_is_drawn_as_the_loaded_model_recommends_unless_the_user_chose(world):
    advised = replace(INFO, sampling=Sampling(temperature=0.7, top_k=20))
    world.chat.on_event(Loaded(99, advised))
    world.chat.run_until(lambda: world.chat.model_info == advised, 10)
    world.chat.wait(world.chat.send(None, "hello"), 10)
    assert world.client.generated[-1][1].top_k == 20
    world.chat.settings = Settings(sampling=Sampling(top_k=5), sampling_chosen=("top_k",))
    world.chat.wait(world.chat.send(None, "hello"), 10)
    drawn = world.client.generated[-1][1]
    assert (drawn.temperature, drawn.top_k) == (0.7, 5)


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_message_is_refused_and_changes_nothing(world, text):
    with pytest.raises(BadInput):
        world.chat.send(None, text)
    assert world.store.conversations() == [] and world.client.generated == []


def test_a_picture_is_looked_at_once_and_told_to_the_model(world):
    photo = picture(world.store)
    handle = world.chat.send(None, "What is this?", [photo])
    world.chat.wait(handle, 10)
    seen = Recognition((("tabby cat", 0.71),), "EXIT")
    assert PictureSeen(photo.sha256, seen) in world.heard
    assert world.store.message(handle.user_id).attachments[0].recognition == seen
    turn = world.client.generated[-1][0][0]
    assert turn.images == (str(world.store.attachment_path(photo.sha256)),) and turn.recognitions == (seen,)
    world.chat.wait(world.chat.send(handle.conversation_id, "And now?"), 10)
    world.chat.wait(world.chat.send(None, "Again?", [picture(world.store, name="same.png")]), 10)
    assert len(world.client.recognised) == 1


def test_a_picture_that_cannot_be_looked_at_does_not_hold_the_reply(world):
    world.client.recognition = None
    photo = picture(world.store)
    handle = world.chat.send(None, "What is this?", [photo])
    assert world.chat.wait(handle, 10).text == "a fine reply"
    assert world.client.generated[-1][0][0].recognitions == (None,)
    assert PictureSeen(photo.sha256, None, "The picture could not be looked at.") in world.heard


def test_a_picture_can_be_looked_at_before_it_is_sent(world):
    photo = picture(world.store)
    world.chat.look_at(photo)
    assert world.chat.run_until(lambda: world.heard, 10)
    world.chat.look_at(photo)
    world.chat.wait(world.chat.send(None, "", [photo]), 10)
    assert len(world.client.recognised) == 1
    assert world.store.conversations()[0].title == "cat.png"


def test_regenerating_keeps_the_old_reply_as_a_branch(world):
    handle = world.chat.send(None, "hello")
    old = world.chat.wait(handle, 10)
    world.client.reply = "another one"
    new = world.chat.wait(world.chat.regenerate(old.id), 10)
    assert [m.text for m in world.store.siblings(new.id)] == ["a fine reply", "another one"]
    assert world.store.conversation(handle.conversation_id).leaf_id == new.id
    assert world.client.generated[-1][0] == world.client.generated[0][0]
    again = world.chat.wait(world.chat.regenerate(handle.user_id), 10)
    assert again.parent_id == handle.user_id


def test_going_on_from_a_regenerated_reply_is_a_weak_rating(world):
    old = world.chat.wait(world.chat.send(None, "hello"), 10)
    world.chat.wait(world.chat.send(old.conversation_id, "go on"), 10)
    assert world.store.ratings() == []
    new = world.chat.wait(world.chat.regenerate(old.id), 10)
    for _ in range(2):
        world.chat.wait(world.chat.send(old.conversation_id, "go on", parent_id=new.id), 10)
    (rating,) = world.store.ratings()
    assert (rating.kind, rating.message_id, rating.other_id) == ("kept", new.id, old.id)


def test_editing_and_resending_makes_a_branch_with_the_same_pictures(world):
    photo = picture(world.store)
    handle = world.chat.send(None, "What is this?", [photo])
    world.chat.wait(handle, 10)
    edited = world.chat.edit_and_resend(handle.user_id, "Who is this?")
    world.chat.wait(edited, 10)
    texts = [m.text for m in world.store.siblings(handle.user_id)]
    assert texts == ["What is this?", "Who is this?"]
    assert [a.sha256 for a in world.store.message(edited.user_id).attachments] == [photo.sha256]
    branch = world.store.branch(world.store.conversation(handle.conversation_id).leaf_id)
    assert [m.text for m in branch] == ["Who is this?", "a fine reply"]
    with pytest.raises(BadInput):
        world.chat.edit_and_resend(edited.reply_id, "not mine")
    with pytest.raises(BadInput):
        world.chat.edit_and_resend(handle.user_id, " ", images=())


def test_stopping_keeps_what_was_written(world):
    import threading

    world.client.gate = threading.Semaphore(1)
    handle = world.chat.send(None, "hello")
    assert world.chat.run_until(lambda: handle.text, 10)
    world.chat.stop(handle)
    message = world.chat.wait(handle, 10)
    assert message.text == "a" and message.generation.finish == "cancelled" and message.error == ""
    world.chat.stop(handle)  # stopping twice is no error


def test_stopping_while_the_picture_is_looked_at(world):
    world.client.close()  # nothing is ever answered
    handle = world.chat.send(None, "What is this?", [picture(world.store)])
    world.chat.stop(handle)
    assert handle.done and world.store.message(handle.reply_id).state == "done"
    assert world.store.message(handle.user_id).text == "What is this?"


def test_only_one_reply_at_a_time_in_a_conversation(world):
    import threading

    world.client.gate = threading.Semaphore(0)
    handle = world.chat.send(None, "hello")
    for again in (
        lambda: world.chat.send(handle.conversation_id, "more"),
        lambda: world.chat.regenerate(handle.reply_id),
        lambda: world.chat.edit_and_resend(handle.user_id, "more"),
    ):
        with pytest.raises(BadInput, match=BUSY[:20]):
            again()
    other = world.chat.send(None, "elsewhere")
    assert world.chat.writing() == [handle, other]
    assert len(world.store.messages(handle.conversation_id)) == 2
    world.client.gate.release(100)
    assert world.chat.wait(handle, 10).text == world.chat.wait(other, 10).text


def test_an_engine_that_dies_leaves_the_text_and_a_sentence(world):
    world.client.die_after = 2
    message = world.chat.wait(world.chat.send(None, "hello"), 10)
    assert message.text == "a fine" and message.error == "The engine stopped and was started again."
    assert world.store.message(message.id) == message
    world.client.die_after = None
    again = world.chat.wait(world.chat.send(message.conversation_id, "go on"), 10)
    assert again.error == "" and [t.text for t in world.client.generated[-1][0]] == [
        "hello",
        "a fine",
        "go on",
    ]


def test_a_reply_that_failed_before_its_first_word_is_not_told_to_the_model(world):
    world.client.die_after = 0
    message = world.chat.wait(world.chat.send(None, "hello"), 10)
    assert message.text == "" and message.error
    world.client.die_after = None
    world.chat.wait(world.chat.send(message.conversation_id, "are you there?"), 10)
    assert [(t.role, t.text) for t in world.client.generated[-1][0]] == [("user", "hello\n\nare you there?")]


def test_a_wish_about_style_is_kept_with_the_reply_it_answers(world):
    first = world.chat.wait(world.chat.send(None, "Shorter, please."), 10)
    assert world.store.ratings() == []  # there is no reply yet that it could be about
    second = world.chat.wait(world.chat.send(first.conversation_id, "Shorter, please."), 10)
    (rating,) = world.store.ratings()
    assert (rating.kind, rating.message_id, rating.note) == ("note", first.id, "Shorter, please.")
    world.chat.wait(world.chat.send(second.conversation_id, "What is a tide?"), 10)
    assert len(world.store.ratings()) == 1


def test_a_prompt_that_is_too_long_is_taken_back_and_kept_as_a_draft(world):
    world.client.refuse_over = 20
    long = "far too long for this model"
    handle = world.chat.send(None, long)
    assert world.chat.wait(handle, 10) is None and "longer" in handle.refused
    assert world.store.conversations() == [] and world.store.value("draft") == long

    first = world.chat.wait(world.chat.send(None, "short"), 10)
    photo = picture(world.store)
    handle = world.chat.send(first.conversation_id, long, [photo])
    assert world.chat.wait(handle, 10) is None
    conversation = world.store.conversation(first.conversation_id)
    assert conversation.draft == long and conversation.leaf_id == first.id
    refused = world.heard[-1]
    assert isinstance(refused, SendRefused) and refused.text == long and not refused.conversation_removed
    assert [a.sha256 for a in refused.attachments] == [photo.sha256]
    with pytest.raises(NotFound):
        world.store.message(handle.reply_id)


def test_an_edit_that_is_too_long_leaves_the_branch_it_came_from(world):
    world.client.refuse_over = 20
    handle = world.chat.send(None, "short")
    reply = world.chat.wait(handle, 10)
    edited = world.chat.edit_and_resend(handle.user_id, "far too long for this model")
    assert world.chat.wait(edited, 10) is None
    assert world.store.conversation(handle.conversation_id).leaf_id == reply.id
    assert len(world.store.messages(handle.conversation_id)) == 2


def test_text_is_saved_while_the_reply_grows(world, monkeypatch):
    import threading

    monkeypatch.setattr("assistant.services.chat.SAVE_EVERY_S", 0.0)
    world.client.gate = threading.Semaphore(2)
    handle = world.chat.send(None, "hello")
    assert world.chat.run_until(lambda: handle.count == 2, 10)
    saved = world.store.message(handle.reply_id)
    assert saved.text == "a fine" and saved.state == "streaming"
    with Store.open(world.paths) as other:  # another Attune must not take it for a lost reply
        assert other.message(handle.reply_id).state == "streaming"
    world.client.gate.release(100)
    assert world.chat.wait(handle, 10).text == "a fine reply"


def test_a_reply_that_cannot_be_saved_is_kept_in_memory_and_saved_later(world, monkeypatch):
    finish = world.store.finish_message

    def full(*args):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(world.store, "finish_message", full)
    handle = world.chat.send(None, "hello")
    message = world.chat.wait(handle, 10)
    assert message.text == "a fine reply" and "disk is full" in message.error
    assert any(isinstance(event, StoreTrouble) for event in world.heard)
    with pytest.raises(StoreError):
        world.chat.send(handle.conversation_id, "more")
    monkeypatch.setattr(world.store, "finish_message", finish)
    world.chat.wait(world.chat.send(handle.conversation_id, "more"), 10)
    saved = world.store.message(message.id)
    assert saved.text == "a fine reply" and saved.error == "" and saved.generation is not None


def test_the_style_in_use_goes_with_the_reply_unless_it_is_off(world):
    world.chat.on_event(Loaded(1, INFO))
    version = world.store.add_style("fake", style_id="v7", make_current=True)
    world.chat.run_until(lambda: world.chat.model_info, 10)
    world.chat.wait(world.chat.send(None, "hello"), 10)
    sent = world.client.generated[-1][2]
    assert sent["style_name"] == version.id and sent["style"] == str(world.paths.styles / "v7")
    world.chat.wait(world.chat.send(None, "hello", personal=Personal()), 10)
    assert world.client.generated[-1][2] == {"style": None, "style_name": None, "steering": None}
    world.chat.settings = Settings(style_on=False)
    world.chat.wait(world.chat.send(None, "hello"), 10)
    assert world.client.generated[-1][2]["style"] is None


def test_a_conversation_writes_in_the_style_it_was_given(world):
    world.chat.on_event(Loaded(1, INFO))
    world.chat.run_until(lambda: world.chat.model_info, 10)
    store, work = world.store, world.store.add_line("Work")
    store.add_style("fake", style_id="o1", make_current=True)
    for version in ("w1", "w2"):
        store.add_style("fake", style_id=version, make_current=True, line=work)
    for number in range(3):
        store.add_rating("thumb", (-1) ** number, prompt="p", reply=f"r {number}", line=work)

    def sent():
        asked = world.client.generated[-1][2]
        return asked["style_name"], bool(asked["steering"])

    own = world.chat.send(None, "hello")
    world.chat.wait(own, 10)
    assert sent() == ("o1", False)
    handle = world.chat.send(None, "hello", line=work)
    world.chat.wait(handle, 10)
    assert sent() == ("w2", True) and store.conversation(handle.conversation_id).line == "Work"
    for style, wanted in (
        ("w1", ("w1", True)),
        (STYLE_OFF, (None, False)),
        ("o1", ("w2", True)),
        ("gone", ("w2", True)),
    ):
        store.update_conversation(handle.conversation_id, style=style)
        world.chat.wait(world.chat.send(handle.conversation_id, "more"), 10)
        assert sent() == wanted, style
    store.use_style("fake", None, work)
    world.chat.wait(world.chat.send(handle.conversation_id, "more"), 10)
    assert sent() == (None, True)  # the ratings of that style guide all the same
    world.chat.wait(world.chat.send(own.conversation_id, "more"), 10)
    assert sent() == ("o1", False)


def test_ratings_steer_the_very_next_reply_unless_it_is_off(world):
    world.chat.on_event(Loaded(1, INFO))
    world.chat.run_until(lambda: world.chat.model_info, 10)
    message = world.chat.wait(world.chat.send(None, "hello"), 10)
    assert world.client.generated[-1][2]["steering"] is None
    for value in (1, -1, 1):
        message = world.chat.wait(world.chat.send(message.conversation_id, "and more"), 10)
        world.store.add_rating("thumb", value, message.id)
    world.chat.wait(world.chat.send(message.conversation_id, "go on"), 10)
    steering = world.client.generated[-1][2]["steering"]
    assert steering.head.ratings == 3 and steering.best_of and steering.guide
    world.chat.wait(world.chat.send(message.conversation_id, "go on", personal=Personal()), 10)
    assert world.client.generated[-1][2]["steering"] is None


def test_a_style_that_cannot_be_used_is_said_in_the_reply(world):
    def broken(_conversation):
        raise StoreError("The style version v7 is damaged.")

    chat = ChatService(world.store, world.client, Settings(), world.paths, personal=broken)
    world.client.on_event = chat.on_event
    message = chat.wait(chat.send(None, "hello"), 10)
    assert message.error == "The style version v7 is damaged." and message.state == "done"
    assert chat.wait(chat.regenerate(message.id, personal=Personal()), 10).error == ""


def test_a_refused_prompt_and_a_full_disk_at_once(world, monkeypatch):
    def full(*args):
        raise StoreError("The disk is full.")

    world.client.refuse_over = 3
    handle = world.chat.send(None, "too long")
    monkeypatch.setattr(world.store, "delete_message", full)
    assert world.chat.wait(handle, 10) is None
    kinds = [type(event) for event in world.heard]
    assert kinds == [StoreTrouble, SendRefused] and world.heard[-1].text == "too long"


def test_a_conversation_deleted_while_the_reply_is_written(world):
    import threading

    world.client.gate = threading.Semaphore(1)
    handle = world.chat.send(None, "hello")
    assert world.chat.run_until(lambda: handle.text, 10)
    world.store.purge_conversation(handle.conversation_id)
    world.client.gate.release(100)
    assert world.chat.wait(handle, 10) is None and handle.done
    assert world.store.conversations() == []


def test_the_owner_may_run_events_itself(world):
    posted: list = []
    chat = ChatService(world.store, world.client, Settings(), world.paths, post=posted.append)
    world.client.on_event = chat.on_event
    handle = chat.send(None, "hello")
    while not handle.done:
        if posted:
            posted.pop(0)()
    assert handle.message.text == "a fine reply"


def test_text_is_told_at_once_though_the_owner_is_busy(world):
    """It waited in the queue of the thread that also saves, imports and fits."""
    posted, told = [], []
    chat = ChatService(
        world.store, world.client, Settings(), world.paths, post=posted.append, listener=world.heard.append,
        at_once=told.append,
    )  # fmt: skip
    world.client.on_event, world.client.gate = chat.on_event, threading.Semaphore(0)
    handle = chat.send(None, "hello")
    world.client.gate.release(2)
    deadline = time.monotonic() + 30
    while len(told) < 2 and time.monotonic() < deadline:
        time.sleep(0.001)  # the owner does something else: nothing that is posted is run
    assert [event.text for event in told] == ["a", " fine"] and handle.text == ""
    world.client.gate.release(100)
    while not handle.done:
        if posted:
            posted.pop(0)()
    assert "".join(event.text for event in told) == handle.message.text
    assert not any(isinstance(event, ReplyText) for event in world.heard)  # told once
    assert world.heard[-1] == ReplyDone(handle.message)


def test_the_first_token_may_come_before_the_request_is_made(world):
    told = []
    chat = ChatService(world.store, world.client, Settings(), world.paths, at_once=told.append)

    def generate(turns, sampling, *, id, **_):
        thread = threading.Thread(target=lambda: chat.on_event(Token(id, "early", 1)))
        thread.start()
        thread.join()
        return id

    world.client.generate = generate
    handle = chat.send(None, "hello")
    assert [(event.reply_id, event.text) for event in told] == [(handle.reply_id, "early")]


def test_a_picture_whose_look_was_cancelled_is_looked_at_again(world):
    """It counted as one that cannot be recognised until the program was closed."""
    world.client.recognition, world.client.why_unseen = None, "cancelled"
    seen = picture(world.store)
    first = world.chat.send(None, "What is this?", [seen])
    world.chat.wait(first, 10)
    world.client.recognition = Recognition((("tabby cat", 0.7),), "")
    world.chat.wait(world.chat.send(first.conversation_id, "And now?"), 10)
    assert len(world.client.recognised) == 2
    assert world.store.attachment(seen.sha256).recognition.objects[0][0] == "tabby cat"
    world.client.recognition, world.client.why_unseen = None, "internal"
    other = picture(world.store, b"other pixels")
    world.chat.wait(world.chat.send(first.conversation_id, "This one?", [other]), 10)
    world.chat.wait(world.chat.send(first.conversation_id, "Sure?"), 10)
    assert len(world.client.recognised) == 3  # it cannot be looked at: not tried again


def test_the_conversation_so_far_is_read_ahead_but_not_while_a_reply_is_written(world):
    world.chat.on_event(Loaded(99, INFO))
    world.chat.run_until(lambda: world.chat.model_info == INFO, 10)
    world.chat.settings = Settings(system_prompt="Be kind.")
    world.chat.read_ahead(None)
    assert [[turn.text for turn in turns] for turns, _ in world.client.prefills] == [["Be kind."]]
    world.client.gate = threading.Semaphore(0)
    handle = world.chat.send(None, "hello")
    world.chat.read_ahead(handle.conversation_id)
    assert len(world.client.prefills) == 1
    world.client.gate.release(100)
    world.chat.wait(handle, 10)
    world.chat.read_ahead(handle.conversation_id)
    turns, _ = world.client.prefills[-1]
    assert [turn.text for turn in turns] == ["Be kind.", "hello", "a fine reply"]
    world.chat.read_ahead(None)
    assert len(world.client.cancelled) == 2  # only the last one counts


def test_reading_ahead_of_what_is_gone_is_no_trouble(world):
    world.chat.on_event(Loaded(99, INFO))
    world.chat.run_until(lambda: world.chat.model_info == INFO, 10)
    world.chat.read_ahead("no such conversation")
    assert world.client.prefills == [] and world.heard == []
