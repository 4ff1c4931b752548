"""Write like me in the window: a text is pasted, files and mails are taken, and removed again."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_driver import Driver, unnamed

from assistant.settings import Settings

TEXT = "I went out. It rained! The dog ran {0}. I laughed! We got wet. So what? We ran home. Tea helped. I slept."


@pytest.fixture
def driver(tmp_path, answers):
    made = Driver(tmp_path / "home", Settings(learn_when="off", first_run_done=True, model="starter"))
    made.until(lambda: made.window.bridge.phase == "ready", "the model")
    made.window.header.panel_button.setChecked(True)
    made.settle()
    QTest.mouseClick(made.window.panel.texts, Qt.MouseButton.LeftButton)
    made.until(lambda: page(made) is not None and page(made).isVisible(), "the page")
    yield made
    made.close()


def page(driver: Driver):
    return driver.window.pages._texts


def mail(path, sender: str, number: int) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, f"Walk {number}"
    message.set_content(TEXT.format(number))
    path.write_bytes(bytes(message))


def test_pasted_texts_shape_the_next_reply_and_are_removed_again(driver, answers):
    view = page(driver)
    view.add.click()
    driver.until(lambda: "first" in view.note.text(), "the refusal of nothing")
    for number in range(3):
        view.text.setPlainText(TEXT.format(f"number {number}"))
        view.add.click()
        driver.until(lambda number=number: len(view.rows()) == number + 1, "the text in the list")
    assert view.text.toPlainText() == "" and unnamed(view) == ""
    view.back_wanted.emit()
    driver.say("How do I boil an egg?")
    driver.replied()
    said = [sentence.english for sentence in answers.asked[-1]["steering"].card]
    assert "Use very short sentences." in said
    driver.window.pages.show_texts()
    driver.until(lambda: len(view.rows()) == 3, "the list")
    driver.confirm(view.rows()[0].remove)
    driver.until(lambda: len(view.rows()) == 2, "the removal")


def test_files_are_read_and_of_mails_the_users_own(driver, tmp_path):
    view = page(driver)
    for number in range(2):
        mail(tmp_path / f"{number}.eml", "Ada <ada@home.example>", number)
    mail(tmp_path / "2.eml", "bob@work.example", 2)
    view.dropped.emit([str(tmp_path / f"{number}.eml") for number in range(3)])
    driver.until(lambda: view.asking, "the question whose mails are the user's")
    assert view.address.currentData() == "ada@home.example" and view.rows() == []
    view.take.click()
    driver.until(lambda: len(view.rows()) == 2, "the two mails")
    assert not view.asking
    (tmp_path / "noise.docx").write_bytes(b"PK nothing")
    view.dropped.emit([str(tmp_path / "noise.docx")])
    driver.until(lambda: "noise.docx" in view.note.text(), "the refusal")
