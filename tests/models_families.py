"""Tiny random checkpoints of the true architectures with their true processors, as the hub would have them.

Sizes are shrunk, kinds are not: layer patterns, norms, rotary embeddings, tiling of pictures and the way their features
enter are each family's own. Tokenizers are small byte-level BPEs with the family's control tokens; the chat templates
are short versions of the families' own (same control tokens, same places of the pictures).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tiny_model import CORPUS

HIDDEN, LAYERS, HEADS, VOCAB = 64, 3, 4, 640

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for p in m['content'] %}{% if p['type'] == 'image' %}IMAGE{% elif p['type'] == 'audio' %}AUDIO"
    "{% else %}{{ p['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for p in m['content'] %}"
    "{% if p['type'] == 'image' %}IMAGE{% elif p['type'] == 'audio' %}AUDIO{% else %}{{ p['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
TURNS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
GEMMA_TURNS = ["<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>"]


def text_sizes(**more: Any) -> dict[str, Any]:
    return {
        "vocab_size": VOCAB, "hidden_size": HIDDEN, "intermediate_size": 2 * HIDDEN, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": 2, "max_position_embeddings": 4096, "bos_token_id": 0,
        "eos_token_id": 1, "pad_token_id": 2, "initializer_range": 0.2, **more,
    }  # fmt: skip


def tokenizer(specials: list[str], template: str, *, turns: list[str] = TURNS, **named: str) -> Any:
    """A byte-level BPE with ``turns`` as first ids and ``specials`` as the last ones; ``named``: image_token, ..."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    bpe.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB - len(specials) - 40,
        special_tokens=turns,
        initial_alphabet=alphabet,
        show_progress=False,
    )
    bpe.train_from_iterator(CORPUS * 4, trainer)
    bpe.add_special_tokens(specials)
    first, last = (turns[0], turns[1])
    made = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=first, eos_token=last, pad_token=turns[2], model_max_length=4096,
        clean_up_tokenization_spaces=False, extra_special_tokens=named,
    )  # fmt: skip
    made.chat_template = template
    return made


def ids(tok: Any, *tokens: str) -> list[int]:
    return [int(tok.convert_tokens_to_ids(token)) for token in tokens]


def siglip(side: int, patch: int) -> dict[str, Any]:
    return {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": side, "patch_size": patch}  # fmt: skip


def smolvlm() -> tuple[Any, Any]:
    from transformers import SmolVLMConfig, SmolVLMForConditionalGeneration
    from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
    from transformers.models.smolvlm.processing_smolvlm import SmolVLMProcessor

    from models.pictures.processors import NoVideo

    rows = [f"<row_{r}_col_{c}>" for r in range(1, 5) for c in range(1, 5)]
    tok = tokenizer(
        ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", *rows],
        CHATML.replace("IMAGE", "<image>"),
    )
    images = SmolVLMImageProcessorPil(size={"longest_edge": 128}, max_image_size={"longest_edge": 64})
    # 64 pixels in patches of 16 are 4 x 4, shuffled together by 2: 4 tokens a tile
    processor = SmolVLMProcessor(images, tok, NoVideo(), image_seq_len=4, chat_template=tok.chat_template)
    config = SmolVLMConfig(
        vision_config=siglip(64, 16), scale_factor=2, image_token_id=ids(tok, "<image>")[0],
        text_config={"model_type": "llama", **text_sizes(tie_word_embeddings=False)}, tie_word_embeddings=False,
        pad_token_id=2,
    )  # fmt: skip
    return SmolVLMForConditionalGeneration(config), processor


def internvl() -> tuple[Any, Any]:
    from transformers import InternVLConfig, InternVLForConditionalGeneration
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
    from transformers.models.internvl.processing_internvl import InternVLProcessor

    from models.pictures.processors import NoVideo

    tok = tokenizer(
        ["<img>", "</img>", "<IMG_CONTEXT>", "<video>"],
        CHATML.replace("IMAGE", "<IMG_CONTEXT>\n"),
        start_image_token="<img>", end_image_token="</img>", context_image_token="<IMG_CONTEXT>", video_token="<video>",
    )  # fmt: skip
    images = GotOcr2ImageProcessorPil(
        size={"height": 32, "width": 32}, max_patches=4, min_patches=1, crop_to_patches=True
    )
    processor = InternVLProcessor(images, tok, NoVideo(), image_seq_length=4, chat_template=tok.chat_template)
    vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
              "image_size": [32, 32], "patch_size": [8, 8]}  # fmt: skip
    config = InternVLConfig(
        vision_config=vision, text_config={"model_type": "qwen2", **text_sizes()}, image_seq_length=4,
        image_token_id=ids(tok, "<IMG_CONTEXT>")[0],
    )  # fmt: skip
    return InternVLForConditionalGeneration(config), processor


