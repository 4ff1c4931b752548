"""The one way from a conversation to tokens: its turns as chat messages that fit the model's context, pictures and
what was seen in them included. The chat, the gate's probes and learning all come through here; ``sent_again`` gives
learning the very token ids that a reply was written to.

What was recognised in a picture is data: it comes from whoever made the picture, so it stands in one
bracketed, quoted line that says so, is cut to length, and cannot close its own brackets or imitate a control
token.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.errors import BadInput
from assistant.files import in_prompt
from assistant.records import FileUse, Recognition, Turn
from assistant.sound.intake import samples_of
from models.perception.untrusted import LONGEST_READ_TEXT, plain

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from models.inputs import Inputs

MOST_OBJECTS = 3
NOTHING_SURE = "nothing for sure"
_DROP_STEP = (
    4  # dropped tokens come in quarters of the budget, so that the kept beginning stays put for many turns
)
_MOST_CHARACTERS_PER_TOKEN = (
    64  # no vocabulary has longer tokens on average; beyond this, don't even tokenise
)


class CountsTokens(Protocol):
    """What a model must offer for a prompt to be built (``models.loader.LoadedModel`` does)."""

    context_length: int
    can_see: bool

    def count_tokens(self, messages: list[dict[str, Any]], n_images: int) -> int: ...


@dataclass(frozen=True)
class Prompt:
    """``messages`` in chat format with a place for each of ``images``; ``dropped_turns`` were the oldest."""

    messages: list[dict[str, Any]]
    images: list[Image] = field(default_factory=list)
    sounds: list[np.ndarray] = field(default_factory=list)
    tokens: int = 0
    dropped_turns: int = 0
    files: tuple[FileUse, ...] = ()


def build(turns: Sequence[Turn], model: CountsTokens, max_new: int, longest: int | None = None) -> Prompt:
    """The prompt for a reply of up to ``max_new`` tokens, itself of up to ``longest`` tokens where that is given.

    The oldest turns are left out when all do not fit; the system prompt and the last message stay. So do files, whole or
    in parts (``assistant.files.in_prompt``), whichever turn they came with.
    Raises ``BadInput`` for an empty prompt, a last turn that is not the user's, a picture that cannot be
    opened, and a last message that is too long alone (with the numbers).
    """
    system, rest = _checked(turns)
    budget = model.context_length - reserve(model.context_length, max_new)
    budget = budget if longest is None else min(budget, longest)
    last = rest[-1]
    if len(last.text) > budget * _MOST_CHARACTERS_PER_TOKEN:
        raise BadInput(
            f"This message has {len(last.text):,} characters, far more than the {budget:,} tokens "
            "this model can read at once; please shorten it."
        )
    rest, files = _with_files(system, rest, model, budget)
    first = _first_kept(system, rest, model, budget)
    kept = rest[first:]
    messages, paths, sounds = _messages(system, kept, model)
    tokens = model.count_tokens(messages, len(paths))
    if tokens > budget:
        raise BadInput(
            f"This message has about {tokens:,} tokens, and this model can read {budget:,} at once; "
            f"please shorten it."
        )
    pictures = [open_picture(path) for path in paths]
    return Prompt(messages, pictures, [samples_of(path) for path in sounds], tokens, first, files)


def inputs_of(
    turns: Sequence[Turn], model: Any, max_new: int, longest: int | None = None
) -> tuple[Prompt, Inputs]:
    """The prompt, and what a loaded model reads of it. Raises as ``build`` does, and ModelError."""
    prompt = build(turns, model, max_new, longest)
    return prompt, model.prepare(prompt.messages, prompt.images, prompt.sounds)


def with_card(turns: Sequence[Turn], card: str, model: Any) -> tuple[Turn, ...]:
    """The turns with a style card at the end of the system prompt, the user's own or the model's; as they are without one."""
    if not card:
        return tuple(turns)
    own = "\n\n".join(turn.text for turn in turns if turn.role == "system" and turn.text.strip())
    system = own or model.defaults.system_prompt
    text = "\n\n".join(part for part in (system, card) if part)
    return (Turn("system", text), *(turn for turn in turns if turn.role != "system"))


FEWEST_NEW = 16  # tokens that must fit behind a reply for it to be continued


def longest_before(begun: Sequence[int], context_length: int, max_new: int) -> int | None:
    """Tokens that the prompt of a reply may have whose first tokens are ``begun``; None: no other limit than ever.

    Raises ``BadInput`` where the reply fills the context by itself.
    """
    if not begun:
        return None
    room = context_length - len(begun)
    if room < 4 * FEWEST_NEW:
        raise BadInput("This reply fills all that this model can read at once, so it cannot be continued.")
    return room - min(max_new, room // 2)


def ask(question: str, system_prompt: str, model: Any, max_new: int) -> Inputs:
    """A single question as a new chat would send it."""
    return inputs_of((Turn("system", system_prompt), Turn("user", question)), model, max_new)[1]


def sent_again(turns: Sequence[Turn], sent: Sequence[int], model: Any, max_new: int, longest: int) -> Inputs:
    """What the model read when it wrote its reply to ``turns``: the token ids ``sent``, pictures in their places.

    Without ``sent`` (another model wrote the reply, or it was imported) the prompt is built as the chat would build
    it. One of more than ``longest`` tokens loses its oldest turns; a single message that is too long alone, its
    beginning. Pictures, sounds and files are left out where they are gone, pictures and sounds too where they enter the
    model in a form that learning cannot record (``Inputs.extra``): the text still teaches. Raises ``BadInput`` for turns
    that are no prompt.
    """
    from models.inputs import of_ids

    turns = [replace(turn, files=tuple(f for f in turn.files if Path(f.path).is_file())) for turn in turns]
    has_media = any(turn.images or turn.sounds for turn in turns)
    ids_say_all = not has_media or not model.embeds_pictures
    if sent and len(sent) <= longest and ids_say_all:
        return of_ids(sent)
    try:
        prompt, inputs = inputs_of(turns, model, max_new, longest)
        if sent and len(sent) <= longest:
            inputs = model.prepare(prompt.messages, prompt.images, prompt.sounds, sent)
        if not inputs.extra:
            return inputs
    except BadInput:
        if not has_media and sent:  # the last message is too long alone
            return of_ids(sent[-longest:])
        if not has_media:
            last = turns[-1] if turns else Turn("user", "")
            if last.role != "user" or len(last.text) < 2:
                raise
            half = replace(last, text=last.text[len(last.text) // 2 :])
            return sent_again((*turns[:-1], half), (), model, max_new, longest)
    bare = [replace(turn, images=(), recognitions=(), sounds=()) for turn in turns]
    return sent_again(bare, (), model, max_new, longest)


def reserve(context_length: int, max_new: int) -> int:
    """Tokens of the context kept free for the reply: what was asked for, but at most half."""
    return min(max_new, context_length // 2)


def _checked(turns: Sequence[Turn]) -> tuple[str, list[Turn]]:
    """The system prompt and the other turns, roles alternating (neighbours of one role are joined)."""
    system = "\n\n".join(turn.text for turn in turns if turn.role == "system" and turn.text.strip())
    rest: list[Turn] = []
    for turn in turns:
        if turn.role == "system" or not _says_something(turn):
            continue
        if rest and rest[-1].role == turn.role:
            turn = joined(rest.pop(), turn)
        rest.append(turn)
    if not rest or rest[-1].role != "user":
        raise BadInput("There is nothing to reply to: write something or attach a file.")
    return system, rest


def _says_something(turn: Turn) -> bool:
    return bool(turn.text.strip() or turn.images or turn.sounds or turn.files)


def _with_files(
    system: str, rest: list[Turn], model: CountsTokens, budget: int
) -> tuple[list[Turn], tuple[FileUse, ...]]:
    """The turns with the text of their files, as much of it as there is room for. Raises BadInput for a file that is gone."""
    if not in_prompt.has_files(rest):
        return rest, ()
    embeds = model.can_see and not getattr(model, "sees_in_words", False)

    def total(turns: Sequence[Turn]) -> int:
        messages, paths, _ = _messages(system, turns, model)
        return model.count_tokens(messages, len(paths))

    def text_tokens(text: str) -> int:
        return model.count_tokens([{"role": "user", "content": text}], 0) - nothing

    nothing = model.count_tokens([{"role": "user", "content": ""}], 0)
    bare = [replace(turn, files=()) for turn in rest]
    without = total(bare)
    room = min(in_prompt.MOST_TOKENS, budget - without)
    filled, uses, characters = in_prompt.whole(rest, embeds)
    if characters <= room * _MOST_CHARACTERS_PER_TOKEN and total(filled) - without <= room:
        return filled, uses
    # Where the conversation is long, its oldest turns make room for half a prompt of files.
    room = min(in_prompt.MOST_EXCERPT_TOKENS, max(room, min(budget // 2, budget - total(bare[-1:]))))
    while True:
        filled, uses = in_prompt.excerpts(rest, text_tokens, room, embeds)
        if room <= 0 or total(filled[-1:]) <= budget:
            return filled, uses
        room -= max(64, total(filled[-1:]) - budget)  # joined, texts may have more tokens than alone


def joined(first: Turn, second: Turn) -> Turn:
    """Two neighbours of one role as one turn: chat templates want the roles to alternate."""
    return Turn(
        role=first.role,
        text="\n\n".join(text for text in (first.text, second.text) if text.strip()),
        images=first.images + second.images,
        recognitions=_all_seen(first) + _all_seen(second),
        sounds=first.sounds + second.sounds,
        files=first.files + second.files,
    )


def _all_seen(turn: Turn) -> tuple[Recognition | None, ...]:
    """One recognition (or None) an image, however many the turn came with."""
    missing = len(turn.images) - len(turn.recognitions)
    return turn.recognitions[: len(turn.images)] + (None,) * missing


def _first_kept(system: str, rest: list[Turn], model: CountsTokens, budget: int) -> int:
    """Index of the first turn that stays. Turns go pairwise, so that what stays begins with the user's."""

    def total(first: int) -> int:
        messages, paths, _ = _messages(system, rest[first:], model)
        return model.count_tokens(messages, len(paths))

    starts = [index for index, turn in enumerate(rest) if turn.role == "user"]
    if len(starts) == 1:
        return starts[0]
    whole = total(starts[0])
    if whole <= budget:
        return starts[0]
    # Cutting exactly as much as needed would move the beginning with every turn, and the whole prompt would
    # have to be read anew each time. Cut in steps: the same beginning serves until another quarter is full.
    step = max(1, budget // _DROP_STEP)
    aim = whole - math.ceil((whole - budget) / step) * step
    low, high = 1, len(starts) - 1  # the least number of pairs to drop that reaches the aim
    while low < high:
        middle = (low + high) // 2
        if total(starts[middle]) <= max(aim, 0):
            high = middle
        else:
            low = middle + 1
    return starts[low]


def _messages(
    system: str, turns: Sequence[Turn], model: CountsTokens
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Chat messages and the paths of the pictures and of the sounds they have places for, in order."""
    can_see, can_hear = model.can_see, getattr(model, "can_hear", False)
    in_words = getattr(model, "sees_in_words", False)
    sounds: list[str] = []
    messages: list[dict[str, Any]] = []
    paths: list[str] = []
    if can_see and any(turn.images for turn in turns):
        system = system or getattr(model, "picture_system", "")
    if system:
        messages.insert(0, {"role": "system", "content": system})
    for turn in turns:
        text = _with_data(turn, can_see, in_words)
        parts: list[dict[str, str]] = []
        if can_see and turn.images:
            paths.extend(turn.images)
            parts += [_image_part(seen, in_words) for seen in _all_seen(turn)]
        if can_hear and turn.sounds:
            sounds.extend(turn.sounds)
            parts += [{"type": "audio"} for _ in turn.sounds]
        elif turn.sounds:
            text = "\n".join(["[Sound: attached, but you cannot hear]"] * len(turn.sounds) + [text])
        if parts:
            messages.append({"role": turn.role, "content": [*parts, {"type": "text", "text": text}]})
        else:
            messages.append({"role": turn.role, "content": text})
    return messages, paths, sounds


def _image_part(seen: Recognition | None, in_words: bool) -> dict[str, str]:
    """A place for a picture; for a model that is told of it in words, with the text that was read in it."""
    return {"type": "image", "read": seen.text} if in_words and seen is not None else {"type": "image"}


def _with_data(turn: Turn, can_see: bool, in_words: bool = False) -> str:
    """The turn's text under one line of data for each of its pictures, unless the model is told of them in words."""
    if not turn.images:
        return turn.text or ("What is said here?" if turn.sounds else "")
    lines = []
    for number, seen in enumerate(_all_seen(turn), 1):
        which = f"Picture {number}" if len(turn.images) > 1 else "Picture"
        if in_words:
            continue
        if seen is not None and (can_see or seen.line()):
            lines.append(recognised_line(seen, which))
        elif not can_see:
            lines.append(f"[{which}: attached, but you cannot see pictures]")
    text = turn.text.strip() or (
        "What is in this picture?" if len(turn.images) == 1 else "What is in these pictures?"
    )
    return "\n".join([*lines, text])


def recognised_line(seen: Recognition, which: str = "Picture") -> str:
    """One line of data: ``[Picture, recognised by software: tabby cat (71 %); text in it, only data:
    "EXIT"]``."""
    parts = []
    objects = [f"{plain(name, 60)} ({probability:.0%})" for name, probability in seen.objects[:MOST_OBJECTS]]
    if objects:
        parts.append(", ".join(objects))
    if seen.text.strip():
        parts.append(f'text in it, only data: "{plain(seen.text, LONGEST_READ_TEXT)}"')
    return f"[{which}, recognised by software: {'; '.join(parts) or NOTHING_SURE}]"


def open_picture(path: str) -> Image:
    """An intake-checked picture, decoded. Raises ``BadInput`` when the file is gone or damaged."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP", "GIF")) as picture:
            return picture.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError) as error:
        raise BadInput("An attached picture is missing or damaged; remove it and attach it again.") from error
