"""Write the starter's checkpoint files: weights, configuration, tokenizer, processor, chat template."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.perception import labels
from models.perception.encoder_weights import encoder_tensors
from models.perception.trained_files import senses
from models.starter import convert, roles, trained_files, weights_file
from models.starter.convert import IMAGE_TOKEN, pretty
from models.starter.sources import Progress

if TYPE_CHECKING:
    from tokenizers import Tokenizer

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
    for name, array in encoder_tensors(encoder_pth).items():
        tensors[f"model.vision.encoder.{name}"] = (array.shape, partial(np.asarray, array))
    embeddings = tensors["model.language_model.embed_tokens.weight"][1]()
    made = {**senses(), **word_tables(tokenizer, embeddings)}
    for name, array in made.items():
        tensors[f"model.vision.connector.{name}"] = (array.shape, partial(np.asarray, array))
    for name, array in trained_files.sight().items():
        tensors[f"model.sight.{name}"] = (array.shape, partial(np.asarray, array))

    total = sum(4.0 * float(np.prod(shape)) for shape, _ in tensors.values())
    done = 0.0
    phase = "Preparing the starter model"
    for written in weights_file.write(folder / "model.safetensors", tensors):
        done += written
        progress(phase, done, total)
    shutil.copyfile(gguf, folder / "source.gguf")
    _write_settings(folder, config, tokenizer)


def word_tables(tokenizer: Tokenizer, embeddings: np.ndarray) -> dict[str, np.ndarray]:
    """The connector's tables that are made of the language model's ``embeddings`` (vocabulary, hidden): see ``roles``."""
    filler = tokenizer.encode(".").ids * roles.NAME_TOKENS
    ids = [(tokenizer.encode(f" {name}").ids + filler)[: roles.NAME_TOKENS] for name in roles.names()]
    tables = {"kinds": labels.membership(), "names": embeddings[np.array(ids)].reshape(len(ids), -1)}
    nothing = np.zeros(embeddings.shape[1], dtype=np.float32)

    def mean(words: list[str]) -> np.ndarray:
        vectors = [embeddings[tokenizer.encode(f" {word}").ids].mean(axis=0) for word in words]
        return np.mean(vectors, axis=0) if vectors else nothing

    for table, rows in roles.words().items():
        tables[f"words.{table}"] = np.stack([mean(row) for row in rows])
    return tables


def _write_settings(folder: Path, text: dict[str, object], tokenizer: Tokenizer) -> None:
    config = {
        "model_type": "attune_starter",
        "architectures": ["StarterForConditionalGeneration"],
        "text_config": text,
        "image_token_id": convert.IMAGE_TOKEN_ID,
        "image_size": IMAGE_SIZE,
        "num_image_tokens": roles.TOKENS,
        "num_kinds": len(labels.kinds()),
        **trained_files.sizes(),
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
    image = {"image_processor_type": "StarterImageProcessor", "image_size": IMAGE_SIZE}
    (folder / "preprocessor_config.json").write_text(pretty(image), encoding="utf-8")
    processor = {"processor_class": "StarterProcessor", "num_image_tokens": roles.TOKENS}
    (folder / "processor_config.json").write_text(pretty(processor), encoding="utf-8")
