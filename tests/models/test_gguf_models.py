"""GGUF files of every family and every type used as they are, against transformers' forward pass on the same weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf_files
import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
)

from models import loader
from models.decoders import decoder, native_library
from models.decoders.config import from_hf
from models.errors import ModelRefused
from models.fetch import trust
from models.gguf.folder import GGUF_NAME
from models.gguf.model import make_folder

SIZES: dict[str, Any] = {
    "vocab_size": 331,  # not a multiple of the native tile
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
    "initializer_range": 0.2,
}
GEMMA3 = {
    "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
    "full_attention": {"rope_type": "linear", "rope_theta": 1_000_000.0, "factor": 8.0},
}
CONFIGS: dict[str, Callable[[], Any]] = {
    "llama": lambda: LlamaConfig(**SIZES, tie_word_embeddings=True),
    "llama-untied-bias": lambda: LlamaConfig(**SIZES, attention_bias=True, head_dim=32),
    "mistral": lambda: MistralConfig(**SIZES, sliding_window=None),
    "qwen2": lambda: Qwen2Config(**SIZES),
    "qwen3": lambda: Qwen3Config(**SIZES, head_dim=32, tie_word_embeddings=True),
    "gemma": lambda: GemmaConfig(**SIZES, head_dim=16),
    "gemma2": lambda: Gemma2Config(**SIZES, head_dim=16, sliding_window=9, query_pre_attn_scalar=16),
    "gemma3": lambda: Gemma3TextConfig(**SIZES, head_dim=16, sliding_window=9, query_pre_attn_scalar=16),
    "gemma3-scaled": lambda: Gemma3TextConfig(
        **SIZES, head_dim=16, sliding_window=9, query_pre_attn_scalar=16, rope_parameters=dict(GEMMA3)
    ),
}
IDS = torch.tensor([[5, 9, 33, 120, 7, 64, 12, 301, 88, 41, 6, 9]])
NATIVE = native_library.kernels() in ("avx2", "avx512")


def silent(phase: str, done: float, total: float) -> None:
    pass


def random_model(config: Any) -> Any:
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():  # norms and biases at their first values would hide mistakes
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
        if config.model_type.startswith("gemma"):  # whose scaled embeddings would drown what the layers say
            model.get_input_embeddings().weight.mul_(0.15)
    return model


def folder_of(path: Path) -> Path:
    folder = path.with_suffix("")
    folder.mkdir()
    path.rename(folder / GGUF_NAME)
    make_folder(folder / GGUF_NAME, folder, silent)
    return folder


def logits(folder: Path, quantization: str, prefer: str, config: Any = None) -> torch.Tensor:
    config = config or loader.read_config(trust.check(folder))
    built = decoder.build(folder, config, quantization, 2, prefer=prefer)
    assert built is not None
    return built.forward(built.new_cache(), IDS, all_logits=True)[0]


@pytest.mark.parametrize("name", CONFIGS)
def test_every_family_says_what_transformers_says(name: str, tmp_path: Path) -> None:
    model = random_model(CONFIGS[name]())
    more: dict[str, Any] = {}
    if name == "gemma3-scaled":
        more = {"rope.scaling.type": "linear", "rope.scaling.factor": 8.0}
    gguf_files.write(tmp_path / "m.gguf", model, "F32", **more)
    folder = folder_of(tmp_path / "m.gguf")
    with torch.inference_mode():
        expected = model(IDS).logits[0]
    torch.testing.assert_close(logits(folder, "float32", "eager"), expected, atol=2e-3, rtol=1e-3)
    if NATIVE:
        torch.testing.assert_close(logits(folder, "float32", "native"), expected, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_written_configuration_is_complete(name: str, tmp_path: Path) -> None:
    """Read as it stands it says what transformers' own class makes of it, and that is what the model was made with."""
    config = CONFIGS[name]()
    more: dict[str, Any] = {}
    if name == "gemma3-scaled":
        more = {"rope.scaling.type": "linear", "rope.scaling.factor": 8.0}
    gguf_files.write(tmp_path / "m.gguf", random_model(config), "F32", **more)
    folder = folder_of(tmp_path / "m.gguf")
    plain, own = loader.read_config(trust.check(folder)), AutoConfig.from_pretrained(folder)
    expected = from_hf(config)
    assert expected is not None
    for found in (from_hf(plain), from_hf(own)):
        assert found is not None
        family = "llama" if name == "mistral" else expected.family  # GGUF calls both llama
        assert found.family == family
        fields = {k: v for k, v in vars(expected).items() if k not in ("family", "ropes", "eps")}
        assert {k: v for k, v in vars(found).items() if k in fields} == fields
        assert found.eps == pytest.approx(expected.eps)
        for ours, theirs in zip(found.ropes, expected.ropes, strict=True):
            torch.testing.assert_close(ours.inv_freq, theirs.inv_freq)


def model_of_256() -> Any:
    sizes = SIZES | {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2}
    return random_model(Qwen2Config(**sizes | {"initializer_range": 0.06}))


# Of the logits' norm. The native decoder rounds activations to int8 by groups of 32; the plain one keeps 4- and 8-bit
# blocks and makes int8 (a second rounding) of the others, with products in bfloat16.
NATIVE_LIMIT, EAGER_LIMIT = 0.05, 0.05