def llava_onevision() -> tuple[Any, Any]:
    from transformers import LlavaOnevisionConfig, LlavaOnevisionForConditionalGeneration
    from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
        LlavaOnevisionImageProcessorPil,
    )
    from transformers.models.llava_onevision.processing_llava_onevision import LlavaOnevisionProcessor

    from models.pictures.processors import NoVideo

    tok = tokenizer(["<image>", "<video>"], CHATML.replace("IMAGE", "<image>\n"))
    grid = [[32, 32], [32, 64], [64, 32], [64, 64]]
    images = LlavaOnevisionImageProcessorPil(size={"height": 32, "width": 32}, image_grid_pinpoints=grid)
    processor = LlavaOnevisionProcessor(
        images, tok, NoVideo(), num_image_tokens=16, vision_feature_select_strategy="full",
        chat_template=tok.chat_template,
    )  # fmt: skip
    image, video = ids(tok, "<image>", "<video>")
    config = LlavaOnevisionConfig(
        vision_config={"model_type": "siglip_vision_model", **siglip(32, 8), "vision_use_head": False},
        text_config={"model_type": "qwen2", **text_sizes()}, image_token_index=image, video_token_index=video,
        image_grid_pinpoints=grid,
    )  # fmt: skip
    return LlavaOnevisionForConditionalGeneration(config), processor


