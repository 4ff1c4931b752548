"""The starter's configuration: a Llama language model, an image encoder, and the connector between them."""

from __future__ import annotations

from typing import Any, ClassVar

from transformers import LlamaConfig, PreTrainedConfig

from models.starter.convert import IMAGE_TOKEN_ID
from models.starter.roles import TOKENS


class StarterConfig(PreTrainedConfig):
    """Sizes of the starter model.

    ``num_image_tokens`` embeddings stand for one picture. ``sight_*``: the language model's low-rank adapter that is
    on only while a picture is in the conversation.
    """

    model_type = "attune_starter"
    sub_configs: ClassVar = {"text_config": LlamaConfig}

    text_config: dict[str, Any] | PreTrainedConfig | None = None
    image_token_id: int = IMAGE_TOKEN_ID
    image_size: int = 224
    num_image_tokens: int = TOKENS
    num_kinds: int = 1  # everyday kinds that the encoder's classes are summed into
    num_drawn: int = 1  # names that drawings are known by
    sight_rank: int = 8
    sight_first_layer: int = 0
    sight_projections: tuple[str, ...] = ()
    tie_word_embeddings: bool = True

    def __post_init__(self, **kwargs: Any) -> None:
        if isinstance(self.text_config, dict):
            self.text_config = LlamaConfig(**self.text_config)
        elif self.text_config is None:
            self.text_config = LlamaConfig()
        super().__post_init__(**kwargs)
