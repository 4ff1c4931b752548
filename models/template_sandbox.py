"""Run a model's chat template within bounds: no access to the machine, and no more text than a prompt can need.

A template is a program of a stranger's. Jinja's sandbox keeps it from files and from Python's inner parts, but lets it
multiply a string until the memory is full. Here every operation that can make a text longer is measured before it is
done, and the whole of what a rendering produces is limited. What transformers gives templates (``tojson``,
``raise_exception``, ``strftime_now``, ``{% generation %}``, ``break`` and ``continue``) is there as well.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import jinja2.ext
import jinja2.nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

OUTPUT_SPARE = 256 * 1024  # characters that a template may add to the texts of the messages
SOURCE_LIMIT = 256 * 1024  # characters of a template itself
_WORK = 32  # all texts made on the way, as a multiple of the longest one allowed
_ITEM = 16  # characters that an item of a list counts as
_LONGEST_NUMBER = 4096  # bits

# Methods of texts that templates have a use for; none of the others (ljust, zfill, translate, ...).
_TEXT_METHODS = frozenset(
    (
        *("strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition"),
        *(
            "startswith",
            "endswith",
            "removeprefix",
            "removesuffix",
            "find",
            "rfind",
            "index",
            "rindex",
            "count",
        ),
        *("upper", "lower", "title", "capitalize", "casefold", "swapcase", "replace", "join", "format"),
        *("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric", "isdecimal"),
    )
)
# Filters that can make much out of little and that no template has a use for.
_NO_FILTERS = (
    *("batch", "center", "filesizeformat", "format", "forceescape", "pprint", "random", "slice", "urlize"),
    *("wordwrap", "xmlattr"),
)
# Filters that write a value out as text: what it is made of is measured first.
_WRITING_FILTERS = frozenset(
    (
        "string",
        "tojson",
        "join",
        "replace",
        "indent",
        "escape",
        "e",
        "trim",
        "upper",
        "lower",
        "title",
        "safe",
    )
)
_FORMAT_WIDTH = re.compile(r"[0-9]{4}|\*|\{[^{}]*\{")  # "{:9999}", "%*d", "{:{}}"


class TooLong(TemplateError):
    """The template makes more text than the conversation has any use for."""

    def __init__(self) -> None:
        super().__init__("it makes far more text than the conversation holds")


def render(source: str, messages: list[dict[str, Any]], values: Mapping[str, Any]) -> str:
    """The prompt that the template ``source`` makes of ``messages``; ``values``: what else it may ask for by name.

    Raises TooLong, jinja2's errors, and whatever else a stranger's program may raise.
    """
    if len(source) > SOURCE_LIMIT:
        raise TooLong
    limit = _length_of(messages, None) + OUTPUT_SPARE
    environment = _environment()
    environment.begin(limit)
    plain = [{name: part for name, part in message.items() if part is not None} for message in messages]
    return _compiled(source).render(messages=plain, tools=None, documents=None, **values)


@functools.cache
def _environment() -> _Bounded:
    return _Bounded()


@functools.lru_cache(maxsize=4)
def _compiled(source: str) -> jinja2.Template:
    return _environment().from_string(source)


class _Generation(jinja2.ext.Extension):
    """``{% generation %}``: transformers marks what the assistant says with it; here it is text like any other."""

    tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

    def parse(self, parser: Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Code(CodeGenerator):
    """``a ~ b`` goes through the environment, as the other operators do."""

    def visit_Concat(self, node: jinja2.nodes.Concat, frame: Frame) -> None:
        self.write("environment.concat((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Space(Namespace):
    """``namespace()``, without names that lead to Python's inner parts."""

    def __init__(*given: Any, **more: Any) -> None:
        self, *rest = given
        for name in (named := dict(*rest, **more)):
            _refuse_private(name)
        Namespace.__init__(self, named)

    def __setitem__(self, name: str, value: Any) -> None:
        _refuse_private(name)
        Namespace.__setitem__(self, name, value)


