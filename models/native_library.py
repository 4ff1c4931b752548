"""Loads the optional C++ decode step and mirrors its structures (models/native/step.h and kernels.h)."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_float, c_int32, c_void_p
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from models.quantized import GROUP, Weight

INTERFACE = 2
TILE = 16
FORMATS = {"float32": 0, "bfloat16": 1, "int8": 2, "int4": 3}
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
    )


@cache
def library() -> ctypes.CDLL | None:
    """The native step, None where it was not built or is of another version."""
    folder = Path(__file__).parent / "native"
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


class Packed:
    """A matrix in the native tile layout (see kernels.h), with the structure that points to it."""

    def __init__(self, weight: Weight, bias: Tensor | None = None) -> None:
        self.data = pack(weight)
        self.bias = None if bias is None else bias.float().contiguous()
        self.struct = LinearStruct(
            FORMATS[weight.kind], weight.rows, weight.cols, 1, self.data.data_ptr(), pointer(self.bias)
        )

    @property
    def size_bytes(self) -> int:
        return self.data.numel()


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
    parts = [_halves(weight.scale, pad)]
    if weight.kind == "int8":
        codes = q.view(torch.uint8)
    else:
        assert weight.offset is not None
        parts.append(_halves(weight.offset, pad))
        pairs = q.view(tiles, TILE, groups, 4, 2, 4)  # chunks of 8 columns: 4 in low nibbles, 4 in high
        codes = torch.bitwise_or(pairs[..., 0, :], pairs[..., 1, :] << 4)
    # (tiles, row, group, chunk) of four bytes each, moved as one number -> (tiles, group, chunk, row)
    fours = codes.contiguous().view(-1).view(torch.int32).view(tiles, TILE, groups, -1)
    parts.append(fours.permute(0, 2, 3, 1).reshape(tiles, groups, -1).view(torch.uint8))
    return torch.cat(parts, dim=-1).flatten()


def _halves(values: Tensor, pad: int) -> Tensor:
    """(rows, groups) float16 -> (tiles, groups, 32 bytes)."""
    padded = F.pad(values, (0, 0, 0, pad))
    return padded.view(-1, TILE, values.shape[1]).transpose(1, 2).contiguous().view(torch.uint8)
