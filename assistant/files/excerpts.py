"""Which parts of a file match a question best: the file in pieces, and an index of their words in SQLite (FTS5, BM25)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.files.document import Document, Page, read_kept

PIECE_CHARACTERS = 800  # about 200 tokens of English
_MOST_WORDS = 64  # of a question

# Chinese and Japanese have no spaces between words: pairs of signs stand for them, in the text and in the question.
_SIGNS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_WORD = re.compile(r"\w+")
_BREAK = re.compile("\n|(?<=[.!?;]) |(?<=[。！？；])")
_ASKING = frozenset(
    """a about all also an and any are as at be been but by can could did do does file for from give had has have her his
    how i if in into is it its just list may me more most my no not of on one or our out page please say says she should so
    some tell than that the their them then there these they this to up us use was we were what when where which who why will
    with would write you your document pdf text attached""".split()  # noqa: SIM905
)
_ASKING_SIGNS = re.compile(
    "什么|怎么|怎样|如何|为什么|哪些|哪个|哪里|多少|是否|可以|请问|告诉|文件|文档|这个|那个|一下|[请吗呢的了是有在和与这那个我你他]"
)
_WHOLE = re.compile(
    r"\b(?:summar\w*|overview|outline|abstract|tl;?dr|key points|main points|gist|proofread|translate)\b"
    "|总结|概括|概述|摘要|大意|主要内容|要点|翻译|校对",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page that is taken or left as a whole."""

    number: int  # its place in the file
    page: int  # 0: the file has no pages
    text: str


class Excerpts:
    """A file in pieces that can be asked which of them match a question."""

    def __init__(self, document: Document) -> None:
        self.total_pages = document.total_pages
        self.pieces = tuple(_pieces(document))
        self.page_pictures = frozenset(page.picture for page in document.pages if page.picture)
        self.characters = sum(len(piece.text) for piece in self.pieces)
        self._db: Any = None  # an in-memory database

    def matching(self, question: str) -> list[Piece]:
        """The pieces that share words with the question, best first; none where it asks for the file as a whole."""
        if _WHOLE.search(question):
            return []
        wanted = words(_ASKING_SIGNS.sub(" ", question))
        wanted = [word for word in dict.fromkeys(wanted) if word not in _ASKING and len(word) > 1][
            :_MOST_WORDS
        ]
        if not wanted:
            return []
        query = " OR ".join(f'"{word}"' for word in wanted)
        found = self._index().execute(
            "SELECT rowid FROM piece WHERE piece MATCH ? ORDER BY bm25(piece), rowid", [query]
        )
        return [self.pieces[row[0]] for row in found]

    def _index(self) -> Any:
        from sqlite_utils.utils import sqlite3  # the window imports this module, and need not wait for it

        if self._db is None:
            self._db = sqlite3.connect(":memory:", check_same_thread=False)
            self._db.execute("CREATE VIRTUAL TABLE piece USING fts5(words, tokenize='porter unicode61')")
            self._db.executemany(
                "INSERT INTO piece (rowid, words) VALUES (?, ?)",
                ((piece.number, " ".join(words(piece.text))) for piece in self.pieces),
            )
        return self._db


def words(text: str) -> list[str]:
    """What is compared: words in small letters, of Chinese and Japanese pairs of signs."""
    spaced = _SIGNS.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", text.lower())
    return _WORD.findall(spaced)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _pieces(document: Document) -> Iterator[Piece]:
    number = 0
    for page in document.pages:
        for text in _cut(page.text):
            yield Piece(number, page.number, text)
            number += 1


def _cut(text: str) -> Iterator[str]:
    """``text`` in pieces of PIECE_CHARACTERS at most, cut at line ends and sentences where there are some."""
    text = text.strip("\n")
    while len(text) > PIECE_CHARACTERS:
        ends = [found.end() for found in _BREAK.finditer(text, 0, PIECE_CHARACTERS)]
        end = next((end for end in reversed(ends) if end > PIECE_CHARACTERS // 3), PIECE_CHARACTERS)
        if text[:end].strip():
            yield text[:end].rstrip()
        text = text[end:].lstrip("\n")
    if text.strip():
        yield text


@functools.lru_cache(maxsize=8)
def of_file(path: str, read: tuple[tuple[str, str], ...] = ()) -> Excerpts:
    """A kept file; ``read`` gives the text that was read in the pictures of its pages, by their SHA-256.

    Raises BadInput where it is missing or damaged. What is kept never changes, so the last ones are remembered.
    """
    document = read_kept(path)
    seen = dict(read)
    pages = tuple(
        Page(page.number, page.text or seen.get(page.picture, ""), page.picture) for page in document.pages
    )
    return Excerpts(Document(pages, document.total_pages))
