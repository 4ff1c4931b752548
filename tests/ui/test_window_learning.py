"""Learning in the window, over an engine that answers at once: rate, learn, see, correct, compare, roll back."""

from __future__ import annotations

import itertools

import pytest
from answering_engine import Answers
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QWidget
from window_driver import Driver, unnamed

from assistant.learning import style_queries
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store

ALT = Qt.KeyboardModifier.AltModifier
SHORT, LONG = (
    "Take a jacket.",
    "You should take a jacket, and furthermore an umbrella, because it rains a lot. " * 4,
)


@pytest.fixture
def home(tmp_path):
    """Eight conversations: short replies rated good, long ones bad."""
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        for number in range(8):
            conversation = store.create_conversation(title=f"Trip {number}")
            user = store.add_message(conversation.id, None, "user", f"What should I pack for trip {number}?")
            text = f"{SHORT} Bring {number} coats." if number % 2 else f"{LONG} Trip {number}."
            reply = store.add_message(conversation.id, user.id, "assistant", text)
            store.add_rating("thumb", 1 if number % 2 else -1, reply.id)
    return paths.root


@pytest.fixture
def open_window(home, answers):
    drivers = []

    def make(pairs=False, **settings) -> Driver:
        known = {"learn_when": "off", "first_run_done": True, "model": "starter"}
        driver = Driver(home, Settings(**{**known, **settings}), pairs=pairs)
        drivers.append(driver)
        driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
        driver.window.header.panel_button.setChecked(True)
        driver.until(lambda: driver.window.panel.trait_rows(), "the learned traits")
        return driver

    yield make
    for driver in drivers:
        driver.close()


def with_store(home, work):
    with Store.open(DataPaths(home)) as store:
        return work(store)


def learned(driver: Driver, answers: Answers, **fields) -> str:
    """One update from the button to its end; the folder of the version is made as the engine would."""
    window = driver.window
    before = len(answers.learning)
    window.panel.learn.click()
    driver.until(lambda: len(answers.learning) > before, "the update")
    version = answers.learned(**fields)
    (window.paths.styles / version).mkdir()
    driver.until(lambda: window.learning.state == "idle", "the end of it")
    driver.settle()
    return version


def test_learning_shows_how_it_goes_can_be_paused_and_says_in_a_sentence_what_came_of_it(
    open_window, answers
):
    driver = open_window()
    window, bar = driver.window, driver.window.learning_bar
    assert bar.text == ""
    window.panel.learn.click()
    driver.until(lambda: answers.learning, "the update")
    _request, job = answers.learning[0]
    assert len(job.signals) == 8 and not window.panel.learn.isEnabled()
    answers.step()
    driver.until(lambda: "training" in bar.text, "the step")
    assert bar.numbers == "step 3 of 24 · reward +0.12 · KL 0.010 nats per token · about 40 s left"
    bar.pause.click()
    assert answers.paused == [True] and bar.text == "Learning is paused." and bar.pause.text() == "Resume"
    bar.pause.click()
    answers.step(phase="checking", step=1, steps=4, reward=0.0, kl=0.0, seconds_left=0.0)
    driver.until(lambda: "checking" in bar.text, "the next phase")
    version = answers.learned()
    driver.until(lambda: "updated" in bar.text, "the outcome")
    assert bar.text == "Your style was updated and checked. 90 to 60 words per reply."
    driver.until(
        lambda: window.panel._version.text() == "Version 1, learned from 8 of your ratings", "the panel"
    )
    assert "All your ratings have been learned from." in window.panel._waiting.text()
    driver.say("Where to?")
    driver.replied()
    assert answers.asked[-1]["style"] == version


def test_a_cancelled_update_changes_nothing(open_window, answers, home):
    driver = open_window()
    driver.window.panel.learn.click()
    driver.until(lambda: answers.learning, "the update")
    answers.step()
    driver.until(lambda: driver.window.learning.state == "running", "the step")
    driver.window.learning_bar.cancel.click()
    driver.until(lambda: "cancelled" in driver.window.learning_bar.text, "the sentence")
    assert answers.cancelled == [answers.learning[0][0]]
    driver.close()
    assert with_store(home, lambda store: (store.styles(), len(store.ratings(fate="pending")))) == ([], 8)


