"""The reward head: what this user likes, as a small Bayesian model refitted in milliseconds after every rating.

s(x, y) = w . phi(x, y), with phi the standardised style traits and the few habits of wording (``lexical_features``: how often
the commonest words and marks come) that tell most of the ratings. One logistic likelihood serves every signal:

- a thumb is a Bernoulli on s + bias,
- stars are a cumulative logit (McCullagh 1980) with fixed cut points: four Bernoullis of half the weight,
- pairs, edits and kept replies are Bradley-Terry: a Bernoulli on the difference of two phi, without bias,
- a text of the user's own is a comparison with what the model writes to the request inferred from it (DITTO, arXiv 2406.00888),
  or, until that is known, with the usual reply to such a request,
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
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.learning.feedback import EDIT_WEIGHT, KEPT_WEIGHT, Signal
from assistant.learning.feedback_reasons import CONTENT
from assistant.learning.request import NOTHING, Request, read
from assistant.learning.reward_head import style_features
from assistant.learning.reward_head.lexical_features import Habits, is_name, prior, vocabulary
from assistant.learning_records import HeadState, word_of

Array = NDArray[np.float64]

SLAB_SD = 1.2  # prior deviation of a weight that is in the model, in log-odds per standardised trait
BIAS_SD = 1.0
INCLUSION = np.array(
    [trait.prior for trait in style_features.TRAITS]
)  # prior probability that a trait matters
HABITS = 3  # words and marks that the fits may combine with traits and each other: those that tell most
HALF_LIFE = 150.0  # ratings
NEWEST = 1000  # ratings that are fitted at most: together, all older ones would weigh 1 % of these
CHANGE_OF_MIND = 4.0  # nats by which two tastes must explain the ratings better than one
CHANGES = (16, 24, 36, 54, 80, 120)  # newest ratings that may be of a new taste
SHORTEST = -1.5  # deviations of length below the usual one for a request
LITTLE = 0.05  # log-odds a deviation: weights that together are less say nothing
CONTRADICTED = 0.25  # share of what was learned that a message says otherwise, from which it is answered without the style
CORRECTION_SD = 0.6  # a user's own correction, as a prior: later ratings can move it
STAR_CUTS = (-1.5, -0.5, 0.5, 1.5)
REASON_MARGIN = 1.0  # log-odds that a move of one deviation along a named trait is to be worth
REASON_WEIGHT = (
    4.0  # of such a contrast, in comparisons; chosen by tests/evaluation/why.py on development prompts
)
WISH_WEIGHT = 2.0  # of one that was only said in passing, in the next message: it may be meant for once
TEXT_WEIGHT = 1.0  # of a text of the user's own, in comparisons
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
    habits: Habits = field(default_factory=Habits)  # d = traits + habits
    asked: Request = NOTHING  # the request whose replies are judged (``on``)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the d features: traits, then habits."""
        return (*style_features.NAMES, *self.habits.names)

    def on(self, asked: Request) -> Head:
        """This head for replies to one request: what the request itself states has no weight, the rest is as it was.

        Length is measured from what such a request usually gets.
        """
        left = np.array([asked.weight_of(name, float(self.mean[i])) for i, name in enumerate(self.names)])
        return replace(
            self,
            mean=self.mean * left,
            covariance=self.covariance * np.outer(left, left),
            inclusion=np.where(left > 0.0, self.inclusion, 0.0),
            asked=asked,
        )

    def contradicts(self, asked: Request) -> float:
        """Share (0 to 1) of what was learned that the request itself says otherwise; 0 where little was learned."""
        sizes = np.abs(self.mean) * self.inclusion
        left = np.array([asked.weight_of(name, float(self.mean[i])) for i, name in enumerate(self.names)])
        everything = float(sizes.sum())
        return float((sizes * (left == 0.0)).sum() / everything) if everything > LITTLE else 0.0

    def leaves_out_style(self, asked: Request) -> bool:
        """Whether a reply to this request is written without the trained style, because it asks for the opposite."""
        return self.contradicts(asked) >= CONTRADICTED

    def features(self, texts: Sequence[str]) -> Array:
        """phi of replies to judge: (n, d).

        A third of what a request usually gets is as short as a reply gets credit for: below, something is missing.
        """
        phi = _features(texts, self.habits, self.asked)
        if self.asked.task:
            length = style_features.NAMES.index("length")
            phi[:, length] = np.maximum(phi[:, length], SHORTEST)
        return phi

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
        """Readable traits and habits: name -> (weight, deviation)."""
        sd = np.sqrt(np.diag(self.covariance))
        return {name: (float(self.mean[i]), float(sd[i])) for i, name in enumerate(self.names)}

    def state(self) -> HeadState:
        """Plain numbers that cross the pipe."""
        return HeadState(
            tuple(self.mean.tolist()), tuple(map(tuple, self.covariance.tolist())), tuple(self.inclusion.tolist()),
            float(self.bias), int(self.ratings), int(self.since), float(self.nothing), tuple(style_features.NAMES),
            self.habits.state(),
        )  # fmt: skip

    @classmethod
    def of_state(cls, state: HeadState) -> Head:
        """A head of other traits is refused with ValueError (fit it anew)."""
        if state.traits != style_features.NAMES:
            raise ValueError("this reward head was fitted on other traits")
        return cls(
            np.array(state.mean), np.array(state.covariance), np.array(state.inclusion), state.bias, state.ratings,
            state.since, state.nothing, Habits.of_state(state.habits),
        )  # fmt: skip


