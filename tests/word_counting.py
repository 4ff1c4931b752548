"""Stands in for a model where a prompt is built: it counts words."""

from __future__ import annotations

from typing import Any


class Words:
    """A model that counts words, five more for each message and ten a picture."""

    def __init__(self, context_length: int = 200, can_see: bool = True) -> None:
        self.context_length, self.can_see = context_length, can_see

    def count_tokens(self, messages: list[dict[str, Any]], n_images: int) -> int:
        total = 10 * n_images
        for message in messages:
            content = message["content"]
            text = content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)
            total += 5 + len(text.split())
        return total
