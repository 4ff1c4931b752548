"""What makes learning on a CPU affordable: record a batch once, then run only the layers that are trained.

The lower layers are frozen, so what enters the first trained layer never changes: it is recorded once for each batch,
with the arguments each upper layer was called with (masks, rotary tables). A step then costs (upper layers) / (all
layers). The output layer is restricted to a shortlist: the base model's likeliest tokens at the recorded positions and
the replies' own; the probability of all other tokens together is held at the base model's. For a vocabulary of 49,152
and a shortlist of 5,000 that is a tenth of the cost, and an error of the order of the base's mass outside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assistant.learning import bfloat16
from assistant.learning.lora import decoder_layers

LIKELIEST = 32  # tokens of the base model kept at each position


@dataclass(frozen=True, slots=True)
class Taught:
    """What a teacher would have written at each position of a reply: its likeliest tokens, with log-probabilities.

    All of the rest of the vocabulary has what is left to one.
    """

    ids: Tensor  # (T, k)
    logprob: Tensor  # (T, k)

    def __getitem__(self, part: slice) -> Taught:
        return Taught(self.ids[part], self.logprob[part])


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt and a reply (end token included where it was written). ``embeds`` (1, n, hidden) replaces prompt ids."""

    prompt: tuple[int, ...]
    reply: tuple[int, ...]
    embeds: Tensor | None = None
    taught: Taught | None = None


@dataclass(slots=True)
class Recorded:
    """A batch, ready to be replayed. T: reply positions of all rows, one after the other."""

    hidden: Tensor  # (rows, n, hidden), enters the first upper layer
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]]  # further arguments of each upper layer
    row_of: Tensor  # (T,) which row a position belongs to
    column: Tensor  # (T,) whose hidden state predicts it
    token: Tensor  # (T,) what was written there
    base_hidden: Tensor  # (T, hidden) after the base model's last norm
    base_top: Tensor  # (T, LIKELIEST) ids
    base_logprob: Tensor  # (T,) of the written token, whole vocabulary
    base_z: Tensor  # (T,) log-sum-exp over the whole vocabulary
    base_rest: Tensor | None = None  # (T,) log of the summed exp-logits outside the shortlist
    base_short: Tensor | None = None  # (T, shortlist) base log-probabilities, float16
    token_short: Tensor | None = None  # (T,) index of the written token in the shortlist
    taught: Taught | None = None  # of the rows that have a teacher, one after the other: (T', k)
    taught_at: Tensor | None = None  # (T',) their positions among the T
    taught_short: Tensor | None = None  # (T', k) indices of the teacher's tokens in the shortlist


