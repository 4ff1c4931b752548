"""Why a reply is as it is: its words coloured by what the style did to them, on demand."""

from __future__ import annotations

import pytest
from window_driver import Driver, unnamed

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui import theme


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    (paths.styles / "v1").mkdir(parents=True)
    with Store.open(paths) as store:
        store.add_style("starter", style_id="v1", make_current=True)
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True, model="starter"))
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def details_of_a_reply(driver: Driver):
    driver.say("Take a warm jacket along")
    reply = driver.replied()
    widget = driver.window.page.transcript.message_list().widget_of(reply.id)
    widget.row().details.click()
    driver.settle()
    return widget


def test_words_are_coloured_on_demand_and_say_their_numbers(driver):
    widget = details_of_a_reply(driver)
    assert widget._colour.isVisible() and widget._marked is None
    widget._colour.click()
    driver.until(lambda: widget._marked is not None and widget._marked.isVisible(), "the colours")
    marked = widget._marked
    assert not widget.body.isVisible()
    kinds = {mark.text: mark.kind for mark in marked.marks()}
    assert kinds["Short:"] == "likelier_much" and kinds["Take"] == "rarer_much" and kinds[" "] == ""
    assert marked.tip_at(1) == "Short:: 61 % with Version 1, 14 % without: 4.5 times as likely"
    shown = marked.toPlainText()
    assert shown.startswith("Short: Take a warm jacket along\n")
    assert "more likely with Version 1" in shown and "Ending here was 5.0 times as likely." in shown
    spoken = marked.accessibleName()
    assert (
        "More likely with the style: Short: (4.5 times as likely)" in spoken and "Less likely: Take" in spoken
    )
    assert unnamed(driver.window) == ""
    theme.install(driver.app, "dark")
    driver.settle()
    assert widget._marked.toPlainText() == shown
    widget._colour.click()
    assert widget.body.isVisible() and not marked.isVisible()
    widget._colour.click()
    assert marked.isVisible()  # they are still known
    widget.row().details.click()
    assert widget.body.isVisible() and not marked.isVisible() and not widget._colour.isVisible()


def test_a_rating_does_not_forget_the_colours(driver):
    widget = details_of_a_reply(driver)
    widget._colour.click()
    driver.until(lambda: widget._marked is not None and widget._marked.isVisible(), "the colours")
    widget.row().rate(1)
    driver.until(lambda: widget.view.rating == 1, "the thumb")
    assert widget._marked.isVisible() and "55 tokens per second" in widget._info.text()


def test_where_there_are_no_colours_to_be_had_a_sentence_says_why(driver):
    driver.window.change_settings(style_on=False)
    widget = details_of_a_reply(driver)
    widget._colour.click()
    driver.until(lambda: "nothing to colour" in widget._info.text(), "the reason")
    assert widget.body.isVisible()
    driver.window.change_settings(style_on=True)
    driver.window.new_chat()
    widget = details_of_a_reply(driver)
    (driver.paths.styles / "v1").rmdir()
    widget._colour.click()
    driver.until(lambda: "is gone" in widget._info.text(), "the other reason")
    assert widget.body.isVisible() and widget._colour.text() == "Highlight words changed by your style"
