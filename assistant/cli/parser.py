"""The grammar of the command line, and nothing else: what can be said, and which function then answers.

Handlers are named by module and function ("chat.chat"), imported only when they are called, so that
`attune --help` is instant.
"""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

LOG_LEVELS = ("debug", "info", "warning", "error")
DESCRIPTION = "A private desktop assistant that sees, and learns your style from your ratings."
EPILOG = (
    "Without a command, the window opens. Exit codes: 0 done, 1 failed (one sentence on standard error "
    "says why), 2 wrong usage. With --json, standard output carries exactly one JSON object."
)


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line, without the page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def build(prog: str = "attune") -> argparse.ArgumentParser:
    """The parser of the whole command line. ``handler`` of its result names the function to call."""
    parser = Parser(prog=prog, description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False)
    parser.set_defaults(handler="", data_dir=None, offline=False, log_level=None, json=False)
    parser.set_defaults(fetch_default=None)
    parser.add_argument(
        "--version", dest="show_version", action="store_true", help="print the version and leave"
    )
    default = parser.add_mutually_exclusive_group()
    default.add_argument(
        "--fetch-default",
        action="store_true",
        default=None,
        help="fetch the default model for this machine in the background, without asking",
    )
    default.add_argument(
        "--starter",
        dest="fetch_default",
        action="store_false",
        default=None,
        help="fetch no better model than the starter this time",
    )
    _add_globals(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    _chat(commands)
    _ratings(commands)
    _style(commands)
    _texts(commands)
    _models(commands)
    _library(commands)
    _snapshots(commands)
    _machine(commands)
    _serve(commands)
    return parser


def _add_globals(parser: argparse.ArgumentParser) -> None:
    """Options for before or after the command (SUPPRESS: the second place must not undo the first)."""
    group = parser.add_argument_group("everywhere")
    group.add_argument(
        "--data-dir",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="data folder (default: ATTUNE_HOME or the system's)",
    )
    group.add_argument(
        "--offline",
        action="store_true",
        default=argparse.SUPPRESS,
        help="never use the network, not even for a download",
    )
    group.add_argument(
        "--log-level",
        choices=LOG_LEVELS,
        default=argparse.SUPPRESS,
        help="how much goes to the log and standard error",
    )


def _command(
    commands: Any, name: str, handler: str, summary: str, *, json: bool = False
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary, allow_abbrev=False
    )
    parser.set_defaults(handler=handler)
    if json:
        parser.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="one JSON object on standard output",
        )
    _add_globals(parser)
    return parser


def _group(commands: Any, name: str, summary: str) -> Any:
    """A command that has commands of its own."""
    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    _add_globals(parser)
    return parser.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)


def _chat(commands: Any) -> None:
    chat = _command(
        commands, "chat", "chat.chat", "Ask once; the reply is written as it comes, and kept.", json=True
    )
    chat.add_argument(
        "prompt", metavar="PROMPT", nargs="?", help="what to say; - reads it from standard input"
    )
    chat.add_argument(
        "--continue",
        dest="go_on",
        action="store_true",
        help="instead of a prompt: go on with the last reply, which was stopped or cut off (of --conversation, "
        "else of the newest one)",
    )
    chat.add_argument(
        "--image", metavar="FILE", action="append", default=[], help="a picture to look at (repeatable)"
    )
    chat.add_argument(
        "--audio", metavar="FILE", action="append", default=[], help="a sound to listen to (repeatable)"
    )
    chat.add_argument(
        "--file",
        metavar="FILE",
        action="append",
        default=[],
        help="a file to read: text, Markdown, CSV, JSON, source code, DOCX or PDF (repeatable)",
    )
    chat.add_argument("--conversation", metavar="ID", help="go on in this conversation (default: a new one)")
    chat.add_argument(
        "--model", metavar="ID", help="catalogue id or folder of a model (default: the chosen one)"
    )
    chat.add_argument("--no-style", action="store_true", help="the base model, without the personal style")
    _for(chat, "a style of yours for this conversation from now on (default: the one it has)", None)
    chat.add_argument(
        "--instructions",
        metavar="TEXT",
        help="what this conversation is told from now on, before every message",
    )
    chat.add_argument("--folder", metavar="NAME", help="put the conversation into this folder")
    chat.add_argument("--max-tokens", metavar="N", type=_positive, help="longest reply, in tokens")
    chat.add_argument("--temperature", metavar="T", type=_temperature, help="0 is greedy, about 0.6 is usual")
    chat.add_argument("--seed", metavar="S", type=_seed, help="same seed, same reply")


