"""What the frozen encoder sees in the drawings, and how they are laid out: computed once, kept in a file.

In blocks: a run that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.perception.encoder import FEATURES, EfficientNetLite
from models.perception.evidence import WHOLE_VIEWS
from models.perception.layout import LAYOUT, layout
from models.perception.pixels import views
from models.starter.checkpoint import IMAGE_SIZE
from models.starter.train import drawings, scene_pictures

BLOCK = 64  # pictures at a time
SCENES = 700
SEED = 6
COPIES = {"train": 3, "tune": 2, "test": 1}  # differently placed and coloured copies of a drawing


def place(pixels: np.ndarray, random: np.random.Generator, side: int, plain: bool) -> Image.Image:
    """A drawing on a background, ``side`` pixels: plainly on white, or moved, scaled, mirrored, on some colour."""
    drawing = Image.fromarray(pixels)
    if plain:
        share, background, left, top = 0.9, (255, 255, 255), 0.5, 0.5
    else:
        share = float(random.uniform(0.6, 1.0))
        left, top = random.uniform(0.2, 0.8, 2)
        grey = random.integers(200, 256) if random.random() < 0.6 else random.integers(20, 256)
        tint = random.integers(-25, 26, 3) if random.random() < 0.6 else np.zeros(3, int)
        red, green, blue = (int(value) for value in np.clip(grey + tint, 0, 255))
        background = (red, green, blue)
        if random.random() < 0.5:
            drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if random.random() < 0.3:
            drawing = drawing.rotate(float(random.uniform(-15, 15)), Image.Resampling.BICUBIC)
    size = max(8, round(side * share))
    drawing = drawing.resize((size, size), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", (side, side), background)
    canvas.paste(drawing, (round((side - size) * left), round((side - size) * top)), drawing)
    return canvas


def compute(folder: Path, encoder: EfficientNetLite, every: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 2) int32 of (drawing, copy), copy 0 the plain one, and their features (rows, FEATURES + LAYOUT)
    float16, of ``every`` how manyth drawing."""
    listed, pixels = drawings.load(folder), drawings.pixels(folder)
    rows = np.array(
        [
            (index, copy)
            for index, one in enumerate(listed)
            if index % every == 0
            for copy in range(COPIES[one.part])
        ],
        dtype=np.int32,
    )

    def draw(row: int) -> Image.Image:
        index, copy = (int(value) for value in rows[row])
        return place(pixels[index], np.random.default_rng((index, copy)), 224, plain=copy == 0)

    return rows, _computed(folder / "features.npy", len(rows), draw, encoder)


def of_scenes(folder: Path, encoder: EfficientNetLite) -> np.ndarray:
    """Features (SCENES, FEATURES + LAYOUT) float16 of plain shapes: what a drawing of something is told apart from."""

    def draw(row: int) -> Image.Image:
        random = np.random.default_rng((SEED, row))
        kind = str(random.choice(["single", "many", "pair"]))
        return scene_pictures.draw(scene_pictures.scene(random, kind=kind), random, scale=2)

    return _computed(folder / "features-scenes.npy", SCENES, draw, encoder)


def _computed(
    path: Path, count: int, draw: Callable[[int], Image.Image], encoder: EfficientNetLite
) -> np.ndarray:
    """The whole view's features of ``count`` pictures, in a file; a cut-off run goes on where it stopped."""
    done_path, shape = path.with_suffix(".done"), (count, FEATURES + LAYOUT)
    if (
        not path.is_file() or np.load(path, mmap_mode="r").shape != shape
    ):  # of an older version of this program
        done_path.unlink(missing_ok=True)
        np.save(path, np.zeros(shape, np.float16))
    found = np.load(path, mmap_mode="r+")
    done = int(done_path.read_text()) if done_path.is_file() else 0
    while done < count:
        end = min(done + BLOCK, count)
        batch = torch.stack([views(draw(row), IMAGE_SIZE)[WHOLE_VIEWS - 1] for row in range(done, end)])
        with torch.inference_mode():
            pooled = encoder(batch.contiguous(memory_format=torch.channels_last))[1]
        found[done:end] = torch.cat([pooled, layout(batch)], dim=1).numpy()
        done = end
        found.flush()
        done_path.write_text(str(done))
    return np.asarray(found)