def empty_head() -> Head:
    """No ratings yet: scores everything 0 and is unsure of everything."""
    d = len(style_features.NAMES)
    return Head(np.zeros(d), np.diag(INCLUSION * SLAB_SD**2), INCLUSION.copy(), 0.0, 0, 0)


def is_feature(name: str) -> bool:
    """Is it the name of a trait of this version, or of a habit?"""
    return name in style_features.NAMES or is_name(name)


def known(corrections: Mapping[str, object]) -> dict[str, float]:
    """The corrections that name a trait of this version or a habit and hold a number, cut at +-3."""
    return {
        name: float(np.clip(value, -3.0, 3.0))
        for name, value in corrections.items()
        if is_feature(name) and isinstance(value, (int, float)) and np.isfinite(value)
    }


def fit(signals: Sequence[Signal], *, corrections: Mapping[str, float] | None = None) -> Head:
    """Fit the head to ratings, oldest first; of more than ``NEWEST`` only to those.

    ``corrections``: name of a trait or a habit -> weight the user set. With no ratings the prior (and the corrections)
    come back. Raises KeyError on an unknown name.
    """
    corrections = dict(corrections or {})
    for name in corrections:
        if not is_feature(name):
            raise KeyError(name)
    ordered = sorted(signals, key=lambda s: s.at)[-NEWEST:]
    habits = _habits(ordered, [word for name in corrections if (word := word_of(name))])
    rows = _rows(ordered, habits, with_reasons=True)
    space = _Space(habits, corrections, np.concatenate([INCLUSION, prior(habits.words)]))
    telling = space.telling(rows)
    since = _since(_columns(rows, telling), space.only(telling), len(ordered))
    recent = _take(rows, rows.age < since)
    if since < len(ordered):
        telling = space.telling(recent)
    space = space.only(telling)
    mean, covariance, inclusion, bias, nothing = _average(_columns(recent, telling), space)
    return Head(mean, covariance, inclusion, bias, len(ordered), int(since), nothing, space.habits)


def agreement(head: Head, signals: Sequence[Signal]) -> float:
    """Share of ratings that the head's sign agrees with (an undecided head counts half); NaN without ratings."""
    judged = [s for s in signals if s.kind != "note"]
    if not judged:
        return float("nan")
    rows = _rows(judged, head.habits)
    logits = rows.x @ head.mean + rows.bias * head.bias - rows.offset
    right = np.where(np.abs(logits) < 1e-9, 0.5, (logits > 0) == (rows.y > 0.5))
    return float(np.average(right, weights=rows.weight))


# --- the rows --------------------------------------------------------------------------------------------


def _features(texts: Sequence[str], habits: Habits, asked: Request = NOTHING) -> Array:
    """(n, d) traits, then habits, of replies to one request: its usual length counts as the usual one."""
    readable = np.zeros((len(texts), len(style_features.NAMES)))
    length = style_features.NAMES.index("length")
    for row, text in enumerate(texts):
        raw = style_features.measure(text)
        raw[length] -= asked.shift
        readable[row] = style_features.standardise(raw)
    return np.concatenate([readable, habits.measure(texts)], 1)


def _habits(signals: Sequence[Signal], kept: Sequence[str]) -> Habits:
    """What could be a habit of the rated replies, and how usual it is there."""
    replies = [
        (s.asked, reply.text)
        for s in signals
        for reply in (s.reply, s.other)
        if reply is not None and s.kind != "note"
    ]
    return Habits.of(vocabulary(replies, kept), [text for _, text in replies])


