"""The second phase: the language model, frozen but for a low-rank adapter, learns to read the image tokens.

The adapter (LoRA, Hu et al., arXiv 2106.09685) works only while a picture is in the conversation. Weights are kept in
bfloat16, what is trained in float32. A cut-off run goes on from its last checkpoint.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaModel

from models.perception.evidence import stack
from models.starter.connector import Connector
from models.starter.train.lessons import IGNORE, Lesson, Teacher, batch
from models.starter.vision_adapter import key

RANK = 8
ALPHA = 16.0
FIRST_LAYER = 6  # below it nothing is trained, and no gradient need go there
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "down_proj")
MLP = ("gate_proj", "up_proj", "down_proj")
RATE = 1.2e-3
ROWS = 4  # lessons a step
WARM_UP = 30
# After the steps a finish of this share of them, at this share of RATE: half of its lessons are about places, which were
# told worst without it.
FINISH, FINISH_RATE = 0.15, 0.4
CLIP = 1.0
SEED = 3
KEEP_EVERY = 25  # steps between checkpoints


class LowRankLinear(nn.Module):
    """A frozen linear map with a trained low-rank product beside it."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.weight = base.weight
        self.a = nn.Parameter(torch.empty(RANK, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        low = F.linear(x, self.a.to(x.dtype) * (ALPHA / RANK))
        return F.linear(x, self.weight) + F.linear(low, self.b.to(x.dtype))


def projections() -> list[str]:
    """PROJECTIONS with the block they lie in, as ``models.starter.vision_adapter`` names them."""
    return [f"{'mlp' if name in MLP else 'self_attn'}.{name}" for name in PROJECTIONS]


def adapt(model: LlamaModel) -> dict[str, nn.Parameter]:
    """Put adapters beside PROJECTIONS of the layers from FIRST_LAYER on; their parameters as ``sight`` names them."""
    torch.manual_seed(SEED)
    trained: dict[str, nn.Parameter] = {}
    for index, layer in list(enumerate(model.layers))[FIRST_LAYER:]:
        for part in ("self_attn", "mlp"):
            block = getattr(layer, part)
            for name, child in list(block.named_children()):
                if name in PROJECTIONS:
                    adapted = LowRankLinear(child)
                    setattr(block, name, adapted)
                    trained[key(index, f"{part}.{name}", "a")] = adapted.a
                    trained[key(index, f"{part}.{name}", "b")] = adapted.b
    return trained


def language_model(config: dict[str, Any], tensors: dict[str, Tensor]) -> LlamaModel:
    """SmolLM2 in bfloat16, frozen; plain attention, which is quicker here than the fused one with a mask."""
    with torch.device("meta"):
        model = LlamaModel(LlamaConfig(**{**config, "attn_implementation": "eager"}))
    model.load_state_dict({name: one.to(torch.bfloat16) for name, one in tensors.items()}, assign=True)
    model.rotary_emb = type(model.rotary_emb)(model.config)  # its table is no weight
    return model.requires_grad_(False)


def forward(
    model: LlamaModel, connector: Connector, lessons: list[Lesson], image_id: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (answer tokens, vocab), their targets and which lesson and branch each belongs to (answer tokens, 2)."""
    data = batch(lessons)
    embeds = model.embed_tokens(data["ids"])
    order = torch.tensor([place for one in lessons for place in range(len(one.pictures))])
    tokens = connector.tokens(stack([picture for one in lessons for picture in one.pictures]), order)
    at = (data["ids"] == image_id).unsqueeze(-1)
    embeds = embeds.masked_scatter(at, tokens.to(embeds.dtype))
    mask = torch.zeros(data["mask"].shape, dtype=embeds.dtype)
    mask.masked_fill_(~data["mask"], torch.finfo(embeds.dtype).min)
    hidden = model(
        inputs_embeds=embeds, attention_mask=mask, position_ids=data["positions"], use_cache=False
    ).last_hidden_state
    targets = data["targets"][:, 1:]
    asked = targets != IGNORE
    where = asked.nonzero()
    logits = F.linear(hidden[:, :-1][asked], model.embed_tokens.weight).float()
    branch = torch.tensor([lessons[int(row)].branch[int(at) + 1] for row, at in where])
    return logits, targets[asked], torch.stack([where[:, 0], branch], 1)


@torch.no_grad()
def check(
    model: LlamaModel, connector: Connector, lessons: list[Lesson], image_id: int
) -> tuple[float, float]:
    """Mean loss and the share of branches whose every answer token comes first (with the true beginning given)."""
    losses, right, whole = [], 0, 0
    for start in range(0, len(lessons), ROWS):
        logits, targets, where = forward(model, connector, lessons[start : start + ROWS], image_id)
        losses.append(float(F.cross_entropy(logits, targets)))
        hit = logits.argmax(1) == targets
        for pair in {tuple(pair) for pair in where.tolist()}:
            mine = (where == torch.tensor(pair)).all(1)
            whole += 1
            right += bool(hit[mine].all())
    return float(np.mean(losses)), right / max(1, whole)


def rate(step: int, steps: int) -> float:
    """The learning rate as a share of RATE: a warm-up and half a cosine, and a smaller one for the finish."""
    if step < steps:
        return max(0.02, min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps)))
    through = (step - steps) / max(1.0, steps * FINISH)
    return max(0.02, FINISH_RATE * 0.5 * (1 + math.cos(math.pi * through)))


def train(
    folder: Path,
    model: LlamaModel,
    connector: Connector,
    teacher: Teacher,
    steps: int,
    say: Callable[[str], None] = print,
) -> dict[str, Tensor]:
    """The adapter's tensors, float16, as ``models.starter.vision_adapter`` names and scales them."""
    trained = adapt(model)
    optimizer = torch.optim.AdamW(trained.values(), RATE, betas=(0.9, 0.98), weight_decay=0.0)
    checks = [teacher.lesson(np.random.default_rng((SEED, 1, k))) for k in range(24)]
    first = _resume(folder, trained, optimizer)
    began, losses = time.monotonic(), []
    last = steps + round(steps * FINISH)
    for step in range(first, last):
        for group in optimizer.param_groups:
            group["lr"] = RATE * rate(step, steps)
        at_end = step >= steps
        lessons = [
            teacher.lesson(np.random.default_rng((SEED, 0, step, row)), places=at_end and row < ROWS // 2)
            for row in range(ROWS)
        ]
        logits, targets, _ = forward(model, connector, lessons, teacher.image_id)
        loss = F.cross_entropy(logits, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(list(trained.values()), CLIP)
        optimizer.step()
        losses.append(float(loss.detach()))
        if (step + 1) % 10 == 0:
            pace = (time.monotonic() - began) / (step + 1 - first)
            say(f"step {step + 1} of {last}: loss {np.mean(losses[-10:]):.3f}, {pace:.2f} s a step")
        if (step + 1) % KEEP_EVERY == 0 or step + 1 in (steps, last):
            _keep(folder, step + 1, trained, optimizer)
        if (step + 1) % 100 == 0 or step + 1 in (steps, last):
            mean, right = check(model, connector, checks, teacher.image_id)
            say(f"step {step + 1}: on unseen lessons loss {mean:.3f}, {right:.1%} answers whole")
    return {
        name: (one.detach() * (ALPHA / RANK if name.endswith("-b") else 1.0)).half().contiguous()
        for name, one in trained.items()
    }


def _keep(
    folder: Path, step: int, trained: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    part = folder / "tune.part.safetensors"
    save_file({name: one.detach() for name, one in trained.items()}, part, {"step": str(step)})
    torch.save(optimizer.state_dict(), folder / "tune.optimizer.pt")
    part.replace(folder / "tune.safetensors")
    (folder / "tune.json").write_text(json.dumps({"step": step}))


def _resume(folder: Path, trained: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> int:
    path = folder / "tune.safetensors"
    if not path.is_file():
        return 0
    tensors = load_file(path)
    with torch.no_grad():
        for name, tensor in tensors.items():
            trained[name].copy_(tensor)
    optimizer.load_state_dict(torch.load(folder / "tune.optimizer.pt", weights_only=True))
    return int(json.loads((folder / "tune.json").read_text())["step"])