class _Bounded(ImmutableSandboxedEnvironment):
    """A sandbox that counts. ``begin`` before each rendering; each thread renders by itself."""

    code_generator_class = _Code
    intercepted_binops = frozenset(("+", "*", "%", "**"))

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # else constants are worked out while compiling, unmeasured
            extensions=[_Generation, jinja2.ext.loopcontrols],
            finalize=self._written,
        )
        self._count = threading.local()
        self.concat = self._concat  # type: ignore[method-assign]
        for name in _NO_FILTERS:
            self.filters.pop(name, None)
        self.filters["tojson"] = _to_json
        for name, made in list(self.filters.items()):
            self.filters[name] = self._measured(name, made)
        for name in ("lipsum", "cycler", "joiner"):
            self.globals.pop(name, None)
        self.globals.update(
            raise_exception=self._refuse, strftime_now=_time_now, namespace=_Space, dict=_make_dict
        )

    def begin(self, limit: int) -> None:
        """``limit``: characters of the longest text that may come to be."""
        self._count.limit, self._count.left = limit, _WORK * limit

    @property
    def _limit(self) -> int:
        return int(self._count.limit)

    # --- what is asked before anything is done ---------------------------------------------------------

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+":
            self._allow(_shallow(left) + _shallow(right))
        elif operator == "*":
            if isinstance(left, int) and isinstance(right, int):
                self._allow_number(left.bit_length() + right.bit_length())
            else:
                times = left if isinstance(left, int) else right
                self._allow(max(_shallow(left), _shallow(right)) * max(0, int(times)))
        elif operator == "**":
            if isinstance(left, int) and isinstance(right, int):
                self._allow_number(left.bit_length() * max(0, right))
        elif isinstance(left, str):
            self._allow_format(left, right)
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and attr not in _TEXT_METHODS:
            return False
        if isinstance(obj, (bytes, int, float)):  # to_bytes makes any length
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call(self, context: Context, obj: Any, *args: Any, **named: Any) -> Any:
        text = getattr(obj, "__self__", None)
        if isinstance(text, str):
            name = getattr(obj, "__name__", "")
            if name == "replace" and len(args) >= 2:
                self._allow_replace(text, args[0], args[1])
            elif name == "join" and args:
                args = (self._allow_join(text, args[0]), *args[1:])
            elif name == "format":
                self._allow_format(text, (*args, *named.values()))
            result = super().call(context, obj, *args, **named)
            self._allow(_shallow(result))
            return result
        if getattr(obj, "__name__", "") == "format":  # jinja's own wrapper of str.format
            inner = getattr(obj, "__wrapped__", None)
            self._allow_format(str(getattr(inner, "__self__", "")), (*args, *named.values()))
        return super().call(context, obj, *args, **named)

    def _measured(self, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that is measured: what it writes out before, what came of it afterwards."""

        @functools.wraps(made)
        def bounded(*args: Any, **named: Any) -> Any:
            given = args[1:] if hasattr(made, "jinja_pass_arg") else args  # without the environment
            if name in _WRITING_FILTERS:
                for value in given[:1]:
                    if not isinstance(value, str):
                        self._allow(_length_of(value, self._limit))
            if name == "replace" and len(given) >= 3:
                self._allow_replace(str(given[0]), given[1], given[2])
            elif name == "join" and given:
                separator = given[1] if len(given) > 1 else named.get("d", "")
                whole = self._allow_join(str(separator), given[0])
                place = len(args) - len(given)
                args = (*args[:place], whole, *args[place + 1 :])
            elif name in ("indent", "tojson"):
                width = named.get("width", named.get("indent", given[1] if len(given) > 1 else 0)) or 0
                each = len(width) if isinstance(width, str) else int(width)
                self._allow(_length_of(given[0], self._limit) * (1 + max(0, each)) if each > 8 else 0)
            result = made(*args, **named)
            self._allow(_shallow(result))
            return result

        return bounded

    # --- the counting -----------------------------------------------------------------------------------

    def _allow(self, characters: int) -> None:
        """About to make a text of that length. Raises TooLong."""
        self._count.left -= characters
        if characters > self._limit or self._count.left < 0:
            raise TooLong

    def _allow_number(self, bits: int) -> None:
        if bits > _LONGEST_NUMBER:
            raise TooLong

    def _allow_replace(self, text: str, old: Any, new: Any) -> None:
        places = text.count(str(old)) if str(old) else len(text) + 1
        self._allow(len(text) + places * len(str(new)))

    def _allow_join(self, separator: str, items: Any) -> list[Any]:
        parts = list(items)
        self._allow(_length_of(parts, self._limit) + len(separator) * len(parts))
        return parts

    def _allow_format(self, form: str, values: Any) -> None:
        if _FORMAT_WIDTH.search(form):
            raise TooLong
        places = 1 + form.count("%") + form.count("{")
        self._allow(len(form) + places * _length_of(values, self._limit))

    def _concat(self, parts: Iterable[Any]) -> str:
        """Joins what a template writes, piece by piece, and stops when it is too much."""
        made, length = [], 0
        for part in parts:
            text = part if isinstance(part, str) else str(self._written(part))
            length += len(text)
            if length > self._limit:
                raise TooLong
            made.append(text)
        self._allow(length)
        return "".join(made)

    def _written(self, value: Any) -> Any:
        """A value that is about to be written out as text."""
        if not isinstance(value, (str, int, float)):
            self._allow(_length_of(value, self._limit))
        return value

    def _refuse(self, message: Any) -> None:
        raise TemplateError(str(self._written(message))[:500])


def _shallow(value: Any) -> int:
    """What a value counts as by itself."""
    if isinstance(value, str):
        return len(value)
    return _ITEM * len(value) if isinstance(value, (list, tuple, dict)) else 0


def _length_of(value: Any, limit: int | None) -> int:
    """The characters of ``value`` written out, all its parts included; TooLong as soon as they exceed ``limit``."""
    total, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            total += len(part)
        elif isinstance(part, Mapping):
            total += _ITEM
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, (list, tuple)):
            total += _ITEM
            waiting += part
        else:
            total += _ITEM
        if limit is not None and total > limit:
            raise TooLong
    return total


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def _time_now(form: str) -> str:
    if len(form) > 200 or re.search(r"%[-_0^#]*[0-9]", form):
        raise TooLong
    return datetime.now().strftime(form)


def _make_dict(*given: Any, **named: Any) -> dict[Any, Any]:
    return dict(*given, **named)


def _refuse_private(name: Any) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise SecurityError(f"a name that begins with an underscore: {name[:40]!r}")
