"""Small things a person notices: where buttons stand, what a header says, which key sends, how lists open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QSlider
from window_driver import Driver

from assistant.engine.protocol import LearnStep
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui import theme
from ui.theme.choice import Choice
from ui.theme.tokens import contrast
from ui.theme.widgets import MenuChip

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def driver(tmp_path, answers):
    settings = Settings(learn_when="off", first_run_done=True, model="starter", show_style_panel=False)
    driver = Driver(DataPaths(tmp_path / "home").ensure().root, settings)
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    yield driver
    driver.window.change_settings(zoom=1.0)
    driver.close()


def test_with_the_style_off_the_header_says_so(driver):
    window = driver.window
    assert window.header.style_button.text() == "My style"
    window.header.panel_button.setChecked(True)
    window.panel.switch.click()
    assert not window.settings.style_on
    assert window.header.style_button.text() == "Style off" and "off" in window.status.noted
    window.panel.switch.click()
    assert window.header.style_button.text() == "My style"


def test_a_second_click_where_the_panel_was_opened_switches_nothing(driver):
    window = driver.window
    button = window.header.panel_button
    place = button.mapTo(window, button.rect().center())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle(0.1)
    under = window.childAt(place)
    QTest.mouseClick(under, Qt.MouseButton.LeftButton, pos=under.mapFrom(window, place))
    driver.settle(0.1)
    assert window.settings.style_on and window.panel.isVisible()


def test_closing_an_outcome_and_cancelling_an_update_are_in_different_places(driver):
    bar = driver.window.learning_bar
    bar.offer("Something.", "OK", lambda: None)
    driver.settle(0.05)
    close = bar.close_.mapTo(driver.window, bar.close_.rect().center())
    bar.set_state("running")
    bar.show_step(LearnStep(1, "training", 1, 10, 0.1, 0.0, 9.0))
    driver.settle(0.05)
    here = bar.cancel.mapFrom(driver.window, close)
    assert bar.cancel.isVisible() and not bar.cancel.rect().contains(here)


def test_enter_sends_an_edited_question_and_shift_enter_begins_a_line(driver):
    driver.say("Where to?")
    driver.replied()
    driver.window.page.transcript.edit_last_question()
    driver.key(Qt.Key.Key_Return, SHIFT)
    driver.type("And when?")
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: driver.shown[:1] == ["Where to?\nAnd when?"], "the edited question")
    driver.replied()
    driver.window.change_settings(enter_sends=False)
    driver.window.page.transcript.edit_last_question()
    driver.key(Qt.Key.Key_Return)
    driver.type("Please.")
    assert driver.focus().toPlainText().endswith("when?\nPlease.")
    driver.key(Qt.Key.Key_Return, CTRL)
    driver.until(lambda: driver.shown[:1] == ["Where to?\nAnd when?\nPlease."], "the edited question")


def test_another_reply_closes_an_open_editor_and_keeps_what_was_typed(driver):
    driver.say("Where to?")
    driver.replied()
    transcript = driver.window.page.transcript
    transcript.edit_last_question()
    driver.type(" And when?")
    driver.key(Qt.Key.Key_R, CTRL)
    driver.until(lambda: transcript.messages()[-1].sibling_count == 2, "another reply")
    driver.replied()
    assert all(widget.editor() is None for widget in transcript.message_list().widgets())
    assert driver.window.page.composer.text() == "Where to? And when?"


def test_the_context_meter_tells_of_an_opened_chat(driver):
    driver.say("Where to?")
    driver.replied()
    text = driver.window.status._context.text()
    conversation = driver.window.chat.conversation_id
    assert "context 0" not in text
    driver.window.new_chat()
    driver.window.open_chat(conversation)
    driver.until(lambda: len(driver.shown) == 2, "the chat")
    driver.window.status.set_model(driver.window.bridge.model)  # loaded after the chat was opened
    assert driver.window.status._context.text() == text


def test_every_list_is_the_same_kind_and_opens_whole(driver):
    window = driver.window
    for show in (window.pages.show_settings, window.pages.show_models, window.pages.show_compare):
        show()
        driver.settle(0.1)
    boxes = window.findChildren(QComboBox)
    assert boxes and all(isinstance(box, Choice) for box in boxes)
    window.pages.show_settings()
    box = next(box for box in boxes if box.isVisible())
    box.showPopup()
    driver.settle(0.1)
    view = box.view()
    assert view.width() >= view.sizeHintForColumn(0) and view.height() >= box.count() * view.sizeHintForRow(0)
    assert view.frameShape() == view.Shape.NoFrame or "border: none" in QApplication.instance().styleSheet()
    box.hidePopup()


def test_a_chip_in_the_header_forgets_the_mouse_when_its_menu_closes(driver):
    for chip in driver.window.findChildren(MenuChip):
        chip.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
        menu = chip.menu()
        menu.popup(QPoint(0, 0))
        driver.settle(0.05)
        menu.close()
        driver.settle(0.05)
        assert not chip.underMouse()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_placeholders_can_be_read(driver, mode):
    theme.set_theme(mode)
    driver.settle(0.05)
    driver.window.pages.show_compare()
    ground = theme.current().colours.surface
    found = [*driver.window.findChildren(QLineEdit), *driver.window.findChildren(QPlainTextEdit)]
    fields = [field for field in found if field.placeholderText()]
    assert len(fields) > 2
    for field in fields:
        field.ensurePolished()
        colour = field.palette().color(QPalette.ColorRole.PlaceholderText)
        assert colour.alpha() == 255 and contrast(colour.name(), ground) >= 4.5, field.accessibleName()
    theme.set_theme("light")


def test_at_twice_the_size_the_message_box_is_as_wide_as_the_text(driver):
    window = driver.window
    window.header.sidebar_button.setChecked(False)
    window.resize(2000, 900)
    driver.say("Where to?")
    driver.replied()
    window.change_settings(zoom=2.0)
    driver.settle(0.2)
    _left, width = window.page.transcript.message_list().column()
    assert window.page.composer.width() >= width


def test_a_slider_has_room_for_its_knob(driver):
    driver.window.pages.show_settings()
    driver.settle(0.1)
    sliders = driver.window.findChildren(QSlider)
    assert sliders and all(
        slider.height() >= theme.current().px(16) for slider in sliders if slider.isVisible()
    )


def test_pictures_keep_their_order_whatever_is_checked_first(driver, tmp_path):
    pending = driver.window.page.composer.pictures
    for number in (3, 1, 2):
        pending._waiting[number] = f"{number}.png"
    from PySide6.QtGui import QImage

    image = QImage(40, 20, QImage.Format.Format_RGB32)
    for number in (3, 1, 2):
        pending._taken(number, str(tmp_path / f"{number}.png"), image)
    assert [file[-5:] for file in pending.files()] == ["1.png", "2.png", "3.png"]
    tiles = [pending._row.itemAt(at).widget() for at in range(3)]
    assert [tile.toolTip() for tile in tiles] == ["1.png", "2.png", "3.png"]
    pending.clear()


def test_the_count_of_ratings_is_not_stale_after_a_vote(driver, monkeypatch):
    window = driver.window
    driver.say("Where to?")
    reply = driver.replied()
    window.chat.rate(reply.id, 1)
    driver.until(lambda: window.status.noted, "the count")
    with Store.open(driver.paths) as store:
        other = store.add_message(reply.conversation_id, reply.parent_id, "assistant", "Another one.")
    window.pages.show_compare().offer(reply, other, "Where to?")
    window.stack.currentWidget().a.click()
    driver.until(lambda: window.stack.currentWidget().state == "voted", "the vote")
    assert window.status.noted == ""


def test_the_learning_bar_goes_on_through_all_phases_and_is_full_only_at_the_end(driver, monkeypatch):
    bar, now = driver.window.learning_bar, [100.0]
    monkeypatch.setattr("ui.learning.bar.time.monotonic", lambda: now[0])
    bar.set_state("starting")
    bar.set_state("running")
    seen = []
    for seconds, phase, step, left in (
        (10, "practising", 1, 90.0), (20, "practising", 8, 80.0), (30, "training", 1, 95.0),
        (40, "training", 24, 60.0), (60, "checking", 1, 30.0), (80, "checking", 9, 0.5), (90, "checking", 9, 0.0),
    ):  # fmt: skip
        now[0] = 100.0 + seconds
        bar.show_step(LearnStep(1, phase, step, 24, 0.1, 0.0, left))
        seen.append(bar._progress.value() / bar._progress.maximum())
    assert seen == sorted(seen) and seen[0] == 0.1 and seen[3] == 0.4 and seen[-1] < 1.0
    bar.set_state("paused")
    now[0] += 1000.0
    bar.set_state("running")
    bar.show_step(LearnStep(1, "checking", 9, 24, 0.1, 0.0, 10.0))
    assert bar._progress.value() / bar._progress.maximum() == seen[-1]


def test_a_deletion_can_be_undone_by_key_for_as_long_as_the_window_is_open(driver):
    for text in ("One", "Two"):
        driver.window.new_chat()
        driver.say(text)
        driver.replied()
    sidebar = driver.window.sidebar
    assert len(driver.titles) == 2
    for left in (1, 0):
        driver.key(Qt.Key.Key_Backspace, CTRL | SHIFT)
        driver.until(lambda left=left: len(driver.titles) == left, "a deletion")
        if left:
            driver.window.open_chat(sidebar.model.conversation_ids()[0])
            driver.until(lambda: driver.shown, "the other chat")
    sidebar.undo_bar.dismiss()  # its time is over
    driver.window.page.composer.setFocus()
    for count in (1, 2):
        driver.key(Qt.Key.Key_Z, CTRL)
        driver.until(lambda count=count: len(driver.titles) == count, "its return")
    driver.window.page.composer.setFocus()
    driver.type("word")
    driver.key(Qt.Key.Key_Z, CTRL)
    assert driver.window.page.composer.text() == "" and len(driver.titles) == 2


def test_a_trial_of_one_version_is_not_blind_says_so_and_leaves_the_next_one_blind(driver):
    compare = driver.window.pages.show_compare()
    page = driver.window.stack.currentWidget()
    driver.settle(0.1)
    page.set_possible("")
    assert page.blind.isChecked() and "not told" in page.note
    compare.try_out("v1")
    page.set_possible("")
    assert not page.blind.isChecked() and "You see which reply is which" in page.note
    driver.window.pages.show_chat()
    driver.window.pages.show_compare()
    assert page.blind.isChecked()
    page.blind.click()  # the user's own choice stays
    driver.window.pages.show_chat()
    driver.window.pages.show_compare()
    assert not page.blind.isChecked()


def test_a_file_that_is_added_has_a_bar_and_a_way_to_cancel_in_sight(driver, tmp_path):
    from ui.models.model_jobs import JobState

    driver.window.pages.show_models()
    page = driver.window.stack.currentWidget()
    file = tmp_path / "some.gguf"
    file.write_bytes(b"GGUF")
    page.bring(str(file))
    card = page.adding()[str(file)]
    page.set_job(str(file), JobState("copying the model", 40, 100))
    driver.settle(0.1)
    assert card._bar.isVisible() and card._bar.value() == 400 and card.cancel.isVisible()
    place = card.mapTo(page.scroller.viewport(), card.rect().topLeft())
    assert page.scroller.viewport().rect().contains(place)


def test_code_in_the_users_own_message_is_shown_as_code(driver):
    driver.window.page.composer.set_text("Look:\n\n```python\nprint(1)\n```")
    driver.window.page.composer.submit()
    driver.replied()
    transcript = driver.window.page.transcript
    widget = transcript.message_list().widget_of(transcript.messages()[0].message.id)
    assert widget.body.last_code().code().text == "print(1)"
    widget.copy()
    assert QApplication.clipboard().text() == "Look:\n\n```python\nprint(1)\n```"
