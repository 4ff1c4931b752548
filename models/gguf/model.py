"""A GGUF file becomes a model folder in seconds: its settings are written as Hugging Face files, its weights stay put.

Text models of the families that the fast decoders know. The projector files of vision models (mmproj) are refused;
families that only transformers can run take the way of ``gguf_unpack``.
"""

from __future__ import annotations

import json
from pathlib import Path

from models.errors import ModelRefused
from models.fetch import trust
from models.gguf import unpack
from models.gguf.config import FAMILIES, config_of
from models.gguf.folder import GGUF_NAME, Progress, Record, sha256_of
from models.gguf.header import Header, read_header

_TEMPLATE_LIMIT = 256 * 1024


def examine(path: Path) -> Header:
    """Look at a GGUF file without reading its weights. Raises ModelRefused: not GGUF, damaged, of an unknown kind."""
    header = read_header(path)
    architecture = header.architecture
    if architecture in ("clip", "mmproj"):
        raise ModelRefused(
            f"{path.name} is only the picture half of a model; get the model as safetensors instead."
        )
    if architecture not in FAMILIES and architecture not in unpack.ARCHITECTURES:
        raise ModelRefused(
            f"{path.name} is of the kind {architecture[:60]!r}, which Attune cannot read from GGUF."
        )
    if not header.tensors:
        raise ModelRefused(f"{path.name} is damaged or was not downloaded completely: it has no tensors.")
    return header


def make_folder(gguf_path: Path, folder: Path, progress: Progress, *, sha256: str = "") -> None:
    """Write what Attune needs to know of ``gguf_path`` into ``folder``: settings, tokenizer, chat template, record.

    The file itself is only read; ``gguf_folder.place`` puts it into the folder as ``source.gguf``, and it may lie there
    already. ``sha256`` is its hash where the caller has just computed or checked it ("": computed here). The folder is
    a whole model afterwards once ``source.gguf`` is in it. Raises ModelRefused in one sentence, OSError (disk full).
    """
    from models.loader import quiet_transformers

    header = examine(gguf_path)
    if header.architecture not in FAMILIES:
        raise ModelRefused(f"{gguf_path.name} can only be unpacked ({header.architecture}).")
    if not sha256:
        sha256 = sha256_of(gguf_path, progress)
    quiet_transformers()
    progress("Reading the settings", 0, 0)
    config = config_of(header)
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    names = ("bos_token_id", "eos_token_id", "pad_token_id")
    generation = {name: config[name] for name in names if config.get(name) is not None}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2), encoding="utf-8")
    progress("Reading the vocabulary", 0, 0)
    from models.gguf.tokenizer import write_tokenizer

    write_tokenizer(header, folder, config["max_position_embeddings"])
    template = header.text("tokenizer.chat_template")
    if template and len(template.encode()) <= _TEMPLATE_LIMIT:
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    Record(
        sha256=sha256,
        size_bytes=header.size_bytes,
        architecture=header.architecture,
        name=header.text("general.name"),
        license=header.text("general.license"),
        parameters=header.parameters(),
    ).write(folder)
    trust.check_settings(folder, gguf_path.name)


__all__ = ["GGUF_NAME", "examine", "make_folder"]
