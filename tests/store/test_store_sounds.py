"""Sounds are kept, taken out, brought back and erased like pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from generated_speech import file_of, speech

from assistant.attachment_intake import keep, take
from assistant.paths import DataPaths
from assistant.records import Attachment, Message
from assistant.store import Store, recovery
from assistant.store.connection import connect


@pytest.fixture
def heard(store: Store) -> tuple[Message, Attachment]:
    """A message with a sound, answered and rated."""
    sound = keep(store, take(file_of("OGG", speech(1.0)), "memo <1>.ogg"))[0]
    conversation = store.create_conversation(title="Memo")
    asked = store.add_message(conversation.id, None, "user", "What does she say?", [sound])
    reply = store.add_message(conversation.id, asked.id, "assistant", "Vowels.")
    store.add_rating("thumb", 1, reply.id)
    return asked, sound


def test_an_export_comes_back_with_its_sounds(store: Store, heard, tmp_path: Path) -> None:
    asked, sound = heard
    store.export_json(tmp_path / "all.json")
    with Store.open(DataPaths(tmp_path / "other")) as other:
        report = other.import_file(tmp_path / "all.json")
        assert report.left_out == () and report.attachments == 1
        (back,) = other.message(asked.id).attachments
        assert (back.kind, back.name, back.sha256) == ("audio", "memo <1>.ogg", sound.sha256)
        assert (
            other.attachment_path(back.sha256).read_bytes()
            == store.attachment_path(sound.sha256).read_bytes()
        )
        assert other.import_file(tmp_path / "all.json").attachments == 0


def test_documents_hold_sounds_as_sounds(store: Store, heard, tmp_path: Path) -> None:
    store.export_document(tmp_path / "all.html", "html")
    page = (tmp_path / "all.html").read_text()
    assert "<audio controls src='data:audio/wav;base64," in page and "<img" not in page
    assert "memo &lt;1&gt;.ogg" in page and "media-src data:" in page
    store.export_document(tmp_path / "all.md", "markdown")
    text = (tmp_path / "all.md").read_text()
    assert "[memo <1>.ogg](<file://" in text and "![" not in text


def test_a_rating_does_not_take_a_sound_for_a_picture(store: Store, heard, tmp_path: Path) -> None:
    (rating,) = store.ratings()
    assert store.with_texts(rating).images == ()
    assert store.export_ratings(tmp_path / "ratings.jsonl").added == 1
    assert not (tmp_path / "ratings-images").exists()


def test_a_deleted_conversation_takes_its_sound_along(store: Store, heard) -> None:
    asked, sound = heard
    store.purge_conversation(asked.conversation_id)
    store.collect_garbage(older_than_s=-1.0)
    assert not store.attachment_path(sound.sha256).exists()


def test_a_sound_whose_row_was_lost_is_found_again(store: Store, heard) -> None:
    asked, _sound = heard
    db = connect(store.paths.database)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("DELETE FROM attachment")
    recovery._mend(db, store.paths)
    db.conn.commit()
    db.close()
    (back,) = store.message(asked.id).attachments
    assert (back.kind, back.mime) == ("audio", "audio/wav")
