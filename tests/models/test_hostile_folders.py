"""Model folders that are damaged, wrong or meant to do harm: refused in one sentence, and no code of theirs runs."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.errors import ModelError, ModelRefused
from models.fetch import trust
from models.loader import load

HELLO = [{"role": "user", "content": "Hello"}]


def try_it(folder: Path) -> str:
    """What comes of a folder: "refused" with a sentence, or "works" if it loads and reads a prompt."""
    try:
        model = load(folder, model_id="m")
        inputs = model.prepare(HELLO)
        model.decoder.forward(model.decoder.new_cache(), inputs.ids)
    except ModelError as error:
        said = str(error)
        assert said.strip() and "\n" not in said and len(said) < 500, said
        return "refused"
    return "works"


@pytest.fixture
def copy(family_folder: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """A fresh copy of a family's checkpoint, to spoil."""
    made = iter(range(1000))

    def fresh(name: str) -> Path:
        return Path(shutil.copytree(family_folder(name), tmp_path / f"{name}-{next(made)}"))

    return fresh


@pytest.mark.parametrize("name", ["qwen3", "smolvlm", "gpt2"])
def test_flipped_and_cut_files_are_refused_or_harmless(name: str, copy: Callable[[str], Path]) -> None:
    outcomes = []
    for seed in range(14):
        folder, draw = copy(name), random.Random(f"{name} {seed}")
        path = draw.choice(sorted(folder.iterdir()))
        data = bytearray(path.read_bytes() or b"{")
        if seed % 3 == 0:
            data = data[: draw.randrange(len(data))]
        else:
            for _ in range(draw.randint(1, 30)):
                data[draw.randrange(min(len(data), 4000))] ^= draw.randint(1, 255)
        path.write_bytes(bytes(data))
        outcomes.append(try_it(folder))
    assert "refused" in outcomes


@pytest.mark.parametrize("name", ["qwen3", "smolvlm", "gpt2"])
def test_a_missing_file_is_refused_or_not_needed(name: str, copy: Callable[[str], Path]) -> None:
    for file in sorted(path.name for path in copy(name).iterdir()):
        folder = copy(name)
        (folder / file).unlink()
        outcome = try_it(folder)
        if file in ("config.json", "model.safetensors"):
            assert outcome == "refused", file


@pytest.mark.parametrize("name", ["qwen3", "smolvlm", "qwen3_vl"])
def test_weights_of_another_shape_are_refused(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy(name)
    tensors = load_file(folder / "model.safetensors")
    key = next(key for key in tensors if key.endswith("layers.1.mlp.down_proj.weight"))
    tensors[key] = tensors[key][:-8].contiguous()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    assert try_it(folder) == "refused"


@pytest.mark.parametrize(
    "change",
    [
        {"num_hidden_layers": 10**9}, {"num_hidden_layers": 0}, {"num_hidden_layers": "3"}, {"vocab_size": -1},
        {"hidden_size": 10**12}, {"num_key_value_heads": 0}, {"num_key_value_heads": 3}, {"head_dim": 7},
        {"num_attention_heads": 5}, {"num_hidden_layers": 4}, {"vocab_size": 639}, {"intermediate_size": 96},
        {"rope_parameters": {"rope_type": "wild"}}, {"hidden_act": "exec"}, {"rms_norm_eps": "tiny"},
        {"max_position_embeddings": 1e400}, {"layer_types": ["full_attention"]}, {"torch_dtype": "int3", "dtype": "int3"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("name", ["qwen3", "smolvlm"])
def test_settings_that_make_no_sense_are_refused(
    name: str, change: dict, copy: Callable[[str], Path]
) -> None:
    folder = copy(name)
    config = json.loads((folder / "config.json").read_text())
    text = config["text_config"] if name == "smolvlm" else config
    text.update(change)
    (folder / "config.json").write_text(json.dumps(config))
    harmless = "dtype" in change or "layer_types" in change or "vocab_size" in change
    assert try_it(folder) == "refused" or harmless


@pytest.mark.parametrize("name", ["qwen3", "smolvlm"])
@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(999999) %}{% for b in range(999999) %}x{% endfor %}{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.system('touch HARM') }}",
        "{% include '/etc/passwd' %}",
        "{{ raise_exception('no') }}",
        "{% if %}",
        "{{ messages[99].content }}",
    ],
)
def test_chat_templates_can_do_nothing_but_fail(
    name: str, template: str, copy: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = copy(name)
    (folder / "chat_template.jinja").write_text(template)
    outcome = try_it(folder)
    assert outcome == "refused" or "messages[99]" in template
    assert not (tmp_path / "HARM").exists()


def test_code_beside_the_weights_never_runs(copy: Callable[[str], Path], tmp_path: Path) -> None:
    harm = tmp_path / "HARM"
    code = f"open({str(harm)!r}, 'w').close()\n"
    for where in ("config.json", "tokenizer_config.json", "processor_config.json"):
        folder = copy("smolvlm")
        for module in ("modeling_x", "configuration_x", "tokenization_x", "processing_x"):
            (folder / f"{module}.py").write_text(code)
        settings = json.loads((folder / where).read_text())
        auto = {"AutoConfig": "configuration_x.C", "AutoModelForImageTextToText": "modeling_x.M",
                "AutoTokenizer": ["tokenization_x.T", None], "AutoProcessor": "processing_x.P"}  # fmt: skip
        (folder / where).write_text(json.dumps(settings | {"auto_map": auto}))
        with pytest.raises(ModelRefused, match="code"):
            load(folder, model_id="m")
    folder = copy("qwen3")
    torch.save({"x": torch.zeros(1)}, folder / "pytorch_model.bin")  # beside safetensors: not looked at
    assert try_it(folder) == "works"
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelRefused, match="pickle"):
        trust.check(folder)
    assert not harm.exists()
