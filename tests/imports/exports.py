"""Small exports of other programs, in the forms that were looked up (docs/importing.md says where)."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

AT = 1_700_000_000.5  # 2023-11-14T22:13:20.500Z


def node(key: str, parent: str | None, role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    """One node of ChatGPT's mapping."""
    kind = "text" if all(isinstance(part, str) for part in parts) else "multimodal_text"
    message = {
        "id": key,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": AT,
        "content": {"content_type": kind, "parts": list(parts)},
        "status": "finished_successfully",
        "weight": 1.0,
        "metadata": {},
        "recipient": "all",
        **more,
    }
    return {"id": key, "message": message, "parent": parent, "children": []}


def chatgpt() -> list[dict[str, Any]]:
    """A chat with a regenerated reply, a picture, a reply in steps and things that are not shown."""
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-AbC", "width": 8}
    drawn = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_000d", "width": 8}
    call = {"content_type": "code", "language": "unknown", "text": '{"q": "kyoto"}'}
    nodes = [
        {"id": "root", "message": None, "parent": None, "children": ["sys"]},
        node("sys", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
        node("u1", "sys", "user", picture, "Where is this?"),
        node("a1", "u1", "assistant", "In Kyoto \ue200cite\ue202turn0\ue201."),
        node("a2", "u1", "assistant", "Somewhere."),
        node("u2", "a1", "user", "Draw it."),
        node("c1", "u2", "assistant", "x", recipient="browser", content=call),
        node("t0", "c1", "tool", "found a lot"),
        node("t1", "t0", "tool", drawn),
        node("a3", "t1", "assistant", "Here it is."),
    ]
    return [
        {
            "title": "Kyoto\u001b]52;c;eA==\u0007",
            "create_time": AT,
            "update_time": AT + 100,
            "mapping": {item["id"]: item for item in nodes},
            "current_node": "a3",
            "conversation_id": "6f1b-0001",
            "id": "6f1b-0001",
        },
        {"title": "Empty", "create_time": AT, "mapping": {"r": nodes[0]}, "conversation_id": "6f1b-0002"},
    ]


FEEDBACK = [
    {"id": "a1", "conversation_id": "6f1b-0001", "rating": "thumbs_up", "content": "{}"},
    {"id": "a2", "conversation_id": "6f1b-0001", "rating": "thumbsDown", "content": "{}"},
    {"id": "zz", "conversation_id": "6f1b-0001", "rating": "thumbs_up", "content": "{}"},
]


def claude() -> list[dict[str, Any]]:
    def said(uuid: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
        return {
            "uuid": uuid,
            "text": text,
            "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": text}],
            "sender": sender,
            "created_at": "2024-05-01T10:00:00.123456Z",
            "attachments": [],
            "files": [],
            **more,
        }

    notes = {"file_name": "notes.txt", "file_type": "txt", "extracted_content": "milk, eggs"}
    root = "00000000-0000-4000-8000-000000000000"
    return [
        {
            "uuid": "c-1",
            "name": "Shopping",
            "created_at": "2024-05-01T10:00:00Z",
            "updated_at": "2024-05-01T10:05:00Z",
            "account": {"uuid": "me"},
            "chat_messages": [
                said("m1", "human", "What is on it?", attachments=[notes], parent_message_uuid=root),
                said("m2", "assistant", "Milk and eggs.", parent_message_uuid="m1"),
                said("m3", "assistant", "Eggs and milk.", parent_message_uuid="m1"),
                said("m4", "human", "And this?", files=[{"file_name": "x.png"}], parent_message_uuid="m2"),
            ],
        },
        {
            "uuid": "c-2",
            "name": "",
            "created_at": "2024-05-02T10:00:00Z",
            "updated_at": "2024-05-02T10:05:00Z",
            "chat_messages": [
                {"uuid": "o1", "text": "An older export", "sender": "human", "created_at": "2023-08-01T10:00:00Z"},
                {"uuid": "o2", "text": "has no parents.", "sender": "assistant", "created_at": "2023-08-01T10:01:00Z"},
            ],
        },
    ]  # fmt: skip


