"""Pictures and sounds waiting to be sent: taken in off the GUI thread, shown as thumbnails and chips to remove."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.attachment_intake import is_named_sound
from assistant.errors import AttuneError
from ui import theme
from ui.files.chip import FileChip
from ui.sound.chip import SoundChip
from ui.theme import tokens
from ui.theme.widgets import IconButton
from ui.transcript.pictures import PictureTile

if TYPE_CHECKING:
    from assistant.files.intake import IntakeFile

LIMIT = 8  # files of a message
_SIDE = 64  # pixels
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif")


class Intake(QObject):
    """Checks files on its own threads: ``taken(number, file, image)`` for a picture, ``heard(number, file, seconds,
    note)`` for a sound, ``read(number, file, what was read)`` for a file with text, or ``refused(number, sentence)``."""

    taken = Signal(int, str, QImage)
    heard = Signal(int, str, float, str)
    read = Signal(int, str, object)  # IntakeFile
    refused = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._folder_lock = threading.Lock()  # several files are taken in at once
        self._numbers = itertools.count(1)

    def take(self, source: str | bytes, name: str) -> int:
        """Start on one file (a path or the bytes of one); its number."""
        number = next(self._numbers)
        threading.Thread(target=self._work, args=(number, source, name), daemon=True).start()
        return number

    def close(self) -> None:
        """Remove the copies that were made for sending."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _work(self, number: int, source: str | bytes, name: str) -> None:
        from assistant.attachment_intake import take
        from assistant.files.intake import IntakeFile
        from assistant.sound.intake import IntakeSound

        try:
            found = take(Path(source) if isinstance(source, str) else source, name)
            file = self._place(number) / (Path(found.name or name).name or "attachment")
            # Of a file with text as it is: it is asked for again when it is sent, with the pictures of its pages.
            as_it_is = source if isinstance(source, bytes) else Path(source).read_bytes()
            file.write_bytes(as_it_is if isinstance(found, IntakeFile) else found.data)
        except AttuneError as error:
            self.refused.emit(number, str(error))
            return
        except OSError as error:
            self.refused.emit(number, f"{name} could not be read: {error.strerror or error}.")
            return
        if isinstance(found, IntakeFile):
            self.read.emit(number, str(file), found)
            return
        if isinstance(found, IntakeSound):
            self.heard.emit(number, str(file), found.seconds, found.note)
            return
        shown = QImage.fromData(found.data)
        self.taken.emit(
            number,
            str(file),
            shown.scaled(
                QSize(_SIDE * 4, _SIDE * 4),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            ),
        )

    def _place(self, number: int) -> Path:
        with self._folder_lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="attune-"))
            place = self._folder / str(number)
        place.mkdir()
        return place


