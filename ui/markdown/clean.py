"""Makes text from a model or a file fit for a Qt document and for the eyes: no broken characters, no hidden turns.

A ``QTextDocument`` gives a few characters a meaning of its own (frame marks, paragraph separators, embedded
objects), lone surrogates cannot be handed to Qt at all, and bidirectional overrides can make text read other than
it is ("Trojan Source", CVE-2021-42574).
"""

from __future__ import annotations

import re

_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f"  # control characters except tab and newline
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ufdd0-\ufdef\ufffc\ufffe\uffff\ud800-\udfff]"  # Qt's frame marks, object marks, lone surrogates
)


def clean(text: str) -> str:
    """``text`` with ``\\n`` line ends and every unsafe character shown as U+FFFD, so that nothing is hidden."""
    return _UNSAFE.sub("\ufffd", _LINE_ENDS.sub("\n", text))
