"""Asks a loaded model questions about pictures, through the program's own prompt, greedily."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from assistant import prompt
from assistant.engine.protocol import Turn
from assistant.generation.prefix_cache import common
from assistant.records import Recognition
from models.loaded_model import LoadedModel
from models.perception import concepts, scene_words
from models.perception.ocr import read_text
from models.perception.recognizer import Eyes
from tests.evaluation.vision.pictures import Item

Pictures = tuple[Image.Image, ...]
BLANK = Image.new("RGB", (320, 240), (128, 128, 128))
MOST_TOKENS = 60

# Arm -> every how many-th question it is asked. Of the starter (its line beside its connector's tokens), and of a model
# that is told of pictures: in which form (``models.pictures.described_pictures``).
STARTER_ARMS = {"line only": 4, "tokens only": 2, "both": 1, "blank": 6, "shuffled": 6}
TELLER_ARMS = {"words": 1, "tokens": 4, "both": 2, "blank": 6, "shuffled": 6}


@dataclass
class Examiner:
    """``folder`` holds pictures as files for the prompt to open."""

    model: LoadedModel
    folder: Path
    eyes: Eyes = field(default_factory=Eyes)
    _cache: Any = None
    _keys: tuple[Hashable, ...] = ()

    @property
    def arms(self) -> dict[str, int]:
        return STARTER_ARMS if self.model.teller is None else TELLER_ARMS

    def ask(self, item: Item, other: Item, arm: str) -> str:
        """The reply in one arm; ``other``: whose pictures are shown instead when shuffled."""
        mine = (item.picture, *item.more)
        blank = (BLANK,) * len(mine)
        shown = {"blank": blank, "shuffled": (other.picture, *other.more)}.get(arm, mine)
        if self.model.teller is not None:
            self.model.teller.form = arm if arm in ("words", "tokens", "both") else "words"  # type: ignore[assignment]
            return self._reply(item, shown, shown)
        lines = None if arm == "tokens only" else shown
        return self._reply(item, lines, blank if arm == "line only" else shown)

    def alone(self, item: Item) -> bool | None:
        """Does perception itself know it, without a language model (and without a threshold)?"""
        kind, accepted = item.alone
        if not kind:
            return None
        evidence = self.eyes.look(item.picture).evidence
        if kind in ("name", "has", "lacks"):
            name = concepts.names()[int(evidence.best[0].argmax())]
            return (name in accepted) != (kind == "lacks")
        table = {
            "colour": scene_words.COLOURS,
            "shape": scene_words.SHAPES,
            "place": scene_words.PLACES,
            "count": scene_words.COUNTS,
        }
        words = table.get(kind[:-1], scene_words.RELATIONS)
        return words[int(evidence.heads[kind][0].argmax())] in accepted

    def _recognised(self, picture: Image.Image) -> Recognition:
        found = self.eyes.look(picture).recognised
        return Recognition(found, read_text(self._saved(picture)))

    def _saved(self, picture: Image.Image) -> Path:
        path = self.folder / f"{hashlib.sha256(picture.tobytes()).hexdigest()}.png"
        if not path.is_file():
            picture.save(path)
        return path

    def _reply(self, item: Item, lines_of: Pictures | None, tokens_of: Pictures) -> str:
        """The last reply; a question ``before`` is answered first, about the same pictures."""
        seen = tuple(map(self._recognised, lines_of)) if lines_of is not None else (None,) * len(tokens_of)
        shown = tuple(str(self._saved(one)) for one in tokens_of)
        turns = [Turn("user", item.before or item.question, shown, seen)]
        if item.before:
            turns += [Turn("assistant", self._answer(turns)), Turn("user", item.question)]
        return self._answer(turns)

    def _answer(self, turns: list[Turn]) -> str:
        built = prompt.build(tuple(turns), self.model, MOST_TOKENS)
        inputs = self.model.prepare(built.messages, built.images)
        decoder = self.model.decoder
        if inputs.embeds is None and self._cache is not None:
            kept = min(common(inputs.keys, self._keys), len(inputs) - 1)
            cache = self._cache
            cache.truncate(kept)
        else:
            cache, kept = decoder.new_cache(), 0
        embeds = None if inputs.embeds is None else inputs.embeds[:, kept:]
        logits = decoder.forward(cache, inputs.ids[:, kept:], embeds)
        self._cache, self._keys = (cache, inputs.keys) if inputs.embeds is None else (None, ())
        written: list[int] = []
        while len(written) < MOST_TOKENS and (token := int(logits.argmax())) not in self.model.eos_ids:
            written.append(token)
            logits = decoder.forward(cache, torch.tensor([[token]]))
        return str(self.model.tokenizer.decode(written))
