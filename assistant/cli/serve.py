"""`attune serve`: the OpenAI-compatible API on this computer, until Ctrl-C."""

from __future__ import annotations

import argparse
import ipaddress

from assistant import logs
from assistant import settings as settings_file
from assistant.cli.output import note, say
from assistant.paths import DataPaths, data_dir
from assistant.services.models import settle


def serve(arguments: argparse.Namespace) -> int:
    from assistant.serve import access_token
    from assistant.serve.app import Defaults
    from assistant.serve.server import ServeOptions, Started
    from assistant.serve.server import serve as run

    paths = DataPaths(data_dir(arguments.data_dir)).ensure()
    settings = settle(settings_file.load(paths.settings), paths)
    level = arguments.log_level or settings.log_level
    logs.start(paths.logs, "serve", level, to_stderr=arguments.log_level is not None)
    token = access_token.checked(arguments.token) if arguments.token else access_token.kept(paths.root)
    defaults = Defaults(
        model=arguments.model or settings.model,
        keep=arguments.keep,
        style=not arguments.no_style,
        card=not arguments.no_card,
        search=not arguments.no_search,
    )
    options = ServeOptions(
        paths,
        settings,
        token,
        defaults,
        host=arguments.host,
        port=arguments.port,
        most_waiting=arguments.queue,
        origins=tuple(arguments.allow_origin),
        host_names=tuple(arguments.allow_host),
        log_level=level,
    )

    def started(server: Started) -> None:
        if server.notice:
            note(server.notice)
        say(f"{server.model.name} answers at {server.url}/v1")
        say(f"Access token: {token}")
        if not _is_loopback(arguments.host):
            note(
                "Other computers can reach this server, and what they send is not encrypted; "
                "anybody who has the token can ask."
            )
        note("Ctrl-C ends it.")

    run(options, started)
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
