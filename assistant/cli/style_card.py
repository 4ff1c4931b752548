"""`attune style card`: what was learned as sentences, and the user's changes to them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cli.output import note, print_json, say, table
from assistant.cli.session import Session
from assistant.records import CardScope
from assistant.services.style_card import Card, StyleCardService

if TYPE_CHECKING:
    from assistant.learning.style_card import Sentence

_STRENGTHS = {"gentle": 0.5, "normal": 1.0, "strong": 2.0}


def show(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        cards = StyleCardService(session.store)
        if arguments.message is not None:
            text = cards.text(model, line, message=arguments.message)
            if arguments.json:
                print_json({"told": text})
            elif text:
                say(text)
            else:
                note("The model is told nothing with this message.")
            return 0
        card = cards.card(model, line)
    if arguments.json:
        print_json(_plain(card, line))
        return 0
    if not card.shown:
        note(
            "The style card is empty. It is written from the third rating on; attune style card add TEXT adds a sentence."
        )
    else:
        rows = [("ID", "", "SENTENCE", "FROM", "SURE", "HOLDS")]
        rows += [
            (
                _short_id(s), "on" if s.on else "off", s.said(False), _source(s),
                "" if s.own else f"{s.certainty:.0%}", _holds(s),
            )
            for s in card.shown
        ]  # fmt: skip
        say(table(rows))
    if card.removed:
        note(f"{card.removed} learned sentences were removed; attune style card restore brings them back.")
    if card.effect is not None:
        e = card.effect
        say(f"Measured: {e.styled} replies in your style are {e.words} {e.plain} without it.")
    return 0


def add(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        scope, kind, conversation_id = _scope(arguments)
        entry = StyleCardService(session.store).add(
            arguments.text, line, scope=scope, kind=kind, conversation_id=conversation_id,
            strength=_STRENGTHS[arguments.strength or "normal"],
        )  # fmt: skip
    return _said(arguments, entry.id[:8], "It counts from the next message on.")


def change(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        cards, sentence = StyleCardService(session.store), arguments.sentence
        with session.store.transaction():
            if arguments.text is not None:
                sentence = cards.edit(model, sentence, arguments.text, line).id
            if arguments.strength is not None:
                cards.strengthen(model, sentence, _STRENGTHS[arguments.strength], line)
            if arguments.kind or arguments.conversation or arguments.always:
                scope, kind, conversation_id = _scope(arguments)
                cards.limit(model, sentence, scope, line, kind=kind, conversation_id=conversation_id)
    return _said(
        arguments, sentence[:8] if len(sentence) == 32 else sentence, "It counts from the next message on."
    )


def switch_off(arguments: argparse.Namespace) -> int:
    return _switch(arguments, on=False)


def switch_on(arguments: argparse.Namespace) -> int:
    return _switch(arguments, on=True)


def _switch(arguments: argparse.Namespace, *, on: bool) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        StyleCardService(session.store).switch(model, arguments.sentence, on, line)
    return _said(arguments, arguments.sentence, f"It is {'on' if on else 'off'} from the next message on.")


def remove(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        StyleCardService(session.store).remove(model, arguments.sentence, line)
    return _said(arguments, arguments.sentence, "It is off the card.")


def restore(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        count = StyleCardService(session.store).bring_back(session.store.line(arguments.line))
    if arguments.json:
        print_json({"restored": count})
    else:
        say(f"{count} learned sentences are on the card again.")
    return 0


def export(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        model, line = session.settings.model, session.store.line(arguments.line)
        count = StyleCardService(session.store).export(model, Path(arguments.file), line)
    if arguments.json:
        print_json({"file": arguments.file, "sentences": count})
    else:
        say(f"{count} sentences are in {arguments.file}.")
    return 0


def _said(arguments: argparse.Namespace, sentence: str, text: str) -> int:
    if arguments.json:
        print_json({"sentence": sentence})
    else:
        say(f"{sentence}: {text}")
    return 0


def _scope(arguments: argparse.Namespace) -> tuple[CardScope, str, str | None]:
    if arguments.kind:
        return "kind", arguments.kind, None
    if arguments.conversation:
        return "chat", "", arguments.conversation
    return "always", "", None


def _short_id(sentence: Sentence) -> str:
    return sentence.id if sentence.id == sentence.trait else sentence.id[:8]


def _source(sentence: Sentence) -> str:
    if sentence.own:
        return "you"
    words = {"rating": "ratings", "edit": "edits", "text": "own texts"}
    found = [f"{count} {words[kind]}" for kind, count in sorted(sentence.sources.items()) if kind in words]
    return ", ".join(found) or "your correction"


def _holds(sentence: Sentence) -> str:
    return {"always": "always", "kind": f"in: {sentence.kind}", "chat": "in one chat"}[sentence.scope]


def _plain(card: Card, line: str) -> dict[str, Any]:
    found = {
        "style": line,
        "ratings": card.ratings,
        "sentences": [
            {
                "id": s.id, "text": s.said(False), "trait": s.trait, "on": s.on, "own": s.own,
                "certainty": round(s.certainty, 3), "strength": s.strength, "scope": s.scope, "kind": s.kind,
                "sources": dict(s.sources),
            }
            for s in card.shown
        ],
        "removed": card.removed,
        "effect": None,
    }  # fmt: skip
    if card.effect is not None:
        found["effect"] = {
            "length_ratio": round(card.effect.ratio, 3), "words": card.effect.words,
            "styled": card.effect.styled, "plain": card.effect.plain,
        }  # fmt: skip
    return found
