"""Token ids to text as they come, never splitting a character.

A Chinese character or an emoji is often two to four byte tokens; a piece of one decodes to U+FFFD. Text is
held back until its bytes are whole. (The two-offset scheme is the one of vLLM's and
text-generation-inference's ``detokenize_incrementally``: decode a short window twice, so that tokenizers
which strip or add a leading space say the same as when decoding everything at once.)
"""

from __future__ import annotations

from typing import Any

_BROKEN = "\ufffd"
_LONGEST_WAIT = 8  # ids; a character has at most 4 bytes, so what is still broken after this stays broken


class Detokenizer:
    """Feed ids with ``push``; the texts it gives, joined, are the text of all ids."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._start = 0  # the window decoded again begins here,
        self._read = 0  # and its text up to here has been given away

    def push(self, id: int) -> str:
        """The text that became certain with this id (often empty within a character)."""
        self._ids.append(id)
        before, now = self._window()
        if len(now) > len(before) and not now.endswith(_BROKEN):
            return self._advance(len(self._ids), now[len(before) :])
        if len(self._ids) - self._read > _LONGEST_WAIT:
            # Bytes that are no text at all, or tokens without one: let go of those that can no longer become
            # any.
            end = len(self._ids) - 4
            settled = self._decode(self._ids[self._start : end])
            return self._advance(end, settled[len(before) :])
        return ""

    def finish(self) -> str:
        """What is left; the bytes of a character that was cut off are dropped."""
        before, now = self._window()
        return self._advance(len(self._ids), now[len(before) :].rstrip(_BROKEN))

    def _window(self) -> tuple[str, str]:
        before = self._decode(self._ids[self._start : self._read])
        return before, self._decode(self._ids[self._start :])

    def _advance(self, read: int, text: str) -> str:
        self._start, self._read = self._read, read
        return text

    def _decode(self, ids: list[int]) -> str:
        if not ids:
            return ""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text
