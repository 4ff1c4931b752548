"""A style for a conversation or a kind of text: chosen, taught, used, switched off and removed in the window."""

from __future__ import annotations

import pytest
from answering_engine import Answers
from PySide6.QtCore import Qt
from window_driver import Driver, unnamed

from assistant import presets
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def open_window(tmp_path, answers):
    drivers = []

    def make(**settings) -> Driver:
        known = {"learn_when": "off", "first_run_done": True, "model": "starter"}
        driver = Driver(tmp_path / "home", Settings(**{**known, **settings}))
        drivers.append(driver)
        driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
        driver.window.header.panel_button.setChecked(True)
        return driver

    yield make
    for driver in drivers:
        driver.close()


def in_store(driver: Driver, work):
    with Store.open(DataPaths(driver.paths.root)) as store:
        return work(store)


def button(driver: Driver):
    return driver.window.header.style_button


def make_style(driver: Driver, name: str) -> None:
    """As a person does it: type a name at the end of the chip's menu."""
    button(driver).name.setText(name)
    button(driver).name.returnPressed.emit()
    driver.until(lambda: button(driver).text() == name, "the new style")
    driver.until(lambda: name in button(driver).choices.lines, "it in the menu")


def choose(driver: Driver, text: str) -> None:
    found = {action.text(): action for action in button(driver).actions_()}
    found[text].trigger()
    driver.settle()


def ask(driver: Driver, text: str):
    """Send a message in the open chat; its reply, once it is shown as complete."""
    before = {view.message.id for view in driver.window.page.transcript.messages()}
    driver.say(text)

    def shown():
        views = driver.window.page.transcript.messages()
        new = [v.message for v in views if v.message.id not in before and v.message.role == "assistant"]
        return new[-1] if new and new[-1].state == "done" else None

    driver.until(shown, "the reply")
    return shown()


def rate(driver: Driver, count: int, *, prompt: str = "Question") -> None:
    """Replies in the open chat, good and bad in turn."""
    for number in range(count):
        reply = ask(driver, f"{prompt} {number}")
        driver.key(Qt.Key.Key_Up if number % 2 else Qt.Key.Key_Down, ALT)
        driver.until(lambda reply=reply: in_rated(driver, reply.id), "the thumb")


def in_rated(driver: Driver, message_id: str) -> bool:
    views = driver.window.page.transcript.messages()
    return any(view.message.id == message_id and view.rating is not None for view in views)


def learn(driver: Driver, answers: Answers) -> str:
    before, line = len(answers.learning), driver.window.chat.style[0]
    driver.window.panel.learn.click()
    driver.until(lambda: len(answers.learning) > before, "the update")
    said = f"The style {line} learns" if line else "Learning"
    assert driver.window.learning_bar.text == f"{said} from your ratings: starting…"
    version = answers.learned()
    (driver.window.paths.styles / version).mkdir(parents=True)
    driver.until(lambda: driver.window.learning.state == "idle", "its end")
    driver.settle()
    return version


def test_a_chat_in_a_named_style_teaches_that_style_and_is_written_in_it(open_window, answers):
    driver = open_window()
    window = driver.window
    assert button(driver).text() == "My style"
    make_style(driver, "Work")  # before anything is sent: the chat is stored with its first message
    rate(driver, 5)
    window.new_chat()
    assert button(driver).text() == "My style"
    driver.until(lambda: window.panel._line.isHidden(), "the panel of my own style")
    rate(driver, 4, prompt="At home")
    assert [r.line for r in in_store(driver, lambda store: store.ratings())] == ["Work"] * 5 + [""] * 4
    driver.until(lambda: window.panel._waiting.text().startswith("4 ratings"), "the ratings of my own")

    work = next(c for c in in_store(driver, lambda s: s.conversations()) if c.line == "Work")
    window.open_chat(work.id)
    driver.until(lambda: window.panel._line.text() == "The style Work", "the panel of that style")
    driver.until(lambda: window.panel._waiting.text().startswith("5 ratings"), "its ratings")
    version = learn(driver, answers)
    assert len(answers.learning[-1][1].signals) == 5
    assert "The style Work was updated" in window.learning_bar.text
    driver.until(lambda: window.panel._version.text().startswith("Work, version 1, learned"), "the version")
    ask(driver, "Once more")
    assert answers.asked[-1]["style"] == version and answers.asked[-1]["steering"].head.ratings == 5
    window.new_chat()
    ask(driver, "And here?")
    assert answers.asked[-1]["style"] is None and answers.asked[-1]["steering"].head.ratings == 4


def test_a_chat_can_do_without_a_style_or_stay_with_a_version_and_remembers_it(open_window, answers):
    driver = open_window()
    rate(driver, 4)
    first, second = learn(driver, answers), learn(driver, answers)
    driver.until(lambda: len(button(driver).choices.versions) == 2, "the versions in the menu")
    texts = [action.text() for action in button(driver).actions_()]
    assert texts == ["My style", "Always Version 2", "Always Version 1", "Off in this chat"]
    for text, shown, style in (
        ("Always Version 1", "Version 1", first),
        ("Off in this chat", "Style off", None),
        ("My style", "My style", second),
        ("Off in this chat", "Style off", None),
    ):
        choose(driver, text)
        driver.until(lambda shown=shown: button(driver).text() == shown, "what was chosen")
        ask(driver, "Hello")
        asked = answers.asked[-1]
        assert asked["style"] == style and bool(asked["steering"]) == (style is not None)
    driver.until(lambda: "Off in this chat" in driver.window.panel._version.text(), "the panel says so")
    driver.window.new_chat()
    assert button(driver).text() == "My style"
    driver.close()
    again = open_window()
    conversation = in_store(again, lambda store: store.conversations(1)[0])
    again.window.open_chat(conversation.id)
    again.until(lambda: button(again).text() == "Style off", "what the chat was switched to")


