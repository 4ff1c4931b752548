"""What one request of the checked list is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.evaluation.chat.checks import Check

KINDS = (
    "fact", "arithmetic", "instruction", "rewriting", "extraction", "translation", "code", "honesty", "writing",
    "language",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """``right`` and ``wrong`` are replies that must pass and fail: they test the check, not a model."""

    id: str
    kind: str
    text: str
    check: Check
    right: str
    wrong: str
    before: tuple[tuple[str, str], ...] = ()  # (role, text) of the turns before it
    max_tokens: int = 256

    @property
    def language(self) -> str:
        return self.id[:2]
