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
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistant.learning.rollouts import Rollout

BEGINNING = 16  # tokens of a reply that show whether it is to the point: tests/evaluation/relevance.py
ROWS = 8  # replies in one pass
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


def relevance(model: Any, drawn: Sequence[Rollout]) -> Generator[None, None, list[float]]:
    """Mutual information of each reply's beginning with its prompt, nats a token; infinite for a reply of no tokens.

    In the style now set on the decoder, which must be the one that the replies were drawn in. Yields between passes.
    """
    without = model.prepare([{"role": "user", "content": ""}])
    found = [float("inf")] * len(drawn)
    order = sorted((k for k, r in enumerate(drawn) if r.ids), key=lambda k: len(drawn[k].ids[:BEGINNING]))
    cache = first = None
    for start in range(0, len(order), ROWS):
        if first is None:
            cache, first = _read(model, without)
        part = order[start : start + ROWS]
        begins = [drawn[k].ids[:BEGINNING] for k in part]
        for k, ids, alone in zip(part, begins, _mean_logprobs(model, cache, first, begins), strict=True):
            found[k] = float(np.mean(drawn[k].logprobs[: len(ids)])) - alone
        yield
    return found


@torch.inference_mode()
def _read(model: Any, inputs: Any) -> tuple[Any, Tensor]:
    """A cache that holds a prompt, and the log-probabilities (vocab,) of what comes next."""
    cache = model.decoder.new_cache(1, len(inputs.keys) + BEGINNING)
    return cache, model.decoder.forward(cache, inputs.ids)[0].float().log_softmax(-1)


@torch.inference_mode()
def _mean_logprobs(model: Any, cache: Any, first: Tensor, rows: Sequence[tuple[int, ...]]) -> list[float]:
    """Mean log-probability of the tokens of each row after what is in ``cache``."""
    longest = max(len(ids) for ids in rows)
    padded = torch.tensor([[*ids, *(ids[-1:] * (longest - len(ids)))] for ids in rows])
    sums = first[padded[:, 0].to(first.device)].cpu()
    if longest > 1:
        logits = model.decoder.forward(cache.fork(len(rows)), padded[:, :-1], all_logits=True).float()
        token = logits.gather(-1, padded[:, 1:, None].to(logits.device))[..., 0] - logits.logsumexp(-1)
        lengths = torch.tensor([len(ids) for ids in rows])
        written = torch.arange(1, longest)[None] < lengths[:, None]
        sums = sums + (token.cpu() * written).sum(1)
    return [float(s) / len(ids) for s, ids in zip(sums, rows, strict=True)]
