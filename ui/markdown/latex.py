"""Formulas as readable text: common LaTeX commands become their Unicode characters, the rest stays as written.

It is no typesetting: ``\\frac{a}{b}`` becomes ``a/b`` and ``x^{2}`` becomes ``x²``. A formula with anything that has no
such form (a matrix, an unknown command) is not changed at all: its source is shown whole, as code. Bounded: one pass
over at most ``MAX_LENGTH`` characters.
"""

from __future__ import annotations

import re

MAX_LENGTH = 2000
MAX_DEPTH = 60  # nested braces, scripts and arguments
LONGEST_DRAWN = 600  # characters of a formula that is typeset
DEEPEST_DRAWN = 12  # of its braces, and of its environments

_GREEK = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
    phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"""
_SYMBOLS = {
    **dict(zip(_GREEK.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
    "varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "infty": "∞", "partial": "∂", "nabla": "∇",
    "hbar": "ℏ", "ell": "ℓ",
    "sum": "∑", "prod": "∏", "int": "∫", "iint": "∬", "oint": "∮", "pm": "±", "mp": "∓", "times": "×", "div": "÷",
    "cdot": "·", "cdots": "⋯", "ldots": "…", "dots": "…", "vdots": "⋮", "ast": "∗", "star": "⋆", "circ": "∘",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "equiv": "≡", "sim": "∼",
    "simeq": "≃", "cong": "≅", "propto": "∝", "ll": "≪", "gg": "≫", "in": "∈", "notin": "∉", "ni": "∋",
    "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "cup": "∪", "cap": "∩", "setminus": "∖",
    "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "neg": "¬", "land": "∧", "wedge": "∧", "lor": "∨",
    "vee": "∨", "to": "→", "rightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒", "implies": "⇒", "Leftarrow": "⇐",
    "leftrightarrow": "↔", "Leftrightarrow": "⇔", "iff": "⇔", "mapsto": "↦", "uparrow": "↑", "downarrow": "↓",
    "oplus": "⊕", "otimes": "⊗", "perp": "⊥", "parallel": "∥", "angle": "∠", "degree": "°", "langle":
    "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "mid": "|", "vert": "|", "Vert": "‖", "prime": "′",
    "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "quad": "  ", "qquad": "    ", "therefore": "∴", "because": "∵",
    "log": "log", "ln": "ln", "exp": "exp", "sin": "sin", "cos": "cos", "tan": "tan", "lim": "lim", "max": "max",
    "min": "min", "sup": "sup", "inf": "inf", "det": "det", "arg": "arg", "gcd": "gcd", "bmod": "mod",
}  # fmt: skip
_BLACKBOARD = dict(zip("CHNPQRZE", "ℂℍℕℙℚℝℤ𝔼", strict=True))
_SUPER = dict(
    zip("0123456789+-=()niTabcdefghjklmoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_DROPPED = {"left", "right", "big", "Big", "bigg", "Bigg", "displaystyle", "limits", "nolimits", "textstyle"}
_WRAPPERS = {
    "text",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathcal",
    "operatorname",
    "textbf",
    "textit",
    "boldsymbol",
}
_SPACES = {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "\\": "\n", "{": "{", "}": "}", "%": "%",
"$": "$", "#": "#",
           "&": "&", "_": "_", "|": "‖"}  # fmt: skip
_TOKEN = re.compile(r"\\([A-Za-z]+)|\\(.)|([{}^_&~])|([^\\{}^_&~]+)", re.DOTALL)


def readable(source: str) -> str | None:
    """``source`` (LaTeX, without its dollar signs) in Unicode; None where it has something that Unicode has not."""
    source = source.strip()
    if len(source) > MAX_LENGTH:
        return None
    reader = _Reader(source)
    text = reader.group().strip()
    return text if reader.whole and text else None


def may_be_drawn(tex: str) -> bool:
    """Whether a formula can be typeset (``typeset``) as far as can be told at once: short, not deep, in letters of its font."""
    if (
        not tex.strip()
        or len(tex) > LONGEST_DRAWN
        or not tex.isascii()
        or tex.count("\\begin") > DEEPEST_DRAWN
    ):
        return False
    depth = deepest = 0
    for mark in re.findall(r"(?<!\\)[{}]", tex):
        depth += 1 if mark == "{" else -1
        deepest = max(deepest, depth)
        if depth < 0:
            return False
    return depth == 0 and deepest <= DEEPEST_DRAWN


class _Reader:
    """One left-to-right pass; ``depth`` bounds the recursion on nested braces."""

    def __init__(self, source: str) -> None:
        self._tokens = [match.groups() for match in _TOKEN.finditer(source)]
        self._at = 0
        self._depth = 0
        self.whole = source.count("{") == source.count("}")  # everything so far has a form in Unicode

    def group(self) -> str:
        """Everything up to the closing brace of this group, or to the end."""
        out: list[str] = []
        while self._at < len(self._tokens):
            if self._tokens[self._at][2] == "}":
                self._at += 1
                break
            out.append(self._one())
        return "".join(out)

    def _argument(self) -> str:
        """The next group, or the next single character."""
        if self._at >= len(self._tokens):
            return ""
        _, _, mark, text = self._tokens[self._at]
        if text is not None:
            rest = text.lstrip()
            if not rest:
                self._at += 1
                return self._argument()
            self._tokens[self._at] = (None, None, None, rest[1:]) if len(rest) > 1 else (None, None, None, "")
            return rest[0]
        if mark == "}":
            return ""
        return self._one()

    def _one(self) -> str:
        self._depth += 1
        try:
            return self._read() if self._depth <= MAX_DEPTH else self._skip()
        finally:
            self._depth -= 1

    def _skip(self) -> str:
        """The next token as it is written: what lies too deep isn't understood."""
        token = self._tokens[self._at]
        self._at += 1
        self.whole = False
        return token[3] or token[2] or "\\" + (token[0] or token[1] or "")

    def _read(self) -> str:
        command, escaped, mark, text = self._tokens[self._at]
        self._at += 1
        if text is not None:
            return text
        if escaped is not None:
            self.whole &= (
                escaped in _SPACES and escaped != "\\"
            )  # lines belong to a matrix or a list of cases
            return _SPACES.get(escaped, "\\" + escaped)
        if command is not None:
            return self._command(command)
        if mark == "{":
            return self.group()
        if mark in ("^", "_"):
            return self._script(mark)
        self.whole &= mark != "&"
        return {"&": " ", "~": " "}.get(mark or "", mark or "")

    def _script(self, mark: str) -> str:
        inner = self._argument()
        table = _SUPER if mark == "^" else _SUB
        if inner and all(character in table for character in inner):
            return "".join(table[character] for character in inner)
        if inner in ("′", "∘") and mark == "^":
            return "°" if inner == "∘" else inner
        return f"{mark}{inner}" if len(inner) <= 1 else f"{mark}({inner})"

    def _command(self, name: str) -> str:
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if name in _DROPPED:
            return ""
        if name in _WRAPPERS:
            return self._argument()
        if name in ("mathbb", "Bbb"):
            inner = self._argument()
            return _BLACKBOARD.get(inner, inner)
        if name in ("frac", "dfrac", "tfrac"):
            above, below = self._argument(), self._argument()
            return f"{_bracket(above, products=True)}/{_bracket(below)}"
        if name == "sqrt":
            return "√" + _bracket(self._argument())
        if name in ("hat", "bar", "vec", "tilde", "dot", "overline"):
            inner = self._argument()
            mark = {
                "hat": "\u0302",
                "bar": "\u0304",
                "overline": "\u0305",
                "vec": "\u20d7",
                "tilde": "\u0303",
            }.get(name, "\u0307")
            return "".join(character + mark for character in inner)
        self.whole = False
        if self._at < len(self._tokens) and self._tokens[self._at][2] == "{":
            return f"\\{name}{{{self._argument()}}}"
        return "\\" + name


def _bracket(text: str, products: bool = False) -> str:
    """``text`` in brackets when it is more than one thing; a product may stay without when ``products``."""
    text = text.strip()
    if re.fullmatch(r"[\w√°.∞]*", text):
        return text
    if products:
        outside = text
        for _ in range(3):  # nested brackets, from the inside
            outside = re.sub(r"\([^()]*\)", "", outside)
        if re.fullmatch(r"[\w√°.∞·×]*", outside):
            return text
    return f"({text})"
