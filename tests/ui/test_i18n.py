"""Translations are complete and fit the sources; a text that becomes longer is not cut off."""

from __future__ import annotations

import ast
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

from ui.i18n import FOLDER, LANGUAGES, update

TRANSLATED = [code for code in LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"\{\w*\}|%[sn\d]|</?\w+[^>]*>")
ROOT = FOLDER.parents[1]


def messages(path: Path) -> dict[tuple[str, str, str], ElementTree.Element]:
    """Every message of a .ts file."""
    found = {}
    for context in ElementTree.parse(path).getroot().findall("context"):
        for message in context.findall("message"):
            key = (
                context.findtext("name", ""),
                message.findtext("source", ""),
                message.findtext("comment", ""),
            )
            assert key not in found, f"twice: {key}"
            found[key] = message
    return found


def translation(message: ElementTree.Element) -> str:
    """What a message is translated to, "" if it is not finished."""
    element = message.find("translation")
    assert element is not None
    if element.get("type"):
        return ""
    return element.findtext("numerusform", "") if message.get("numerus") else element.text or ""


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_of_the_sources_is_translated_and_no_other(code, tmp_path):
    copy = tmp_path / f"{code}.ts"
    copy.write_bytes((FOLDER / f"{code}.ts").read_bytes())
    subprocess.run(update.command(code, copy), cwd=ROOT, check=True, capture_output=True)
    there, now = messages(FOLDER / f"{code}.ts"), messages(copy)
    hint = "run python -m ui.i18n.update and translate what is unfinished"
    assert sorted(now.keys() - there.keys()) == [], f"new: {hint}"
    assert sorted(there.keys() - now.keys()) == [], f"obsolete: {hint}"
    assert sorted(key for key, message in there.items() if not translation(message).strip()) == [], hint


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_and_tags_survive_the_translation(code):
    wrong = {}
    for (_context, source, _), message in messages(FOLDER / f"{code}.ts").items():
        text = translation(message)
        # (*.txt) and ;; are read by file dialogs.
        kept = [PLACEHOLDER, re.compile(r"\(\*[^)]*\)|;;"), re.compile(r"(?:…|:|：)(?= ?$)")]
        pairs = [(sorted(part.findall(source)), sorted(part.findall(text))) for part in kept]
        ends = [tuple("：" if mark == ":" else mark for mark in side) for side in pairs.pop()]
        if any(one != other for one, other in pairs) or ends[0] != ends[1]:
            wrong[source] = text
    assert wrong == {}


def uses(path: Path) -> Iterator[tuple[str, str]]:
    """(context, source) of every translatable literal in a file, as Qt looks it up when the program runs."""

    def visit(node: ast.AST, owner: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.ClassDef):
            owner = node.name
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            literal = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            where = f"{path}:{node.lineno}"
            if name == "tr":
                by_self = (
                    isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "self"
                )
                assert by_self, (
                    f"{where}: only self.tr() is found by the tool; else QCoreApplication.translate"
                )
                assert literal, f"{where}: only literals can be translated"
                yield owner, literal[0]
            elif name in ("translate", "QT_TRANSLATE_NOOP") and len(literal) >= 2:
                yield literal[0], literal[1]
        for child in ast.iter_child_nodes(node):
            yield from visit(child, owner)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), "")


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_found_under_the_name_it_is_looked_up_by(code):
    known = {(context, source) for context, source, _ in messages(FOLDER / f"{code}.ts")}
    lost = {
        (context, source, path.name)
        for path in (ROOT / "ui").rglob("*.py")
        for context, source in uses(path)
        if (context, source) not in known
    }
    assert lost == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_qt_reads_is_made_from_the_translations(code):
    translator = QTranslator()
    assert translator.load(code, str(FOLDER))
    stale = [
        source
        for (context, source, comment), message in messages(FOLDER / f"{code}.ts").items()
        if translator.translate(context, source, comment or None, 3 if message.get("numerus") else -1)
        != translation(message)
    ]
    assert stale == []


def test_plural_forms_of_english_are_complete():
    for key, message in messages(FOLDER / "en.ts").items():
        forms = [form.text or "" for form in message.iter("numerusform")]
        assert len(forms) == 2 and all("%n" in form for form in forms), key
        assert "(s)" not in "".join(forms), key
