"""`attune learn`: one personalisation update now, and what its gate said. `attune evaluate`: style against base."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from assistant.cli.output import print_json, say, table
from assistant.cli.session import Session
from assistant.engine.client import error_of
from assistant.engine.protocol import Evaluated, Failed, LearnDone


def learn(arguments: argparse.Namespace) -> int:
    """Exit code 0 whether the update was accepted or not: refusing a bad one is the gate's work done."""
    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        info = session.load_model(arguments.model)
        session.client.pace(session.settings.learn_cpu_percent)
        update = session.learning.start(session.client, session.settings, info.id, line, deep=arguments.deep)
        event = session.client.wait(update.request_id)
        assert isinstance(event, (LearnDone, Failed))
        report = session.learning.register(update, event).report
    if isinstance(event, Failed):
        raise error_of(event)
    if arguments.json:
        print_json(asdict(report))
        return 0
    say(
        ("A new style version is in use: " if report.accepted else "The style stays as it is: ")
        + report.reason
    )
    names = (
        "version",
        "ratings_used",
        "steps",
        "seconds",
        "reward_before",
        "reward_after",
        "heldout_agreement",
        "kl_per_token",
    )
    say(table([(name.replace("_", " "), str(getattr(report, name))) for name in names], indent="  "))
    for trait, weight in sorted(report.traits.items(), key=lambda item: -abs(item[1]))[:5]:
        say(f"  {trait} {weight:+.2f}")
    return 0


def evaluate(arguments: argparse.Namespace) -> int:
    """The style in use against the base model on prompts of Attune's own, judged by the head of the ratings."""
    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        job = session.learning.evaluation(session.settings, line)
        session.load_model(None)
        event = session.client.result(session.client.evaluate(job))
        assert isinstance(event, Evaluated)
    report = event.report
    if arguments.json:
        print_json(asdict(report))
        return 0
    if report.version is None:
        say(
            "No style version is in use: the base model's replies are compared with the best of them by your ratings."
        )
    names = (
        "version",
        "ratings",
        "prompts",
        "win",
        "win_best_of",
        "reward_base",
        "reward_style",
        "words_base",
        "words_style",
        "conflicts",
        "as_asked_base",
        "as_asked_style",
    )
    say(table([(name.replace("_", " "), str(getattr(report, name))) for name in names], indent="  "))
    say("Judged by the reward head of your ratings, on prompts of Attune's own.")
    if report.conflicts:
        say(
            "Conflicts are requests that ask for the opposite of your style; they should be answered as asked."
        )
    return 0
