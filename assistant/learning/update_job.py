"""A learning job: what the engine needs for one update, as plain JSON, gathered from the store. Loads no torch."""

from __future__ import annotations

import uuid
from typing import Any

from assistant import conversation as tree
from assistant.errors import NotFound
from assistant.learning import feedback
from assistant.records import Rating, Turn

CORRECTIONS = "style corrections"  # store value: trait name -> weight that the user set
KL_SHARE = {"careful": 0.4, "normal": 0.9, "bold": 1.0}  # of the gate's limit, by settings.learn_strength


def corrections_key(line: str) -> str:
    """The store's value that holds what the user corrected in a style."""
    return f"{CORRECTIONS} of {line}" if line else CORRECTIONS


def collect(
    store: Any,
    model: str | None = None,
    line: str = "",
    newest: int | None = None,
    *,
    system_prompt: str = "",
) -> list[feedback.Signal]:
    """Every confirmed rating and every text of the user's own that can teach the style ``line``, oldest first, whichever
    model was rated.

    ``newest``: only the last so many ratings. ``model`` is the one to be taught: its own replies come as the token
    ids they were, all others as texts. ``system_prompt``: the one in use where a conversation has none of its own
    (needed only by who trains on the prompts).
    """
    found: list[feedback.Signal] = []
    for rating in store.ratings(line=line, confirmed=True, limit=newest):
        try:
            signal = _signal(store, rating, model, system_prompt)
        except NotFound:  # its reply was deleted between two looks at the store
            continue
        if signal is not None:
            found.append(signal)
    found += [feedback.from_text(text, model, system_prompt) for text in store.own_texts(line)]
    return sorted(found, key=lambda s: (s.at, s.id))


def _signal(store: Any, rating: Rating, model: str | None, system_prompt: str) -> feedback.Signal | None:
    if rating.message_id is None:
        return feedback.from_rating(rating, prompt=_imported(store, rating, system_prompt))
    message = store.message(rating.message_id)
    own = store.conversation(message.conversation_id).system_prompt
    prompt = tree.turns(
        store.branch(message.parent_id) if message.parent_id else (),
        own or system_prompt,
        store.attachment_path,
    )
    reply = (
        feedback.Reply(rating.reply) if rating.reply else _reply(message, model)
    )  # it has been continued since
    other = _reply(store.message(rating.other_id), model) if rating.other_id else None
    if rating.other_id and rating.other:
        other = feedback.Reply(rating.other)
    return feedback.from_rating(
        rating, prompt=prompt, reply=reply, other=other, conversation=message.conversation_id
    )


def _imported(store: Any, rating: Rating, system_prompt: str) -> tuple[Turn, ...]:
    """The turns of a rating that came without a conversation, as the chat would send them."""
    pictures = [store.attachment(sha) for sha in rating.images]
    asked = Turn(
        "user", rating.prompt, tuple(str(store.attachment_path(p.sha256)) for p in pictures),
        tuple(p.recognition for p in pictures),
    )  # fmt: skip
    turns = (*feedback.history_of(rating), asked)
    if system_prompt and not any(turn.role == "system" for turn in turns):
        return (Turn("system", system_prompt), *turns)
    return turns


def _reply(message: Any, model: str | None) -> feedback.Reply:
    """Token ids only when this very model wrote them: another's mean nothing to it, its text still does."""
    made = message.generation
    if made is None:
        return feedback.Reply(message.text, finish="failed" if message.error else "stop")
    if model is not None and made.model != model:
        return feedback.Reply(message.text, style=made.style, finish=made.finish)
    return feedback.Reply(
        message.text, made.reply_ids, made.logprobs, made.style, made.finish, made.prompt_ids,
        made.details.get("end_logprob"),
    )  # fmt: skip


def make_job(
    store: Any,
    settings: Any,
    paths: Any,
    model: str,
    *,
    line: str = "",
    deep: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """The job for ``client.learn`` of one style; afterwards call ``style_queries.note_tried`` and ``versions.register``.

    The update goes on from the version in use while every rating that version learned from still stands; else it starts
    from the base model, so what was taken back is unlearned.
    """
    current = store.current_style(model, line)
    system_prompt = getattr(settings, "system_prompt", "")
    found = collect(store, model, line, system_prompt=system_prompt)
    used = set(store.style(current).ratings_used) if current else set()
    return {
        "version": uuid.uuid4().hex[:12], "model": model, "parent": current, "styles": str(paths.styles),
        "parent_folder": str(paths.styles / current) if current else None,
        "continues": bool(used) and used <= {s.id for s in found}, "trained_on": sorted(used), "deep": deep, "seed": seed,
        "signals": [feedback.to_json(s) for s in found], "system_prompt": system_prompt,
        "corrections": store.value(corrections_key(line)) or {},
        "kl_share": KL_SHARE.get(getattr(settings, "learn_strength", "normal"), KL_SHARE["normal"]),
    }  # fmt: skip


def make_evaluation(
    store: Any, paths: Any, model: str, line: str = "", *, system_prompt: str = ""
) -> dict[str, Any]:
    """The job of `attune evaluate` for ``client.learn``: the style in use (or none) against the base model."""
    current = store.current_style(model, line)
    return {
        "evaluate": True, "model": model, "style": current, "system_prompt": system_prompt,
        "style_folder": str(paths.styles / current) if current else None,
        "signals": [feedback.to_json(s) for s in collect(store, model, line)],
        "corrections": store.value(corrections_key(line)) or {},
    }  # fmt: skip
