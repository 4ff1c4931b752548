"""From what the encoder and the low-level branch saw to a few embeddings that the language model reads.

Every image token is a mixture of the language model's own word embeddings, weighted with the probabilities of what the
words say of the picture (ConSE, Norouzi et al., arXiv 1312.5650), plus half of a word for what the token tells:

    4 name · 1 category · 4 first group (count, colour, shape, place) · 1 relation · 4 second group
    · 1 background · 1 light or dark · 1 palette

Names come from two sides: a photo's from the encoder's own classes, summed into everyday kinds; a drawing's from a
linear map on the encoder's features, trained here. A picture of nothing known reads as "something unclear" instead of
as a mixture of everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig

from models.starter import concepts, scenes
from models.starter.encoder import FEATURES
from models.starter.glance import Glance, palette

CLASSES = 1000
NAME_TOKENS = 4
ROLES = ("count1", "colour1", "shape1", "place1", "relation", "count2", "colour2", "shape2", "place2", "background")
# The word that is mixed into each token to tell what it is about; the name speaks for itself.
ROLE_WORDS = (*[""] * NAME_TOKENS, "kind", "number", "color", "shape", "place", "relation", "second number",
              "second color", "second shape", "second place", "background", "light", "palette")  # fmt: skip
ROLE_WEIGHT = 0.5
TOKENS = len(ROLE_WORDS)

UNSURE, SURE = 0.25, 0.45  # best name's probability at which the mixture's weight is 0 and 1
SHARPNESS = 2.0  # power of the names' probabilities, so that the best one is heard
STILL, VARIED = 0.48, 0.40  # shares of equal neighbouring pixels at which a picture is a drawing, and a photo
PLAIN_SHAPES = len(scenes.SHAPES) - 2


def words() -> dict[str, list[list[str]]]:
    """The words whose embeddings are mixed, by table; a row of several words is their mean, of none zero."""
    plain = {
        "counts": scenes.COUNTS,
        "colours": scenes.COLOURS,
        "shapes": scenes.SHAPES,
        "places": scenes.PLACES,
        "relations": scenes.RELATIONS,
        "lights": scenes.LIGHTS,
        "categories": (*concepts.categories(), "shape", "unclear"),
        "special": ("none", "unclear"),
        "roles": ROLE_WORDS,
    }
    return {table: [row.split() for row in rows] for table, rows in plain.items()}


def names() -> tuple[str, ...]:
    """What the four name tokens may say."""
    return (*concepts.names(), "shape", "something unclear")


@dataclass(frozen=True)
class Evidence:
    """What is thought of each picture: probabilities, pictures first. ``heads`` by the names of ``scenes.HEADS``."""

    names: Tensor  # (pictures, concepts + 2): sharpened; the last two: a plain shape, something unclear
    heads: dict[str, Tensor]  # (pictures, classes)
    light: Tensor  # (pictures, 2)
    palette: Tensor  # (pictures, colours)
    best: Tensor  # (pictures, concepts): probabilities before they were sharpened


class Connector(nn.Module):
    """``forward(logits, features, glances, flat) -> (images, TOKENS, hidden)``, see ``evidence``."""

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__()
        hidden: int = config.get_text_config().hidden_size
        named, known = len(concepts.names()), config.num_drawn
        self.glance = Glance()
        self.drawn = nn.Linear(FEATURES, known)
        # (known,): which concept each of the drawn names is; (kinds, 1000): 1 where a class is of a kind.
        self.drawn_index = nn.Parameter(torch.empty(known), requires_grad=False)
        self.kinds = nn.Parameter(torch.empty(config.num_kinds, CLASSES), requires_grad=False)
        # The language model's embeddings of the words, made when the starter is prepared.
        self.names = nn.Parameter(torch.empty(named + 2, NAME_TOKENS * hidden), requires_grad=False)
        self.words = nn.ParameterDict(
            {table: nn.Parameter(torch.empty(len(rows), hidden), requires_grad=False) for table, rows in words().items()}
        )
        self.hidden = hidden

    def forward(self, logits: Tensor, features: Tensor, glances: Tensor, flat: Tensor) -> Tensor:
        return self.tokens(self.evidence(logits, features, glances, flat))

    def evidence(self, logits: Tensor, features: Tensor, glances: Tensor, flat: Tensor) -> Evidence:
        """``logits`` (images, views, 1000), ``features`` (images, 1280) pooled over the whole picture, ``glances``
        (images, 4, side, side) uint8, ``flat`` (images,) share of equal neighbouring pixels."""
        photo = logits.softmax(dim=-1).mean(dim=1) @ self.kinds.T
        photo = nn.functional.pad(photo, (0, len(concepts.names()) - photo.shape[1]))
        drawn = torch.zeros_like(photo)
        drawn[:, self.drawn_index.long()] = self.drawn(features).softmax(dim=-1)
        drawing = ((flat - VARIED) / (STILL - VARIED)).clamp(0, 1).unsqueeze(1)
        best = torch.lerp(photo, drawn, drawing)
        heads = {name: one.softmax(dim=-1) for name, one in self.glance(glances).items()}
        plain = heads["shape1"][:, :PLAIN_SHAPES].sum(dim=1, keepdim=True)
        plain = ((plain - 0.5) / 0.4).clamp(0, 1)
        return Evidence(mixture(best, plain), heads, lightness(glances), palette(glances), best)

    def tokens(self, evidence: Evidence) -> Tensor:
        """Evidence -> image tokens (images, TOKENS, hidden)."""
        heads, words = evidence.heads, self.words
        name = (evidence.names @ self.names).view(-1, NAME_TOKENS, self.hidden)
        parts = [name, (by_category(evidence.names) @ words["categories"]).unsqueeze(1)]
        none, unclear = words["special"]
        hazy = heads["shape1"][:, -1:]
        for role in ROLES:
            table = {"count": "counts", "colour": "colours", "shape": "shapes", "place": "places"}.get(role[:-1], "")
            table = table or {"relation": "relations", "background": "colours"}[role]
            token = heads[role] @ words[table]
            if role.endswith("2"):
                absent = heads["count2"][:, :1]
                token = (1 - absent) * token + absent * none
            token = (1 - hazy) * token + hazy * unclear
            parts.append(token.unsqueeze(1))
        parts.append((evidence.light @ words["lights"]).unsqueeze(1))
        shares = evidence.palette**1.5
        parts.append(((shares / shares.sum(dim=1, keepdim=True)) @ words["colours"]).unsqueeze(1))
        return torch.cat(parts, dim=1) + ROLE_WEIGHT * words["roles"]


def mixture(best: Tensor, plain: Tensor) -> Tensor:
    """(images, concepts) probabilities and (images, 1) of a plain shape -> weights of the names' words."""
    weight = ((best.amax(dim=1, keepdim=True) - UNSURE) / (SURE - UNSURE)).clamp(0, 1)
    sharp = best**SHARPNESS
    sharp = sharp / sharp.sum(dim=1, keepdim=True)
    return torch.cat([(1 - plain) * weight * sharp, plain, (1 - plain) * (1 - weight)], dim=1)