def test_a_rejected_update_keeps_the_style_and_tells_the_reason(open_window, answers):
    driver = open_window()
    reason = "The update was not taken over: it repeats itself."
    learned(driver, answers, accepted=False, reason=reason)
    assert driver.window.learning_bar.text == f"Your style was not changed. {reason}"
    driver.window.learning_bar.more.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: len(page.cards()) == 1, "the rejected version")
    assert page.cards()[0].use is None and not page.rows[0].in_use


def test_it_learns_by_itself_after_enough_new_ratings_and_not_again_before_the_next(
    open_window, answers, home
):
    with_store(home, lambda store: style_queries.note_tried(store, [rating.id for rating in store.ratings()]))
    driver = open_window(learn_when="auto", learn_after=2)
    for number in range(2):
        assert not answers.learning
        driver.window.new_chat()
        driver.say(f"Question {number}")
        driver.replied()
        driver.key(Qt.Key.Key_Up, ALT)
        driver.until(lambda number=number: driver.window.learning.waiting == number + 1, "the count")
    driver.until(lambda: answers.learning, "an update by itself")
    answers.learned(accepted=False, reason="No.")
    driver.until(lambda: driver.window.learning.state == "idle", "its end")
    driver.settle()
    assert len(answers.learning) == 1 and driver.window.learning.waiting == 0


def test_it_practises_at_length_when_nobody_is_there_the_machine_is_plugged_in_and_enough_is_new(
    open_window, answers, home, monkeypatch
):
    monkeypatch.setattr("assistant.services.learning.DEEP_IDLE_S", 0.0)
    monkeypatch.setattr("assistant.services.learning.DEEP_AFTER", 8)
    plugged = []
    monkeypatch.setattr("assistant.power.on_mains", lambda: bool(plugged))
    driver = open_window(learn_when="auto", learn_after=50)
    learning = driver.window.learning
    learning.consider()
    driver.settle()
    assert not answers.learning  # on battery
    plugged.append(True)
    learning.consider()
    driver.until(lambda: answers.learning, "the longer update")
    assert answers.learning[0][1].deep
    answers.learned(accepted=False, reason="No.")
    driver.until(lambda: learning.state == "idle", "its end")
    driver.settle()
    assert len(answers.learning) == 1 and with_store(home, style_queries.not_practised) == []  # not again
    driver.window.panel.practise.click()
    driver.until(lambda: len(answers.learning) == 2, "the one that was asked for")
    assert answers.learning[1][1].deep


def test_it_does_not_practise_at_length_where_that_is_switched_off(open_window, answers, monkeypatch):
    monkeypatch.setattr("assistant.services.learning.DEEP_IDLE_S", 0.0)
    monkeypatch.setattr("assistant.services.learning.DEEP_AFTER", 8)
    driver = open_window(learn_when="auto", learn_after=50, learn_deep=False)
    driver.window.learning.consider()
    driver.settle()
    assert not answers.learning


def behind(page) -> list[QAbstractButton]:
    buttons = page.findChildren(QAbstractButton)
    return [b for b in buttons if b.isVisible() and b.accessibleName().startswith("Supports this")]


def test_a_trait_opens_the_ratings_behind_it_and_can_be_corrected(open_window, answers, home):
    driver = open_window()
    panel = driver.window.panel
    row = next(row for row in panel.trait_rows() if "shorter replies" in row.text())
    row.click()
    driver.until(lambda: panel.open_trait == "length", "the trait")
    page = panel.trait_page
    assert behind(page)
    page.slider.setValue(3)  # longer, after all
    driver.until(lambda: page.trait.correction == pytest.approx(1.8), "the correction")
    assert "set by you" in page._known.text() and page._title.text() == "longer replies"
    page.reset.click()
    driver.until(lambda: page.trait.correction is None, "as the ratings say")
    assert page._title.text() == "shorter replies"
    behind(page)[0].click()
    driver.until(lambda: driver.window.header.title.startswith("Trip"), "the rated reply")
    assert with_store(home, style_queries.corrections_of) == {}


