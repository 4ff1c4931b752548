"""What makes learning on a CPU affordable: record a batch once, then run only the layers that are trained.

The lower layers are frozen, so what enters the first trained layer never changes: it is recorded once for each batch. A
step then costs (upper layers) / (all layers). The output layer is restricted to a shortlist: the base model's likeliest
tokens at the recorded positions and the replies' own; the probability of all other tokens together is held at the base
model's. For a vocabulary of 49,152 and a shortlist of 5,000 that is a tenth of the cost, and an error of the order of the
base's mass outside it.

``Trunk`` cuts a model of transformers; ``packed_trunk`` lets a fast decoder run what is frozen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assistant.generation.batch_decoding import Taught
from assistant.learning.training import precision
from assistant.learning.training.lora import decoder_layers

LIKELIEST = 32  # tokens of the base model kept at each position
AT_ONCE = 16_000_000  # logits that are looked at together
LEAST_LEFT = (
    1e-3  # of the probability of all but the likeliest tokens, that is outside the shortlist at the least
)


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt and a reply (end token included where it was written). ``embeds`` (1, n, hidden) replaces prompt ids."""

    prompt: tuple[int, ...]
    reply: tuple[int, ...]
    embeds: Tensor | None = None
    taught: Taught | None = None


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The tokens that the output layer is restricted to, ascending, with their rows of it."""

    ids: Tensor  # (m,)
    weight: Tensor  # (m, hidden) float32
    bias: Tensor | None  # (m,)


@dataclass(slots=True)
class Recorded:
    """A batch, ready to be replayed. T: reply positions of all rows, one after the other."""

    entered: Any  # what enters the first upper layer, in the form of the trunk that recorded it
    row_of: Tensor  # (T,) which row a position belongs to
    token: Tensor  # (T,) what was written there
    base_hidden: Tensor  # (T, hidden) after the base model's last norm, float32
    base_top: Tensor  # (T, LIKELIEST) ids
    base_others: Tensor  # (T,) log of the summed exp-logits of all other tokens
    base_logprob: Tensor  # (T,) of the written token, whole vocabulary
    shortlist: Shortlist | None = None
    base_rest: Tensor | None = None  # (T,) log of the summed exp-logits outside the shortlist
    base_short: Tensor | None = None  # (T, shortlist) base log-probabilities, float16
    base_left: Tensor | None = None  # (T,) log-probability of all tokens outside the shortlist under the base
    token_short: Tensor | None = None  # (T,) index of the written token in the shortlist
    taught: Taught | None = None  # of the rows that have a teacher, one after the other: (T', k)
    taught_at: Tensor | None = None  # (T',) their positions among the T
    taught_short: Tensor | None = None  # (T', k) indices of the teacher's tokens in the shortlist


class Cut(ABC):
    """A causal language model cut in two below its last layers. ``module`` has the layers that an adapter goes on."""

    module: Any
    device: torch.device
    hidden_size: int
    vocabulary: int

    @abstractmethod
    def record(self, rows: Sequence[Row]) -> Recorded:
        """Run the base model once over a batch (the adapter must be off)."""

    @abstractmethod
    def _final(self, batch: Recorded) -> Tensor:
        """The hidden states (T, hidden) that predict each token, after the last norm; with gradient."""

    @abstractmethod
    def _head_rows(self, ids: Tensor) -> tuple[Tensor, Tensor | None]:
        """Rows (m, hidden) of the output layer, float32, and their biases."""

    @abstractmethod
    def _finish(self, logits: Tensor) -> Tensor:
        """What the model does to the products of its output layer."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and caches."""

    def _recorded(
        self,
        rows: Sequence[Row],
        entered: Any,
        base_hidden: Tensor,
        logits: Callable[[slice], Tensor],
    ) -> Recorded:
        """The base model's view of a batch. ``logits``: of some of the T positions, whole vocabulary."""
        row_of = torch.tensor([k for k, row in enumerate(rows) for _ in row.reply])
        token = torch.tensor([t for row in rows for t in row.reply], device=self.device)
        top, others, logprob = [], [], []
        step = max(16, AT_ONCE // self.vocabulary)
        for start in range(0, len(token), step):
            part = slice(start, start + step)
            found = logits(part)
            best = found.topk(min(LIKELIEST, found.shape[-1]), -1)
            written = found.gather(-1, token[part, None])[:, 0]
            z = found.logsumexp(-1)
            inside = (best.values.logsumexp(-1) - z).exp()
            top.append(best.indices)
            others.append(z + (1.0 - inside).clamp(min=1e-7).log())
            logprob.append(written - z)
        recorded = Recorded(
            entered, row_of, token, base_hidden, torch.cat(top), torch.cat(others), torch.cat(logprob)
        )
        taught = [(k, row.taught) for k, row in enumerate(rows) if row.taught is not None]
        if taught:
            recorded.taught = Taught(
                torch.cat([t.ids for _, t in taught]).to(self.device),
                torch.cat([t.logprob for _, t in taught]).to(self.device),
            )
            which = torch.tensor([k for k, _ in taught])
            recorded.taught_at = torch.isin(row_of, which).nonzero()[:, 0]
        return recorded

    @torch.no_grad()
    def set_shortlist(self, batches: Sequence[Recorded], extra: Sequence[int] = ()) -> None:
        """Choose the shortlist for these batches, and note the base model's view of it."""
        found = [torch.cat([b.base_top.flatten(), b.token]) for b in batches]
        found += [b.taught.ids.flatten().to(found[0]) for b in batches if b.taught is not None]
        known = [
            id for id in extra if 0 <= id < self.vocabulary
        ]  # a tokenizer may have more ends than the model
        ids = torch.unique(torch.cat([*found, torch.tensor(known).to(found[0])]))
        shortlist = Shortlist(ids, *self._head_rows(ids))
        for batch in batches:
            batch.shortlist = shortlist
            batch.token_short = torch.searchsorted(ids, batch.token)
            rest, short, left_over, logprob = [], [], [], []
            step = max(16, AT_ONCE // (8 * len(ids)))
            for start in range(0, len(batch.token), step):
                part = slice(start, start + step)
                inside = self._short_logits(batch.base_hidden[part], shortlist)
                # Of all but the likeliest, what is in the shortlist after all.
                further = inside.scatter(-1, torch.searchsorted(ids, batch.base_top[part]), float("-inf"))
                others = batch.base_others[part]
                left = (1.0 - (further.logsumexp(-1) - others).exp()).clamp(min=LEAST_LEFT)
                rest.append(others + left.log())
                z = torch.logaddexp(inside.logsumexp(-1), rest[-1])
                short.append((inside - z[:, None]).half())
                left_over.append(rest[-1] - z)
                written = inside.gather(-1, batch.token_short[part, None])[:, 0]
                logprob.append(written - z)
            batch.base_rest, batch.base_short = torch.cat(rest), torch.cat(short)
            batch.base_logprob, batch.base_left = torch.cat(logprob), torch.cat(left_over)
            if batch.taught is not None:
                batch.taught_short = torch.searchsorted(ids, batch.taught.ids.to(ids))

    def _short_logits(self, hidden: Tensor, shortlist: Shortlist) -> Tensor:
        return self._finish(nn.functional.linear(hidden, shortlist.weight, shortlist.bias))

    def replay(self, batch: Recorded) -> Tensor:
        """Log-probabilities over the shortlist at every reply position: (T, shortlist), with gradient."""
        assert batch.shortlist is not None and batch.base_rest is not None
        final = self._final(batch).float()
        with torch.autocast(final.device.type, enabled=False):
            logits = self._short_logits(final, batch.shortlist)
        z = torch.logaddexp(logits.logsumexp(-1), batch.base_rest)
        return logits - z[:, None]


@dataclass(slots=True)
class _Padded:
    """A batch of rows as transformers reads it, padded on the right."""

    hidden: Tensor  # (rows, n, hidden), enters the first upper layer
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]]  # further arguments of each upper layer
    row_of: Tensor  # (T,)
    column: Tensor  # (T,) whose hidden state predicts a position's token