def test_a_kind_of_text_can_have_a_style_of_its_own(open_window, answers):
    driver = open_window()
    window = driver.window
    window.sidebar.writing_button.click()
    page = window.stack.currentWidget()
    assert page.style_box.currentText() == "My own style"
    page.style_box.setCurrentIndex(page.style_box.findText("A new style: E-mail"))
    driver.until(lambda: page.line == "E-mail", "the new style")
    assert page.style_box.currentText() == "E-mail" and page.style_box.count() == 2
    page.choose(presets.BUILT_IN[1])  # articles stay in the user's own
    assert (page.line, page.style_box.currentText()) == ("", "My own style")
    page.choose(presets.BUILT_IN[0])
    page.inputs["about"].setPlainText("the heating is cold")
    page.write.click()
    driver.replied()
    assert button(driver).text() == "E-mail"
    assert in_store(driver, lambda store: store.conversations(1)[0].line) == "E-mail"
    window.sidebar.writing_button.click()
    page.inputs["about"].setPlainText("the roof leaks")
    page.look.click()
    driver.until(lambda: "roof leaks" in window.page.composer.text(), "the message in the box")
    assert button(driver).text() == "E-mail"
    window.new_chat()
    assert button(driver).text() == "My style"
    assert in_store(driver, presets.styles) == {"email": "E-mail"}


def test_versions_are_shown_style_by_style_and_a_style_can_be_removed(open_window, answers):
    driver = open_window()
    window = driver.window
    rate(driver, 4)
    own = learn(driver, answers)
    window.new_chat()
    make_style(driver, "Work")
    rate(driver, 4)
    work = learn(driver, answers)
    window.panel.versions.click()
    page = window.stack.currentWidget()
    driver.until(
        lambda: [row.version.id for row in page.rows] == [work], "the versions of the open chat's style"
    )
    assert page.which.currentText() == "Work" and page.rows[0].in_use and page.rows[0].number == 1
    page.off.click()
    driver.until(lambda: not page.rows[0].in_use, "none in use")
    assert in_store(driver, lambda s: (s.current_style("starter"), s.current_style("starter", "Work"))) == (
        own,
        None,
    )
    page.which.setCurrentIndex(0)
    driver.until(lambda: [row.version.id for row in page.rows] == [own], "the versions of my own style")
    assert page.rows[0].in_use and not page.remove.isVisible()
    page.which.setCurrentIndex(1)
    driver.until(lambda: [row.version.id for row in page.rows] == [work], "that style again")
    assert unnamed(window) == ""
    driver.confirm(page.remove)
    driver.until(lambda: button(driver).text() == "My style", "the chat is in my own style again")
    driver.until(lambda: [row.version.id for row in page.rows] == [own], "and so is the page")
    assert not (window.paths.styles / work).exists() and (window.paths.styles / own).exists()
    assert in_store(driver, lambda s: (s.lines(), s.current_style("starter"))) == ([], own)
    window.panel.ratings.click()
    ratings = window.stack.currentWidget()
    driver.until(lambda: len(ratings.lines()) == 8, "all ratings are still there")
    assert "for the style Work" in ratings.lines()[0].facts.text()


def test_each_style_learns_by_itself_from_ratings_of_its_own(open_window, answers):
    driver = open_window(learn_when="auto", learn_after=3)
    rate(driver, 2)
    driver.window.new_chat()
    make_style(driver, "Work")
    rate(driver, 2)
    driver.settle()
    assert not answers.learning  # four in all, but no style has three
    rate(driver, 1)
    driver.until(lambda: answers.learning, "an update by itself")
    assert len(answers.learning[0][1].signals) == 3
    answers.learned()
    driver.until(lambda: driver.window.learning.state == "idle", "its end")
    driver.settle()
    assert len(answers.learning) == 1
    assert [v.line for v in in_store(driver, lambda store: store.styles())] == ["Work"]


def test_a_comparison_is_of_the_style_of_the_open_chat(open_window, answers):
    driver = open_window()
    window = driver.window
    make_style(driver, "Work")
    rate(driver, 4)
    version = learn(driver, answers)
    window.panel.compare.click()
    page = window.stack.currentWidget()
    driver.until(lambda: page.mine.isEnabled(), "what can be compared")
    page.prompt.setPlainText("Which is it?")
    page.start.click()
    driver.until(lambda: page.state == "voting", "both replies")
    page.a.click()
    driver.until(lambda: page.state == "voted", "the vote")
    assert any("Work, version 1" in pane.title() for pane in page.panes)
    assert {asked["style"] for asked in answers.asked[-2:]} == {version, None}
    assert in_store(driver, lambda store: store.ratings()[-1].line) == "Work"