def test_a_thumb_asks_why_and_a_reason_can_become_a_rule(open_window, answers, home):
    driver = open_window()
    driver.say("Tell me about Kyoto")
    reply = driver.replied()
    driver.key(Qt.Key.Key_Down, ALT)
    transcript = driver.window.page.transcript
    driver.until(lambda: transcript.messages()[1].asks, "the question why")
    reasons = transcript.message_list().widget_of(reply.id)._reasons
    chip = next(chip for chip in reasons._chips if chip.text() == "too long")
    chip.click()
    reasons.note.setText("three lines are enough")
    reasons.note.editingFinished.emit()
    reasons.rule.click()
    reasons.stars[1].click()
    driver.until(lambda: transcript.messages()[1].stars == 2, "the stars")
    driver.settle()

    def kept(store):
        given = store.rating_of(reply.id)
        return given.kind, given.value, given.note, style_queries.corrections_of(store)

    assert with_store(home, kept) == ("stars", 2, "too long, three lines are enough", {"length": -1.2})


def test_my_ratings_tell_their_fate_and_can_be_taken_back_and_unlearned(open_window, answers, home):
    driver = open_window()
    learned(driver, answers)
    driver.window.panel.ratings.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: len(page.lines()) == 8, "the ratings")
    assert "learned from in Version 1" in page.lines()[0].facts.text()
    page.lines()[0].change.click()
    driver.until(lambda: "Rated bad" in page.lines()[0].facts.text(), "the other thumb")
    page.lines()[1].back.click()
    driver.until(lambda: "removed; still in Version 1" in page.lines()[1].facts.text(), "its fate")
    assert page.unlearn.isVisible()
    page.unlearn.button.click()
    driver.until(lambda: len(answers.learning) == 2, "an update without it")
    assert len(answers.learning[1][1].signals) == 7
    page.lines()[1].back.click()
    driver.until(lambda: "removed" not in page.lines()[1].facts.text(), "its return")


def test_versions_are_used_named_rolled_back_to_and_deleted(open_window, answers, home):
    driver = open_window()
    first = learned(driver, answers)
    second = learned(driver, answers)
    driver.window.panel.versions.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: [row.number for row in page.rows] == [2, 1], "both versions")
    assert page.rows[0].in_use
    assert [chart.trend.measure for chart in page.charts()] == ["agreement", "kl"]
    driver.until(lambda: driver.window.panel.trend_chart(), "the trend in the panel")
    assert [point.number for point in driver.window.panel.trend_chart().trend.points] == [1, 2]
    page.cards()[1].use.click()
    driver.until(lambda: page.rows[1].in_use, "the roll back")
    assert with_store(home, lambda store: store.current_style("starter")) == first
    page.cards()[1].begin_rename()
    driver.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    driver.type("Brief")
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: page.rows[1].version.name == "Brief", "the name")
    driver.confirm(page.cards()[0].delete)
    driver.until(lambda: len(page.rows) == 1, "the deletion")
    assert not (driver.window.paths.styles / second).exists()
    page.off.click()
    driver.until(lambda: not page.rows[0].in_use, "none in use")
    driver.say("Hello")
    driver.replied()
    assert answers.asked[-1]["style"] is None


def compare(driver: Driver, prompt: str):
    page = driver.window.stack.currentWidget()
    page.prompt.setPlainText(prompt)
    page.start.click()
    driver.until(lambda: page.state == "voting", "both replies")
    return page


