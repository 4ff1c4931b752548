"""A formula is shown in Unicode where that says all of it, else its source, whole, as code."""

from __future__ import annotations

import pytest

from ui.markdown.blocks import Code, Paragraph
from ui.markdown.latex import readable
from ui.markdown.parser import blocks, tokens

MATRIX = "\\begin{pmatrix}\n1 & 2 \\\\\n3 & 4\n\\end{pmatrix}"


def blocks_of(source: str) -> list:
    return blocks(tokens(source))


def test_a_matrix_is_shown_as_its_source_whole():
    (code,) = blocks_of(f"$$\n{MATRIX}\n$$")
    assert isinstance(code, Code) and code.text == MATRIX and code.language == "latex"


def test_dollars_inside_a_line_leave_no_dollars():
    (line,) = blocks_of("so $$E = mc^2$$ holds, and $$\\int_0^1 x\\,dx$$ too")
    assert isinstance(line, Paragraph)
    assert "".join(span.text for span in line.spans) == "so E = mc² holds, and ∫₀¹ x dx too"
    assert [span.text for span in line.spans if span.math] == ["E = mc²", "∫₀¹ x dx"]


def test_what_is_not_known_shows_the_whole_source_and_not_a_mixture():
    (line,) = blocks_of("with $\\binom{n}{k} = \\frac{1}{2}$ here")
    assert [(span.text, span.code) for span in line.spans] == [
        ("with ", False), ("\\binom{n}{k} = \\frac{1}{2}", True), (" here", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source", ["\\begin{cases}a\\\\b\\end{cases}", "a & b", "\\foo", "{x", "\\binom{n}{k}"]
)
def test_nothing_of_a_formula_is_dropped_silently(source):
    assert readable(source) is None


def test_a_formula_on_its_own_line_whose_scripts_have_no_letters_is_left_to_be_typeset():
    (block,) = blocks_of("$$\n\\int_0^\\infty e^{-x^2}\\,dx\n$$")
    assert isinstance(block, Code) and block.formula
    (block,) = blocks_of("$$\nE = mc^2\n$$")
    assert isinstance(block, Paragraph) and block.kind == "math"
    (block,) = blocks_of("```latex\nE = mc^\\infty\n```")
    assert isinstance(block, Code) and not block.formula
