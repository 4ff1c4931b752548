"""Folders, instructions, several chats at once, and the trash, as a user goes about them."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui.conversations.folder_dialog import FolderDialog
from ui.conversations.list_model import Heading

CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def driver(tmp_path, answers):
    home = DataPaths(tmp_path / "home").ensure()
    with Store.open(home) as store:
        for title in ("Trip", "Letter", "Recipe"):
            conversation = store.create_conversation(title=title)
            asked = store.add_message(conversation.id, None, "user", f"About the {title}")
            store.add_message(conversation.id, asked.id, "assistant", "Well.")
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(home.root, settings)
    driver.answers = answers
    driver.until(lambda: driver.window.bridge.phase == "ready" and len(driver.titles) == 3, "the chats")
    yield driver
    driver.close()


def id_of(driver, title: str) -> str:
    return driver.window.sidebar.model.conversation_ids()[driver.titles.index(title)]


def folders(driver) -> list[str]:
    return [folder.name for folder in driver.window.sidebar.model.folders()]


def choose(menu, text: str) -> None:
    """The entry of that name, in the menu or one of those below it."""
    for action in menu.actions():
        if action.text() == text:
            action.trigger()
            return
        if action.menu() is not None and any(one.text() == text for one in action.menu().actions()):
            choose(action.menu(), text)
            return
    raise AssertionError([action.text() for action in menu.actions()])


def menu_of(driver, title: str):
    model = driver.window.sidebar.model
    return driver.window.sidebar.menu_for(model.row(model.index_of(id_of(driver, title))))


def into_folder(driver, title: str, name: str) -> None:
    choose(menu_of(driver, title), "New folder")
    driver.until(lambda: "New folder" in folders(driver), "the folder")
    driver.settle()
    driver.key(Qt.Key.Key_A, CTRL)  # its name is being edited
    driver.type(name)
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: name in folders(driver), "the name")
    driver.settle()


def select(driver, *titles: str) -> None:
    sidebar = driver.window.sidebar
    sidebar.list.selectionModel().clearSelection()
    for title in titles:
        index = sidebar.model.index_of(id_of(driver, title))
        sidebar.list.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
    driver.settle(0.05)


def test_a_chat_goes_into_a_new_folder_whose_name_is_typed_in_its_place(driver):
    into_folder(driver, "Trip", "Travel & more")
    model = driver.window.sidebar.model
    rows = [model.row(model.index(at)) for at in range(3)]
    assert isinstance(rows[0], Heading) and rows[0].folder == "Travel & more"
    assert rows[1].title == "Trip" and isinstance(rows[2], Heading) and not rows[2].folder
    choose(menu_of(driver, "Letter"), "Travel && more")
    driver.until(lambda: driver.titles[:2] == ["Letter", "Trip"], "the second one")
    # Closed and opened by the keyboard.
    sidebar = driver.window.sidebar
    sidebar.list.setFocus()
    sidebar.list.setCurrentIndex(model.index_of_folder("Travel & more"))
    driver.key(Qt.Key.Key_Return)
    assert driver.titles == ["Recipe"]
    driver.key(Qt.Key.Key_Return)
    assert driver.titles == ["Letter", "Trip", "Recipe"]
    choose(menu_of(driver, "Trip"), "No folder")
    driver.until(lambda: driver.titles[:1] == ["Letter"] and "Trip" in driver.titles[1:], "out of it")
    driver.key(
        Qt.Key.Key_Z, CTRL
    ) if driver.focus() is driver.window.page.composer.edit else sidebar.undo_bar.undo()
    driver.until(lambda: set(driver.titles[:2]) == {"Letter", "Trip"}, "back in it")


def test_a_folder_that_is_removed_keeps_its_chats_and_can_be_brought_back(driver):
    into_folder(driver, "Trip", "Travel")
    sidebar = driver.window.sidebar
    choose(sidebar.menu_for_folder("Travel"), "Remove the folder, keep its chats")
    driver.until(lambda: not folders(driver) and len(driver.titles) == 3, "the chat without a folder")
    sidebar.undo_bar.undo()
    driver.until(lambda: folders(driver) == ["Travel"], "the folder again")


def ask(driver, text: str) -> None:
    asked = len(driver.answers.asked)
    driver.say(text)
    driver.until(lambda: len(driver.answers.asked) > asked, "the question at the engine")
    driver.replied()


def told(driver) -> str:
    turns = driver.answers.asked[-1]["turns"]
    return turns[0].text if turns[0].role == "system" else ""


def test_instructions_of_a_chat_and_of_its_folder_are_told_and_seen(driver):
    window, bar = driver.window, driver.window.page.instructions
    window.open_chat(id_of(driver, "Trip"))
    driver.until(lambda: driver.shown, "the chat")
    assert not bar.isVisible()
    driver.key(Qt.Key.Key_I, CTRL)
    assert driver.focus() is bar.field.edit
    driver.type("Answer in rhymes.")
    driver.key(Qt.Key.Key_Return, CTRL)
    driver.until(lambda: "Answer in rhymes." in bar.words() and bar.line.isVisible(), "what is told")
    driver.settle()
    assert driver.focus() is window.page.composer.edit and window.header.instructions_button.isChecked()
    ask(driver, "Hello")
    assert told(driver) == "Answer in rhymes."

    into_folder(driver, "Trip", "Travel")
    choose(window.sidebar.menu_for_folder("Travel"), "Instructions…")
    driver.until(lambda: window.findChildren(FolderDialog), "the dialog")
    dialog = window.findChildren(FolderDialog)[-1]
    QTest.keyClicks(dialog.field.edit, "Be brief.")
    dialog.field.save.click()
    driver.until(lambda: "Folder Travel: Be brief." in bar.words(), "the folder's")
    window.activateWindow()
    driver.settle()
    ask(driver, "And now?")
    assert told(driver) == "Be brief.\n\nAnswer in rhymes."
    window.open_chat(id_of(driver, "Letter"))
    driver.until(lambda: driver.shown[0] == "About the Letter", "another chat")
    assert not bar.isVisible() and not window.header.instructions_button.isChecked()


def test_a_new_chat_in_a_folder_is_told_the_folders_and_its_own_instructions(driver):
    window, bar = driver.window, driver.window.page.instructions
    into_folder(driver, "Trip", "Travel")
    window.list.set_folder_instructions("Travel", "Be brief.")
    driver.settle()
    choose(window.sidebar.menu_for_folder("Travel"), "New chat in this folder")
    driver.until(lambda: "Be brief." in bar.words(), "the folder's")
    driver.key(Qt.Key.Key_I, CTRL)
    driver.type("In French.")
    driver.key(Qt.Key.Key_Return, CTRL)
    driver.settle()
    ask(driver, "Bonjour")
    assert told(driver) == "Be brief.\n\nIn French."
    assert driver.titles[0] == "Bonjour" and window.chat.conversation.folder == "Travel"
    window.new_chat()
    driver.settle()
    ask(driver, "Hello")
    assert told(driver) == ""


def test_esc_in_the_field_changes_nothing_and_goes_back_to_the_message_box(driver):
    window, bar = driver.window, driver.window.page.instructions
    window.open_chat(id_of(driver, "Trip"))
    driver.until(lambda: driver.shown, "the chat")
    driver.key(Qt.Key.Key_I, CTRL)
    driver.type("Nonsense")
    driver.key(Qt.Key.Key_Escape)
    driver.settle()
    assert not bar.isVisible() and driver.focus() is window.page.composer.edit
    assert window.chat.instructions.own == ""


def test_several_chats_are_deleted_at_once_and_come_back_at_once(driver):
    sidebar, window = driver.window.sidebar, driver.window
    window.open_chat(id_of(driver, "Trip"))
    driver.until(lambda: driver.shown, "the chat")
    assert not sidebar.selection_bar.isVisible()
    select(driver, "Trip", "Letter")
    assert sidebar.selection_bar.isVisible() and sidebar.selection_bar.text.text() == "2 selected"
    driver.key(Qt.Key.Key_Backspace, CTRL, SHIFT)
    driver.until(lambda: driver.titles == ["Recipe"], "the deletion")
    assert not sidebar.selection_bar.isVisible() and window.chat.conversation is None
    sidebar.undo_bar.undo()
    driver.until(lambda: len(driver.titles) == 3, "all back")


def test_several_chats_are_moved_and_exported_at_once(driver, monkeypatch, tmp_path):
    sidebar = driver.window.sidebar
    into_folder(driver, "Recipe", "Home")
    select(driver, "Trip", "Letter")
    choose(sidebar.menu_for_many(sidebar.chosen()), "Home")
    driver.until(lambda: sidebar.model.folders()[0].conversations.__len__() == 3, "all in it")
    select(driver, "Trip", "Letter")
    target = tmp_path / "two.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(target), ""))
    sidebar.selection_bar.export.click()
    driver.until(target.exists, "the file")
    driver.settle()
    titles = [one["title"] for one in json.loads(target.read_text())["conversations"]]
    assert sorted(titles) == ["Letter", "Trip"]


def test_a_click_with_ctrl_selects_and_opens_nothing(driver):
    sidebar, window = driver.window.sidebar, driver.window
    window.open_chat(id_of(driver, "Trip"))
    driver.until(lambda: driver.shown, "the chat")
    area = sidebar.list.visualRect(sidebar.model.index_of(id_of(driver, "Letter")))
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, CTRL, area.center())
    driver.settle(0.1)
    assert driver.shown[0] == "About the Trip" and len(sidebar.chosen()) == 2
    driver.key(Qt.Key.Key_Escape)
    driver.settle(0.1)
    assert len(sidebar.chosen()) == 1
    QTest.mouseClick(sidebar.list.viewport(), Qt.MouseButton.LeftButton, NONE, area.center())
    driver.until(lambda: driver.shown[0] == "About the Letter", "the other chat")


def test_the_trash_restores_and_deletes_for_good(driver):
    window = driver.window
    ids = {title: id_of(driver, title) for title in ("Trip", "Letter", "Recipe")}
    window.list.delete(list(ids.values()))
    driver.until(lambda: not driver.titles, "the deletion")
    driver.key(Qt.Key.Key_T, CTRL, SHIFT)
    page = window.stack.currentWidget()
    driver.until(lambda: len(page.contents) == 3 and page.restore, "what is in it")
    named = [item.conversation.title for item in page.contents]
    page.restore[named.index("Trip")].click()
    driver.until(lambda: driver.titles == ["Trip"] and len(page.contents) == 2, "the one restored")
    named = [item.conversation.title for item in page.contents]
    driver.confirm(page.purge[named.index("Letter")])
    driver.until(lambda: [item.conversation.title for item in page.contents] == ["Recipe"], "one gone")
    driver.confirm(page.empty)
    driver.until(lambda: not page.contents and "for good" in page.note.text(), "an empty trash")
    with Store.open(driver.paths) as store:
        assert store.deletions() == [] and store.conversation_count() == 1


def test_erasing_all_conversations_fills_the_trash_unless_it_is_for_good(driver):
    window = driver.window
    window.pages.show_privacy()
    page = window.stack.currentWidget()
    driver.until(lambda: page.facts("database").startswith("3 conversations"), "the sizes")
    driver.confirm(page.erase["database"])
    driver.until(lambda: "trash" in page.note.text(), "the end of it")
    with Store.open(driver.paths) as store:
        assert store.conversation_count() == 0 and len(store.deletions()) == 3
    page.erase["database"].click()
    driver.until(driver.dialog, "the dialog")
    dialog = driver.dialog()
    assert "for good" in dialog.option.text() and not dialog.option.isChecked()
    dialog.option.setChecked(True)
    driver.confirm()
    driver.until(lambda: page.note.text() == "Erased.", "the end of it")
    with Store.open(driver.paths) as store:
        assert store.deletions() == []
