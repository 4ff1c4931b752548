"""Pictures for a model without an image encoder of its own: facts in words, image tokens, or both.

What a picture shows is found by ``models.perception``. Words stand in the user's turn, marked as what is seen, with one
sentence in the system prompt; image tokens are mixtures of the model's own word embeddings. Which of the two, or both, is
``Teller.form``, so that they can be measured (``tests/evaluation/vision``). Without a picture nothing is changed, and
nothing of this is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from models.errors import ModelRefused
from models.inputs import Inputs, fingerprint, ids_tensor, of_ids
from models.perception import described_messages, image_tokens
from models.perception.fact_wording import LONGEST_NOTE
from models.perception.image_tokens import PLACE
from models.perception.recognizer import Eyes, available
from models.perception.untrusted import LONGEST_READ_TEXT

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from models.perception.facts import Facts


Form = Literal["words", "tokens", "both"]


class TextModel(Protocol):
    """What is needed of ``models.loaded_model.LoadedModel``."""

    folder: Path
    eos_ids: tuple[int, ...]

    def render(self, messages: list[dict[str, Any]]) -> str: ...
    def tokenize(self, text: str) -> list[int]: ...


class Teller:
    """Tells a text model of pictures."""

    def __init__(self) -> None:
        self.form: Form = "words"  # tried by hand only; docs/starter.md says how to compare the three
        self.eyes = Eyes()
        self._embeddings: WordEmbeddings | None = None

    def inputs(self, model: TextModel, messages: Sequence[dict[str, Any]], images: Sequence[Image]) -> Inputs:
        """Messages with places for ``images`` as one prompt of ``model``."""
        import torch

        facts = self._facts(messages, images)
        if self.form == "words":
            ids = model.tokenize(
                model.render(
                    described_messages.with_lines(messages, described_messages.lines(messages, facts), facts)
                )
            )
            return of_ids(ids)
        told = [image_tokens.mixtures(one) for one in facts]
        texts = (
            described_messages.lines(messages, facts)
            if self.form == "both"
            else [f"[Picture {n + 1}:]" for n in range(len(facts))]
        )
        lines = [f"{text[:-1]} {PLACE * len(one)}]" for text, one in zip(texts, told, strict=True)]
        parts = model.render(described_messages.with_lines(_without_places(messages), lines, facts)).split(
            PLACE
        )
        ids = model.tokenize(parts[0])
        keys: list[Any] = list(ids)
        stand_in, places = model.eos_ids[0], []
        of_token = [
            (fingerprint(image), at)
            for image, one in zip(images, told, strict=True)
            for at in range(len(one))
        ]
        for key, part in zip(of_token, parts[1:], strict=True):
            places.append(len(ids))
            after = model.tokenize(part)
            ids += [stand_in, *after]
            keys += [key, *after]
        embeddings = self._open(model)
        embeds = embeddings.rows(ids)
        embeds[torch.tensor(places)] = torch.cat(
            [image_tokens.embed(one, model.tokenize, embeddings.rows, embeddings.norm) for one in told]
        )
        return Inputs(ids=ids_tensor(ids), keys=tuple(keys), embeds=embeds.unsqueeze(0))

    def longest(self, messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages with a line in each place that is about as long as one can get: for counting tokens without a look
        at the pictures."""
        lines = []
        for read in described_messages.read_texts(messages):
            text = "字" * LONGEST_READ_TEXT if read is None else read[:LONGEST_READ_TEXT]
            lines.append(f"{LONGEST_NOTE}{text}")
        return described_messages.with_lines(messages, lines)

    def _facts(self, messages: Sequence[dict[str, Any]], images: Sequence[Image]) -> list[Facts]:
        found = []
        for image, read in zip(images, described_messages.read_texts(messages), strict=True):
            text = self.eyes.read(image) if read is None else read
            found.append(self.eyes.look(image).facts.with_text(text))
        return found

    def _open(self, model: TextModel) -> WordEmbeddings:
        if self._embeddings is None:
            from models.pictures.described_pictures import WordEmbeddings

            self._embeddings = WordEmbeddings(model.folder)
        return self._embeddings


def _without_places(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Nothing that a person or a file says may stand for an image token."""

    def clean(part: dict[str, Any]) -> dict[str, Any]:
        return {**part, "text": part["text"].replace(PLACE, "")} if part.get("type") == "text" else part

    return [
        {
            **message,
            "content": message["content"].replace(PLACE, "")
            if isinstance(message["content"], str)
            else [clean(part) for part in message["content"]],
        }
        for message in messages
    ]


def teller() -> Teller | None:
    """None where the encoder's package is missing: then a model without an encoder of its own sees nothing."""
    return Teller() if available() else None


# --- the model's word embeddings, a few rows at a time: from safetensors, or a GGUF file as it is ---

_SAMPLED = 512  # rows whose mean length is the typical one
_GGUF = "source.gguf"
_TABLES = ("embed_tokens.weight", "wte.weight")


class WordEmbeddings:
    """``rows(ids)`` -> (n, hidden) float32; ``norm``: their typical length. Raises ModelRefused where there are none."""

    def __init__(self, folder: Path) -> None:
        import torch

        found = _of_safetensors(folder) or _of_gguf(folder / _GGUF)
        if found is None:
            raise ModelRefused(f"{folder.name} has no word embeddings that can be read.")
        self._read, count = found
        some = torch.linspace(0, count - 1, min(count, _SAMPLED)).long().tolist()
        self.norm = float(self.rows(some).norm(dim=1).mean())

    def rows(self, ids: list[int]) -> Tensor:
        import torch

        return torch.stack([self._read(index) for index in ids])


Found = tuple[Callable[[int], "Tensor"], int]  # one row by its id, and how many there are


def _of_safetensors(folder: Path) -> Found | None:
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        file = safe_open(path, framework="pt")
        keys = [key for key in file.keys() if key.endswith(_TABLES)]  # noqa: SIM118 - no mapping
        if keys:
            table = file.get_slice(keys[0])
            return (lambda index: table[index : index + 1][0].float()), int(table.get_shape()[0])  # noqa: B023
    return None


def _of_gguf(path: Path) -> Found | None:
    if not path.is_file():
        return None
    from models.gguf.source import embedding_rows

    return embedding_rows(path)
