"""What the frozen encoder sees in the drawings: computed once, kept in a file (resumable, in blocks)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.starter.encoder import EfficientNetLite
from models.starter.train import drawings

BLOCK = 64  # pictures at a time
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
        background = tuple(int(value) for value in np.clip(grey + tint, 0, 255))
        if random.random() < 0.5:
            drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if random.random() < 0.3:
            drawing = drawing.rotate(float(random.uniform(-15, 15)), Image.Resampling.BICUBIC)
    size = max(8, round(side * share))
    drawing = drawing.resize((size, size), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", (side, side), background)
    canvas.paste(drawing, (round((side - size) * left), round((side - size) * top)), drawing)
    return canvas


def pictures() -> list[tuple[int, int]]:
    """(drawing, copy) of every row of the features; copy 0 is the plain one."""
    listed = drawings.load(_folder)
    return [(index, copy) for index, one in enumerate(listed) for copy in range(COPIES[one.part])]


_folder = Path()


def compute(folder: Path, encoder: EfficientNetLite) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 2) int32 of (drawing, copy), and their pooled features (rows, 1280) float16."""
    global _folder
    _folder = folder
    rows = np.array(pictures(), dtype=np.int32)
    path, done_path = folder / "features.npy", folder / "features.done"
    if not path.is_file():
        np.save(path, np.zeros((len(rows), 1280), np.float16))
    features = np.load(path, mmap_mode="r+")
    done = int(done_path.read_text()) if done_path.is_file() else 0
    pixels = drawings.pixels(folder)
    encoder = encoder.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    while done < len(rows):
        block = rows[done : done + BLOCK]
        views = []
        for index, copy in block:
            random = np.random.default_rng((int(index), int(copy)))
            picture = place(pixels[index], random, 224, plain=copy == 0)
            views.append((np.asarray(picture, dtype=np.float32) - 127.0) / 128.0)
        batch = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2)
        with torch.inference_mode():
            features[done : done + len(block)] = encoder(batch)[1].mean(dim=(2, 3)).numpy()
        done += len(block)
        features.flush()
        done_path.write_text(str(done))
    return rows, np.asarray(features)
