"""Chats of other programs come in as they were, once, and a strange file does no harm."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import exports
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from assistant import imports
from assistant.cli import main
from assistant.errors import BadInput
from assistant.imports import source as sources
from assistant.imports.building import Chat
from assistant.paths import DataPaths
from assistant.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "data")) as store:
        yield store


@pytest.fixture(scope="session")
def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 120, 40)).save(file, "PNG")
    return file.getvalue()


def packed(path: Path, files: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content if isinstance(content, (bytes, str)) else json.dumps(content))
    return path


def written(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def every_program(folder: Path, png: bytes) -> dict[str, Path]:
    """An export of each program as its user has it."""
    drawn = {"file-AbC-holiday.png": png, "dalle/file_000d-1.png": png}
    gpt = {"conversations.json": exports.chatgpt(), "message_feedback.json": exports.FEEDBACK, **drawn}
    return {
        "ChatGPT": packed(folder / "gpt.zip", {**gpt, "chat.html": "<html>", "user.json": {}}),
        "Claude": packed(folder / "claude.zip", {"conversations.json": exports.claude(), "users.json": []}),
        "Open WebUI": written(folder / "chat-export.json", exports.open_webui(png)),
        "LM Studio": written(folder / "1.conversation.json", exports.lm_studio()),
        "Jan": packed(folder / "jan.zip", exports.jan()),
        "Cherry Studio": packed(
            folder / "cherry.zip", {"data.json": exports.cherry(), "Data/Files/f1.png": png}
        ),
        "Gemini": packed(
            folder / "takeout.zip",
            {
                "Takeout/My Activity/Gemini Apps/MyActivity.json": exports.gemini(),
                "Takeout/My Activity/Gemini Apps/holiday-1.png": png,
            },
        ),
        "GPT4All": packed(folder / "gpt4all.zip", {"gpt4all-c1d2.chat": exports.gpt4all()}),
    }


EXPECTED = {  # conversations, messages, ratings, attachments
    "ChatGPT": (1, 5, 2, 1),
    "Claude": (2, 6, 0, 0),
    "Open WebUI": (1, 3, 2, 1),
    "LM Studio": (1, 5, 0, 0),
    "Jan": (1, 2, 0, 0),
    "Cherry Studio": (1, 4, 0, 1),
    "Gemini": (2, 4, 0, 1),
    "GPT4All": (1, 4, 1, 0),
}


def shown(store: Store) -> dict[str, list[tuple[str, str]]]:
    """The branch that is looked at, by title."""
    return {c.title: [(m.role, m.text) for m in store.branch(c.leaf_id)] for c in store.conversations(1000)}


@pytest.mark.parametrize("program", EXPECTED)
def test_each_programs_chats_come_in_once(program, store, tmp_path, png):
    file = every_program(tmp_path, png)[program]
    expected = EXPECTED[program]

    def counts(report) -> tuple[int, ...]:
        return report.conversations, report.messages, report.ratings, report.attachments

    before = store.preview_import(file)
    assert counts(before)[:3] == expected[:3] and before.form == program
    assert store.conversations() == [] and store.ratings() == []
    report = store.import_file(file)
    assert counts(report) == expected and report.left_out == before.left_out
    kept = shown(store)
    again = store.import_file(file)
    assert counts(again) == (0, 0, 0, 0) and again.already == expected[1] and shown(store) == kept
    assert counts(store.preview_import(file)) == (0, 0, 0, 0)
    assert all(not rating.confirmed for rating in store.ratings())
    store.export_json(tmp_path / "own.json")
    with Store.open(DataPaths(tmp_path / "other")) as other:
        assert counts(other.import_file(tmp_path / "own.json"))[:3] == expected[:3]
        assert shown(other) == kept


def test_chatgpt(store, tmp_path, png):
    report = store.import_file(every_program(tmp_path, png)["ChatGPT"])
    assert report.left_out == ("A rating's reply was not in the file.",)
    (conversation,) = store.conversations()
    assert conversation.updated_at == "2023-11-14T22:15:00.500+00:00"
    branch = store.branch(conversation.leaf_id)
    assert [(m.role, m.text) for m in branch] == [
        ("user", "Where is this?"),
        ("assistant", "In Kyoto ."),
        ("user", "Draw it."),
        ("assistant", "Here it is."),  # the steps before it are one message with it, their picture its
    ]
    assert [len(m.attachments) for m in branch] == [1, 0, 0, 1]
    assert [m.text for m in store.siblings(branch[1].id)] == ["In Kyoto .", "Somewhere."]
    up, down = store.ratings()
    assert (up.value, store.message(up.message_id).text) == (1, "In Kyoto .")
    assert (down.value, store.message(down.message_id).text) == (-1, "Somewhere.")


def test_chatgpts_json_alone_takes_pictures_from_its_own_folder(store, tmp_path, png):
    (tmp_path / "file-AbC-holiday.png").write_bytes(png)
    report = store.import_file(written(tmp_path / "conversations.json", exports.chatgpt()))
    assert report.attachments == 1
    assert report.left_out == ("A picture of a message was not in the export.",)


def test_chatgpts_newer_exports_are_in_parts(store, tmp_path):
    first, second = exports.chatgpt()[0], copy.deepcopy(exports.chatgpt()[0])
    second |= {"conversation_id": "6f1b-0009", "id": "6f1b-0009", "title": "Second"}
    parts = {
        "conversations-000.json": [first],
        "conversations-001.json": [second],
        "export_manifest.json": {},
    }
    assert store.import_file(packed(tmp_path / "new.zip", parts)).conversations == 2


def test_a_later_export_adds_what_is_new(store, tmp_path):
    file = written(tmp_path / "conversations.json", exports.chatgpt())
    store.import_file(file)
    later = exports.chatgpt()
    later[0]["mapping"]["u9"] = exports.node("u9", "a3", "user", "Thank you.")
    report = store.import_file(written(file, later))
    assert (report.conversations, report.messages) == (0, 1)
    (last,) = store.search("Thank you")
    assert [m.text for m in store.branch(last.message_id)][-2:] == ["Here it is.", "Thank you."]


def test_claude(store, tmp_path):
    report = store.import_file(written(tmp_path / "x.json", exports.claude()))
    assert report.left_out == ("A file of a message is not in Claude's export.",)
    assert shown(store) == {
        "Shopping": [
            ("user", "What is on it?\n\nnotes.txt:\n\n```\nmilk, eggs\n```"),
            ("assistant", "Milk and eggs."),
            ("user", "And this?"),
        ],
        "An older export": [("user", "An older export"), ("assistant", "has no parents.")],
    }


def test_open_webui(store, tmp_path, png):
    store.import_file(written(tmp_path / "x.json", exports.open_webui(png)))
    (conversation,) = store.conversations()
    assert conversation.pinned and conversation.system_prompt == "Be brief."
    assert shown(store) == {"Greeting": [("user", "Hi"), ("assistant", "Hello.")]}
    up, down = store.ratings()
    assert (up.value, up.note, down.value) == (1, "short", -1)


def test_lm_studio(store, tmp_path):
    store.import_file(written(tmp_path / "x.json", exports.lm_studio()))
    (conversation,) = store.conversations()
    assert conversation.system_prompt == "You rhyme."
    branch = store.branch(conversation.leaf_id)
    assert [m.text for m in branch] == ["A poem", "First try.", "Longer", "A long poem."]
    assert [m.text for m in store.siblings(branch[1].id)] == ["First try.", "Second try."]


@pytest.mark.parametrize("as_folder", [True, False])
def test_jan(store, tmp_path, as_folder):
    for name, content in exports.jan().items():
        (tmp_path / "jan" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "jan" / name).write_text(content)
    store.import_file(tmp_path / "jan" if as_folder else tmp_path / "jan" / "threads/jan_17/messages.jsonl")
    (conversation,) = store.conversations()
    assert (conversation.title, conversation.system_prompt) == ("Weather", "Be kind.")
    assert shown(store) == {"Weather": [("user", "How is it?"), ("assistant", "Sunny.")]}


def test_cherry_studio(store, tmp_path, png):
    store.import_file(every_program(tmp_path, png)["Cherry Studio"])
    (conversation,) = store.conversations()
    assert conversation.pinned and conversation.system_prompt == "简短"
    assert shown(store) == {"问候": [("user", "你好"), ("assistant", "Hello!"), ("user", "再见")]}
    assert len(store.branch(conversation.leaf_id)[-1].attachments) == 1


# --- what is strange or hostile ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        "3",
        '"x"',
        '{"messages": []}',
        '[{"role": "user"}]',
        "{" * 5000,
        '{"x": NaN}',
        "\xff",
    ],
)
def test_a_file_that_is_nothing_known_is_refused_in_a_sentence(store, tmp_path, content):
    (tmp_path / "x.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(BadInput):
        store.import_file(tmp_path / "x.json")


@pytest.mark.parametrize("program", EXPECTED)
def test_exports_cut_off_or_with_flipped_bytes_are_refused_or_partly_imported(program, tmp_path, png):
    data = every_program(tmp_path, png)[program].read_bytes()
    suffix = every_program(tmp_path, png)[program].suffix
    rng = random.Random(program)
    for attempt in range(40):
        spoilt = bytearray(data)
        if attempt % 2:
            del spoilt[rng.randrange(len(data)) :]
        for _ in range(attempt % 4):
            if spoilt:
                spoilt[rng.randrange(len(spoilt))] ^= rng.randrange(1, 256)
        file = tmp_path / f"spoilt{suffix}"
        file.write_bytes(bytes(spoilt))
        try:
            incoming = imports.read(file)
        except BadInput as error:
            assert "\n" not in str(error)
            continue
        for tree in incoming.trees:
            ids = [message.id for message in tree.messages]
            assert all(m.parent_id is None or m.parent_id in ids[: ids.index(m.id)] for m in tree.messages)


def strange() -> st.SearchStrategy[Any]:
    """Values of any type, where a text or a list is expected."""
    leaves = (
        st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False) | st.text(max_size=8)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("program", [name for name in EXPECTED if name != "GPT4All"])  # which is no JSON
def test_values_of_any_type_in_any_place_are_no_traceback(program, tmp_path_factory, png, data):
    """Whatever another program's next version puts somewhere."""
    whole: Any = {
        "ChatGPT": exports.chatgpt,
        "Claude": exports.claude,
        "Open WebUI": lambda: exports.open_webui(png),
        "LM Studio": exports.lm_studio,
        "Jan": lambda: [json.loads(line) for line in exports.jan()["threads/jan_17/messages.jsonl"].split("\n") if line],
        "Cherry Studio": exports.cherry,
        "Gemini": exports.gemini,
    }[program]()  # fmt: skip
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = whole
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if (
                not isinstance(place[key], (dict, list))
                or not place[key]
                or data.draw(st.integers(0, 4)) == 0
            ):
                place[key] = data.draw(strange())
                break
            place = place[key]
    folder = tmp_path_factory.mktemp("strange")
    if program == "Jan":
        file = written(folder / "messages.jsonl", "\n".join(json.dumps(line) for line in whole))
    else:
        file = written(folder / "x.json", whole)
    with Store.open(DataPaths(folder / "data")) as store:
        try:
            store.import_file(file)
        except BadInput:
            assert store.conversations() == []


