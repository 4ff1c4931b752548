"""The next token from the logits: penalties, temperature, filters, a draw. Pure functions and a seeded
sampler.

Order as in transformers' ``generate``: repetition penalty (CTRL, arXiv 1909.05858, eq. in 4.1), temperature,
top-k (arXiv 1805.04833), top-p (arXiv 1904.09751), min-p (arXiv 2407.01082). The penalty counts the reply's
own tokens, not the prompt's: an assistant that rewrites a text must be free to repeat it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from assistant.errors import BadInput
from assistant.records import Sampling

_SEEDS = 2**31
_FAR = 5.0  # temperatures below the best logit: a word there has 0.7 % of the likeliest word's probability
_HIGHEST = 30.0  # no logit is higher, for what a repetition penalty takes off
_HEAD = 256  # candidates looked at first when only top-p or min-p limits them


def check(sampling: Sampling) -> None:
    """Raise ``BadInput`` naming the first value that makes no sense."""
    ranges = (
        ("temperature", sampling.temperature, 0.0, 10.0),
        ("top-p", sampling.top_p, 0.0, 1.0),
        ("top-k", sampling.top_k, 0, 10**9),
        ("min-p", sampling.min_p, 0.0, 1.0),
        ("repetition penalty", sampling.repetition_penalty, 0.1, 10.0),
        ("maximum number of tokens", sampling.max_tokens, 1, 10**9),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:  # NaN fails this too
            limits = f"at least {low:g}" if high == 10**9 else f"between {low:g} and {high:g}"
            raise BadInput(f"The {name} must be {limits}, not {value:g}.")


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Torch's operators on one thread: a vocabulary's worth of numbers is done before a second one has woken up,
    and where other programs hold the cores, waiting for it costs milliseconds a token (measured: 0.8 against 7)."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def fresh_seed(sampling: Sampling) -> int:
    """The seed asked for, or one nobody can guess."""
    return secrets.randbelow(_SEEDS) if sampling.seed is None else sampling.seed


def reach(sampling: Sampling) -> float | None:
    """How far below the best logit a word still matters for the next token (see ``Decoder.forward``); None: all do.

    Greedy replies need the best word exactly, after the penalty has lowered words that were written. Drawn ones need
    the likely words; far ones keep approximate probabilities.
    """
    if sampling.temperature > 1.0 or sampling.repetition_penalty < 1.0:
        return None
    return _FAR * sampling.temperature + _HIGHEST * (1 - 1 / sampling.repetition_penalty)


def penalise(logits: Tensor, written: Sequence[int], penalty: float) -> Tensor:
    """Logits (vocab,) with those of ids already written divided (if positive) or multiplied by
    ``penalty``."""
    if penalty == 1.0 or not written:
        return logits
    ids = torch.tensor(sorted(set(written)), device=logits.device)
    values = logits[ids]
    logits = logits.clone()
    logits[ids] = torch.where(values > 0, values / penalty, values * penalty)
    return logits


def candidates(logits: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """Ids (k,) that may be drawn, likeliest first, and their probabilities (k,), from logits (vocab,).

    ``temperature`` must be positive. The likeliest id always stays.
    """
    vocab = logits.shape[-1]
    if 0 < sampling.top_k < vocab:
        values, ids = torch.topk(logits, sampling.top_k)
        probabilities = torch.softmax(values / sampling.temperature, -1)
        return _filtered(ids, probabilities, sampling)
    scaled = logits / sampling.temperature
    if sampling.top_p < 1.0 or sampling.min_p > 0.0:
        everything = torch.logsumexp(scaled, -1)
        values, ids = torch.topk(scaled, min(_HEAD, vocab))
        probabilities = torch.exp(values - everything)
        enough = (
            probabilities.sum() >= sampling.top_p or probabilities[-1] < sampling.min_p * probabilities[0]
        )
        if not enough:
            values, ids = torch.sort(scaled, descending=True)
            probabilities = torch.exp(values - everything)
    else:
        probabilities, ids = torch.sort(torch.softmax(scaled, -1), descending=True)
    return _filtered(ids, probabilities, sampling)


def _filtered(ids: Tensor, probabilities: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """Top-p and min-p on candidates (k,) that are sorted, likeliest first."""
    keep = torch.ones_like(probabilities, dtype=torch.bool)
    if sampling.top_p < 1.0:
        before = probabilities.cumsum(-1) - probabilities  # mass of the likelier ones
        keep &= before < sampling.top_p
    if sampling.min_p > 0.0:
        keep &= probabilities >= sampling.min_p * probabilities[0]
    keep[0] = True
    kept = probabilities[keep]
    return ids[keep], kept / kept.sum()


class Sampler:
    """Draws tokens of one reply. The n-th token uses the n-th number of the seed's sequence, whatever
    happened in between: so a reply is the same with and without drafted tokens."""

    def __init__(self, sampling: Sampling, seed: int) -> None:
        self._sampling = sampling
        self._random = torch.Generator().manual_seed(seed % 2**63)

    def choose(self, logits: Tensor, written: Sequence[int]) -> int:
        """The next id from logits (vocab,) after ``written`` ids of the reply."""
        sampling = self._sampling
        logits = penalise(logits, written, sampling.repetition_penalty)
        if sampling.temperature <= 0:
            return int(logits.argmax(-1))
        ids, probabilities = candidates(logits, sampling)
        drawn = float(torch.rand((), generator=self._random, dtype=torch.float64))
        at = int(torch.searchsorted(probabilities.double().cumsum(-1), drawn, right=True))
        return int(ids[min(at, len(ids) - 1)])


def logprob(logits: Tensor, id: int) -> float:
    """Natural log-probability of ``id`` under the model itself: temperature 1, nothing cut away.

    Where far words were approximate (``reach``), their share of the sum is, too. Measured on the 0.5B for greedy
    replies (reach 0): 0.04 nats too high on average, 0.24 at most; a longer reach, as sampling has, errs less.
    """
    return float(logits[id] - torch.logsumexp(logits, -1))