def test_blind_comparisons_count_and_a_style_that_keeps_losing_switches_itself_off(
    open_window, answers, home
):
    driver = open_window()
    version = learned(driver, answers)
    driver.window.panel.compare.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: page.mine.isEnabled(), "what can be compared")
    for number in range(5):
        compare(driver, f"Question {number}")
        assert [pane.title() for pane in page.panes] == ["Reply A", "Reply B"]  # nothing is given away
        styled = next(at for at, pane in enumerate(page.panes) if pane.text.startswith("Short"))
        seeds = {asked["seed"] for asked in answers.asked[-2:]}
        assert len(seeds) == 1 and {asked["style"] for asked in answers.asked[-2:]} == {version, None}
        (page.b if styled == 0 else page.a).click()  # the other one is better
        driver.until(lambda: page.state == "voted", "the vote")
        assert (
            "Version 1" in page.panes[styled].title()
            and "the original model" in page.panes[1 - styled].title()
        )
    assert "switched off" in page.note and "0 of 5" in page.note
    driver.until(lambda: "switched off" in driver.banner, "the window says so too")
    assert with_store(home, lambda store: store.current_style("starter")) is None


def test_a_tie_counts_half_and_a_skipped_comparison_not_at_all(open_window, answers, home):
    driver = open_window()
    learned(driver, answers)
    driver.window.panel.compare.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: page.mine.isEnabled(), "what can be compared")
    compare(driver, "One")
    page.tie.click()
    driver.until(lambda: page.state == "voted", "the vote")
    assert "in 0.5 of 1 blind comparisons" in page._score.text()
    compare(driver, "Two")
    page.skip.click()
    driver.settle()
    assert with_store(home, lambda store: [r.value for r in store.ratings() if r.kind == "pair"]) == [0]


def test_both_sides_are_written_and_the_base_is_checked(open_window, answers):
    driver = open_window(best_of_on=True)
    learned(driver, answers)
    driver.window.panel.compare.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: page.mine.isEnabled(), "what can be compared")
    compare(driver, "Say something")
    assert all(pane.text for pane in page.panes)
    assert sorted(asked["comparing"] for asked in answers.asked[-2:]) == ["base", "side"]
    assert page._check.isVisible() and "largest difference 0" in page._checked.text()
    page.a.click()
    driver.until(lambda: page.state == "voted", "the vote")
    assert "in 0 of 1" in page._score.text() or "in 1 of 1" in page._score.text()


def test_if_the_base_side_is_not_the_base_the_comparison_is_refused_in_a_sentence(open_window, answers, home):
    driver = open_window()
    learned(driver, answers)
    answers.not_base = "The side that should be the original model does not answer like the stored model."
    driver.window.panel.compare.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: page.mine.isEnabled(), "what can be compared")
    page.prompt.setPlainText("Say something")
    page.start.click()
    driver.until(lambda: page.state == "idle" and page.note == answers.not_base, "the refusal")
    driver.settle()
    assert not page._check.isVisible() and not page.a.isVisible()
    assert with_store(home, lambda store: [r for r in store.ratings() if r.kind == "pair"]) == []


def test_a_version_can_be_tried_beside_the_model_with_open_eyes(open_window, answers, home):
    driver = open_window()
    version = learned(driver, answers, accepted=False, reason="No.")
    driver.window.panel.versions.click()
    versions = driver.window.stack.currentWidget()
    driver.until(lambda: versions.cards(), "the version")
    card = versions.cards()[0]
    next(b for b in card.findChildren(QAbstractButton) if b.text() == "Try it").click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: page.chosen() == (version, "base"), "the sides")
    page.prompt.setPlainText("Say something")
    page.start.click()
    driver.until(lambda: "words" in page.note, "the difference")
    assert page.note.startswith("A has 3 words, B 9;")
    assert [pane.title() for pane in page.panes] == ["Reply A · Version 1", "Reply B · the original model"]
    assert page.panes[0].text.startswith("**Short:**") and page.state == "idle"
    assert with_store(home, lambda store: [r for r in store.ratings() if r.kind == "pair"]) == []


def test_a_comparison_in_which_no_style_wrote_does_not_count(open_window, answers):
    driver = open_window(guidance_on=False)
    learned(driver, answers)
    answers.styled = answers.base
    driver.window.panel.compare.click()
    page = driver.window.stack.currentWidget()
    page.prompt.setPlainText("Same?")
    page.start.click()
    driver.until(
        lambda: page.state == "idle" and page.note == "Both replies are the same.", "why it does not count"
    )


