"""The store: conversations, messages, attachments, ratings and style versions, safe on the user's disk."""

from assistant.store.store import Store

__all__ = ["Store"]