def qwen_reads() -> tuple[list[str], Any, Any]:
    """What every Qwen-VL reads with: its marks, the tokenizer that knows them, and the pictures' processor."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    names = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tok = tokenizer(names, CHATML.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>"))
    images = Qwen2VLImageProcessorPil(
        patch_size=8,
        temporal_patch_size=2,
        merge_size=2,
        size={"shortest_edge": 16 * 16, "longest_edge": 1024 * 1024},
    )
    return names, tok, images


def qwen3_vl() -> tuple[Any, Any]:
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
    from transformers.models.qwen3_vl.processing_qwen3_vl import Qwen3VLProcessor

    from models.pictures.processors import NoVideo

    names, tok, images = qwen_reads()
    processor = Qwen3VLProcessor(images, tok, NoVideo(), chat_template=tok.chat_template)
    start, end, image, video = ids(tok, *names)
    config = Qwen3VLConfig(
        text_config=text_sizes(head_dim=16, rope_parameters={
            "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 2, 2], "mrope_interleaved": True}),
        vision_config={"depth": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "patch_size": 8,
                       "out_hidden_size": HIDDEN, "num_position_embeddings": 64, "deepstack_visual_indexes": [0, 1]},
        image_token_id=image, video_token_id=video, vision_start_token_id=start, vision_end_token_id=end,
    )  # fmt: skip
    return Qwen3VLForConditionalGeneration(config), processor


def gemma3() -> tuple[Any, Any]:
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration
    from transformers.models.gemma3.image_processing_pil_gemma3 import Gemma3ImageProcessorPil
    from transformers.models.gemma3.processing_gemma3 import Gemma3Processor

    names = ["<start_of_image>", "<end_of_image>", "<image_soft_token>"]
    tok = tokenizer(
        names, GEMMA.replace("IMAGE", "<start_of_image>"), turns=GEMMA_TURNS, boi_token=names[0], eoi_token=names[1],
        image_token=names[2],
    )  # fmt: skip
    images = Gemma3ImageProcessorPil(size={"height": 64, "width": 64})
    processor = Gemma3Processor(images, tok, chat_template=tok.chat_template, image_seq_length=4)
    boi, eoi, image = ids(tok, *names)
    config = Gemma3Config(
        text_config=text_sizes(head_dim=16, sliding_window=24, query_pre_attn_scalar=16,
                               layer_types=["sliding_attention", "sliding_attention", "full_attention"]),
        vision_config=siglip(64, 16), mm_tokens_per_image=4, boi_token_index=boi, eoi_token_index=eoi,
        image_token_index=image,
    )  # fmt: skip
    return Gemma3ForConditionalGeneration(config), processor


def gemma4() -> tuple[Any, Any]:
    from transformers import Gemma4Config, Gemma4ForConditionalGeneration
    from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
    from transformers.models.gemma4.image_processing_pil_gemma4 import Gemma4ImageProcessorPil
    from transformers.models.gemma4.processing_gemma4 import Gemma4Processor

    from models.pictures.processors import NoVideo

    names = {"boi_token": "<|image>", "eoi_token": "<image|>", "image_token": "<|image|>", "boa_token": "<|audio>",
             "eoa_token": "<audio|>", "audio_token": "<|audio|>"}  # fmt: skip
    template = GEMMA.replace("IMAGE", "<|image|>").replace("AUDIO", "<|audio|>")
    tok = tokenizer([*names.values(), "<|video|>"], template, turns=GEMMA_TURNS, **names)
    images = Gemma4ImageProcessorPil(patch_size=8, max_soft_tokens=70, pooling_kernel_size=3)
    processor = Gemma4Processor(
        Gemma4AudioFeatureExtractor(),
        images,
        tok,
        NoVideo(),
        chat_template=tok.chat_template,
        image_seq_length=70,
    )
    at = {name: ids(tok, token)[0] for name, token in names.items()}
    config = Gemma4Config(
        text_config=text_sizes(head_dim=16, global_head_dim=32, sliding_window=24, vocab_size_per_layer_input=VOCAB,
                               hidden_size_per_layer_input=16, num_kv_shared_layers=1, num_hidden_layers=4,
                               layer_types=["sliding_attention", "full_attention"] * 2),
        vision_config={"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                       "num_key_value_heads": 2, "head_dim": 16, "patch_size": 8, "pooling_kernel_size": 3,
                       "position_embedding_size": 256},
        audio_config={"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
                      "subsampling_conv_channels": [128, 8], "output_proj_dims": 48},
        boi_token_id=at["boi_token"], eoi_token_id=at["eoi_token"], image_token_id=at["image_token"],
        boa_token_id=at["boa_token"], eoa_token_index=at["eoa_token"], audio_token_id=at["audio_token"],
        video_token_id=ids(tok, "<|video|>")[0],
    )  # fmt: skip
    return Gemma4ForConditionalGeneration(config), processor


def gpt2() -> tuple[Any, Any]:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=VOCAB, n_embd=HIDDEN, n_layer=LAYERS, n_head=HEADS, n_positions=512, bos_token_id=0,
                        eos_token_id=1, initializer_range=0.2)  # fmt: skip
    return GPT2LMHeadModel(config), tokenizer([], "")


def qwen3() -> tuple[Any, Any]:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return Qwen3ForCausalLM(Qwen3Config(**text_sizes(head_dim=16))), tokenizer([], CHATML)


def smollm3() -> tuple[Any, Any]:
    from transformers import SmolLM3Config, SmolLM3ForCausalLM

    return SmolLM3ForCausalLM(SmolLM3Config(**text_sizes(no_rope_layer_interval=2))), tokenizer([], CHATML)


def llava() -> tuple[Any, Any]:
    from transformers import CLIPImageProcessorPil, LlavaConfig, LlavaForConditionalGeneration
    from transformers.models.llava.processing_llava import LlavaProcessor

    tok = tokenizer(["<image>"], CHATML.replace("IMAGE", "<image>\n"))
    images = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = LlavaProcessor(
        images, tok, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=tok.chat_template,
    )  # fmt: skip
    config = LlavaConfig(
        vision_config={"model_type": "clip_vision_model", **siglip(32, 8)}, image_token_index=ids(tok, "<image>")[0],
        text_config={"model_type": "llama", **text_sizes(tie_word_embeddings=False)},
    )  # fmt: skip
    return LlavaForConditionalGeneration(config), processor


def llava_next() -> tuple[Any, Any]:
    from transformers import LlavaNextConfig, LlavaNextForConditionalGeneration
    from transformers.models.llava_next.image_processing_pil_llava_next import LlavaNextImageProcessorPil
    from transformers.models.llava_next.processing_llava_next import LlavaNextProcessor

    tok = tokenizer(["<image>"], CHATML.replace("IMAGE", "<image>\n"))
    grid = [[32, 64], [64, 32], [64, 64]]
    images = LlavaNextImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, image_grid_pinpoints=grid
    )
    processor = LlavaNextProcessor(
        images, tok, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=tok.chat_template,
    )  # fmt: skip
    config = LlavaNextConfig(
        vision_config={"model_type": "clip_vision_model", **siglip(32, 8)}, image_token_index=ids(tok, "<image>")[0],
        text_config={"model_type": "mistral", **text_sizes()}, image_grid_pinpoints=grid,
    )  # fmt: skip
    return LlavaNextForConditionalGeneration(config), processor


def idefics3() -> tuple[Any, Any]:
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration
    from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
    from transformers.models.idefics3.processing_idefics3 import Idefics3Processor

    rows = [f"<row_{r}_col_{c}>" for r in range(1, 5) for c in range(1, 5)]
    tok = tokenizer(
        ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", *rows],
        CHATML.replace("IMAGE", "<image>"),
    )
    images = Idefics3ImageProcessorPil(size={"longest_edge": 128}, max_image_size={"longest_edge": 64})
    processor = Idefics3Processor(images, tok, image_seq_len=4, chat_template=tok.chat_template)
    config = Idefics3Config(
        vision_config=siglip(64, 16), scale_factor=2, image_token_id=ids(tok, "<image>")[0],
        text_config={"model_type": "llama", **text_sizes(tie_word_embeddings=False)}, pad_token_id=2,
        tie_word_embeddings=False,
    )  # fmt: skip
    return Idefics3ForConditionalGeneration(config), processor


def qwen2_5_vl() -> tuple[Any, Any]:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    from transformers.models.qwen2_5_vl.processing_qwen2_5_vl import Qwen2_5_VLProcessor

    from models.pictures.processors import NoVideo

    names, tok, images = qwen_reads()
    processor = Qwen2_5_VLProcessor(images, tok, NoVideo(), chat_template=tok.chat_template)
    start, end, image, video = ids(tok, *names)
    config = Qwen2_5_VLConfig(
        text_config=text_sizes(rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 2, 2]}),
        vision_config={"depth": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "patch_size": 8,
                       "out_hidden_size": HIDDEN, "window_size": 32, "fullatt_block_indexes": [1]},
        image_token_id=image, video_token_id=video, vision_start_token_id=start, vision_end_token_id=end,
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(config), processor


SEEING: dict[str, Callable[[], tuple[Any, Any]]] = {
    "smolvlm": smolvlm, "internvl": internvl, "llava_onevision": llava_onevision, "qwen3_vl": qwen3_vl,
    "gemma3": gemma3, "gemma4": gemma4,
}  # fmt: skip
READING: dict[str, Callable[[], tuple[Any, Any]]] = {"gpt2": gpt2, "qwen3": qwen3, "smollm3": smollm3}
# Let in although no model of the catalogue is of them.
OTHERS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "llava": llava, "llava_next": llava_next, "idefics3": idefics3, "qwen2_5_vl": qwen2_5_vl,
}  # fmt: skip


def make(name: str, folder: Path) -> Path:
    """Write the tiny checkpoint of family ``name`` into ``folder``."""
    before = torch.random.get_rng_state()
    try:
        torch.manual_seed(7)
        model, processor = (SEEING | READING | OTHERS)[name]()
        with torch.no_grad():  # norms and biases at their first values would hide mistakes
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(torch.randn_like(parameter) * 0.1)
                elif not parameter.any():
                    parameter.normal_(std=0.2)
            if name.startswith("gemma"):  # whose scaled embeddings would drown what the layers say
                model.get_input_embeddings().weight.mul_(0.15)
    finally:
        torch.random.set_rng_state(before)
    folder.mkdir(parents=True, exist_ok=True)
    model.generation_config.eos_token_id = 1
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
