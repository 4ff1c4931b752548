"""Bring your own: adapters are merged as peft merges them, GGUF files unpacked exactly, and what is unsafe is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_model import make_tiny_model
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer

from assistant.cli import main
from assistant.generation import loop
from assistant.records import Sampling
from models import bring, catalog
from models.errors import ModelNotFound, ModelRefused
from models.loader import load

IDS = torch.tensor([[5, 9, 33, 120, 7, 64]])


def silent(phase: str, done: float, total: float) -> None:
    pass


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base") / "Tiny")


@pytest.fixture
def models_dir(tmp_path: Path, tiny: Path) -> Path:
    """A models folder that knows the base."""
    catalog.add(tiny, tmp_path / "models", "tiny")
    return tmp_path / "models"


def adapt(model: torch.nn.Module, folder: Path, base: str, **more: object) -> torch.nn.Module:
    """A random adapter by peft itself, saved; the adapted model."""
    torch.manual_seed(2)
    config = peft.LoraConfig(r=3, lora_alpha=7, init_lora_weights=False, **more)
    adapted = peft.get_peft_model(model, config).eval()
    adapted.save_pretrained(folder)
    settings = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(settings | {"base_model_name_or_path": base}))
    return adapted


@pytest.mark.parametrize("rslora", [False, True])
def test_a_merged_adapter_says_what_peft_says(
    tiny: Path, models_dir: Path, tmp_path: Path, rslora: bool
) -> None:
    base = AutoModelForCausalLM.from_pretrained(tiny).eval()
    adapted = adapt(base, tmp_path / "My Style", "tiny", target_modules="all-linear", use_rslora=rslora)
    entry = bring.take_in(tmp_path / "My Style", models_dir, None, silent)
    assert entry.id == "my-style" and entry.folder == models_dir / "my-style"
    merged = load(entry.folder, model_id=entry.id, quantization="float32")
    with torch.inference_mode():
        expected = adapted(IDS).logits[0]
    cache = merged.decoder.new_cache()
    torch.testing.assert_close(
        merged.decoder.forward(cache, IDS, all_logits=True)[0], expected, atol=2e-3, rtol=1e-3
    )
    assert not list(models_dir.glob(".*"))


@pytest.mark.parametrize("name", ["smolvlm", "gpt2"])
def test_adapters_find_their_weights_in_other_families(
    name: str, family_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    """SmolVLM's vision half has layers of the same names; GPT-2 stores its linear layers transposed."""
    folder = family_folder(name)
    catalog.add(folder, tmp_path / "models", name)
    kind = AutoModelForCausalLM if name == "gpt2" else AutoModelForImageTextToText
    base = kind.from_pretrained(folder).eval()
    targets = ["c_attn", "c_proj"] if name == "gpt2" else r".*text_model.*\.(q_proj|down_proj)"
    adapted = adapt(base, tmp_path / "style", name, target_modules=targets, fan_in_fan_out=name == "gpt2")
    entry = bring.take_in(tmp_path / "style", tmp_path / "models", None, silent)
    merged = kind.from_pretrained(entry.folder).eval()
    with torch.inference_mode():
        torch.testing.assert_close(merged(IDS).logits, adapted(IDS).logits, atol=2e-3, rtol=1e-3)


def test_adapters_that_cannot_be_trusted_or_do_not_fit_are_refused(
    tiny: Path, models_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "style"
    adapt(AutoModelForCausalLM.from_pretrained(tiny), folder, "tiny", target_modules="all-linear")
    settings = json.loads((folder / "adapter_config.json").read_text())
    tensors = load_file(folder / "adapter_model.safetensors")

    def refused(reason: str, change: dict | None = None, weights: dict | None = None) -> None:
        (folder / "adapter_config.json").write_text(json.dumps(settings | (change or {})))
        save_file(weights or tensors, folder / "adapter_model.safetensors")
        with pytest.raises(ModelRefused, match=reason):
            bring.take_in(folder, models_dir, None, silent)
        assert not (models_dir / "style").exists() and not list(models_dir.glob(".*"))

    refused("someone/elses", {"base_model_name_or_path": "someone/elses"})
    refused("DoRA", {"use_dora": True})
    refused("IA3", {"peft_type": "IA3"})
    first = next(iter(tensors))
    refused("other half", weights={key: value for key, value in tensors.items() if key != first})
    wrong = {key: (value[:, :-1].contiguous() if key == first else value) for key, value in tensors.items()}
    refused("another size|do not fit", weights=wrong)
    moved = {key.replace("layers.1.", "layers.7."): value for key, value in tensors.items()}
    refused("does not fit its base", weights=moved)
    (folder / "adapter_model.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelRefused, match="damaged"):
        bring.take_in(folder, models_dir, None, silent)
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ModelRefused, match="pickle"):
        bring.take_in(folder, models_dir, None, silent)


def write_gguf(path: Path, tiny: Path, kind: str, architecture: str = "llama") -> None:
    """The tiny Llama as llama.cpp would store it: its names, its order of rotary pairs, its tokenizer fields."""
    model = AutoModelForCausalLM.from_pretrained(tiny)
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    merges = json.loads((tiny / "tokenizer.json").read_text())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([3 if id < 3 else 1 for _, id in vocabulary])
    writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in merges])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_chat_template(tokenizer.chat_template)
    names = {
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    }  # fmt: skip
    for name, tensor in model.state_dict().items():
        data = tensor.float().numpy()
        parts = name.removeprefix("model.").removesuffix(".weight")
        if parts.startswith("layers."):
            _, number, rest = parts.split(".", 2)
            if rest in ("self_attn.q_proj", "self_attn.k_proj"):
                heads = data.shape[0] // (config.hidden_size // config.num_attention_heads)
                data = data.reshape(heads, 2, -1, data.shape[1]).swapaxes(1, 2).reshape(data.shape)
            target = f"blk.{number}.{names[rest]}.weight"
        elif parts in ("embed_tokens", "norm"):
            target = {"embed_tokens": "token_embd", "norm": "output_norm"}[parts] + ".weight"
        else:
            continue
        if data.ndim == 1 or kind == "F32":
            writer.add_tensor(target, data.astype(np.float32))
        else:
            quant = gguf.GGMLQuantizationType[kind]
            writer.add_tensor(target, gguf.quants.quantize(data, quant), raw_dtype=quant)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("kind", ["F32", "Q8_0", "Q4_0"])