def _ratings(commands: Any) -> None:
    rate = _command(commands, "rate", "ratings.rate", "Rate a reply; Attune learns from it.", json=True)
    rate.add_argument("message", metavar="MESSAGE_ID", help="the reply's id, from attune chat --json")
    rate.add_argument(
        "rating",
        metavar="RATING",
        choices=("up", "down", "1", "2", "3", "4", "5"),
        help="up, down, or 1 to 5 stars",
    )
    rate.add_argument("--note", metavar="TEXT", default="", help="why, in your words")
    actions = _group(commands, "ratings", "Bring ratings in or take them out, one JSON object a line.")
    bring = _command(actions, "import", "ratings.import_file", "Take ratings from a file.", json=True)
    bring.add_argument("file", metavar="FILE", help="a .jsonl file")
    _for(bring, "the style they teach, where the file names none")
    take = _command(actions, "export", "ratings.export_file", "Write all ratings to a file.", json=True)
    take.add_argument("file", metavar="FILE", help="the .jsonl file to write")
    take.add_argument(
        "--format",
        choices=("attune", "trl-preference", "trl-kto"),
        default="attune",
        help="attune comes back; the others are TRL's, for its trainers (default: attune)",
    )


def _style(commands: Any) -> None:
    learn = _command(
        commands,
        "learn",
        "learning.learn",
        "One personalisation update now, then its gate report.",
        json=True,
    )
    learn.add_argument("--deep", action="store_true", help="the longer update, for when the machine is idle")
    learn.add_argument(
        "--model",
        metavar="ID",
        help="learn the style of this model, from all ratings (default: the chosen one)",
    )
    _for(learn)
    _for(
        _command(
            commands, "evaluate", "learning.evaluate", "The style in use against the base model.", json=True
        )
    )
    actions = _group(commands, "style", "The personal style and its versions.")
    _for(_command(actions, "list", "style.list_versions", "All versions, newest first.", json=True))
    show = _command(actions, "show", "style.show", "One version and the report of its gate.", json=True)
    show.add_argument("version", metavar="VERSION", nargs="?", help="default: the one in use")
    _for(show)
    use = _command(actions, "use", "style.use", "Write with this version from now on.", json=True)
    use.add_argument("version", metavar="VERSION", help="from attune style list")
    out = _command(
        actions, "export", "style.export", "Copy a version out as a plain PEFT adapter.", json=True
    )
    out.add_argument("folder", metavar="DIR", help="a new folder")
    out.add_argument("--style", metavar="VERSION", help="default: the one in use")
    _for(out)
    back = _command(
        actions, "import", "style.import_folder", "Take a PEFT adapter in as a version.", json=True
    )
    back.add_argument("folder", metavar="DIR", help="a folder that style export, or peft, wrote")
    _for(back)
    _for(
        _command(
            actions, "off", "style.off", "Write with the base model; versions and ratings stay.", json=True
        )
    )
    _for(
        _command(actions, "reset", "style.reset", "Start over from the base model; ratings stay.", json=True)
    )
    _command(actions, "names", "style.names", "The named styles, beside your own.", json=True)
    new = _command(
        actions, "new", "style.new", "A named style, with ratings and versions of its own.", json=True
    )
    new.add_argument("name", metavar="NAME", help="for example: Work")
    gone = _command(
        actions,
        "remove",
        "style.remove",
        "Remove a named style and its versions; its ratings stay and teach nothing.",
        json=True,
    )
    gone.add_argument("name", metavar="NAME", help="from attune style names")
    _card(actions)