def test_circles_and_long_chains(store):
    circle = Chat("x", "1")
    for key, parent in (
        ("a", "c"),
        ("b", "a"),
        ("c", "b"),
        ("d", "d"),
        ("e", "hidden"),
        ("hidden", "hidden2"),
    ):
        circle.add(key, parent, "user" if key != "hidden" else "system", key)
    circle.add("hidden2", "hidden", "system", "x")
    tree = circle.tree()
    assert tree is not None and sorted(m.text for m in tree.messages) == ["a", "b", "c", "d", "e"]
    chain = Chat("x", "2")
    for number in reversed(range(20_000)):
        chain.add(str(number), str(number - 1), "user" if number % 2 else "assistant", "x")
    tree = chain.tree()
    assert tree is not None and len(tree.messages) == 20_000 and tree.messages[0].parent_id is None


def test_a_zip_can_neither_leave_its_place_nor_fill_the_memory(store, tmp_path, png, monkeypatch):
    outside = tmp_path / "file-AbC.png"
    outside.write_bytes(png)
    chats = exports.chatgpt()
    slip = packed(tmp_path / "slip.zip", {"conversations.json": chats, "../file-AbC.png": png})
    assert store.preview_import(slip).attachments == 1  # its bytes only: the name is used for nothing
    bomb = packed(tmp_path / "bomb.zip", {"conversations.json": b"[" + b" " * 50_000_000 + b"]"})
    with pytest.raises(BadInput, match="far too large"):
        store.import_file(bomb)
    monkeypatch.setattr(sources, "MAX_ENTRIES", 3)
    with pytest.raises(BadInput, match="more than 3"):
        store.import_file(packed(tmp_path / "many.zip", {f"{n}.json": [] for n in range(5)}))


