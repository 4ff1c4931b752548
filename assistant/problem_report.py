"""A report of a problem, as a text file to be read before it is sent: versions, settings, sizes and the log, without texts.

Nothing the user wrote, named or chose a file by goes in. Settings that are texts are only said to be set or not. Of a line in
the log every word stays that is the program's own (it stands in a log message or error of its source), and short numbers; all
else is blotted out. Of a traceback the places in the program's code stay, and the kind of the error.
"""

from __future__ import annotations

import builtins
import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assistant import doctor
from assistant import settings as settings_file
from assistant.errors import AttuneError
from assistant.paths import DataPaths

_MOST_LINES = 400  # of each log, the last ones
_MOST_LOG_BYTES = 300_000
BLOT = "[…]"
_OWN = ("assistant", "models", "ui")
_PACKAGES = ("PIL", "pysqlite3", "safetensors", "sqlite3", "sqlite_utils", "torch", "transformers", "zipfile")
# The texts of log messages and errors in the source.
_SAYS = re.compile(
    r"""(?:log\.(?:debug|info|warning|error|exception)|[A-Z]\w*(?:Error|Input|Found|Unwritable|Damaged|Died|Memory|Key))
        \(\s*f?(["'])(?P<text>(?:(?!\1).)*)\1""",
    re.VERBOSE,
)
_RECORD = re.compile(
    r"(?P<head>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+) (?P<logger>[\w.]+): ?(?P<said>.*)"
)
_PLACE = re.compile(r'\s*File "(?P<path>[^"]*)", line (?P<line>\d+), in (?P<name>[\w<>.]+)')
_RAISED = re.compile(
    r"\s*(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Died|Input|Found))(?::|$)"
)
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,:]\d+)*|\s+|.", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_LONGEST_NUMBER = 9  # characters
_HIDDEN_FACTS = ("data_folder",)


def compose(paths: DataPaths) -> str:
    """The report as text. What cannot be read is said in it, and nothing is raised."""
    parts = [
        "Attune: report of a problem",
        "Read it before you send it. It holds none of your texts, titles, names, pictures or paths; what could be one of "
        f"them is blotted out: {BLOT}",
        f"Made {time.strftime('%Y-%m-%d %H:%M')}",
        "What happened, in your words:\n\n\n",
        _section("This computer", _facts(paths)),
        _section("Settings", _settings(paths)),
        _section("Data", _sizes(paths)),
    ]
    parts += [_section(f"Log {name}", lines) for name, lines in _logs(paths)]
    return "\n\n".join(parts) + "\n"


def _section(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"== {title} ==", *lines])


def _facts(paths: DataPaths) -> Iterator[str]:
    try:
        yield f"attune: {metadata.version('attune-desktop')}"
    except metadata.PackageNotFoundError:
        yield "attune: not installed"
    report = doctor.examine(paths)
    for name, value in report.facts.items():
        if name not in _HIDDEN_FACTS:
            yield f"{name}: {', '.join(value) if isinstance(value, list) else value}"
    for problem in report.problems:
        yield f"problem: {scrubbed(problem)}"


def _settings(paths: DataPaths) -> Iterator[str]:
    try:
        chosen = asdict(settings_file.load(paths.settings))
    except AttuneError as error:
        yield scrubbed(str(error))
        return
    sampling = chosen.pop("sampling")
    for name, value in {**chosen, **sampling}.items():
        yield f"{name}: {_shown(name, value)}"


def _shown(name: str, value: Any) -> str:
    if value is None or isinstance(value, (bool, int, float)):
        return str(value)
    if isinstance(value, str) and value in settings_file.CHOICES.get(name, ()):
        return value
    return "(set)" if value else "(not set)"


def _sizes(paths: DataPaths) -> Iterator[str]:
    from assistant.services.library import LibraryService
    from assistant.store import Store

    if not paths.database.is_file():
        yield "There is no database."
        return
    try:
        with Store.open(paths) as store:
            if store.notice:
                yield f"on opening: {scrubbed(store.notice)}"
            report = LibraryService(store, paths).report()
            messages = store._rows("SELECT count(*) FROM message")[0][0]
    except AttuneError as error:
        yield f"It cannot be opened: {scrubbed(str(error))}"
        return
    yield f"conversations: {report.conversations}, messages: {messages}, ratings: {report.ratings}"
    yield f"style versions: {report.versions}, corrected traits: {report.corrections}"
    for kept in report.kept:
        yield f"{kept.kind}: {kept.files} files, {kept.size_bytes} bytes"


def _logs(paths: DataPaths) -> Iterator[tuple[str, Iterator[str]]]:
    try:
        files = sorted(path for path in paths.logs.glob("*.log") if path.is_file())
    except OSError:
        return
    for path in files:
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _MOST_LOG_BYTES))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            continue
        # The name is ours: window, command, engine.
        name = path.stem if path.stem in ("window", "command", "engine", "attune") else BLOT
        yield name, _scrubbed_log(text.splitlines()[-_MOST_LINES:])


def _scrubbed_log(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if record := _RECORD.fullmatch(line):
            yield f"{record['head']} {_known(record['logger'])}: {scrubbed(record['said'])}"
        elif place := _PLACE.match(line):
            yield f"    {_own_path(place['path'])}:{place['line']} in {scrubbed_name(place)}"
        elif raised := _RAISED.match(line):
            yield f"    {raised['kind'] if hasattr(builtins, raised['kind']) else _known(raised['kind'])}"
        # All else belongs to a traceback (lines of code), or is unknown.


def _known(name: str) -> str:
    """The dotted name of a logger or an error, of the program or of a package it uses."""
    return name if name.isascii() and name.split(".")[0] in (*_OWN, *_PACKAGES) else BLOT


def _own_path(path: str) -> str:
    """A file of the program or of a package, without the folders above it."""
    parts = path.replace("\\", "/").split("/")
    for name in ("site-packages", *_OWN):
        if name in parts:
            at = len(parts) - 1 - parts[::-1].index(name)
            return "/".join(parts[at + (name == "site-packages") :])
    return BLOT


def scrubbed_name(place: re.Match[str]) -> str:
    """The function's name, where the file is the program's own or a package's."""
    return place["name"] if _own_path(place["path"]) != BLOT else BLOT


def scrubbed(text: str) -> str:
    """Only words of the program's own messages, short numbers and marks; everything else is blotted out."""
    made: list[str] = []
    for piece in _WORD.findall(text):
        if piece.isspace():
            kept = " "
        elif _NUMBER.fullmatch(piece):
            kept = piece if len(piece) <= _LONGEST_NUMBER and piece.isascii() else BLOT
        elif piece.isalpha():
            kept = piece if piece in _own_words() else BLOT
        else:
            kept = piece if piece.isascii() and piece.isprintable() else BLOT
        if not (kept == BLOT and made and made[-1] == BLOT):
            made.append(kept)
    return "".join(made).strip()


@cache
def _own_words() -> frozenset[str]:
    """Every word in the log messages and errors of the source; none where there is no source (a bundled program)."""
    words: set[str] = set()
    for package in _OWN:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for file in Path(folder).rglob("*.py"):
                try:
                    source = file.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError):
                    continue
                for found in _SAYS.finditer(source):
                    words.update(re.findall(r"[^\W\d_]+", re.sub(r"\{[^}]*\}", " ", found["text"])))
    return frozenset(words)
