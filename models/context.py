"""How much of a model's context this machine has memory for. Torch-free."""

from __future__ import annotations

from typing import Any

# Of the memory that is free once the weights are there. A cache grows by half and is copied as it grows, so at its
# worst moment it takes two and a half times its size, and the rest of the machine needs some memory too.
SHARE = 0.25
LEAST_TOKENS = 4096  # even where memory is short: less is no conversation
STEP = 1024  # tokens that a shortened context is a multiple of


def cache_bytes_a_token(config: Any) -> int:
    """Bytes of keys and values in half precision, from a transformers configuration."""
    text = config.get_text_config(decoder=True).to_dict()  # plain values: some families' vary by layer
    attention = text.get("num_attention_heads") or text.get("n_head") or 1
    hidden = text.get("hidden_size") or text.get("n_embd") or 0
    heads = text.get("num_key_value_heads") or attention
    width = max(text.get("head_dim") or hidden // attention, text.get("global_head_dim") or 0)
    layers = text.get("num_hidden_layers") or text.get("n_layer") or 0
    return 2 * int(layers) * int(heads) * int(width) * 2


def affordable(context: int, bytes_a_token: int, free_bytes: int | None) -> int:
    """Tokens of ``context`` that the memory allows; all of them where the system does not say what is free."""
    if free_bytes is None or bytes_a_token <= 0:
        return context
    room = int(free_bytes * SHARE) // bytes_a_token // STEP * STEP
    return min(context, max(LEAST_TOKENS, room))


def note(used: int, whole: int) -> str:
    """What a person is told when the context was shortened; empty when it was not."""
    if used >= whole:
        return ""
    return f"The free memory is enough for {used:,} of the {whole:,} tokens that this model can read at once."
