"""From what the user did (ratings) to what learning uses: a reward and an advantage for each reply.

The table in docs/learning.md is this file. A ``Signal`` is plain data, travels in a learning job and loads nothing
heavy. Token ids of a reply are its own, as written: never made again from its text.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.errors import BadInput
from assistant.learning import feedback_reasons
from assistant.learning_records import Kind as Kind
from assistant.learning_records import Reply as Reply
from assistant.learning_records import Signal as Signal
from assistant.records import OwnText, Rating, Turn

PAIR_ADVANTAGE = 0.5
KEPT_ADVANTAGE = 0.3
EDIT_WEIGHT = 2.0
KEPT_WEIGHT = 0.3
LONGEST_REPLY = 200_000  # characters; more is no reply
LONGEST_EDIT = 8000  # characters of a reply in which changes are looked for


def advantage(signal: Signal, mean_stars: float = 3.0) -> float:
    """How much the rated reply is to be made likelier, in -1..1 (LEARNING table, column "policy")."""
    if signal.kind == "thumb":
        return float(signal.value)
    if signal.kind == "stars":
        return max(-1.0, min(1.0, (signal.value - mean_stars) / 2.0))
    if signal.kind == "pair":
        return PAIR_ADVANTAGE
    if signal.kind == "kept":
        return KEPT_ADVANTAGE
    return 0.0 if signal.kind == "note" else 1.0


def mean_stars(signals: Iterable[Signal]) -> float:
    """The user's own mean, drawn towards 3 as if they had given two threes before."""
    stars = [s.value for s in signals if s.kind == "stars"]
    return (sum(stars) + 6.0) / (len(stars) + 2.0)


@dataclass(frozen=True, slots=True)
class Weighted:
    """A reply with its advantage: what the policy loss sees."""

    signal: Signal
    reply: Reply
    advantage: float
    # Characters of an edited reply that the edit is about, its end as the one after the last; None: all of the reply.
    spans: tuple[tuple[int, int], ...] | None = None


def weighted(signals: Sequence[Signal]) -> list[Weighted]:
    """Every reply in the ratings that has an advantage other than zero."""
    centre = mean_stars(signals)
    found: list[Weighted] = []
    for s in signals:
        a = advantage(s, centre)
        if s.kind == "kept":  # only the reply that was dropped is evidence: (A(old) = -0.3)
            if s.other is not None:
                found.append(Weighted(s, s.other, -a))
            continue
        removed = added = None
        if s.kind == "edit" and s.other is not None:
            removed, added = edited_spans(s.other.text, s.reply.text)
        if s.kind == "text":  # learned from by itself as well, beside the comparison with the model's own
            added = ((0, len(s.reply.text) + 1),)
        if a != 0.0:
            found.append(Weighted(s, s.reply, a, added))
        if s.other is not None:
            negative = edit_distance(s.other.text, s.reply.text) if s.kind == "edit" else a
            if negative > 0:
                found.append(Weighted(s, s.other, -negative, removed))
    return found


