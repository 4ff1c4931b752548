"""Reads from the store what the transcript shows. Called on the writing thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.records import Conversation, Message
from assistant.services.continuing import was_cut
from ui.ratings.words import version_names
from ui.transcript.message_view import MessageView

if TYPE_CHECKING:
    from assistant.store import Store


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as it is shown. ``jump_to`` is the message a search led to."""

    conversation: Conversation
    views: tuple[MessageView, ...]
    jump_to: str = ""
    folder_instructions: str = ""  # of the folder it is in


def open_conversation(store: Store, conversation_id: str, jump_to: str = "") -> Opened:
    """The branch being looked at; with ``jump_to`` the branch through that message. Raises NotFound."""
    if jump_to:
        store.set_leaf(conversation_id, store.last_leaf_under(jump_to))
    conversation = store.conversation(conversation_id)
    told = store.folder_instructions().get(conversation.folder, "") if conversation.folder else ""
    return Opened(conversation, views_of(store, store.branch(conversation.leaf_id)), jump_to, told)


def views_of(store: Store, messages: Sequence[Message]) -> tuple[MessageView, ...]:
    """What surrounds each message: its branches, its thumb, the files of its pictures."""
    siblings = store.sibling_ids([message.id for message in messages])
    names = _style_names(store, {m.generation.model for m in messages if m.generation and m.generation.style})
    return tuple(
        _view(store, message, siblings.get(message.id, (message.id,)), names) for message in messages
    )


def view_of(store: Store, message_id: str) -> MessageView:
    """One message as it is now. Raises NotFound."""
    return views_of(store, [store.message(message_id)])[0]


def _style_names(store: Store, models: set[str]) -> dict[str, str]:
    """Version id -> what it is called."""
    return {version: name for model in models for version, name in version_names(store, model).items()}


def _view(store: Store, message: Message, siblings: tuple[str, ...], names: Mapping[str, str]) -> MessageView:
    given = store.ratings_of(message.id) if message.role == "assistant" else []
    rating = next((r for r in reversed(given) if r.kind in ("thumb", "stars") and not r.reply), None)
    edits = [r.text for r in given if r.kind == "edit" and r.message_id == message.id]  # at most one
    stars = rating.value if rating is not None and rating.kind == "stars" else 0
    return MessageView(
        message=message,
        sibling_index=siblings.index(message.id),
        sibling_count=len(siblings),
        rating=rating.value if rating is not None and rating.kind == "thumb" else None,
        stars=stars,
        edited=edits[-1] if edits else "",
        style_name=names.get(message.generation.style or "", "") if message.generation else "",
        can_continue=was_cut(message) and not edits and not store.is_answered(message.id),
        image_paths=tuple(str(store.attachment_path(a.sha256)) for a in message.attachments),
    )
