"""The window without a model: reading, searching, typing and sorting work while the engine says nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from silent_engine import SilentClient
from window_driver import Driver, unnamed

from assistant import settings as settings_file
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr("ui.engine_bridge.Client", SilentClient)
    paths = DataPaths(tmp_path / "home")
    with Store.open(paths) as store:
        for title, said, reply in (
            ("Kyoto", "What should I pack?", "A light jacket and an umbrella."),
            ("Landlord", "Write about the heating.", "Dear Mr Klein, the heating is broken."),
            ("猫", "这是什么?", "这是一只猫。"),
        ):
            conversation = store.create_conversation(title=title)
            user = store.add_message(conversation.id, None, "user", said)
            store.add_message(conversation.id, user.id, "assistant", reply)
    return paths.root


@pytest.fixture
def open_window(home):
    drivers = []

    def make(settings: Settings | None = None, *, start: bool = True) -> Driver:
        driver = Driver(home, settings or settings_file.load(DataPaths(home).settings), start=start)
        drivers.append(driver)
        if start:
            driver.until(lambda: len(driver.titles) == 3, "the list of conversations")
        return driver

    yield make
    for driver in drivers:
        driver.close()


def open_titled(driver: Driver, title: str) -> None:
    model = driver.window.sidebar.model
    row = next(
        model.row(model.index(n)) for n in range(model.rowCount()) if model.data(model.index(n)) == title
    )
    driver.window.open_chat(row.id)
    driver.until(lambda: driver.window.header.title == title, f"the conversation {title}")


def test_typing_works_before_the_store_is_open(open_window):
    driver = open_window(start=False)
    driver.type("half a thought")
    assert driver.window.page.composer.text() == "half a thought"
    driver.window.start()
    driver.until(lambda: driver.titles, "the list of conversations")
    driver.settle()
    assert driver.window.page.composer.text() == "half a thought"


def test_a_prompt_sent_while_the_model_loads_is_stored_and_waits(open_window, home):
    driver = open_window()
    driver.say("Are you awake?")
    driver.until(lambda: "Are you awake?" in driver.shown, "the message in the transcript")
    assert "generate" not in driver.window.bridge._client.asked
    driver.close()
    with Store.open(DataPaths(home)) as store:
        newest = store.conversations(1)[0]
        messages = store.branch(newest.leaf_id)
    assert [m.text for m in messages] == ["Are you awake?", ""]
    assert messages[1].error  # it says that it was stopped before the first word


def test_search_finds_as_one_types_and_enter_jumps_to_the_message(open_window):
    driver = open_window()
    driver.key(Qt.Key.Key_F, CTRL, Qt.KeyboardModifier.ShiftModifier)
    driver.type("umbrella")
    sidebar = driver.window.sidebar
    driver.until(lambda: "umbrella" in (sidebar.model.data(sidebar.model.index(0), 11) or ""), "the hit")
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: "A light jacket and an umbrella." in driver.shown, "the conversation")
    driver.key(Qt.Key.Key_F, CTRL, Qt.KeyboardModifier.ShiftModifier)
    driver.key(Qt.Key.Key_Escape)
    driver.until(lambda: len(driver.titles) == 3, "the list again")


def test_chinese_is_found(open_window):
    driver = open_window()
    driver.window.sidebar.search_box.setText("一只猫")
    model = driver.window.sidebar.model
    driver.until(lambda: "一只猫" in (model.data(model.index(0), 11) or ""), "the hit")


def test_what_cannot_be_found_says_so(open_window):
    driver = open_window()
    driver.window.sidebar.search_box.setText('"no such ((words*')
    driver.until(lambda: driver.window.sidebar.nothing.isVisible(), "the words 'No results'")


def test_delete_can_be_undone(open_window):
    driver = open_window()
    open_titled(driver, "Kyoto")
    driver.key(Qt.Key.Key_Backspace, CTRL, SHIFT)
    driver.until(lambda: "Kyoto" not in driver.titles, "the deletion")
    assert driver.window.chat.conversation is None
    driver.window.sidebar.undo_bar.undo()
    driver.until(lambda: "Kyoto" in driver.titles and driver.window.header.title == "Kyoto", "its return")


def test_rename_and_pin_are_kept(open_window, home):
    driver = open_window()
    open_titled(driver, "Landlord")
    driver.key(Qt.Key.Key_F2, CTRL)
    driver.type("Heating")
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: "Heating" in driver.titles and driver.window.header.title == "Heating", "the name")
    driver.key(Qt.Key.Key_P, CTRL, SHIFT)
    driver.until(lambda: driver.titles[0] == "Heating", "the pinned one on top")
    driver.close()
    with Store.open(DataPaths(home)) as store:
        first = store.conversations(1)[0]
    assert (first.title, first.pinned) == ("Heating", True)


def test_drafts_belong_to_their_conversation_and_survive_closing(open_window):
    driver = open_window()
    composer = driver.window.page.composer
    open_titled(driver, "Kyoto")
    driver.key(Qt.Key.Key_L, CTRL)
    driver.type("and in May?")
    open_titled(driver, "Landlord")
    assert composer.text() == ""
    driver.key(Qt.Key.Key_N, CTRL)
    driver.type("something new")
    open_titled(driver, "Kyoto")
    driver.until(lambda: composer.text() == "and in May?", "the draft")
    driver.close()
    again = open_window()
    again.until(lambda: again.window.header.title == "Kyoto", "the conversation of the last time")
    assert again.window.page.composer.text() == "and in May?"
    again.key(Qt.Key.Key_N, CTRL)
    again.until(lambda: again.window.page.composer.text() == "something new", "the new chat's draft")


def test_everything_by_keyboard(open_window):
    driver = open_window()
    window = driver.window
    driver.key(Qt.Key.Key_Comma, CTRL)
    assert window.stack.currentWidget().accessibleName() == "Settings"
    driver.key(Qt.Key.Key_Escape)
    assert window.pages.at_chat
    driver.key(Qt.Key.Key_Slash, CTRL)
    assert window.stack.currentWidget().accessibleName() == "Keyboard shortcuts"
    driver.key(Qt.Key.Key_Escape)
    driver.key(Qt.Key.Key_B, CTRL)
    assert not window.sidebar.isVisible()
    driver.key(Qt.Key.Key_B, CTRL)
    assert window.sidebar.isVisible()
    driver.key(Qt.Key.Key_PageDown, CTRL)
    driver.until(lambda: window.chat.conversation is not None, "the first conversation")
    first = window.chat.conversation_id
    driver.key(Qt.Key.Key_PageDown, CTRL)
    driver.until(lambda: window.chat.conversation_id != first, "the next conversation")
    driver.key(Qt.Key.Key_N, CTRL)
    assert window.chat.conversation is None
    assert window.page.composer.isAncestorOf(driver.focus())
    reached = set()
    for _ in range(80):  # Tab goes round through every control and comes back
        driver.key(Qt.Key.Key_Tab)
        reached.add(driver.focus())
    buttons = [b for b in window.sidebar.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    assert {window.sidebar.list, window.sidebar.search_box, *buttons} <= reached | {None}


def test_the_style_panel_shows_what_was_rated_and_leads_back_to_it(open_window, home):
    with Store.open(DataPaths(home)) as store:
        kyoto = next(c for c in store.conversations(9) if c.title == "Kyoto")
        store.add_rating("thumb", 1, kyoto.leaf_id)
    driver = open_window()
    panel = driver.window.panel
    driver.window.header.panel_button.click()
    driver.until(lambda: panel._count_labels["thumb-up"].text() == "1", "the count")
    assert "1 rating has not been learned from yet." in panel._waiting.text()
    row = next(b for b in panel.findChildren(QAbstractButton) if "light jacket" in b.accessibleName())
    row.click()
    driver.until(lambda: driver.window.header.title == "Kyoto", "the rated reply's conversation")
    driver.close()
    again = open_window()
    assert again.window.panel.isVisible()  # the window comes back as it was


def test_settings_take_effect_and_are_kept(open_window, home):
    driver = open_window()
    driver.window.pages.show_settings()
    page = driver.window.stack.currentWidget()
    page.theme_box.setCurrentIndex(page.theme_box.findData("dark"))
    page.enter_switch.click()
    page.replies.fields["temperature"].setValue(0.25)
    driver.until(lambda: "ratings" in page._folder_text.text(), "the size of the data folder")
    from ui import theme

    assert theme.current().dark
    driver.key(Qt.Key.Key_Plus, CTRL)
    assert page.zoom_box.currentData() == driver.window.settings.zoom == 1.1
    driver.close()
    kept = settings_file.load(DataPaths(home).settings)
    assert (kept.theme, kept.enter_sends, kept.sampling.temperature, kept.zoom) == ("dark", False, 0.25, 1.1)
    theme.set_theme("light", 1.0)


def test_every_widget_has_an_accessible_name(open_window):
    driver = open_window()
    window = driver.window
    open_titled(driver, "Kyoto")
    window.pages.show_settings()
    window.pages.show_models()
    driver.settle()
    window.pages.show_keys()
    window.header.panel_button.setChecked(True)
    driver.until(lambda: window.panel.isVisible(), "the style panel")
    driver.settle()
    assert unnamed(window) == ""


def test_a_store_that_cannot_be_opened_is_one_sentence_with_one_action(home, open_window, monkeypatch):
    from assistant.errors import StoreError

    real = Store.open

    def broken(paths):
        raise StoreError("The database cannot be read just now.")

    monkeypatch.setattr(Store, "open", broken)
    driver = open_window(start=False)
    driver.type("not to be lost")
    driver.window.start()
    driver.until(lambda: driver.banner == "The database cannot be read just now.", "the sentence")
    monkeypatch.setattr(Store, "open", real)
    driver.window.page.banner._action.click()
    driver.until(lambda: len(driver.titles) == 3, "the list after trying again")
    assert driver.banner == ""
    assert driver.window.page.composer.text() == "not to be lost"


def test_fits_a_small_screen(open_window):
    driver = open_window()
    driver.window.resize(1024, 640)
    driver.settle()
    assert (driver.window.width(), driver.window.height()) == (1024, 640)
    composer = driver.window.page.composer
    bottom = composer.mapTo(driver.window, composer.rect().bottomRight())
    assert driver.window.rect().contains(bottom)
