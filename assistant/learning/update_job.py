"""A learning job: what the engine needs for one update, gathered from the store. Loads no torch."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from assistant import conversation as tree
from assistant.errors import NotFound
from assistant.learning import feedback
from assistant.learning_records import CardSentence, EvaluationJob, UpdateJob
from assistant.records import Message, Rating, Turn

if TYPE_CHECKING:
    from assistant.paths import DataPaths
    from assistant.settings import Settings
    from assistant.store import Store

CORRECTIONS = "style corrections"  # store value: trait name -> weight that the user set
KL_SHARE = {"careful": 0.4, "normal": 0.9, "bold": 1.0}  # of the gate's limit, by settings.learn_strength


def corrections_key(line: str) -> str:
    """The store's value that holds what the user corrected in a style."""
    return f"{CORRECTIONS} of {line}" if line else CORRECTIONS


def collect(
    store: Store,
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


def _signal(store: Store, rating: Rating, model: str | None, system_prompt: str) -> feedback.Signal | None:
    if rating.message_id is None:
        return feedback.from_rating(rating, prompt=_imported(store, rating, system_prompt))
    message = store.message(rating.message_id)
    own = store.instructions_of(store.conversation(message.conversation_id))
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


def _imported(store: Store, rating: Rating, system_prompt: str) -> tuple[Turn, ...]:
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


def _reply(message: Message, model: str | None) -> feedback.Reply:
    """Token ids only when this very model wrote them: another's mean nothing to it, its text still does."""
    made = message.generation
    if made is None:
        return feedback.Reply(message.text, finish="failed" if message.error else "stop")
    if model is not None and made.model != model:
        return feedback.Reply(message.text, style=made.style, finish=made.finish)
    return feedback.Reply(
        message.text, made.reply_ids, made.logprobs, made.style, made.finish, made.prompt_ids,
        made.details.end_logprob,
    )  # fmt: skip


def make_job(
    store: Store,
    settings: Settings,
    paths: DataPaths,
    model: str,
    *,
    line: str = "",
    deep: bool = False,
    seed: int = 0,
) -> UpdateJob:
    """The job for ``client.learn`` of one style; afterwards call ``style_queries.note_tried`` and ``versions.register``.

    The update goes on from the version in use while every rating that version learned from still stands; else it starts
    from the base model, so what was taken back is unlearned.
    """
    current = store.current_style(model, line)
    found = collect(store, model, line, system_prompt=settings.system_prompt)
    used = set(store.style(current).ratings_used) if current else set()
    return UpdateJob(
        uuid.uuid4().hex[:12], model, str(paths.styles), tuple(found), parent=current,
        parent_folder=str(paths.styles / current) if current else None,
        continues=bool(used) and used <= {s.id for s in found}, trained_on=tuple(sorted(used)), deep=deep, seed=seed,
        system_prompt=settings.system_prompt, corrections=_corrections(store, line),
        kl_share=KL_SHARE.get(settings.learn_strength, KL_SHARE["normal"]),
    )  # fmt: skip


def make_evaluation(
    store: Store, paths: DataPaths, settings: Settings, line: str = "", card: tuple[CardSentence, ...] = ()
) -> EvaluationJob:
    """The job of `attune evaluate` for ``client.evaluate``: the style in use (or none) against the base model."""
    model = settings.model
    current = store.current_style(model, line)
    return EvaluationJob(
        model, tuple(collect(store, model, line)), current, str(paths.styles / current) if current else None,
        settings.system_prompt, _corrections(store, line), card,
    )  # fmt: skip


def _corrections(store: Store, line: str) -> dict[str, float]:
    """What the user corrected, as far as it is numbers; the engine leaves out traits that it does not know."""
    kept = store.value(corrections_key(line)) or {}
    return {str(name): float(weight) for name, weight in kept.items() if isinstance(weight, (int, float))}