@pytest.mark.parametrize("kind", gguf_files.TYPES)
def test_every_type_is_used_as_it_is(kind: str, tmp_path: Path) -> None:
    model = model_of_256()
    held = gguf_files.write(tmp_path / "m.gguf", model, kind)
    folder = folder_of(tmp_path / "m.gguf")
    model.load_state_dict(held, strict=False)
    with torch.inference_mode():
        expected = model(IDS).logits[0]
    exact = logits(folder, "float32", "eager")
    assert (exact - expected).norm() / expected.norm() < 1e-4
    plain = logits(folder, "auto", "eager")
    assert (plain - expected).norm() / expected.norm() < EAGER_LIMIT
    if NATIVE:
        near = logits(folder, "auto", "native")
        assert (near - expected).norm() / expected.norm() < NATIVE_LIMIT
        packs = [path.name for path in folder.glob("packed-*.bin")]
        as_it_is = kind not in ("F32", "F16", "BF16")
        assert len(packs) == 1 and packs[0].startswith("packed-gguf-" if as_it_is else "packed-int8-")


@pytest.mark.skipif(not NATIVE, reason="the native decoder is not built")
def test_a_file_of_mixed_types_with_interleaved_rows(tmp_path: Path) -> None:
    """As Q4_K_M files are: some tensors finer, rows of queries and keys in llama.cpp's order, biases too."""
    sizes = SIZES | {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2}
    model = random_model(LlamaConfig(**sizes | {"initializer_range": 0.06}, attention_bias=True))
    kinds = {"attn_v": "Q6_K", "ffn_down": "Q5_0", "output": "Q6_K", "token_embd": "Q8_0", "attn_q": "Q5_K"}
    held = gguf_files.write(
        tmp_path / "m.gguf", model, lambda name: kinds.get(name.rsplit(".", 2)[-2], "Q4_K")
    )
    folder = folder_of(tmp_path / "m.gguf")
    model.load_state_dict(held, strict=False)
    with torch.inference_mode():
        expected = model(IDS).logits[0]
    near = logits(folder, "auto", "native")
    assert (near - expected).norm() / expected.norm() < NATIVE_LIMIT
    loaded = loader.load(folder, model_id="mixed")
    assert loaded.quantization == "q4_k" and loaded.parameters == sum(t.numel() for t in held.values())
    module = loaded.module()
    with torch.inference_mode():
        torch.testing.assert_close(module(IDS).logits[0], expected, atol=2e-3, rtol=1e-3)


def test_llama_3_is_recognised_by_its_rotary_factors(tmp_path: Path) -> None:
    import gguf
    import numpy as np
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    rope = {
        "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 32.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
    }  # fmt: skip
    config = LlamaConfig(**SIZES | {"max_position_embeddings": 131_072}, rope_parameters=rope, head_dim=64)
    model = random_model(config)
    plain = 1.0 / (500_000.0 ** (torch.arange(0, 64, 2) / 64))
    factors = (plain / ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))[0]).numpy()
    real_close = gguf.GGUFWriter.write_header_to_file
    for name, change, fits in (("right", 1.0, True), ("wrong", 1.3, False)):

        def add(writer: Any, *arguments: Any, change: float = change, **named: Any) -> None:
            writer.add_tensor("rope_freqs.weight", (factors * np.linspace(1, change, 32)).astype(np.float32))
            real_close(writer, *arguments, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gguf.GGUFWriter, "write_header_to_file", add)
            gguf_files.write(tmp_path / f"{name}.gguf", model, "F32")
        if not fits:
            with pytest.raises(ModelRefused, match="scaled in a way"):
                folder_of(tmp_path / f"{name}.gguf")
            continue
        folder = folder_of(tmp_path / f"{name}.gguf")
        with torch.inference_mode():
            expected = model(IDS).logits[0]
        torch.testing.assert_close(logits(folder, "float32", "eager"), expected, atol=2e-3, rtol=1e-3)


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    model = random_model(CONFIGS["qwen2"]())
    cases: list[tuple[str, dict[str, Any]]] = [
        ("is not known", {"rope.scaling.type": "longrope"}),
        ("lacks qwen2.rope.scaling.original", {"rope.scaling.type": "yarn"}),
    ]
    for number, (reason, more) in enumerate(cases):
        gguf_files.write(tmp_path / f"{number}.gguf", model, "F32", **more)
        with pytest.raises(ModelRefused, match=reason):
            folder_of(tmp_path / f"{number}.gguf")
    model.config.num_attention_heads = 3
    gguf_files.write(tmp_path / "heads.gguf", model, "F32")
    with pytest.raises(ModelRefused, match="heads"):
        folder_of(tmp_path / "heads.gguf")


def test_a_vocabulary_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    gguf_files.write(path, random_model(CONFIGS["qwen2"]()), "F32")
    whole = path.read_bytes()
    for old, new in (
        (b"a a", b"a \xff"),
        (b"a a", b"aaa"),
        (b"gpt2", b"xxxx"),
        (b"ggml.tokens", b"ggml.tokenz"),
    ):
        assert old in whole
        path.write_bytes(whole.replace(old, new))
        folder = tmp_path / "folder"
        folder.mkdir(exist_ok=True)
        with pytest.raises(ModelRefused, match="vocabulary"):
            make_folder(path, folder, silent)