def edited_spans(before: str, after: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """Character ranges of ``before`` that the user removed and of ``after`` that the user wrote, in whole words.

    Where the last words were changed, the place after the last character counts, too: ending there is part of the edit.
    """
    old, new = (text[:LONGEST_EDIT].split(" ") for text in (before, after))
    starts = []
    for words in (old, new):
        at = [0]
        for word in words:
            at.append(at[-1] + len(word) + 1)
        starts.append(at)
    ranges: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for op, i1, i2, j1, j2 in changes:
        for side, first, last in ((0, i1, i2), (1, j1, j2)):
            if op != "equal" and last > first:
                ranges[side].append((starts[side][first], starts[side][last] - 1))
    if changes and changes[-1][0] != "equal":
        for side, text in enumerate((before, after)):
            if len(text) <= LONGEST_EDIT:
                joins = ranges[side] and ranges[side][-1][1] == len(text)
                first = ranges[side].pop()[0] if joins else len(text)
                ranges[side].append((first, len(text) + 1))
    return tuple(ranges[0]), tuple(ranges[1])


def edit_distance(before: str, after: str) -> float:
    """0 (same) to 1 (nothing in common), over words."""
    return (
        1.0
        - difflib.SequenceMatcher(
            None, before[:LONGEST_EDIT].split(), after[:LONGEST_EDIT].split(), autojunk=False
        ).ratio()
    )


def usable(signals: Iterable[Signal]) -> tuple[list[Signal], list[tuple[str, str]]]:
    """Split off what cannot teach anything: (usable, [(rating id, why not)])."""
    good: list[Signal] = []
    bad: list[tuple[str, str]] = []
    for s in signals:
        if not s.reply.text.strip():
            bad.append((s.id, "the reply is empty"))
        elif s.reply.finish == "failed":
            bad.append((s.id, "the reply was cut off by an error"))
        elif s.other is not None and s.other.text == s.reply.text:
            bad.append((s.id, "both replies are the same"))
        elif not any(turn.text.strip() or turn.images or turn.sounds or turn.files for turn in s.prompt):
            bad.append((s.id, "the prompt is empty"))
        else:
            good.append(s)
    return good, bad


def contradictions(signals: Sequence[Signal]) -> int:
    """How many thumbs say the opposite of another thumb on the very same prompt and reply."""
    sides: dict[tuple[str, str], set[int]] = {}
    for s in signals:
        if s.kind == "thumb":
            sides.setdefault((s.asked, s.reply.text), set()).add(s.value)
    return sum(1 for values in sides.values() if len(values) > 1)


def from_text(text: OwnText, model: str | None, system_prompt: str = "") -> Signal:
    """A text of the user's own: a demonstration, preferred over what ``model`` writes to the request inferred from it
    (DITTO, arXiv 2406.00888). Another model's reply to it is left out where a model is named."""
    system = (Turn("system", system_prompt),) if system_prompt else ()
    known = bool(text.reply) and model in (None, text.model)
    return Signal(
        id=text.id, kind="text", value=1, at=text.created_at,
        prompt=(*system, Turn("user", text.prompt)), reply=_cut(Reply(text.text)),
        other=_cut(Reply(text.reply)) if known else None, conversation=text.id,
    )  # fmt: skip


def from_rating(
    rating: Rating,
    *,
    prompt: Sequence[Turn] | None = None,
    reply: Reply | None = None,
    other: Reply | None = None,
    conversation: str = "",
) -> Signal | None:
    """Read a stored rating; ``prompt`` (the turns), ``reply`` and ``other`` come from its messages, else from its own
    texts.

    None for ties, withdrawn ratings and notes without a known reason, which teach nothing.
    Raises BadInput if the value is out of range.
    """
    said = feedback_reasons.read(rating.note)
    if rating.withdrawn_at is not None or (rating.kind == "note" and not said):
        return None
    if rating.kind == "pair" and rating.value == 0:
        return None
    if rating.kind == "thumb" and rating.value not in (-1, 1):
        raise BadInput(f"A thumb is 1 or -1, not {rating.value}.")
    if rating.kind == "stars" and not 1 <= rating.value <= 5:
        raise BadInput(f"Stars go from 1 to 5, not {rating.value}.")
    if prompt is None:
        prompt = (*history_of(rating), Turn("user", rating.prompt))
    better = reply if reply is not None else Reply(rating.reply)
    worse = other if other is not None else (Reply(rating.other) if rating.other else None)
    if rating.kind == "edit":  # what the user made of it is the better one, the reply itself the worse
        worse = worse if rating.message_id is None and worse is not None else better
        better = Reply(rating.text or rating.reply)
    elif rating.kind in ("pair", "kept") and rating.value < 0 and worse is not None:
        better, worse = worse, better
    return Signal(
        id=rating.id, kind=rating.kind, value=rating.value, at=rating.created_at, prompt=tuple(prompt),
        reply=_cut(better), other=None if worse is None else _cut(worse), conversation=conversation,
        reasons=said,
    )  # fmt: skip


def history_of(rating: Rating) -> tuple[Turn, ...]:
    """The turns before the prompt that an imported rating brought along."""
    roles: dict[str, Literal["system", "user", "assistant"]] = {
        "system": "system", "user": "user", "assistant": "assistant",
    }  # fmt: skip
    return tuple(
        Turn(roles[m["role"]], str(m.get("content", ""))) for m in rating.history if m.get("role") in roles
    )


def _cut(reply: Reply) -> Reply:
    return reply if len(reply.text) <= LONGEST_REPLY else replace(reply, text=reply.text[:LONGEST_REPLY])
