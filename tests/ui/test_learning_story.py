"""A user's first evening with learning, over a real engine: rate, learn, see the style, compare, correct, roll back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from tiny_model import make_tiny_model
from window_driver import Driver

from assistant.learning.checks import ab_comparison
from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.settings import Settings
from assistant.store import Store

ALT = Qt.KeyboardModifier.AltModifier
PROMPTS = (
    "What is a good breakfast?", "How do I fix a flat tyre?", "Tell me about the moon.", "Why is the sky blue?",
    "Suggest a name for a cat.", "What should I read next?", "How do bees make honey?", "Give me a tip for sleep.",
    "What is a fair price for a used bike?", "How do I say sorry?", "Tell me about Kyoto.", "What is rain?",
    "Name a river.", "How tall are trees?", "What is bread made of?", "Describe a beach.", "Why do cats purr?",
    "What is a poem?", "How do I tie a knot?", "Tell me about trains.",
)  # fmt: skip
UNSEEN = (
    "What makes a good day?", "How do birds fly?", "Tell me about coffee.", "How do I learn to swim?",
    "What is a good gift for a friend?", "Why do leaves fall?", "How is glass made?", "What should I cook tonight?",
    "Tell me about volcanoes.", "How do I keep a plant alive?", "What is a museum?", "Why do we dream?",
)  # fmt: skip


@pytest.fixture
def tiny_home(tmp_path):
    paths = DataPaths(tmp_path / "home").ensure()
    make_tiny_model(paths.models / "tiny", context_length=1024, seed=3)
    return paths.root


@pytest.mark.slow  # an update takes its time budget, whatever the model
def test_a_first_evening(tiny_home):
    tell_story(tiny_home, "tiny", max_tokens=80, seconds=300)


@pytest.mark.slow
def test_a_first_evening_with_the_starter(home_with_starter):
    score = tell_story(home_with_starter, "starter", max_tokens=80, seconds=900)
    assert score.votes >= len(UNSEEN) // 2  # the very same reply twice is no vote
    assert score.wins > score.losses, score


def tell_story(home, model: str, *, max_tokens: int, seconds: float) -> ab_comparison.Score:
    """The whole evening; how the blind comparisons ended."""
    settings = Settings(
        model=model,
        learn_when="off",
        first_run_done=True,
        sampling=Sampling(temperature=0.9, max_tokens=max_tokens, seed=11),
        best_of_on=False,  # twenty replies are written one after the other; several of each would only take longer
    )
    driver = Driver(home, settings)
    window = driver.window
    try:
        driver.until(lambda: window.bridge.phase == "ready", "the model", seconds)
        window.header.panel_button.setChecked(True)
        rate(driver, max_tokens, seconds)
        driver.until(
            lambda: window.panel._waiting.text().startswith(str(len(PROMPTS))), "the ratings in the panel"
        )

        steps, outcomes = [], []
        window.learning.stepped.connect(steps.append)
        window.learning.ended.connect(outcomes.append)
        window.panel.learn.click()
        driver.until(lambda: outcomes, "the end of the update", seconds)
        assert steps and outcomes[0].version is not None, outcomes[0].reason
        window.panel.versions.click()
        versions = window.stack.currentWidget()
        driver.until(lambda: versions.rows, "the version")
        row = versions.rows[0]
        report = row.version.report
        told = "Your style was updated and checked." if report.accepted else report.reason
        assert told in window.learning_bar.text
        assert row.in_use == row.version.report.accepted and row.has_files
        if not row.in_use:  # the gate refused it, and says why; the story goes on with it all the same
            assert row.version.state == "rejected"
            with Store.open(window.paths) as store:
                store.update_style(row.version.id, state="active")
                store.use_style(model, row.version.id)

        score = compare(driver, max_tokens, seconds)
        correct(driver)

        window.panel.versions.click()
        driver.until(lambda: versions.rows and versions.rows[0].in_use, "the version in use")
        versions.off.click()  # there is one version, so the way back leads to the original model
        driver.until(lambda: not versions.rows[0].in_use, "the roll back")
        window.new_chat()
        driver.say(PROMPTS[0])
        assert driver.replied(seconds).generation.style is None
        return score
    finally:
        driver.close()


def rate(driver: Driver, max_tokens: int, seconds: float) -> None:
    """Every other reply is cut short, and the short ones are good: a taste that any model can be taught."""
    transcript = driver.window.page.transcript
    for number, prompt in enumerate(PROMPTS):
        short = number % 2 == 1
        sampling = replace(
            driver.window.settings.sampling, max_tokens=max_tokens // 8 if short else max_tokens
        )
        driver.window.change_settings(sampling=sampling)
        driver.window.new_chat()
        driver.say(prompt)
        reply = driver.replied(seconds)
        driver.key(Qt.Key.Key_Up if short else Qt.Key.Key_Down, ALT)
        driver.until(lambda reply=reply: rating_of(transcript, reply.id) is not None, "the thumb")


def rating_of(transcript, message_id: str):
    return next((v.rating for v in transcript.messages() if v.message.id == message_id), None)


def compare(driver: Driver, max_tokens: int, seconds: float) -> ab_comparison.Score:
    """Blind, on messages the style has never seen, with the settings that a new user has; the shorter one is better."""
    window = driver.window
    sampling = replace(window.settings.sampling, max_tokens=max_tokens, seed=None)
    window.change_settings(sampling=sampling, best_of_on=True)
    window.panel.compare.click()
    page = window.stack.currentWidget()
    driver.until(lambda: page.mine.isEnabled(), "what can be compared")
    for prompt in UNSEEN:
        page.prompt.setPlainText(prompt)
        driver.until(lambda: page.start.isEnabled(), "the button")
        page.start.click()
        driver.until(lambda: page.state in ("voting", "idle"), "both replies", seconds)
        if page.state == "idle":
            assert "very same reply" in page.note  # a small step need not change this reply
            continue
        a, b = (len(pane.text.split()) for pane in page.panes)
        (page.tie if a == b else page.a if a < b else page.b).click()
        driver.until(lambda: page.state == "voted", "the vote")
        names = {pane.title().split(" · ")[1] for pane in page.panes}
        assert names == {"the original model", "Version 1"}
    with Store.open(window.paths) as store:
        model = window.settings.model
        score = ab_comparison.score(store, model, store.styles(model)[0].id)
        if (
            score.loses_clearly
        ):  # then the window has switched the style off; the story goes on with it all the same
            assert store.current_style(model) is None
            store.use_style(model, store.styles(model)[0].id)
    if score.votes:
        assert f"of {score.votes} blind comparisons" in page._score.text()
    return score


def correct(driver: Driver) -> None:
    panel = driver.window.panel
    driver.until(lambda: panel._traits, "the traits")
    panel.trait_wanted.emit(panel._traits["length"])
    driver.until(lambda: panel.open_trait == "length", "the trait")
    slider = panel.trait_page.slider
    slider.setValue(-3 if slider.value() != -3 else -4)  # what was learned may stand at -3 already
    driver.until(lambda: panel.trait_page.trait.correction is not None, "the correction")
    assert panel.trait_page._title.text() == "shorter replies"
    panel.show_overview()
    driver.until(
        lambda: any("shorter replies" in row.text() for row in panel.trait_rows()), "it in the panel"
    )
