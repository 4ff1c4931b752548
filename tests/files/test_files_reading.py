"""Files are read rightly, or refused in one sentence that names them."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import zipfile
from pathlib import Path

import docx as python_docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.attachment_intake import take
from assistant.errors import BadInput
from assistant.files import decoding, document, text_reader
from assistant.files.intake import IntakeFile, intake
from assistant.files.kinds import Refused
from assistant.sound.intake import IntakeSound
from assistant.vision.intake import IntakeImage
from files import documents


def text_of(data: bytes) -> str:
    """What the reading process makes of a file, without the process."""
    read, _, _ = decoding.read(data)
    return read.text


def refusal(data: bytes) -> str:
    answer, rest = decoding.answer(data)
    assert rest == b""
    return str(answer["refused"])


# --- text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain words\nand lines", "ascii"),
        ("café · 你好 · 🙂", "utf-8"),
        ("你好，世界。", "utf-8-sig"),
        ("hello\nworld 你好", "utf-16"),
        ("hello\nworld", "utf-16-le"),
        ("hello\nworld 你好", "utf-16-be"),
        ("hello", "utf-32"),
        ("姓名,年龄\n张三,30\n李四,25\n", "gb18030"),
        ("你好，世界。这是一个测试文件。", "gb18030"),
        ("春天来了，花园里的花都开了。孩子们在草地上奔跑。" * 5, "gbk"),
        ("한국어 테스트 문서입니다. 오늘은 날씨가 좋습니다.", "euc_kr"),
        ("こんにちは、世界。これはテストです。", "euc_jp"),
        ("こんにちは、世界。これはテストです。", "shift_jis"),
        ("繁體中文測試文件。這是一個測試。", "big5"),
        ("Café crème, naïve façade – 20 €", "cp1252"),
        ("Привет, как дела? Это обычный русский текст.", "cp1251"),
    ],
)  # fmt: skip
def test_a_text_is_read_in_its_own_encoding(text: str, encoding: str) -> None:
    assert text_of(text.encode(encoding)) == text.strip("\n")


def test_line_ends_and_invisible_signs_are_set_right() -> None:
    assert text_of("a\r\nb\rc\x00".replace("\x00", "").encode()) == "a\nb\nc"
    hidden = "pay" + "\U000e0041\U000e0042" + "\u202eevil\u202c 你\u200d好"
    assert text_of(hidden.encode()) == "payevil 你\u200d好"


def test_a_text_that_was_cut_in_a_character_is_still_utf8() -> None:
    assert text_of("你好你好你好".encode()[:-1]) == "你好你好你"


@pytest.mark.parametrize(
    ("data", "clause"),
    [
        (bytes(range(256)) * 40, "is not text"),
        (b"\x00\x01\x02" * 1000, "is not text"),
        (b"   \n\t ", "is empty"),
        (codecs.BOM_UTF8 + b"  ", "is empty"),
        (b"MZ\x90\x00\x03" + b"\0" * 200, "is a program"),
        (b"{\\rtf1 hello}", "is an RTF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "of the old form"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"\x1f\x8b\x08" + b"\0" * 30, "is a compressed archive"),
        (b"PK\3\4 broken", "is cut off or damaged"),
        (b"%PDF-1.7\nbroken", "is cut off or damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_clause(data: bytes, clause: str) -> None:
    assert clause in refusal(data)
    assert refusal(data).endswith(".")


@pytest.mark.parametrize(
    ("inside", "clause"),
    [
        ("xl/workbook.xml", "Excel workbook"),
        ("ppt/presentation.xml", "PowerPoint"),
        ("content.xml", "OpenDocument"),
        ("META-INF/container.xml", "e-book"),
        ("notes.txt", "ZIP archive"),
    ],
)
def test_other_archives_are_named(inside: str, clause: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(inside, "x")
    assert clause in refusal(file.getvalue())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"%PDF-1.4\n", b"PK\3\4", b"\xff\xfe", document.START):
        answer, rest = decoding.answer(start + data)
        assert answer.get("refused") or document.from_bytes(rest[: answer["document"]])


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=400))
def test_any_text_comes_back_but_for_what_is_invisible(text: str) -> None:
    try:
        data = text.encode()
        found = text_reader.read(data)
    except (UnicodeEncodeError, Refused):
        return
    assert found.lstrip("\ufeff") == text.lstrip("\ufeff")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.integers(0, 9), st.integers(0, 99))
def test_the_kept_form_comes_back_as_it_was(text: str, number: int, total: int) -> None:
    made = document.Document((document.Page(number, document.plain(text), "ab" * 32),), total)
    kept = document.to_bytes(made)
    assert document.from_bytes(kept) == made
    assert document.to_bytes(document.from_bytes(kept)) == kept
    assert kept.startswith(document.START)


@pytest.mark.parametrize(
    "value",
    [
        b"{}",
        b"[]",
        document.START + b'"pages":[]}',
        document.START + b'"total_pages":-1,"pages":[]}',
        document.START + b'"total_pages":1,"pages":[{"number":1,"text":5,"picture":""}]}',
        document.START + b'"total_pages":1,"pages":[{"number":1,"text":"a","picture":"../../x"}]}',
        document.START + b'"total_pages":1e999,"pages":[]}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_kept_form_is_refused(value: bytes) -> None:
    with pytest.raises(BadInput):
        document.from_bytes(value)


# --- documents ------------------------------------------------------------------------------------------------


def test_a_pdf_is_read_page_by_page() -> None:
    found, pictures, note = decoding.read(documents.pdf(["Rent is 950 euros.", "", "The end (really)."]))
    assert [(page.number, page.text) for page in found.pages] == [
        (1, "Rent is 950 euros."),
        (2, ""),
        (3, "The end (really)."),
    ]
    assert found.total_pages == 3 and not pictures and not note


def test_pages_without_text_come_as_pictures() -> None:
    found, pictures, note = decoding.read(documents.scanned_pdf(10))
    assert [number for number, _ in pictures] == list(range(1, 9))
    assert all(jpeg.startswith(b"\xff\xd8\xff") for _, jpeg in pictures)
    assert [bool(page.picture) for page in found.pages] == [True] * 8 + [False] * 2
    assert note == "pictures of 8 of the 10 pages without text"


def test_a_pdf_with_a_password_or_with_nothing_in_it_is_refused() -> None:
    assert "protected by a password" in refusal(documents.protected_pdf())
    assert "no text and no pictures" in refusal(documents.scanned_pdf(2, ink=False))


def test_a_cut_pdf_is_read_as_far_as_it_goes_or_refused() -> None:
    whole = documents.pdf(["page one", "page two"])
    for end in range(20, len(whole), 97):
        answer, _ = decoding.answer(whole[:end])
        assert "refused" in answer or answer["document"]


def test_a_word_document_is_read_in_order_with_tables(tmp_path: Path) -> None:
    made = python_docx.Document()
    made.add_heading("Minutes", 1)
    made.add_paragraph("First paragraph.")
    table = made.add_table(2, 2)
    for place, words in enumerate(["Name", "Age", "Ann", "31"]):
        table.cell(place // 2, place % 2).text = words
    made.add_paragraph("Last paragraph.")
    file = io.BytesIO()
    made.save(file)
    lines = [line.strip() for line in text_of(file.getvalue()).splitlines() if line.strip()]
    assert lines == ["Minutes", "First paragraph.", "Name | Age |", "Ann | 31 |", "Last paragraph."]


def test_tracked_changes_fields_and_page_breaks_of_a_word_document() -> None:
    body = (
        "<w:p><w:r><w:t>before </w:t></w:r>"
        '<w:ins w:id="1" w:author="a"><w:r><w:t>inserted</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>'
        f"<w:sdt><w:sdtContent>{documents.paragraph('in a control')}</w:sdtContent></w:sdt>"
        "<w:p><w:r><w:lastRenderedPageBreak/><w:t>second page</w:t></w:r></w:p>"
    )
    found, _, _ = decoding.read(
        documents.docx(body, f"<w:footnote>{documents.paragraph('a note')}</w:footnote>")
    )
    assert [page.text for page in found.pages] == [
        "before inserted\nin a control",
        "second page\n\n\nFootnotes\na note",
    ]
    assert found.total_pages == 2


def test_hostile_word_documents_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", f"<!DOCTYPE x [{laughs}]><x>&a11;</x>")
    assert "damaged" in refusal(file.getvalue())
    outside = io.BytesIO()
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><w:document {documents.W}>'
            "<w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>",
        )
    answer, _ = decoding.answer(outside.getvalue())
    assert "refused" in answer
    documents.bomb(tmp_path / "bomb.docx")
    assert (tmp_path / "bomb.docx").stat().st_size < 2_000_000
    assert "unpacks to more than 200 MB" in refusal((tmp_path / "bomb.docx").read_bytes())


# --- the door -------------------------------------------------------------------------------------------------


def test_files_are_read_in_a_process_of_its_own_and_named(tmp_path: Path) -> None:
    path = tmp_path / "报告.pdf"
    path.write_bytes(documents.pdf(["one", "two"]))
    found = intake(path)
    assert (found.name, found.pages, found.size_bytes) == ("报告.pdf", 2, path.stat().st_size)
    assert document.from_bytes(found.data) == found.document
    again = intake(found.data, "other name.pdf")  # from an export
    assert again.data == found.data and again.name == "other name.pdf"


def test_pictures_of_pages_belong_to_the_file() -> None:
    found = intake(documents.scanned_pdf(2), "scan.pdf")
    assert [picture.name for picture in found.pictures] == ["scan.pdf, 1", "scan.pdf, 2"]
    names = [hashlib.sha256(picture.data).hexdigest() for picture in found.pictures]
    assert [page.picture for page in found.document.pages] == names


@pytest.mark.parametrize("name", ["missing.txt", "folder", "pipe", "empty.txt", "huge.log", "binary.txt"])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "binary.txt").write_bytes(os.urandom(5000))
    with (tmp_path / "huge.log").open("wb") as huge:
        huge.truncate(1_000_000_000)
    with pytest.raises(BadInput) as refused:
        intake(tmp_path / name)
    sentence = str(refused.value)
    assert sentence.startswith(name) and sentence.endswith(".") and "\n" not in sentence


def test_a_long_text_is_kept_to_its_limit_and_says_so() -> None:
    found = intake(b"word " * 1_200_000, "long.txt")
    assert found.document.characters <= document.MAX_CHARACTERS
    assert found.note == "only the first 5,000,000 characters"


def test_each_kind_goes_through_its_own_door(tmp_path: Path) -> None:
    assert isinstance(take(b"some words", "notes.txt"), IntakeFile)
    assert isinstance(take(Path("tests/data/cat.jpg")), IntakeImage)
    assert isinstance(take(Path("tests/data/cat.jpg").read_bytes(), "cat.txt"), IntakeImage)
    assert isinstance(
        take("\ufeffhello 你好".encode("utf-16-le"), "notes.txt"), IntakeFile
    )  # FF FE is no MP3
    assert isinstance(take(b"BMW and MZ are letters", "cars.txt"), IntakeFile)
    assert isinstance(take(b"ID3,name\n1,a", "table.csv"), IntakeFile)
    with pytest.raises(BadInput, match="TIFF"):
        take(b"II*\0" + b"\0" * 50, "x.tif")
    assert not isinstance(take(b"a,b\n1,2", "t.csv"), IntakeSound)
