"""How a picture reaches a language model: as its own processor makes it, as embeddings, or described in words."""
