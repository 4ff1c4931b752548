"""Texts that the user wrote, as a style learns from them: taken in, listed, removed. Loads no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import BadInput
from assistant.own_texts import reading
from assistant.own_texts.reading import Found, Reading
from assistant.records import OwnText
from assistant.services.learning import Forgetting, LearningService

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.store import Store


@dataclass(frozen=True, slots=True)
class Added:
    texts: tuple[OwnText, ...] = ()
    already: int = 0  # were there before
    refused: tuple[str, ...] = ()  # a sentence for each file that gave nothing


class OwnTextsService:
    def __init__(self, store: Store, paths: DataPaths) -> None:
        self._store, self._paths = store, paths

    def texts(self, line: str = "") -> list[OwnText]:
        """The texts that a style learns from, in the order they were added."""
        return self._store.own_texts(line)

    def read(self, files: Sequence[Path]) -> Reading:
        """What is in some files; nothing is kept. Blocks while they are read."""
        return reading.read(files)

    def add(self, found: Reading, line: str = "", *, sender: str = "") -> Added:
        """Keep what was found. Of mails only those that ``sender`` wrote; raises BadInput, naming the addresses, where it is
        not said whose they are."""
        senders = found.senders
        if senders:
            if not sender:
                most = ", ".join(list(senders)[:5])
                raise BadInput(f"Say which address is yours, so that only your own mails are taken: {most}.")
            if sender.strip().lower() not in senders:
                raise BadInput(f"None of these mails is from {sender}.")
            found = found.of(sender)
        return self._keep(found.found, found.refused, line)

    def paste(self, text: str, line: str = "") -> Added:
        """Keep a text that was typed or pasted. Raises BadInput."""
        return self._keep(reading.pasted(text), (), line)

    def _keep(self, found: Sequence[Found], refused: tuple[str, ...], line: str) -> Added:
        kept = []
        with self._store.transaction():
            for text in found:
                made = self._store.add_own_text(
                    text.name, text.text, prompt=text.prompt, kind=text.kind, line=line
                )
                if made is not None:
                    kept.append(made)
        return Added(tuple(kept), len(found) - len(kept), refused)

    def remove(self, model: str, ids: Sequence[str]) -> Forgetting | None:
        """Remove texts so that no file holds them any more, backups included; what still knows of them, None: nothing does.

        ``ids`` may be beginnings of ids, as the command line shows them. Raises NotFound, StoreError.
        """
        whole = [self._whole(text_id) for text_id in ids]
        trained = self._store.erase(texts=whole)
        return LearningService(self._store, self._paths).forgetting(model, trained)

    def _whole(self, text_id: str) -> str:
        begun = [t.id for t in self._store.own_texts(None) if len(text_id) >= 4 and t.id.startswith(text_id)]
        return begun[0] if len(begun) == 1 else self._store.own_text(text_id).id
