"""The store's files for people and other programs: export and import, backup, ratings.jsonl."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from assistant.errors import BadInput, StoreError
from assistant.records import Attachment
from assistant.store import archive, documents, import_writing, json_exchange, ratings_file, rows
from assistant.store.attachments import write_file
from assistant.store.snapshots import snapshot
from assistant.store.training_formats import RatingForm, chat_lines, rating_lines

DocumentForm = Literal["markdown", "html", "text", "openai", "sharegpt"]


class Files(import_writing.Contents, ratings_file.Rated):
    def export_json(self, path: Path, conversation_ids: Sequence[str] | None = None) -> dict[str, int]:
        """Write everything, or some conversations, as JSON that comes back; how many of each."""
        return json_exchange.export_json(self, path, conversation_ids)

    def import_file(self, path: Path, *, confirmed: bool = False) -> import_writing.ImportReport:
        """Take in what ``export_json`` or another program (``assistant.imports``) wrote; twice adds nothing.

        ``confirmed``: its ratings may train. BadInput: nothing was changed.
        """
        from assistant import imports

        incoming = imports.read(path, confirmed=confirmed)
        if not self.read_only:
            snapshot.before(self.paths, "import")
        return import_writing.add(self, incoming, self._take_in)

    def preview_import(self, path: Path) -> import_writing.ImportReport:
        """What ``import_file`` would add. BadInput."""
        from assistant import imports

        return import_writing.preview(self, imports.read(path))

    def export_document(
        self, path: Path, form: DocumentForm, conversation_ids: Sequence[str] | None = None
    ) -> int:
        """Write conversations (None: all), as they are looked at, to one document or, for training, a line each; how many.

        Raises NotFound, StoreError.
        """
        found = self._as_looked_at(conversation_ids)
        try:
            if form == "openai" or form == "sharegpt":
                lines = [rows.to_json(line) for line in chat_lines(found, form, self.attachment_path)]
                write_file(path, "".join(line + "\n" for line in lines).encode("utf-8"))
                return len(lines)
            write = {"markdown": documents.markdown, "html": documents.html, "text": documents.plain}[form]
            text = write(found, self.attachment_path)
        except OSError as error:
            raise StoreError(f"A picture could not be read: {error.strerror or error}.") from error
        write_file(path, text.encode("utf-8"))
        return len(found)

    def _as_looked_at(self, conversation_ids: Sequence[str] | None) -> list[documents.Document]:
        if conversation_ids is not None:
            chosen = [self.conversation(conversation_id) for conversation_id in conversation_ids]
        else:
            chosen, before = [], None
            while page := self.conversations(200, before):
                chosen += page
                before = page[-1].id
        return [(conversation, self.as_edited(self.branch(conversation.leaf_id))) for conversation in chosen]

    def export_ratings(self, path: Path) -> ratings_file.RatingsReport:
        """Write ``ratings.jsonl``, pictures beside it."""
        return ratings_file.export_ratings(self, path, self.attachment_path)

    def export_ratings_for_training(self, path: Path, form: RatingForm) -> ratings_file.RatingsReport:
        """Write the ratings that were not taken back in a form of TRL's; ``added`` counts lines, ``left_out`` ratings."""
        lines: list[str] = []
        left_out = 0
        for rating in self.ratings():
            made = rating_lines(self.with_texts(rating), form)
            lines += [rows.to_json(line) for line in made]
            left_out += not made
        write_file(path, "".join(line + "\n" for line in lines).encode("utf-8"))
        return ratings_file.RatingsReport(added=len(lines), left_out=left_out)

    def import_ratings(
        self, path: Path, *, confirmed: bool = False, line: str = ""
    ) -> ratings_file.RatingsReport:
        """Take in a ``ratings.jsonl``, all of it or nothing (BadInput). Unconfirmed ratings do not train."""
        return ratings_file.import_ratings(self, path, self._attach, confirmed=confirmed, line=line)

    def backup_to(self, path: Path, lock: archive.Lock | None = None) -> archive.ArchiveReport:
        """Everything but models and logs in one file, encrypted with a ``lock``; ``archive.restore`` puts it back."""
        return archive.write(self, self.paths, path, lock)

    def _take_in(self, data: bytes, name: str) -> Attachment:
        from assistant.attachment_intake import keep, take

        return keep(self, take(data, name))[0]

    def _attach(self, path: Path) -> Attachment:
        from assistant.vision import intake

        if not path.is_file():
            raise BadInput(f"There is no picture {path}.")
        return self.add_attachment(intake(path))
