"""Text that was read in a picture: data from whoever made it, made unable to pass for anything else."""

from __future__ import annotations

import unicodedata

LONGEST_READ_TEXT = 600  # characters of text read in one picture that go into the prompt
_LOOK_ALIKES = str.maketrans({"[": "(", "]": ")", '"': "'", "“": "'", "”": "'", "<": "‹", ">": "›", "|": "¦"})


def plain(text: str, longest: int = LONGEST_READ_TEXT) -> str:
    """Text that cannot end the line, its quotes or its brackets, nor form a control token; cut to ``longest``."""
    lines = " / ".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
    visible = "".join(c for c in unicodedata.normalize("NFC", lines) if unicodedata.category(c)[0] != "C")
    safe = visible.translate(_LOOK_ALIKES)
    return safe if len(safe) <= longest else safe[: longest - 1].rstrip() + "…"
