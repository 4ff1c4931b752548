"""`attune search`, `export`, `import`, `backup` and `restore`: what has been written, found and moved."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from assistant.cli import passphrases
from assistant.cli.output import note, print_json, say, size
from assistant.cli.session import Session
from assistant.paths import DataPaths, data_dir
from assistant.services.library import is_encrypted
from assistant.services.library import restore as put_back


def search(arguments: argparse.Namespace) -> int:
    from assistant.store.search import Filters, day, parse

    words, typed = parse(arguments.query)
    filters = Filters(
        after=day(arguments.after) if arguments.after else typed.after,
        before=day(arguments.before) if arguments.before else typed.before,
        model=arguments.model or typed.model,
        style=typed.style if arguments.line is None else arguments.line,
        rated=arguments.rated or typed.rated,
        picture=arguments.picture or typed.picture,
    )
    with Session(arguments) as session:
        hits = session.library.search(words, arguments.limit, filters)
    if arguments.json:
        print_json({"query": arguments.query, "hits": [asdict(hit) for hit in hits]})
        return 0
    for hit in hits:
        say(f"{hit.conversation_id}  {hit.at[:16].replace('T', ' ')}  {_one_line(hit.title)}")
        say(f"    {_one_line(hit.snippet)}")
    if not hits:
        note("Nothing found.")
    return 0


def export(arguments: argparse.Namespace) -> int:
    target = Path(arguments.file)
    with Session(arguments) as session:
        chosen = arguments.conversation or None
        counts = session.library.export(target, arguments.format, chosen)
    if arguments.json:
        print_json({"file": arguments.file, "format": arguments.format, **counts})
    else:
        say(f"{_counted(counts)} written to {arguments.file}.")
    return 0


def import_file(arguments: argparse.Namespace) -> int:
    path = Path(arguments.file)
    with Session(arguments) as session:
        if arguments.preview:
            report = session.library.preview_import(path)
        else:
            report = session.library.import_file(path, may_train=arguments.learn_from_ratings)
    counts = {name: getattr(report, name) for name in ("conversations", "messages", "ratings", "attachments")}
    if arguments.json:
        print_json(
            {"form": report.form, **counts, "already": report.already, "left_out": list(report.left_out)}
        )
        return 0
    for sentence in report.left_out[:10]:
        note(sentence)
    if len(report.left_out) > 10:
        note(f"And {len(report.left_out) - 10} more things were left out (--json names them all).")
    here = f" {report.already} messages are here already." if report.already else ""
    say(f"{report.form}: {_counted(counts)} {'would be' if arguments.preview else 'were'} new.{here}")
    if report.ratings and not arguments.learn_from_ratings:
        note("Imported ratings do not train the style until you say so (import --learn-from-ratings).")
    return 0


def backup(arguments: argparse.Namespace) -> int:
    target = Path(arguments.file)
    words = ""
    if arguments.encrypt or arguments.passphrase_file or arguments.new_recovery_key:
        passphrase = passphrases.new(arguments.passphrase_file)
        with Session(arguments) as session:
            report, words = session.library.encrypted_backup(
                target, passphrase, new_key=arguments.new_recovery_key
            )
    else:
        with Session(arguments) as session:
            report = session.library.backup(target)
    if arguments.json:
        print_json({"file": arguments.file, **asdict(report), **({"recovery_key": words} if words else {})})
        return 0
    _tell_archive(arguments, asdict(report), f"Everything but models is in {arguments.file}")
    if words:
        say("The recovery key, which opens this and later encrypted backups if the passphrase is forgotten:")
        say(f"    {words}")
        note("Write it down or print it, and keep it apart from this computer: Attune does not keep it.")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    source = Path(arguments.file)
    secret = ""
    if is_encrypted(source):
        secret = passphrases.known(arguments.passphrase_file, recovery_key=arguments.recovery_key)
    paths = DataPaths(data_dir(arguments.data_dir)).ensure()
    by_key = arguments.recovery_key
    report = put_back(paths, source, "" if by_key else secret, secret if by_key else "")
    _tell_archive(arguments, asdict(report), f"{arguments.file} is restored in {paths.root}")
    return 0


def _tell_archive(arguments: argparse.Namespace, report: dict[str, object], sentence: str) -> None:
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in report.items()}
    if arguments.json:
        print_json({"file": arguments.file, **plain})
        return
    details = [
        f"{size(value) if name.endswith('bytes') else value} {name.removesuffix('_bytes').replace('_', ' ')}"
        for name, value in plain.items()
        if isinstance(value, int)
    ]
    say(f"{sentence} ({', '.join(details)})." if details else f"{sentence}.")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {name if count != 1 else name.removesuffix('s')}" for name, count in counts.items()
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
