"""A tokenizer whose tokens are given texts, for tests of what is done to single tokens."""

from __future__ import annotations


class Characters:
    """A tokenizer whose tokens are these texts."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def convert_ids_to_tokens(self, ids):
        return [self.texts[id] for id in ids]

    def convert_tokens_to_string(self, tokens):
        return "".join(tokens)