class PendingPictures(QWidget):
    """The row of thumbnails and chips. ``failed(sentence)`` for a file that cannot be used."""

    changed = Signal()
    failed = Signal(str)
    opened = Signal(str)  # a picture was pressed: its file

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Files to send"))
        self._intake = Intake(self)
        self._intake.taken.connect(self._taken, Qt.ConnectionType.QueuedConnection)
        self._intake.heard.connect(self._heard, Qt.ConnectionType.QueuedConnection)
        self._intake.read.connect(self._file_read, Qt.ConnectionType.QueuedConnection)
        self._intake.refused.connect(self._refused, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._intake.close)
        self._waiting: dict[int, str] = {}  # being checked: number -> name
        self._tiles: dict[str, _Tile | SoundChip | FileChip] = {}  # file -> what shows it
        self._numbers: dict[
            str, int
        ] = {}  # file -> when it was attached; checking one takes longer than another
        self.blind = self.deaf = ""  # why no picture, no sound is taken; empty: they are taken
        self._row = QHBoxLayout()  # the pictures; each sound has a line of its own below
        self._row.setSpacing(tokens.GRID)
        self._row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, tokens.HALF)
        self._column.setSpacing(tokens.GRID)
        self._column.addLayout(self._row)
        self.hide()

    @property
    def checking(self) -> bool:
        """Some are still being looked at."""
        return bool(self._waiting)

    def files(self) -> list[str]:
        """The checked files, in the order they were attached."""
        return sorted(self._tiles, key=lambda file: self._numbers[file])

    @property
    def sounds(self) -> bool:
        """Some of the checked files are sounds."""
        return any(isinstance(tile, SoundChip) for tile in self._tiles.values())

    def refusal(self, name: str) -> str:
        """Why a file of this name is not even looked at; empty where that is seen when it is opened."""
        if is_named_sound(name):
            return self.deaf
        return self.blind if name.lower().endswith(_PICTURE_SUFFIXES) else ""

    def add(self, source: str | bytes, name: str) -> None:
        if len(self._tiles) + len(self._waiting) >= LIMIT:
            self.failed.emit(self.tr("A message can have at most {0} pictures and sounds.").format(LIMIT))
            return
        self._waiting[self._intake.take(source, name)] = name
        self.changed.emit()

    def clear(self) -> None:
        """Forget all files; their copies stay until the window closes, since they may be on their way."""
        self._waiting.clear()
        for file in list(self._tiles):
            self._remove(file)

    @Slot(int, str, QImage)
    def _taken(self, number: int, file: str, image: QImage) -> None:
        if not self._wanted(number, self.blind):
            return
        tile = _Tile(image, Path(file).name, self)
        tile.remove.clicked.connect(lambda: self._remove(file))
        tile.picture.clicked.connect(lambda: self.opened.emit(file))
        self._show_tile(number, file, tile)

    @Slot(int, str, float, str)
    def _heard(self, number: int, file: str, seconds: float, note: str) -> None:
        if not self._wanted(number, self.deaf):
            return
        chip = SoundChip(file, Path(file).name, seconds, self, note=note, removable=True)
        chip.remove.clicked.connect(lambda: self._remove(file))
        self._show_tile(number, file, chip)

    @Slot(int, str, object)
    def _file_read(self, number: int, file: str, found: IntakeFile) -> None:
        if not self._wanted(number, ""):
            return
        chip = FileChip(
            file,
            Path(file).name,
            found.pages,
            found.size_bytes,
            lambda: found.document,
            self,
            note=found.note,
            removable=True,
        )
        chip.remove.clicked.connect(lambda: self._remove(file))
        self._show_tile(number, file, chip)

    def _wanted(self, number: int, why_not: str) -> bool:
        """Still waited for, and the model takes it."""
        if self._waiting.pop(number, None) is None:
            return False  # cleared meanwhile
        if why_not:
            self.failed.emit(why_not)
            self.changed.emit()
        return not why_not

    def _show_tile(self, number: int, file: str, tile: _Tile | SoundChip | FileChip) -> None:
        self._tiles[file] = tile
        self._numbers[file] = number
        alike = [other for other in self.files() if type(self._tiles[other]) is type(tile)]
        at = alike.index(file)
        if isinstance(tile, (SoundChip, FileChip)):
            self._column.addWidget(tile, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            self._row.insertWidget(at, tile)
        self.show()
        self.changed.emit()

    @Slot(int, str)
    def _refused(self, number: int, why: str) -> None:
        if self._waiting.pop(number, None) is not None:
            self.failed.emit(why)
            self.changed.emit()

    def _remove(self, file: str) -> None:
        tile = self._tiles.pop(file, None)
        if tile is not None:
            (self._column if isinstance(tile, (SoundChip, FileChip)) else self._row).removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self.setVisible(bool(self._tiles))
        self.changed.emit()


class _Tile(QWidget):
    def __init__(self, image: QImage, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.picture = PictureTile(self.tr("Open {0} large").format(name), self)
        self.picture.set_image(image)
        self.picture.setFixedSize(theme.current().px(_SIDE), theme.current().px(_SIDE))
        self.remove = IconButton("x", self.tr("Remove {0}").format(name), self, size=14, side=24)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.picture)
        column = QVBoxLayout()
        column.addWidget(self.remove)
        column.addStretch(1)
        row.addLayout(column)
