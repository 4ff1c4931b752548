"""What the style did to a reply, for the quiet mark under it: whether it had a part in it, and which learned traits it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.records import Message

if TYPE_CHECKING:
    from assistant.learning.style_queries import LearnedTrait
    from assistant.store import Store

MOST = 2  # traits that are named


def steered(message: Message) -> bool:
    """Whether a style version or the ratings had a part in writing a reply."""
    made = message.generation
    if made is None:
        return False
    how = made.details
    return bool(made.style or how.guided_steps or (how.best_of is not None and how.best_of.chosen))


def shown_traits(store: Store, model: str, message: Message, line: str = "") -> tuple[LearnedTrait, ...]:
    """The traits that the user likes, is known to like, and finds in this reply, the most telling first.

    None where the style had no part in it: a reply may be short by itself.
    """
    from assistant.learning import style_queries

    if not steered(message) or not message.text:
        return ()
    known = {
        trait.name: trait
        for trait in style_queries.style(store, model, line).traits
        if trait.certainty >= style_queries.LEAST_CERTAINTY
        and abs(trait.weight) >= style_queries.LEAST_WEIGHT
    }
    _, shares = style_queries.why(store, model, message.text, most=2 * MOST + 4, line=line)
    found = [known[share.name] for share in shares if share.adds > 0 and share.name in known]
    return tuple(found[:MOST])


def original_of(store: Store, message: Message) -> Message | None:
    """A finished reply to the same message that no style had a part in, if there is one."""
    return next(
        (
            other
            for other in store.siblings(message.id)
            if other.id != message.id
            and other.role == "assistant"
            and other.text
            and other.generation is not None
            and not other.error
            and not steered(other)
        ),
        None,
    )
