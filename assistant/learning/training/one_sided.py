"""Ratings that are all of one kind: the base model's own replies to the same prompts are the other side.

Who only gives thumbs up says as much as who gives both: this reply is better than what comes otherwise. So each rated reply
is compared with a few replies that the base model writes to its prompt, as weakly as a reply that was replaced by another.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from assistant import prompt as prompts
from assistant.errors import BadInput
from assistant.generation import batch_decoding
from assistant.learning import feedback
from assistant.learning.feedback import Reply, Signal
from assistant.learning.training.policy import Step, paused
from assistant.records import Sampling

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

NEWEST = 16  # rated replies that are compared
EACH = 3  # replies of the base model to each
MARK = "base of "  # begins the id of a comparison that no user made


def one_sided(signals: Sequence[Signal]) -> bool:
    """Are all the ratings thumbs (or stars) of one side? Pairs and edits bring their other side along."""
    given = [w.advantage for w in feedback.weighted([s for s in signals if s.kind in ("thumb", "stars")])]
    alone = all(s.kind in ("thumb", "stars", "note") for s in signals)
    return alone and bool(given) and (min(given) > 0 or max(given) < 0)


def given_by_user(signal: Signal) -> bool:
    """False for a comparison that was made here."""
    return not signal.id.startswith(MARK)


def against_base(
    model: LoadedModel, signals: Sequence[Signal], tokens: int, seed: int
) -> Generator[Step, None, list[Signal]]:
    """Comparisons of the newest rated replies with the base model's own to the same prompts; those without pictures.

    The style set on the decoder is taken off. Deterministic for a seed. Each comparison is of its rating's conversation, so
    both are held out together.
    """
    model.decoder.set_style(None)
    rated = [s for s in signals if s.kind in ("thumb", "stars") and not any(t.images for t in s.prompt)]
    several = []
    for s in rated[-NEWEST:]:
        try:
            inputs = prompts.sent_again(s.prompt, s.prompt_ids, model, tokens, model.context_length - tokens)
            several.append((s, inputs))
        except BadInput:  # it does not fit this model
            continue
    draw = Sampling(max_tokens=tokens)
    drawing = batch_decoding.sample_together(
        model, [i for _, i in several], [EACH] * len(several), draw, torch.Generator().manual_seed(seed)
    )
    drawn = yield from paused(drawing, Step("preparing", 0, 1, 0.0, 0.0, 60.0))
    up = feedback.weighted([s for s in signals if s.kind in ("thumb", "stars")])[0].advantage > 0
    found = []
    for (s, _), replies in zip(several, drawn, strict=True):
        for number, r in enumerate(replies):
            text = model.tokenizer.decode(r.ids, skip_special_tokens=True)
            if not text.strip() or text.strip() == s.reply.text.strip():
                continue
            own = Reply(
                text, r.ids, r.logprobs[: len(r.ids)], None, "stop" if r.ended else "length",
                end_logprob=r.logprobs[-1] if r.ended else None,
            )  # fmt: skip
            better, worse = (s.reply, own) if up else (own, s.reply)
            found.append(
                replace(
                    s, id=f"{MARK}{s.id} {number}", kind="kept", value=1, reply=better, other=worse,
                    conversation=s.conversation or s.id, reasons=(),
                )
            )  # fmt: skip
    return found
