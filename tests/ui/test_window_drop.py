"""Files dropped anywhere in the window; and that a copy says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from ui.transcript import announce

CAT = Path(__file__).parents[1] / "data" / "cat.jpg"
COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def driver(tmp_path, answers):
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def enter(widget, mime) -> bool:
    event = QDragEnterEvent(QPoint(5, 5), COPY, mime, LEFT, NONE)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drop(widget, mime) -> None:
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), COPY, mime, LEFT, NONE))


@pytest.mark.parametrize("where", ["window", "composer", "another page"])
def test_a_file_is_attached_wherever_it_is_dropped(driver, where):
    window = driver.window
    if where == "another page":
        window.pages.show_models()
    over = window.page.composer.edit.viewport() if where == "composer" else window.centralWidget()
    mime = files(CAT)
    assert enter(over, mime) and window.drop_overlay.isVisible()
    assert window.drop_overlay.geometry() == window.centralWidget().rect()
    drop(window.drop_overlay, mime)
    assert not window.drop_overlay.isVisible() and window.pages.at_chat
    driver.until(lambda: window.page.composer.pictures.files(), "the picture")
    assert driver.focus() is window.page.composer.edit


def test_a_drag_that_leaves_or_carries_no_file_changes_nothing(driver):
    overlay, root = driver.window.drop_overlay, driver.window.centralWidget()
    enter(root, files(CAT))
    overlay.event(QDragLeaveEvent())
    assert not overlay.isVisible()
    text = QMimeData()
    text.setText("some words")
    assert not enter(root, text) and not overlay.isVisible()
    link = QMimeData()
    link.setUrls([QUrl("https://example.org/cat.jpg")])
    assert not enter(root, link) and not overlay.isVisible()
    assert not driver.window.page.composer.pictures.files()


def test_a_copied_message_says_so_for_a_moment(driver):
    said = []
    announce.announced().said.connect(said.append)
    driver.say("Where to?")
    reply = driver.replied()
    transcript = driver.window.page.transcript
    widget = transcript.message_list().widget_of(reply.id)
    widget.row()._copied.setInterval(60)
    widget.row().copy.click()
    assert QGuiApplication.clipboard().text() == reply.text
    assert widget.row().copy.accessibleName() == "Copied" and "Copied" in said
    driver.until(lambda: widget.row().copy.accessibleName() == "Copy message", "the usual button")
    driver.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    assert widget.row().copy.accessibleName() == "Copied"


def test_code_in_the_users_own_message_is_shown_as_code(driver):
    driver.say("What does this do?")
    driver.replied()
    driver.window.page.composer.set_text("And this?\n\n```python\nprint(1)\n```\n*as it is*")
    driver.window.page.composer.submit()
    driver.replied()
    question = driver.window.page.transcript.messages()[-2]
    widget = driver.window.page.transcript.message_list().widget_of(question.message.id)
    assert widget.body.last_code().code().text.strip() == "print(1)"
    assert widget.body.source() == question.message.text