class Trunk(Cut):
    """A model of transformers; the layers' own arguments (masks, rotary tables) are recorded with what enters them."""

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
        self.vocabulary, self.hidden_size = (int(size) for size in weight.shape)
        self.device = weight.device
        self.fast = weight.dtype == torch.float32 and precision.pays(weight.shape[1], weight.device)

    def close(self) -> None:
        """Nothing is open."""

    def _finish(self, logits: Tensor) -> Tensor:
        logits = logits / self.divide if self.divide != 1.0 else logits
        return torch.tanh(logits / self.softcap) * self.softcap if self.softcap else logits

    @torch.no_grad()
    def record(self, rows: Sequence[Row]) -> Recorded:
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
        for k, row in enumerate(rows):
            start = len(pieces[k]) - len(row.reply)
            row_of += [k] * len(row.reply)
            column += range(start - 1, start - 1 + len(row.reply))
        padded = _Padded(entered[0], calls, torch.tensor(row_of), torch.tensor(column))
        final = normed[0][padded.row_of, padded.column]
        logits = lambda part: self._finish(self.head(final[part]).float())  # noqa: E731
        return self._recorded(rows, padded, final.float(), logits)

    def _head_rows(self, ids: Tensor) -> tuple[Tensor, Tensor | None]:
        bias = self.head.bias
        return self.head.weight[ids].float(), None if bias is None else bias[ids].float()

    def _final(self, batch: Recorded) -> Tensor:
        padded: _Padded = batch.entered
        hidden = padded.hidden
        for layer, (args, kwargs) in zip(self.upper, padded.calls, strict=True):
            out = layer(hidden, *args, **kwargs)
            hidden = out[0] if isinstance(out, tuple) else out
        final: Tensor = self.norm(hidden[padded.row_of, padded.column])
        return final
