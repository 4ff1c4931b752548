"""The transcript as a person meets it: reading, streaming, rating, editing, by mouse, keyboard and screen reader."""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit

sys.path.insert(0, str(Path(__file__).parent))
from messages_for_tests import GENERATION, ident, view

from assistant.records import Attachment, Recognition
from ui import theme
from ui.sound.chip import SoundChip
from ui.transcript import announce, body, text_block
from ui.transcript.code_block import CodeBlock
from ui.transcript.table_block import TableBlock
from ui.transcript.text_block import TextBlock
from ui.transcript.view import TranscriptView

REPLY = """## Title

Some **bold** text.

- one
- two

```python
def f():
    return 1
```

|a|b|
|-|-|
|1|2|

End."""


@pytest.fixture
def transcript(qtbot):
    if not QApplication.instance().styleSheet():
        theme.install(QApplication.instance(), "light")
    made = TranscriptView()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def settle(view_, rounds=8):
    for _ in range(rounds):
        QApplication.processEvents()
    view_.message_list().arrange()


def many(count):
    return [
        view(n, "user" if n % 2 == 0 else "assistant", f"Message {n}. " + "word " * (n % 90))
        for n in range(count)
    ]


def test_of_ten_thousand_messages_only_those_in_sight_are_widgets(transcript):
    transcript.show_messages(many(10_000))
    settle(transcript)
    shown = transcript.message_list().widgets()
    assert len(shown) < 20 and shown[-1].message_id == ident(9_999)
    bar = transcript.message_list().verticalScrollBar()
    for part in range(50):
        bar.setValue(bar.maximum() * part // 50)
    bar.setValue(0)
    settle(transcript)
    shown = transcript.message_list().widgets()
    assert shown[0].message_id == ident(0) and shown[0].y() > 0
    assert len(transcript.message_list().viewport().children()) < 80  # recycled, not piled up


def test_every_message_can_be_reached_and_lies_below_the_one_before(transcript):
    transcript.show_messages(many(60))
    for number in (0, 17, 42, 59, 3):
        transcript.scroll_to(ident(number))
        settle(transcript)
        widget = transcript.message_list().widget_of(ident(number))
        assert widget is not None and widget.geometry().intersects(
            transcript.message_list().viewport().rect()
        )
        ordered = transcript.message_list().widgets()
        for above, below in pairwise(ordered):
            assert below.y() >= above.y() + above.height()


def test_a_streamed_reply_ends_as_the_reply_drawn_at_once(transcript):
    transcript.show_messages([view(1, "user", "Hello")])
    transcript.begin_reply(view(2, "assistant", ""))
    for start in range(0, len(REPLY), 3):
        transcript.append_text(ident(2), REPLY[start : start + 3])
        transcript.flush()
    transcript.finish_reply(view(2, "assistant", REPLY, generation=GENERATION))
    streamed = transcript.message_list().widget_of(ident(2))
    other = TranscriptView()
    other.resize(transcript.size())
    other.show()
    other.show_messages([view(2, "assistant", REPLY, generation=GENERATION)])
    settle(transcript)
    settle(other)
    whole = other.message_list().widget_of(ident(2))
    assert streamed.body.blocks() == whole.body.blocks()
    kinds = [type(piece) for piece in streamed.body.pieces()]
    assert kinds == [TextBlock, CodeBlock, TableBlock, TextBlock]
    for one, two in zip(streamed.body.pieces(), whole.body.pieces(), strict=True):
        assert one.height() == two.height()
        if isinstance(one, TextBlock):
            assert one.toPlainText() == two.toPlainText()
    other.close()
    other.deleteLater()


def test_finished_blocks_are_written_once_while_the_rest_streams(transcript, monkeypatch):
    written = []
    original = TextBlock.append
    monkeypatch.setattr(TextBlock, "append", lambda self, p: (written.append(p), original(self, p))[1])
    transcript.show_messages([])
    transcript.begin_reply(view(2, "assistant", ""))
    text = "".join(f"Paragraph number {n} with a few words in it.\n\n" for n in range(60))
    for start in range(0, len(text), 7):
        transcript.append_text(ident(2), text[start : start + 7])
        transcript.flush()
    assert len(written) <= 2 * 60  # growing a paragraph adds to it; it is not written anew for each piece


def test_drawing_happens_in_batches_not_for_each_token(transcript, qtbot, monkeypatch):
    drawn = []
    original = body.Body.advance
    monkeypatch.setattr(body.Body, "advance", lambda self: (drawn.append(1), original(self))[1])
    transcript.show_messages([])
    transcript.begin_reply(view(2, "assistant", ""))
    for _ in range(500):
        transcript.append_text(ident(2), "word ")
    qtbot.waitUntil(lambda: bool(drawn), timeout=3000)
    assert len(drawn) == 1
    assert transcript.message_list().widget_of(ident(2)).body.source() == "word " * 500


def test_it_follows_the_stream_only_from_the_end(transcript):
    transcript.show_messages(many(40))
    transcript.begin_reply(view(100, "assistant", ""))
    for _ in range(40):
        transcript.append_text(ident(100), "A line of words.\n\n")
        transcript.flush()
    assert transcript.is_at_end()
    last = transcript.message_list().widgets()[-1]
    assert (
        last.message_id == ident(100)
        and last.geometry().bottom() <= transcript.message_list().viewport().height()
    )

    bar = transcript.message_list().verticalScrollBar()
    bar.setValue(bar.value() - 900)
    settle(transcript)
    assert not transcript.is_at_end()
    read = transcript.message_list().widgets()[0]
    before = read.y()
    for _ in range(40):
        transcript.append_text(ident(100), "A line of words.\n\n")
        transcript.flush()
    assert read.y() == before
    transcript.scroll_to_end()
    assert transcript.is_at_end()


def test_text_that_arrives_out_of_sight_is_not_lost(transcript):
    transcript.show_messages(many(200))
    transcript.scroll_to(ident(0))
    transcript.begin_reply(view(900, "assistant", ""))
    transcript.append_text(ident(900), "unseen words")
    transcript.flush()
    assert transcript.message_list().view_of(ident(900)).message.text == "unseen words"
    transcript.scroll_to_end()
    assert transcript.message_list().widget_of(ident(900)).body.spoken() == "unseen words"


def test_an_older_state_of_a_streaming_reply_takes_no_text_away(transcript):
    transcript.show_messages([])
    transcript.begin_reply(view(2, "assistant", ""))
    transcript.append_text(ident(2), "newer text")
    transcript.flush()
    transcript.update_message(view(2, "assistant", "newer", state="streaming"))
    assert transcript.message_list().widget_of(ident(2)).body.source() == "newer text"


def test_a_thumb_is_shown_pressed_only_once_it_is_stored(transcript, qtbot):
    shown = view(2, "assistant", "Reply", generation=GENERATION)
    transcript.show_messages([view(1, "user", "Hi"), shown])
    row = transcript.message_list().widget_of(ident(2)).row()
    with qtbot.waitSignal(transcript.rate_requested) as asked:
        QTest.mouseClick(row.up, Qt.MouseButton.LeftButton)
    assert asked.args == [ident(2), 1] and not row.up.isChecked()
    transcript.update_message(replace(shown, rating=1, note="noted: shorter"))
    assert row.up.isChecked() and not row.down.isChecked()
    transcript.rate_current(-1)
    widget = transcript.message_list().widget_of(ident(2))
    widget.setFocus()
    with qtbot.waitSignal(transcript.rate_requested) as asked:
        QTest.keyClick(widget, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert asked.args == [ident(2), -1]


def test_branches_and_messages_by_arrow_keys(transcript, qtbot):
    transcript.show_messages(
        [
            view(1, "user", "Hi"),
            view(2, "assistant", "Reply", sibling_index=1, sibling_count=3),
            view(3, "user", "More"),
        ]
    )
    widget = transcript.message_list().widget_of(ident(2))
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(transcript.branch_requested) as asked:
        QTest.keyClick(widget, Qt.Key.Key_Left)
    assert asked.args == [ident(2), -1]
    QTest.keyClick(widget, Qt.Key.Key_Up)
    assert transcript.message_list().widget_of(ident(1)).hasFocus()


def test_editing_a_question_and_a_reply(transcript, qtbot):
    transcript.show_messages([view(1, "user", "Old question"), view(2, "assistant", "Old reply")])
    transcript.edit_last_question()
    editor = transcript.message_list().widget_of(ident(1)).editor()
    editor.field().setPlainText("New question")
    with qtbot.waitSignal(transcript.edit_requested) as asked:
        QTest.keyClick(editor.field(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.args == [ident(1), "New question"]

    reply = transcript.message_list().widget_of(ident(2))
    reply.edit()
    reply.editor().field().setPlainText("What I wanted")
    QTest.keyClick(reply.editor().field(), Qt.Key.Key_Escape)
    assert reply.editor() is None and reply.body.source() == "Old reply"


def test_an_edit_begun_survives_scrolling_away(transcript):
    transcript.show_messages(many(300))
    transcript.edit_last_question()
    widget = transcript.message_list().widget_of(ident(298))
    widget.editor().field().setPlainText("half a thought")
    transcript.scroll_to(ident(0))
    settle(transcript)
    transcript.scroll_to_end()
    settle(transcript)
    assert transcript.message_list().widget_of(ident(298)).editor().text() == "half a thought"


def test_copying_gives_the_source_and_code_gives_only_the_code(transcript):
    transcript.show_messages([view(2, "assistant", REPLY, generation=GENERATION)])
    transcript.copy_current()
    assert QGuiApplication.clipboard().text() == REPLY
    transcript.copy_last_code()
    assert QGuiApplication.clipboard().text() == "def f():\n    return 1"


def test_words_of_the_user_are_plain_and_everything_can_be_selected(transcript):
    transcript.show_messages([view(1, "user", "<b>x</b> **y** <img src='file:///etc/passwd'>")])
    (piece,) = transcript.message_list().widget_of(ident(1)).body.pieces()
    assert piece.toPlainText() == "<b>x</b> **y** <img src='file:///etc/passwd'>"
    piece.selectAll()
    assert isinstance(piece.createMimeDataFromSelection(), QMimeData)
    assert piece.textCursor().selectedText() == piece.toPlainText()


def test_a_link_is_only_reported(transcript, qtbot, monkeypatch):
    loaded = []
    monkeypatch.setattr(text_block.StillText, "loadResource", lambda self, kind, name: loaded.append(name))
    transcript.show_messages([view(2, "assistant", "[here](https://example.com/x)")])
    settle(transcript)
    (piece,) = transcript.message_list().widget_of(ident(2)).body.pieces()
    with qtbot.waitSignal(transcript.link_requested) as asked:
        piece.anchorClicked.emit(QUrl(piece.anchorAt(QPoint(6, 10))))
    assert asked.args == ["https://example.com/x"]
    assert piece.toPlainText() == "here" and loaded == []


def test_a_huge_message_waits_behind_show_more(transcript):
    transcript.show_messages([view(1, "user", "x" * 1_000_000), view(2, "assistant", "y" * 300_000)])
    for _ in range(200):
        QApplication.processEvents()
    for number in (1, 2):
        widget = transcript.message_list().widget_of(ident(number))
        if widget is None:
            transcript.scroll_to(ident(number))
            for _ in range(200):
                QApplication.processEvents()
            widget = transcript.message_list().widget_of(ident(number))
        assert sum(len(p.toPlainText().replace(chr(10), "")) for p in widget.body.pieces()) == body.SHOWN
    more = next(
        b for b in widget.body.findChildren(QAbstractButton) if b.isVisible() and b.text() == "Show more"
    )
    more.click()
    for _ in range(200):
        QApplication.processEvents()
    assert sum(len(p.toPlainText().replace(chr(10), "")) for p in widget.body.pieces()) == 2 * body.SHOWN


def test_an_error_is_a_sentence_with_one_action(transcript, qtbot):
    transcript.show_messages(
        [view(2, "assistant", "Half", error="The engine stopped; what was written is kept.")]
    )
    widget = transcript.message_list().widget_of(ident(2))
    labels = [entry.text() for entry in widget.findChildren(QLabel) if entry.isVisible()]
    assert "The engine stopped; what was written is kept." in labels
    again = next(b for b in widget.findChildren(QAbstractButton) if b.text() == "Try again")
    with qtbot.waitSignal(transcript.regenerate_requested):
        again.click()


def test_pictures_show_with_what_was_recognised_and_open(transcript, qtbot, tmp_path):
    file = tmp_path / "cat.png"
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(file))
    seen = Attachment(
        "ab" * 32, "image", "image/png", "cat.png", 10, 300, 200, Recognition((("tabby cat", 0.71),), "EXIT")
    )
    transcript.show_messages([view(1, "user", "What?", attachments=(seen,), image_paths=(str(file),))])
    widget = transcript.message_list().widget_of(ident(1))
    (tile,) = widget.tiles()
    qtbot.waitUntil(lambda: tile.image() is not None, timeout=5000)
    assert not tile.image().isNull()
    assert "tabby cat (71 %) · text: EXIT" in [entry.text() for entry in widget.findChildren(QLabel)]
    assert "tabby cat" in tile.accessibleName()
    with qtbot.waitSignal(transcript.open_image_requested) as asked:
        QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert asked.args == ["ab" * 32]


def test_a_picture_that_is_no_picture_is_shown_as_missing(transcript, qtbot, tmp_path):
    file = tmp_path / "x.svg"
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
    seen = Attachment("cd" * 32, "image", "image/png", "x.svg", 10, 9, 9)
    transcript.show_messages([view(1, "user", "", attachments=(seen,), image_paths=(str(file),))])
    (tile,) = transcript.message_list().widget_of(ident(1)).tiles()
    qtbot.waitUntil(lambda: tile.image() is not None, timeout=5000)
    assert tile.image().isNull()


def test_a_sound_is_shown_with_its_name_and_length_beside_pictures(transcript, qtbot, tmp_path):
    sound = Attachment("ef" * 32, "audio", "audio/wav", "memo.mp3", 44 + 32_000 * 7)
    picture = Attachment("ab" * 32, "image", "image/png", "photo.png", 10, 9, 9)
    files = (str(tmp_path / "memo"), str(tmp_path / "photo"))
    transcript.show_messages([view(1, "user", "Hear", attachments=(sound, picture), image_paths=files)])
    widget = transcript.message_list().widget_of(ident(1))
    (chip,) = widget.findChildren(SoundChip)
    assert chip.isVisibleTo(widget) and chip.path == files[0]
    assert {"memo.mp3", "0:07"} <= {entry.text() for entry in chip.findChildren(QLabel)}
    assert "Sound memo.mp3" in widget.spoken() and chip.geometry().bottom() < widget.height()
    (tile,) = widget.tiles()
    assert tile.accessibleName() == "Picture photo.png" and not tile.geometry().intersects(chip.geometry())


def test_a_finished_reply_is_announced_in_words_and_readable_by_assistive_technology(transcript):
    said = []
    announce.announced().said.connect(said.append)
    try:
        transcript.show_messages([view(1, "user", "Hi")])
        transcript.begin_reply(view(2, "assistant", ""))
        transcript.append_text(ident(2), "A **tabby** cat")
        transcript.finish_reply(view(2, "assistant", "A **tabby** cat", generation=GENERATION))
        transcript.show_note(ident(2), "noted: shorter")
    finally:
        announce.announced().said.disconnect(said.append)
    assert said == ["Attune is writing", "Attune: A tabby cat", "noted: shorter"]

    widget = transcript.message_list().widget_of(ident(2))
    message = QAccessible.queryAccessibleInterface(widget)
    assert message.text(QAccessible.Text.Name) == "Attune: A tabby cat"
    (piece,) = widget.body.pieces()
    text = QAccessible.queryAccessibleInterface(piece).textInterface()
    assert text.text(0, text.characterCount()) == "A tabby cat"


def test_every_control_has_a_name(transcript):
    transcript.show_messages(
        [
            view(1, "user", "Hi"),
            view(2, "assistant", REPLY, generation=GENERATION, sibling_count=2, error="Broken."),
        ]
    )
    settle(transcript)
    transcript.message_list().widget_of(ident(1)).edit()
    controls = [*transcript.findChildren(QAbstractButton), *transcript.findChildren(QPlainTextEdit)]
    controls += [piece for widget in transcript.message_list().widgets() for piece in widget.body.pieces()]
    unnamed = [
        c for c in controls if c.isVisible() and not c.accessibleName() and not isinstance(c, TableBlock)
    ]
    assert not unnamed


def test_a_new_theme_zoom_or_width_keeps_the_words(transcript):
    transcript.show_messages([view(1, "user", "Hi"), view(2, "assistant", REPLY, generation=GENERATION)])
    widget = transcript.message_list().widget_of(ident(2))
    words, height = widget.body.spoken(), widget.height()
    theme.set_theme("dark", 2.0)
    try:
        settle(transcript)
        assert widget.body.spoken() == words and widget.height() > height
    finally:
        theme.set_theme("light", 1.0)
    transcript.resize(320, 600)
    settle(transcript)
    assert widget.body.spoken() == words
    assert widget.width() <= 320


def test_other_branches_of_the_same_conversation_keep_the_place(transcript):
    messages = many(80)
    transcript.show_messages(messages)
    transcript.scroll_to(ident(20))
    settle(transcript)
    before = transcript.message_list().widget_of(ident(20)).y()
    transcript.show_messages(messages[:60])
    settle(transcript)
    assert transcript.message_list().widget_of(ident(20)).y() == before
