"""The writing desk and the page of data, over an engine that answers at once."""

from __future__ import annotations

import pytest
from window_driver import Driver

from assistant import presets
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui.writing.words import TEXTS


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        conversation = store.create_conversation(title="A secret")
        user = store.add_message(conversation.id, None, "user", "Where is the treasure?")
        reply = store.add_message(conversation.id, user.id, "assistant", "Under the pear tree.")
        given = store.add_rating("thumb", 1, reply.id)
        store.add_style("starter", style_id="aaaa", used=[given.id], make_current=True)
        (paths.styles / "aaaa").mkdir()
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    yield driver
    driver.close()


def test_every_word_of_the_built_in_presets_can_be_translated():
    words = {preset.title for preset in presets.BUILT_IN}
    for preset in presets.BUILT_IN:
        words |= {text for field in preset.fields for text in (field.label, field.hint) if text}
    assert words <= set(TEXTS)


def test_a_form_becomes_a_message_in_a_chat_of_its_own(driver, answers):
    window = driver.window
    window.sidebar.writing_button.click()
    page = window.stack.currentWidget()
    page.write.click()
    assert page._problem.text() == "Fill in: Subject."
    page.inputs["about"].setPlainText("the heating is cold")
    page.inputs["tone"].setText("brief")
    page.choose(presets.BUILT_IN[5])  # a customer reply has a tone too: what was typed stays
    assert page.inputs["tone"].text() == "brief"
    page.choose(presets.BUILT_IN[0])
    page.write.click()
    reply = driver.replied()
    sent = driver.shown[0]
    assert "About: the heating is cold" in sent and "Tone: brief" in sent and "Signed by" not in sent
    assert reply.text.endswith(sent) and window.pages.at_chat


def test_own_presets_are_kept_used_and_deleted(driver):
    window = driver.window
    window.pages.show_writing()
    page = window.stack.currentWidget()
    page.maker.open.click()
    page.maker.save.click()
    assert page.maker._problem.text() == "Give the preset a name."
    page.maker.name.setText("Minutes")
    page.maker.text.setPlainText("Write minutes about {topic}.\nThose present: {people}")
    page.maker.save.click()
    driver.until(lambda: len(page._own) == 1, "the new preset")
    page.choose(page._own[0])
    page.inputs["topic"].setText("the roof")
    page.look.click()
    assert window.page.composer.text() == "Write minutes about the roof."
    window.pages.show_writing()
    page.choose(page._own[0])
    driver.confirm(page.delete)
    driver.until(lambda: not page._own, "its deletion")


def test_what_is_kept_is_shown_and_erased_for_good(driver):
    window, root = driver.window, driver.window.paths.root
    window.pages.show_privacy()
    page = window.stack.currentWidget()
    driver.until(lambda: page.facts("database").startswith("1 conversation "), "the sizes")
    assert page.facts("ratings") == "1 rating · 0 corrected traits · 0 texts of your own"
    assert page.facts("styles").startswith("1 version ")
    driver.confirm(page.erase["ratings"])
    driver.until(lambda: page.facts("ratings").startswith("0 ratings"), "the ratings gone")
    assert page.note.text() == "Erased. Version 1 learned from what you removed."
    assert (
        window.learning_bar.text
        == "Version 1 learned from what you removed. Too few ratings are left to learn again."
    )
    window.learning_bar.act.click()
    assert window.learning_bar.text == ""
    driver.confirm(page.erase["everything"])
    driver.until(lambda: not driver.titles, "everything gone")
    driver.until(lambda: page.facts("database").startswith("0 conversations"), "the sizes")
    assert list((root / "styles").iterdir()) == [] and window.chat.conversation is None
    driver.close()
    for file in root.rglob("*"):
        if file.is_file():
            assert b"pear tree" not in file.read_bytes(), file