def test_a_link_beside_the_file_is_not_followed(store, tmp_path, png):
    private = tmp_path / "private"
    private.mkdir()
    (private / "photo.png").write_bytes(png)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "file-AbC.png").symlink_to(private / "photo.png")
    file = written(tmp_path / "given" / "conversations.json", exports.chatgpt())
    report = store.import_file(file)
    assert report.attachments == 0 and "file-AbC.png is not an ordinary file." in report.left_out


def test_nothing_is_fetched_for_a_picture(store, tmp_path, png, no_network):
    chats = exports.open_webui(png)
    chats[0]["chat"]["history"]["messages"]["q"]["files"][0]["url"] = "https://example.com/x.png"
    report = store.import_file(written(tmp_path / "x.json", chats))
    assert report.attachments == 0 and report.left_out == ("A picture of a message was not in the file.",)


# --- on the command line -----------------------------------------------------------------------------------


def test_the_command_recognises_the_form_and_previews(attune_home, tmp_path, png, capsys):
    file = every_program(tmp_path, png)["ChatGPT"]
    assert main(["import", str(file), "--preview", "--json"], None) == 0
    preview = json.loads(capsys.readouterr().out)
    assert preview["form"] == "ChatGPT" and preview["messages"] == 5
    assert main(["import", str(file)], None) == 0
    said = capsys.readouterr()
    assert "ChatGPT: 1 conversation, 5 messages, 2 ratings, 1 attachment were new." in said.out
    assert "do not train" in said.err
    assert main(["import", str(file)], None) == 0
    assert "5 messages are here already" in capsys.readouterr().out
    assert main(["search", "Kyoto"], None) == 0
    assert "\x1b" not in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    assert main(["import", str(tmp_path / "empty")], None) == 1
    assert "Known are those of" in capsys.readouterr().err


