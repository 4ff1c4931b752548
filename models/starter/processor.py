"""Pictures to pixel tensors, and chat messages to token ids with room for the pictures.

Scaling and crop are the encoder's own (Google's ``efficientnet/lite``): the centre square of side
``min(h, w) * 224 / (224 + 32)``, bicubic, ``(x - 127) / 128``. A second view shows the whole picture, and a small,
undistorted one is for the low-level branch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import BatchFeature, PreTrainedTokenizerBase, ProcessorMixin
from transformers.image_processing_utils import BaseImageProcessor
from transformers.image_utils import make_flat_list_of_images

from models.starter.convert import IMAGE_TOKEN
from models.starter.glance import view
from models.starter.roles import TOKENS

CROP_PADDING = 32  # pixels, of the original evaluation crop
LONG = 2.0  # sides' ratio from which a picture is looked at in parts too
MOST_PARTS = 4


class StarterImageProcessor(BaseImageProcessor):
    """``preprocess(images) -> {"pixel_values": float32 (images, views, 3, side, side), "glances": uint8 (images, 4, s, s)}``

    A picture has its two views, a long one also up to MOST_PARTS square parts along its length; where other pictures
    of a batch have more views, those missing are zeros.
    """

    model_input_names = ["pixel_values", "glances"]  # noqa: RUF012

    def __init__(self, image_size: int = 224, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.image_size = image_size

    def __call__(self, images: Any, *args: Any, **kwargs: Any) -> BatchFeature:  # type: ignore[override]
        return self.preprocess(images, **kwargs)

    def preprocess(self, images: Any, **kwargs: Any) -> BatchFeature:
        pictures = [_as_rgb(image) for image in _flat(images)]
        pixels = [self.views(picture) for picture in pictures]
        most = max((len(one) for one in pixels), default=0)
        padded = [torch.nn.functional.pad(one, (0, 0, 0, 0, 0, 0, 0, most - len(one))) for one in pixels]
        glances = torch.from_numpy(np.stack([view(picture) for picture in pictures]))
        return BatchFeature({"pixel_values": torch.stack(padded), "glances": glances})

    def views(self, image: Image.Image) -> torch.Tensor:
        """(views, 3, side, side): the centre square, the whole picture squeezed into a square, a long one's parts."""
        side = self.image_size
        crop = max(1, round(min(image.size) * side / (side + CROP_PADDING)))
        left, top = (image.width - crop) // 2, (image.height - crop) // 2
        boxes = [(left, top, left + crop, top + crop), (0, 0, *image.size), *parts(image.width, image.height)]
        views = [image.resize((side, side), Image.Resampling.BICUBIC, box=box) for box in boxes]
        arrays = [(np.asarray(one, dtype=np.float32) - 127.0) / 128.0 for one in views]
        return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()


def parts(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Squares (left, top, right, bottom) that cover a picture at least LONG times as long as it is wide; else none."""
    long, short = max(width, height), max(1, min(width, height))
    if long < LONG * short:
        return []
    count = min(MOST_PARTS, math.ceil(long / short))
    starts = [round((long - short) * index / (count - 1)) for index in range(count)]
    if width >= height:
        return [(start, 0, start + short, height) for start in starts]
    return [(0, start, width, start + short) for start in starts]


def _flat(images: Any) -> list[Any]:
    return list(make_flat_list_of_images(images))  # type: ignore[arg-type]


def _as_rgb(image: Any) -> Image.Image:
    """Any picture as RGB; transparency is laid over white, as a page would show it."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.asarray(image))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255, 255)), rgba)
    return image.convert("RGB")


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
