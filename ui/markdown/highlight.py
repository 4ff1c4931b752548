"""Which parts of a piece of code are keywords, strings, comments: pygments' lexers, reduced to the theme's colours.

Lexers are chosen from the list below, by the name the fence gives, and never guessed: loading one costs time, and
some cost quadratic time on odd input. ``spans`` is lazy, so that a caller can stop after a few milliseconds and go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

Kind = Literal["keyword", "string", "number", "comment", "function", "type"]

MAX_LENGTH = 40_000  # characters; longer code stays in one colour
MAX_LINE = 1_000  # characters; minified code too

# Name in the fence -> pygments' alias.
_NAMES = """bash c cpp csharp css dart diff docker elixir go haskell html http ini java javascript json julia kotlin
    latex lua make matlab nginx objective-c ocaml perl php powershell python r ruby rust scala scss sql swift toml
    typescript xml yaml"""
LANGUAGES: dict[str, str] = {
    **{name: name for name in _NAMES.split()},
    "py": "python", "python3": "python", "pycon": "pycon", "sh": "bash", "shell": "bash", "zsh": "bash",
    "console": "console",
    "c++": "cpp", "cxx": "cpp", "h": "c", "hpp": "cpp", "cs": "csharp", "c#": "csharp", "js": "javascript",
    "jsx": "javascript", "mjs": "javascript", "ts": "typescript", "tsx": "typescript", "dockerfile": "docker",
    "golang": "go", "hs": "haskell", "kt": "kotlin", "tex": "latex", "makefile": "make", "objc": "objective-c",
    "ps1": "powershell", "pl": "perl", "rb": "ruby", "rs": "rust", "svg": "xml", "yml": "yaml", "patch": "diff",
}  # fmt: skip


def known(language: str) -> bool:
    """Whether code of ``language`` (the word after the fence) gets colours."""
    return language.lower() in LANGUAGES


def label(language: str) -> str:
    """How the language is named above the code: as the fence has it, or as people write it."""
    pretty = {
        "js": "JavaScript", "javascript": "JavaScript", "ts": "TypeScript", "typescript": "TypeScript", "py": "Python",
        "cpp": "C++", "c++": "C++", "csharp": "C#", "cs": "C#", "html": "HTML", "css": "CSS", "json":
        "JSON", "sql": "SQL",
        "yaml": "YAML", "yml": "YAML", "xml": "XML", "php": "PHP", "toml": "TOML", "latex": "LaTeX", "sh": "Shell",
        "bash": "Bash", "c": "C", "r": "R", "http": "HTTP", "ini": "INI",
    }  # fmt: skip
    return pretty.get(language.lower(), language[:1].upper() + language[1:])


def spans(language: str, code: str) -> Iterator[tuple[int, int, Kind]]:
    """``(start, length, kind)`` of each coloured part of ``code``, in order; none for an unknown language."""
    if (
        not known(language)
        or len(code) > MAX_LENGTH
        or any(len(line) > MAX_LINE for line in code.split("\n"))
    ):
        return
    for start, token, text in _lexer(LANGUAGES[language.lower()]).get_tokens_unprocessed(code):
        kind = _kind(token)
        if kind:
            yield start, len(text), kind


def warm_up() -> None:
    """Load pygments and the commonest lexer now, before a reply with code is on its way (some 30 ms)."""
    list(spans("python", "def f(x):\n    return x\n"))


@lru_cache(maxsize=16)
def _lexer(alias: str) -> Any:
    # Loaded with the first code block of a language, not with the window.
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(alias)


@lru_cache(maxsize=512)
def _kind(token: Any) -> Kind | None:
    from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator

    kinds: tuple[tuple[Any, Kind], ...] = (
        (Comment, "comment"),
        (Keyword.Type, "type"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (Number, "number"),
        (Literal, "string"),  # String is Literal.String; numbers were taken above
        (Name.Function, "function"),
        (Name.Class, "type"),
        (Name.Builtin, "function"),
        (Name.Decorator, "function"),
        (Name.Tag, "keyword"),
        (Name.Attribute, "function"),
        (Generic.Deleted, "number"),
        (Generic.Inserted, "string"),
        (Generic.Heading, "keyword"),
        (Generic.Subheading, "keyword"),
        (Generic.Prompt, "comment"),
    )
    return next((kind for parent, kind in kinds if token in parent), None)