def _rows(signals: Sequence[Signal], habits: Habits, *, with_reasons: bool = False) -> Rows:
    """One row a judgement. ``with_reasons``: also what was said of why (to fit, not to test against)."""
    phi: dict[tuple[str, str], Array] = {}
    for s in signals:
        asked = read(s.asked)
        for reply in (s.reply, s.other) if s.kind != "text" else ():
            if reply is not None and (s.id, reply.text) not in phi:
                found = _features([reply.text], habits, asked)[0]
                # What was asked for says nothing of taste, whether the user liked it or not.
                found[
                    [name in asked.exact for name in style_features.NAMES] + [False] * len(habits.words)
                ] = 0.0
                phi[s.id, reply.text] = found

    d = len(style_features.NAMES) + len(habits.words)
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
                if name in style_features.NAMES:
                    moved = _contrast(name, way, s, d)
                    margin = REASON_MARGIN * float(np.abs(moved).sum())
                    row(moved, 0.0, 1.0, margin, WISH_WEIGHT if s.kind == "note" else REASON_WEIGHT, i)
        of_style = CONTENT_WEIGHT if any(name == CONTENT for name, _ in s.reasons) else 1.0
        if s.kind == "note":
            continue
        if s.kind == "thumb":
            row(phi[s.id, s.reply.text], 1.0, float(s.value > 0), 0.0, of_style, i)
        elif s.kind == "stars":
            for k, cut in enumerate(STAR_CUTS):
                row(phi[s.id, s.reply.text], 1.0, float(s.value > k + 1), cut, 0.5 * of_style, i)
        elif s.kind == "text":
            row(demonstrated(s, habits), 0.0, 1.0, 0.0, TEXT_WEIGHT, i)
        elif s.other is not None:
            w = {"pair": 1.0, "edit": EDIT_WEIGHT, "kept": KEPT_WEIGHT}[s.kind]
            row(phi[s.id, s.reply.text] - phi[s.id, s.other.text], 0.0, 1.0, 0.0, w, i)
        else:  # an edit or a choice whose other side is unknown is a thumb up
            row(phi[s.id, s.reply.text], 1.0, 1.0, 0.0, 1.0, i)
    return Rows(
        np.array(x).reshape(-1, d), *(np.array(v, dtype=float) for v in (bias, y, offset, weight, age))
    )


def demonstrated(s: Signal, habits: Habits) -> Array:
    """(d,) phi of a text of the user's own less that of the model's reply, over as much of the text as that reply has.

    That reply is cut at some length, so length alone is compared with the usual one of the kind of text. Without a reply all is
    compared with the usual. The request was inferred from the text: of it only a length in numbers is not the user's.
    """
    asked = read(s.asked)
    length = style_features.NAMES.index("length")
    moved = own = _features([s.reply.text], habits, asked)[0]
    if s.other is not None:
        begun = s.reply.text[: max(len(s.other.text), 200)]
        begun_phi, other = _features([begun, s.other.text], habits, asked)
        moved = begun_phi - other
        moved[length] = own[length]
    if asked.amount is not None:
        moved[length] = 0.0
    return np.asarray(moved)


def _contrast(name: str, way: int, signal: Signal, d: int) -> Array:
    """(d,) phi of the reply that would have been liked better less that of the other, along the named trait alone."""
    at = style_features.NAMES.index(name)
    moved = np.zeros(d)
    moved[at] = way if way else style_features.standardise(style_features.measure(signal.reply.text))[at]
    return moved


# --- the fit ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Space:
    """The features of a fit: traits, then ``habits``; what the user corrected of them, by name.

    ``chance`` (d,): prior probability that a feature matters. A habit keeps the one it had as one of many.
    """

    habits: Habits
    corrections: Mapping[str, float]
    chance: Array

    @property
    def log_odds(self) -> Array:
        return np.asarray(np.log(self.chance / (1.0 - self.chance)))

    @property
    def forced(self) -> list[int]:
        """Places of what was corrected: in every fit."""
        names = (*style_features.NAMES, *self.habits.names)
        return [names.index(name) for name in self.corrections]

    @property
    def free(self) -> list[int]:
        forced = self.forced
        return [i for i in range(len(INCLUSION) + len(self.habits.words)) if i not in forced]

    def telling(self, rows: Rows) -> list[int]:
        """Places in ``habits`` of the few that alone tell most of the ratings, and of those that were corrected.

        The others' share of the average is less than that of any of these; leaving them out favours "nothing matters".
        """
        first = len(INCLUSION)
        forced = [i - first for i in self.forced if i >= first]
        free = [i for i in self.free if i >= first]
        if not free:
            return forced
        alone = _fit_sets(rows, _aged(rows), [(i,) for i in free], self)[0] + self.log_odds[free]
        best = sorted(range(len(free)), key=lambda k: -alone[k])[:HABITS]
        return sorted([*forced, *(free[k] - first for k in best)])

    def only(self, telling: Sequence[int]) -> _Space:
        """With the habits at the places ``telling`` only."""
        return _Space(self.habits.only(telling), self.corrections, self.chance[_places(telling)])


