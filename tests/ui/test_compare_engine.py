"""Coloured words, a blind comparison and a pair to choose from, over a real engine with a tiny model and a real adapter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from style_folder import make_style
from tiny_model import make_tiny_model
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from assistant.store import Store


@pytest.mark.slow
def test_words_are_coloured_sides_compared_and_a_pair_chosen(tmp_path, monkeypatch):
    paths = DataPaths(tmp_path / "home").ensure()
    make_style(make_tiny_model(paths.models / "tiny", seed=3), paths.styles / "v1")
    with Store.open(paths) as store:
        store.add_style("tiny", style_id="v1", make_current=True)
    sampling = Sampling(temperature=0.9, max_tokens=24, seed=11)
    settings = Settings(model="tiny", learn_when="off", first_run_done=True, sampling=sampling)
    driver = Driver(paths.root, settings)
    window = driver.window
    try:
        driver.until(lambda: window.bridge.phase == "ready", "the model", 120)
        coloured(driver)
        compared(driver)
        monkeypatch.setattr("random.random", lambda: 0.0)
        monkeypatch.setattr("assistant.learning.preference_queries.APART", 0)
        chosen(driver)
    finally:
        driver.close()


def coloured(driver: Driver) -> None:
    driver.say("Tell me about the fox")
    reply = driver.replied()
    assert reply.generation.style == "v1"
    widget = driver.window.page.transcript.message_list().widget_of(reply.id)
    widget.row().details.click()
    widget._colour.click()
    driver.until(lambda: widget._marked is not None and widget._marked.isVisible(), "the colours", 60)
    kinds = {mark.kind for mark in widget._marked.marks()[:-8]}
    assert kinds & {"likelier", "likelier_much"} and widget._marked.toPlainText().startswith(reply.text[:10])
    view = widget.view
    noted = sum(reply.generation.logprobs) if reply.generation.logprobs else None
    if noted is not None:
        assert sum(word.styled for word in view.words) == pytest.approx(noted, abs=0.5)


def compared(driver: Driver) -> None:
    driver.window.pages.show_compare()
    page = driver.window.stack.currentWidget()
    grew = []
    for pane in page.panes:
        append = pane.append
        pane.append = lambda text, pane=pane, append=append: (grew.append(pane), append(text))
    page.prompt.setPlainText("What makes a good day?")
    driver.until(lambda: page.start.isEnabled(), "the button")
    page.start.click()
    driver.until(lambda: page.state != "writing", "both replies", 120)
    assert page.state == "voting", page.note
    assert set(grew) == set(page.panes) and len(grew) > 2  # both sides came bit by bit
    assert "largest difference 0" in page._checked.text() and page._check.isVisible()
    page.tie.click()
    driver.until(lambda: page.state == "voted", "the vote")
    assert "in 0.5 of 1 blind comparisons" in page._score.text()
    assert {pane.title().split(" · ")[1] for pane in page.panes} == {"Version 1", "the original model"}


def chosen(driver: Driver) -> None:
    window, transcript = driver.window, driver.window.page.transcript
    window.change_settings(offer_pairs=True)
    window.new_chat()
    driver.say("And what is a cat?")
    driver.until(transcript.offered, "two replies", 120)
    widget = transcript.message_list().widget_of(transcript.offered())
    both = [side.body.source() for side in widget._pair.sides]
    widget._pair.setFocus()
    driver.key(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    driver.until(lambda: driver.shown[-1] == both[0], "the chosen one")
    with Store.open(window.paths) as store:
        rating = store.ratings()[-1]
        better, worse = store.message(rating.message_id), store.message(rating.other_id)
    assert (rating.kind, better.text, worse.text) == ("pair", both[0], both[1])
    for message in (better, worse):
        made = message.generation
        assert made.style == "v1" and len(made.reply_ids) == len(made.logprobs) == made.completion_tokens > 0
