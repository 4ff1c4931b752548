"""`attune learn`: one personalisation update now, and what its gate said."""

from __future__ import annotations

import argparse

from assistant.cli.output import print_json, say, table
from assistant.cli.session import Session
from assistant.engine.protocol import LearnDone


def learn(arguments: argparse.Namespace) -> int:
    """Exit code 0 whether the update was accepted or not: refusing a bad one is the gate's work done."""
    from assistant.learning import jobs, versions

    with Session(arguments) as session:
        info = session.load_model(None)
        job = jobs.make_job(session.store, session.settings, session.paths, info.id, deep=arguments.deep)
        event = session.client.result(session.client.learn(job))
        assert isinstance(event, LearnDone)
        versions.register(session.store, info.id, event.report)
    report = event.report
    if arguments.json:
        print_json(report)
        return 0
    say(
        ("A new style version is in use: " if report["accepted"] else "The style stays as it is: ")
        + str(report["reason"])
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
    say(table([(name.replace("_", " "), str(report.get(name))) for name in names], indent="  "))
    for trait, weight in sorted(report.get("traits", {}).items(), key=lambda item: -abs(item[1]))[:5]:
        say(f"  {trait} {weight:+.2f}")
    return 0
