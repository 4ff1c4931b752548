"""A conversation with an attached file as a document for people: its text is there, and does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.attachment_intake import keep, take
from assistant.paths import DataPaths
from assistant.store import Store, documents


@pytest.fixture
def exported(tmp_path: Path):
    """Store, its one conversation with the file, and the attached file."""
    file = tmp_path / "a <b> note.txt"
    file.write_text("Dear reader,\n~~~~\n<script>alert(1)</script>\n", encoding="utf-8")
    with Store.open(DataPaths(tmp_path / "data")) as store:
        kept = keep(store, take(file, file.name))
        conversation = store.create_conversation(title="With a file")
        store.add_message(conversation.id, None, "user", "Sum it up.", kept)
        listed = [(conversation, store.messages(conversation.id))]
        yield store, listed, kept[0]


def test_a_page_shows_the_files_text_and_embeds_no_picture(exported) -> None:
    store, listed, _ = exported
    page = documents.html(listed, store.attachment_path)
    assert "Dear reader," in page and "a &lt;b&gt; note.txt" in page
    assert "<script>" not in page and "<img" not in page


def test_markdown_holds_the_text_in_a_block_that_it_cannot_close(exported) -> None:
    store, listed, _ = exported
    text = documents.markdown(listed, store.attachment_path)
    assert "~~~~~~~\nDear reader," in text and "<script>alert(1)</script>\n" in text
    assert "a <b> note.txt" in documents.plain(listed, store.attachment_path)


def test_a_file_that_is_gone_keeps_the_rest(exported) -> None:
    store, listed, kept = exported
    store.attachment_path(kept.sha256).unlink()
    assert "Sum it up." in documents.html(listed, store.attachment_path)
