"""The window by ear and by keyboard: names, roles, the order of Tab, and what is announced."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from window_driver import Driver, unnamed

from assistant.settings import Settings
from ui.transcript import announce

PAGES = ("settings", "models", "keys", "versions", "ratings", "privacy", "writing")


@pytest.fixture
def driver(tmp_path, answers):
    made = Driver(tmp_path / "home", Settings(show_style_panel=False))
    made.until(lambda: made.window.bridge.phase == "ready", "the model")
    yield made
    made.close()


@pytest.fixture
def said():
    heard: list[str] = []
    announce.announced().said.connect(heard.append)
    yield heard
    announce.announced().said.disconnect(heard.append)


def told(widget: QWidget) -> tuple[str, QAccessible.Role]:
    """Name and role, as assistive technology gets them."""
    seen = QAccessible.queryAccessibleInterface(widget)
    return seen.text(QAccessible.Text.Name), seen.role()


def test_the_main_controls_say_what_they_are(driver):
    window = driver.window
    composer, header, sidebar = window.page.composer, window.header, window.sidebar
    role = QAccessible.Role
    assert told(composer.edit) == ("Message", role.EditableText)
    assert told(composer.button) == ("Send", role.Button)
    assert told(header.panel_button)[0].startswith("Your style")
    assert told(header.model_button)[0] == "Model: Starter" and told(header.style_button)[0].startswith(
        "Style"
    )
    inside = {told(part) for part in sidebar.findChildren(QWidget)}
    assert inside >= {
        ("New chat", role.Button),
        ("Search all chats", role.EditableText),
        ("List of conversations", role.List),
        ("Settings", role.Button),
    }
    window.pages.show_settings()
    page = window.stack.currentWidget()
    assert told(page.enter_switch) == ("Enter sends the message", role.CheckBox)
    for box, name in ((page.theme_box, "Theme"), (page.language_box, "Language")):
        assert told(box)[1] == role.ComboBox and box.accessibleName() == name


def test_every_reply_is_announced_when_it_is_done(driver, said):
    driver.say("What is a heron?")
    reply = driver.replied()
    assert said[0] == "Attune is writing" and said[-1] == f"Attune: {reply.text}"
    said.clear()
    driver.window.page.transcript.regenerate_current()
    driver.until(lambda: driver.window.chat.last_reply.id != reply.id, "another reply")
    again = driver.replied()
    assert f"Attune: {again.text}" in said


def test_a_reply_in_another_chat_is_announced_too(driver, said):
    window = driver.window
    window.chat.replied_elsewhere.emit("another conversation")
    assert said == ["A reply is done in another chat."]


@pytest.mark.parametrize("name", PAGES)
def test_tab_goes_through_a_page_from_top_to_bottom(driver, name):
    driver.say("What is a heron?")  # so that there is something to show
    driver.replied()
    window = driver.window
    window.pages.show(name)
    driver.settle()
    page = window.stack.currentWidget()
    page.back.setFocus(Qt.FocusReason.TabFocusReason)
    visited: list[QWidget] = []
    for _ in range(300):
        focus = QApplication.focusWidget()
        assert focus is not None
        if not page.isAncestorOf(focus) or focus in visited:
            break
        visited.append(focus)
        driver.key(Qt.Key.Key_Tab)
    places = [widget.mapTo(page, QPoint(0, widget.height() // 2)) for widget in visited[1:]]
    falls = [
        (told(one)[0], told(other)[0])
        for one, other, at, then in zip(visited[1:], visited[2:], places, places[1:], strict=False)
        if then.y() < at.y() - 40  # a control above the one before it
    ]
    assert falls == [] and unnamed(window) == ""
    assert all(told(widget)[0].strip() for widget in visited)


def test_the_chat_can_be_used_with_the_keyboard_alone(driver):
    window = driver.window
    driver.say("What is a heron?")
    driver.replied()
    seen = set()
    for _ in range(60):
        driver.key(Qt.Key.Key_Tab)
        focus = driver.focus()
        assert focus is not None and focus.isVisible()
        seen.add(told(focus)[0])
    for name in ("Message", "New chat", "Search all chats", "Settings", "Models"):
        assert any(text.startswith(name) for text in seen), (name, sorted(seen))
    driver.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.shown == "settings"
    driver.key(Qt.Key.Key_Escape)
    assert window.pages.shown == "chat" and window.page.composer.edit.hasFocus()
