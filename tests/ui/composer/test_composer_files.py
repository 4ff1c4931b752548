"""Files with text in the composer: dropped, shown as chips with a preview, removed, refused in a sentence."""

from __future__ import annotations

import pytest
from files import documents
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit

from ui import theme
from ui.composer.composer import Composer
from ui.files.chip import FileChip


@pytest.fixture
def composer(qtbot):
    if not QApplication.instance().styleSheet():
        theme.install(QApplication.instance(), "light")
    made = Composer()
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    return made


def drop(composer, *files):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    composer.edit.insertFromMimeData(mime)


def test_files_are_dropped_shown_previewed_removed_and_sent(composer, qtbot, tmp_path):
    lease, notes = tmp_path / "lease.pdf", tmp_path / "notes.md"
    lease.write_bytes(documents.pdf(["The rent is 950 euros.", "Call Ann."]))
    notes.write_text("# Notes")
    composer.set_can_see(False)  # files need no eyes
    drop(composer, lease, notes)
    qtbot.waitUntil(lambda: len(composer.pictures.files()) == 2, timeout=60_000)
    chips = {chip.accessibleName().split(" · ")[0]: chip for chip in composer.findChildren(FileChip)}
    assert set(chips) == {"File lease.pdf", "File notes.md"} and not composer.error
    assert "2 page" in chips["File lease.pdf"].accessibleName()
    chips["File lease.pdf"].open.click()
    (dialog,) = composer.window().findChildren(QDialog)
    shown = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "Page 1 of 2" in shown and "950 euros" in shown
    dialog.close()
    chips["File notes.md"].remove.click()
    with qtbot.waitSignal(composer.submitted) as sent:
        composer.submit()
    assert [file.rsplit("/", 1)[-1] for file in sent.args[1]] == ["lease.pdf"]


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(composer, qtbot, tmp_path):
    (tmp_path / "locked.pdf").write_bytes(documents.protected_pdf())
    drop(composer, tmp_path / "locked.pdf")
    qtbot.waitUntil(lambda: bool(composer.error), timeout=60_000)
    assert composer.error == "locked.pdf is protected by a password; save it without one first."
    assert not composer.pictures.files()
