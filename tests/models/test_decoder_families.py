"""The fast decoders against transformers' own forward pass, on tiny random checkpoints of every family."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
)

from models.decoders import decoder, native_library
from models.packing.quantized import quantize

SIZES = {
    "vocab_size": 203,  # not a multiple of the native tile
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
CONFIGS = {
    "llama": lambda: LlamaConfig(**SIZES, tie_word_embeddings=True),
    "llama3-rope": lambda: LlamaConfig(**SIZES, rope_parameters=dict(LLAMA3)),
    "llama-bias": lambda: LlamaConfig(**SIZES, attention_bias=True, mlp_bias=True),
    "mistral": lambda: MistralConfig(**SIZES, sliding_window=9),
    "qwen2": lambda: Qwen2Config(**SIZES),
    "qwen3": lambda: Qwen3Config(**SIZES, head_dim=32),
    "gemma": lambda: GemmaConfig(**SIZES, head_dim=16),
    "gemma2": lambda: Gemma2Config(**SIZES, head_dim=16, sliding_window=9, query_pre_attn_scalar=24),
    "gemma3": lambda: Gemma3TextConfig(
        **SIZES,
        head_dim=16,
        sliding_window=9,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    ),
}
KINDS = ["eager"] + (["native"] if native_library.library() is not None else [])


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, torch.nn.Module]]:
    found = {}
    for name, make in CONFIGS.items():
        torch.manual_seed(3)
        config = make()
        config.initializer_range = 0.2  # far from uniform logits, so that an argmax means something
        model = AutoModelForCausalLM.from_config(config).eval()
        with torch.no_grad():  # norms and biases at their initial values would hide mistakes
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(torch.randn_like(parameter) * 0.2)
        folder = tmp_path_factory.mktemp(name)
        model.save_pretrained(folder)
        found[name] = (folder, model)
    return found


def make(folder: Path, model: torch.nn.Module, kind: str, quantization: str = "float32") -> decoder.Decoder:
    built = decoder.build(folder, model.config, quantization, 2, prefer=kind)
    assert built is not None and built.name == kind
    return built


def with_rounded_weights(folder: Path, quantization: str) -> torch.nn.Module:
    """The transformers model with every matrix quantised and dequantised again, as the fast decoders hold it."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    table = "int8" if quantization == "int4" else quantization
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2:
                grade = table if "embed" in name or "lm_head" in name else quantization
                parameter.copy_(quantize(parameter, grade).dequantize())
    return model


