"""Which program's file is it? Told by what it holds, not by its name."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from assistant.errors import BadInput
from assistant.imports import chatgpt, claude, gemini, gpt4all, local_apps
from assistant.imports.building import Bundle
from assistant.imports.source import Source
from assistant.store import json_exchange
from assistant.store.import_writing import Incoming
from assistant.store.json_input import MAX_FILE_BYTES, Fields, parse

KNOWN = "Attune, ChatGPT, Claude, Gemini, Open WebUI, LM Studio, Jan, GPT4All and Cherry Studio"


def read(path: Path, *, confirmed: bool = False) -> Incoming:
    """What a file, a folder or a zip holds. ``confirmed``: its ratings may train. Raises BadInput."""
    source = Source.open(path)
    names = _candidates(source)
    found: dict[str, Bundle] = {}
    own: Incoming | None = None
    for name in names:
        if name.endswith(".jsonl"):
            if _first_line_is_jan(source, name):
                local_apps.read_jan(source, name, found.setdefault("Jan", Bundle("Jan", confirmed)))
            continue
        if name.endswith(".chat"):
            chat = source.bytes(name, MAX_FILE_BYTES)
            if gpt4all.is_one(chat):
                gpt4all.read(
                    chat,
                    PurePosixPath(name).name,
                    found.setdefault(gpt4all.FORM, Bundle(gpt4all.FORM, confirmed)),
                )
            continue
        data = source.json(name)
        if isinstance(data, dict) and data.get("format") == json_exchange.FORMAT:
            own = json_exchange.read_own(Fields(data, PurePosixPath(name).name), confirmed=confirmed)
            break
        _read(source, name, data, found, confirmed)
    if own is not None:
        return own
    bundles = [bundle for bundle in found.values() if bundle.trees or bundle.left_out]
    if not bundles:
        if found:
            return next(iter(found.values())).incoming()  # of a known form, and empty
        raise BadInput(f"{path.name} is not an export that is known. Known are those of {KNOWN}.")
    first, *others = bundles
    for other in others:
        first.left_out.append(f"{path.name} holds chats of {other.form} as well; import those by themselves.")
    return first.incoming()


def _candidates(source: Source) -> list[str]:
    """The files of it that may hold chats, of a zip or folder by their usual names."""
    if source.single:
        return [source.names[0]]
    usual = [
        name
        for name in source.names
        if chatgpt.NAMES.fullmatch(short := PurePosixPath(name).name)
        or short in ("data.json", "messages.jsonl")
        or short.endswith((".conversation.json", ".chat"))
        or short.replace(" ", "") == "MyActivity.json"
    ]
    if usual:
        return sorted(usual)
    found = [name for name in source.names if name.endswith(".json")]
    return found if len(found) == 1 else []


def _first_line_is_jan(source: Source, name: str) -> bool:
    first = next((line for line in source.text(name).split("\n") if line.strip()), "")
    return local_apps.is_jan(parse(first, PurePosixPath(name).name))


def _read(source: Source, name: str, data: Any, found: dict[str, Bundle], confirmed: bool) -> None:
    def bundle(form: str) -> Bundle:
        return found.setdefault(form, Bundle(form, confirmed))

    chats = data if isinstance(data, list) else [data]
    if any(chatgpt.is_one(chat) for chat in chats):
        chatgpt.read(source, chats, bundle(chatgpt.FORM))
    elif any(gemini.is_one(chat) for chat in chats):
        gemini.read(source, chats, bundle(gemini.FORM))
    elif any(claude.is_one(chat) for chat in chats):
        claude.read(chats, bundle(claude.FORM))
    elif any(local_apps.is_open_webui(chat) for chat in chats):
        local_apps.read_open_webui(chats, bundle("Open WebUI"))
    elif local_apps.is_lm_studio(data):
        local_apps.read_lm_studio(data, PurePosixPath(name).name, bundle("LM Studio"))
    elif local_apps.is_cherry(data):
        local_apps.read_cherry(source, data, bundle("Cherry Studio"))
