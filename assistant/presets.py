"""Presets of the writing desk: a kind of text with the facts it needs, made into one message to the model.

A template holds ``{field}`` marks; a line whose fields are all empty is left out, so nothing has to be filled in
but what is marked as needed. A built-in one stands in English and in Chinese: the model is asked in the language in
which the form was filled in, since it answers in the language it is asked in. Own presets are kept in the store.
Loads nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.store import Store


KEPT = "presets"  # store value: the user's own presets
STYLES = "preset styles"  # store value: preset id -> the named style its texts are written in
MOST = 100
_FIELD = re.compile(r"\{([a-z][a-z0-9_]{0,30})\}")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. ``long``: more than a line; ``needed``: the text makes no sense without it."""

    name: str
    label: str
    hint: str = ""
    long: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of text."""

    id: str
    title: str
    fields: tuple[Field, ...]
    template: str
    own: bool = False  # made by the user
    chinese: str = ""  # the template for a form filled in in Chinese; empty: ``template`` serves
    tongue: str = ""  # the field whose language decides, where it is filled in; empty: all together

    def fill(self, values: Mapping[str, str]) -> str:
        """The message for the model. Raises BadInput when something needed is missing."""
        for field in self.fields:
            if field.needed and not values.get(field.name, "").strip():
                raise BadInput(f"Fill in: {field.label}.")
        written = values.get(self.tongue, "").strip() or " ".join(
            values.get(field.name, "") for field in self.fields
        )
        template = self.chinese if self.chinese and is_chinese(written) else self.template
        lines = []
        for line in template.split("\n"):
            names = _FIELD.findall(line)
            if names and not any(values.get(name, "").strip() for name in names):
                continue
            lines.append(_FIELD.sub(lambda found: values.get(found.group(1), "").strip(), line))
        text = "\n".join(lines).strip()
        if not text:
            raise BadInput("Fill in at least one field.")
        return text


def is_chinese(text: str) -> bool:
    """Is ``text`` mostly Chinese? Two characters weigh as much as a word of another script: names and units may stand
    between them. Kana or Hangul make it Japanese or Korean.
    """
    if _KANA_OR_HANGUL.search(text):
        return False
    return len(_HAN.findall(text)) > 2 * len(_WORD.findall(text))


BUILT_IN: tuple[Preset, ...] = (
    Preset(
        "email", "E-mail",
        (
            Field("to", "To", "my landlord, Mr Klein"),
            Field("about", "Subject", "the heating has been cold since Monday", long=True, needed=True),
            Field("wish", "What you want", "have it repaired this week"),
            Field("tone", "Tone", "friendly but firm"),
            Field("sender", "Your name", "Ada"),
        ),
        "Write an e-mail with a subject line.\nTo: {to}\nAbout: {about}\nWhat should happen: {wish}\n"
        "Tone: {tone}\nSigned by: {sender}\n"
        "Write only the e-mail, and add no names, numbers or facts that are not given here.",
        chinese="请写一封电子邮件，第一行写主题。\n收件人：{to}\n事由：{about}\n要写明的请求：{wish}\n语气：{tone}\n"
        "署名：{sender}\n只写邮件本身，不要添加这里没有提到的人名、数字或事实。",
    ),
    Preset(
        "article", "Article",
        (
            Field("topic", "Topic", "why sleep matters", needed=True),
            Field("reader", "Audience", "readers of a local paper"),
            Field("points", "Main points", long=True),
            Field("length", "Length", "about 300 words"),
        ),
        "Write an article with a headline.\nTopic: {topic}\nFor: {reader}\nMake these points: {points}\n"
        "Length: {length}\nUse only facts given here or generally known.",
        chinese="请写一篇带标题的文章。\n主题：{topic}\n读者：{reader}\n要写到的要点：{points}\n篇幅：{length}\n"
        "只使用这里给出的事实和众所周知的事实。",
    ),
    Preset(
        "story", "Story",
        (
            Field("idea", "Idea", "a lighthouse keeper finds a letter", long=True, needed=True),
            Field("people", "Characters"),
            Field("mood", "Mood", "quiet, a little eerie"),
            Field("length", "Length", "about 300 words"),
        ),
        "Write a short story.\nIdea: {idea}\nCharacters: {people}\nMood: {mood}\nLength: {length}",
        chinese="请写一篇短篇小说。\n构思：{idea}\n人物：{people}\n氛围：{mood}\n篇幅：{length}",
    ),
    Preset(
        "script", "Script",
        (
            Field("scene", "Scene", "two friends miss the last train", long=True, needed=True),
            Field("people", "Speakers", "Mia and Tom"),
            Field("form", "Form", "a radio play"),
        ),
        "Write a script with names before what is said and stage directions in brackets.\nForm: {form}\n"
        "Scene: {scene}\nSpeakers: {people}",
        chinese="请写一段剧本：台词前写说话人的名字，舞台提示写在括号里。\n形式：{form}\n场景：{scene}\n说话的人：{people}",
    ),
    Preset(
        "news", "News brief",
        (
            Field("facts", "Facts", "who, what, when, where", long=True, needed=True),
            Field("length", "Length", "five sentences"),
        ),
        "Write a news brief: the most important thing first, neutral, no opinion.\nFacts: {facts}\n"
        "Length: {length}\nAdd nothing that is not among the facts.",
        chinese="请写一则新闻简讯：最重要的内容放在最前面，立场中立，不作评论。\n事实：{facts}\n篇幅：{length}\n"
        "不要添加上述事实以外的内容。",
    ),
    Preset(
        "customer", "Customer reply",
        (
            Field("message", "The customer's message", long=True, needed=True),
            Field("answer", "Your answer", long=True),
            Field("tone", "Tone", "helpful and brief"),
            Field("sender", "Your name"),
        ),
        "Write a reply to a customer.\nThe customer wrote: {message}\nWhat is true and can be done: {answer}\n"
        "Tone: {tone}\nSigned by: {sender}\nPromise nothing beyond that. Write only the reply.",
        chinese="请代表公司写一封回信，把答复告诉客户。\n客户来信：{message}\n答复：{answer}\n语气：{tone}\n署名：{sender}\n"
        "不要作出答复以外的承诺。只写回信本身。",
        tongue="message",  # the customer is answered in the customer's language
    ),
    Preset(
        "translation", "Translation",
        (
            Field("text", "Text", long=True, needed=True),
            Field("language", "Target language", "French", needed=True),
            Field("tone", "Tone", "as in the original"),
        ),
        "Translate into {language}.\nTone: {tone}\nWrite only the translation of this text:\n\n{text}",
        chinese="请把下面的文字翻译成{language}。\n语气：{tone}\n只写译文。原文：\n\n{text}",
        tongue="language",  # the text is in another language than the one who asks
    ),
)  # fmt: skip


def own(store: Store) -> tuple[Preset, ...]:
    """The user's own presets; entries that are damaged are left out."""
    found = []
    for data in store.value(KEPT) or []:
        try:
            found.append(make(str(data["title"]), str(data["template"]), id=str(data["id"])))
        except (BadInput, KeyError, TypeError):
            continue
    return tuple(found)