def test_with_the_style_off_there_is_nothing_to_compare(open_window, answers):
    driver = open_window()
    learned(driver, answers)
    driver.window.panel.switch.click()
    assert not driver.window.settings.style_on
    driver.window.panel.compare.click()
    page = driver.window.stack.currentWidget()
    driver.until(lambda: "is off" in page.note, "the sentence")
    page.prompt.setPlainText("Anything")
    assert not page.start.isEnabled()


def test_details_say_why_a_reply_is_as_it_is(open_window, answers):
    driver = open_window()
    learned(driver, answers)
    driver.say("Where to?")
    reply = driver.replied()
    widget = driver.window.page.transcript.message_list().widget_of(reply.id)
    widget.row().details.click()
    driver.until(lambda: "Score by your ratings" in widget._info.text(), "what the ratings say of it")
    said = widget._info.text()
    assert "Version 1" in said and "55 tokens per second" in said and "shorter replies +" in said


def test_a_reply_written_again_may_be_offered_for_comparison(open_window, answers, home, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.999)
    count = iter(range(100))
    answers.base = lambda prompt: f"Take number {next(count)}."
    driver = open_window(pairs=True)
    driver.say("Name a town")
    driver.replied()
    monkeypatch.setattr("random.random", lambda: 0.0)
    monkeypatch.setattr("assistant.learning.preference_queries.APART", 0)
    driver.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: "Which do you prefer?" in driver.banner, "the offer")
    driver.window.page.banner._action.click()
    page = driver.window.stack.currentWidget()
    assert page.state == "voting" and {pane.text for pane in page.panes} == {
        "Take number 0.",
        "Take number 1.",
    }
    better = next(at for at, pane in enumerate(page.panes) if pane.text == "Take number 0.")
    (page.a, page.b)[better].click()
    driver.until(lambda: page.state == "voted", "the vote")
    assert [pane.title() for pane in page.panes] == ["Reply A", "Reply B"]  # there was nothing to reveal

    def vote(store):
        rating = next(r for r in store.ratings() if r.kind == "pair")
        first, second = store.message(rating.message_id), store.message(rating.other_id)
        return (first if rating.value == 1 else second).text, store.conversations(1)[0].leaf_id

    text, leaf = with_store(home, vote)
    assert text == "Take number 0." and with_store(home, lambda store: store.message(leaf).text) == text


def test_numbers_in_settings_can_be_read(open_window):
    driver = open_window()
    driver.window.pages.show_settings()
    page = driver.window.stack.currentWidget()
    driver.settle()
    assert page.learning.after_field.lineEdit().width() > 40


def test_the_share_of_processor_time_is_set_with_a_slider_and_holds_at_once(open_window, answers):
    driver = open_window(learn_cpu_percent=60)
    window = driver.window
    assert answers.client.learn_percent == 60
    window.panel.learn.click()
    driver.until(lambda: answers.learning, "the update")
    window.pages.show_settings()
    page = window.stack.currentWidget().learning
    assert (page.cpu.value(), page._cpu_text.text()) == (6, "60 %")
    page.cpu.setFocus()
    for _ in range(4):
        driver.key(Qt.Key.Key_Left)
    assert page.cpu.accessibleDescription() == "20 %" and window.settings.learn_cpu_percent == 20
    assert answers.client.learn_percent == 20 and window.learning.state != "idle"


def test_every_widget_of_the_pages_has_an_accessible_name(open_window, answers):
    driver = open_window()
    learned(driver, answers)
    driver.say("Where to?")
    driver.replied()
    driver.key(Qt.Key.Key_Up, ALT)
    pages = driver.window.pages
    for show in (
        pages.show_versions, pages.show_ratings, pages.show_compare, pages.show_writing, pages.show_privacy,
        pages.show_snapshots, pages.show_settings,
    ):  # fmt: skip
        show()
        driver.settle()
    driver.window.panel.trait_rows()[0].click()
    driver.until(lambda: driver.window.panel.open_trait, "a trait")
    assert unnamed(driver.window) == ""


def tab_stops(part: QWidget) -> list[QWidget]:
    """Where Tab stops within a part of the window, in Qt's order, from the first."""
    found, at = [], part
    while (at := at.nextInFocusChain()) is not part:
        stops = at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isVisible() and at.isEnabled()
        if stops and part.isAncestorOf(at) and not isinstance(at.parentWidget(), QAbstractSpinBox):
            found.append(at)
    return found


