"""The starter's processor as transformers knows it: pictures (``pixels``) and text with room for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import BatchFeature, PreTrainedTokenizerBase, ProcessorMixin
from transformers.image_processing_utils import BaseImageProcessor
from transformers.image_utils import make_flat_list_of_images

from models.perception.pixels import pixels
from models.starter.convert import IMAGE_TOKEN
from models.starter.roles import TOKENS


class StarterImageProcessor(BaseImageProcessor):
    """``preprocess(images)``: see ``pixels.pixels``."""

    model_input_names = ["pixel_values", "glances"]  # noqa: RUF012

    def __init__(self, image_size: int = 224, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.image_size = image_size

    def __call__(self, images: Any, *args: Any, **kwargs: Any) -> BatchFeature:  # type: ignore[override]
        return self.preprocess(images, **kwargs)

    def preprocess(self, images: Any, **kwargs: Any) -> BatchFeature:
        return BatchFeature(pixels(_flat(images), self.image_size))


def _flat(images: Any) -> list[Any]:
    return list(make_flat_list_of_images(images))  # type: ignore[arg-type]


class StarterProcessor(ProcessorMixin):
    """Tokenizer and image processor together; ``num_image_tokens`` placeholders stand for each picture."""

    def __init__(
        self,
        image_processor: StarterImageProcessor | None = None,
        tokenizer: PreTrainedTokenizerBase | None = None,
        num_image_tokens: int = TOKENS,
        chat_template: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.image_token = IMAGE_TOKEN
        self.num_image_tokens = num_image_tokens
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    def __call__(
        self, images: Any = None, text: str | Sequence[str] | None = None, **kwargs: Any
    ) -> BatchFeature:
        """``text`` holds one IMAGE_TOKEN for each picture, in order; ``kwargs`` go to the tokenizer.

        Raises ValueError when pictures and placeholders don't match in number.
        """
        texts = [text] if isinstance(text, str) else list(text or [])
        pictures = [] if images is None else _flat(images)
        expected = sum(one.count(self.image_token) for one in texts)
        if texts and expected != len(pictures):
            raise ValueError(f"the text has places for {expected} pictures, {len(pictures)} were given")
        kwargs.pop("videos", None)
        kwargs.setdefault("return_tensors", "pt")
        kwargs.setdefault("add_special_tokens", False)
        expanded = [one.replace(self.image_token, self.image_token * self.num_image_tokens) for one in texts]
        data = dict(self.tokenizer(expanded, **kwargs)) if texts else {}
        data.pop("token_type_ids", None)
        if pictures:
            data.update(self.image_processor(pictures))
        return BatchFeature(data)

    @property
    def model_input_names(self) -> list[str]:
        return ["input_ids", "attention_mask", "pixel_values", "glances"]
