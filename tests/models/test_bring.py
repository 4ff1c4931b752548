"""Bring your own: adapters are merged as peft merges them, GGUF files taken as they are, what is unsafe is refused."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import gguf
import gguf_files
import numpy as np
import peft
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_model import make_tiny_model
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

from assistant.cli import main
from assistant.generation import decode_loop
from assistant.records import Sampling
from models.errors import ModelNotFound, ModelRefused
from models.fetch import catalog, model_import
from models.gguf.folder import Stopped
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
    entry = model_import.take_in(tmp_path / "My Style", models_dir, None, silent)
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
    entry = model_import.take_in(tmp_path / "style", tmp_path / "models", None, silent)
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
            model_import.take_in(folder, models_dir, None, silent)
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
        model_import.take_in(folder, models_dir, None, silent)
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ModelRefused, match="pickle"):
        model_import.take_in(folder, models_dir, None, silent)


def write_gguf(path: Path, tiny: Path, kind: str, architecture: str = "llama") -> None:
    """The tiny Llama as llama.cpp would store it."""
    model = AutoModelForCausalLM.from_pretrained(tiny)
    gguf_files.write(path, model, kind, tokenizer=tiny, architecture=architecture)


@pytest.mark.parametrize("kind", ["F32", "Q8_0", "Q4_0"])
def test_a_gguf_file_becomes_a_model(kind: str, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / f"Tiny-{kind}.gguf"
    write_gguf(path, tiny, kind)
    shown: list[tuple[str, float, float]] = []
    entry = model_import.take_in(path, tmp_path / "models", None, lambda *event: shown.append(event))
    assert entry.id == f"tiny-{kind.lower()}" and entry.folder is not None and entry.name == "Tiny"
    size = path.stat().st_size
    assert ("Copying the model", size, size) in shown
    assert {one.name for one in entry.folder.iterdir()} == {
        "source.gguf", "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "chat_template.jinja", "attune-gguf.json",
    }  # fmt: skip
    assert (entry.folder / "source.gguf").read_bytes() == path.read_bytes() and not entry.folder.is_symlink()
    taken = load(entry.folder, model_id="taken", quantization="float32")
    original = load(tiny, model_id="original", quantization="float32")
    assert taken.eos_ids == original.eos_ids
    messages = [{"role": "user", "content": "你好 — What is in this picture? <|im_start|> é e\u0301 1234"}]
    ids, expected = taken.prepare(messages).ids, original.prepare(messages).ids
    assert ids.tolist() == expected.tolist()
    got, wanted = (m.decoder.forward(m.decoder.new_cache(), ids)[0] for m in (taken, original))
    limit = {"F32": 1e-3, "Q8_0": 0.05, "Q4_0": 0.6}[kind]
    assert (got - wanted).norm() / wanted.norm() < limit
    as_it_is = load(entry.folder, model_id="exact")
    near = as_it_is.decoder.forward(as_it_is.decoder.new_cache(), ids)[0]
    assert (near - got).norm() / got.norm() < 0.05
    assert catalog.verify(entry.id, tmp_path / "models") == []


def test_a_linked_gguf_file_stays_where_it_is(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "Tiny.gguf"
    write_gguf(path, tiny, "Q8_0")
    entry = model_import.take_in(path, tmp_path / "models", None, silent, link=True)
    assert entry.folder is not None
    kept = entry.folder / "source.gguf"
    assert kept.samefile(path)
    linked = load(entry.folder, model_id="linked")
    assert linked.decoder.forward(linked.decoder.new_cache(), IDS).isfinite().all()
    del linked
    if kept.is_symlink():
        path.unlink()
        with pytest.raises(ModelRefused, match="is gone"):
            load(entry.folder, model_id="linked")
        (entry_again,) = catalog.installed(tmp_path / "models")
        assert "is gone" in entry_again.note
    catalog.remove(entry.id, tmp_path / "models")
    assert not entry.folder.exists()


@pytest.mark.parametrize("link", [False, True])
def test_taking_in_can_be_stopped_and_leaves_nothing(link: bool, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "Tiny.gguf"
    write_gguf(path, tiny, "Q8_0")
    for at in ("Copying the model" if not link else "Checking the model", "Reading the vocabulary"):
        stop = threading.Event()

        def tell(phase: str, done: float, total: float, at: str = at, stop: threading.Event = stop) -> None:
            if phase == at:
                stop.set()

        with pytest.raises(Stopped):
            model_import.take_in(path, tmp_path / "models", "m", tell, link=link, stop=stop)
        assert list((tmp_path / "models").iterdir()) == [] and path.is_file()
    assert (
        model_import.take_in(path, tmp_path / "models", "m", silent, link=link, stop=threading.Event()).id
        == "m"
    )


def test_what_a_killed_addition_left_is_removed_by_the_next(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "Tiny.gguf"
    write_gguf(path, tiny, "Q8_0")
    left, busy = tmp_path / "models" / ".other.tmp", tmp_path / "models" / ".busy.tmp"
    for folder in (left, busy):
        folder.mkdir(parents=True)
        (folder / "source.gguf").write_bytes(b"half")
    hour_ago = time.time() - 3600
    os.utime(left / "source.gguf", (hour_ago, hour_ago))
    os.utime(left, (hour_ago, hour_ago))
    model_import.take_in(path, tmp_path / "models", "m", silent)
    assert not left.exists() and busy.exists()


def test_families_of_transformers_alone_are_unpacked(tmp_path: Path) -> None:
    from transformers import GPT2Config

    config = GPT2Config(
        n_embd=32, n_layer=2, n_head=2, vocab_size=50257, n_positions=1024, bos_token_id=1, eos_token_id=2
    )
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config).eval()
    path = tmp_path / "small.gguf"
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_context_length(1024)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(128)
    writer.add_block_count(2)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)
    gguf_files.add_numbered_vocabulary(writer, 50257)
    names = {"wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "ln_1": "attn_norm",
             "ln_2": "ffn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
             "mlp.c_proj": "ffn_down"}  # fmt: skip
    for key, tensor in model.state_dict().items():
        base, _, part = key.removeprefix("transformer.").rpartition(".")
        if base == "lm_head":
            continue
        if base.startswith("h."):
            _, number, rest = base.split(".", 2)
            name = f"blk.{number}.{names[rest]}.{part}"
            tensor = tensor.T if tensor.dim() == 2 else tensor  # its linear layers are stored transposed
        else:
            name = f"{names[base]}.{part}"
        writer.add_tensor(name, np.ascontiguousarray(tensor.numpy()))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    entry = model_import.take_in(path, tmp_path / "models", None, silent)
    assert entry.folder is not None and (entry.folder / "model.safetensors").is_file()
    unpacked = load(entry.folder, model_id="unpacked")
    with torch.inference_mode():
        expected = model(IDS).logits[0, -1]
    got = unpacked.decoder.forward(unpacked.decoder.new_cache(), IDS)[0]
    torch.testing.assert_close(got, expected, atol=1e-3, rtol=1e-3)


def test_the_command_line_takes_a_gguf_file_and_chats_with_it(
    tiny: Path, tmp_path: Path, attune_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taken in in a process of its own, then through the engine like any model."""
    path = tmp_path / "Tiny.gguf"
    write_gguf(path, tiny, "Q8_0")
    assert main(["models", "add", str(path), "--id", "mine"], None) == 0
    said = capsys.readouterr()
    assert "attune chat --model mine" in said.out and "Copying the model" in said.err
    assert main(["models", "add", str(path), "--id", "linked", "--link", "--json"], None) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "linked"
    assert main(["models", "add", str(tiny), "--link"], None) == 1
    assert "Only a GGUF file" in capsys.readouterr().err
    assert main(["models", "verify", "mine"], None) == 0
    capsys.readouterr()
    assert main(["chat", "Hello", "--model", "mine", "--max-tokens", "4", "--json"], None) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "mine"
    path.write_bytes(path.read_bytes()[:2000])
    assert main(["models", "add", str(path), "--id", "torn"], None) == 1
    assert "damaged" in capsys.readouterr().err


