"""How many tokens a picture may cost: "fast" for processors, "detailed" where a graphics card reads them.

Families differ by a factor of thirty for the same photo: some tile it into a dozen squares, some read it at its own
size. What is asked of each family's own processor stands here, by the class that prepares its pictures. Apart from
``processors``, which takes seconds to import.
"""

from __future__ import annotations

from typing import Any

ORDINARY_PICTURE = (1024, 768)  # pixels; what estimates are made with

_FAST_SIDE = 512  # pixels; a picture of this side squared, for families that read pictures at their own size
_DETAILED_SIDE = 1280


def picture_options(processor: Any, detail: str) -> dict[str, Any]:
    """Keyword arguments for the processor's call. ``detail``: fast | detailed. Empty: the family has one size only."""
    images: Any = getattr(processor, "image_processor", None)
    kind = type(images).__name__.removesuffix("Pil").removesuffix("Fast")
    fast = detail == "fast"
    if kind in ("SmolVLMImageProcessor", "Idefics3ImageProcessor"):
        return {"do_image_splitting": False} if fast else {}
    if kind == "GotOcr2ImageProcessor":  # InternVL
        return {"crop_to_patches": False} if fast else {}
    if kind in ("Qwen2VLImageProcessor", "Qwen3VLImageProcessor"):
        side = _FAST_SIDE if fast else _DETAILED_SIDE
        size = dict(images.size)
        return {
            "size": {
                **size,
                "longest_edge": max(size["shortest_edge"], min(size["longest_edge"], side * side)),
            }
        }
    if kind == "Gemma4ImageProcessor":
        return {"max_soft_tokens": 140 if fast else 560}
    return {}
