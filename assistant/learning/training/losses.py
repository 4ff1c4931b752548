"""The objective, term by term, on sequence log-probabilities. Pure functions of tensors; a test checks each gradient.

Lengths are divided by one constant, never by |y|: a mean over the reply would pay for length (Dr. GRPO, arXiv
2503.20783, section 3).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

LENGTH = 64.0  # the constant normaliser, tokens
LEAST_REST = 1e-4  # probability of all tokens that are not looked at one by one: less is lost in rounding


def topr(logprob: Tensor, written: Tensor, advantage: Tensor, taper: float = 0.1) -> Tensor:
    """Tapered off-policy REINFORCE (TOPR, arXiv 2503.14286, eq. 8). All (n,), sums over a reply; -> (n,) losses.

    Positives get full weight. Negatives get the importance ratio pi/mu cut to [0, 1], here to the power ``taper``:
    for replies of 60 tokens the ratio itself is zero after the first step, and nothing would be learned from a thumb
    down (taper 1 is the paper's).
    """
    ratio = torch.exp(taper * (logprob.detach() - written)).clamp(max=1.0)
    weight = torch.where(advantage >= 0, torch.ones_like(ratio), ratio)
    return -advantage * weight * logprob / LENGTH


def dpo(better: Tensor, worse: Tensor, base_better: Tensor, base_worse: Tensor, beta: float = 0.1,
        smoothing: float = 0.1) -> Tensor:  # fmt: skip
    """Direct preference optimisation (DPO, arXiv 2305.18290, eq. 7) in its conservative form (cDPO: Mitchell, "A note on
    DPO with noisy preferences", 2023, eq. 3): ``smoothing`` is the probability that a preference is the wrong way
    round, so the margin has a finite optimum. (IPO, arXiv 2310.12036, bounds it by a squared loss; that is not used.)
    All (n,)."""
    margin = beta * ((better - base_better) - (worse - base_worse))
    return -(1.0 - smoothing) * F.logsigmoid(margin) - smoothing * F.logsigmoid(-margin)


def taught(short: Tensor, teacher: Tensor) -> Tensor:
    """KL(teacher || pi) in nats at each position: log-probabilities of the teacher's likeliest tokens, (T, k) by the policy
    and by the teacher, and all other tokens together as one -> (T,).

    Summed over replies that the teacher wrote, its mean is the divergence of the two as writers of whole replies
    (knowledge distillation, Hinton et al. 2015, arXiv 1503.02531, with the tokens' expectation in place of samples).
    """
    q = teacher.exp()
    q_rest = (1.0 - q.sum(-1)).clamp(min=LEAST_REST)
    rest = (1.0 - short.exp().sum(-1)).clamp(min=LEAST_REST)
    return (q * (teacher - short)).sum(-1) + q_rest * (q_rest.log() - rest.log())


def divergence(short: Tensor, base_short: Tensor, base_rest: Tensor) -> Tensor:
    """KL(pi || base) in nats at each position: (T, m) log-probabilities over the shortlist, and (T,) that of all other
    tokens together under the base, which count as one token, as in ``taught`` -> (T,)."""
    base = base_short.float()
    rest = (1.0 - short.exp().sum(-1)).clamp(min=LEAST_REST)
    base_rest = base_rest.clamp(min=math.log(LEAST_REST))
    return (short.exp() * (short - base)).sum(-1) + rest * (rest.log() - base_rest)
