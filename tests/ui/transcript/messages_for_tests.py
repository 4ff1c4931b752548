"""Messages as the transcript is given them."""

from assistant.records import Generation, Message
from ui.transcript.message_view import MessageView

GENERATION = Generation("Starter", "v7", 120, 213, 0.21, 118.4, "stop", 42)


def view(number: int, role: str, text: str, **more) -> MessageView:
    """Message ``number``; what ``MessageView`` has fields for goes there, the rest into the message."""
    outside = {
        k: more.pop(k)
        for k in list(more)
        if k in ("sibling_index", "sibling_count", "rating", "image_paths", "note", "edited")
    }
    message = Message(f"{number:032x}", "c" * 32, None, role, text, "2026-01-01T00:00:00Z", **more)
    return MessageView(message, **outside)


def ident(number: int) -> str:
    return f"{number:032x}"
