"""What an edit changed, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages_for_tests import ident, view
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.transcript.changes import LONGEST, changes
from ui.transcript.view import TranscriptView


@pytest.fixture
def transcript(qtbot):
    if not QApplication.instance().styleSheet():
        theme.install(QApplication.instance(), "light")
    made = TranscriptView()
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_make_both_texts(before, after):
    pieces = changes(before, after)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after


def test_words_are_compared_and_chinese_by_the_sign():
    assert changes("Dear Sir, I'm late.", "Dear Ann, I'm late!") == [
        ("same", "Dear "), ("gone", "Sir"), ("new", "Ann"), ("same", ", I'm late"), ("gone", "."), ("new", "!"),
    ]  # fmt: skip
    assert changes("今天下雨", "今天下雪") == [("same", "今天下"), ("gone", "雨"), ("new", "雪")]
    long = "word " * LONGEST
    assert changes(long + "end", long + "fin")[-2:] == [
        ("gone", long[LONGEST:] + "end"), ("new", long[LONGEST:] + "fin"),
    ]  # fmt: skip
    assert changes("old " + long, "new " + long)[-1] == ("same", ("old " + long)[LONGEST:])


def test_an_edited_reply_shows_what_was_changed_and_the_editor_goes_on_from_it(transcript, qtbot):
    mine = "Short <b>answer</b>."
    transcript.show_messages([view(1, "user", "Question"), view(2, "assistant", "Long answer.", edited=mine)])
    reply = transcript.message_list().widget_of(ident(2))
    assert reply.body.source() == mine and reply.changes() is None
    reply.edited_note().link.click()
    shown = reply.changes()
    assert shown.isVisible() and ("gone", "Long") in shown.pieces()
    assert "Removed: Long" in shown._text.accessibleName() and "Added: Short" in shown._text.accessibleName()
    assert "<b>" not in shown._text.text() and "&lt;" in shown._text.text()  # a reply is never HTML
    reply.edit()
    editor = reply.editor()
    assert editor.text() == mine and editor.changes().isVisible()
    editor.field().setPlainText("Long answer. And more.")
    qtbot.waitUntil(lambda: ("new", " And more.") in editor.changes().pieces())
    with qtbot.waitSignal(transcript.edit_requested) as asked:
        editor._save_button.click()
    assert asked.args == [ident(2), "Long answer. And more."]


def test_indentation_and_last_lines_are_kept(transcript, qtbot):
    before = "def f():\n    return 1\n\n" + "\n".join(f"line {n} of it" for n in range(30))
    after = before.replace("return 1", "return  2") + "\n    last line"
    transcript.show_messages([view(1, "user", "Question"), view(2, "assistant", before, edited=after)])
    reply = transcript.message_list().widget_of(ident(2))
    reply.edited_note().link.click()
    shown = reply.changes()
    drawn = QTextDocument()
    drawn.setHtml(shown._text.text())
    assert drawn.toPlainText().replace("\u2028", "\n") == "".join(text for _, text in shown.pieces())
    qtbot.waitUntil(lambda: shown.height() >= 34 * shown._text.fontMetrics().lineSpacing())
    assert shown._text.geometry().bottom() <= shown.height()
    assert reply.height() >= shown.geometry().bottom()
