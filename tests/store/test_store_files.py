"""Out and back in: the JSON export, documents, whole backups, ratings.jsonl; hostile files are refused."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import jsonschema
import pytest
from PIL import Image
from samples import exchange

from assistant.cli import main
from assistant.errors import BadInput, NotFound, StoreError
from assistant.paths import DataPaths
from assistant.records import Attachment, Conversation, Generation, Message, Rating, Recognition
from assistant.store import Store, archive, health, migrations

_VERSION = f'"database": {migrations.VERSION}'.encode()


@pytest.fixture
def filled(store, picture):
    """Branches, a recognised picture, ratings of all kinds, a pin, a draft, a deleted conversation."""
    photo = store.add_attachment(picture)
    store.set_recognition(photo.sha256, Recognition((("tabby cat", 0.71),), "EXIT"))
    question, reply = exchange(store, "What is <this>?", "A **cat** & more 你好 🎉", system_prompt="Be kind.")
    branch = store.add_message(question.conversation_id, None, "user", "Look", [photo])
    answer = store.add_message(question.conversation_id, branch.id, "assistant", "A cat.")
    other = store.add_message(question.conversation_id, branch.id, "assistant", "A dog?")
    store.update_conversation(question.conversation_id, pinned=True, draft="unsent", folder="Cats")
    store.set_leaf(question.conversation_id, answer.id)
    store.add_rating("thumb", 1, reply.id, note="nice")
    store.withdraw_rating(store.add_rating("stars", 4, answer.id).id)
    store.add_rating("stars", 5, answer.id)
    store.add_rating("pair", -1, other.id, other_id=answer.id)
    store.add_rating("edit", 1, other.id, text="A small cat.")
    _, gone = exchange(store, "secret", "hidden")
    store.delete_conversation(gone.conversation_id)
    return store


def contents(store: Store):
    """Everything an export promises to bring back."""
    trees = []
    for conversation in sorted(store.conversations(), key=lambda c: c.id):
        messages = [store.message(m.id) for m in store.messages(conversation.id)]
        trees.append((conversation, messages))
    ratings = [dataclasses.replace(r, confirmed=True) for r in store.ratings(withdrawn=True)]
    return trees, ratings


def test_an_export_comes_back_as_it_was(filled, tmp_path):
    file = tmp_path / "all.json"
    counts = filled.export_json(file)
    assert counts == {"conversations": 1, "messages": 5, "ratings": 5, "attachments": 1}
    with Store.open(DataPaths(tmp_path / "new")) as new:
        report = new.import_file(file)
        assert (report.conversations, report.messages, report.ratings) == (1, 5, 5)
        assert report.left_out == ()
        assert contents(new) == contents(filled)
        (photo,) = [a for m in new.messages(new.conversations()[0].id) for a in m.attachments]
        assert hashlib.sha256(new.attachment_path(photo.sha256).read_bytes()).hexdigest() == photo.sha256
        # Imported ratings wait for the user's word.
        assert new.ratings(confirmed=True) == [] and new.confirm_ratings() == 5
        again = new.import_file(file)
        assert (again.conversations, again.messages, again.ratings, again.attachments) == (0, 0, 0, 0)
        new.export_json(tmp_path / "again.json")
    first, second = (json.loads((tmp_path / n).read_text("utf-8")) for n in ("all.json", "again.json"))
    for part in ("conversations", "attachments"):
        for item in [*first[part], *second[part]]:
            item.pop("created_at")  # of a picture: when it came here
        assert first[part] == second[part]


def test_importing_brings_a_deleted_conversation_back(filled, tmp_path):
    filled.export_json(tmp_path / "all.json")
    (conversation,) = filled.conversations()
    before = contents(filled)
    filled.delete_conversation(conversation.id)
    report = filled.import_file(tmp_path / "all.json")
    assert report.messages == 0 and contents(filled) == before


def test_one_conversation_alone(filled, tmp_path):
    _, reply = exchange(filled, "another", "one")
    filled.add_rating("thumb", -1, reply.id)
    counts = filled.export_json(tmp_path / "one.json", [reply.conversation_id])
    assert counts == {"conversations": 1, "messages": 2, "ratings": 1, "attachments": 0}
    with Store.open(DataPaths(tmp_path / "new")) as new:
        assert new.import_file(tmp_path / "one.json").messages == 2
        assert new.message(reply.id) == reply
    with pytest.raises(NotFound):
        filled.export_json(tmp_path / "none.json", ["x"])
    assert not (tmp_path / "none.json").exists()


ID = "0123456789abcdef" * 2
AT = "2026-01-01T00:00:00+00:00"
MESSAGE = {"id": ID, "role": "user", "text": "x", "created_at": AT}
TREE = {"id": ID, "title": "t", "created_at": AT, "updated_at": AT, "messages": [MESSAGE]}
RATING = {"id": ID, "kind": "thumb", "value": 1, "created_at": AT, "message_id": ID}


def export(**parts) -> str:
    return json.dumps({"format": "attune-export", "version": 1, **parts})


def test_the_smallest_import(store, tmp_path):
    (tmp_path / "x.json").write_text(export(conversations=[TREE], ratings=[]))
    assert store.import_file(tmp_path / "x.json").messages == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"format": "other"}',
        '{"format": "attune-export"}',
        '{"format": "attune-export", "version": 99}',
        export(conversations=[TREE])[:-40],
        export(conversations={}),
        export(conversations=[1]),
        export(conversations=[{**TREE, "id": "../../x"}]),
        export(conversations=[{**TREE, "pinned": "yes"}]),
        export(conversations=[{**TREE, "created_at": "yesterday"}]),
        export(conversations=[{**TREE, "leaf_id": "f" * 32}]),
        export(conversations=[{**TREE, "messages": [{**MESSAGE, "parent_id": ID}]}]),
        export(conversations=[{**TREE, "messages": [MESSAGE, MESSAGE]}]),
        export(conversations=[TREE, {**TREE, "id": "f" * 32}]),
        export(conversations=[{**TREE, "messages": [{**MESSAGE, "role": "root"}]}]),
        export(conversations=[{**TREE, "messages": [{**MESSAGE, "text": 5}]}]),
        export(conversations=[{**TREE, "messages": [{**MESSAGE, "generation": {"model": "m"}}]}]),
        export(conversations=[TREE], ratings=[{**RATING, "value": 3}]),
        export(conversations=[TREE], ratings=[{**RATING, "kind": "shout"}]),
        export(attachments=[{"sha256": "0" * 64, "kind": "image", "mime": "", "name": "", "data": "eA=="}]),
        export(attachments=[{"sha256": "/etc/passwd", "kind": "image", "data": "eA=="}]),
        export(attachments=[{"sha256": "0" * 64, "kind": "image", "data": "no base64!"}]),
        export(conversations=[TREE]).replace('"x"', "NaN"),
    ],
)
def test_a_bad_export_is_refused_and_changes_nothing(store, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BadInput):
        store.import_file(tmp_path / "x.json")
    assert store.conversations() == [] and list(store.paths.attachments.iterdir()) == []


def test_a_file_that_is_not_there_or_no_text(store, tmp_path):
    with pytest.raises(BadInput):
        store.import_file(tmp_path / "missing.json")
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(BadInput):
        store.import_file(tmp_path / "x.json")
    with pytest.raises(BadInput):
        store.import_file(tmp_path)


def test_a_hostile_picture_is_left_out_and_the_rest_comes_in(store, tmp_path):
    data = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    sha256 = hashlib.sha256(data).hexdigest()
    picture = {"sha256": sha256, "kind": "image", "mime": "image/png", "name": "../evil.png"}
    picture["data"] = base64.b64encode(data).decode()
    message = {**MESSAGE, "attachments": [{"sha256": sha256, "name": "../evil.png"}]}
    (tmp_path / "x.json").write_text(
        export(attachments=[picture], conversations=[{**TREE, "messages": [message]}])
    )
    report = store.import_file(tmp_path / "x.json")
    assert report.messages == 1 and len(report.left_out) == 2
    assert store.message(ID).attachments == () and list(store.paths.attachments.iterdir()) == []


def test_an_export_that_cannot_be_written(filled, tmp_path):
    with pytest.raises(StoreError):
        filled.export_json(tmp_path / "no folder" / "x.json")


SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "export.schema.json").read_text("utf-8"))


def test_an_export_is_what_its_schema_says(filled, tmp_path):
    filled.export_json(tmp_path / "all.json")
    made = json.loads((tmp_path / "all.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(made, SCHEMA)
    assert made["conversations"] and made["ratings"] and made["attachments"]
    for spoilt in ("version", "ratings"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in made.items() if name != spoilt}, SCHEMA)


@pytest.mark.parametrize(
    ("record", "part"),
    [
        (Conversation, "conversation"),
        (Message, "message"),
        (Generation, "generation"),
        (Rating, "rating"),
        (Attachment, "attachment"),
    ],
)
def test_the_schema_knows_every_field(record, part):
    """A field that is added goes out, so the schema and, if older readers would misunderstand, the version must follow."""
    names = {field.name for field in dataclasses.fields(record)} - {"conversation_id"}
    assert names <= set(SCHEMA["$defs"][part]["properties"])


def test_chats_for_training(filled, tmp_path):
    assert filled.export_document(tmp_path / "x.jsonl", "openai") == 1
    (line,) = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    system, asked, reply = line["messages"]
    assert (system, reply) == (
        {"role": "system", "content": "Be kind."},
        {"role": "assistant", "content": "A cat."},
    )
    assert asked["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert asked["content"][1] == {"type": "text", "text": "Look"}
    assert filled.export_document(tmp_path / "x.jsonl", "sharegpt") == 1
    line = json.loads((tmp_path / "x.jsonl").read_text("utf-8"))
    assert [turn["from"] for turn in line["conversations"]] == ["system", "human", "gpt"]


def test_ratings_for_trl(store, tmp_path, picture):
    """Each line has the columns that TRL's docs name for the kind of data set."""
    question, reply = exchange(store, "Say hello", "hello", system_prompt="Be kind.")
    again = store.add_message(question.conversation_id, reply.id, "user", "Shorter")
    short = store.add_message(question.conversation_id, again.id, "assistant", "hi")
    long = store.add_message(question.conversation_id, again.id, "assistant", "good day")
    store.add_rating("thumb", 1, reply.id)
    store.add_rating("pair", -1, long.id, other_id=short.id)
    store.add_rating("pair", 0, long.id, other_id=short.id)
    store.add_rating("edit", 1, short.id, text="Hi!")
    for stars, text in ((2, "x"), (3, "y"), (5, "z")):
        store.add_rating("stars", stars, exchange(store, "Say", text)[1].id)
    photo = store.add_message(question.conversation_id, None, "user", "Look", [store.add_attachment(picture)])
    store.add_rating(
        "thumb", 1, store.add_message(question.conversation_id, photo.id, "assistant", "a cat").id
    )

    def lines(form) -> list[dict]:
        report = store.export_ratings_for_training(tmp_path / "x.jsonl", form)
        found = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
        assert len(found) == report.added
        return [*found, report.left_out]

    pair, edit, left_out = lines("trl-preference")
    before = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Say hello"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "Shorter"},
    ]
    assert pair == {
        "prompt": before,
        "chosen": [{"role": "assistant", "content": "hi"}],
        "rejected": [{"role": "assistant", "content": "good day"}],
    }
    assert edit["chosen"][0]["content"] == "Hi!" and edit["rejected"][0]["content"] == "hi"
    assert left_out == 6  # thumbs, stars, a tie
    *said, left_out = lines("trl-kto")
    assert all(set(line) == {"prompt", "completion", "label"} for line in said)
    assert [(line["completion"][0]["content"], line["label"]) for line in said] == [
        ("hello", True),
        ("hi", True),
        ("good day", False),
        ("Hi!", True),
        ("hi", False),
        ("x", False),
        ("z", True),
    ]
    assert left_out == 3  # a tie, three stars, a picture