def _texts(commands: Any) -> None:
    actions = _group(commands, "texts", "Texts that you wrote, from which your style learns.")
    add = _command(
        actions,
        "add",
        "own_texts.add",
        "Take texts of your own: txt, md, docx, eml and mbox files.",
        json=True,
    )
    add.add_argument(
        "files", metavar="FILE", nargs="+", help="files that you wrote; - reads a text from standard input"
    )
    add.add_argument(
        "--sender", metavar="ADDRESS", help="of mails: your own address, so that only your own are taken"
    )
    listed = _command(
        actions, "list", "own_texts.list_texts", "The texts, and what each would answer.", json=True
    )
    gone = _command(
        actions, "remove", "own_texts.remove", "Remove texts for good, backups included.", json=True
    )
    gone.add_argument("texts", metavar="ID", nargs="*", help="from attune texts list")
    gone.add_argument("--all", action="store_true", help="all texts of the style")
    for command in (add, listed, gone):
        _for(command)


def _card(styles: Any) -> None:
    actions = _group(styles, "card", "The style card: what was learned, in sentences that you can change.")
    show = _command(actions, "show", "style_card.show", "The sentences, and what is behind each.", json=True)
    show.add_argument(
        "--message", metavar="TEXT", help="what a model would be told with this message, and nothing else"
    )
    add = _command(actions, "add", "style_card.add", "Add a sentence of your own.", json=True)
    add.add_argument("text", metavar="TEXT", help='for example: "No emoji."')
    change = _command(actions, "set", "style_card.change", "Change a sentence.", json=True)
    change.add_argument("sentence", metavar="ID", help="from attune style card show")
    change.add_argument("text", metavar="TEXT", nargs="?", help="your words for it (default: as they are)")
    for command in (add, change):
        command.add_argument(
            "--strength", choices=("gentle", "normal", "strong"), help="how much it counts (default: normal)"
        )
        where = command.add_mutually_exclusive_group()
        where.add_argument(
            "--kind", metavar="KIND", help="only for this kind of text: email, story, essay, ..."
        )
        where.add_argument("--conversation", metavar="ID", help="only in this conversation")
        where.add_argument("--always", action="store_true", help="in all chats (default for a new sentence)")
    for name, handler, summary in (
        ("off", "switch_off", "Leave a sentence out; it stays on the card."),
        ("on", "switch_on", "Use a sentence again that was switched off."),
        ("remove", "remove", "Take a sentence off the card."),
    ):
        one = _command(actions, name, f"style_card.{handler}", summary, json=True)
        one.add_argument("sentence", metavar="ID", help="from attune style card show")
        _for(one)
    back = _command(
        actions,
        "restore",
        "style_card.restore",
        "Learned sentences that you removed are on the card again.",
        json=True,
    )
    export = _command(
        actions, "export", "style_card.export", "Write the card to a file, for any other model.", json=True
    )
    export.add_argument("file", metavar="FILE", help="text, or JSON where the name ends in .json")
    for command in (show, add, change, back, export):
        _for(command)


def _for(
    command: argparse.ArgumentParser,
    what: str = "a named style instead of your own",
    default: str | None = "",
) -> None:
    command.add_argument("--for", dest="line", metavar="NAME", default=default, help=what)


