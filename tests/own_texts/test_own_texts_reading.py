"""Texts of the user's own: what is read from files and mail, and what request each would answer."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import BadInput
from assistant.own_texts import mail_reader, prompts, reading

ESSAY = (
    "The harbour sleeps in winter. Boats lie under canvas and nobody counts the gulls. I walk there on Sundays, "
    "because the harbour says nothing, and that is what I like about it."
)


def mail(
    text: str, sender: str = "Ada <ada@home.example>", subject: str = "Heating", html: str = ""
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "bob@work.example", subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return bytes(message)


def docx(path: Path, *paragraphs: str) -> Path:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
    return path


def test_text_markdown_and_word_files_are_read(tmp_path):
    (tmp_path / "a.txt").write_text(ESSAY, encoding="utf-8")
    (tmp_path / "b.md").write_text(f"# Harbour\n\n{ESSAY}", encoding="utf-8")
    (tmp_path / "c.txt").write_bytes(
        ("我喜欢冬天的港口，因为那里很安静，没有人说话，只有海鸥在叫。" * 3).encode("gb18030")
    )
    docx(tmp_path / "d.docx", "I wrote this in a word processor.", ESSAY)
    found = reading.read([tmp_path / name for name in ("a.txt", "b.md", "c.txt", "d.docx")])
    assert found.refused == () and [text.name for text in found.found] == ["a.txt", "b.md", "c.txt", "d.docx"]
    assert found.found[0].text == ESSAY and "word processor" in found.found[3].text
    assert "港口" in found.found[2].text and found.found[2].prompt.startswith("写一段文字")


def test_only_the_senders_own_words_of_a_mail_are_taken(tmp_path):
    text = (
        "Hello Bob,\n\nthe heating has been cold since Monday. Could you send somebody this week, please?\n\nAda\n"
        "-- \nAda Example, 1 Harbour Road\n\nOn Mon, 3 March 2025 at 10:00, Bob <bob@work.example>\nwrote:\n> What is wrong?\n"
    )
    own = mail_reader.own_part(text)
    assert (
        "cold since Monday" in own and "Harbour Road" not in own and "wrong" not in own and "wrote" not in own
    )
    forwarded = "See what he wrote, I cannot believe it.\n\nFrom: Bob <b@x.example>\nSent: Monday\nTo: Ada\n\nIt is late."
    assert mail_reader.own_part(forwarded) == "See what he wrote, I cannot believe it."
    chinese = "好的，我明天早上九点到。\n\n在 2025年3月3日，小明 写道：\n> 什么时候到？"
    assert mail_reader.own_part(chinese) == "好的，我明天早上九点到。"
    kept = "From: here to the sea it is an hour.\nOn we go, I wrote: nothing helps."
    assert mail_reader.own_part(kept) == kept


def test_a_mailbox_gives_the_mails_of_one_sender(tmp_path):
    box = b""
    for number, (sender, words) in enumerate(
        [
            ("Ada <ADA@home.example>", ESSAY),
            ("Bob <bob@work.example>", "No. " * 20),
            ("ada@home.example", ESSAY[:120]),
        ]
    ):
        box += (
            f"From {number} Mon Mar  3 10:00:00 2025\n".encode()
            + mail(words, sender, f"Re: Nr {number}")
            + b"\n"
        )
    (tmp_path / "sent.mbox").write_bytes(box)
    (tmp_path / "one.eml").write_bytes(mail(ESSAY + " Yours.", html="<p>x</p>"))
    found = reading.read([tmp_path / "sent.mbox", tmp_path / "one.eml"])
    assert found.senders == {"ada@home.example": 3, "bob@work.example": 1}
    own = found.of("Ada@Home.example")
    assert [text.name for text in own.found] == ["Nr 0", "Nr 2", "Heating"]
    assert own.found[0].kind == "email" and own.found[0].prompt == "Write an e-mail about this: Nr 0."


def test_mail_in_html_alone_is_read_without_quotes():
    message = EmailMessage()
    message["From"], message["Subject"] = "ada@home.example", "Hi"
    message.set_content(
        "<style>p{}</style><p>The boat is <b>ready</b> and painted, come and see it.</p><blockquote>Is it?</blockquote>",
        subtype="html",
    )
    (found,) = mail_reader.read(bytes(message))
    assert found.text == "The boat is ready and painted, come and see it."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("spaces.md", b"  \n\n "),
        ("short.txt", b"Hi."),
        ("binary.txt", bytes(range(256)) * 40),
        ("empty.eml", b""),
        ("noise.eml", bytes(range(256)) * 40),
        ("noise.mbox", b"From \x00\xff\n" * 300),
        ("broken.docx", b"PK\x03\x04 nothing"),
        ("picture.png", b"\x89PNG\r\n"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_a_sentence(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    found = reading.read([tmp_path / name])
    assert found.found == () and len(found.refused) == 1
    assert name in found.refused[0] and found.refused[0].endswith(".") and "\n" not in found.refused[0]


def test_a_zip_bomb_and_deep_mail_are_refused_and_the_rest_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * 300_000_000)
    deep = (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\nContent-Type: message/rfc822\n\n" * 3000
    )
    (tmp_path / "deep.eml").write_bytes(deep)
    (tmp_path / "good.txt").write_text(ESSAY, encoding="utf-8")
    found = reading.read([tmp_path / name for name in ("bomb.docx", "deep.eml", "missing.txt", "good.txt")])
    assert [text.name for text in found.found] == ["good.txt"] and len(found.refused) == 3


@given(st.binary(max_size=400), st.sampled_from([b"", b"From x\n", b"From: a@b.example\n\n"]))
def test_no_mail_breaks_the_reader(data, start):
    told, _rows = mail_reader.answer(start + data)
    assert "mails" in told or "refused" in told


@given(st.text(max_size=300))
def test_any_text_is_split_and_asked_for(text):
    for part in prompts.parts(text):
        assert prompts.prompt_of(part, prompts.kind_of(part)).strip()


def test_a_long_text_is_taken_in_parts_whose_requests_state_their_length():
    from assistant.learning.request import read

    found = reading.pasted("\n\n".join([ESSAY] * 40))
    assert len(found) > 2 and all(text.words <= 1.6 * prompts.PART_WORDS for text in found)
    assert all(read(text.prompt).amount is not None for text in found)
    endless = reading.pasted("word " * 100_000)
    assert 1 <= len(endless) <= prompts.MOST_PARTS


def test_kinds_of_text_are_recognised():
    letter = "Dear Mr Klein,\n\nthe heating has been cold since Monday.\n\nKind regards\nAda"
    assert prompts.kind_of(letter) == "letter" and prompts.kind_of("History is " + ESSAY) == ""
    assert "letter" in prompts.prompt_of(letter, "letter") and "heating" in prompts.prompt_of(
        letter, "letter"
    )


def test_too_little_is_said():
    for text in ("", "   ", "Hello there."):
        with pytest.raises(BadInput):
            reading.pasted(text)
