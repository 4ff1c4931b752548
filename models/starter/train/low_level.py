"""Train the low-level branch (``models.perception.shape_detector``) on drawn scenes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.perception import shape_detector
from models.perception.scene_words import COLOURS, RELATIONS, SHAPES
from models.perception.shape_detector import KINDS, SIDE, STRIDE, Glance, view
from models.starter.train import scene_pictures
from models.starter.train.scene_pictures import IGNORED, Scene

PICTURES = 24_000
CHECKED = 500  # scenes with held-out pairs, looked at after each epoch, never trained on
EPOCHS = 4
BATCH = 64
RATE = 4e-3
SEED = 1
MOST_THINGS = 6
GRID = SIDE // STRIDE
SPREAD = 0.8  # standard deviation of a middle's mark, cells


def scenes(
    path: Path, count: int, drawings: np.ndarray, test: bool
) -> tuple[np.ndarray, np.ndarray, list[Scene]]:
    """Views (count, 4, SIDE, SIDE) uint8 and things (count, MOST_THINGS, 4) of (x, y, shape, colour), shape -1 for none
    and -2 for clutter, kept in files; a cut-off run goes on where it stopped."""
    done_path, things_path = path.with_suffix(".done"), path.with_suffix(".things.npy")
    if not path.is_file():
        np.save(path, np.zeros((count, 4, SIDE, SIDE), np.uint8))
        np.save(things_path, np.full((count, MOST_THINGS, 4), -1, np.float32))
    pixels, things = np.load(path, mmap_mode="r+"), np.load(things_path, mmap_mode="r+")
    done = int(done_path.read_text()) if done_path.is_file() else 0
    colours = scene_pictures.icon_colours(drawings)
    for index in range(done, count):
        random = np.random.default_rng((SEED, int(test), index))
        scene = scene_pictures.scene(random, test, colours, unnamed=not test)
        pixels[index] = view(scene_pictures.draw(scene, random, drawings))
        for place, thing in enumerate(scene.things()):
            things[index, place] = thing
        if scene.clutter:
            things[index, 0, 2] = -2
        if (index + 1) % 500 == 0:
            pixels.flush()
            things.flush()
            done_path.write_text(str(index + 1))
    known = [
        scene_pictures.scene(np.random.default_rng((SEED, int(test), index)), test, colours, unnamed=not test)
        for index in range(count if test else 0)
    ]
    return pixels, things, known


def targets(things: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """(n, MOST_THINGS, 4) -> marks of middles (n, GRID, GRID) in 0..1, the nearest thing's shape in each cell
    (n, GRID, GRID), IGNORED far from one, and clutter (n,)."""
    given = torch.from_numpy(things)
    there = (given[..., 2] >= 0).float()
    axis = torch.arange(GRID) + 0.5
    across = torch.exp(-((axis - given[..., 0:1] / STRIDE) ** 2) / (2 * SPREAD**2))
    down = torch.exp(-((axis - given[..., 1:2] / STRIDE) ** 2) / (2 * SPREAD**2))
    each = down[..., :, None] * across[..., None, :] * there[..., None, None]  # (n, things, GRID, GRID)
    heat, nearest = each.max(dim=1)
    shape = given[..., 2].long().gather(1, nearest.flatten(1)).view_as(nearest)
    return heat, shape.masked_fill(heat < 0.4, IGNORED), (given[:, 0, 2] == -2).float()


def loss_of(marks: shape_detector.Marks, wanted: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Focal loss on the middles (Law & Deng's CornerNet, eq. 1), cross entropy on the rest."""
    heat, shape, clutter = wanted
    logits = marks.centre.float()
    p = logits.sigmoid()
    peak = heat > 0.75
    positive = -((1 - p) ** 2 * F.logsigmoid(logits))[peak].sum()
    negative = -((1 - heat) ** 4 * p**2 * F.logsigmoid(-logits))[~peak].sum()
    centre = (positive + negative) / peak.sum().clamp(min=1)
    return (
        centre
        + F.cross_entropy(marks.shape.float(), shape, ignore_index=IGNORED)
        + 0.5 * F.binary_cross_entropy_with_logits(marks.clutter.float(), clutter)
    )


@torch.inference_mode()
def accuracy(model: Glance, pixels: np.ndarray, known: list[Scene]) -> dict[str, float]:
    """Shares right over scenes: of the first group its count, shape, colour, and the place where there is one; of
    pairs the relation; whether clutter is called clutter."""
    model.eval()
    right: dict[str, list[bool]] = {}
    for start in range(0, len(known), 100):
        views = torch.from_numpy(np.ascontiguousarray(pixels[start : start + 100]))
        found = shape_detector.heads(model(views), views)
        best = {name: one.argmax(1).tolist() for name, one in found.items()}
        for row, scene in enumerate(known[start : start + 100]):
            hazy = best["shape1"][row] == len(SHAPES) - 1
            right.setdefault("clear", []).append(hazy == (scene.clutter or not scene.groups))
            for number, group in enumerate(scene.groups, 1):
                right.setdefault("count", []).append(best[f"count{number}"][row] == group.count)
                right.setdefault("shape", []).append(SHAPES[best[f"shape{number}"][row]] == group.shape)
                if group.colour:
                    right.setdefault("colour", []).append(
                        COLOURS[best[f"colour{number}"][row]] == group.colour
                    )
                place = scene_pictures.place_of(*group.centre(), sure=group.count == 1)
                if place:
                    right.setdefault("place", []).append(
                        scene_pictures.PLACES[best[f"place{number}"][row]] == place
                    )
            if len(scene.groups) == 2:
                right.setdefault("relation", []).append(RELATIONS[best["relation"][row]] == scene.relation)
            if scene.background:
                right.setdefault("background", []).append(
                    COLOURS[best["background"][row]] == scene.background
                )
    return {name: float(np.mean(hits)) for name, hits in right.items()}


def train(
    folder: Path, drawings: np.ndarray, pictures: int = PICTURES, say: Callable[[str], None] = print
) -> Glance:
    """The trained branch, batch norms folded."""
    pixels, things, _ = scenes(folder / "scenes.npy", pictures, drawings, test=False)
    checked, _, known = scenes(folder / "scenes-test.npy", min(CHECKED, pictures // 4), drawings, test=True)
    torch.manual_seed(SEED)
    model = Glance(norm=True)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    steps = EPOCHS * (pictures // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps, pct_start=0.15)
    for epoch in range(EPOCHS):
        order = np.random.default_rng((SEED, epoch)).permutation(pictures)
        model.train()
        losses = []
        for start in range(0, pictures - BATCH + 1, BATCH):
            rows = np.sort(order[start : start + BATCH])
            batch = torch.from_numpy(pixels[rows]).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                marks = model(batch)
            loss = loss_of(marks, targets(things[rows]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
            if len(losses) % 100 == 0:
                say(f"low level, epoch {epoch + 1}, batch {len(losses)}: loss {np.mean(losses[-100:]):.3f}")
        shown = " ".join(f"{name} {share:.3f}" for name, share in accuracy(model, checked, known).items())
        say(f"low level, epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.3f}; unseen pairs: {shown}")
    return model.eval().folded()


assert len(SHAPES) - 1 == KINDS