def test_one_conversation_on_the_command_line(attune_home, tmp_path, capsys):
    with Store.open(DataPaths(attune_home)) as store:
        wanted = exchange(store, "about cats", "they purr")[0].conversation_id
        exchange(store, "about dogs", "they bark")
    for form in ("json", "markdown", "html", "text", "openai", "sharegpt"):
        file = tmp_path / f"one.{form}"
        assert main(["export", str(file), "--format", form, "--conversation", wanted], None) == 0
        text = file.read_text("utf-8")
        assert "they purr" in text and "bark" not in text
        if os.name == "posix":
            assert file.stat().st_mode & 0o077 == 0
    assert main(["export", str(file), "--conversation", "nowhere"], None) == 1
    assert "There is no conversation" in capsys.readouterr().err
    for form in ("attune", "trl-preference", "trl-kto"):
        assert main(["ratings", "export", str(tmp_path / "r.jsonl"), "--format", form], None) == 0


def test_documents(filled, tmp_path):
    assert filled.export_document(tmp_path / "all.md", "markdown") == 1
    text = (tmp_path / "all.md").read_text("utf-8")
    assert "# What is <this>?" in text and "A cat." in text and "tabby cat 0.71" in text
    assert "A dog?" not in text and "hidden" not in text
    (conversation,) = filled.conversations()
    first = filled.messages(conversation.id)[1]
    filled.set_leaf(conversation.id, first.id)
    assert filled.export_document(tmp_path / "all.html", "html") == 1
    page = (tmp_path / "all.html").read_text("utf-8")
    assert "What is &lt;this&gt;?" in page and "A **cat** &amp; more 你好 🎉" in page and "<this>" not in page


