"""From what the encoder and the low-level branch saw to a few embeddings that the language model reads.

Every image token is a mixture of the language model's own word embeddings, weighted with the probabilities of what the
words say of the picture (ConSE, Norouzi et al., arXiv 1312.5650), plus half of a word for what the token tells:

    4 name · 1 category · 4 first group (count, colour, shape, place) · 1 relation · 4 second group
    · 1 background · 1 light or dark · 2 main colours

Names come from two sides: a photo's from the encoder's own classes, summed into everyday kinds; a drawing's from a
linear map on the square roots of the encoder's features, trained here. A name that is likely is claimed; one that is
only likelier than the rest is half mixed with "something unclear", and said as a guess; where only the category is clear
the category token alone tells it; and a picture of nothing known reads as "something unclear".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig

from models.starter import concepts, glance, scenes
from models.starter.encoder import FEATURES
from models.starter.roles import NAME_TOKENS, ROLES, words

CLASSES = 1000
# Least probability of the best name at which it is claimed, and at which it is guessed: of a photo (chosen on 36 desktop
# backgrounds: below 0.28 nearly every name was wrong), and of a drawing (on the tune part: from 0.4 on half of the names
# or more are right, from 0.08 on one in five).
CLAIMED, GUESSED = (0.28, 0.40), (0.15, 0.08)
# Least probability of a category that is told instead of a guess below half of CLAIMED or of another category (on the
# tune part: three in four such categories are right).
CATEGORY = 0.5
HALF = 0.5  # how much of a guessed name is mixed in
SHARPNESS = 4.0  # power of the names' probabilities, so that the best one is heard
STILL, VARIED = 0.48, 0.40  # shares of equal neighbouring pixels at which a picture is a drawing, and a photo
ROLE_WEIGHT = 0.5
PLAIN_SHAPES = len(scenes.SHAPES) - 2
WHOLE_VIEWS = 2  # the centre and the whole; further views are parts of a long picture


@dataclass(frozen=True)
class Evidence:
    """What is thought of each picture: probabilities, pictures first. ``heads`` by the names of ``scenes.HEADS``."""

    names: Tensor  # (pictures, concepts + 2): sharpened; the last two: a plain shape, something unclear
    categories: Tensor  # (pictures, categories + 2), the last two alike
    heads: dict[str, Tensor]  # (pictures, classes)
    light: Tensor  # (pictures, 2)
    palette: Tensor  # (pictures, colours)
    best: Tensor  # (pictures, concepts): probabilities before they were sharpened


@dataclass(frozen=True)
class Seen:
    """What goes in, images first: of each view the ``logits`` (images, views, 1000), the pooled ``features`` (images,
    views, 1280) and whether it is ``used`` (images, views); ``glances`` (images, 4, side, side) uint8 and ``still``
    (images,) of the whole picture. The views are the centre, the whole, then parts of long pictures."""

    logits: Tensor
    features: Tensor
    used: Tensor
    glances: Tensor
    still: Tensor


class Connector(nn.Module):
    """``forward(Seen) -> (images, TOKENS, hidden)``"""

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__()
        hidden: int = config.get_text_config().hidden_size
        named, known = len(concepts.names()), config.num_drawn
        self.glance = glance.Glance()
        self.drawn = nn.Linear(FEATURES, known + 1)  # the last: plain shapes, no drawing of anything
        # (known,): which concept each of the drawn names is; (kinds, 1000): 1 where a class is of a kind.
        self.drawn_index = nn.Parameter(torch.empty(known), requires_grad=False)
        self.kinds = nn.Parameter(torch.empty(config.num_kinds, CLASSES), requires_grad=False)
        # The language model's embeddings of the words, made when the starter is prepared.
        self.names = nn.Parameter(torch.empty(named + 2, NAME_TOKENS * hidden), requires_grad=False)
        self.words = nn.ParameterDict(
            {
                table: nn.Parameter(torch.empty(len(rows), hidden), requires_grad=False)
                for table, rows in words().items()
            }
        )
        self.hidden = hidden

    def forward(self, seen: Seen) -> Tensor:
        return self.tokens(self.evidence(seen))

    def evidence(self, seen: Seen) -> Evidence:
        """What is thought of each picture. A long picture's parts count by the one that is surest."""
        kinds = seen.logits.softmax(dim=-1) @ self.kinds.T  # (images, views, kinds)
        parts = torch.where(seen.used[..., None], kinds, 0)[:, WHOLE_VIEWS:]
        photo = torch.cat([kinds[:, :WHOLE_VIEWS].mean(dim=1, keepdim=True), parts], dim=1).amax(dim=1)
        photo = nn.functional.pad(photo, (0, len(concepts.names()) - photo.shape[1]))
        drawings = torch.where(seen.used[..., None], self.drawn(seen.features.sqrt()).softmax(dim=-1), 0)
        named = drawings[:, WHOLE_VIEWS - 1 :].amax(dim=1)
        drawn = torch.zeros_like(photo)
        drawn[:, self.drawn_index.long()] = named[:, :-1]
        drawing = ((seen.still - VARIED) / (STILL - VARIED)).clamp(0, 1).unsqueeze(1)
        best = torch.lerp(photo, drawn, drawing)
        heads = glance.heads(self.glance(seen.glances), seen.glances)
        # A plain shape must be one for both: the low-level branch, and the encoder's features. Of anything else, counts
        # and shapes are not told.
        shape = heads["shape1"][:, :-1]
        shapes = shape[:, :PLAIN_SHAPES].sum(dim=1, keepdim=True)
        plain = ((shapes * named[:, -1:] - 0.3) / 0.4).clamp(0, 1)
        heads["shape1"] = torch.cat([shape * plain, 1 - (shape * plain).sum(dim=1, keepdim=True)], dim=1)
        palette = glance.palette(seen.glances, drawing[:, 0] > 0.5)
        return Evidence(*mixture(best, plain, drawing), heads, lightness(seen.glances), palette, best)

    def tokens(self, evidence: Evidence) -> Tensor:
        """Evidence -> image tokens (images, TOKENS, hidden)."""
        heads, words = evidence.heads, self.words
        name = (evidence.names @ self.names).view(-1, NAME_TOKENS, self.hidden)
        parts = [name, (evidence.categories @ words["categories"]).unsqueeze(1)]
        none, unclear = words["special"]
        hazy = heads["shape1"][:, -1:]
        for role in ROLES:
            table = {"count": "counts", "colour": "colours", "shape": "shapes", "place": "places"}.get(
                role[:-1], ""
            )
            table = table or {"relation": "relations", "background": "colours"}[role]
            token = heads[role] @ words[table]
            if role.endswith("2"):
                absent = heads["count2"][:, :1]
                token = (1 - absent) * token + absent * none
            token = (1 - hazy) * token + hazy * unclear
            parts.append(token.unsqueeze(1))
        parts.append((evidence.light @ words["lights"]).unsqueeze(1))
        first, second = main_colours(evidence.palette)
        parts.append(words["colours"][first].unsqueeze(1))
        other = torch.where(second[:, None] < 0, none, words["colours"][second])
        parts.append(other.unsqueeze(1))
        return torch.cat(parts, dim=1) + ROLE_WEIGHT * words["roles"]


