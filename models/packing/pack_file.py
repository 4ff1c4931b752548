"""Packed weights in a file: made once for this processor, memory-mapped at every start.

``packed-<kind>-<interface>-<layout>.bin`` lies beside a model's weights. It begins with a header that says which weights
it was made of; one that does not fit (another file, another version, cut off) is made anew. Its pages belong to the
system's cache: they are read as they are needed, shared by processes, and given up under pressure.
"""

from __future__ import annotations

import logging
import math
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from models.decoders import native_library as native
from models.decoders.config import DecoderConfig
from models.decoders.native_library import Packed, Sketch
from models.decoders.weights import PROJECTIONS, WeightSource
from models.errors import ModelRefused
from models.gguf.source import GgufSource
from models.packing.pack_index import Part, Place, Stamp, read_index, remove_old, write
from models.packing.quantized import Kind
from models.packing.weight_shapes import CheckedShapes, matrix_shape, vector_length

log = logging.getLogger(__name__)

Progress = Callable[[str, float, float], None]
PackKind = Literal["gguf", "int4", "int8"]  # gguf: as the file has it
SKETCH, SPREAD = "head.sketch", "head.spread"  # in the pack; see ``native_library.Sketch``
PHASE = "Preparing the model for this processor"


class PackedWeights(Protocol):
    """What the native decoder is made of; names as in ``WeightSource``."""

    def packed(self, name: str, kind: Kind) -> Packed:
        """The matrix ``name`` in tiles, with its bias. ``kind`` is what it is packed as where that is still open."""

    def vector(self, name: str) -> Tensor | None:
        """See ``WeightSource.vector``."""

    def sketch(self, head: Packed) -> Sketch | None:
        """Of the output layer ``head``, where one saves time."""


class PackedNow:
    """Packs a source's matrices as they are asked for, in memory."""

    def __init__(self, source: WeightSource) -> None:
        self._source = source

    def packed(self, name: str, kind: Kind) -> Packed:
        """See ``PackedWeights.packed``."""
        return Packed(self._source.matrix(name, kind), self._source.vector(f"{name}.bias"))

    def vector(self, name: str) -> Tensor | None:
        """See ``PackedWeights.vector``."""
        return self._source.vector(name)

    def sketch(self, head: Packed) -> Sketch | None:
        """See ``PackedWeights.sketch``."""
        return Sketch.of(head) if Sketch.worthwhile(head) else None


def file_name(kind: PackKind) -> str:
    """The pack of ``kind`` that this build of the native library reads."""
    return f"packed-{kind}-{native.INTERFACE}-tiles{native.TILE}.bin"


class PackFile:
    """An opened pack. Implements ``PackedWeights``."""

    def __init__(self, places: dict[str, Place], parts: dict[str, np.ndarray]) -> None:
        """``parts``: uint8, of a mapped file or in memory, as long as ``places`` says."""
        self._places, self._parts = places, parts

    @property
    def most_used(self) -> str:
        """The format of most weights."""
        counts: dict[str, int] = {}
        for place in self._places.values():
            if place.format:
                counts[place.format] = counts.get(place.format, 0) + math.prod(place.shape)
        return max(counts, key=lambda format: counts[format])

    def packed(self, name: str, kind: Kind) -> Packed:
        """See ``PackedWeights.packed``; ``kind`` was settled when the pack was made. Raises ModelRefused."""
        place = self._places.get(name)
        if place is None:
            raise ModelRefused(f"The model's weights lack {name}.")
        rows, cols = place.shape
        return Packed.mapped(place.format, rows, cols, self._parts[name], self.vector(f"{name}.bias"))

    def vector(self, name: str) -> Tensor | None:
        """See ``PackedWeights.vector``."""
        part = self._parts.get(name)
        return None if part is None else torch.from_numpy(part.view(np.float32).copy())

    def sketch(self, head: Packed) -> Sketch | None:
        """See ``PackedWeights.sketch``; the one in the file, where there is one that belongs to ``head``."""
        if not Sketch.worthwhile(head):
            return None
        codes, spread = self._parts.get(SKETCH), self.vector(SPREAD)
        if (
            codes is None
            or spread is None
            or (codes.size, len(spread))
            != (
                Sketch.size_of(head),
                head.struct.rows,
            )
        ):
            return Sketch.of(head)
        return Sketch(head.struct.rows, head.struct.cols, codes, spread)


def open_pack(path: Path, stamp: Stamp, config: DecoderConfig) -> PackFile | None:
    """The pack at ``path`` if it was made of the weights of ``stamp`` and is whole; None: it must be made."""
    index = read_index(path)
    if index is None or index[0] != stamp.to_json() or not _fits(index[1], config):
        return None
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError):
        return None
    _prefetch(data)
    plain = data.view(np.ndarray)
    views = {name: plain[one.start : one.start + one.size_bytes] for name, one in index[1].items()}
    return PackFile(index[1], views)


def _prefetch(data: np.memmap) -> None:
    """Let the system read the file ahead while the rest of the program loads."""
    mapped = getattr(data, "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_WILLNEED"):
        mapped.madvise(mmap.MADV_WILLNEED)