def test_gemini(store, tmp_path, png):
    report = store.import_file(every_program(tmp_path, png)["Gemini"])
    told = " ".join(report.left_out)
    assert "one chat for each day" in told and "no prompt" in told
    chats = shown(store)
    assert chats["Gemini 2025-03-01"] == [("user", "Where is this?"), ("assistant", "In Kyoto.")]
    (asked, said) = chats["Gemini 2025-03-02"]
    assert asked == ("user", "How long is a list?") and "alert" not in said[1]
    assert "Use `len`:" in said[1] and "```\nlen(x)\n  # two\n```" in said[1] and "- a\n- b & c" in said[1]


@pytest.mark.parametrize("version", range(1, 13))
def test_gpt4all_in_every_version_that_is_known(store, tmp_path, version):
    (tmp_path / "gpt4all-c1d2.chat").write_bytes(exports.gpt4all(version))
    assert store.import_file(tmp_path / "gpt4all-c1d2.chat").form == "GPT4All"
    assert shown(store) == {
        "Trip 旅行": [
            ("user", "Where is Kyoto?"),
            ("assistant", "In Japan."),
            ("user", "Prompt: is a word, too"),
            ("assistant", "Yes. 是"),
        ]
    }
    assert [rating.value for rating in store.ratings()] == [1]


def test_a_chat_of_gpt4all_that_is_cut_off_or_newer(store, tmp_path):
    whole = exports.gpt4all()
    file = tmp_path / "x.chat"
    for cut in range(len(whole)):
        file.write_bytes(whole[:cut])
        try:
            report = imports.read(file)
        except BadInput as error:
            assert "\n" not in str(error)
        else:
            assert sum(len(tree.messages) for tree in report.trees) <= 4
    file.write_bytes(exports.gpt4all(13))
    with pytest.raises(BadInput, match="not known"):
        store.import_file(file)
    file.write_bytes(whole[:40] + b"\xff" * 4 + whole[44:])
    with contextlib.suppress(BadInput):
        imports.read(file)
