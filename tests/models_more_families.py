"""Families that are let in although no model of the catalogue is of them; see models_families."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models_families import CHATML, HIDDEN, ids, siglip, text_sizes, tokenizer


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
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from models.processors import NoVideo

    names = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tok = tokenizer(names, CHATML.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>"))
    images = Qwen2VLImageProcessorPil(
        patch_size=8,
        temporal_patch_size=2,
        merge_size=2,
        size={"shortest_edge": 16 * 16, "longest_edge": 1024 * 1024},
    )
    processor = Qwen2_5_VLProcessor(images, tok, NoVideo(), chat_template=tok.chat_template)
    start, end, image, video = ids(tok, *names)
    config = Qwen2_5_VLConfig(
        text_config=text_sizes(rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 2, 2]}),
        vision_config={"depth": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "patch_size": 8,
                       "out_hidden_size": HIDDEN, "window_size": 32, "fullatt_block_indexes": [1]},
        image_token_id=image, video_token_id=video, vision_start_token_id=start, vision_end_token_id=end,
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration(config), processor


OTHERS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "llava": llava, "llava_next": llava_next, "idefics3": idefics3, "qwen2_5_vl": qwen2_5_vl,
}  # fmt: skip
