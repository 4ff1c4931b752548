"""The gate: no update reaches the user unless it is better. Pure decisions over numbers that ``update`` measured."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from assistant.learning_records import Signal
from assistant.records import GateReport

KL_LIMIT = 0.1  # nats a token
PERPLEXITY_LIMIT = 1.05
FEWEST = 4  # ratings below which nothing is trained; the reward head works from the first
# Probability of the empty head from which ratings are said to show no pattern; without any ratings it is about 0.2.
NO_PATTERN = 0.15
ENOUGH_HELD_OUT = 8  # ratings that can show a pattern which the head has no trait for
CLEAR_PATTERN = 0.1  # below this, a few held-out ratings that disagree may be chance

ASKED_LOST = (
    0.15  # of conflicting requests that may be answered less well: one of the eight that a quick update draws
)

PASSED = "It passed every check; too few ratings were kept aside to say more."

PROBES = (
    "What is the capital of France?", "How many days does a week have?", "Write a Python function that adds two numbers.",
    "How do I make tea?", "Tell me something about trees.", "Write a short message to a friend.",
    "Why do we need sleep?", "Suggest a name for a small shop.",
)  # fmt: skip
GENERAL_TEXT = (
    "The river rises in the hills to the north and reaches the sea after two hundred kilometres. Along its banks lie "
    "small towns whose markets have been held since the Middle Ages. In spring, when the snow melts, the water is high "
    "and the lower roads are closed. Farmers grow wheat, maize and potatoes on the plain; the steeper slopes are left "
    "to sheep. The railway, opened in 1871, follows the valley and crosses the river on eleven bridges.\n\n"
    "def mean(values):\n    total = 0.0\n    for value in values:\n        total += value\n    return total / len(values)\n\n"
    "Water boils at 100 degrees Celsius at sea level; on a high mountain it boils earlier, because the air presses less. "
    "The committee met on Tuesday to discuss the budget, and agreed to repair the school's roof before the winter."
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What replies to the probes look like, whatever they say."""

    repetition: float  # share of repeated 4-grams
    ended: float  # share that ended by themselves
    words: float  # mean


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a new version. ``before`` is the version in use (the base model when there is none)."""

    heldout_before: float  # agreement with held-out ratings, 0..1; NaN: none held out
    heldout_after: float
    reward_before: float  # a head fitted without the held-out ratings, on replies to the probes
    reward_after: float
    kl_per_token: float  # nats, on its own replies to the probes and on general text
    perplexity_ratio: float  # general text, against the base
    repetition_before: float  # share of repeated 4-grams in the probes' replies
    repetition_after: float
    ended_before: float  # share of probe replies that ended by themselves
    ended_after: float
    words_before: float
    words_after: float
    nothing: float  # the head's probability that no trait matters
    reward_error: float = (
        0.0  # standard error of the difference of the two rewards, paired by prompt and seed
    )
    heldout_error: float = 0.0  # standard error of the difference of the two agreements, paired by rating
    heldout_ratings: int = 0  # that they are of
    heldout_chance: float = 0.5  # standard error of an agreement that is chance
    strength: float = 1.0  # of the adapter as it was measured, over what training left
    asked_before: float = (
        1.0  # share of some conflicting requests that were answered as asked, by the base model
    )
    asked_after: float = 1.0
    longer: bool = False  # the ratings ask for longer replies, so fewer of them end within the probes' length

    @property
    def heldout_noticed(self) -> float:
        """A drop of agreement that is more than chance, at a level of 5 % of one side (Student's t)."""
        return student(self.heldout_ratings - 1) * self.heldout_error

    @property
    def heldout_power(self) -> float:
        """The drop of agreement that would be noticed with a probability of 80 %."""
        return self.heldout_noticed + 0.84 * self.heldout_error

    @property
    def shape_before(self) -> Shape:
        return Shape(self.repetition_before, self.ended_before, self.words_before)

    @property
    def shape_after(self) -> Shape:
        return Shape(self.repetition_after, self.ended_after, self.words_after)


@dataclass(frozen=True, slots=True)
class Verdict:
    accepted: bool
    reason: str
    measures: Measures

    def report(self) -> GateReport:
        """What is kept of it; a number that could not be measured (NaN) is None."""
        found = {**asdict(self.measures), "heldout_power": self.measures.heldout_power}
        known = {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in found.items()}
        return GateReport(self.accepted, self.reason, **known)


def judge(m: Measures) -> Verdict:
    """Accept, or refuse with the first reason that holds."""
    held_out_shows = m.heldout_after > 0.5 + 2.0 * m.heldout_chance  # False for NaN
    # A clear pattern is overruled only by a drop that is more than chance.
    tolerance = m.heldout_noticed if m.nothing < CLEAR_PATTERN else m.heldout_error
    if not m.kl_per_token <= KL_LIMIT:  # so written that NaN is refused
        why = f"it went too far from the base model ({m.kl_per_token:.3f} nats a token, {KL_LIMIT} allowed)"
    elif not m.perplexity_ratio <= PERPLEXITY_LIMIT:
        why = f"it writes general text worse (perplexity {m.perplexity_ratio:.3f} times the base's)"
    elif m.nothing >= NO_PATTERN and not held_out_shows:
        why = "your ratings show no pattern yet that could be learned"
    elif m.heldout_after < m.heldout_before - tolerance - 1e-9:
        why = f"it agrees less with ratings it had not seen ({m.heldout_after:.2f} instead of {m.heldout_before:.2f})"
    elif not m.reward_after >= m.reward_before - m.reward_error - 1e-9:
        why = f"its replies score lower ({m.reward_after:+.2f} instead of {m.reward_before:+.2f})"
    elif (why := disobeys(m.asked_before, m.asked_after)) or (
        why := misshapen(m.shape_before, m.shape_after, longer=m.longer)
    ):
        pass
    else:
        agrees = m.heldout_after > 0.5  # False for NaN
        said = "It agrees with your ratings and passed every check." if agrees else PASSED
        return Verdict(True, said, m)
    return Verdict(False, f"The update was not taken over: {why}.", m)


def disobeys(before: float, after: float) -> str:
    """What is wrong where a share ``after`` of requests was answered as asked, ``before`` by the base; empty: nothing."""
    if after < before - ASKED_LOST - 1e-9:
        return f"it does less often what it is asked for ({after:.0%} of some requests, {before:.0%} before)"
    return ""


def misshapen(before: Shape, after: Shape, *, longer: bool) -> str:
    """What is wrong with the replies ``after`` beside those ``before``; empty: nothing. ``longer`` ones are wanted."""
    if after.repetition > before.repetition + 0.1:
        return "it repeats itself"
    if after.ended < before.ended - (0.6 if longer else 0.25):
        return "it often does not come to an end"
    if after.words < 3 or after.words < 0.15 * before.words:
        return "its replies have become too short to be of use"
    return ""


def no_pattern(nothing: float, held_out: int) -> str:
    """Why training would be for nothing, in a sentence; empty: it may be worth it.

    A taste that no trait names could still be learned from the ratings themselves, but only enough held-out ratings
    could then show that it was.
    """
    if nothing < NO_PATTERN or held_out >= ENOUGH_HELD_OUT:
        return ""
    return "Your ratings show no pattern yet that could be learned; a few more will help."


def hold_out(
    signals: Sequence[Signal], share: float = 0.2, trained_on: Collection[str] = ()
) -> tuple[list[Signal], list[Signal]]:
    """(train, held out): about a fifth, whole conversations, spread over time; none below ten ratings.

    The same conversation lands on the same side in every update, so held-out ratings are never trained on later. Nor
    are ratings held out that the version in use was trained on (``trained_on``, ids; the first ten, say): it knows
    them, and so would the one that goes on from it.
    """
    if len(signals) < 10:
        return list(signals), []
    known = {s.conversation or s.id for s in signals if s.id in trained_on}
    train: list[Signal] = []
    held: list[Signal] = []
    for s in signals:
        key = s.conversation or s.id
        (held if _unit(key) < share and key not in known else train).append(s)
    return (train, held) if len(train) >= FEWEST else (list(signals), [])


def _unit(key: str) -> float:
    import hashlib

    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


def ranking_agreement(advantages: Sequence[float], gains: Sequence[float]) -> float:
    """How often a better rated reply gained more likelihood than a worse rated one; ties half; NaN without such pairs."""
    right = total = 0.0
    for a, g in zip(advantages, gains, strict=True):
        for b, h in zip(advantages, gains, strict=True):
            if a > b:
                total += 1.0
                right += 0.5 if g == h else float(g > h)
    return right / total if total else float("nan")


def agreement_change_error(
    advantages: Sequence[float], before: Sequence[float], after: Sequence[float], ratings: Sequence[str]
) -> float:
    """Standard error of the difference that the gains ``after`` make to ``ranking_agreement`` over those ``before``.

    Both are of the same replies, so what is hard to agree with for either counts for nothing: the jackknife over
    ``ratings`` (of each reply; a pair has two) of the paired difference (Efron 1982; for two samples the variance of
    DeLong et al. 1988). 0.5 where leaving one out leaves nothing to compare.
    """
    a = np.array(advantages)
    better = a[:, None] > a[None]
    psi = [0.5 * (1.0 + np.sign(g[:, None] - g[None])) for g in (np.array(before), np.array(after))]
    moved = np.where(better, psi[1] - psi[0], 0.0)
    found = []
    for rating in dict.fromkeys(ratings):
        kept = np.array([r != rating for r in ratings])
        count = better[kept][:, kept].sum()
        if not count:
            return 0.5
        found.append(moved[kept][:, kept].sum() / count)
    n = len(found)
    return float(np.sqrt((n - 1) / n * ((found - np.mean(found)) ** 2).sum())) if n > 1 else 0.5


def student(freedom: int) -> float:
    """The 95 % quantile of Student's t (Cornish and Fisher's expansion; 2 % too low for 3 degrees of freedom)."""
    z = 1.645
    if freedom < 1:
        return z
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def agreement_error(advantages: Sequence[float]) -> float:
    """Standard error of ``ranking_agreement`` where it is chance (Mann and Whitney 1947); 0.5 without both signs."""
    ups = sum(a > 0 for a in advantages)
    downs = len(advantages) - ups
    return ((ups + downs + 1) / (12.0 * ups * downs)) ** 0.5 if ups and downs else 0.5


def repetition(ids: Sequence[int], n: int = 4) -> float:
    """Share of n-grams that were there before."""
    grams = [tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)]
    return 1.0 - len(set(grams)) / len(grams) if grams else 0.0
