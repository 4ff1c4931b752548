"""Messages to prompt text by a model's own chat template, with untrusted text defused and a time limit."""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterable
from typing import Any

from models import template_sandbox
from models.errors import ModelRefused

TIME_LIMIT_S = 2.0

# For models that were never taught to chat (GPT-2): a transcript that they can continue.
PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ message['content'] + '\n\n' }}"
    "{% elif message['role'] == 'user' %}{{ 'User: ' + message['content'] + '\n' }}"
    "{% else %}{{ 'Assistant: ' + message['content'] + '\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)


# A turn of the plain transcript begins with one of these.
_PLAIN_TURN = re.compile(r"^(\s*(?:User|Assistant)):", re.MULTILINE)


class _TookTooLong(Exception):
    """Raised inside the thread of a template that does not come to an end."""


def image_count(messages: list[dict[str, Any]]) -> int:
    """How many pictures the messages have places for."""
    return part_count(messages, "image")


def part_count(messages: list[dict[str, Any]], kind: str) -> int:
    """How many parts of a kind (image, audio) the messages have."""
    return sum(
        part.get("type") == kind
        for message in messages
        if isinstance(message["content"], list)
        for part in message["content"]
    )


def plain_text(content: str | list[dict[str, Any]]) -> str:
    """The text parts of a content, joined."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part.get("type") == "text")


def defuse(text: str, control_tokens: list[str]) -> str:
    """Break up anything in ``text`` that the tokenizer would read as one of its control tokens."""
    for token in control_tokens:
        if len(token) > 1 and token in text:
            text = text.replace(token, token[0] + " " + token[1:])
    return text


# <tool_call>, [INST], <|fim_prefix|>, <start_of_image>: but not <table>, which a text may hold (Gemma has a token for it).
_CONTROL = re.compile(r"<[^<>\s]*[_|][^<>\s]*>|\[[A-Z_/]+\]|</?think>")


def control_tokens(tokenizer: Any) -> list[str]:
    """What only the template may say to the model, longest first: the tokenizer's special tokens, and added ones that
    are not marked so but read like them (Qwen's <tool_call>, Gemma's <start_of_image>).
    """
    added = tokenizer.added_tokens_decoder.values()
    return sorted(_control_among(added) | set(tokenizer.all_special_tokens), key=len, reverse=True)


def _control_among(added: Iterable[Any]) -> set[str]:
    return {str(token) for token in added if token.special or _CONTROL.fullmatch(str(token))}


def template_of(processor: Any, tokenizer: Any) -> str | None:
    """The model's own template; of several the one for chat; None: it has none."""
    for source in (processor, tokenizer):
        template = getattr(source, "chat_template", None)
        if isinstance(template, dict):
            template = template.get("default")
        if isinstance(template, str) and template:
            return template
    return None


def render(template: str | None, tokenizer: Any, messages: list[dict[str, Any]], with_parts: bool) -> str:
    """The prompt as text. ``with_parts``: this family's template takes lists of parts, else plain strings.

    ``template`` None: a plain transcript. It runs within bounds of time and of the text it makes
    (``models.template_sandbox``).

    Raises ModelRefused when the template fails, takes longer than TIME_LIMIT_S or makes far more text than it was given.
    """
    control = control_tokens(tokenizer)
    clean: list[dict[str, Any]] = []
    for message in messages:
        content = message["content"]
        if with_parts:
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            defused = [
                {**part, "text": defuse(part["text"], control)} if part.get("type") == "text" else part
                for part in parts
            ]
            clean.append({**message, "content": defused})
        else:
            text = defuse(plain_text(content), control)
            clean.append({**message, "content": text if template else _PLAIN_TURN.sub(r"\1 :", text)})
    return _limited(tokenizer, clean, template or PLAIN_TEMPLATE)


def _limited(tokenizer: Any, messages: list[dict[str, Any]], template: str) -> str:
    """Run the (sandboxed) template in a thread; one that loops is interrupted from outside."""
    values = {
        **tokenizer.special_tokens_map,
        "add_generation_prompt": True,
        "enable_thinking": False,  # of models that can: replies here are read as they come
    }
    outcome: list[str] = []
    failure: list[Exception] = []

    def work() -> None:
        try:
            outcome.append(template_sandbox.render(template, messages, values))
        except _TookTooLong:
            return
        except Exception as error:  # noqa: BLE001 - whatever a foreign template raises is told to the user
            failure.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(TIME_LIMIT_S)
    if thread.is_alive():
        assert thread.ident is not None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(_TookTooLong)
        )
        raise ModelRefused("The model's chat template does not come to an end, so it was stopped.")
    if failure:
        reason = (str(failure[0]).strip().splitlines() or [type(failure[0]).__name__])[0][:200].rstrip(".")
        raise ModelRefused(
            f"The model's chat template cannot take this conversation ({reason})."
        ) from failure[0]
    return outcome[0]
