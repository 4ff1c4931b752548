"""The language of the window: chosen by the system or in the settings, without a restart."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QFont, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from window_driver import Driver, unnamed

from assistant.settings import Settings
from ui import app as ui_app
from ui import i18n
from ui.dates import date_text
from ui.i18n import fonts


@pytest.fixture
def driver(tmp_path, answers):
    made = Driver(tmp_path / "home", Settings(show_style_panel=False))
    yield made
    made.close()
    i18n.install(made.app, "en")


def choose(driver, code):
    """Choose a language in the settings, as a person does."""
    window = driver.window
    window.pages.show_settings()
    box = window.stack.currentWidget().language_box
    box.setCurrentIndex(box.findData(code))
    driver.until(lambda: not window.language_switch.waiting, "the other language")
    driver.settle()


def texts(root: QWidget) -> list[str]:
    """Everything that can be read below ``root``, also what only a screen reader says."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        said = [widget.accessibleName(), widget.toolTip()]
        if isinstance(widget, (QLabel, QAbstractButton)):
            said.append(widget.text())
        found += [text for text in said if text.strip()]
    return found


def test_the_language_changes_while_the_window_is_open(driver):
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    driver.say("What is a heron?")
    reply = driver.replied()
    engine, conversation = driver.window.bridge, driver.window.chat.conversation_id
    driver.type("half a thought")
    driver.window.page.composer.add_file(b"not a picture", "x.png")
    choose(driver, "zh_CN")
    window = driver.window
    page = window.stack.currentWidget()
    assert "设置" in texts(page) and window.sidebar.isVisible() and "新对话" in texts(window.sidebar)
    assert window.bridge is engine and engine.phase == "ready"  # the model was not loaded again
    driver.until(lambda: window.chat.conversation_id == conversation, "the chat that was open")
    window.pages.show_chat()
    driver.until(lambda: driver.shown[-1:] == [reply.text], "its messages")
    assert window.page.composer.text() == "half a thought"
    window.page.composer.set_text("")
    driver.say("And a stork?")
    driver.until(
        lambda: len(driver.shown) == 4 and not window.chat.busy, "the next reply, in the new window parts"
    )
    choose(driver, "en")
    assert "Settings" in texts(driver.window.stack.currentWidget())
    assert window.settings.language == "en"


def test_every_page_is_shown_in_chinese(driver):
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    choose(driver, "zh_CN")
    pages = driver.window.pages
    for name in (
        "settings",
        "models",
        "keys",
        "versions",
        "ratings",
        "compare",
        "privacy",
        "writing",
        "chat",
    ):
        pages.show(name)
        driver.settle(0.1)
        assert pages.shown == name
        assert any("\u4e00" <= character <= "\u9fff" for text in texts(driver.window) for character in text)
        assert unnamed(driver.window) == ""


def test_a_reply_that_is_being_written_is_waited_for(driver, answers):
    driver.until(lambda: driver.window.bridge.phase == "ready", "the model")
    window = driver.window
    window.chat._writing["somewhere"] = object()
    window.change_settings(language="zh_CN")
    driver.settle(0.5)
    assert window.language_switch.waiting and "New chat" in texts(window.sidebar)
    window.chat._writing.clear()
    driver.until(lambda: "新对话" in texts(window.sidebar), "the other language, afterwards")


@pytest.mark.parametrize(
    "system, code",
    [
        (["zh-Hans-CN", "zh-CN", "zh"], "zh_CN"),
        (["zh-Hant-TW", "zh"], "zh_CN"),
        (["de-DE", "de", "zh-CN"], "zh_CN"),
        (["de-DE", "de"], "en"),
        (["en-GB", "zh-CN"], "en"),
        ([], "en"),
    ],
)
def test_the_systems_first_known_language_is_used(monkeypatch, system, code):
    locale = QLocale(QLocale.Language.C)
    monkeypatch.setattr(type(locale), "uiLanguages", lambda *_: system)
    assert i18n.of_system() == code


def test_an_unknown_language_in_the_settings_is_the_systems(monkeypatch):
    app = ui_app.application()
    monkeypatch.setattr(i18n, "of_system", lambda: "en")
    assert i18n.install(app, "xx") == "en" and i18n.install(app, "../en") == "en"


def test_dates_and_numbers_follow_the_language(monkeypatch):
    app = ui_app.application()
    i18n.install(app, "zh_CN")
    try:
        assert "月" in date_text("2020-03-01T12:00:00Z") and "年" in date_text("2020-03-01T12:00:00Z")
    finally:
        i18n.install(app, "en")
    assert "Mar 2020" in date_text("2020-03-01T12:00:00Z")


def test_chinese_gets_fonts_made_for_it_after_the_systems_own():
    installed = {"Inter", "PingFang SC", "Noto Sans CJK SC", "Noto Sans CJK JP"}
    assert fonts.families("zh_CN", ["Inter"], installed) == ["Inter", "PingFang SC", "Noto Sans CJK SC"]
    assert fonts.families("zh_CN", ["PingFang SC"], installed) == ["PingFang SC", "Noto Sans CJK SC"]
    assert fonts.families("en", ["Inter"], installed) == ["Inter"]


def test_no_line_of_chinese_begins_with_a_mark_that_ends_something():
    ui_app.application()
    layout = QTextLayout("这是一段用来测试换行的中文，它没有空格；每一行都不应该以标点开头。" * 4, QFont())
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    text, starts = layout.text(), []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(97)
        starts.append(text[line.textStart()])
    layout.endLayout()
    assert len(starts) > 5 and not set(starts) & set("，。；、）”")
