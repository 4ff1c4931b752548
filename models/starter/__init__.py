"""The starter model: a small assistant that sees, assembled from weights that ordinary packages carry.

This module is cheap to import; torch and transformers load inside the functions that need them.
"""

from __future__ import annotations

from models.starter.prepare import (
    fetch_source,
    is_prepared,
    prepare,
    source_available,
    starter_folder,
    verify,
)

STARTER_ID = "starter"


def register_config() -> None:
    """Make AutoConfig know the starter: all that replying needs (the rest takes seconds to import)."""
    from transformers import AutoConfig

    from models.starter.configuration import StarterConfig

    AutoConfig.register("attune_starter", StarterConfig, exist_ok=True)


def register() -> None:
    """Make AutoConfig, AutoModelForImageTextToText, AutoProcessor and AutoImageProcessor know the starter."""
    from transformers import AutoImageProcessor, AutoModelForImageTextToText, AutoProcessor

    from models.starter.configuration import StarterConfig
    from models.starter.model import StarterForConditionalGeneration
    from models.starter.processor import StarterImageProcessor, StarterProcessor

    register_config()
    AutoModelForImageTextToText.register(StarterConfig, StarterForConditionalGeneration, exist_ok=True)
    AutoImageProcessor.register(
        StarterConfig, image_processor_classes={"pil": StarterImageProcessor}, exist_ok=True
    )
    AutoProcessor.register(StarterConfig, StarterProcessor, exist_ok=True)


__all__ = [
    "STARTER_ID",
    "fetch_source",
    "is_prepared",
    "prepare",
    "register",
    "register_config",
    "source_available",
    "starter_folder",
    "verify",
]
