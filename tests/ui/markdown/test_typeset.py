"""Formulas that are drawn, and those that are not: their source stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from ui import app as ui_app
from ui import theme
from ui.markdown.latex import LONGEST_DRAWN, may_be_drawn
from ui.markdown.typeset import Drawing, draw, typesetter
from ui.transcript.body import Body
from ui.transcript.code_block import CodeBlock
from ui.transcript.formula_block import FormulaBlock

MATRIX = "\\begin{pmatrix}\n1 & 2 \\\\\n3 & 4\n\\end{pmatrix}"


@pytest.fixture
def qt_application():
    application = ui_app.application()
    theme.install(application, "light")
    return application


def until(seen, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        QApplication.processEvents()
        time.sleep(0.005)


@pytest.mark.parametrize("tex", [MATRIX, "\\frac{\\sqrt{\\pi}}{2}", "\\begin{cases}a\\\\b\\end{cases}"])
def test_it_draws_what_it_knows(tex):
    found = draw(tex, 20, "#123456")
    assert isinstance(found, Drawing) and b"<svg" in found.svg and b"#123456" in found.svg
    assert 5 < found.width < 400 and 5 < found.height < 200


@pytest.mark.parametrize(
    "tex",
    ["", "  ", "\\unknowncommand{x}", "\\frac{", "}{", "价格", "x" * (LONGEST_DRAWN + 1), "{" * 13 + "}" * 13,
     "\\begin{pmatrix}" * 20, "\\href{file:///etc/passwd}{x}"],
)  # fmt: skip
def test_what_it_does_not_know_is_left_alone(tex):
    found = draw(tex, 20, "#000000")
    assert found is None or b"passwd" not in found.svg


@settings(max_examples=60)
@given(st.text(alphabet="\\{}^_&abfrcst12 []()\n", max_size=60))
def test_any_source_is_drawn_or_left_alone(tex):
    assert draw(tex, 20, "#000000") is None or may_be_drawn(tex)


def test_a_formula_takes_the_place_of_its_source_when_it_is_drawn(qt_application):
    body = Body()
    heights = []
    body.changed.connect(lambda: heights.append(body.height_for(600)))
    body.set_text(f"So:\n\n$$\n{MATRIX}\n$$\n\nand so on.\n\n```latex\n{MATRIX}\n```")
    formula, code = (piece for piece in body.pieces() if isinstance(piece, CodeBlock))
    assert isinstance(formula, FormulaBlock) and not isinstance(code, FormulaBlock)
    before = body.height_for(600)
    until(lambda: formula.typeset)
    assert heights and body.height_for(600) < before
    assert body.last_code() is code and MATRIX in body.spoken()
    formula.copy()
    assert QApplication.clipboard().text() == MATRIX
    body.set_text(f"Again:\n\n$$\n{MATRIX}\n$$")  # it is kept
    (again,) = (piece for piece in body.pieces() if isinstance(piece, FormulaBlock))
    assert again.typeset


def test_a_formula_that_cannot_be_drawn_stays_code(qt_application):
    body = Body()
    body.set_text("$$\n\\unknowncommand{x} & y\n$$")
    (formula,) = (piece for piece in body.pieces() if isinstance(piece, FormulaBlock))
    look = formula._look()
    until(lambda: typesetter().get("\\unknowncommand{x} & y", *look)[0])
    QApplication.processEvents()
    assert not formula.typeset and "\\unknowncommand" in formula.text_widget().toPlainText()


def test_a_wide_formula_is_drawn_smaller_and_inside(qt_application):
    body = Body()
    body.set_text("$$\n" + " + ".join(f"\\binom{{n}}{{{at}}}" for at in range(24)) + "\n$$")
    (formula,) = (piece for piece in body.pieces() if isinstance(piece, FormulaBlock))
    until(lambda: formula.typeset)
    assert formula._drawing.width > 400 and formula._fitting(400).width() < 400
