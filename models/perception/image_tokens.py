"""Image tokens for any language model, in closed form: mixtures of its own word embeddings.

After ConSE (Norouzi et al., arXiv 1312.5650): a token is the sum of the normalised embeddings of words, weighted with the
probabilities of what they say of the picture, scaled to the norm that the model's embeddings typically have. Nothing is
trained, so any model whose embeddings can be read has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from models.perception import concepts
from models.perception.english import NUMBERS
from models.perception.facts import Facts

if TYPE_CHECKING:
    from torch import Tensor

Mixture = tuple[tuple[str, float], ...]  # words with their shares

PLACE = "\uf8ff"  # a private character that stands for one image token in a prompt's text
_NAME_WORDS = 3  # the name token is repeated, as names of several tokens would be


def mixtures(facts: Facts) -> list[Mixture]:
    """What each image token of a picture says: kind of picture, name, category, plain things, colours."""
    told: list[Mixture] = [((("drawing" if facts.drawing else "photo"), 1.0),)]
    if facts.groups:
        for group in facts.groups:
            words = (NUMBERS[group.count], group.colour, group.shape, *group.place.split())
            told += [((word, 1.0),) for word in words]
        if len(facts.groups) == 2:
            told.append((("left" if facts.relation == "beside" else "above", 1.0),))
        return told
    if facts.names:
        told += [_shares(facts.names)] * _NAME_WORDS
        by_category: defaultdict[str, float] = defaultdict(float)
        for name, share in facts.names:
            by_category[concepts.load()[name]] += share
        told.append(_shares(tuple(by_category.items())))
    else:
        told.append((("unclear", 1.0),))
    if facts.certainty != "sure":
        told.append((("unclear", 1.0),))
    return told + [((colour, 1.0),) for colour in facts.colours]


def _shares(weights: Sequence[tuple[str, float]]) -> Mixture:
    total = sum(weight for _, weight in weights)
    return tuple((word, weight / total) for word, weight in weights)


def embed(
    told: Sequence[Mixture],
    encode: Callable[[str], list[int]],
    rows: Callable[[list[int]], Tensor],
    norm: float,
) -> Tensor:
    """(tokens, hidden) float32. ``rows``: the embeddings (n, hidden) of token ids; ``norm``: their typical length."""
    import torch

    tokens = []
    for mixture in told:
        mixed = sum(share * _unit(rows(encode(f" {word}"))) for word, share in mixture)
        assert isinstance(mixed, torch.Tensor)
        tokens.append(norm * mixed / mixed.norm().clamp(min=1e-6))
    return torch.stack(tokens)


def _unit(embeddings: Tensor) -> Tensor:
    """The mean direction of a word's tokens."""
    mean = (embeddings / embeddings.norm(dim=1, keepdim=True).clamp(min=1e-6)).mean(dim=0)
    return mean / mean.norm().clamp(min=1e-6)
