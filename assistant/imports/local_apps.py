"""Programs that run models on one's own computer: Open WebUI, LM Studio, Jan and Cherry Studio."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from assistant import strict_json
from assistant.errors import BadInput
from assistant.imports.building import (
    MAX_PICTURE_BYTES,
    Bundle,
    Chat,
    mapping,
    picture_in,
    sequence,
    text,
    time,
)
from assistant.imports.source import Source
from assistant.store.json_input import parse

# How Open WebUI keeps what a model thought before it wrote.
_THOUGHTS = re.compile(r"<details type=\"reasoning\".*?</details>\s*", re.DOTALL)

# --- Open WebUI: a list of chats, each with its history as a tree ------------------------------------------


def is_open_webui(chat: Any) -> bool:
    return bool(mapping(mapping(mapping(chat, "chat"), "history"), "messages")) or isinstance(
        mapping(chat, "chat").get("history"), dict
    )


def read_open_webui(chats: list[Any], bundle: Bundle) -> None:
    for number, given in enumerate(chats, 1):
        if not is_open_webui(given):
            bundle.left_out.append(f"Chat {number} has a form that is not known.")
            continue
        inner = given["chat"]
        history = inner["history"]
        chat = Chat(
            bundle.form,
            text(given, "id") or text(inner, "id") or f"{inner.get('timestamp')} {text(inner, 'title')}",
            title=text(inner, "title") or text(given, "title"),
            created_at=time(given, "created_at") or time(inner, "timestamp"),
            updated_at=time(given, "updated_at"),
            system_prompt=text(mapping(inner, "params"), "system") or text(inner, "system"),
            pinned=given.get("pinned") is True,
            current=text(history, "currentId") or None,
        )
        messages = mapping(history, "messages")
        for key, message in messages.items():
            written = _THOUGHTS.sub("", _plain(message.get("content") if isinstance(message, dict) else ""))
            pictures = _data_pictures(
                [text(file, "url") for file in sequence(message, "files") if text(file, "type") == "image"],
                bundle,
            )
            parent = text(message, "parentId") or None
            chat.add(key, parent, text(message, "role"), written, time(message, "timestamp"), pictures)
        bundle.take(chat)
        for key, message in messages.items():
            said = mapping(message, "annotation")
            if said.get("rating") in (1, -1) and chat.message_id(key) is not None:
                bundle.thumb(chat, key, said["rating"] == 1, text(said, "comment"))


# --- LM Studio: a file per chat; a message has versions ----------------------------------------------------


def is_lm_studio(chat: Any) -> bool:
    messages = sequence(chat, "messages")
    return bool(messages) and all(isinstance(message, dict) and "versions" in message for message in messages)


def read_lm_studio(given: Any, name: str, bundle: Bundle) -> None:
    made = given.get("createdAt")
    chat = Chat(
        bundle.form,
        str(made) if isinstance(made, (int, str)) else name,
        title=text(given, "name"),
        created_at=time(given, "createdAt"),
        updated_at=time(given, "userLastMessagedAt", "assistantLastMessagedAt"),
        system_prompt=text(given, "systemPrompt"),
    )
    before: str | None = None
    for place, message in enumerate(sequence(given, "messages")):
        versions = sequence(message, "versions")
        chosen = message.get("currentlySelected")
        for number, version in enumerate(versions):
            blocks = [version]
            if text(version, "type") == "multiStep":
                blocks = [
                    step
                    for step in sequence(version, "steps")
                    if text(step, "type") == "contentBlock"
                    and text(mapping(step, "style"), "type") != "thinking"
                ]
            parts = [part for block in blocks for part in sequence(block, "content")]
            if any(text(part, "type") == "file" for part in parts):
                bundle.left_out.append("A file of a message is not in LM Studio's file of the chat.")
            written = "".join(text(part, "text") for part in parts if text(part, "type") == "text")
            chat.add(f"{place}.{number}", before, text(version, "role"), written)
        last = chosen if isinstance(chosen, int) and 0 <= chosen < len(versions) else len(versions) - 1
        if versions:
            before = f"{place}.{last}"
    chat.current = before
    bundle.take(chat)


# --- Jan: a folder per chat, its messages a line each ------------------------------------------------------


def is_jan(line: Any) -> bool:
    return isinstance(line, dict) and line.get("object") == "thread.message"


def read_jan(source: Source, name: str, bundle: Bundle) -> None:
    """``name``: a ``messages.jsonl``; the chat's title and instructions are in ``thread.json`` beside it."""
    messages = []
    for number, line in enumerate(source.text(name).split("\n"), 1):
        if line.strip():
            try:
                messages.append(parse(line, f"Line {number}"))
            except BadInput as error:
                bundle.left_out.append(f"{name}: {error}")
    messages = [message for message in messages if is_jan(message)]
    if not messages:
        return
    messages.sort(key=lambda message: time(message, "created_at"))  # older versions wrote the newest first
    thread: Any = {}
    beside = str(PurePosixPath(name).with_name("thread.json"))
    if beside in source.names:
        try:
            thread = source.json(beside)
        except BadInput as error:
            bundle.left_out.append(str(error))
    assistants = sequence(thread, "assistants")
    chat = Chat(
        bundle.form,
        text(messages[0], "thread_id") or name,
        title=text(thread, "title", "summary"),
        created_at=time(thread, "created"),
        updated_at=time(thread, "updated"),
        system_prompt=text(assistants[0], "instructions") if assistants else "",
    )
    before: str | None = None
    for place, message in enumerate(messages):
        key = f"{text(message, 'id')} {place}" if not text(message, "id") else text(message, "id")
        parts = sequence(message, "content")
        written = "\n\n".join(filter(None, (text(mapping(part, "text"), "value") for part in parts)))
        addresses = [text(mapping(part, "image_url"), "url") for part in parts]
        pictures = _data_pictures([url for url in addresses if url], bundle)
        chat.add(key, before, text(message, "role"), written, time(message, "created_at"), pictures)
        before = key
    bundle.take(chat)


