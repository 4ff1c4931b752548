"""What each kind of weights costs in quality: perplexity on a fixed text, and how far the next-token choice moves.

    python tests/benchmarks/quality.py MODEL_FOLDER [--write docs/performance.md]

The text is the beginning of "Alice's Adventures in Wonderland" (public domain, tests/data/alice.txt). Every kind is
compared with the native decoder's own float32: perplexity, mean KL(float32 || kind) in nats per token, and the share of
positions whose likeliest token is the same. transformers' float32 is a row of its own, as the check on that reference.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path
from typing import Any

import torch
from docs_section import write_section
from torch import Tensor

ROOT = Path(__file__).resolve().parents[2]
TEXT = ROOT / "tests" / "data" / "alice.txt"
KINDS = ("float32", "bfloat16", "int8", "int4")


def log_probabilities(model: Any, ids: Tensor) -> Tensor:
    """``ids`` (1, n) -> (n - 1, vocab) log-probabilities of what follows each token but the last."""
    decoder = model.decoder
    return decoder.forward(decoder.new_cache(), ids, all_logits=True)[0, :-1].log_softmax(-1)


def reference(model: Any, ids: Tensor) -> Tensor:
    """The same by transformers' own forward pass in float32."""
    with torch.inference_mode():
        logits = model.module()(input_ids=ids, use_cache=False).logits[0, :-1].float()
    model.release_module()
    return logits.log_softmax(-1)


def row(name: str, log: Tensor, exact: Tensor, ids: Tensor, size: int) -> str:
    loss = -log.gather(-1, ids[0, 1:, None]).mean()
    kl = (exact.exp() * (exact - log)).sum(-1).mean()
    same = (log.argmax(-1) == exact.argmax(-1)).float().mean()
    megabytes = f"{size / 1e6:.0f} MB" if size else ""
    return f"| {name} | {loss.exp():.2f} | {max(kl, 0.0):.5f} | {100 * same:.1f} % | {megabytes} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    from models.loader import load

    exact: Tensor | None = None
    ids = torch.empty(0)
    lines = ["| weights | perplexity | KL from float32, nats per token | same likeliest token | size |"]
    lines.append("|---|---|---|---|---|")
    for kind in KINDS:
        model = load(arguments.folder, model_id="starter", quantization=kind)
        if exact is None:
            text = TEXT.read_text(encoding="utf-8")
            ids = torch.tensor([model.tokenizer(text, add_special_tokens=False)["input_ids"]])
            exact = log_probabilities(model, ids)
            lines.append(row("float32, transformers", reference(model, ids), exact, ids, 0))
        log = log_probabilities(model, ids)
        lines.append(row(f"{kind}, {model.decoder.name}", log, exact, ids, model.decoder.weight_bytes))
        del model, log
        gc.collect()
    lines += ["", f"{ids.shape[1]} tokens."]
    print("\n".join(lines))
    if arguments.write:
        write_section(arguments.write, "quality", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main())
