"""What is asked before a backup is written or put back, and the recovery key that is shown once."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui import theme
from ui.theme import tokens
from ui.theme.widgets import Button, label

_WIDTH = 460  # pixels
_SHORTEST = 8  # characters of a passphrase; the store refuses shorter ones as well


class _Dialog(QDialog):
    """A title, what belongs under it, a sentence about what is missing, and two buttons."""

    def __init__(self, title: str, action: str, parent: QWidget) -> None:
        super().__init__(parent.window())
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.column = QVBoxLayout(self)
        side = tokens.GRID * 3
        self.column.setContentsMargins(side, side, side, side)
        self.column.setSpacing(tokens.GRID)
        self.column.addWidget(label(title, "title", self, wrap=True))
        self.problem = label("", "muted", self, wrap=True)
        self.cancel = Button(QCoreApplication.translate("BackupDialogs", "Cancel"), self)
        self.cancel.clicked.connect(self.reject)
        self.action = Button(action, self, kind="primary")
        self.action.clicked.connect(self._do)
        self.setFixedWidth(theme.current().px(_WIDTH))

    def finish_layout(self) -> None:
        self.column.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(tokens.GRID)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.action)
        self.column.addLayout(row)

    def secret_field(self, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(name)
        field.setPlaceholderText(name)
        self.column.addWidget(field)
        return field

    def say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setAccessibleName(text or "-")

    def _do(self) -> None:
        self.accept()


class BackupDialog(_Dialog):
    """``wanted(passphrase)``: "" for a backup that is not encrypted."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        texts = QCoreApplication.translate
        super().__init__(
            texts("BackupDialog", "Back up to one file"), texts("BackupDialog", "Choose a file…"), parent
        )
        what = self.tr("Chats, pictures, ratings, styles and settings, without models and logs.")
        self.column.addWidget(label(what, "muted", self, wrap=True))
        self.encrypt = QCheckBox(self.tr("Encrypt it with a passphrase"), self)
        self.encrypt.setChecked(True)
        self.encrypt.toggled.connect(self._show_fields)
        self.column.addWidget(self.encrypt)
        self.first = self.secret_field(self.tr("Passphrase, 8 characters or more"))
        self.second = self.secret_field(self.tr("The same again"))
        self.finish_layout()

    def _show_fields(self, on: bool) -> None:
        self.first.setVisible(on)
        self.second.setVisible(on)
        self.say("")

    def _do(self) -> None:
        passphrase = self.first.text() if self.encrypt.isChecked() else ""
        if self.encrypt.isChecked() and len(passphrase) < _SHORTEST:
            self.say(self.tr("The passphrase needs 8 characters at least."))
        elif self.encrypt.isChecked() and passphrase != self.second.text():
            self.say(self.tr("The two passphrases are not the same."))
        else:
            self.accept()
            self.wanted.emit(passphrase)


class OpenBackupDialog(_Dialog):
    """``wanted(passphrase, recovery_key)``; one of the two is "", both for a backup that is not encrypted."""

    wanted = Signal(str, str)

    def __init__(self, name: str, encrypted: bool, parent: QWidget) -> None:
        texts = QCoreApplication.translate
        title = texts("OpenBackupDialog", "Restore {0}?").format(name)
        super().__init__(title, texts("OpenBackupDialog", "Restore"), parent)
        what = self.tr(
            "Everything but models is replaced by what is in the backup when Attune is started the next time. What is "
            "here now is kept in the folder “backups”."
        )
        self.column.addWidget(label(what, "muted", self, wrap=True))
        self.encrypted = encrypted
        self.secret = self.secret_field(self.tr("Passphrase"))
        self.by_key = QCheckBox(self.tr("I have the recovery key instead"), self)
        self.by_key.toggled.connect(
            lambda on: self.secret.setPlaceholderText(
                self.tr("Recovery key") if on else self.tr("Passphrase")
            )
        )
        self.column.addWidget(self.by_key)
        self.secret.setVisible(encrypted)
        self.by_key.setVisible(encrypted)
        self.finish_layout()

    def _do(self) -> None:
        secret = self.secret.text() if self.encrypted else ""
        if self.encrypted and not secret:
            self.say(self.tr("The backup is encrypted; its passphrase or recovery key is needed."))
            return
        self.accept()
        self.wanted.emit(*(("", secret) if self.by_key.isChecked() else (secret, "")))


class RecoveryKeyDialog(_Dialog):
    """Shows the recovery key. It is kept nowhere, so it closes only by a button that says so."""

    def __init__(self, words: str, parent: QWidget) -> None:
        texts = QCoreApplication.translate
        super().__init__(
            texts("RecoveryKeyDialog", "Your recovery key"), texts("RecoveryKeyDialog", "I have it"), parent
        )
        what = self.tr(
            "It opens this and later encrypted backups if you forget the passphrase. Write it down or print it, and keep "
            "it apart from this computer. Attune does not keep it and cannot show it again."
        )
        self.column.addWidget(label(what, "muted", self, wrap=True))
        parts = words.split("-")
        lines = [" - ".join(parts[at : at + 5]) for at in range(0, len(parts), 5)]
        self.words: QLabel = label("\n".join(lines), "strong", self, wrap=True)
        self.words.setAccessibleName(words)
        self.column.addWidget(self.words)
        self.cancel.setText(self.tr("Copy"))
        self.cancel.clicked.disconnect()
        self.cancel.clicked.connect(lambda: QGuiApplication.clipboard().setText(words))
        self.finish_layout()