def _fits(places: dict[str, Place], config: DecoderConfig) -> bool:
    """Whether every weight is there and as large as the configuration says."""
    for name in matrix_names(config):
        place = places.get(name)
        if place is None or place.format not in native.FORMATS or place.shape != matrix_shape(config, name):
            return False
        if place.size_bytes != native.packed_size(place.format, *place.shape):
            return False
    for name in vector_names(config):
        place = places.get(name)
        if place is None and not name.endswith(".bias"):
            return False
        if place is not None and (place.format or place.size_bytes != 4 * vector_length(config, name)):
            return False
    return True


def matrix_names(config: DecoderConfig) -> list[str]:
    """Every matrix of the model, in the order in which a forward pass uses them."""
    layers = [f"layers.{index}.{projection}" for index in range(config.layers) for projection in PROJECTIONS]
    return ["embed_tokens", *layers, *([] if config.tied else ["lm_head"])]


def vector_names(config: DecoderConfig) -> list[str]:
    """Every norm, and every bias that a model may have."""
    norms = ["input_layernorm", "post_attention_layernorm"]
    if config.sandwich_norms:
        norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
    if config.qk_norm:
        norms += ["self_attn.q_norm", "self_attn.k_norm"]
    names = [f"layers.{index}.{norm}.weight" for index in range(config.layers) for norm in norms]
    biases = [f"{name}.bias" for name in matrix_names(config) if name != "embed_tokens"]
    return ["norm.weight", *names, *biases]


def make_pack(
    path: Path, stamp: Stamp, source: WeightSource, kind: PackKind, config: DecoderConfig, progress: Progress
) -> PackFile:
    """Pack the weights of ``source`` into the file ``path``, and open it.

    Where it cannot be written (a full disk, a folder for reading only) the packed weights stay in memory.
    """
    try:
        remove_old(path)
        write(path, stamp, _parts(source, kind, config, progress))
    except OSError as error:
        log.warning(
            "%s could not be kept (%s), so the model is prepared again at every start",
            path.name,
            error.strerror or error,
        )
        return _in_memory(_parts(source, kind, config, progress))
    made = open_pack(path, stamp, config)
    if made is None:
        raise ModelRefused(f"{path.name} was written and cannot be read.")
    return made


def _parts(source: WeightSource, kind: PackKind, config: DecoderConfig, progress: Progress) -> Iterator[Part]:
    """Everything that goes into a pack, one after the other."""
    names, done = matrix_names(config), 0
    weights = {name: _weight_count(name, config) for name in names}
    total = sum(weights.values())
    progress(PHASE, 0, total)
    for name in vector_names(config):
        vector = source.vector(name)
        if vector is None and not name.endswith(".bias"):
            raise ModelRefused(f"The model's weights lack {name.removesuffix('.weight')}.")
        if vector is not None:
            yield Part(name, "", tuple(vector.shape), vector.contiguous().numpy().view(np.uint8).data)
    for name in names:
        format, shape, data = _packed(source, name, kind)
        if shape != matrix_shape(config, name):
            raise ModelRefused(f"The model's weights and its configuration do not fit together ({name}).")
        yield Part(name, format, shape, data.data)
        if name == ("embed_tokens" if config.tied else "lm_head"):
            yield from _sketch(Packed.mapped(format, *shape, data, None))
        done += weights[name]
        progress(PHASE, done, total)


def _sketch(head: Packed) -> Iterator[Part]:
    """What finds the words that can come next quickly, kept since making it takes a second at every start."""
    if not Sketch.worthwhile(head):
        return
    sketch = Sketch.of(head)
    codes = sketch.data
    yield Part(SKETCH, "", (codes.size,), codes.data)
    yield Part(SPREAD, "", tuple(sketch.spread.shape), sketch.spread.numpy().view(np.uint8).data)


def _weight_count(name: str, config: DecoderConfig) -> int:
    rows, cols = matrix_shape(config, name)
    return rows * cols


def _packed(source: WeightSource, name: str, kind: PackKind) -> tuple[str, tuple[int, ...], np.ndarray]:
    """(format, shape, bytes) of a matrix. gguf: the file's blocks where there is a native format for them, else int8."""
    inner = source.source if isinstance(source, CheckedShapes) else source
    if kind == "gguf" and isinstance(inner, GgufSource):
        raw = inner.raw(name)
        format = native.format_of(raw.type)
        if format is not None:
            out = np.empty(native.packed_size(format, raw.rows, raw.cols), dtype=np.uint8)
            native.pack_gguf(raw.type, raw.data, raw.rows, raw.cols, out, raw.row_order)
            return format, (raw.rows, raw.cols), out
    table = name in ("embed_tokens", "lm_head")  # int8 in int4 models
    weight = source.matrix(name, "int4" if kind == "int4" and not table else "int8")
    return weight.kind, (weight.rows, weight.cols), native.pack(weight).numpy()


def _in_memory(parts: Iterator[Part]) -> PackFile:
    places, arrays = {}, {}
    for part in parts:
        data = np.frombuffer(part.data, dtype=np.uint8)
        places[part.name] = Place(part.format, part.shape, 0, data.size, 0)
        arrays[part.name] = data
    return PackFile(places, arrays)
