"""What was recognised in a picture, in the words of the window's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from assistant.records import Recognition


def recognition_text(seen: Recognition | None) -> str:
    """``cat (95 %), maybe Egyptian cat · text: EXIT``; empty when nothing was recognised."""
    if seen is None:
        return ""
    translate = QCoreApplication.translate
    parts = []
    if seen.objects:
        (name, share), *others = seen.objects
        words = translate("Recognition", "{0} ({1} %)").format(name, round(100 * share))
        if others:
            words += translate("Recognition", ", maybe {0}").format(", ".join(name for name, _ in others))
        parts.append(words)
    if seen.text:
        parts.append(translate("Recognition", "text: {0}").format(" / ".join(seen.text.split("\n"))))
    return " · ".join(parts)
