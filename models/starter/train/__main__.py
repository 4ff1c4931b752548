"""Train the starter's connector and its adapter for pictures: one command, from the packages to the weights.

    python -m models.starter.train WORK_FOLDER [--steps N] [--threads N] [--quick]

Needs npm, and of this project's extras the group "training". WORK_FOLDER keeps what was fetched, drawn and computed;
a run that was cut off goes on where it stopped. Writes ``models/perception/weights`` (connector.safetensors, and
recipe.json) and ``models/starter/weights`` (sight.safetensors); the recipe has versions, seeds, hashes of
the data and of the weights. With ``--quick`` every part of it is run on a small share of the data, to see that it runs,
and everything, with weights good for nothing, is left in WORK_FOLDER/quick.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from models.perception import concepts, labels
from models.perception import trained_files as perceived
from models.perception.encoder import EfficientNetLite
from models.perception.encoder_weights import encoder_tensors
from models.starter import checkpoint, convert, sources, trained_files
from models.starter.configuration import StarterConfig
from models.starter.connector import Connector
from models.starter.sources import IMAGE_ENCODER, LANGUAGE_MODEL
from models.starter.train import drawings, features, lessons, low_level, naming, talks, tune

STEPS = 580
QUICK_SCENES, QUICK_EVERY, QUICK_TALKS, QUICK_STEPS = 640, 6, 3, 6
PACKAGES = ("torch", "transformers", "resvg-py", "pillow", "numpy")


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS, help="of the second phase")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a small trial of every part")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    folder: Path = args.folder / "quick" if args.quick else args.folder
    scenes, every, told_most, steps = low_level.PICTURES, 1, talks.COUNT, args.steps
    if args.quick:
        scenes, every, told_most, steps = QUICK_SCENES, QUICK_EVERY, QUICK_TALKS, QUICK_STEPS
    folder.mkdir(parents=True, exist_ok=True)

    gguf = sources.locate(LANGUAGE_MODEL, folder, lambda phase, done, total: None)
    pth = sources.locate(IMAGE_ENCODER, folder, lambda phase, done, total: None)
    sources.check(LANGUAGE_MODEL, gguf)
    sources.check(IMAGE_ENCODER, pth)
    encoder = EfficientNetLite().eval()
    encoder.load_state_dict({k: torch.from_numpy(v) for k, v in encoder_tensors(pth).items()})

    say(f"{len(drawings.load(folder))} drawings")
    rows, pooled = features.compute(folder, encoder, every)
    weight, bias = naming.train(folder, rows, pooled, features.of_scenes(folder, encoder), say)
    in_training = np.array([one.part == "train" for one in drawings.load(folder)])
    glance = _glance(folder, np.asarray(drawings.pixels(folder))[in_training], scenes)

    known = naming.known(folder)
    config = StarterConfig(
        text_config=_text_config(gguf),
        num_kinds=len(labels.kinds()),
        num_drawn=len(known),
        sight_rank=tune.RANK,
        sight_first_layer=tune.FIRST_LAYER,
        sight_projections=tuple(tune.projections()),
    )
    learned = {
        **{f"glance.{name}": tensor for name, tensor in glance.items()},
        "drawn.weight": weight,
        "drawn.bias": bias,
        "drawn_index": torch.tensor([concepts.names().index(name) for name in known]).float(),
    }
    connector, model, tokenizer = _second_phase(config, gguf, learned)

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    told = talks.collect(folder, gguf, _text_config(gguf), encode, tokenizer.decode, told_most)
    teacher = lessons.Teacher(encode, convert.IMAGE_TOKEN_ID, told)
    adapter = tune.train(folder, model, connector, teacher, steps, say)
    into = (folder / "weights",) * 2 if args.quick else (perceived.WEIGHTS, trained_files.WEIGHTS)
    options = "--quick" if args.quick else f"--steps {steps}"
    made = {
        "command": f"python -m models.starter.train WORK_FOLDER {options}",
        "scenes": scenes,
        "steps": steps,
    }
    _write(*into, learned, adapter, config, made)


def _glance(folder: Path, icons: np.ndarray, scenes: int) -> dict[str, Tensor]:
    path = folder / "glance.pt"
    if not path.is_file():
        torch.save(low_level.train(folder, icons, scenes, say).state_dict(), path)
    state: dict[str, Tensor] = torch.load(path, weights_only=True)
    return state


def _text_config(gguf: Path) -> dict[str, Any]:
    return convert.text_config(convert.read_gguf(gguf))


def _second_phase(
    config: StarterConfig, gguf: Path, learned: dict[str, Tensor]
) -> tuple[Connector, Any, Any]:
    """Connector with its word tables, language model, and tokenizer."""
    reader = convert.read_gguf(gguf)
    tensors = {
        name: torch.from_numpy(np.array(make()))
        for name, (_, make) in convert.text_tensors(reader, "").items()
    }
    tokenizer = convert.tokenizer(reader)
    tables = checkpoint.word_tables(tokenizer, tensors["embed_tokens.weight"].numpy())
    connector = Connector(config)
    connector.load_state_dict({**learned, **{k: torch.from_numpy(v) for k, v in tables.items()}})
    connector.eval().requires_grad_(False)
    model = tune.language_model(_text_config(gguf), tensors)
    return connector, model, tokenizer


def _write(
    folder: Path,
    of_adapter: Path,
    learned: dict[str, Tensor],
    adapter: dict[str, Tensor],
    config: StarterConfig,
    made: dict[str, Any],
) -> None:
    folder.mkdir(exist_ok=True)
    connector_file, sight_file = folder / perceived.CONNECTOR, of_adapter / trained_files.SIGHT
    halves = {
        name: (one if name == "drawn_index" else one.half()).contiguous() for name, one in learned.items()
    }
    save_file(halves, connector_file)
    save_file(adapter, sight_file)
    packages = {**drawings.STYLES, "names": drawings.NAMES}
    recipe = {
        **made,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "data": {f"{one.name} {one.version}": {"sha256": one.sha256, "licence": one.licence} for one in packages.values()},
        "sources": {one.project: one.sha256 for one in (LANGUAGE_MODEL, IMAGE_ENCODER)},
        "seeds": {"low level": low_level.SEED, "naming": naming.SEED, "talks": talks.SEED, "second phase": tune.SEED},
        "concepts": hashlib.sha256("\n".join(concepts.names()).encode()).hexdigest(),
        "sizes": {
            "num_drawn": config.num_drawn,
            "sight_rank": config.sight_rank,
            "sight_first_layer": config.sight_first_layer,
            "sight_projections": list(config.sight_projections),
        },
        "files": {path.name: sources.sha256_of(path) for path in (connector_file, sight_file)},
    }  # fmt: skip
    (folder / perceived.RECIPE).write_text(convert.pretty(recipe), encoding="utf-8")
    say(f"wrote {folder}")


if __name__ == "__main__":
    main()