def _models(commands: Any) -> None:
    actions = _group(commands, "models", "The models on this machine and in the catalogue.")
    _command(actions, "list", "models.list_models", "Catalogue and installed models.", json=True)
    get = _command(
        actions,
        "get",
        "models.get",
        "Fetch and prepare a model; stopped with Ctrl-C, it goes on from there the next time.",
        json=True,
    )
    get.add_argument(
        "model",
        metavar="ID",
        help="catalogue id, `default` (the one for this machine), or OWNER/NAME on a model hub",
    )
    get.add_argument(
        "--revision",
        metavar="REV",
        default="",
        help="commit, tag or branch (default: the catalogue's pin, else the newest)",
    )
    get.add_argument("--mirror", metavar="URL", default="", help="another hub address, for this once")
    get.add_argument("--proxy", metavar="URL", default="", help="proxy to go through, for this once")
    get.add_argument(
        "--token",
        action="store_true",
        help="ask for an access token (models with terms to accept), and keep it in the system keyring",
    )
    add = _command(
        actions,
        "add",
        "models.add",
        "Use a model of your own: a folder, an adapter or a GGUF file.",
        json=True,
    )
    add.add_argument("model", metavar="PATH", help="a folder with a model (stays where it lies) or a file")
    add.add_argument("--id", metavar="ID", default="", help="what to call it (default: from its name)")
    add.add_argument(
        "--link",
        action="store_true",
        help="use a GGUF file where it lies instead of copying it: no second copy on the disk, but the model is gone "
        "when that file is moved, changed or deleted",
    )
    for name, handler, summary in (
        ("remove", "models.remove", "Remove a model's files (of an added folder: the link only)."),
        ("verify", "models.verify", "Check a model's files against their checksums."),
    ):
        _command(actions, name, handler, summary, json=True).add_argument(
            "model", metavar="ID", help="model id"
        )


def _library(commands: Any) -> None:
    search = _command(commands, "search", "library.search", "Find words in all conversations.", json=True)
    search.add_argument(
        "query", metavar="QUERY", help='all its words must be found; "" with an option: everything'
    )
    search.add_argument(
        "--after", metavar="DAY", default="", help="that day or later: 2026-05-31, 2026-05 or 2026"
    )
    search.add_argument("--before", metavar="DAY", default="", help="earlier than that day")
    search.add_argument("--model", metavar="ID", default="", help="replies that this model wrote")
    search.add_argument("--rated", choices=("up", "down"), default="", help="replies that were rated so")
    search.add_argument(
        "--picture", action="store_true", help="messages with a picture, and the replies to them"
    )
    _for(search, "conversations in a named style", None)
    search.add_argument("--limit", metavar="N", type=_positive, default=50, help="most hits (default: 50)")
    export = _command(commands, "export", "library.export", "Write conversations to a file.", json=True)
    export.add_argument("file", metavar="FILE")
    export.add_argument(
        "--format",
        choices=("json", "markdown", "html", "text", "openai", "sharegpt"),
        default="json",
        help="json comes back as it was; openai and sharegpt are for training, a line per conversation (default: json)",
    )
    export.add_argument(
        "--conversation",
        metavar="ID",
        action="append",
        default=[],
        help="only this one (repeatable; default: all)",
    )
    bring = _command(
        commands,
        "import",
        "library.import_file",
        "Take conversations from an export: Attune's own, or of ChatGPT, Claude, Open WebUI, LM Studio, Jan or "
        "Cherry Studio. What is here already is passed over.",
        json=True,
    )
    bring.add_argument(
        "file", metavar="FILE", help="a file, zip or folder; which program's it is shows by itself"
    )
    bring.add_argument("--preview", action="store_true", help="say what would come in, and change nothing")
    bring.add_argument(
        "--learn-from-ratings", action="store_true", help="let the ratings in it train the style, too"
    )
    backup = _command(commands, "backup", "library.backup", "Everything but models into one file.", json=True)
    backup.add_argument("file", metavar="FILE")
    backup.add_argument(
        "--encrypt",
        action="store_true",
        help="with a passphrase, which is asked for; the first time, a recovery key is shown as well",
    )
    backup.add_argument(
        "--new-recovery-key", action="store_true", help="make another recovery key, from this backup on"
    )
    _passphrase_from(backup)
    restore = _command(
        commands, "restore", "library.restore", "Put a backup back; what was there is kept aside.", json=True
    )
    restore.add_argument("file", metavar="FILE")
    restore.add_argument(
        "--recovery-key",
        action="store_true",
        help="ask for the recovery key of an encrypted backup instead of its passphrase",
    )
    _passphrase_from(restore)


def _passphrase_from(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--passphrase-file",
        metavar="FILE",
        default="",
        help="read it from the first line of a file (- is standard input) instead of asking",
    )


