"""Pictures for a fast decoder: a family's own encoder and projector, without its language model's layers.

transformers builds the model with no decoder layers and no last norm; what then comes out at the end is what would have
gone into the first layer: the embeddings of the prompt with the pictures' features in their places. So every family
whose pictures enter only there can be read by the fast decoder, and none needs code of its own here.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

_KEPT = 8  # sets of pictures whose features are kept


class Merger:
    """``merge`` turns a prompt with pictures into embeddings. The language half is not in memory but for its table."""

    def __init__(self, folder: Path, config: Any, device: str) -> None:
        from transformers import AutoModelForImageTextToText

        small = copy.deepcopy(config)
        text = small.get_text_config(decoder=True)
        text.num_hidden_layers = 0
        if getattr(text, "layer_types", None):
            text.layer_types = []
        dtype = torch.float32 if device == "cpu" else torch.bfloat16
        whole: Any = AutoModelForImageTextToText.from_pretrained(
            str(folder),
            config=small,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation="sdpa",
            dtype=dtype,
        )
        self._model: Any = (
            whole.model.to(device).eval().requires_grad_(False)
        )  # what else there is, is let go
        self._model.get_decoder().norm = nn.Identity()
        self._table = self._model.get_input_embeddings().weight
        if torch.equal(self._table.to(torch.bfloat16).float(), self._table.float()):
            self._table = self._table.to(torch.bfloat16)  # as it was stored: half the memory, nothing lost
            self._model.get_input_embeddings().weight = nn.Parameter(self._table, requires_grad=False)
        self._features: OrderedDict[str, Tensor] = OrderedDict()  # (image tokens, hidden) by set of pictures
        self._device = device

    @torch.inference_mode()
    def merge(self, ids: Tensor, extra: dict[str, Tensor], image_token: int, pictures: str) -> Tensor:
        """Embeddings (1, n, hidden) float32 of ``ids`` (1, n); ``extra`` is the processor's, ``pictures`` names them.

        Features depend on the pictures alone, so those of a set seen before are used again.
        """
        places = ids[0] == image_token
        known = self._features.get(pictures)
        if known is None or known.shape[0] != int(places.sum()):
            given = {name: self._cast(value) for name, value in extra.items()}
            output = self._model(input_ids=ids.to(self._device), use_cache=False, **given)
            known = output.last_hidden_state[0][places.to(self._device)].float().cpu()
            self._features[pictures] = known
            while len(self._features) > _KEPT:
                self._features.popitem(last=False)
        self._features.move_to_end(pictures)
        embeds = self._table[ids[0].to(self._device)].float().cpu()
        embeds[places] = known
        return embeds.unsqueeze(0)

    def _cast(self, value: Tensor) -> Tensor:
        dtype = next(p.dtype for name, p in self._model.named_parameters() if "embed_tokens" not in name)
        return value.to(self._device, dtype if value.is_floating_point() else value.dtype)
