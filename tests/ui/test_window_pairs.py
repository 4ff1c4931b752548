"""Which do you prefer? Two replies side by side in a fresh reply's place, chosen between, skipped or left alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from window_driver import Driver, unnamed

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store


@pytest.fixture
def driver(tmp_path, answers, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    monkeypatch.setattr("assistant.learning.preference_queries.APART", 0)
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings, pairs=True)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.close()


def offered(driver: Driver, text: str = "Where to?"):
    """Send a message; the two replies to it."""
    transcript = driver.window.page.transcript
    driver.say(text)
    driver.until(transcript.offered, "two replies")
    driver.settle()
    return transcript.message_list().widget_of(transcript.offered())


def pairs(driver: Driver) -> list[tuple[str, str]]:
    """(better, worse) of the pairs that were rated."""
    with Store.open(driver.paths) as store:
        return [
            (store.message(rating.message_id).text, store.message(rating.other_id).text)
            for rating in store.ratings()
            if rating.kind == "pair" and rating.value == 1
        ]


def texts(widget) -> list[str]:
    return [side.body.source() for side in widget._pair.sides]


OTHER = "Quite another answer about Where to?"


@pytest.mark.parametrize("wanted", ["the other", "the first"])
def test_the_chosen_one_is_a_rating_and_is_gone_on_with(driver, wanted):
    widget = offered(driver)
    both = texts(widget)
    assert OTHER in both and len(set(both)) == 2
    assert not widget.body.isVisible() and not widget.row().isVisible()
    better = next(at for at, text in enumerate(both) if (text == OTHER) == (wanted == "the other"))
    widget._pair.sides[better].better.click()
    driver.until(lambda: pairs(driver) == [(both[better], both[1 - better])], "the rating")
    driver.until(lambda: driver.shown == ["Where to?", both[better]], "the chosen one")
    driver.until(lambda: driver.window.page.transcript.messages()[1].note, "what it did")
    assert driver.window.chat.last_reply.text == both[better]
    driver.say("And then?")
    driver.until(driver.window.page.transcript.offered, "the next two")
    assert driver.shown[:3] == ["Where to?", both[better], "And then?"]
    driver.settle()
    assert len(pairs(driver)) == 1


def test_one_key_skips_and_nothing_is_noted(driver):
    widget = offered(driver)
    driver.key(Qt.Key.Key_Escape)
    driver.until(lambda: not driver.window.page.transcript.offered(), "the one reply")
    assert driver.shown[1] == driver.window.chat.last_reply.text != OTHER
    assert widget.body.isVisible() and widget.row().isVisible() and not widget._pair.isVisible()
    assert pairs(driver) == [] and driver.window.page.transcript.messages()[1].sibling_count == 2
    widget = offered(driver, "Once more?")
    widget._pair.skip.click()
    driver.until(lambda: not driver.window.page.transcript.offered(), "the one reply again")
    assert pairs(driver) == []


def test_writing_on_skips_too(driver):
    offered(driver)
    driver.window.change_settings(offer_pairs=False)
    driver.say("Never mind.")
    driver.until(lambda: len(driver.shown) == 4 and not driver.window.chat.busy, "the next reply")
    driver.until(lambda: not driver.window.page.transcript.offered(), "no question any more")
    assert pairs(driver) == []


def test_keys_choose_and_both_sides_look_alike_and_have_names(driver):
    widget = offered(driver)
    left, right = widget._pair.sides
    assert left.property("role") == right.property("role") == "card" and left.size() == right.size()
    assert (left.better.text(), right.better.text()) == ("Prefer A", "Prefer B")
    assert unnamed(driver.window) == ""
    both = texts(widget)
    driver.window.page.composer.setFocus()
    driver.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    driver.until(lambda: pairs(driver) == [(both[1], both[0])], "the rating")


def test_the_sides_are_drawn_by_lot(driver, monkeypatch):
    firsts = set()
    for flip in (False, True):
        monkeypatch.setattr("random.shuffle", lambda pair, flip=flip: pair.reverse() if flip else None)
        widget = offered(driver)
        firsts.add(texts(widget)[0] == OTHER)
        driver.key(Qt.Key.Key_Escape)
        driver.until(lambda: not driver.window.page.transcript.offered(), "the one reply")
        driver.window.new_chat()
    assert firsts == {True, False}


def test_a_rating_key_does_not_choose_and_a_narrow_window_stacks_them(driver):
    widget = offered(driver)
    driver.key(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    driver.settle()
    with Store.open(driver.paths) as store:
        assert store.ratings() == []
    pair = widget._pair
    pair.height_for(760)
    assert pair.sides[0].y() == pair.sides[1].y()
    pair.height_for(400)
    assert pair.sides[0].geometry().bottom() < pair.sides[1].y()


CODE = (
    "Here:\n\n```python\n" + "print('a rather long line of code that needs all of the width there is')\n```"
)


def test_code_is_not_cut_to_half_the_width_and_the_question_is_in_sight(driver, answers):
    answers.base = lambda prompt: CODE + "\n\nMore of it.\n" * 40
    driver.say("How do I print?")
    transcript = driver.window.page.transcript
    driver.until(transcript.offered, "two replies")
    driver.settle()
    widget = transcript.message_list().widget_of(transcript.offered())
    pair = widget._pair
    assert pair.sides[0].x() == pair.sides[1].x() and pair.sides[1].y() > pair.sides[0].geometry().bottom()
    assert pair.sides[0].width() > 0.9 * widget.width()
    view = transcript.message_list().viewport()
    top = pair._question.mapTo(view, pair._question.rect().topLeft()).y()
    assert 0 <= top < view.height() // 2  # opened at its beginning
    assert pair.sides[0]._title.text() == "Reply A" and pair.sides[1]._title.text() == "Reply B"


def again(driver: Driver) -> None:
    """Have the last reply written again."""
    count = driver.window.page.transcript.messages()[-1].sibling_count
    driver.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    driver.until(
        lambda: driver.window.page.transcript.messages()[-1].sibling_count == count + 1, "another reply"
    )
    driver.replied()


def test_the_offer_to_compare_stays_in_its_own_chat(driver, answers, monkeypatch):
    driver.window.change_settings(offer_pairs=False)
    driver.say("Where to?")
    driver.replied()
    driver.window.change_settings(offer_pairs=True)
    answers.base = lambda prompt: "Something else altogether."
    again(driver)
    driver.until(lambda: "Which do you prefer?" in driver.banner, "the offer")
    driver.window.new_chat()
    driver.settle()
    assert driver.banner == ""


def test_a_stopped_reply_is_not_compared(driver, answers, monkeypatch):
    driver.window.change_settings(offer_pairs=False)
    answers.finish = "cancelled"
    driver.say("Where to?")
    driver.replied()
    driver.window.change_settings(offer_pairs=True)
    answers.finish = "stop"
    answers.base = lambda prompt: "Something else altogether."
    again(driver)
    driver.settle(0.5)
    assert driver.banner == ""
