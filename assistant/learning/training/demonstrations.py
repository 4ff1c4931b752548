"""Texts of the user's own as demonstrations: each preferred over what the base model writes to the request inferred from it.

DITTO (arXiv 2406.00888) without its iterations: the negatives come from the base model only, which is the reference of an
update anyway, so that they can be kept and serve the next update. The texts themselves are learned from as well (``feedback``).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import torch

from assistant import prompt as prompts
from assistant.errors import BadInput
from assistant.generation import batch_decoding
from assistant.learning.feedback import Reply, Signal
from assistant.learning.training.policy import Step, paused
from assistant.records import Sampling

MOST = 16  # texts for which replies are drawn in one update, the newest first


def beside_base(
    model: Any, signals: Sequence[Signal], tokens: int, seed: int
) -> Generator[Step, None, list[Signal]]:
    """``signals`` with a reply of the base model, of at most ``tokens`` tokens, beside texts that have none yet.

    The style set on the decoder is taken off. Deterministic for a seed.
    """
    model.decoder.set_style(None)
    asked = []
    for s in [s for s in signals if s.kind == "text" and s.other is None][-MOST:]:
        try:
            inputs = prompts.sent_again(s.prompt, (), model, tokens, model.context_length - tokens)
        except BadInput:  # it does not fit this model
            continue
        asked.append((s.id, inputs))
    generator = torch.Generator().manual_seed(seed)
    drawing = batch_decoding.sample_together(
        model, [inputs for _, inputs in asked], [1] * len(asked), Sampling(max_tokens=tokens), generator
    )
    drawn = yield from paused(drawing, Step("preparing", 0, 1, 0.0, 0.0, 60.0))
    own: dict[str, Reply] = {}
    for (id, _), (reply,) in zip(asked, drawn, strict=True):
        text = model.tokenizer.decode(reply.ids, skip_special_tokens=True)
        if text.strip():
            own[id] = Reply(
                text, reply.ids, reply.logprobs[: len(reply.ids)], None, "stop" if reply.ended else "length",
                end_logprob=reply.logprobs[-1] if reply.ended else None,
            )  # fmt: skip
    return [replace(s, other=own[s.id]) if s.id in own else s for s in signals]
