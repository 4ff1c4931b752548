"""The reward head: what this user likes, as a small Bayesian model refitted in milliseconds after every rating.

s(x, y) = w . phi(x, y), with phi the standardised style traits and, when the engine gave them, a few principal
components of the base model's mean-pooled hidden states. One logistic likelihood serves every signal:

- a thumb is a Bernoulli on s + bias,
- stars are a cumulative logit (McCullagh 1980) with fixed cut points: four Bernoullis of half the weight,
- pairs, edits and kept replies are Bradley-Terry: a Bernoulli on the difference of two phi, without bias,
- a reason ("too long") is a contrast example (Zaidan, Eisner and Piatko 2007, "Using annotator rationales", eq. 4): the
  same reply, moved by one deviation along the one trait that was named, is to score higher by a margin. What was
  right ("right length") is a contrast with the usual reply. A thumb given for what the reply says ("wrong") tells less.

People care about a few things. A ridge prior spreads twenty thumbs over twenty traits, so instead every set of at
most two traits (and the best triples) is fitted by Laplace's method, and the fits are averaged by their evidence:
Bayesian model averaging (Hoeting et al. 1999; the Laplace evidence is MacKay 2003, eq. 27.5). Older ratings decay, and
those before a change of mind do not count.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.learning import traits
from assistant.learning.reasons import CONTENT
from assistant.learning.signals import EDIT_WEIGHT, KEPT_WEIGHT, Signal

Array = NDArray[np.float64]

SLAB_SD = 1.2  # prior deviation of a weight that is in the model, in log-odds per standardised trait
BIAS_SD = 1.0
INCLUSION = np.array([trait.prior for trait in traits.TRAITS])  # prior probability that a trait matters
COMPONENT_INCLUSION = 0.03  # and a principal component
HALF_LIFE = 150.0  # ratings
CHANGE_OF_MIND = 4.0  # nats by which two tastes must explain the ratings better than one
CHANGES = (16, 24, 36, 54, 80, 120)  # newest ratings that may be of a new taste
CORRECTION_SD = 0.6  # a user's own correction, as a prior: later ratings can move it
STAR_CUTS = (-1.5, -0.5, 0.5, 1.5)
REASON_MARGIN = 1.0  # log-odds that a move of one deviation along a named trait is to be worth
REASON_WEIGHT = (
    4.0  # of such a contrast, in comparisons; chosen by tests/evaluation/why.py on development prompts
)
WISH_WEIGHT = 2.0  # of one that was only said in passing, in the next message: it may be meant for once
CONTENT_WEIGHT = 0.3  # of a rating that was given for what the reply says
NEWTON_STEPS = 12
TRIPLES_FROM = 12  # best pairs that are extended to triples


@dataclass(frozen=True, slots=True)
class Rows:
    """Bernoulli rows. ``x`` (n, d), ``bias`` (n,) 1 or 0, ``y`` (n,), ``offset`` (n,), ``weight`` (n,)."""

    x: Array
    bias: Array
    y: Array
    offset: Array
    weight: Array
    age: Array  # how many ratings came after


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted head. ``mean`` (d,), ``covariance`` (d, d), ``inclusion`` (d,): probability that a trait matters."""

    mean: Array
    covariance: Array
    inclusion: Array
    bias: float
    ratings: int
    since: (
        int  # the newest ratings that tell the present taste; fewer than ``ratings`` after a change of mind
    )
    nothing: float = 1.0  # posterior probability that no trait matters
    components: Array = field(default_factory=lambda: np.zeros((0, 0)))  # (k, hidden)
    component_mean: Array = field(default_factory=lambda: np.zeros(0))
    component_scale: Array = field(default_factory=lambda: np.zeros(0))

    def features(self, texts: Sequence[str], vectors: Array | None = None) -> Array:
        """phi of replies: (n, d). ``vectors`` (n, hidden): mean-pooled hidden states, if the head knows components."""
        phi = np.zeros((len(texts), len(self.mean)))
        for row, text in enumerate(texts):
            phi[row, : len(traits.NAMES)] = traits.standardise(traits.measure(text))
        if vectors is not None and len(self.components):
            phi[:, len(traits.NAMES) :] = self.project(vectors)
        return phi

    def project(self, vectors: Array) -> Array:
        return np.clip((vectors - self.component_mean) @ self.components.T / self.component_scale, -3, 3)

    def score(self, phi: Array) -> Array:
        """(n, d) -> (n,) posterior mean reward, log-odds of a thumb up without the bias."""
        return phi @ self.mean

    def deviation(self, phi: Array) -> Array:
        """(n, d) -> (n,) posterior standard deviation of the score."""
        return np.sqrt(np.maximum(np.einsum("nd,de,ne->n", phi, self.covariance, phi), 0.0))

    def lower_bound(self, phi: Array, kappa: float = 0.5) -> Array:
        """Score less ``kappa`` deviations, both relative to the candidates' mean (what they share is no reason)."""
        relative = phi - phi.mean(0)
        return self.score(relative) - kappa * self.deviation(relative)

    def weights(self) -> dict[str, tuple[float, float]]:
        """Readable traits: name -> (weight, deviation)."""
        sd = np.sqrt(np.diag(self.covariance))
        return {name: (float(self.mean[i]), float(sd[i])) for i, name in enumerate(traits.NAMES)}

    def to_json(self) -> dict[str, Any]:
        return {
            "mean": self.mean.tolist(), "covariance": self.covariance.tolist(), "inclusion": self.inclusion.tolist(),
            "bias": self.bias, "ratings": self.ratings, "since": self.since, "nothing": self.nothing,
            "traits": list(traits.NAMES),
            "components": self.components.tolist(), "component_mean": self.component_mean.tolist(),
            "component_scale": self.component_scale.tolist(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Head:
        """Raises KeyError on foreign data; a head of other traits is refused with ValueError (refit it)."""
        if tuple(data["traits"]) != traits.NAMES:
            raise ValueError("this reward head was fitted on other traits")
        width = len(data["component_mean"])
        return cls(
            np.array(data["mean"]), np.array(data["covariance"]), np.array(data["inclusion"]), data["bias"],
            data["ratings"], data["since"], data["nothing"],
            np.array(data["components"], dtype=float).reshape(len(data["components"]), width),
            np.array(data["component_mean"]), np.array(data["component_scale"]),
        )  # fmt: skip


def empty_head() -> Head:
    """No ratings yet: scores everything 0 and is unsure of everything."""
    d = len(traits.NAMES)
    return Head(np.zeros(d), np.diag(INCLUSION * SLAB_SD**2), INCLUSION.copy(), 0.0, 0, 0)


def known(corrections: Mapping[str, Any]) -> dict[str, float]:
    """The corrections that name a trait of this version and hold a number, cut at +-3."""
    return {
        name: float(np.clip(value, -3.0, 3.0))
        for name, value in corrections.items()
        if name in traits.NAMES and isinstance(value, (int, float)) and np.isfinite(value)
    }


def fit(
    signals: Sequence[Signal],
    *,
    vectors: Mapping[str, Array] | None = None,
    corrections: Mapping[str, float] | None = None,
) -> Head:
    """Fit the head to ratings, oldest first.

    ``vectors``: reply text -> mean-pooled hidden state; used when all replies have one. ``corrections``: trait name
    -> weight the user set. With no ratings the prior (and the corrections) come back. Raises KeyError on an unknown trait.
    """
    corrections = dict(corrections or {})
    for name in corrections:
        if name not in traits.NAMES:
            raise KeyError(name)
    ordered = sorted(signals, key=lambda s: s.at)
    basis = _components(ordered, vectors) if vectors else None
    rows = _rows(ordered, vectors if basis else None, basis, with_reasons=True)
    since = _since(rows, corrections, len(ordered))
    mean, covariance, inclusion, bias, nothing = _average(_take(rows, rows.age < since), corrections)
    if basis is None:
        return Head(mean, covariance, inclusion, bias, len(ordered), int(since), nothing)
    return Head(mean, covariance, inclusion, bias, len(ordered), int(since), nothing, *basis)


def agreement(head: Head, signals: Sequence[Signal]) -> float:
    """Share of ratings that the head's sign agrees with (an undecided head counts half); NaN without ratings."""
    judged = [s for s in signals if s.kind != "note"]
    if not judged:
        return float("nan")
    rows = _rows(judged, None, None)
    logits = rows.x @ head.mean[: rows.x.shape[1]] + rows.bias * head.bias - rows.offset
    right = np.where(np.abs(logits) < 1e-9, 0.5, (logits > 0) == (rows.y > 0.5))
    return float(np.average(right, weights=rows.weight))


def log_loss(head: Head, signals: Sequence[Signal]) -> float:
    """Mean negative log-likelihood of ratings, nats; ln 2 = knows nothing. There must be some other than notes."""
    rows = _rows([s for s in signals if s.kind != "note"], None, None)
    logits = rows.x @ head.mean[: rows.x.shape[1]] + rows.bias * head.bias - rows.offset
    return float(np.average(np.logaddexp(0, -(2 * rows.y - 1) * logits), weights=rows.weight))


# --- the rows --------------------------------------------------------------------------------------------


def _components(
    signals: Sequence[Signal], vectors: Mapping[str, Array] | None, most: int = 4
) -> tuple[Array, Array, Array] | None:
    """Principal components of the rated replies' hidden states; None below 12 replies or where one has no state."""
    texts = {s.reply.text for s in signals} | {s.other.text for s in signals if s.other}
    if not vectors or len(texts) < 12 or any(t not in vectors for t in texts):
        return None
    matrix = np.stack([vectors[t] for t in sorted(texts)])
    mean = matrix.mean(0)
    _, singular, directions = np.linalg.svd(matrix - mean, full_matrices=False)
    scale = singular[:most] / np.sqrt(len(matrix)) + 1e-9
    return directions[:most], mean, scale


def _rows(
    signals: Sequence[Signal],
    vectors: Mapping[str, Array] | None,
    basis: tuple[Array, Array, Array] | None,
    *,
    with_reasons: bool = False,
) -> Rows:
    """One row a judgement. ``with_reasons``: also what was said of why (to fit, not to test against)."""

    def phi(text: str) -> Array:
        readable = traits.standardise(traits.measure(text))
        if basis is None or vectors is None:
            return readable
        directions, mean, scale = basis
        return np.concatenate([readable, np.clip((vectors[text] - mean) @ directions.T / scale, -3, 3)])

    d = len(traits.NAMES) + (len(basis[0]) if basis else 0)
    x, bias, y, offset, weight, age = [], [], [], [], [], []

    def row(features: Array, b: float, target: float, off: float, w: float, position: int) -> None:
        x.append(features)
        bias.append(b)
        y.append(target)
        offset.append(off)
        weight.append(w)
        age.append(float(len(signals) - 1 - position))

    for i, s in enumerate(signals):
        if with_reasons:
            for name, way in s.reasons:
                if name in traits.NAMES:
                    moved = _contrast(name, way, s, d)
                    margin = REASON_MARGIN * float(np.abs(moved).sum())
                    row(moved, 0.0, 1.0, margin, WISH_WEIGHT if s.kind == "note" else REASON_WEIGHT, i)
        of_style = CONTENT_WEIGHT if any(name == CONTENT for name, _ in s.reasons) else 1.0
        if s.kind == "note":
            continue
        if s.kind == "thumb":
            row(phi(s.reply.text), 1.0, float(s.value > 0), 0.0, of_style, i)
        elif s.kind == "stars":
            for k, cut in enumerate(STAR_CUTS):
                row(phi(s.reply.text), 1.0, float(s.value > k + 1), cut, 0.5 * of_style, i)
        elif s.other is not None:
            w = {"pair": 1.0, "edit": EDIT_WEIGHT, "kept": KEPT_WEIGHT}[s.kind]
            row(phi(s.reply.text) - phi(s.other.text), 0.0, 1.0, 0.0, w, i)
        else:  # an edit or a choice whose other side is unknown is a thumb up
            row(phi(s.reply.text), 1.0, 1.0, 0.0, 1.0, i)
    return Rows(
        np.array(x).reshape(-1, d), *(np.array(v, dtype=float) for v in (bias, y, offset, weight, age))
    )


def _contrast(name: str, way: int, signal: Signal, d: int) -> Array:
    """(d,) phi of the reply that would have been liked better less that of the other, along the named trait alone."""
    at = traits.NAMES.index(name)
    moved = np.zeros(d)
    moved[at] = way if way else traits.standardise(traits.measure(signal.reply.text))[at]
    return moved


# --- the fit ---------------------------------------------------------------------------------------------


def _since(rows: Rows, corrections: Mapping[str, float], ratings: int) -> float:
    """How many of the newest ratings the present taste explains: all, unless the user changed their mind.

    A change point (Barry and Hartigan 1993): the ratings before and after it get a head each, and the product of their
    evidences is compared with that of one head for all. ``CHANGE_OF_MIND`` is the prior odds against a change.
    """
    points = [newest for newest in CHANGES if newest <= ratings - CHANGES[0]]
    if not points:
        return float(ratings)
    whole = _evidence(rows, corrections)
    gains = [
        _evidence(_take(rows, rows.age < p), corrections) + _evidence(_take(rows, rows.age >= p), corrections) - whole
        for p in points
    ]  # fmt: skip
    best = int(np.argmax(gains))
    return float(points[best]) if gains[best] > CHANGE_OF_MIND else float(ratings)


def _evidence(rows: Rows, corrections: Mapping[str, float]) -> float:
    """Log marginal likelihood of the rows, in nats, over all sets of at most two traits."""
    forced = [traits.NAMES.index(name) for name in corrections]
    free = [i for i in range(rows.x.shape[1]) if i not in forced]
    sets: list[tuple[int, ...]] = [(), *((i,) for i in free), *itertools.combinations(free, 2)]
    evidence = _fit_sets(rows, rows.weight, sets, forced, corrections)[0]
    prior = np.array([sum(_log_odds(i) for i in s) for s in sets])
    return float(np.logaddexp.reduce(evidence + prior) - np.logaddexp.reduce(prior))


def _take(rows: Rows, which: NDArray[np.bool_]) -> Rows:
    return Rows(*(getattr(rows, name)[which] for name in ("x", "bias", "y", "offset", "weight", "age")))


def _average(rows: Rows, corrections: Mapping[str, float]) -> tuple[Array, Array, Array, float, float]:
    """Bayesian model average: (mean (d,), covariance (d, d), inclusion (d,), bias, probability of the empty set)."""
    d = rows.x.shape[1]
    forced = [traits.NAMES.index(name) for name in corrections]
    free = [i for i in range(d) if i not in forced]
    weight = rows.weight * 0.5 ** (rows.age / HALF_LIFE)
    fits: tuple[Any, ...]
    sets: list[tuple[int, ...]] = [(), *((i,) for i in free), *itertools.combinations(free, 2)]
    fits = _fit_sets(rows, weight, sets, forced, corrections)
    best_pairs = sorted(
        (i for i, s in enumerate(sets) if len(s) == 2), key=lambda i: -fits[0][i]
    )[:TRIPLES_FROM]  # fmt: skip
    triples = sorted({tuple(sorted((*sets[i], j))) for i in best_pairs for j in free if j not in sets[i]})
    if len(rows.y) >= 8 and triples:
        more = _fit_sets(rows, weight, triples, forced, corrections)
        sets = [*sets, *triples]
        fits = tuple(np.concatenate(both) for both in zip(fits, more, strict=True))
    evidence, means, covariances, columns = fits
    prior = np.array([sum(_log_odds(i) for i in s) for s in sets])
    logs = evidence + prior
    p = np.exp(logs - logs.max())
    p /= p.sum()
    mean, second, inclusion, bias = np.zeros(d), np.zeros((d, d)), np.zeros(d), 0.0
    for k in np.argsort(-p)[:400]:
        own = [c for c in columns[k] if c >= 0]
        slots = [j for j, c in enumerate(columns[k]) if c >= 0]
        w = means[k][slots]
        mean[own] += p[k] * w
        second[np.ix_(own, own)] += p[k] * (covariances[k][np.ix_(slots, slots)] + np.outer(w, w))
        inclusion[own] += p[k]
        bias += p[k] * means[k][-1]
    covariance = second - np.outer(mean, mean)
    # What a set leaves out is unlikely, not known to be zero.
    before = np.full(d, COMPONENT_INCLUSION)
    before[: len(INCLUSION)] = INCLUSION
    left_out = (1.0 - inclusion) * before * SLAB_SD**2
    return mean, covariance + np.diag(left_out), inclusion, float(bias), float(p[0])


def _log_odds(feature: int) -> float:
    q = float(INCLUSION[feature]) if feature < len(traits.NAMES) else COMPONENT_INCLUSION
    return float(np.log(q / (1.0 - q)))


def _fit_sets(
    rows: Rows,
    weight: Array,
    sets: Sequence[tuple[int, ...]],
    forced: Sequence[int],
    corrections: Mapping[str, float],
) -> tuple[Any, ...]:
    """Laplace fits of all sets at once: (log evidence (m,), mode (m, c), covariance (m, c, c), column ids (m, c)).

    Columns: three slots for the set (-1: empty, a column of zeros whose evidence cancels), the forced ones, the bias (-2).
    """
    m, f = len(sets), len(forced)
    columns = np.full((m, 3 + f + 1), -1)
    for k, s in enumerate(sets):
        columns[k, : len(s)] = s
    columns[:, 3 : 3 + f] = forced
    columns[:, -1] = -2
    n = len(rows.y)
    padded = np.concatenate([rows.x, rows.bias[:, None], np.zeros((n, 1))], 1)  # -2: bias, -1: zeros
    design = padded[:, columns].transpose(1, 0, 2)  # (m, n, c)
    prior_mean = np.zeros(columns.shape[1])
    prior_precision = np.full(columns.shape[1], 1.0 / SLAB_SD**2)
    prior_mean[3 : 3 + f] = list(corrections.values())
    prior_precision[3 : 3 + f] = 1.0 / CORRECTION_SD**2
    prior_precision[-1] = 1.0 / BIAS_SD**2
    w = np.tile(prior_mean, (m, 1))
    for _ in range(NEWTON_STEPS):
        gradient, hessian = _derivatives(design, rows, weight, w, prior_mean, prior_precision)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        w = w - np.clip(step, -2.0, 2.0)
        if np.abs(step).max(initial=0.0) < 1e-6:
            break
    _, hessian = _derivatives(design, rows, weight, w, prior_mean, prior_precision)
    logits = np.einsum("mnc,mc->mn", design, w) - rows.offset
    fit_term = -(weight * np.logaddexp(0.0, -(2.0 * rows.y - 1.0) * logits)).sum(1)
    prior_term = -0.5 * (prior_precision * (w - prior_mean) ** 2).sum(1) + 0.5 * np.log(prior_precision).sum()
    evidence = fit_term + prior_term - 0.5 * np.linalg.slogdet(hessian)[1]
    return evidence, w, np.linalg.inv(hessian), columns


def _derivatives(
    design: Array, rows: Rows, weight: Array, w: Array, prior_mean: Array, prior_precision: Array
) -> tuple[Array, Array]:
    logits = np.einsum("mnc,mc->mn", design, w) - rows.offset
    p = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
    gradient = np.einsum("mnc,mn->mc", design, weight * (p - rows.y)) + prior_precision * (w - prior_mean)
    scaled = design * (weight * p * (1.0 - p))[..., None]
    hessian = np.swapaxes(scaled, 1, 2) @ design + np.diag(prior_precision)
    return gradient, hessian
