"""A language whose texts are 40 % longer: nothing on the pages is cut off, and nothing has been forgotten."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize, QTranslator
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QSizePolicy, QWidget
from window_driver import Driver

from assistant.settings import Settings

PLACEHOLDER = re.compile(r"(\{\w*\}|%[sn\d]|\(\*[^)]*\)|;;)")
ACCENTS = str.maketrans("AaEeIiOoUuCcNnSs", "ÅåÉéÎîÖöÛûÇçÑñŠš")
LONGER = 1.4
PAGES = ("chat", "settings", "models", "keys", "versions", "ratings", "compare", "privacy", "writing")


def stretched(text: str) -> str:
    """``text`` with accents, and 40 % longer; placeholders stay."""
    parts = PLACEHOLDER.split(text)
    longer = "".join(part if PLACEHOLDER.fullmatch(part) else part.translate(ACCENTS) for part in parts)
    more = round((LONGER - 1) * len(text))
    return longer + (" " + "ïñţéŕ " * (1 + more // 6))[:more].rstrip() if more else longer


class Pseudo(QTranslator):
    """Translates every text of the window into ``stretched``."""

    def translate(self, context, source, comment=None, count=-1):
        return stretched(source.replace("(s)", "s"))

    def isEmpty(self):
        return False


@pytest.fixture
def driver(tmp_path, answers):
    made = Driver(tmp_path / "home", Settings(show_style_panel=False))
    pseudo = Pseudo()
    made.app.installTranslator(pseudo)
    made.until(lambda: made.window.bridge.phase == "ready", "the model")
    made.until(lambda: not made.window.language_switch.waiting, "the other language")
    yield made
    made.close()
    made.app.removeTranslator(pseudo)


def cut_off(root: QWidget) -> list[str]:
    """The texts below ``root`` that are wider or higher than the widget that shows them."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, (QLabel, QAbstractButton)) or not widget.text():
            continue
        if widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored:
            continue  # shortened with "…" by its own code, and has a tooltip
        if isinstance(widget, QLabel) and widget.wordWrap():
            needed = QSize(0, widget.heightForWidth(widget.width()))
        elif isinstance(widget, QLabel):
            needed = widget.minimumSizeHint()
        elif isinstance(widget, QPushButton):
            needed = widget.sizeHint()
        else:
            continue
        if needed.width() > widget.width() + 1 or needed.height() > widget.height() + 1:
            found.append(f"{type(widget).__name__} {widget.text()!r}: {widget.size()} of {needed}")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_text_is_cut_off_when_it_is_longer(driver, page):
    window = driver.window
    if page == "chat":
        driver.say("What is a heron?")
        driver.replied()
        window.chat.rate(window.chat.last_reply.id, 1)
        driver.until(lambda: window.page.transcript.messages()[-1].rating == 1, "the rating")
    window.pages.show(page)
    driver.settle()
    assert window.pages.shown == page
    shown = [widget.text() for widget in window.findChildren(QLabel) if widget.isVisible()]
    assert any("ïñţéŕ" in text for text in shown)
    for _ in range(20):  # the layout settles in several turns
        if not cut_off(window):
            break
        driver.settle(0.1)
    assert cut_off(window) == []


def test_stretching_keeps_what_is_filled_in():
    assert stretched("{0} of {1}").startswith("{0} öf {1}") and "%n" in stretched("%n ratings")
    assert len(stretched("Settings and other files")) >= 1.35 * len("Settings and other files")