# --- Cherry Studio: one data.json with topics, their messages, and the messages' blocks --------------------


def is_cherry(data: Any) -> bool:
    return isinstance(mapping(data, "indexedDB").get("topics"), list)


def read_cherry(source: Source, data: Any, bundle: Bundle) -> None:
    tables = mapping(data, "indexedDB")
    blocks = {text(block, "id"): block for block in sequence(tables, "message_blocks")}
    about = _topics(data)
    for topic in sequence(tables, "topics"):
        known, assistant = about.get(text(topic, "id"), ({}, {}))
        chat = Chat(
            bundle.form,
            text(topic, "id"),
            title=text(known, "name") or text(topic, "name"),
            created_at=time(known, "createdAt"),
            updated_at=time(known, "updatedAt"),
            system_prompt=text(known, "prompt") or text(assistant, "prompt"),
            pinned=known.get("pinned") is True,
        )
        messages = [message for message in sequence(topic, "messages") if isinstance(message, dict)]
        here = {text(message, "id") for message in messages}
        before: str | None = None  # what the next question follows
        for message in messages:
            key = text(message, "id")
            if not key:
                continue
            written, pictures = _cherry_content(message, blocks, source, bundle)
            asked = text(message, "askId")  # several models' replies to one question
            reply = text(message, "role") == "assistant"
            parent = asked if reply and asked in here and asked != key else before
            chat.add(key, parent, text(message, "role"), written, time(message, "createdAt"), pictures)
            is_sibling = reply and before is not None and chat.nodes[key].parent == chat.nodes[before].parent
            if not is_sibling or message.get("foldSelected") is True:
                before = key
        chat.current = before
        bundle.take(chat)


def _topics(data: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Names and instructions: in Redux' state, which is JSON in JSON."""
    state = _unpacked(mapping(data, "localStorage").get("persist:cherry-studio"))
    assistants = _unpacked(state.get("assistants"))
    found = {}
    for assistant in (*sequence(assistants, "assistants"), assistants.get("defaultAssistant")):
        for topic in sequence(assistant, "topics"):
            if isinstance(topic, dict) and isinstance(assistant, dict):
                found[text(topic, "id")] = (topic, assistant)
    return found


def _unpacked(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = strict_json.read(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _cherry_content(
    message: dict[str, Any], blocks: dict[str, Any], source: Source, bundle: Bundle
) -> tuple[str, list[str]]:
    parts: list[str] = [text(message, "content")]  # before there were blocks
    pictures: list[str] = []
    for name in sequence(message, "blocks"):
        block = blocks.get(name) if isinstance(name, str) else None
        kind = text(block, "type")
        if kind == "main_text":
            parts.append(text(block, "content"))
        elif kind == "code":
            parts.append(f"```{text(block, 'language')}\n{text(block, 'content')}\n```")
        elif kind == "image":
            pictures += _data_pictures([text(block, "url")] if text(block, "url") else [], bundle)
            file = mapping(block, "file")
            wanted = text(file, "name") or f"{text(file, 'id')}{text(file, 'ext')}"
            found = source.named(wanted) if file and not source.single else []
            if found:
                load = partial(source.bytes, found[0], MAX_PICTURE_BYTES)
                pictures.append(bundle.picture(wanted, text(file, "origin_name") or wanted, load))
            elif file:
                bundle.left_out.append("A picture of a message was not in the backup.")
        elif kind == "file":
            bundle.left_out.append("A file of a message is not taken over.")
    return "\n\n".join(part for part in parts if part), pictures


# --- what they share ---------------------------------------------------------------------------------------


def _plain(content: Any) -> str:
    """The text of a content: a text, or a list of parts as in OpenAI's API."""
    if isinstance(content, list):
        content = "\n\n".join(text(part, "text") for part in content if text(part, "type") == "text")
    return text({"content": content}, "content")


def _data_pictures(addresses: list[str], bundle: Bundle) -> list[str]:
    found = []
    for address in addresses:
        load = picture_in(address)
        if load is None:
            bundle.left_out.append("A picture of a message was not in the file.")
        else:
            found.append(bundle.picture(json.dumps(address), "picture", load))
    return found