def open_webui(png: bytes) -> list[dict[str, Any]]:
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    messages = {
        "q": {"id": "q", "parentId": None, "childrenIds": ["x", "y"], "role": "user", "content": "Hi", "timestamp": 1_700_000_000,
              "files": [{"type": "image", "url": url}]},
        "x": {"id": "x", "parentId": "q", "childrenIds": [], "role": "assistant", "model": "llama3", "timestamp": 1_700_000_001,
              "content": '<details type="reasoning" done="true"><summary>Thought</summary>hm</details>\nHello.',
              "annotation": {"rating": 1, "comment": "short"}},
        "y": {"id": "y", "parentId": "q", "childrenIds": [], "role": "assistant", "content": "Good day to you.",
              "timestamp": 1_700_000_002, "annotation": {"rating": -1}},
    }  # fmt: skip
    chat = {
        "id": "", "title": "Greeting", "models": ["llama3"], "params": {"system": "Be brief."}, "timestamp": 1_700_000_000_000,
        "history": {"messages": messages, "currentId": "x"}, "messages": [], "tags": [],
    }  # fmt: skip
    return [
        {"id": "ow-1", "user_id": "me", "title": "Greeting", "chat": chat, "updated_at": 1_700_000_009,
         "created_at": 1_700_000_000, "share_id": None, "archived": False, "pinned": True}
    ]  # fmt: skip


