"""Conversations and messages: what is put in comes out, as a tree, in order, over restarts."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import GENERATION, exchange

from assistant.errors import NotFound, StoreError
from assistant.records import Recognition
from assistant.store import Store
from assistant.store.messages import INTERRUPTED


def test_everything_of_a_reply_comes_back(paths):
    with Store.open(paths) as store:
        question, reply = exchange(store)
    with Store.open(paths) as store:
        assert store.message(reply.id) == reply and reply.generation == GENERATION
        brief = store.branch(reply.id)
        assert [m.id for m in brief] == [question.id, reply.id]
        assert brief[1].generation == dataclasses.replace(
            GENERATION, prompt_ids=(), reply_ids=(), logprobs=()
        )


def test_branches_are_siblings_in_the_order_of_writing(store):
    question, first = exchange(store)
    second = store.add_message(question.conversation_id, question.id, "assistant", "other")
    deeper = store.add_message(question.conversation_id, first.id, "user", "more")
    assert [m.id for m in store.siblings(first.id)] == [first.id, second.id]
    assert store.sibling_ids([first.id, question.id]) == {
        first.id: (first.id, second.id),
        question.id: (question.id,),
    }
    assert store.last_leaf_under(question.id) == deeper.id and store.last_leaf_under(second.id) == second.id
    store.set_leaf(question.conversation_id, second.id)
    assert store.conversation(question.conversation_id).leaf_id == second.id
    assert [m.id for m in store.branch(deeper.id)] == [question.id, first.id, deeper.id]
    assert store.branch(None) == []


def test_deleting_a_message_takes_what_is_under_it_and_moves_the_leaf(store):
    question, first = exchange(store)
    second = store.add_message(question.conversation_id, question.id, "assistant", "other")
    store.delete_message(second.id)
    assert store.conversation(question.conversation_id).leaf_id == first.id
    store.delete_message(question.id)
    assert store.conversation(question.conversation_id).leaf_id is None
    assert store.messages(question.conversation_id) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.message("x"),
        lambda s: s.conversation("x"),
        lambda s: s.branch("x"),
        lambda s: s.siblings("x"),
        lambda s: s.last_leaf_under("x"),
        lambda s: s.finish_message("x", ""),
        lambda s: s.add_message("x", None, "user", ""),
        lambda s: s.attachment("x"),
        lambda s: s.attachment_path("../../etc/passwd"),
        lambda s: s.rating("x"),
        lambda s: s.style("x"),
        lambda s: s.use_style("m", "x"),
        lambda s: s.update_conversation("x", title="y"),
    ],
)
def test_what_is_not_there_is_said_so(store, call):
    with pytest.raises(NotFound):
        call(store)


def test_a_parent_must_be_of_the_same_conversation(store):
    question, _ = exchange(store)
    other = store.create_conversation()
    with pytest.raises(NotFound):
        store.add_message(other.id, question.id, "user", "text")
    with pytest.raises(NotFound):
        store.set_leaf(other.id, question.id)


def test_a_partial_reply_is_kept_and_finished_after_a_crash(paths):
    with Store.open(paths) as store:
        question, _ = exchange(store)
        lost = store.add_message(question.conversation_id, question.id, "assistant", "", state="streaming")
        store.save_partial(lost.id, "as far as I")
        with Store.open(paths) as other:  # its writer lives
            assert other.message(lost.id).state == "streaming"
    with Store.open(paths) as store:
        found = store.message(lost.id)
        assert (found.text, found.state, found.error) == ("as far as I", "done", INTERRUPTED)
        assert [hit.message_id for hit in store.search("as far")] == [lost.id]


def test_saving_a_part_of_a_finished_reply_changes_nothing(store):
    _, reply = exchange(store)
    store.save_partial(reply.id, "late")
    assert store.message(reply.id) == reply


def test_conversations_come_in_pages_pinned_first_then_newest(store):
    ids = [store.create_conversation(title=str(n)).id for n in range(7)]
    store.update_conversation(ids[2], pinned=True)
    store.add_message(ids[0], None, "user", "bump")
    wanted = [ids[2], ids[0], ids[6], ids[5], ids[4], ids[3], ids[1]]
    assert [c.id for c in store.conversations(50)] == wanted
    pages, before = [], None
    while page := store.conversations(3, before):
        pages.append([c.id for c in page])
        before = page[-1].id
    assert pages == [wanted[:3], wanted[3:6], wanted[6:]]


def test_fields_of_a_conversation(store):
    made = store.create_conversation(title="a", folder="work", system_prompt="Be kind.", model="m")
    changed = store.update_conversation(made.id, title="b", pinned=True, draft="unsent", folder="home")
    assert store.conversation(made.id) == changed
    assert (changed.title, changed.pinned, changed.draft) == ("b", True, "unsent")
    assert store.folders() == ["home"] and store.conversations(folder="work") == []
    with pytest.raises(ValueError, match="no field"):
        store.update_conversation(made.id, rank=1)


def test_deleting_can_be_undone_until_it_is_purged(store):
    _, reply = exchange(store, "secret plan")
    rating = store.add_rating("thumb", 1, reply.id)
    store.delete_conversation(reply.conversation_id)
    assert store.conversations() == [] and store.search("secret") == [] and store.ratings() == []
    with pytest.raises(NotFound):
        store.conversation(reply.conversation_id)
    assert [c.id for c in store.deleted_conversations()] == [reply.conversation_id]
    store.restore_conversation(reply.conversation_id)
    assert store.message(reply.id) == reply and store.ratings() == [rating]
    store.delete_conversation(reply.conversation_id)
    assert store.purge_deleted(older_than_days=1) == 0
    assert store.purge_deleted(older_than_days=-1) == 1
    assert store.deleted_conversations() == []
    with pytest.raises(NotFound):
        store.rating(rating.id)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None), max_size=200))
def test_any_text_can_be_written(store, text):
    """NUL and half surrogate pairs cannot be kept by SQLite and become U+FFFD; everything else stays."""
    conversation = store.create_conversation(title=text, draft=text)
    kept = store.add_message(conversation.id, None, "user", text).text
    if not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        assert kept == text
    assert "\0" not in kept and kept.encode("utf-8").decode("utf-8") == kept
    assert store.conversation(conversation.id).draft == kept


def test_pictures_are_kept_by_their_hash(store, picture):
    kept = store.add_attachment(picture)
    picture.name = "another.png"
    again = store.add_attachment(picture)
    assert again.sha256 == kept.sha256 and again.name == "another.png"
    assert store.attachment_path(kept.sha256).read_bytes() == picture.data
    conversation = store.create_conversation()
    message = store.add_message(conversation.id, None, "user", "look", [kept, again])
    assert [a.name for a in message.attachments] == ["cat.png", "another.png"]
    seen = Recognition((("tabby cat", 0.71), ("tiger cat", 0.2)), "EXIT\nHERE")
    store.set_recognition(kept.sha256, seen)
    assert [a.recognition for a in store.message(message.id).attachments] == [seen, seen]


def test_unreferenced_pictures_go_and_others_stay(store, picture):
    used = store.add_attachment(picture)
    conversation = store.create_conversation()
    store.add_message(conversation.id, None, "user", "look", [used])
    picture.data = picture.data + b"\0"
    unused = store.add_attachment(picture)
    assert store.collect_garbage() == 0  # young: it may still be sent
    assert store.collect_garbage(older_than_s=-1) == len(picture.data)
    assert store.attachment_path(used.sha256).exists()
    assert not store.attachment_path(unused.sha256).exists()
    store.purge_conversation(conversation.id)
    store.collect_garbage(older_than_s=-1)
    assert list(store.paths.attachments.iterdir()) == []


def test_two_processes_worth_of_stores_write_in_turn(paths):
    with Store.open(paths) as one, Store.open(paths) as two:
        for n in range(20):
            (one if n % 2 else two).create_conversation(title=str(n))
        assert one.conversation_count() == two.conversation_count() == 20


def test_a_transaction_is_whole_or_not_at_all(store):
    with pytest.raises(RuntimeError), store.transaction():
        conversation = store.create_conversation()
        store.add_message(conversation.id, None, "user", "text")
        raise RuntimeError
    assert store.conversation_count() == 0


def test_a_store_belongs_to_its_thread(store):
    import threading

    caught: list[Exception] = []

    def use():
        try:
            store.conversations()
        except StoreError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_small_values(store):
    assert store.value("weights") is None and store.value("weights", 3) == 3
    store.set_value("weights", {"short": 0.5, "名": [1]})
    assert store.value("weights") == {"short": 0.5, "名": [1]}
    store.set_value("weights", None)
    assert store.value("weights") is None
