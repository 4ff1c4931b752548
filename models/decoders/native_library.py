"""Loads the optional C++ decode step and mirrors its structures (models/native/step.h and kernels.h)."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_float, c_int32, c_int64, c_void_p
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models import native
from models.packing.quantized import GROUP, Weight
from models.thread_count import physical_cores

INTERFACE = 8
TILE = 16
FORMATS = {
    "float32": 0,
    "bfloat16": 1,
    "int8": 2,
    "int4": 3,
    "float16": 4,
    "q4_0": 5,
    "q5_0": 6,
    "q5_1": 7,
    "q4_k": 8,
    "q5_k": 9,
    "q6_k": 10,
}
_SKETCH = 11
SKETCHED_WORDS = 16384  # a head of fewer words is read faster than it is looked up
# GGML's name and number of a type -> the native format that holds its blocks without another rounding.
_GGML = {
    "F32": (0, "float32"),
    "F16": (1, "float16"),
    "BF16": (30, "bfloat16"),
    "Q4_0": (2, "q4_0"),
    "Q4_1": (3, "int4"),
    "Q5_0": (6, "q5_0"),
    "Q5_1": (7, "q5_1"),
    "Q8_0": (8, "int8"),
    "Q4_K": (12, "q4_k"),
    "Q5_K": (13, "q5_k"),
    "Q6_K": (14, "q6_k"),
}
ACTIVATIONS = {"silu": 0, "gelu_tanh": 1, "gelu": 2}


class LinearStruct(Structure):
    _fields_ = (
        ("format", c_int32),
        ("rows", c_int32),
        ("cols", c_int32),
        ("present", c_int32),
        ("data", c_void_p),
        ("bias", c_void_p),
    )


class LayerStruct(Structure):
    _fields_ = (
        ("linear", LinearStruct * 7),
        ("input_norm", c_void_p),
        ("attention_post_norm", c_void_p),
        ("mlp_norm", c_void_p),
        ("mlp_post_norm", c_void_p),
        ("query_norm", c_void_p),
        ("key_norm", c_void_p),
        ("window", c_int32),
        ("rope", c_int32),
    )


class SpecStruct(Structure):
    _fields_ = (
        *((name, c_int32) for name in ("hidden", "layers", "heads", "kv_heads", "head_dim")),
        *((name, c_int32) for name in ("intermediate", "vocab", "activation")),
        *((name, c_float) for name in ("eps", "embedding_scale", "attention_scale")),
        *((name, c_float) for name in ("attention_softcap", "logit_softcap")),
        ("threads", c_int32),
        ("layer", POINTER(LayerStruct)),
        ("norm", c_void_p),
        ("embedding", LinearStruct),
        ("head", LinearStruct),
        ("sketch", LinearStruct),
        ("spread", c_void_p),
    )


class AdapterStruct(Structure):
    _fields_ = (("a", LinearStruct), ("b", LinearStruct))


class StepStruct(Structure):
    _fields_ = (
        *((name, c_int32) for name in ("batch", "n", "start", "shared", "half")),
        *((name, c_int32) for name in ("capacity", "shared_capacity", "all_logits")),
        *((name, c_void_p) for name in ("ids", "embeds", "keys", "values", "shared_keys", "shared_values")),
        ("cos", c_void_p * 2),
        ("sin", c_void_p * 2),
        ("adapters", POINTER(AdapterStruct)),
        ("logits", c_void_p),
        ("hidden", c_void_p),
        ("residual", c_void_p),
        ("first", c_int32),
        ("last", c_int32),
        ("starts", c_void_p),
        ("reach", c_float),
    )


@cache
def library() -> ctypes.CDLL | None:
    """The native step, None where it was not built or is of another version."""
    folder = Path(native.__file__).parent
    for path in sorted(folder.glob("_step*")):
        if path.suffix not in (".so", ".pyd", ".dylib", ".dll"):
            continue
        try:
            found = ctypes.CDLL(str(path))
            found.attune_interface.restype = c_int32
            if found.attune_interface() != INTERFACE:
                continue
        except (OSError, AttributeError):
            continue
        found.attune_kernels.restype = c_char_p
        found.attune_choose.argtypes = [c_char_p]
        found.attune_create.argtypes = [POINTER(SpecStruct)]
        found.attune_create.restype = c_void_p
        found.attune_free.argtypes = [c_void_p]
        found.attune_step.argtypes = [c_void_p, POINTER(StepStruct)]
        found.attune_packed_size.argtypes = [c_int32, c_int32, c_int32]
        found.attune_packed_size.restype = c_int64
        found.attune_pack.argtypes = [c_int32, c_void_p, c_int32, c_int32, c_void_p, c_void_p, c_int32]
        found.attune_read_row.argtypes = [POINTER(LinearStruct), c_int32, c_void_p]
        found.attune_sketch_bytes.argtypes = [c_int32, c_int32]
        found.attune_sketch_bytes.restype = c_int64
        found.attune_make_sketch.argtypes = [POINTER(LinearStruct), c_void_p, c_void_p, c_int32]
        return found
    return None


def kernels() -> str:
    """Which instructions the native step uses here: avx512 | avx2 | plain; empty when it is not built."""
    found = library()
    return "" if found is None else found.attune_kernels().decode()


def choose_kernels(name: str) -> bool:
    """Use another set from the next decoder on ("" for the best); False: not available here."""
    found = library()
    return found is not None and found.attune_choose(name.encode()) == 0


def format_of(gguf_type: str) -> str | None:
    """The native format that holds the blocks of a GGML type ("Q4_K") bit for bit; None: none does."""
    return _GGML[gguf_type][1] if gguf_type in _GGML else None


def packed_size(format: str, rows: int, cols: int) -> int:
    """Bytes of a matrix in tiles, a multiple of 64. Raises ValueError for a width that the format cannot have."""
    size = _loaded().attune_packed_size(FORMATS[format], rows, cols)
    if size < 0:
        raise ValueError(f"no {format} matrix of {rows} rows and {cols} columns")
    return int(size)


def gguf_size(gguf_type: str, rows: int, cols: int) -> int:
    """Bytes of a GGUF tensor of that type."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    weights, size = GGML_QUANT_SIZES[GGMLQuantizationType[gguf_type]]
    return rows * cols // weights * size


