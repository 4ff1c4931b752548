"""A model's own processor, loaded without what Attune has no use for: its video half, which would need torchvision.

torchvision's stock wheels do not load beside a CPU build of torch, and many families' processors insist on a video
processor made with it. A stand-in takes its place; everything else is the family's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import AutoProcessor, processing_utils
from transformers.models.auto import video_processing_auto
from transformers.utils import is_torchvision_available
from transformers.video_processing_utils import VideoProcessorMixin

from models.errors import ModelRefused

# Without torchvision transformers does not export this class by which it recognises a processor's video half.
if not hasattr(processing_utils.transformers_module, "VideoProcessorMixin"):
    processing_utils.transformers_module.VideoProcessorMixin = VideoProcessorMixin  # type: ignore[attr-defined]


class NoVideo(VideoProcessorMixin):
    """Stands where a family's processor wants a video processor."""

    model_input_names = ["pixel_values_videos"]  # noqa: RUF012

    @classmethod
    def from_pretrained(cls, *_: Any, **__: Any) -> NoVideo:
        return cls()

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise ModelRefused("Attune does not look at videos.")


@contextmanager
def _stand_in() -> Iterator[None]:
    """Let transformers find ``NoVideo`` where it looks for video processors."""
    if is_torchvision_available():
        yield
        return
    before = video_processing_auto.AutoVideoProcessor
    video_processing_auto.AutoVideoProcessor = NoVideo  # type: ignore[misc,assignment]
    try:
        yield
    finally:
        video_processing_auto.AutoVideoProcessor = before  # type: ignore[misc]


def load_processor(folder: Path) -> Any:
    """The processor of a model that sees or hears. Nothing is fetched and no code of the folder's runs."""
    with _stand_in():
        return AutoProcessor.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