def test_tab_goes_down_every_page_and_never_back_up(open_window, answers):
    driver = open_window()
    learned(driver, answers)
    learned(driver, answers)
    pages, window = driver.window.pages, driver.window
    window.resize(1180, 1400)
    parts = [window.header, window.panel]
    for show in (
        pages.show_versions,
        pages.show_ratings,
        pages.show_writing,
        pages.show_privacy,
        pages.show_settings,
    ):
        show()
        driver.settle()
        page = window.stack.currentWidget()
        driver.until(lambda page=page: len(tab_stops(page)) > 3, "the page")
        parts.append(page)
        for part in parts:
            stops = tab_stops(part)
            if part.isVisible():
                assert len(stops) > 3, part.accessibleName()
            rects = [(QRect(stop.mapTo(window, QPoint(0, 0)), stop.size()), stop) for stop in stops]
            # Page and panel go round: where the last is followed by the first is no step back.
            back = [
                (one.accessibleName(), other.accessibleName())
                for (a, one), (b, other) in itertools.pairwise(rects)
                if b.bottom() < a.top()
                or (b.right() < a.left() and b.top() <= a.bottom() and a.top() <= b.bottom())
            ]
            assert len(back) <= 1, (part.accessibleName(), back)


def test_the_pages_fit_a_small_screen(open_window, answers):
    driver = open_window()
    learned(driver, answers)
    window = driver.window
    window.resize(1024, 640)
    for show in (
        window.pages.show_versions, window.pages.show_ratings, window.pages.show_compare,
        window.pages.show_writing, window.pages.show_privacy, window.pages.show_snapshots,
    ):  # fmt: skip
        show()
        driver.settle()
        page = window.stack.currentWidget()
        assert (window.width(), window.height()) == (1024, 640)
        if hasattr(page, "scroller"):
            inner = page.scroller.widget()
            assert inner.width() <= page.scroller.viewport().width(), page.accessibleName()


def test_the_wheel_changes_no_number_and_no_slider_in_the_settings(open_window):
    driver = open_window()
    driver.window.pages.show_settings()
    page = driver.window.stack.currentWidget()
    for field in (page.learning.after_field, page.learning.cpu, page.replies.fields["temperature"]):
        before = field.value()
        at = QPointF(field.rect().center())
        turned = QWheelEvent(
            at, field.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, turned)
        assert field.value() == before


def test_at_twice_the_size_nothing_is_cut_and_the_sidebar_makes_room(open_window, answers):
    driver = open_window()
    window = driver.window
    window.resize(1024, 640)
    driver.settle()
    assert window.sidebar.isVisible() and window.panel.isVisible()
    try:
        window.change_settings(zoom=2.0)
        driver.settle()
        assert (window.width(), window.height()) == (1024, 640)
        assert not window.sidebar.isVisible() and window.panel.isVisible()
        inner = window.panel._overview.widget()
        assert inner.width() <= window.panel._overview.viewport().width()
        window.header.sidebar_button.click()  # wanted all the same
        assert window.sidebar.isVisible() and window.settings.show_sidebar
        button = window.sidebar.writing_button
        assert button.width() >= button.sizeHint().width()
    finally:
        window.change_settings(zoom=1.0)
    driver.settle()
    assert window.sidebar.isVisible() and window.settings.show_sidebar


def test_a_result_belongs_to_the_model_that_learned_even_if_another_one_is_chosen_meanwhile(
    open_window, answers, home
):
    """It was registered under the model that was selected when it arrived."""
    driver = open_window()
    window = driver.window
    window.panel.learn.click()
    driver.until(lambda: answers.learning, "the update")
    window.change_settings(model="another", model_chosen=True)
    version = answers.learned()
    driver.until(lambda: window.learning.state == "idle", "the end of it")
    assert with_store(home, lambda store: store.current_style("starter")) == version
    assert with_store(home, lambda store: store.styles("another")) == []
