"""LoRA adapters: their files as peft writes them, what a decoder needs of them, and merging one into weights."""