def _snapshots(commands: Any) -> None:
    actions = _group(
        commands, "snapshots", "Earlier states of chats, ratings and styles, and bringing them back."
    )
    _command(
        actions, "list", "snapshots.list_snapshots", "All snapshots and what changed in each.", json=True
    )
    _command(
        actions, "take", "snapshots.take", "A snapshot now (one is made every 30 minutes of use).", json=True
    )
    show = _command(
        actions,
        "show",
        "snapshots.show",
        "What changed since a snapshot, and which chats lost something.",
        json=True,
    )
    back = _command(
        actions,
        "restore",
        "snapshots.restore",
        "Make everything but models and settings as it was, or bring one chat back.",
        json=True,
    )
    for command in (show, back):
        command.add_argument("snapshot", metavar="SNAPSHOT", help="from attune snapshots list")
    back.add_argument(
        "--conversation",
        metavar="ID",
        default="",
        help="only this one; what was written in it since stays, as another branch",
    )
    deleted = _group(commands, "deleted", "Chats that were deleted within the last 30 days.")
    _command(deleted, "list", "snapshots.list_deleted", "What was deleted, and when.", json=True)
    undo = _command(deleted, "restore", "snapshots.undelete", "Bring a deleted chat back.", json=True)
    undo.add_argument("conversation", metavar="ID", help="from attune deleted list")


def _machine(commands: Any) -> None:
    bench = _command(
        commands,
        "bench",
        "machine.bench",
        "Speed of decoding and reading, time to first token, memory.",
        json=True,
    )
    bench.add_argument(
        "--model", metavar="ID", help="catalogue id or folder of a model (default: the chosen one)"
    )
    doctor = _command(
        commands,
        "doctor",
        "machine.doctor",
        "What this machine has, what will run on it, what is wrong.",
        json=True,
    )
    other = doctor.add_mutually_exclusive_group()
    other.add_argument(
        "--report",
        metavar="FILE",
        default="",
        help="write a report of a problem: a text file without anything you wrote, to be read before it is sent",
    )
    other.add_argument(
        "--offline-proof",
        action="store_true",
        help="show that chat, pictures, ratings, learning and search work with the network cut off, and that nothing "
        "tries to use it (Linux; minutes)",
    )


def _serve(commands: Any) -> None:
    serve = _command(
        commands,
        "serve",
        "serve.serve",
        "Answer programs on this computer through the API that OpenAI's clients speak, until Ctrl-C.",
    )
    serve.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1", help="where to listen (default: 127.0.0.1)"
    )
    serve.add_argument(
        "--port", metavar="N", type=_port, default=8642, help="0: any that is free (default: 8642)"
    )
    serve.add_argument(
        "--token",
        metavar="TEXT",
        default="",
        help="the access token, this time (default: the one in the data folder's file serve-token)",
    )
    serve.add_argument(
        "--model", metavar="ID", help="model that answers where none is named (default: the chosen one)"
    )
    serve.add_argument(
        "--keep", action="store_true", help="keep all conversations, so that their replies can be rated"
    )
    serve.add_argument(
        "--no-style", action="store_true", help="without the personal style, unless a request names one"
    )
    serve.add_argument("--no-card", action="store_true", help="without the style card in the system prompt")
    serve.add_argument("--no-search", action="store_true", help="one candidate per reply, which is quicker")
    serve.add_argument(
        "--queue", metavar="N", type=_positive, default=128, help="most requests that may wait (default: 128)"
    )
    serve.add_argument(
        "--allow-origin",
        metavar="URL",
        action="append",
        default=[],
        help="a web page's origin that may ask, such as http://localhost:3000 (repeatable; default: none)",
    )
    serve.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a host name by which clients reach this computer (repeatable; default: localhost and addresses)",
    )


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("must be between 0 and 65535")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _temperature(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 5:  # also refuses nan
        raise argparse.ArgumentTypeError("must be between 0 and 5")
    return number


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError("must be between 0 and 2**63 - 1")
    return number


_positive.__name__ = _temperature.__name__ = _seed.__name__ = _port.__name__ = (
    "number"  # argparse names it when int() fails
)