def make(title: str, template: str, *, id: str) -> Preset:
    """A preset out of a template the user wrote: each ``{field}`` in it becomes a field. Raises BadInput."""
    title, template = " ".join(title.split())[:60], template.strip()[:8000]
    if not title:
        raise BadInput("Give the preset a name.")
    if not template:
        raise BadInput("Write what the model is to be asked; {topic} makes a field called topic.")
    names = list(dict.fromkeys(_FIELD.findall(template)))
    fields = tuple(Field(name, name.replace("_", " ").capitalize(), long=len(names) == 1) for name in names)
    return Preset(id, title, fields, template, own=True)


def save(store: Store, preset: Preset) -> None:
    """Keep an own preset, in the place of the one with the same id. Raises BadInput when there are too many."""
    kept = [data for data in store.value(KEPT) or [] if data.get("id") != preset.id]
    if len(kept) >= MOST:
        raise BadInput(f"There are {MOST} presets already; delete one first.")
    store.set_value(KEPT, [*kept, {"id": preset.id, "title": preset.title, "template": preset.template}])


def styles(store: Store) -> dict[str, str]:
    """Preset id -> the named style that its texts are written in; the others use the user's own."""
    kept, lines = store.value(STYLES), set(store.lines())
    return {
        preset: line for preset, line in (kept if isinstance(kept, dict) else {}).items() if line in lines
    }


def set_style(store: Store, preset_id: str, line: str) -> None:
    """Write a preset's texts, built-in or own, in the named style ``line``; "": in the user's own."""
    kept = styles(store)
    kept.pop(preset_id, None)
    if line:
        kept[preset_id] = store.line(line)
    store.set_value(STYLES, kept or None)


def delete(store: Store, preset_id: str) -> None:
    """Remove an own preset."""
    set_style(store, preset_id, "")
    store.set_value(KEPT, [data for data in store.value(KEPT) or [] if data.get("id") != preset_id] or None)