def prompt(length: int = 21) -> torch.Tensor:
    return torch.randint(0, SIZES["vocab_size"], (1, length), generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", CONFIGS)
def test_logits_and_greedy_tokens_are_those_of_transformers(checkpoints, family, kind):
    folder, model = checkpoints[family]
    ids = prompt()
    fast = make(folder, model, kind)
    cache = fast.new_cache()
    with torch.inference_mode():
        expected = model(ids).logits[0]
        written = model.generate(ids, max_new_tokens=24, do_sample=False, eos_token_id=None, pad_token_id=0)[
            0, 21:
        ]
    logits = torch.cat(
        (fast.forward(cache, ids[:, :5], all_logits=True), fast.forward(cache, ids[:, 5:], all_logits=True)),
        1,
    )
    torch.testing.assert_close(logits[0], expected, atol=2e-3, rtol=1e-3)
    tokens, row = [], logits[:, -1]
    for _ in range(24):
        tokens.append(int(row.argmax()))
        row = fast.forward(cache, torch.tensor([[tokens[-1]]]))
    assert tokens == written.tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quantization", ["int8", "int4", "bfloat16"])
def test_quantized_logits_stay_near_those_of_the_quantized_weights(checkpoints, kind, quantization):
    """Against transformers with the very same (dequantised) weights: what is left is rounding of activations."""
    folder, model = checkpoints["llama-bias"]
    fast = make(folder, model, kind, quantization)
    same = with_rounded_weights(folder, quantization)
    with torch.inference_mode():
        expected = same(prompt()).logits[0]
    logits = fast.forward(fast.new_cache(), prompt(), all_logits=True)[0]
    error = (logits - expected).norm() / expected.norm()
    assert error < 0.05, error  # int8 activations: about 1 % a product; bfloat16: 0.4 %


@pytest.mark.parametrize("kind", KINDS)
def test_cache_can_be_cut_forked_and_batched(checkpoints, kind):
    folder, model = checkpoints["llama"]
    fast = make(folder, model, kind)
    ids = prompt(40)
    whole = fast.forward(fast.new_cache(), ids, all_logits=True)[0]
    cache = fast.new_cache()
    fast.forward(cache, ids[:, :37])
    four = cache.fork(4)
    assert (four.batch, four.length) == (4, 37)
    # The original goes its own way, below what the fork shares, and the fork must not notice.
    cache.truncate(10)
    other = prompt(60)[:, 20:50]
    fast.forward(cache, other)
    rows = ids[:, 37:].repeat(4, 1)
    rows[2] = 7
    logits = fast.forward(four, rows, all_logits=True)
    for row in (0, 1, 3):
        torch.testing.assert_close(logits[row], whole[37:], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(logits[2], whole[37:], atol=0.1)
    four.truncate(20)
    again = fast.forward(four, ids[:, 20:].repeat(4, 1), all_logits=True)
    torch.testing.assert_close(again[2], whole[20:], atol=1e-4, rtol=1e-4)
    fresh = fast.forward(fast.new_cache(), torch.cat((ids[:, :10], other), 1))
    cache.truncate(39)
    torch.testing.assert_close(fast.forward(cache, other[:, -1:]), fresh, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_embeddings_replace_ids_and_hidden_states_are_the_last_norms(checkpoints, kind):
    folder, model = checkpoints["qwen2"]
    fast, ids = make(folder, model, kind), prompt()
    with torch.inference_mode():
        embeds = model.get_input_embeddings()(ids)
        hidden = model.model(ids).last_hidden_state[0]
    by_ids = fast.forward(fast.new_cache(), ids)
    torch.testing.assert_close(
        fast.forward(fast.new_cache(), ids, embeds=embeds), by_ids, atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(fast.hidden(ids), hidden, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quantization", ["float32", "int4"])
def test_style_is_applied_switched_and_refused(checkpoints, kind, quantization, tmp_path):
    import peft

    from models.errors import ModelRefused

    folder, model = checkpoints["llama"]
    base = with_rounded_weights(folder, quantization)
    torch.manual_seed(1)
    settings = peft.LoraConfig(r=5, lora_alpha=10, target_modules="all-linear", init_lora_weights=False)
    styled = peft.get_peft_model(base, settings).eval()
    styled.save_pretrained(tmp_path / "style")
    fast, ids = make(folder, model, kind, quantization), prompt()
    plain = fast.forward(fast.new_cache(), ids, all_logits=True)
    fast.set_style(tmp_path / "style")
    with_style = fast.forward(fast.new_cache(), ids, all_logits=True)
    with torch.inference_mode():
        expected = styled(ids).logits
    # int4: 2.7 % come from int8 activations without any style, the style's own rounding adds 1 % (four seeds).
    tolerance = {"float32": 1e-3, "int4": 0.05}[quantization]
    assert (with_style - expected).norm() / expected.norm() < tolerance
    assert (with_style - plain).norm() / plain.norm() > 0.5  # the style matters at all
    fast.set_style(None)
    assert torch.equal(fast.forward(fast.new_cache(), ids, all_logits=True), plain)
    (tmp_path / "style" / "adapter_model.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelRefused):
        make(folder, model, kind, quantization).set_style(tmp_path / "style")


@pytest.mark.skipif("native" not in KINDS, reason="the native step is not built")
@pytest.mark.parametrize("quantization", ["int4", "int8", "float32"])
def test_native_logits_do_not_depend_on_how_tokens_are_grouped(checkpoints, quantization):
    """A draft is verified in one pass: its logits must be bit for bit those of one token at a time."""
    folder, model = checkpoints["llama"]
    fast, ids = make(folder, model, "native", quantization), prompt(37)
    whole = fast.forward(fast.new_cache(), ids, all_logits=True)
    for n in (1, 3, 8):
        cache = fast.new_cache()
        parts = [fast.forward(cache, ids[:, i : i + n], all_logits=True) for i in range(0, 37, n)]
        assert torch.equal(torch.cat(parts, 1), whole)


@pytest.mark.skipif("native" not in KINDS, reason="the native step is not built")
def test_every_kernel_set_of_this_processor_agrees(checkpoints):
    folder, model = checkpoints["gemma2"]
    results = {}
    try:
        for name in ("plain", "avx2", "avx512"):
            if native_library.choose_kernels(name):
                fast = make(folder, model, "native")
                results[name] = fast.forward(fast.new_cache(), prompt(), all_logits=True)
    finally:
        assert native_library.choose_kernels("")
    for logits in results.values():
        torch.testing.assert_close(logits, results["plain"], atol=2e-3, rtol=1e-3)


def test_other_families_are_left_to_transformers(tmp_path):
    assert decoder.build(tmp_path, GPT2Config()) is None


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_input_is_refused(checkpoints, kind):
    folder, model = checkpoints["llama"]
    fast = make(folder, model, kind)
    with pytest.raises((ValueError, IndexError)):
        fast.forward(fast.new_cache(), torch.tensor([[SIZES["vocab_size"]]]))
    with pytest.raises(ValueError, match="embeddings"):
        fast.forward(fast.new_cache(), prompt(), extra={"pixel_values": torch.zeros(1)})


@pytest.mark.skipif("native" not in KINDS, reason="the native step is not built")
@pytest.mark.parametrize("family", ["qwen2", "gemma2"])
def test_lower_layers_give_the_stream_that_the_next_layer_begins_with(checkpoints, family):
    folder, model = checkpoints[family]
    fast = make(folder, model, "native")
    ids = torch.cat((prompt(600), prompt(601)[:, 1:]))  # more rows than one native call takes
    with torch.inference_mode():
        states = model(ids, output_hidden_states=True).hidden_states
        embeds = model.get_input_embeddings()(ids)
    for layers in (1, 2):
        stream = fast.lower(fast.new_cache(2), ids, layers=layers)
        torch.testing.assert_close(stream, states[layers], atol=2e-3, rtol=2e-3)
        if family == "qwen2":
            given = fast.lower(fast.new_cache(2), ids, embeds, layers=layers)
            torch.testing.assert_close(given, stream, atol=1e-3, rtol=1e-3)
    with pytest.raises(ValueError, match="3 layers"):
        fast.lower(fast.new_cache(2), ids, layers=4)


@pytest.mark.skipif("native" not in KINDS, reason="the native step is not built")
@pytest.mark.parametrize("family", ["wide", "wide-gemma2"])
def test_words_near_the_best_are_exact_with_a_sketched_head(family, tmp_path, monkeypatch):
    """Greedy text is the same, near words have the very logits of the whole head, far ones are near theirs."""
    monkeypatch.setattr(native_library, "SKETCHED_WORDS", 256)
    torch.manual_seed(4)
    sizes = SIZES | {"vocab_size": 4003, "hidden_size": 128, "intermediate_size": 128}
    config = (
        Gemma2Config(**sizes, head_dim=32, query_pre_attn_scalar=24)
        if family == "wide-gemma2"
        else Qwen2Config(**sizes)
    )
    config.initializer_range = 0.2
    model = AutoModelForCausalLM.from_config(config).eval()
    model.save_pretrained(tmp_path)
    fast = make(tmp_path, model, "native", "int8")
    cache, other = fast.new_cache(), fast.new_cache()
    ids, approximate = prompt(), 0
    for start in range(0, 21, 3):
        part = ids[:, start : start + 3]
        whole = fast.forward(cache, part, all_logits=True)[0]
        short = fast.forward(other, part, all_logits=True, reach=1.0)[0]
        for row, near in zip(whole, short, strict=True):
            assert int(row.argmax()) == int(near.argmax())
            close = row >= row.max() - 1.0
            assert torch.equal(row[close], near[close])
            approximate += int((row != near).sum())
            assert (row - near).norm() / row.norm() < 0.6
    assert approximate > 0  # the sketch was used at all