def _places(telling: Sequence[int]) -> list[int]:
    """Columns of all traits and of some habits."""
    return [*range(len(INCLUSION)), *(len(INCLUSION) + i for i in telling)]


def _columns(rows: Rows, telling: Sequence[int]) -> Rows:
    """The rows with the traits and the habits at the places ``telling``."""
    return replace(rows, x=rows.x[:, _places(telling)])


def _aged(rows: Rows) -> Array:
    return np.asarray(rows.weight * 0.5 ** (rows.age / HALF_LIFE))


def _since(rows: Rows, space: _Space, ratings: int) -> float:
    """How many of the newest ratings the present taste explains: all, unless the user changed their mind.

    A change point (Barry and Hartigan 1993): the ratings before and after it get a head each, and the product of their
    evidences is compared with that of one head for all. ``CHANGE_OF_MIND`` is the prior odds against a change.
    """
    points = [newest for newest in CHANGES if newest <= ratings - CHANGES[0]]
    if not points:
        return float(ratings)
    whole = _evidence(rows, space)
    gains = [
        _evidence(_take(rows, rows.age < p), space) + _evidence(_take(rows, rows.age >= p), space) - whole
        for p in points
    ]  # fmt: skip
    best = int(np.argmax(gains))
    return float(points[best]) if gains[best] > CHANGE_OF_MIND else float(ratings)


def _evidence(rows: Rows, space: _Space) -> float:
    """Log marginal likelihood of the rows, in nats, over all sets of at most two features."""
    free = space.free
    sets: list[tuple[int, ...]] = [(), *((i,) for i in free), *itertools.combinations(free, 2)]
    evidence = _fit_sets(rows, rows.weight, sets, space)[0]
    before = _priors(sets, space)
    return float(np.logaddexp.reduce(evidence + before) - np.logaddexp.reduce(before))


def _priors(sets: Sequence[tuple[int, ...]], space: _Space) -> Array:
    odds = space.log_odds
    return np.array([sum(odds[i] for i in s) for s in sets])


def _take(rows: Rows, which: NDArray[np.bool_]) -> Rows:
    return Rows(*(getattr(rows, name)[which] for name in ("x", "bias", "y", "offset", "weight", "age")))


def _average(rows: Rows, space: _Space) -> tuple[Array, Array, Array, float, float]:
    """Bayesian model average: (mean (d,), covariance (d, d), inclusion (d,), bias, probability of the empty set)."""
    d, free = rows.x.shape[1], space.free
    weight = _aged(rows)
    fits: tuple[Any, ...]
    sets: list[tuple[int, ...]] = [(), *((i,) for i in free), *itertools.combinations(free, 2)]
    fits = _fit_sets(rows, weight, sets, space)
    best_pairs = sorted(
        (i for i, s in enumerate(sets) if len(s) == 2), key=lambda i: -fits[0][i]
    )[:TRIPLES_FROM]  # fmt: skip
    triples = sorted({tuple(sorted((*sets[i], j))) for i in best_pairs for j in free if j not in sets[i]})
    if len(rows.y) >= 8 and triples:
        more = _fit_sets(rows, weight, triples, space)
        sets = [*sets, *triples]
        fits = tuple(np.concatenate(both) for both in zip(fits, more, strict=True))
    evidence, means, covariances, columns = fits
    logs = evidence + _priors(sets, space)
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
    left_out = (1.0 - inclusion) * space.chance * SLAB_SD**2
    return mean, covariance + np.diag(left_out), inclusion, float(bias), float(p[0])


def _fit_sets(
    rows: Rows,
    weight: Array,
    sets: Sequence[tuple[int, ...]],
    space: _Space,
) -> tuple[Any, ...]:
    """Laplace fits of all sets at once: (log evidence (m,), mode (m, c), covariance (m, c, c), column ids (m, c)).

    Columns: three slots for the set (-1: empty, a column of zeros whose evidence cancels), the forced ones, the bias (-2).
    """
    forced = space.forced
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
    prior_mean[3 : 3 + f] = list(space.corrections.values())
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
