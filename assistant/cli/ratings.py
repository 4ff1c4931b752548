"""`attune rate` and `attune ratings`: what the user says of replies, in and out."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.cli.output import note, print_json, say
from assistant.cli.session import Session


def rate(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        if arguments.rating in ("up", "down"):
            value = 1 if arguments.rating == "up" else -1
            rating = session.store.add_rating("thumb", value, arguments.message, note=arguments.note)
        else:
            rating = session.store.add_rating(
                "stars", int(arguments.rating), arguments.message, note=arguments.note
            )
        if arguments.json:
            print_json(
                {
                    "rating": rating.id,
                    "message": arguments.message,
                    "kind": rating.kind,
                    "value": rating.value,
                }
            )
        else:
            say(f"Rated {arguments.rating}.")
    return 0


def import_file(arguments: argparse.Namespace) -> int:
    """All of the file or nothing. Naming the file here is the user's word that its ratings may train."""
    with Session(arguments) as session:
        line = session.store.line(arguments.line)
        report = session.library.import_ratings(Path(arguments.file), line)
        if arguments.json:
            print_json({"imported": report.added, "already": report.already})
        else:
            say(f"{report.added} ratings imported, {report.already} were there already.")
    return 0


def export_file(arguments: argparse.Namespace) -> int:
    with Session(arguments) as session:
        report = session.library.export_ratings(Path(arguments.file), arguments.format)
    if arguments.json:
        print_json(
            {
                "exported": report.added,
                "left_out": report.left_out,
                "file": arguments.file,
                "format": arguments.format,
            }
        )
        return 0
    if report.left_out:
        note(f"{report.left_out} ratings have no form in this file and were left out.")
    lines = "ratings" if arguments.format == "attune" else "lines"
    say(f"{report.added} {lines} written to {arguments.file}.")
    return 0