# --- backups -----------------------------------------------------------------------------------------------


def test_a_backup_brings_everything_back(filled, paths, tmp_path):
    (paths.styles / "v1").mkdir()
    (paths.styles / "v1" / "adapter.safetensors").write_bytes(b"weights")
    paths.settings.write_text('{"theme": "dark"}')
    before = contents(filled)
    report = filled.backup_to(tmp_path / "all.attune")
    assert report.messages == 7 and report.files == 4
    filled.erase_everything()
    exchange(filled, "newer")
    with pytest.raises(StoreError, match="close it first"):
        archive.restore(paths, tmp_path / "all.attune")
    filled.close()
    (paths.styles / "v1" / "adapter.safetensors").unlink()
    restored = archive.restore(paths, tmp_path / "all.attune")
    with Store.open(paths) as store:
        assert contents(store) == before
        for message in store.messages(store.conversations()[0].id):
            for attachment in message.attachments:
                assert store.attachment_path(attachment.sha256).is_file()
    assert (paths.styles / "v1" / "adapter.safetensors").read_bytes() == b"weights"
    assert paths.settings.read_text() == '{"theme": "dark"}'
    aside = paths.backups / restored.kept_aside.rsplit("/")[-1] / "attune.db"
    assert aside.is_file()


def change(source, target, edit):
    """Copy a backup, letting ``edit(name, data)`` change an entry's (name, data) or leave it out (None)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            changed = edit(entry.filename, old.read(entry))
            if changed is not None:
                new.writestr(*changed)


def with_slip(name, data):
    if name != "manifest.json":
        return name, data
    manifest = json.loads(data)
    manifest["files"]["../../slip"] = "0" * 64
    return name, json.dumps(manifest)


@pytest.mark.parametrize(
    "edit",
    [
        with_slip,
        lambda name, data: None if name == "manifest.json" else (name, data),
        lambda name, data: None if name == "attune.db" else (name, data),
        lambda name, data: (name, b"{") if name == "manifest.json" else (name, data),
        lambda name, data: (name, data[:-1] + b"!") if name == "attune.db" else (name, data),
        lambda name, data: (name, data + b"!") if name.startswith("attachments") else (name, data),
        lambda name, data: (name, data.replace(_VERSION, b'"database": 99')),
    ],
)
def test_a_bad_backup_is_refused_and_changes_nothing(filled, paths, tmp_path, edit):
    filled.backup_to(tmp_path / "good")
    change(tmp_path / "good", tmp_path / "bad", edit)
    before = contents(filled)
    filled.close()
    with pytest.raises(BadInput):
        archive.restore(paths, tmp_path / "bad")
    with Store.open(paths) as store:
        assert contents(store) == before
    assert not (paths.root / "restore.tmp").exists() and not (tmp_path / "slip").exists()


@pytest.mark.parametrize("size", [0, 10, 1000, 20_000])
def test_a_cut_off_backup_is_refused(filled, paths, tmp_path, size):
    filled.backup_to(tmp_path / "good")
    filled.close()
    (tmp_path / "bad").write_bytes((tmp_path / "good").read_bytes()[:size])
    with pytest.raises(BadInput):
        archive.restore(paths, tmp_path / "bad")
    with pytest.raises(BadInput):
        archive.restore(paths, tmp_path / "missing")


@pytest.mark.parametrize("moves", range(10))
def test_a_restore_that_is_cut_off_is_whole_at_the_next_start(filled, paths, tmp_path, monkeypatch, moves):
    (paths.styles / "v1").mkdir()
    (paths.styles / "v1" / "adapter.safetensors").write_bytes(b"weights")
    then = contents(filled)
    filled.backup_to(tmp_path / "good")
    exchange(filled, "newer")
    now = contents(filled)
    filled.close()

    class Killed(BaseException):
        pass

    replace, left = archive.os.replace, [moves]

    def until_killed(source, target):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        replace(source, target)

    monkeypatch.setattr(archive.os, "replace", until_killed)
    monkeypatch.setattr(archive.shutil, "rmtree", lambda *args, **kwargs: None)  # nor does it clean up
    killed = False
    try:
        archive.restore(paths, tmp_path / "good")
    except Killed:
        killed = True
    monkeypatch.undo()
    assert killed or moves > 6
    with Store.open(paths) as store:
        assert contents(store) == (now if moves < 2 else then)
        assert health.examine(paths) == []
    assert (paths.styles / "v1" / "adapter.safetensors").read_bytes() == b"weights"


# --- ratings.jsonl -----------------------------------------------------------------------------------------


def jsonl(*lines) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


LINES = [
    {"prompt": "Say hi", "reply": "Hi\u2028there", "rating": 1},
    {"prompt": "Say hi", "reply": "No", "rating": -1, "at": "2026-02-03T04:05:06+08:00"},
    {"prompt": "Say hi", "reply": "Hello", "stars": 4, "note": "kind", "unknown": {"key": 1}},
    {"prompt": "问", "chosen": "好", "rejected": "坏", "history": [{"role": "user", "content": "先"}]},
]


def test_every_form_of_rating_is_taken_in(store, tmp_path, png):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(png)
    picture = {**LINES[0], "images": ["pictures/a.png"]}
    (tmp_path / "r.jsonl").write_text(jsonl(*LINES, picture) + "\n  \n", encoding="utf-8")
    report = store.import_ratings(tmp_path / "r.jsonl")
    assert (report.added, report.already) == (5, 0)
    thumb, down, stars, pair, seen = store.ratings(confirmed=False)
    assert (thumb.kind, thumb.value, thumb.prompt, thumb.reply) == ("thumb", 1, "Say hi", "Hi\u2028there")
    assert down.value == -1 and down.created_at == "2026-02-02T20:05:06.000+00:00"
    assert (stars.kind, stars.value, stars.note) == ("stars", 4, "kind")
    assert (pair.kind, pair.reply, pair.other) == ("pair", "好", "坏")
    assert pair.history == ({"role": "user", "content": "先"},)
    assert store.attachment(seen.images[0]).mime == "image/png"
    assert store.import_ratings(tmp_path / "r.jsonl").already == 5 and store.ratings(confirmed=True) == []
    again = store.import_ratings(tmp_path / "r.jsonl", confirmed=True)
    assert (again.added, again.already) == (0, 5)
    assert store.confirm_ratings() == 0 and len(store.ratings(confirmed=True)) == 5


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        "[]",
        '{"prompt": "x"}',
        '{"prompt": "", "reply": "y", "rating": 1}',
        '{"prompt": "x", "reply": "y", "rating": 0}',
        '{"prompt": "x", "reply": "y", "rating": 2}',
        '{"prompt": "x", "reply": "y", "rating": true}',
        '{"prompt": "x", "reply": "y", "rating": "1"}',
        '{"prompt": "x", "reply": "y", "stars": 0}',
        '{"prompt": "x", "reply": "y", "stars": 3.5}',
        '{"prompt": "x", "reply": "y", "stars": 3, "rating": 1}',
        '{"prompt": "x", "rating": 1}',
        '{"prompt": 5, "reply": "y", "rating": 1}',
        '{"prompt": "x", "chosen": "y"}',
        '{"prompt": "x", "chosen": "y", "rejected": "y"}',
        '{"prompt": "x", "chosen": " ", "rejected": "y"}',
        '{"prompt": "x", "reply": "y", "rating": 1, "at": "noon"}',
        '{"prompt": "x", "reply": "y", "rating": 1, "history": [{"role": "cat", "content": ""}]}',
        '{"prompt": "x", "reply": "y", "rating": 1, "images": ["missing.png"]}',
        '{"prompt": "x", "reply": "y", "rating": 1, "images": ["r.jsonl"]}',
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(store, tmp_path, bad):
    (tmp_path / "r.jsonl").write_text(jsonl(LINES[0], LINES[1]) + bad + "\n" + jsonl(LINES[2]))
    with pytest.raises(BadInput, match=r"^Line 3\b"):
        store.import_ratings(tmp_path / "r.jsonl")
    assert store.ratings(withdrawn=True) == []


def test_a_file_without_ratings(store, tmp_path):
    (tmp_path / "r.jsonl").write_text("\n\n")
    with pytest.raises(BadInput, match="no ratings"):
        store.import_ratings(tmp_path / "r.jsonl")


def test_ratings_go_out_and_come_back(filled, tmp_path):
    report = filled.export_ratings(tmp_path / "r.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert report.added == len(lines) == 4
    thumb, stars, pair, edit = lines
    assert thumb["rating"] == 1 and thumb["note"] == "nice" and thumb["prompt"] == "What is <this>?"
    assert thumb["history"] == [{"role": "system", "content": "Be kind."}]
    assert stars["stars"] == 5 and Image.open(io.BytesIO((tmp_path / stars["images"][0]).read_bytes())).size
    assert (pair["chosen"], pair["rejected"]) == ("A cat.", "A dog?")
    assert (edit["chosen"], edit["rejected"], edit["kind"]) == ("A small cat.", "A dog?", "edit")
    assert filled.import_ratings(tmp_path / "r.jsonl").added == 0
    with Store.open(DataPaths(tmp_path / "new")) as new:
        assert new.import_ratings(tmp_path / "r.jsonl", confirmed=True).added == 4
        new.export_ratings(tmp_path / "again.jsonl")
        again = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text("utf-8").splitlines()]
    for line in [*lines, *again]:
        line.pop("images", None)  # the folder is named after the file
    assert again == lines


# --- erasing -----------------------------------------------------------------------------------------------


def test_what_is_erased_is_in_no_file_any_more(filled, paths, tmp_path):
    _, reply = exchange(filled, "tell nobody", "the password is xyzzy-plugh")
    rating = filled.add_rating("thumb", 1, reply.id)
    filled.add_style("starter", style_id="v9", used=[rating.id])
    from assistant.store import backup

    backup.before_migration(filled.db, paths, 2)
    everywhere = lambda: b"".join(  # noqa: E731
        file.read_bytes() for file in paths.root.rglob("*") if file.is_file()
    )
    assert b"xyzzy-plugh" in everywhere()
    trained = filled.erase(conversations=[reply.conversation_id])
    assert [style.id for style in trained] == ["v9"]
    data = everywhere()
    assert b"xyzzy-plugh" not in data and b"xyzzy" not in data
    with pytest.raises(NotFound):
        filled.message(reply.id)
    assert len(filled.conversations()) == 1 and filled.search("kind") == []
    filled.erase_everything()
    assert filled.conversations() == [] and list(paths.attachments.iterdir()) == []
    assert b"tabby" not in everywhere()
