"""What is thought of pictures, as probabilities over words, from what the encoder and the low-level branch saw.

Names come from two sides: a photo's from the encoder's own classes, summed into everyday kinds; a drawing's from a
linear map on the encoder's features and the drawing's layout, trained here. A name that is likely is claimed; one that is
only likelier than the rest is a guess; where only the category is clear, that is told; else nothing is. The next names
that are not unlikely follow, for questions whether they are in the picture. No language model has a part in this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from models.perception import concepts, scene_words, shape_detector
from models.perception.concepts import OTHERS
from models.perception.encoder import FEATURES, EfficientNetLite
from models.perception.layout import LAYOUT, layout

CLASSES = 1000
# Least probability of the best name at which it is claimed, and at which it is guessed: of a photo (chosen on 36 desktop
# backgrounds: below 0.28 nearly every name was wrong), and of a drawing (on the tune part: from 0.4 to 0.5 four in ten
# names are right, from 0.15 to 0.4 one in three).
CLAIMED, GUESSED = (0.28, 0.40), (0.15, 0.15)
# Least probability of a category that is told where no name may be guessed, of a photo and of a drawing (on the tune part
# six in ten such categories are right), and of one that is told instead of a guess of another category.
CATEGORY, ANOTHER = (0.5, 0.25), 0.5
HALF = 0.5  # how much of a guessed name is mixed in
POSSIBLE, RATIO = (
    0.02,
    0.1,
)  # least probability of a name told as possible beside the best one, and share of that one's
# Neighbours' mean difference over the standard deviation from which a picture is noise, which has 1.1 in theory and 1.0 when
# scaled; photos and drawings looked at have under 0.2.
NOISE = 0.7
STILL, VARIED = 0.48, 0.40  # shares of equal neighbouring pixels at which a picture is a drawing, and a photo
PLAIN_SHAPES = len(scene_words.SHAPES) - 2
WHOLE_VIEWS = 2  # the centre and the whole; further views are parts of a long picture


@dataclass(frozen=True)
class Evidence:
    """What is thought of each picture: probabilities, pictures first. ``heads`` by the names of ``scenes.HEADS``."""

    names: Tensor  # (pictures, concepts + 2): the one told; the last two: a plain shape, something unclear
    categories: Tensor  # (pictures, categories + 2), the last two alike
    heads: dict[str, Tensor]  # (pictures, classes)
    light: Tensor  # (pictures, 2)
    palette: Tensor  # (pictures, colours)
    best: Tensor  # (pictures, concepts): probabilities
    others: Tensor  # (pictures, OTHERS): names that are possible too, -1 where there is none


@dataclass(frozen=True)
class Seen:
    """What goes in, images first: of each view the ``logits`` (images, views, 1000), the ``features`` (images, views,
    FEATURES + LAYOUT) and whether it is ``used`` (images, views); ``glances`` (images, 4, side, side) uint8; ``still``
    (images,) and ``noise`` (images,) bool of the whole picture. The views are the centre, the whole, then parts of long
    pictures."""

    logits: Tensor
    features: Tensor
    used: Tensor
    glances: Tensor
    still: Tensor
    noise: Tensor


class Senses(nn.Module):
    """From what was seen to what is thought of it: the low-level branch, the map for drawings, the sums of classes."""

    def __init__(self, num_kinds: int, num_drawn: int) -> None:
        super().__init__()
        self.glance = shape_detector.Glance()
        self.drawn = nn.Linear(
            FEATURES + LAYOUT, num_drawn + 1
        )  # the last: plain shapes, no drawing of anything
        # (num_drawn,): which concept each of the drawn names is; (kinds, 1000): 1 where a class is of a kind.
        self.drawn_index = nn.Parameter(torch.empty(num_drawn), requires_grad=False)
        self.kinds = nn.Parameter(torch.empty(num_kinds, CLASSES), requires_grad=False)

    def evidence(self, seen: Seen) -> Evidence:
        """What is thought of each picture. A long picture's parts count by the one that is surest."""
        kinds = seen.logits.softmax(dim=-1) @ self.kinds.T  # (images, views, kinds)
        parts = torch.where(seen.used[..., None], kinds, 0)[:, WHOLE_VIEWS:]
        photo = torch.cat([kinds[:, :WHOLE_VIEWS].mean(dim=1, keepdim=True), parts], dim=1).amax(dim=1)
        photo = nn.functional.pad(photo, (0, len(concepts.names()) - photo.shape[1]))
        drawings = torch.where(seen.used[..., None], self.drawn(seen.features).softmax(dim=-1), 0)
        named = drawings[:, WHOLE_VIEWS - 1 :].amax(dim=1)
        drawn = torch.zeros_like(photo)
        drawn[:, self.drawn_index.long()] = named[:, :-1]
        drawing = ((seen.still - VARIED) / (STILL - VARIED)).clamp(0, 1).unsqueeze(1)
        nothing = seen.noise[:, None] & ~seen.used[:, WHOLE_VIEWS:].any(dim=1, keepdim=True)
        best = torch.lerp(photo, drawn, drawing) * ~nothing
        heads = shape_detector.heads(self.glance(seen.glances), seen.glances)
        # A plain shape must be one for both: the low-level branch, and the encoder's features. Of anything else, counts
        # and shapes are not told.
        shape = heads["shape1"][:, :-1]
        shapes = shape[:, :PLAIN_SHAPES].sum(dim=1, keepdim=True)
        plain = ((shapes * named[:, -1:] - 0.3) / 0.4).clamp(0, 1)
        heads["shape1"] = torch.cat([shape * plain, 1 - (shape * plain).sum(dim=1, keepdim=True)], dim=1)
        palette = shape_detector.palette(seen.glances, drawing[:, 0] > 0.5)
        return Evidence(
            *mixture(best, plain, drawing),
            heads,
            lightness(seen.glances),
            palette,
            best,
            possible(best, plain, drawing),
        )


