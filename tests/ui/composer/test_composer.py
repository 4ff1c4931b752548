"""The composer by itself: keys, pictures by paste and drop, and that nothing typed is lost."""

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from ui import theme
from ui.composer.composer import MAX_TEXT, Composer


@pytest.fixture
def composer(qtbot):
    if not QApplication.instance().styleSheet():
        theme.install(QApplication.instance(), "light")
    made = Composer()
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    return made


@pytest.fixture
def photo(tmp_path):
    file = tmp_path / "a photo.png"
    Image.new("RGB", (40, 30), "red").save(file)
    return file


def ready(composer, qtbot, count):
    qtbot.waitUntil(
        lambda: len(composer.pictures.files()) == count and not composer.pictures.checking, timeout=30_000
    )


def test_enter_sends_and_shift_enter_breaks_the_line(composer, qtbot):
    QTest.keyClicks(composer.edit, "one")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.edit, "two")
    with qtbot.waitSignal(composer.submitted) as sent:
        QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent.args == ["one\ntwo", []]


def test_by_setting_ctrl_enter_sends(composer, qtbot):
    composer.set_enter_sends(False)
    QTest.keyClicks(composer.edit, "one")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.text() == "one\n"
    with qtbot.waitSignal(composer.submitted):
        QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_while_a_reply_is_written_the_button_stops_and_typing_goes_on(composer, qtbot):
    composer.set_busy(True)
    QTest.keyClicks(composer.edit, "next")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.text().startswith("next")
    with qtbot.waitSignal(composer.stop_requested):
        composer.button.click()
    assert composer.button.accessibleName() == "Stop"


def test_up_in_the_empty_composer_edits_the_last_message(composer, qtbot):
    with qtbot.waitSignal(composer.edit_last_requested):
        QTest.keyClick(composer.edit, Qt.Key.Key_Up)
    composer.set_text("text")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        QTest.keyClick(composer.edit, Qt.Key.Key_Up)


def test_several_files_at_once_are_sent_in_their_order_and_can_be_removed(composer, qtbot, photo, tmp_path):
    second = tmp_path / "second.jpg"
    Image.new("RGB", (50, 50), "blue").save(second)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo)), QUrl.fromLocalFile(str(second))])
    composer.edit.insertFromMimeData(mime)
    ready(composer, qtbot, 2)
    remove = [
        b
        for b in composer.pictures.findChildren(QAbstractButton)
        if b.accessibleName() == "Remove a photo.png"
    ]
    remove[0].click()
    with qtbot.waitSignal(composer.submitted) as sent:
        composer.button.click()
    assert len(sent.args[1]) == 1 and sent.args[1][0].endswith("second.jpg")


def test_a_pasted_picture_is_attached_and_opens_large(composer, qtbot):
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    mime = QMimeData()
    mime.setImageData(image)
    composer.edit.insertFromMimeData(mime)
    ready(composer, qtbot, 1)
    open_large = next(
        b for b in composer.pictures.findChildren(QAbstractButton) if b.accessibleName().startswith("Open")
    )
    with qtbot.waitSignal(composer.open_image_requested) as asked:
        open_large.click()
    assert asked.args == composer.pictures.files()


def test_a_file_that_is_no_picture_is_refused_and_the_text_stays(composer, qtbot, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("not a picture")
    composer.set_text("typed with care")
    composer.add_file(str(bad))
    qtbot.waitUntil(lambda: bool(composer.error), timeout=30_000)
    assert composer.error.endswith(".") and "bad.png" in composer.error
    assert composer.text() == "typed with care" and composer.pictures.files() == []


def test_a_model_that_cannot_see_refuses_pictures_and_takes_other_files(composer, photo):
    composer.set_can_hear(False, "Tiny cannot hear sounds.")
    composer.set_can_see(False, "Tiny cannot see pictures.")
    assert composer.attach.isEnabled() and composer.attach.accessibleName() == "Attach files"
    composer.add_file(str(photo))
    assert composer.error == "Tiny cannot see pictures." and not composer.pictures.checking


def test_a_paste_that_is_too_long_is_refused_and_nothing_is_lost(composer):
    composer.set_text("kept")
    mime = QMimeData()
    mime.setText("x" * (MAX_TEXT + 1))
    composer.edit.insertFromMimeData(mime)
    assert composer.text() == "kept" and str(MAX_TEXT) in composer.error


def test_rich_text_is_pasted_as_plain_text_and_a_long_word_wraps(composer):
    mime = QMimeData()
    mime.setHtml("<b>bold</b><img src='file:///etc/passwd'>")
    mime.setText("bold")
    composer.edit.insertFromMimeData(mime)
    assert composer.text() == "bold"
    composer.set_text("w" * 5000)
    QApplication.processEvents()
    assert composer.edit.horizontalScrollBar().maximum() <= 2  # pixels of margin, not a line of 5,000 letters


def test_it_grows_with_the_text_up_to_a_limit(composer):
    low = composer.edit.height()
    composer.set_text("a\nb\nc")
    QApplication.processEvents()
    middle = composer.edit.height()
    composer.set_text("a\n" * 100)
    QApplication.processEvents()
    assert low < middle < composer.edit.height() < 400


def test_every_control_has_a_name(composer, qtbot, photo):
    composer.add_file(str(photo))
    ready(composer, qtbot, 1)
    assert all(button.accessibleName() for button in composer.findChildren(QAbstractButton))
    assert composer.edit.accessibleName() and composer.accessibleName()
