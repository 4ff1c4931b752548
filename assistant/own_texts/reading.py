"""Files of the user's to texts that a style can learn from. Files and mail are read in confined processes."""

from __future__ import annotations

import atexit
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import BadInput
from assistant.learning.checks import answered
from assistant.own_texts import prompts
from assistant.sandbox import Worker, read_file

MAX_MAIL_BYTES = 120_000_000
MAX_CHARACTERS = 400_000  # of one text that is looked at
_MAIL = (".eml", ".mbox", ".mbx")
_READ = (".txt", ".md", ".markdown", ".docx", ".text", "")


@dataclass(frozen=True, slots=True)
class Found:
    """One text to learn from. ``sender``: of a mail, in lower case."""

    name: str
    text: str
    kind: str = ""
    prompt: str = ""
    sender: str = ""

    @property
    def words(self) -> int:
        return round(answered.words(self.text))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in some files. ``refused``: one sentence for each file that gave nothing."""

    found: tuple[Found, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def senders(self) -> dict[str, int]:
        """Whose mails they are: address -> how many, most first."""
        return dict(Counter(text.sender for text in self.found if text.sender).most_common())

    def of(self, sender: str) -> Reading:
        """Without the mails of others than ``sender``."""
        wanted = sender.strip().lower()
        kept = tuple(text for text in self.found if not text.sender or text.sender == wanted)
        return Reading(kept, self.refused)


def read(paths: Sequence[Path]) -> Reading:
    """Every text in some files. Blocks while they are read: not for a GUI thread."""
    found: list[Found] = []
    refused: list[str] = []
    for path in paths:
        try:
            found += _mails(path) if path.suffix.lower() in _MAIL else _file(path)
        except BadInput as error:
            refused.append(str(error))
    return Reading(tuple(found), tuple(refused))


def pasted(text: str, name: str = "") -> list[Found]:
    """Texts to learn from in one that was typed or pasted. Raises BadInput where there is too little."""
    text = text.strip()
    title = name or _begun(text) or "The text"
    if not text:
        raise BadInput(f"{title} is empty." if name else "Paste or write a text first.")
    if answered.words(text) < prompts.LEAST_WORDS:
        raise BadInput(f"{title} is too short to show how you write; a few sentences are needed.")
    kind = prompts.kind_of(text)
    pieces = prompts.parts(text[:MAX_CHARACTERS])
    several = len(pieces) > 1
    return [
        Found(
            f"{title} ({at})" if several else title, piece, "" if several and kind == "letter" else kind,
            prompts.prompt_of(piece, kind, part=several),
        )
        for at, piece in enumerate(pieces, 1)
    ]  # fmt: skip


def _begun(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39].rstrip() + "…"


def _file(path: Path) -> list[Found]:
    from assistant.files.intake import intake

    if path.suffix.lower() not in _READ:
        raise BadInput(f"{path.name} cannot be learned from; txt, md, docx, eml and mbox files can.")
    return pasted(intake(path).document.text, path.name)


def _mails(path: Path) -> list[Found]:
    data = read_file(path, path.name, MAX_MAIL_BYTES, "file")
    if not data.strip():
        raise BadInput(f"{path.name} is empty.")
    if len(data) > MAX_MAIL_BYTES:
        raise BadInput(
            f"{path.name} is larger than {MAX_MAIL_BYTES // 1_000_000} MB, the most a mailbox may have."
        )
    told, rows = _worker.decode(data, path.name)
    if "refused" in told:
        raise BadInput(f"{path.name} {told['refused']}")
    found = []
    for sender, subject, text in json.loads(rows):
        if answered.words(text) >= prompts.LEAST_WORDS and answered.words(text) <= 2 * prompts.PART_WORDS:
            name = subject or _begun(text)
            found.append(Found(name, text, "email", prompts.prompt_of(text, "email", subject), sender))
    if not found:
        raise BadInput(f"{path.name} has no mail with a few sentences of its own.")
    return found


def _body() -> Any:
    from assistant.own_texts import mail_reader

    return mail_reader.run


_worker = Worker(_body, "attune-mail")
atexit.register(_worker.close)
