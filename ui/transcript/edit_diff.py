"""What the user changed in a reply, as marks and as a sentence for screen readers."""

from __future__ import annotations

import difflib
import re

from PySide6.QtCore import QObject

from ui.transcript.marked_text import Kind, Mark

_PART = re.compile(r"\s+|[㐀-鿿぀-ヿ]|[^\s㐀-鿿぀-ヿ]+")
_MOST = 4000  # words of each text that are compared one by one; what lies behind is compared as a whole


def changes(old: str, new: str) -> list[tuple[Kind, str]]:
    """("", kept), ("removed", of the old text) and ("added", of the new one), in reading order.

    Kept and removed parts, joined, are ``old``; kept and added ones are ``new``.
    """
    before, after = _parts(old), _parts(new)
    found: list[tuple[Kind, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("", "".join(before[a:b])))
            continue
        if a < b:
            found.append(("removed", "".join(before[a:b])))
        if c < d:
            found.append(("added", "".join(after[c:d])))
    return _calmed(found)


def _parts(text: str) -> list[str]:
    parts = _PART.findall(text)
    return parts if len(parts) <= _MOST else [*parts[:_MOST], "".join(parts[_MOST:])]


def _calmed(found: list[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """A lone space that was kept between two changes belongs to both: otherwise every word is a change of its own."""
    calm: list[tuple[Kind, str]] = []
    for at, (kind, text) in enumerate(found):
        inside = 0 < at < len(found) - 1
        if kind == "" and inside and not text.strip() and "\n" not in text:
            calm += [("removed", text), ("added", text)]
        else:
            calm.append((kind, text))
    merged: list[tuple[Kind, str]] = []
    removed = added = ""
    for kind, text in [*calm, ("", "")]:
        if kind == "removed":
            removed += text
        elif kind == "added":
            added += text
        else:
            merged += [("removed", removed)] if removed else []
            merged += [("added", added)] if added else []
            merged += [("", text)] if text else []
            removed = added = ""
    return merged


def marks_of_edit(old: str, new: str) -> tuple[list[Mark], str]:
    """(marks with a note at the end, what a screen reader says)."""
    say = _Words()
    found = changes(old, new)
    marks = [Mark(text, kind, say.tip(kind)) for kind, text in found]
    return [*marks, Mark("\n\n"), *say.legend(), Mark("\n" + say.note(), "caption")], say.spoken(found, new)


class _Words(QObject):
    def tip(self, kind: Kind) -> str:
        return {"added": self.tr("Added by you"), "removed": self.tr("Removed by you")}.get(kind, "")

    def legend(self) -> list[Mark]:
        return [Mark(self.tr("removed"), "removed"), Mark("  "), Mark(self.tr("added"), "added")]

    def note(self) -> str:
        return self.tr(
            "Your version is learned from; the conversation goes on from the reply as it was written."
        )

    def spoken(self, found: list[tuple[Kind, str]], new: str) -> str:
        parts = [self.tr("Your version: {0}").format(new)]
        for kind, text in found:
            if kind and text.strip():
                words = self.tr("Removed: {0}.") if kind == "removed" else self.tr("Added: {0}.")
                parts.append(words.format(text.strip().rstrip(".")))
        return " ".join(parts)