def claim(best: Tensor, drawing: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What may be said of (images, concepts) probabilities, each (images, 1) bool: the best name for sure, the best name
    as a guess, the best category as a guess; at most one of them. ``drawing`` (images, 1): how much it is one."""
    claimed, guessed = (torch.lerp(torch.tensor(a), torch.tensor(b), drawing) for a, b in (CLAIMED, GUESSED))
    top, index = best.max(dim=1, keepdim=True)
    share, category = by_category(best).max(dim=1, keepdim=True)
    sure = top >= claimed
    other = (top < claimed / 2) | (category != _categories()[index])
    coarse = ~sure & (share >= CATEGORY) & other
    return sure, ~sure & ~coarse & (top >= guessed), coarse


def mixture(best: Tensor, plain: Tensor, drawing: Tensor) -> tuple[Tensor, Tensor]:
    """(images, concepts) probabilities, (images, 1) of a plain shape and of a drawing -> weights of the names' words
    (images, concepts + 2), and of the categories' (images, categories + 2)."""
    sure, guess, coarse = claim(best, drawing)
    weight = sure.float() + HALF * guess.float()
    sharp = (best / best.amax(dim=1, keepdim=True)) ** SHARPNESS
    sharp = weight * sharp / sharp.sum(dim=1, keepdim=True)
    category = by_category(sharp)
    category = torch.where(
        coarse,
        nn.functional.one_hot(by_category(best).argmax(dim=1), category.shape[1]).to(category.dtype),
        category,
    )

    def with_rest(part: Tensor) -> Tensor:
        return torch.cat([(1 - plain) * part, plain, (1 - plain) * (1 - part.sum(1, keepdim=True))], dim=1)

    return with_rest(sharp), with_rest(category)


def main_colours(palette: Tensor) -> tuple[Tensor, Tensor]:
    """(images, colours) shares -> index of the most common colour and of the second; -1 if that has under half as much."""
    shares, order = palette.topk(2, dim=1)
    return order[:, 0], torch.where(shares[:, 1] >= 0.5 * shares[:, 0], order[:, 1], -1)


@cache
def _categories() -> Tensor:
    """(concepts,): the category of each."""
    kinds = concepts.categories()
    return torch.tensor([kinds.index(kind) for kind in concepts.load().values()])


def by_category(names: Tensor) -> Tensor:
    """Weights of names (images, concepts) summed into categories (images, categories)."""
    sums = torch.zeros(names.shape[0], len(concepts.categories()), dtype=names.dtype)
    return sums.index_add(1, _categories(), names)


def lightness(glances: Tensor) -> Tensor:
    """(images, 4, side, side) uint8 -> (images, 2): dark, light, by the mean luma of the picture's pixels."""
    inside = (glances[:, 3] > 0).float()
    luma = (glances[:, :3].float() * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1) / 255
    mean = (luma * inside).sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)
    light = torch.sigmoid((mean - 0.5) * 14)
    return torch.stack([1 - light, light], dim=1)


def stillness(pixels: Tensor) -> Tensor:
    """(images, 3, side, side) in [-1, 1] -> (images,): share of neighbours that are equal (to half of 255 steps)."""
    across = (pixels[..., :, 1:] - pixels[..., :, :-1]).abs().amax(dim=1)
    down = (pixels[..., 1:, :] - pixels[..., :-1, :]).abs().amax(dim=1)
    near = 0.5 / 128
    return ((across < near).float().mean((1, 2)) + (down < near).float().mean((1, 2))) / 2