class Trunk:
    """A causal language model cut in two below its ``top`` last layers."""

    def __init__(self, module: Any, top: int) -> None:
        self.module = module
        self.path, layers = decoder_layers(module)
        self.upper: list[nn.Module] = list(layers[max(0, len(layers) - top) :])
        owner: Any = module.get_submodule(self.path.rpartition(".")[0])
        names = ("norm", "final_layernorm", "ln_f")  # as the families call it
        self.norm: nn.Module = next(getattr(owner, name) for name in names if hasattr(owner, name))
        self.head: nn.Linear = module.get_output_embeddings()
        text = module.config.get_text_config() if hasattr(module.config, "get_text_config") else module.config
        self.softcap = getattr(text, "final_logit_softcapping", None)
        self.divide = float(getattr(text, "logits_scaling", 1.0) or 1.0)
        weight = self.head.weight
        self.fast = weight.dtype == torch.float32 and bfloat16.pays(weight.shape[1], weight.device)
        self.shortlist: Tensor = torch.zeros(0, dtype=torch.long)  # (m,) ids
        self._short_weight: Tensor = torch.zeros(0)
        self._short_bias: Tensor | None = None

    @property
    def hidden_size(self) -> int:
        return int(self.head.weight.shape[1])

    @property
    def device(self) -> torch.device:
        return self.head.weight.device

    def _finish(self, logits: Tensor) -> Tensor:
        logits = logits / self.divide if self.divide != 1.0 else logits
        return torch.tanh(logits / self.softcap) * self.softcap if self.softcap else logits

    @torch.no_grad()
    def record(self, rows: Sequence[Row]) -> Recorded:
        """Run the base model once over a batch (the adapter must be off). Rows are padded on the right."""
        embed = self.module.get_input_embeddings()
        pieces = []
        for row in rows:
            reply = embed(torch.tensor([row.reply], device=self.device))
            prompt = (
                row.embeds
                if row.embeds is not None
                else embed(torch.tensor([row.prompt], device=self.device))
            )
            pieces.append(torch.cat([prompt.to(reply), reply], 1)[0])
        longest = max(len(p) for p in pieces)
        inputs = torch.stack([nn.functional.pad(p, (0, 0, 0, longest - len(p))) for p in pieces])
        calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        entered: list[Tensor] = []
        normed: list[Tensor] = []

        def at_layer(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            torch.set_autocast_enabled("cpu", False)  # the trained layers are recorded as they are replayed
            kwargs = {k: v for k, v in kwargs.items() if k not in ("past_key_values", "past_key_value")}
            if args:
                entered.append(args[0])
                args = args[1:]
            else:
                entered.append(kwargs.pop("hidden_states"))
            calls.append((args, kwargs))

        hooks = [layer.register_forward_pre_hook(at_layer, with_kwargs=True) for layer in self.upper]
        hooks.append(self.norm.register_forward_hook(lambda _m, _a, out: normed.append(out)))
        try:
            # A tensor, not the number 1: for that, families whose last layers share keys drop all other positions early.
            last = torch.tensor([longest - 1], device=inputs.device)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.fast, cache_enabled=False):
                self.module(inputs_embeds=inputs, use_cache=False, logits_to_keep=last)
        finally:
            for hook in hooks:
                hook.remove()
        row_of: list[int] = []
        column: list[int] = []
        token: list[int] = []
        for k, row in enumerate(rows):
            start = len(pieces[k]) - len(row.reply)
            row_of += [k] * len(row.reply)
            column += range(start - 1, start - 1 + len(row.reply))
            token += row.reply
        rows_t, column_t = torch.tensor(row_of), torch.tensor(column)
        token_t = torch.tensor(token, device=self.device)
        final = normed[0][rows_t, column_t]
        top, logprob, whole = [], [], []
        for part, tokens in zip(final.split(256), token_t.split(256), strict=True):
            logits = self._finish(self.head(part).float())
            top.append(logits.topk(min(LIKELIEST, logits.shape[-1]), -1).indices)
            whole.append(logits.logsumexp(-1))
            logprob.append(logits.gather(-1, tokens[:, None])[:, 0] - whole[-1])
        recorded = Recorded(
            entered[0], calls, rows_t, column_t, token_t, final, torch.cat(top), torch.cat(logprob),
            torch.cat(whole),
        )  # fmt: skip
        taught = [(k, row.taught) for k, row in enumerate(rows) if row.taught is not None]
        if taught:
            recorded.taught = Taught(
                torch.cat([t.ids for _, t in taught]).to(self.device),
                torch.cat([t.logprob for _, t in taught]).to(self.device),
            )
            which = torch.tensor([k for k, _ in taught])
            recorded.taught_at = torch.isin(rows_t, which).nonzero()[:, 0]
        return recorded

    @torch.no_grad()
    def set_shortlist(self, batches: Sequence[Recorded], extra: Sequence[int] = ()) -> None:
        """Choose the shortlist for these batches, and note the base model's view of it."""
        found = [torch.cat([b.base_top.flatten(), b.token]) for b in batches]
        found += [b.taught.ids.flatten().to(found[0]) for b in batches if b.taught is not None]
        ids = torch.cat(found)
        self.shortlist = torch.unique(
            torch.cat([ids, torch.tensor(list(extra), dtype=ids.dtype, device=ids.device)])
        )
        self._short_weight = self.head.weight[self.shortlist].float()
        self._short_bias = None if self.head.bias is None else self.head.bias[self.shortlist].float()
        for batch in batches:
            rest, short = [], []
            for part, z in zip(batch.base_hidden.split(256), batch.base_z.split(256), strict=True):
                inside = self._finish(
                    nn.functional.linear(part.float(), self._short_weight, self._short_bias)
                )
                outside = (1.0 - (inside.logsumexp(-1) - z).exp()).clamp(min=1e-7)
                rest.append(z + outside.log())
                short.append((inside - z[:, None]).half())
            batch.base_rest, batch.base_short = torch.cat(rest), torch.cat(short)
            batch.token_short = torch.searchsorted(self.shortlist, batch.token)
            if batch.taught is not None:
                batch.taught_short = torch.searchsorted(self.shortlist, batch.taught.ids.to(self.shortlist))

    def replay(self, batch: Recorded) -> Tensor:
        """Log-probabilities over the shortlist at every reply position: (T, shortlist), with gradient."""
        hidden = batch.hidden
        for layer, (args, kwargs) in zip(self.upper, batch.calls, strict=True):
            out = layer(hidden, *args, **kwargs)
            hidden = out[0] if isinstance(out, tuple) else out
        final = self.norm(hidden[batch.row_of, batch.column]).float()
        with torch.autocast(final.device.type, enabled=False):
            logits = self._finish(nn.functional.linear(final, self._short_weight, self._short_bias))
        assert batch.base_rest is not None
        z = torch.logaddexp(logits.logsumexp(-1), batch.base_rest)
        return logits - z[:, None]
