"""When something goes wrong in the window: the dialog names the log, and the report is read before it is saved."""

from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog
from window_driver import Driver

from assistant import logs
from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store
from ui.crash_dialog import CrashDialog


@pytest.fixture
def driver(tmp_path, answers):
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        conversation = store.create_conversation(title="quetzalcoatl")
        store.add_message(conversation.id, None, "user", "quetzalcoatl")
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    yield driver
    driver.close()


def test_the_report_is_shown_before_it_is_saved(driver, tmp_path, monkeypatch):
    driver.window.pages.report_problem()
    driver.until(lambda: type(driver.app.activeModalWidget()).__name__ == "ReportDialog", "the report")
    dialog = driver.app.activeModalWidget()
    shown = dialog.text.toPlainText()
    assert "== Settings ==" in shown and "quetzalcoatl" not in shown
    dialog.text.appendPlainText("It closed when I clicked.")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "r.txt"), ""))
    dialog.save.click()
    assert (tmp_path / "r.txt").read_text().endswith("It closed when I clicked.")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "r.txt"), ""))
    dialog.save.click()
    assert "could not be saved" in dialog.note.text()
    dialog.close_button.click()


@pytest.mark.parametrize("where", ["slot", "thread"])
def test_an_error_that_nothing_caught_names_the_log_once(qtbot, tmp_path, monkeypatch, where, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.start(tmp_path, "window")
    crash = CrashDialog(tmp_path)
    crash.install()
    wanted = []
    crash.report_wanted.connect(lambda: wanted.append(True))

    def fail() -> None:
        raise RuntimeError("a bug")

    with qtbot.captureExceptions():  # pytest-qt's own hook stands aside
        sys.excepthook = crash._uncaught
        if where == "slot":
            QTimer.singleShot(0, fail)
        else:
            threading.Thread(target=fail).start()
        qtbot.waitUntil(lambda: crash.box is not None and crash.box.isVisible())
    box = crash.box
    assert str(tmp_path / "window.log") in box.informativeText() and "RuntimeError" in box.informativeText()
    assert "a bug" in (tmp_path / "window.log").read_text()
    box.close()
    crash._show("Again")
    assert crash.box is box and not box.isVisible()  # not one after the other
    next(b for b in box.buttons() if b.text().startswith("Report")).click()
    assert wanted