def test_gguf_files_that_are_no_models_are_refused(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_gguf(path, tiny, "Q8_0")
    whole = path.read_bytes()
    for keep in (0, 3, 30, len(whole) // 2, len(whole) - 5000):
        path.write_bytes(whole[:keep])
        with pytest.raises(ModelRefused, match=r"damaged|no GGUF"):
            model_import.take_in(path, tmp_path / "models", None, silent)
    for architecture in ("clip", "wonder"):
        write_gguf(path, tiny, "F32", architecture)
        with pytest.raises(ModelRefused, match=r"picture half|cannot read"):
            model_import.take_in(path, tmp_path / "models", None, silent)
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    with pytest.raises(ModelRefused, match="no GGUF"):
        model_import.take_in(path, tmp_path / "models", None, silent)
    with pytest.raises(ModelNotFound):
        model_import.take_in(tmp_path / "nothing", tmp_path / "models", None, silent)
    assert not list((tmp_path / "models").glob("*"))


@pytest.mark.slow
def test_a_real_gguf_file_says_what_the_starters_language_model_says(
    starter_models: Path, tmp_path: Path
) -> None:
    source = starter_models / "starter" / "source.gguf"
    entry = model_import.take_in(source, tmp_path / "models", "smollm2", silent)
    assert entry.folder is not None
    unpacked = load(entry.folder, model_id="smollm2")
    starter = load(starter_models / "starter", model_id="starter")
    assert unpacked.quantization == starter.quantization == "int4"
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is the capital of France?"},
    ]
    greedy = Sampling(temperature=0.0, max_tokens=24)
    replies = [
        decode_loop.run(decode_loop.generate(m, m.prepare(messages), greedy)).text
        for m in (unpacked, starter)
    ]
    assert replies[0] == replies[1] and "Paris" in replies[0]
