"""The starter as one transformers model: image encoder, connector, SmolLM2 (see ``models.starter.register``).

Without a picture it is exactly its language model: nothing is added to any of its modules (see ``sight``).
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import Cache, GenerationMixin, LlamaConfig, LlamaModel, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast

from models.starter.configuration import StarterConfig
from models.starter.vision import Vision
from models.starter.vision_adapter import Sight


class StarterPreTrainedModel(PreTrainedModel):
    config_class = StarterConfig
    base_model_prefix = "model"
    input_modalities = ["image", "text"]  # noqa: RUF012
    supports_gradient_checkpointing = True
    _skip_keys_device_placement = ["past_key_values"]  # noqa: RUF012
    _no_split_modules = ["LlamaDecoderLayer", "Vision", "Sight"]  # noqa: RUF012
    _supports_sdpa = True
    _supports_attention_backend = True


class StarterModel(StarterPreTrainedModel):
    """Vision and language model without the head; image positions take the connector's embeddings."""

    def __init__(self, config: StarterConfig) -> None:
        super().__init__(config)
        self.vision = Vision(config)
        self.language_model = LlamaModel(cast(LlamaConfig, config.get_text_config()))
        self.sight = Sight(config, self.language_model)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.language_model.embed_tokens

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.language_model.embed_tokens = cast(nn.Embedding, value)

    def merge(self, input_ids: Tensor, pixel_values: Tensor, glances: Tensor) -> Tensor:
        """Embeddings (batch, n, hidden) with the pictures' features at the image positions, in reading order.

        Raises ValueError when the number of image positions is not what the pictures need.
        """
        embeds = self.get_input_embeddings()(input_ids)
        mask = input_ids == self.config.image_token_id
        each = (mask.sum(dim=1) // self.config.num_image_tokens).tolist()
        needed = len(pixel_values) * self.config.num_image_tokens
        if int(mask.sum()) != needed or sum(each) != len(pixel_values):
            raise ValueError(f"{int(mask.sum())} image positions for {needed} image embeddings")
        order = torch.cat([torch.arange(count, device=mask.device) for count in each])  # in a row
        features = self.vision(pixel_values.to(embeds.dtype), glances, order).flatten(0, 1)
        return embeds.masked_scatter(mask.unsqueeze(-1), features.to(embeds.dtype))

    def forward(
        self,
        input_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        glances: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        past = kwargs.get("past_key_values")
        self.sight.on = pixel_values is not None or getattr(past, "sees", False)
        if (
            pixel_values is not None
            and glances is not None
            and inputs_embeds is None
            and input_ids is not None
        ):
            inputs_embeds, input_ids = self.merge(input_ids, pixel_values, glances), None
        try:
            output = self.language_model(input_ids=input_ids, inputs_embeds=inputs_embeds, **kwargs)
        finally:
            seeing, self.sight.on = self.sight.on, False
        if seeing and output.past_key_values is not None:
            output.past_key_values.sees = True
        return output


class StarterForConditionalGeneration(StarterPreTrainedModel, GenerationMixin):
    """The whole starter with its (tied) language-model head."""

    _tied_weights_keys = {"lm_head.weight": "model.language_model.embed_tokens.weight"}  # noqa: RUF012

    def __init__(self, config: StarterConfig) -> None:
        super().__init__(config)
        self.model = StarterModel(config)
        self.lm_head = nn.Linear(
            config.get_text_config().hidden_size, config.get_text_config().vocab_size, bias=False
        )
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        return self.lm_head

    def forward(
        self,
        input_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        glances: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        logits_to_keep: int | Tensor = 0,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        kwargs.pop("return_dict", None)
        outputs = self.model(
            input_ids=input_ids,
            pixel_values=pixel_values,
            glances=glances,
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            **kwargs,
        )
        hidden = outputs.last_hidden_state
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = self.lm_head(hidden[:, kept, :])
        loss = None
        if labels is not None:
            loss = self.loss_function(
                logits=logits, labels=labels, vocab_size=self.config.get_text_config().vocab_size
            )
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )

    def prepare_inputs_for_generation(  # type: ignore[override]
        self,
        input_ids: Tensor,
        pixel_values: Tensor | None = None,
        glances: Tensor | None = None,
        is_first_iteration: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Pictures are needed for the first step only; later steps find them in the cache."""
        inputs = super().prepare_inputs_for_generation(  # type: ignore[misc]
            input_ids,  # type: ignore[arg-type]
            is_first_iteration=is_first_iteration,
            **kwargs,
        )
        if is_first_iteration or not kwargs.get("use_cache", True):
            inputs["pixel_values"], inputs["glances"] = pixel_values, glances
        return inputs
