"""A trunk on a fast decoder: it runs the frozen layers and the output layer from its own weights; only the trained layers
are built in torch (``models.decoders.top_layers``).

Replies to one prompt share it: it is read once, its cache is forked for the replies, and the trained layers see it once in
each batch. Nothing is padded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from assistant.learning.training.cached_layers import Cut, Recorded, Row, Trunk
from assistant.learning.training.lora import decoder_layers
from models.decoders.top_layers import Packing, Text, TopLayers

if TYPE_CHECKING:
    from models.decoders.decoder import Cache
    from models.loaded_model import LoadedModel

KEPT_PROMPTS = 16  # whose caches are kept: the next batch often has replies to the same ones
ROWS = 8  # replies that are read in one pass
_Key = tuple[int, ...] | int


@dataclass(frozen=True, slots=True)
class _Packed:
    """A batch of texts as ``TopLayers`` reads it."""

    hidden: Tensor  # (tokens, hidden), enters the first of these layers
    packing: Packing
    at: Tensor  # (T,) whose hidden state predicts each token of the replies


@dataclass(frozen=True, slots=True)
class _Prompt:
    cache: Cache
    residual: Tensor  # (prompt, hidden)


class PackedTrunk(Cut):
    """See ``trunk.Cut``. ``model`` is a LoadedModel with a fast decoder."""

    def __init__(self, model: LoadedModel, top: int) -> None:
        self._open = ExitStack()
        self._decoder = model.decoder
        self._source = self._open.enter_context(model.weights())
        self.module: TopLayers = model.top_layers(self._source, top, _layers_path(model))
        self.hidden_size, self.vocabulary = self.module.config.hidden, self.module.config.vocab
        self.device = self.module.device
        self._prompts: OrderedDict[_Key, _Prompt] = OrderedDict()

    def close(self) -> None:
        self._prompts.clear()
        self._open.close()

    @torch.no_grad()
    def record(self, rows: Sequence[Row]) -> Recorded:
        groups: dict[_Key, list[int]] = {}
        for k, row in enumerate(rows):
            groups.setdefault(_key(row), []).append(k)
        texts, parts, at = [], [], [torch.zeros(0, dtype=torch.long)] * len(rows)
        end = 0
        for key, numbers in groups.items():
            prompt = self._read(key, rows[numbers[0]])
            found = self._follow(prompt.cache, [rows[k].reply[:-1] for k in numbers])
            length = len(prompt.residual)
            texts.append(Text(length, tuple(len(f) for f in found), rows[numbers[0]].embeds is not None))
            parts += [prompt.residual, *found]
            last, end = end + length - 1, end + length
            for k, residual in zip(numbers, found, strict=True):
                at[k] = torch.tensor([last, *range(end, end + len(residual))])
                end += len(residual)
        hidden = torch.cat(parts).to(self.device)
        packed = _Packed(hidden, self.module.pack(texts), torch.cat(at).to(self.device))
        final = self.module(hidden, packed.packing)[packed.at]
        return self._recorded(
            rows,
            packed,
            self.module.norm(final),
            lambda part: self._decoder.logits_of(final[part]),
        )

    def _read(self, key: _Key, row: Row) -> _Prompt:
        """The prompt of a row, through the frozen layers."""
        known = self._prompts.pop(key, None)
        if known is None:
            ids = (
                torch.tensor([row.prompt]) if row.embeds is None else torch.zeros(row.embeds.shape[:2]).long()
            )
            cache = self._decoder.new_cache(1, ids.shape[1])
            residual = self._decoder.lower(cache, ids, row.embeds, layers=self.module.first)[0]
            known = _Prompt(cache, residual)
        self._prompts[key] = known
        while len(self._prompts) > KEPT_PROMPTS:
            self._prompts.popitem(last=False)
        return known

    def _follow(self, cache: Cache, replies: Sequence[tuple[int, ...]]) -> list[Tensor]:
        """What replies to the prompt in ``cache`` become in the frozen layers: (tokens, hidden) each."""
        found = [torch.zeros(0, self.hidden_size)] * len(replies)
        order = sorted((k for k, ids in enumerate(replies) if ids), key=lambda k: len(replies[k]))
        for start in range(0, len(order), ROWS):
            part = order[start : start + ROWS]
            longest = len(replies[part[-1]])
            padded = torch.tensor(
                [[*replies[k], *(replies[k][-1:] * (longest - len(replies[k])))] for k in part]
            )
            residual = self._decoder.lower(cache.fork(len(part)), padded, layers=self.module.first).cpu()
            for k, row in zip(part, residual, strict=True):
                found[k] = row[: len(replies[k])].clone()
        return found

    def _head_rows(self, ids: Tensor) -> tuple[Tensor, Tensor | None]:
        tied = self.module.config.tied
        weight = self._source.rows("embed_tokens" if tied else "lm_head", ids.cpu())
        bias = None if tied else self._source.vector("lm_head.bias")
        return weight.to(self.device), None if bias is None else bias[ids.cpu()].to(self.device)

    def _finish(self, logits: Tensor) -> Tensor:
        cap = self.module.config.logit_softcap
        return torch.tanh(logits / cap) * cap if cap else logits

    def _final(self, batch: Recorded) -> Tensor:
        packed: _Packed = batch.entered
        return self.module.norm(self.module(packed.hidden, packed.packing)[packed.at])


def trunk_of(model: LoadedModel, top: int) -> Cut:
    """The model cut below its ``top`` last layers, in the way that suits its decoder."""
    return PackedTrunk(model, top) if model.learns_on_top else Trunk(model.module(), top)


def _key(row: Row) -> _Key:
    return row.prompt if row.embeds is None else id(row.embeds)


def _layers_path(model: LoadedModel) -> str:
    """Where transformers has the language model's layers: what an adapter's tensors are called by."""
    return model.layers_path or decoder_layers(model.empty_module())[0]
