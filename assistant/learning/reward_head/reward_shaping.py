"""What a reply should be whatever the user's style: to the point of its prompt, and fluent. A bounded prior beside taste.

- Relevance is the pointwise mutual information of reply and prompt a token, log p(y|x) - log p(y): the objective of
  maximum mutual information (Li et al. 2016, arXiv 1510.03055, eq. 8), of the reply's beginning. The first term was noted
  when the reply was drawn; the second costs one pass over ``BEGINNING`` tokens without a prompt.
- Fluency is the reply's mean log-probability a token against that of the other replies to the same prompt, also noted.

Both only take points away, at most ``RELEVANCE`` and ``FLUENCY``, in log-odds as the head's score: among replies that
are about the prompt, and no odder than their kind, the user's taste alone decides.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.generation import scoring
from assistant.generation.batch_decoding import Rollout

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

BEGINNING = 16  # tokens of a reply that show whether it is to the point: tests/evaluation/relevance.py
RELEVANCE = 1.0  # points lost at most
ABOUT, ELSEWHERE = 0.3, -0.3  # nats a token from which nothing is lost, and at which all is
FLUENCY = 0.5
USUAL, ODD = 0.25, 0.75  # nats a token below the middle of the prompt's replies, likewise


def disfluency(drawn: Sequence[Rollout]) -> NDArray[np.float64]:
    """Points that each of a prompt's replies loses, (n,), by its log-probability; a reply of no tokens loses none."""
    known = [float(np.mean(r.logprobs)) for r in drawn if r.logprobs]
    if not known:
        return np.zeros(len(drawn))
    middle = float(np.median(known))
    below = np.array([middle - float(np.mean(r.logprobs)) if r.logprobs else 0.0 for r in drawn])
    return FLUENCY * np.clip((below - USUAL) / (ODD - USUAL), 0.0, 1.0)


def digression(information: Sequence[float]) -> NDArray[np.float64]:
    """Points lost by relevance, (n,), of ``relevance`` in nats a token."""
    return RELEVANCE * np.clip((ABOUT - np.array(information)) / (ABOUT - ELSEWHERE), 0.0, 1.0)


def relevance(
    model: LoadedModel, drawn: Sequence[Rollout], helped: Sequence[Any] | None = None
) -> Generator[None, None, list[float]]:
    """Mutual information of each reply's beginning with its prompt, nats a token; infinite for a reply of no tokens.

    In the style now set on the decoder, which must be the one that the replies were drawn in. ``helped``: for a reply
    that was drawn under another prompt than its own, the Inputs of its own, else None. Yields between passes.
    """
    begins = [r.ids[:BEGINNING] for r in drawn]
    alone = yield from _beginnings(model, model.prepare([{"role": "user", "content": ""}]), begins)
    given = [float(np.mean(r.logprobs[: len(b)])) if b else 0.0 for r, b in zip(drawn, begins, strict=True)]
    prompts = {id(inputs): inputs for inputs in helped or () if inputs is not None}
    for key, inputs in prompts.items():
        own = [k for k, other in enumerate(helped or ()) if other is not None and id(other) == key]
        read = yield from _beginnings(model, inputs, [begins[k] for k in own])
        for k, value in zip(own, read, strict=True):
            given[k] = value
    return [g - a if b else float("inf") for g, a, b in zip(given, alone, begins, strict=True)]


def _beginnings(
    model: LoadedModel, inputs: Any, begins: Sequence[tuple[int, ...]]
) -> Generator[None, None, list[float]]:
    """Mean log-probability of the tokens of each beginning after a prompt; 0 for one of no tokens."""
    steps = scoring.logprobs(model, inputs, begins)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return [float(np.mean(values)) if values else 0.0 for values in end.value]
        yield
