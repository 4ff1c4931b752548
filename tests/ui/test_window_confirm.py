"""Nothing is lost by a second click: a dialog lists what goes, and the user's own words need a typed word."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui.theme.confirm import ConfirmDialog, Loss

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        for number in range(3):
            conversation = store.create_conversation(title=f"Chat {number}")
            user = store.add_message(conversation.id, None, "user", "Where is it?")
            reply = store.add_message(conversation.id, user.id, "assistant", "There.")
            store.add_rating("thumb", 1, reply.id)
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    yield driver
    driver.close()


def counts(driver: Driver) -> tuple[int, int]:
    with Store.open(driver.paths) as store:
        return store.conversation_count(), store.rating_count()


@pytest.mark.parametrize(
    "kind", ["everything", "database", "ratings", "styles", "backups", "snapshots", "logs"]
)
def test_a_double_click_on_erase_erases_nothing(driver, kind):
    window = driver.window
    window.pages.show_privacy()
    page = window.stack.currentWidget()
    driver.until(lambda: page.facts("database").startswith("3 conversations"), "the sizes")
    button = page.erase[kind]
    place = window.mapFromGlobal(button.mapToGlobal(button.rect().center()))
    for _ in range(3):  # wherever the clicks land: on the button, or on what came up over it
        target = driver.app.activeModalWidget() or button
        at = target.mapFromGlobal(window.mapToGlobal(place))
        child = target.childAt(at) or target
        QTest.mouseClick(child, LEFT, Qt.KeyboardModifier.NoModifier, child.mapFrom(target, at))
        driver.settle(0.05)
    driver.settle(0.3)
    assert counts(driver) == (3, 3) and page.note.text() == ""
    dialog = driver.dialog()
    assert dialog is not None and (kind == "logs" or not dialog.action.isEnabled())


def test_the_dialog_lists_what_goes_and_wants_a_word(driver):
    window = driver.window
    window.pages.show_privacy()
    page = window.stack.currentWidget()
    driver.until(lambda: page.facts("database").startswith("3 conversations"), "the sizes")
    page.erase["everything"].click()
    dialog = driver.dialog()
    assert dialog is not None
    said = [part.text() for part in dialog.findChildren(type(page.note))]
    assert any("3 conversations" in text for text in said) and any("3 ratings" in text for text in said)
    driver.until(lambda: driver.focus() is dialog.field, "the focus in the field")
    QTest.keyClicks(dialog.field, "eras")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert not dialog.action.isEnabled() and dialog.isVisible()
    QTest.keyClick(dialog.field, Qt.Key.Key_E)
    assert dialog.action.isEnabled()
    QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
    driver.until(lambda: driver.dialog() is None, "the end of the dialog")
    driver.settle()
    assert counts(driver) == (3, 3)
    driver.confirm(page.erase["everything"])
    driver.until(lambda: page.note.text() == "Erased.", "the end of it")
    assert counts(driver) == (0, 0)


def test_the_action_never_stands_under_the_pointer(qtbot):
    dialog = ConfirmDialog(Loss("Delete?", ("Everything",), "Delete"))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.focusWidget() is dialog.cancel
    pointer = dialog.action.mapToGlobal(dialog.action.rect().center())
    dialog.keep_clear_of(pointer)
    assert not dialog.action.rect().contains(dialog.action.mapFromGlobal(pointer))
    where = dialog.pos()
    dialog.keep_clear_of(QPoint(0, 0))
    assert dialog.pos() == where
