"""A style that is real but random: a LoRA adapter for a model folder, strong enough to change every word."""

from __future__ import annotations

from pathlib import Path


def make_style(model_folder: Path, folder: Path, *, strength: float = 0.3, seed: int = 5) -> Path:
    """Write a PEFT adapter on all linear layers of the model into ``folder`` and return it."""
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    before = torch.random.get_rng_state()
    try:
        torch.manual_seed(seed)
        base = AutoModelForCausalLM.from_pretrained(str(model_folder), dtype=torch.float32)
        made = peft.get_peft_model(base, peft.LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"))
        with torch.no_grad():
            for name, weight in made.named_parameters():
                if "lora_B" in name:
                    weight.normal_(0, strength)
    finally:
        torch.random.set_rng_state(before)
    made.save_pretrained(str(folder))
    return folder