def pack_gguf(
    gguf_type: str,
    data: np.ndarray,
    rows: int,
    cols: int,
    out: np.ndarray,
    row_order: np.ndarray | None = None,
    threads: int = 0,
) -> None:
    """Put a GGUF tensor's blocks into tiles: ``data`` uint8 of the file, ``out`` uint8 (``packed_size``).

    ``row_order`` int32 (rows): row i of the result is row ``row_order[i]`` of the tensor. ``threads`` 0: one per core.
    """
    number, name = _GGML[gguf_type]
    if data.dtype != np.uint8 or data.size != gguf_size(gguf_type, rows, cols) or not data.flags.c_contiguous:
        raise ValueError(f"{data.size} bytes are no {gguf_type} tensor of {rows} x {cols}")
    if out.dtype != np.uint8 or out.size != packed_size(name, rows, cols) or not out.flags.c_contiguous:
        raise ValueError("the place for the packed matrix has the wrong size")
    order = None
    if row_order is not None:
        row_order = np.ascontiguousarray(row_order, dtype=np.int32)
        if row_order.shape != (rows,) or row_order.min() < 0 or row_order.max() >= rows:
            raise ValueError("the order of rows does not fit the tensor")
        order = row_order.ctypes.data
    status = _loaded().attune_pack(
        number, data.ctypes.data, rows, cols, out.ctypes.data, order, threads or physical_cores()
    )
    if status:
        raise MemoryError("not enough memory to pack a matrix")


def _loaded() -> ctypes.CDLL:
    found = library()
    if found is None:
        raise RuntimeError("the native step is not built")
    return found


class Packed:
    """A matrix in the native tile layout (see kernels.h), with the structure that points to it."""

    def __init__(self, weight: Weight, bias: Tensor | None = None) -> None:
        self._point(weight.kind, weight.rows, weight.cols, pack(weight), bias)

    @classmethod
    def mapped(
        cls, format: str, rows: int, cols: int, data: np.ndarray | Tensor, bias: Tensor | None = None
    ) -> Packed:
        """Packed bytes that lie elsewhere (a mapped file): uint8, ``packed_size`` of them, kept alive by this."""
        size = data.size if isinstance(data, np.ndarray) else data.numel()
        if size != packed_size(format, rows, cols):
            raise ValueError(f"{size} bytes are no packed {format} matrix of {rows} x {cols}")
        packed = cls.__new__(cls)
        packed._point(format, rows, cols, data, bias)
        return packed

    def _point(
        self, format: str, rows: int, cols: int, data: np.ndarray | Tensor, bias: Tensor | None
    ) -> None:
        self.data = data
        self.bias = None if bias is None else bias.float().contiguous()
        address = data.ctypes.data if isinstance(data, np.ndarray) else data.data_ptr()
        self.struct = LinearStruct(FORMATS[format], rows, cols, 1, address, pointer(self.bias))

    @property
    def size_bytes(self) -> int:
        return self.data.size if isinstance(self.data, np.ndarray) else self.data.numel()

    def row(self, index: int) -> Tensor:
        """Row ``index`` as float32."""
        if not 0 <= index < self.struct.rows:
            raise IndexError(index)
        out = torch.empty(self.struct.cols)
        _loaded().attune_read_row(ctypes.byref(self.struct), index, out.data_ptr())
        return out


