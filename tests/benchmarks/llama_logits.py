"""Full logits of llama.cpp on a GGUF file: the C functions that the library in the package xllamacpp exports.

The two parameter structures are only ever passed through (llama.cpp fills in its defaults): they are taken as blocks of
memory larger than they are, so that their layout, which changes between versions, does not matter. The one value that is
set, ``n_ctx``, is the first of its structure, and is checked afterwards.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from ctypes import POINTER, c_char_p, c_float, c_int8, c_int32, c_uint8, c_uint32, c_void_p
from pathlib import Path

import numpy as np

CHUNK = 64  # tokens in one call: the logits of each take 0.6 MB


class _Parameters(ctypes.Structure):
    _fields_ = (("bytes", c_uint8 * 2048),)


class _Batch(ctypes.Structure):
    _fields_ = (
        ("n_tokens", c_int32),
        ("token", POINTER(c_int32)),
        ("embd", c_void_p),
        ("pos", POINTER(c_int32)),
        ("n_seq_id", POINTER(c_int32)),
        ("seq_id", POINTER(POINTER(c_int32))),
        ("logits", POINTER(c_int8)),
    )


_LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, c_char_p, c_void_p)


@_LOG
def _silent(level: int, text: bytes, data: int) -> None:
    """llama.cpp's own messages are of no use here."""


class LlamaLogits:
    """One model in llama.cpp's default setting (float16 cache, all of it on the processor)."""

    def __init__(self, file: Path, threads: int, context: int = 2048) -> None:
        import xllamacpp

        path = next(Path(xllamacpp.__path__[0]).glob("*.so"))
        c = self._c = ctypes.CDLL(str(path))
        for name in ("llama_model_default_params", "llama_context_default_params"):
            getattr(c, name).restype = _Parameters
        c.llama_model_load_from_file.argtypes = [c_char_p, _Parameters]
        c.llama_model_load_from_file.restype = c_void_p
        c.llama_init_from_model.argtypes = [c_void_p, _Parameters]
        c.llama_init_from_model.restype = c_void_p
        c.llama_model_get_vocab.argtypes = [c_void_p]
        c.llama_model_get_vocab.restype = c_void_p
        c.llama_vocab_n_tokens.argtypes = [c_void_p]
        c.llama_n_ctx.argtypes = [c_void_p]
        c.llama_n_ctx.restype = c_uint32
        c.llama_set_n_threads.argtypes = [c_void_p, c_int32, c_int32]
        c.llama_batch_init.restype = _Batch
        c.llama_decode.argtypes = [c_void_p, _Batch]
        c.llama_get_logits.argtypes = [c_void_p]
        c.llama_get_logits.restype = POINTER(c_float)
        c.llama_get_memory.argtypes = [c_void_p]
        c.llama_get_memory.restype = c_void_p
        c.llama_memory_clear.argtypes = [c_void_p, ctypes.c_bool]
        c.llama_tokenize.argtypes = [
            c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32, ctypes.c_bool, ctypes.c_bool,
        ]  # fmt: skip
        c.llama_log_set(_silent, None)
        c.llama_backend_init()
        self._model = c.llama_model_load_from_file(str(file).encode(), c.llama_model_default_params())
        if not self._model:
            raise RuntimeError(f"llama.cpp cannot load {file.name}")
        parameters = c.llama_context_default_params()
        struct.pack_into("<I", parameters.bytes, 0, context)
        self._context = c.llama_init_from_model(self._model, parameters)
        if not self._context or c.llama_n_ctx(self._context) < context:
            raise RuntimeError("this version of llama.cpp has its parameters in another order")
        c.llama_set_n_threads(self._context, threads, threads)
        self._vocab = c.llama_model_get_vocab(self._model)
        self.vocab_size = int(c.llama_vocab_n_tokens(self._vocab))
        self._batch = c.llama_batch_init(CHUNK, 0, 1)
        self.context = context

    def tokenize(self, text: str) -> list[int]:
        """Ids by llama.cpp's own tokenizer, control tokens read as such, nothing added."""
        raw = text.encode()
        room = (c_int32 * (len(raw) + 8))()
        count = self._c.llama_tokenize(self._vocab, raw, len(raw), room, len(room), False, True)
        return list(room[:count])

    def logits(self, ids: Sequence[int]) -> np.ndarray:
        """Logits after each token, (len(ids), vocab) float32, in an empty context."""
        if len(ids) > self.context:
            raise ValueError(f"{len(ids)} tokens do not fit into {self.context}")
        self._c.llama_memory_clear(self._c.llama_get_memory(self._context), True)
        out = np.empty((len(ids), self.vocab_size), dtype=np.float32)
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            batch = self._batch
            batch.n_tokens = len(part)
            for i, token in enumerate(part):
                batch.token[i], batch.pos[i] = token, start + i
                batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = 1, 0, 1
            if self._c.llama_decode(self._context, batch):
                raise RuntimeError("llama.cpp could not read the tokens")
            found = self._c.llama_get_logits(self._context)
            out[start : start + len(part)] = np.ctypeslib.as_array(found, (len(part), self.vocab_size))
        return out