def lm_studio() -> dict[str, Any]:
    def asked(text: str) -> dict[str, Any]:
        version = {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": text}]}
        return {"versions": [version], "currentlySelected": 0}

    def steps(text: str) -> dict[str, Any]:
        thought = {"type": "contentBlock", "style": {"type": "thinking", "title": "Thought"},
                   "content": [{"type": "text", "text": "hm"}]}  # fmt: skip
        said = {"type": "contentBlock", "content": [{"type": "text", "text": text}]}
        return {
            "type": "multiStep",
            "role": "assistant",
            "steps": [thought, said, {"type": "debugInfoBlock"}],
        }

    return {
        "name": "Poems",
        "pinned": False,
        "createdAt": 1_700_000_000_000,
        "systemPrompt": "You rhyme.",
        "tokenCount": 12,
        "messages": [
            asked("A poem"),
            {"versions": [steps("First try."), steps("Second try.")], "currentlySelected": 0},
            asked("Longer"),
            {"versions": [steps("A long poem.")], "currentlySelected": 0},
        ],
    }


def jan() -> dict[str, str]:
    """The files of a thread's folder by name; the newest line first, as older versions wrote."""

    def line(key: str, role: str, text: str, at: int) -> str:
        content = [{"type": "text", "text": {"value": text, "annotations": []}}]
        return json.dumps(
            {"id": key, "object": "thread.message", "thread_id": "jan_17", "role": role, "content": content,
             "created_at": at, "metadata": {}}
        )  # fmt: skip

    thread = {
        "id": "jan_17", "object": "thread", "title": "Weather", "created": 1_700_000_000, "updated": 1_700_000_050,
        "assistants": [{"id": "jan", "instructions": "Be kind.", "model": {"id": "llama"}}],
    }  # fmt: skip
    lines = [line("2", "assistant", "Sunny.", 1_700_000_002), line("1", "user", "How is it?", 1_700_000_001)]
    return {
        "threads/jan_17/thread.json": json.dumps(thread),
        "threads/jan_17/messages.jsonl": "\n".join(lines) + "\n",
    }


def cherry() -> dict[str, Any]:
    def message(key: str, role: str, blocks: list[str], **more: Any) -> dict[str, Any]:
        at = "2025-03-01T08:00:00.000Z"
        return {"id": key, "role": role, "topicId": "t1", "createdAt": at, "blocks": blocks, **more}

    blocks = [
        {"id": "b1", "messageId": "u1", "type": "main_text", "content": "你好"},
        {"id": "b2", "messageId": "r1", "type": "thinking", "content": "hm"},
        {"id": "b3", "messageId": "r1", "type": "main_text", "content": "你好！"},
        {"id": "b4", "messageId": "r2", "type": "main_text", "content": "Hello!"},
        {"id": "b5", "messageId": "u2", "type": "main_text", "content": "再见"},
        {"id": "b6", "messageId": "u2", "type": "image", "file": {"id": "f1", "ext": ".png", "origin_name": "a.png"}},
    ]  # fmt: skip
    topic = {
        "id": "t1",
        "messages": [
            message("u1", "user", ["b1"]),
            message("r1", "assistant", ["b2", "b3"], askId="u1"),
            message("r2", "assistant", ["b4", "gone"], askId="u1", foldSelected=True),
            message("u2", "user", ["b5", "b6"]),
        ],
    }
    assistants = {
        "defaultAssistant": {"id": "default", "topics": []},
        "assistants": [
            {"id": "a", "prompt": "简短", "topics": [{"id": "t1", "name": "问候", "pinned": True}]}
        ],
    }
    state = {"assistants": json.dumps(assistants, ensure_ascii=False), "_persist": "{}"}
    return {
        "time": 1_740_000_000_000,
        "version": 5,
        "localStorage": {"persist:cherry-studio": json.dumps(state, ensure_ascii=False)},
        "indexedDB": {"topics": [topic, {"id": "t2", "messages": []}], "message_blocks": blocks, "files": []},
    }


def gemini() -> list[dict[str, Any]]:
    """Three entries, the newest first, one of which is no prompt."""

    def entry(title: str, at: str, html: str = "", **more: Any) -> dict[str, Any]:
        made = {"header": "Gemini Apps", "title": title, "time": at, "products": ["Gemini Apps"], **more}
        return {**made, "safeHtmlItem": [{"html": html}]} if html else made

    code = "<p>Use <code>len</code>:</p><pre><code>len(x)\n  # two</code></pre><script>alert(1)</script>"
    code += "<ul><li>a</li><li>b &amp; c</li></ul>"
    return [
        entry("Prompted How long is a list?", "2025-03-02T09:00:00.000Z", code),
        entry("Used an Assistant feature", "2025-03-01T12:00:00.000Z"),
        entry(
            "Prompted Where is this?",
            "2025-03-01T10:00:00.123Z",
            "<p>In Kyoto.</p>",
            attachedFiles=["holiday-1.png"],
        ),
    ]


def gpt4all(version: int = 10, *, cut: int | None = None) -> bytes:
    """A chat of two questions; the second reply has a thumb. Between header and messages lies what is not looked at."""

    def text(value: str) -> bytes:
        data = value.encode("utf-16-be")
        return struct.pack(">I", len(data)) + data

    def message(place: int, label: str, value: str, up: int = 0, down: int = 0) -> bytes:
        made = b"" if version >= 12 else struct.pack(">i", place)
        made += text(label) + text(value)
        made += text("a prompt") if version < 10 else b""
        made += text("") + bytes([0, 0, up, down])
        made += b"\0" if version >= 11 and label == "Response: " else b""
        made += struct.pack(">q", 0) if version >= 8 else b""
        made += struct.pack(">q", 0) if version >= 10 else b""
        return made + (struct.pack(">q", 0) if version >= 12 else b"")

    header = (
        struct.pack(">Iiq", 0xF5D553CC, version, 1_700_000_000) + text("c1d2") + text("Trip 旅行") + text("")
    )
    header += text("model.gguf") + struct.pack(">I", 0) + b"\x01" + bytes(range(256))
    messages = [
        message(0, "Prompt: ", "Where is Kyoto?"),
        message(1, "Response: ", "In Japan."),
        message(2, "Prompt: ", "Prompt: is a word, too"),
        message(3, "Response: ", "Yes. 是", up=1),
    ]
    return (header + struct.pack(">i", len(messages)) + b"".join(messages))[:cut]