def by_category(names: Tensor) -> Tensor:
    """Weights of names (images, concepts + 2) summed into categories (images, categories + 2)."""
    kinds = concepts.categories()
    index = [kinds.index(kind) for kind in concepts.load().values()] + [len(kinds), len(kinds) + 1]
    sums = torch.zeros(names.shape[0], len(kinds) + 2, dtype=names.dtype)
    return sums.index_add(1, torch.tensor(index), names)


def lightness(glances: Tensor) -> Tensor:
    """(images, 4, side, side) uint8 -> (images, 2): dark, light, by the mean luma of the picture's pixels."""
    inside = (glances[:, 3] > 0).float()
    luma = (glances[:, :3].float() * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1) / 255
    mean = (luma * inside).sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)
    light = torch.sigmoid((mean - 0.5) * 14)
    return torch.stack([1 - light, light], dim=1)


def flatness(pixels: Tensor) -> Tensor:
    """(images, 3, side, side) in [-1, 1] -> (images,): share of neighbours that are equal (to half of 255 steps)."""
    across = (pixels[..., :, 1:] - pixels[..., :, :-1]).abs().amax(dim=1)
    down = (pixels[..., 1:, :] - pixels[..., :-1, :]).abs().amax(dim=1)
    near = 0.5 / 128
    return ((across < near).float().mean((1, 2)) + (down < near).float().mean((1, 2))) / 2
