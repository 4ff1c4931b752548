"""A file, a folder or a zip that another program wrote, as names and bytes. No name in it is ever used as a path."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.errors import BadInput
from assistant.store.json_input import MAX_FILE_BYTES, parse

MAX_ENTRIES = 100_000
MAX_RATIO = 200  # of a packed file; text packs about ten times
MAX_FOUND = 20_000  # files of a folder that are looked at
# What the library raises on a zip that is damaged, encrypted or packed in another way.
_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True)
class Source:
    """``names``: what is in it, with ``/``; of a single file its own name and those beside it, which it may refer to."""

    path: Path
    names: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> Source:
        """Raises BadInput: not there, no ordinary file, a zip that is damaged or far too large."""
        try:
            if path.is_dir():
                return cls(path, tuple(sorted(_files_in(path))))
            if not path.is_file():
                raise BadInput(f"There is no file {path}.")
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    entries = archive.infolist()
                    if len(entries) > MAX_ENTRIES:
                        raise BadInput(f"{path.name} holds more than {MAX_ENTRIES} files.")
                    return cls(path, tuple(entry.filename for entry in entries if not entry.is_dir()))
            beside = [file.name for file in path.parent.iterdir() if file.is_file() and file != path]
            return cls(path, (path.name, *sorted(beside)[:MAX_FOUND]))
        except (OSError, ValueError, *_DAMAGED) as error:
            raise BadInput(f"{path.name} cannot be read: {_reason(error)}.") from error

    @property
    def single(self) -> bool:
        """Is it one file, not a folder or a zip?"""
        return self.path.is_file() and self.names[:1] == (self.path.name,)

    def named(self, *ends: str) -> list[str]:
        """The names that are ``ends``, in whatever folder of it; of a single file that file only."""
        among = self.names[:1] if self.single else self.names
        return [name for name in among if PurePosixPath(name).name in ends]

    def bytes(self, name: str, most: int) -> bytes:
        """The content of a file in it. Raises BadInput: larger than ``most`` bytes, packed far too well, damaged."""
        short = PurePosixPath(name).name
        if name not in self.names:
            raise BadInput(f"{short} is not there.")
        try:
            if self.path.is_file() and not self.single:
                with zipfile.ZipFile(self.path) as archive:
                    entry = archive.getinfo(name)
                    too_large = entry.file_size > most or entry.file_size > MAX_RATIO * max(
                        entry.compress_size, 1000
                    )
                    if too_large:
                        raise BadInput(f"{short} in {self.path.name} is far too large.")
                    with archive.open(entry) as file:
                        data = file.read(most + 1)
            else:
                where = self.path.parent if self.single else self.path
                inside = (where / name).resolve()
                if not inside.is_relative_to(where.resolve()) or not inside.is_file():
                    raise BadInput(f"{short} is not an ordinary file.")
                with inside.open("rb") as plain:
                    data = plain.read(most + 1)
        except (OSError, ValueError, *_DAMAGED) as error:
            raise BadInput(f"{short} cannot be read: {_reason(error)}.") from error
        if len(data) > most:
            raise BadInput(f"{short} is larger than {most // 1_000_000} MB.")
        return data

    def text(self, name: str) -> str:
        try:
            return self.bytes(name, MAX_FILE_BYTES).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadInput(f"{PurePosixPath(name).name} is not a text file.") from error

    def json(self, name: str) -> Any:
        return parse(self.text(name), PurePosixPath(name).name)


def _files_in(folder: Path) -> Iterable[str]:
    for number, file in enumerate(folder.rglob("*")):
        if number >= MAX_FOUND:
            raise BadInput(f"{folder.name} holds more than {MAX_FOUND} files.")
        if file.is_file() and not file.is_symlink():
            yield file.relative_to(folder).as_posix()


def _reason(error: Exception) -> str:
    if isinstance(error, (zipfile.BadZipFile, zlib.error, EOFError)):
        return "it is damaged or cut off"
    if isinstance(error, (NotImplementedError, RuntimeError)):
        return "it is packed or encrypted in a way that is not known"
    return str(getattr(error, "strerror", None) or error).rstrip(".")
