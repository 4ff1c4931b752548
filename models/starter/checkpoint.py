"""Write the starter's checkpoint files: weights, configuration, tokenizer, processor, chat template."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.starter import convert, labels, weights_file
from models.starter.convert import IMAGE_TOKEN, pretty
from models.starter.sources import Progress

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VIEWS = 2
IMAGE_TOKENS = 8
IMAGE_SIZE = 224

# SmolLM2's own template but for two things. A content that is a list of parts puts the image token where a
# picture stands. And the default system line: of ten wordings tried with greedy int4 decoding the original
# answered 10 of 15 plain questions ("What is the capital of France?" among those missed), this one 14; two
# others did as well, but ask for brevity, which an article would suffer from.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant named Attune. "
    "Answer clearly.<|im_end|>\\n' }}"
    "{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}{{ '" + IMAGE_TOKEN + "' }}{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{{ '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def write(folder: Path, gguf: Path, encoder_pth: Path, progress: Progress) -> None:
    """Fill ``folder`` from the checked source files. Raises ModelRefused, or OSError (disk full)."""
    reader = convert.read_gguf(gguf)
    config = convert.text_config(reader)
    tokenizer = convert.tokenizer(reader)
    tensors = convert.text_tensors(reader, "model.language_model.")
    for name, array in convert.encoder_tensors(encoder_pth).items():
        tensors[f"model.vision.encoder.{name}"] = (array.shape, partial(np.asarray, array))
    embeddings = tensors["model.language_model.embed_tokens.weight"]
    for name, table in zip(("kinds", "words"), _connector_tables(tokenizer, embeddings[1]()), strict=True):
        tensors[f"model.vision.connector.{name}"] = (table.shape, partial(np.asarray, table))

    total = sum(4.0 * float(np.prod(shape)) for shape, _ in tensors.values())
    done = 0.0
    phase = "Preparing the starter model"
    for written in weights_file.write(folder / "model.safetensors", tensors):
        done += written
        progress(phase, done, total)
    shutil.copyfile(gguf, folder / "source.gguf")
    _write_settings(folder, config, tokenizer)


def _connector_tables(tokenizer: Tokenizer, embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``kinds`` (kinds, 1000) of zeros and ones, and ``words`` (kinds + 1, tokens * hidden), see ``Connector``."""
    names = labels.kinds()
    membership = np.zeros((len(names), len(labels.load())), dtype=np.float32)
    for index, label in enumerate(labels.load()):
        membership[names.index(label.kind), index] = 1.0
    rows = [_padded_ids(tokenizer, f" a picture of {words}") for words in (*names, "something unclear")]
    return membership, np.ascontiguousarray(embeddings[np.array(rows)].reshape(len(rows), -1))


def _padded_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Exactly IMAGE_TOKENS ids: cut, or filled up with full stops."""
    filler = tokenizer.encode(".").ids
    return (tokenizer.encode(text).ids + filler * IMAGE_TOKENS)[:IMAGE_TOKENS]


def _write_settings(folder: Path, text: dict[str, object], tokenizer: Tokenizer) -> None:
    config = {
        "model_type": "attune_starter",
        "architectures": ["StarterForConditionalGeneration"],
        "text_config": text,
        "image_token_id": convert.IMAGE_TOKEN_ID,
        "image_size": IMAGE_SIZE,
        "num_views": VIEWS,
        "num_image_tokens": IMAGE_TOKENS,
        "num_kinds": len(labels.kinds()),
        "tie_word_embeddings": True,
        "dtype": "float32",
    }
    eos = tokenizer.token_to_id("<|im_end|>")
    (folder / "config.json").write_text(pretty(config), encoding="utf-8")
    generation = {"bos_token_id": text["bos_token_id"], "eos_token_id": eos, "pad_token_id": eos}
    (folder / "generation_config.json").write_text(pretty(generation), encoding="utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "pad_token": "<|im_end|>",
        "unk_token": "<|endoftext|>",
        "clean_up_tokenization_spaces": False,
        "model_max_length": text["max_position_embeddings"],
    }
    (folder / "tokenizer_config.json").write_text(pretty(tokenizer_config), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    image = {"image_processor_type": "StarterImageProcessor", "image_size": IMAGE_SIZE, "num_views": VIEWS}
    (folder / "preprocessor_config.json").write_text(pretty(image), encoding="utf-8")
    processor = {"processor_class": "StarterProcessor", "num_image_tokens": IMAGE_TOKENS}
    (folder / "processor_config.json").write_text(pretty(processor), encoding="utf-8")
