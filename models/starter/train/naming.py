"""Train the linear map from the encoder's pooled features and a drawing's layout to the names of drawings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.perception import concepts, evidence
from models.starter.train import drawings

EPOCHS = 25
BATCH = 256
RATE = 2e-3
DECAY = 0.3
SMOOTHING = 0.1
SEED = 2
CHECKED = 150  # scenes that are not trained on


def known(folder: Path) -> tuple[str, ...]:
    """Names with a drawing in the training part, in the order of the concepts."""
    trained = {one.name for one in drawings.load(folder) if one.part == "train"}
    return tuple(name for name in concepts.names() if name in trained)


def train(
    folder: Path,
    rows: np.ndarray,
    features: np.ndarray,
    scenes: np.ndarray,
    say: Callable[[str], None] = print,
) -> tuple[Tensor, Tensor]:
    """``weight`` (known + 1, features) and ``bias``, the temperature chosen on the tune part already in them; the last row
    stands for plain shapes, which are no drawing of anything (``scenes``: their features)."""
    listed, names = drawings.load(folder), known(folder)
    number = {name: index for index, name in enumerate(names)}
    target = np.array([number.get(listed[i].name, -1) for i in rows[:, 0]])
    part = np.array([listed[i].part for i in rows[:, 0]])
    unseen = np.array([listed[i].style == drawings.UNSEEN_STYLE for i in rows[:, 0]])
    x_all, y_all = torch.from_numpy(features).float(), torch.from_numpy(target)
    chosen = torch.from_numpy((part == "train") & (target >= 0))
    plain = torch.from_numpy(scenes).float()
    x = torch.cat([x_all[chosen], plain[CHECKED:]])
    y = torch.cat([y_all[chosen], torch.full((len(plain) - CHECKED,), len(names))])
    mean, spread = x.mean(0), x.std(0) + 0.05 * x.std(0).mean()
    torch.manual_seed(SEED)
    head = nn.Linear(x.shape[1], len(names) + 1)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for start in range(0, len(x) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            given = (x[batch] - mean) / spread
            given = F.dropout(given, 0.3)
            loss = F.cross_entropy(head(given), y[batch], label_smoothing=SMOOTHING)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        weight = head.weight / spread
        bias = head.bias - weight @ mean
        tune = torch.from_numpy((part == "tune") & (target >= 0))
        logits = x_all[tune] @ weight.T + bias
        heats = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5]
        heat = min(heats, key=lambda t: float(F.cross_entropy(logits / t, y_all[tune])))
        weight, bias = weight / heat, bias / heat
        for label, mask in (
            ("tune", part == "tune"),
            ("held-out pairs", (part == "test") & ~unseen),
            ("unseen style", unseen),
        ):
            asked = torch.from_numpy(mask & (target >= 0))
            best = (x_all[asked] @ weight.T + bias)[:, :-1].argmax(1)
            right = float((best == y_all[asked]).float().mean())
            kinds = [concepts.load()[name] for name in names]
            plainly = float(((x_all[asked] @ weight.T + bias).argmax(1) == len(names)).float().mean())
            coarse = np.mean([kinds[a] == kinds[b] for a, b in zip(best, y_all[asked], strict=True)])
            say(
                f"names of drawings, {label} ({int(asked.sum())}): {right:.3f}, category {coarse:.3f}, "
                f"taken for plain shapes {plainly:.3f}; heat {heat}"
            )
        thresholds(names, logits / heat, y_all[tune], say)
        told = ((plain[:CHECKED] @ weight.T + bias).argmax(1) == len(names)).float().mean()
        say(f"plain shapes ({CHECKED} not trained on): told {float(told):.3f}")
    return weight, bias


@torch.no_grad()
def thresholds(names: tuple[str, ...], logits: Tensor, truth: Tensor, say: Callable[[str], None]) -> None:
    """What the connector's thresholds of drawings were chosen by: ``logits`` (pictures, known + 1) of the tune part and
    their true names (pictures,)."""
    shares = logits.softmax(dim=1)[:, :-1]
    best = torch.zeros(len(shares), len(concepts.names()))
    best[:, torch.tensor([concepts.names().index(name) for name in names])] = shares
    kinds = torch.tensor([concepts.categories().index(kind) for kind in concepts.load().values()])
    true = torch.tensor([concepts.names().index(names[int(index)]) for index in truth])
    top, named = best.max(dim=1)
    share, kind = evidence.by_category(best).max(dim=1)
    for low, high in ((0.0, 0.15), (0.15, 0.4), (0.4, 0.5), (0.5, 0.7), (0.7, 1.01)):
        here = (top >= low) & (top < high)
        say(
            f"tune, best name {low} to {high} ({int(here.sum())}): right {float((named == true)[here].float().mean()):.2f}"
        )
    coarse = (top < evidence.GUESSED[1]) & (share >= evidence.CATEGORY[1])
    right = (kind == kinds[true])[coarse].float().mean()
    say(f"tune, category instead of a name ({int(coarse.sum())}): right {float(right):.2f}")
    none = torch.zeros(len(best), 1)
    others = evidence.possible(best, none, none + 1)
    random = np.random.default_rng(SEED)
    wrong = torch.tensor([_wrong(random, int(index), kinds.numpy()) for index in true])
    for which, answered in (
        ("the best name alone", lambda asked: named == asked),
        ("all told", lambda asked: (named == asked) | (others == asked[:, None]).any(1)),
    ):
        yes, no = float(answered(true).float().mean()), 1 - float(answered(wrong).float().mean())
        say(f"tune, is it there? by {which}: yes {yes:.3f}, no {no:.3f}, together {(yes + no) / 2:.3f}")


def _wrong(random: np.random.Generator, true: int, kinds: np.ndarray) -> int:
    """Another name, half of the time of the same category."""
    pool = np.flatnonzero(kinds == kinds[true]) if random.random() < 0.5 else np.arange(len(kinds))
    pool = pool[pool != true]
    return int(random.choice(pool if len(pool) else np.delete(np.arange(len(kinds)), true)))
