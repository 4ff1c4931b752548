"""What was read in a file, page by page, in a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from assistant.errors import AttuneError
from assistant.files.document import Document
from ui.theme import tokens

LONGEST = 200_000  # characters shown; Qt lays more out for seconds


def show_preview(parent: QWidget, name: str, load: Callable[[], Document]) -> QDialog:
    """Open the dialog (it deletes itself when closed)."""
    dialog = QDialog(parent.window())
    dialog.setWindowTitle(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    text = QPlainTextEdit(dialog)
    text.setReadOnly(True)
    text.setAccessibleName(name)
    try:
        text.setPlainText(preview_text(load()))
    except AttuneError as error:
        text.setPlainText(str(error))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(*(tokens.GRID,) * 4)
    column.addWidget(text)
    dialog.resize(min(720, parent.window().width()), min(640, parent.window().height()))
    dialog.open()
    return dialog


def preview_text(document: Document) -> str:
    """The text, each page under its number; what is too long to be shown is cut, and that is said."""
    parts = []
    for page in document.pages:
        if page.number:
            of_all = QCoreApplication.translate("FilePreview", "Page {0} of {1}")
            parts.append(of_all.format(page.number, document.total_pages))
        picture = QCoreApplication.translate("FilePreview", "(a picture)")
        parts.append(
            page.text or (picture if page.picture else QCoreApplication.translate("FilePreview", "(no text)"))
        )
    whole = "\n\n".join(parts)
    if len(whole) > LONGEST:
        return (
            whole[:LONGEST]
            + "\n\n"
            + QCoreApplication.translate("FilePreview", "Only the beginning is shown here.")
        )
    return whole
