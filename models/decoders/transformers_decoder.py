"""The decoder interface on any transformers model: slower than the fast path, but right for every family."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from models.errors import ModelRefused

_ADAPTER = "style"


class TransformersCache:
    """A key-value cache of transformers with its length in tokens.

    ``positions`` is how far positions run ahead of tokens, (batch, 1): families with positions in two dimensions keep
    that on the model itself, where it would be another conversation's by the next call.
    """

    def __init__(self, cache: DynamicCache, batch: int, positions: Tensor | None = None) -> None:
        self.cache = cache
        self.batch = batch
        self.positions = positions

    @property
    def length(self) -> int:
        return int(self.cache.get_seq_length())

    def truncate(self, length: int) -> None:
        """Forget everything from token ``length`` on. Raises ValueError when the model's cache cannot do that."""
        if length < self.length:
            if not can_truncate(self.cache):
                raise ValueError("this model's cache cannot be cut back")
            self.cache.crop(length - self.length)  # what crop takes is negative: how many to remove

    def fork(self, batch: int) -> TransformersCache:
        """A copy whose one sequence is repeated ``batch`` times; this cache stays as it is."""
        if self.batch != 1:
            raise ValueError("only a cache of one sequence can be forked")
        fork = copy.deepcopy(self.cache)
        if batch > 1 and self.length > 0:
            fork.batch_repeat_interleave(batch)
        positions = None if self.positions is None else self.positions.repeat(batch, 1)
        return TransformersCache(fork, batch, positions)

    def select(self, rows: list[int]) -> TransformersCache:
        """The same cache with only ``rows`` of its batch; this one must not be used any more."""
        index = torch.tensor(rows)
        self.cache.batch_select_indices(index)
        positions = None if self.positions is None else self.positions[index.to(self.positions.device)]
        return TransformersCache(self.cache, len(rows), positions)


def can_truncate(cache: DynamicCache) -> bool:
    """Recurrent layers, and sliding windows that are full, have thrown away what a shorter prefix would need."""
    layer: Any
    for layer in cache.layers:
        kind = type(layer).__name__
        sliding = kind == "DynamicSlidingWindowLayer" and layer.get_seq_length() < layer.sliding_window
        if not sliding and kind not in ("DynamicLayer", "DummyLayer"):
            return False
    return True


class TransformersDecoder:
    """Implements ``models.decoders.decoder``'s interface by calling the whole model with a DynamicCache."""

    name = "transformers"

    def __init__(
        self, model: PreTrainedModel, vocab_size: int, context_length: int, device: str = "cpu"
    ) -> None:
        """``device`` takes what goes in; a model that is spread (accelerate) moves it on by itself."""
        self.model = model
        self._device = device
        self.vocab_size = vocab_size
        self.context_length = context_length
        self.style: Path | None = None
        self._peft: Any = None
        inner = getattr(model, "model", None)
        self._positions: Any = inner if hasattr(inner, "rope_deltas") else None

    def new_cache(self, batch: int = 1, capacity: int = 0) -> TransformersCache:
        """An empty cache; ``capacity`` is a hint that this decoder does not need."""
        return TransformersCache(DynamicCache(config=self.model.config.get_text_config(decoder=True)), batch)

    @torch.inference_mode()
    def forward(
        self,
        cache: TransformersCache,
        ids: Tensor,
        embeds: Tensor | None = None,
        extra: dict[str, Tensor] | None = None,
        all_logits: bool = False,
        reach: float | None = None,  # every logit is exact here
    ) -> Tensor:
        """Append ``ids`` (batch, n) to ``cache``; float32 logits (batch, vocab), or (batch, n, vocab) if all.

        ``embeds`` (batch, n, hidden), when given, takes the place of the ids' embeddings.
        """
        device = self._device
        batch, n = ids.shape
        past = cache.length
        mask = torch.ones(batch, past + n, dtype=torch.long, device=device)
        given: dict[str, Any] = (
            {"inputs_embeds": embeds.to(device, self.model.dtype)}
            if embeds is not None
            else {"input_ids": ids.to(device)}
        )
        for name, value in (extra or {}).items():
            given[name] = value.to(device, self.model.dtype if value.is_floating_point() else value.dtype)
        if self._positions is not None:
            self._positions.rope_deltas = None
            if past and cache.positions is not None:
                at = torch.arange(past, past + n, device=device) + cache.positions.to(device)  # (batch, n)
                given["position_ids"] = at.unsqueeze(0).expand(3, -1, -1)
        output = self.model(
            **given,
            attention_mask=mask,
            past_key_values=cache.cache,
            use_cache=True,
            logits_to_keep=0 if all_logits else 1,
        )
        if self._positions is not None and past == 0:
            cache.positions = self._positions.rope_deltas
        logits = output.logits[..., : self.vocab_size].float().cpu()
        return logits if all_logits else logits[:, -1]

    def set_style(self, folder: Path | None) -> None:
        """Use the LoRA adapter in ``folder``; None: the base model again. Raises ModelRefused if it doesn't fit."""
        if folder == self.style:
            return
        if self._peft is not None:
            self._peft.unload()  # takes the low-rank layers out, the base weights were never touched
            self._peft = None
        self.style = None
        if folder is None:
            return
        from peft import PeftModel

        try:
            self._peft = PeftModel.from_pretrained(self.model, str(folder), adapter_name=_ADAPTER)
        except (ValueError, RuntimeError, OSError, KeyError) as error:
            raise ModelRefused(f"The style in {folder.name} does not fit this model ({error}).") from error
        self._peft.eval()
        self.style = folder

    @torch.inference_mode()
    def hidden(self, ids: Tensor) -> Tensor:
        """Last hidden states (n, hidden), float32, of ``ids`` (1, n) under the base weights."""
        style = self.style
        self.set_style(None)
        try:
            output = self.model(
                input_ids=ids.to(self._device),
                attention_mask=torch.ones_like(ids, device=self._device),
                output_hidden_states=True,
                use_cache=False,
                logits_to_keep=1,
            )
        finally:
            self.set_style(style)
        return output.hidden_states[-1][0].float().cpu()
