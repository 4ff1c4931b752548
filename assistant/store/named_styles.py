"""Named styles: each a line of its own versions, taught by the ratings given where it is chosen.

The user's own style is the line "" and always there. Ratings and versions name the line they belong to.
"""

from __future__ import annotations

from assistant.errors import BadInput, NotFound
from assistant.records import LONGEST_STYLE_NAME, STYLE_ID
from assistant.store.connection import Connection, clean, now

MOST = 50


class Lines(Connection):
    def lines(self) -> list[str]:
        """The names of the user's named styles, in the order they were made."""
        return [row["name"] for row in self._rows("SELECT name FROM style_line ORDER BY rowid")]

    def line(self, name: str) -> str:
        """A named style as it is written, however the name is (upper or lower case); "" is the user's own.

        Raises NotFound.
        """
        wanted = _tidy(name)
        for line in ("", *self.lines()):
            if line.casefold() == wanted.casefold():
                return line
        raise NotFound(f"There is no style called {wanted}.")

    def add_line(self, name: str) -> str:
        """A new named style; one that is there already is given back as it is written. Raises BadInput."""
        name = _tidy(name)
        if not name:
            raise BadInput("Give the style a name.")
        if len(name) > LONGEST_STYLE_NAME:
            raise BadInput(f"A style's name has {LONGEST_STYLE_NAME} characters at most.")
        with self.transaction():
            try:
                return self.line(name)
            except NotFound:
                if len(self.lines()) >= MOST:
                    raise BadInput(f"There are {MOST} styles already; remove one first.") from None
                self._insert("style_line", {"name": name, "created_at": now()})
                return name

    def remove_line(self, name: str) -> list[str]:
        """Remove a named style; the ids of its versions, whose folders can go.

        Conversations in it go on in the user's own style. Its ratings and own texts stay and teach nothing. Raises
        NotFound.
        """
        line = self.line(name)
        if not line:
            raise BadInput("Your own style can be reset, but not removed.")
        with self.transaction():
            versions = [
                row["id"] for row in self._rows("SELECT id FROM style_version WHERE line = ?", [line])
            ]
            self._write("DELETE FROM style_current WHERE line = ?", [line])
            for version in versions:
                self._update("style_version", "id", version, {"state": "deleted"})
                self._write("UPDATE rating SET fate = 'pending' WHERE fate = ?", [f"used:{version}"])
            self._write("UPDATE conversation SET line = '', style = '' WHERE line = ?", [line])
            self._write("DELETE FROM card_entry WHERE line = ?", [line])
            self._write("DELETE FROM style_line WHERE name = ?", [line])
        return [version for version in versions if STYLE_ID.fullmatch(version)]


def _tidy(name: str) -> str:
    return clean(" ".join(name.split()))
