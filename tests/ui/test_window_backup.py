"""A backup to one file and back, in the window: encrypted, the recovery key shown once, put in place at the next start."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog
from window_driver import Driver

from assistant.paths import DataPaths
from assistant.settings import Settings
from assistant.store import Store, sealed_file


@pytest.fixture
def driver(tmp_path, answers, monkeypatch):
    monkeypatch.setattr(sealed_file, "_SCRYPT_N", 1 << 10)
    paths = DataPaths(tmp_path / "home").ensure()
    with Store.open(paths) as store:
        conversation = store.create_conversation(title="Chat")
        store.add_message(conversation.id, None, "user", "Where is it?")
    file = str(tmp_path / "all.attune")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (file, ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (file, ""))
    driver = Driver(paths.root, Settings(learn_when="off", first_run_done=True))
    driver.until(lambda: driver.window.bridge.phase == "ready" and driver.titles, "the model")
    yield driver
    driver.close()


def dialog(driver: Driver, kind: str):
    driver.until(lambda: type(driver.app.activeModalWidget()).__name__ == kind, kind)
    return driver.app.activeModalWidget()


def test_an_encrypted_backup_is_made_and_restored_at_the_next_start(driver):
    window = driver.window
    window.pages.show_privacy()
    page = window.stack.currentWidget()
    page.back_up.click()
    asked = dialog(driver, "BackupDialog")
    asked.first.setText("correct horse")
    asked.action.click()
    assert "not the same" in asked.problem.text()
    asked.second.setText("correct horse")
    asked.action.click()
    shown = dialog(driver, "RecoveryKeyDialog")
    words = shown.words.accessibleName()
    assert sealed_file.read_recovery_key(words) and page.note.text().startswith("Backed up to")
    shown.action.click()
    with Store.open(driver.paths) as store:
        store.purge_conversation(store.conversations()[0].id)
    page.open_backup.click()
    asked = dialog(driver, "OpenBackupDialog")
    asked.secret.setText("wrong horse")
    asked.action.click()
    driver.until(lambda: "does not open" in page.note.text(), "the refusal")
    page.open_backup.click()
    asked = dialog(driver, "OpenBackupDialog")
    asked.by_key.setChecked(True)
    asked.secret.setText(words)
    asked.action.click()
    driver.until(lambda: "start it again" in page.note.text(), "the check")
    driver.close()
    with Store.open(driver.paths) as store:
        assert [c.title for c in store.conversations()] == ["Chat"]