def look(encoder: EfficientNetLite, pixel_values: Tensor, glances: Tensor) -> Seen:
    """Run the encoder over the views that are there (one of zeros is not). ``pixel_values`` (images, views, 3, side, side),
    ``glances`` (images, 4, s, s): see ``pixels``."""
    used = (pixel_values != 0).flatten(2).any(dim=2)  # (images, views)
    used[:, :WHOLE_VIEWS] = True
    logits, pooled = encoder(pixel_values[used])
    all_logits = logits.new_zeros((*used.shape, logits.shape[-1]))
    features = pooled.new_zeros((*used.shape, pooled.shape[1] + LAYOUT))
    all_logits[used] = logits
    features[used] = torch.cat([pooled, layout(pixel_values[used])], dim=1)
    whole = pixel_values[:, WHOLE_VIEWS - 1]
    return Seen(all_logits, features, used, glances, stillness(whole), is_noise(whole))


def is_drawing(seen: Seen) -> list[bool]:
    """Which of the pictures are drawings rather than photos."""
    return [bool(one) for one in seen.still > (VARIED + STILL) / 2]


def claim(best: Tensor, drawing: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What may be said of (images, concepts) probabilities, each (images, 1) bool: the best name for sure, the best name
    as a guess, the best category as a guess; at most one of them. ``drawing`` (images, 1): how much it is one."""
    claimed, guessed, least = (
        torch.lerp(torch.tensor(a), torch.tensor(b), drawing) for a, b in (CLAIMED, GUESSED, CATEGORY)
    )
    top, index = best.max(dim=1, keepdim=True)
    share, category = by_category(best).max(dim=1, keepdim=True)
    sure = top >= claimed
    named = top >= guessed
    another = (share >= ANOTHER) & (category != _categories()[index])
    coarse = ~sure & torch.where(named, another, share >= least)
    return sure, ~sure & ~coarse & named, coarse


def mixture(best: Tensor, plain: Tensor, drawing: Tensor) -> tuple[Tensor, Tensor]:
    """(images, concepts) probabilities, (images, 1) of a plain shape and of a drawing -> weights of the names' words
    (images, concepts + 2), and of the categories' (images, categories + 2)."""
    sure, guess, coarse = claim(best, drawing)
    weight = sure.float() + HALF * guess.float()
    named = torch.zeros_like(best).scatter(1, best.argmax(dim=1, keepdim=True), weight)
    category = by_category(named)
    category = torch.where(
        coarse,
        nn.functional.one_hot(by_category(best).argmax(dim=1), category.shape[1]).to(category.dtype),
        category,
    )

    def with_rest(part: Tensor) -> Tensor:
        return torch.cat([(1 - plain) * part, plain, (1 - plain) * (1 - part.sum(1, keepdim=True))], dim=1)

    return with_rest(named), with_rest(category)


def possible(best: Tensor, plain: Tensor, drawing: Tensor) -> Tensor:
    """(images, concepts) probabilities, (images, 1) of a plain shape and of a drawing -> (images, OTHERS): the most
    probable names that ``mixture`` doesn't tell, -1 where there is none of at least POSSIBLE and RATIO of the best."""
    sure, guess, _ = claim(best, drawing)
    told = nn.functional.one_hot(best.argmax(dim=1), best.shape[1]).bool() & (sure | guess)
    share, index = best.masked_fill(told, 0).topk(OTHERS, dim=1)
    enough = (share >= POSSIBLE) & (share >= RATIO * best.amax(dim=1, keepdim=True))
    return torch.where(enough & (plain < 0.5), index, -1)


def compared(evidence: Evidence, order: Tensor) -> Tensor:
    """(images, COMPARED) indices of VERDICTS: is a picture the same as the one before it, as far as both tell?

    Counts, colours and shapes are of plain things, the latter two where there is one sort of them; the whole thing is
    the name told, or all of what plain things show.
    """
    best = {name: one.argmax(dim=1) for name, one in evidence.heads.items()}
    plain = best["shape1"] < PLAIN_SHAPES
    single = plain & (best["count2"] == 0)
    named = ~plain & (evidence.names[:, :-2].sum(dim=1) > HALF / 2)
    name = torch.where(named, evidence.names[:, :-2].argmax(dim=1), -1)
    first, second = (
        torch.stack([best[f"{one}{n}"] for one in ("count", "colour", "shape")], 1) for n in (1, 2)
    )
    second = torch.where(best["count2"][:, None] > 0, second, 0)
    whole = torch.where(plain[:, None], torch.cat([first, second], dim=1), 0)
    told = (
        (plain, (best["count1"] + best["count2"])[:, None]),
        (single, best["colour1"][:, None]),
        (single, best["shape1"][:, None]),
        (plain | named, torch.cat([whole, name[:, None]], dim=1)),
    )
    verdicts = []
    for known, value in told:
        equal = (value == value.roll(1, dims=0)).all(dim=1)
        both = known & known.roll(1, dims=0) & (order > 0)
        verdicts.append(torch.where(both, torch.where(equal, 1, 2), 0))
    return torch.stack(verdicts, dim=1)


def stack(pictures: Sequence[Evidence]) -> Evidence:
    """Many pictures' evidence as one."""
    return Evidence(
        torch.cat([one.names for one in pictures]),
        torch.cat([one.categories for one in pictures]),
        {name: torch.cat([one.heads[name] for one in pictures]) for name in pictures[0].heads},
        torch.cat([one.light for one in pictures]),
        torch.cat([one.palette for one in pictures]),
        torch.cat([one.best for one in pictures]),
        torch.cat([one.others for one in pictures]),
    )


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


def is_noise(pixels: Tensor) -> Tensor:
    """(images, 3, side, side) -> (images,) bool: neighbours are as unlike as any two pixels."""
    across = (pixels[..., :, 1:] - pixels[..., :, :-1]).abs().mean(dim=(1, 2, 3))
    down = (pixels[..., 1:, :] - pixels[..., :-1, :]).abs().mean(dim=(1, 2, 3))
    spread = pixels.std(dim=(2, 3)).mean(dim=1)
    return (across + down) / 2 > NOISE * spread.clamp(min=1e-3)
