"""The starter, loaded: its small encoder beside the fast decoder, without building the language model twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.inputs import Inputs, fingerprint, ids_tensor
from models.loaded_model import LoadedModel
from models.starter.convert import IMAGE_TOKEN
from models.starter.wording import SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image
    from torch import Tensor
    from transformers import PreTrainedModel

    from models.adapters.lora import Style
    from models.perception.evidence import Evidence

_FEATURE_CACHE = 64  # pictures whose evidence is kept, some 15 kB each


class LoadedStarter(LoadedModel):
    """The starter: pictures go through its small encoder once and are merged into the embeddings here."""

    picture_system = SYSTEM
    layers_path = "model.language_model.layers"

    def __init__(self, *arguments: Any) -> None:
        self._vision: Any = None
        self._embeddings: Tensor | None = None
        self._features: OrderedDict[str, tuple[Evidence, tuple[tuple[str, float], ...]]] = OrderedDict()
        super().__init__(*arguments)
        self.decoder.set_sight(self._sight())

    @staticmethod
    def read_tokenizer(folder: Path) -> Any:
        """By its class: AutoTokenizer would read the configuration, and import what that class needs."""
        from transformers import PreTrainedTokenizerFast

        return PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)

    def _load_module(self, dtype: Any) -> PreTrainedModel:
        from models.starter import register

        register()
        return super()._load_module(dtype)

    def _sight(self) -> Style:
        """The adapter that is on while a picture is in the conversation."""
        from safetensors import safe_open

        from models.adapters.lora import LowRank, Style
        from models.starter import vision_adapter

        with safe_open(self._checked.weights[0], framework="pt") as file:
            return Style(
                {
                    place: LowRank(
                        *(
                            file.get_tensor(vision_adapter.PREFIX + vision_adapter.key(*place, part))
                            for part in "ab"
                        )
                    )
                    for place in vision_adapter.places(self.config)
                }
            )

    def _open_vision(self) -> Any:
        """Encoder and connector alone, and the embedding table memory-mapped: no language model is built."""
        if self._vision is None:
            from safetensors import safe_open

            from models.starter.vision import vision_from

            prefix = "model.vision."
            with safe_open(self._checked.weights[0], framework="pt") as file:
                names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
                tensors = {name.removeprefix(prefix): file.get_tensor(name) for name in names}
                self._embeddings = file.get_tensor("model.language_model.embed_tokens.weight")
            self._vision = vision_from(self.config, tensors)
        return self._vision

    def _see(self, image: Image) -> tuple[str, Evidence, tuple[tuple[str, float], ...]]:
        """(fingerprint, what is thought of it, what is recognised), computed once a picture."""
        import torch

        from models.perception.pixels import pixels
        from models.perception.recognition import recognise

        key = fingerprint(image)
        if key not in self._features:
            vision = self._open_vision()
            with torch.inference_mode():
                seen = vision.look(**pixels([image], self.config.image_size))
                evidence = vision.connector.evidence(seen)
            self._features[key] = (evidence, recognise(evidence, seen.logits[0, :2].softmax(-1).mean(0)))
            while len(self._features) > _FEATURE_CACHE:
                self._features.popitem(last=False)
        self._features.move_to_end(key)
        return (key, *self._features[key])

    def _prepare_images(self, text: str, images: Sequence[Image], sent: Sequence[int] = ()) -> Inputs:
        import torch

        from models.perception.evidence import stack

        seen = [self._see(image) for image in images]
        places = self.config.num_image_tokens
        ids = self.tokenize(text.replace(IMAGE_TOKEN, IMAGE_TOKEN * places))
        if sent and sum(id == self.image_token_id for id in sent) == places * len(images):
            ids = list(sent)
        keys: list[Any] = []
        position = 0
        for token in ids:
            if token == self.image_token_id:
                keys.append((seen[position // places][0], position % places))
                position += 1
            else:
                keys.append(token)
        tensor = ids_tensor(ids)
        table = self._embeddings
        assert table is not None  # opened with the vision above
        embeds = table[tensor[0]].clone()
        with torch.inference_mode():
            tokens = self._vision.connector.tokens(
                stack([evidence for _, evidence, _ in seen]), torch.arange(len(seen))
            )
        embeds[tensor[0] == self.image_token_id] = tokens.flatten(0, 1)
        keys[0] = (
            "seen",
            keys[0],
        )  # read with the adapter: nothing that was read without it may be taken for it
        return Inputs(ids=tensor, keys=tuple(keys), embeds=embeds.unsqueeze(0))

    def _tokens_a_picture_adds(self) -> int:
        return int(self.config.num_image_tokens) - 1

    def classify(self, image: Image) -> tuple[tuple[str, float], ...] | None:
        """Recognised things, best first, as (name, probability); empty when the encoder isn't sure."""
        return self._see(image)[2]