def test_a_gguf_file_becomes_a_model(kind: str, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / f"Tiny-{kind}.gguf"
    write_gguf(path, tiny, kind)
    entry = bring.take_in(path, tmp_path / "models", None, silent)
    assert entry.id == f"tiny-{kind.lower()}" and entry.folder is not None
    assert (entry.folder / "source.gguf").is_file() == (kind != "F32")
    unpacked = load(entry.folder, model_id="unpacked", quantization="float32")
    original = load(tiny, model_id="original", quantization="float32")
    assert unpacked.eos_ids == original.eos_ids
    messages = [{"role": "user", "content": "你好 — What is in this picture?"}]
    ids, expected = unpacked.prepare(messages).ids, original.prepare(messages).ids
    assert ids.tolist() == expected.tolist()
    got, wanted = (m.decoder.forward(m.decoder.new_cache(), ids)[0] for m in (unpacked, original))
    limit = {"F32": 1e-3, "Q8_0": 0.05, "Q4_0": 0.6}[kind]
    assert (got - wanted).norm() / wanted.norm() < limit
    if kind != "F32":
        exact = load(entry.folder, model_id="exact", quantization="int4")  # from the kept blocks
        near = exact.decoder.forward(exact.decoder.new_cache(), ids)[0]
        assert (near - got).norm() / got.norm() < 0.05


def test_the_command_line_takes_a_gguf_file_and_chats_with_it(
    tiny: Path, tmp_path: Path, attune_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unpacked in a process of its own, then through the engine like any model."""
    path = tmp_path / "Tiny.gguf"
    write_gguf(path, tiny, "Q8_0")
    assert main(["models", "add", str(path), "--id", "mine", "--json"], None) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "mine"
    assert main(["chat", "Hello", "--model", "mine", "--max-tokens", "4", "--json"], None) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "mine"
    path.write_bytes(path.read_bytes()[:2000])
    assert main(["models", "add", str(path), "--id", "torn"], None) == 1
    assert "damaged" in capsys.readouterr().err


def test_gguf_files_that_are_no_models_are_refused(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_gguf(path, tiny, "Q8_0")
    whole = path.read_bytes()
    for keep in (0, 3, 30, len(whole) // 2, len(whole) - 1000):
        path.write_bytes(whole[:keep])
        with pytest.raises(ModelRefused, match=r"damaged|no GGUF"):
            bring.take_in(path, tmp_path / "models", None, silent)
    for architecture in ("clip", "wonder"):
        write_gguf(path, tiny, "F32", architecture)
        with pytest.raises(ModelRefused, match=r"picture half|cannot read"):
            bring.take_in(path, tmp_path / "models", None, silent)
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    with pytest.raises(ModelRefused, match="no GGUF"):
        bring.take_in(path, tmp_path / "models", None, silent)
    with pytest.raises(ModelNotFound):
        bring.take_in(tmp_path / "nothing", tmp_path / "models", None, silent)
    assert not list((tmp_path / "models").glob("*"))


@pytest.mark.slow
def test_a_real_gguf_file_says_what_the_starters_language_model_says(
    starter_models: Path, tmp_path: Path
) -> None:
    source = starter_models / "starter" / "source.gguf"
    entry = bring.take_in(source, tmp_path / "models", "smollm2", silent)
    assert entry.folder is not None
    unpacked = load(entry.folder, model_id="smollm2")
    starter = load(starter_models / "starter", model_id="starter")
    assert unpacked.quantization == starter.quantization == "int4"
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is the capital of France?"},
    ]
    greedy = Sampling(temperature=0.0, max_tokens=24)
    replies = [loop.run(loop.generate(m, m.prepare(messages), greedy)).text for m in (unpacked, starter)]
    assert replies[0] == replies[1] and "Paris" in replies[0]