class Sketch:
    """A copy of a head in 2 bits a weight, from which the words that can come next are found (native/shortlist.h)."""

    def __init__(self, rows: int, cols: int, data: np.ndarray, spread: Tensor) -> None:
        """``data`` (uint8) and ``spread`` (rows) float32, what each row leaves out per unit of the hidden state's
        length, as ``of`` makes them; both are kept alive."""
        self.data, self.spread = data, spread
        self.struct = LinearStruct(_SKETCH, rows, cols, 1, data.ctypes.data, None)

    @classmethod
    def of(cls, head: Packed, threads: int = 0) -> Sketch:
        """Make it of ``head``. Raises MemoryError."""
        rows, cols = head.struct.rows, head.struct.cols
        data = np.empty(cls.size_of(head), dtype=np.uint8)
        spread = torch.empty(rows)
        status = _loaded().attune_make_sketch(
            ctypes.byref(head.struct), data.ctypes.data, spread.data_ptr(), threads or physical_cores()
        )
        if status:
            raise MemoryError("not enough memory for the head's sketch")
        return cls(rows, cols, data, spread)

    @staticmethod
    def size_of(head: Packed) -> int:
        """Bytes of its codes; 0: there is none for a head of these sizes."""
        return int(_loaded().attune_sketch_bytes(head.struct.rows, head.struct.cols))

    @staticmethod
    def worthwhile(head: Packed) -> bool:
        """Whether the head is so large that looking at a sketch first saves time."""
        return bool(
            head.struct.rows >= SKETCHED_WORDS
            and Sketch.size_of(head)
            and head.struct.format not in (FORMATS["float32"], FORMATS["bfloat16"], FORMATS["float16"])
        )

    @property
    def size_bytes(self) -> int:
        return self.data.size + self.spread.numel() * 4


def pointer(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def pack(weight: Weight) -> Tensor:
    """The bytes (uint8) of ``weight`` in tiles of 16 rows, padded with zero rows."""
    pad = -weight.rows % TILE
    q = F.pad(weight.q, (0, 0, 0, pad))
    tiles = q.shape[0] // TILE
    if weight.scale is None:
        return q.view(tiles, TILE, -1).transpose(1, 2).contiguous().view(torch.uint8).flatten()
    groups = weight.cols // GROUP
    scales = _halves(weight.scale, pad)
    if weight.kind == "int8":
        codes = q.view(torch.uint8)
    else:
        assert weight.offset is not None
        pairs = q.view(tiles, TILE, groups, 4, 2, 4)  # chunks of 8 columns: 4 in low nibbles, 4 in high
        codes = torch.bitwise_or(pairs[..., 0, :], pairs[..., 1, :] << 4)
    # (tiles, row, group, chunk) of four bytes each, moved as one number -> (tiles, group, chunk, row)
    fours = codes.contiguous().view(-1).view(torch.int32).view(tiles, TILE, groups, -1)
    blocks = fours.permute(0, 2, 3, 1).reshape(tiles, groups, -1).view(torch.uint8)
    if weight.offset is not None:
        return torch.cat((scales, _halves(weight.offset, pad), blocks), dim=-1).flatten()
    parts = torch.cat((blocks.flatten(1), scales.flatten(1)), dim=-1)
    return F.pad(parts, (0, -parts.shape[1] % 64)).flatten()


def _halves(values: Tensor, pad: int) -> Tensor:
    """(rows, groups) float16 -> (tiles, groups, 32 bytes)."""
    padded = F.pad(values, (0, 0, 0, pad))
    return padded.view(-1, TILE, values.shape[1]).transpose(1, 2).contiguous().view(torch.uint8)
