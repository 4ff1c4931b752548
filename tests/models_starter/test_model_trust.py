"""Folders that must be refused, with the reason; and the catalogue's bookkeeping of folders."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from models.errors import ModelNotFound, ModelRefused
from models.fetch import catalog, trust
from models.starter import weights_file


def folder_with(path: Path, config: dict | None = None) -> Path:
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps({"model_type": "llama", **(config or {})}))
    save_file({"weight": np.ones((2, 3), np.float32)}, path / "model.safetensors")
    return path


def test_a_plain_folder_is_accepted(tmp_path: Path) -> None:
    checked = trust.check(folder_with(tmp_path / "m"))
    assert trust.count_parameters(checked) == 6
    assert not checked.can_see


@pytest.mark.parametrize(
    "config",
    [
        {
            "text_config": {"_attn_implementation_autoset": True},
            "vision_config": {"_attn_implementation_autoset": False},
        },
        {"_attn_implementation": "sdpa"},
        {"auto_map": None, "trust_remote_code": False},
    ],
)
def test_what_transformers_itself_writes_is_accepted(tmp_path: Path, config: dict) -> None:
    trust.check(folder_with(tmp_path / "m", config))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"auto_map": {"AutoModel": "x.Y"}}, "code"),
        ({"text_config": {"_attn_implementation_internal": "evil/kernel"}}, "code"),
        ({"trust_remote_code": True}, "code"),
        ({"model_type": "lfm2_vl"}, "needs the package torchvision"),
        ({"model_type": "gemma3n"}, "needs the package timm"),
        ({"model_type": "unheard_of"}, "does not know"),
        ({"model_type": ["llama"]}, "does not know"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantised"),
    ],
)
def test_unsafe_or_unknown_configs_are_refused(tmp_path: Path, config: dict, reason: str) -> None:
    with pytest.raises(ModelRefused, match=reason):
        trust.check(folder_with(tmp_path / "m", config))


def test_pickles_are_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelRefused, match="pickle"):
        trust.check(folder)


@pytest.mark.parametrize("keep", [0, 4, 40, -1])
def test_cut_off_weights_are_refused(tmp_path: Path, keep: int) -> None:
    folder = folder_with(tmp_path / "m")
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelRefused, match="damaged"):
        trust.check(folder)


def test_a_huge_header_is_refused_unread(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 2**60) + b"{}")
    with pytest.raises(ModelRefused, match="damaged"):
        trust.check(folder)


def test_an_index_may_not_leave_the_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "m")
    index = {"weight_map": {"weight": "../other/model.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelRefused, match="outside"):
        trust.check(folder)


def test_the_weights_writer_makes_files_that_safetensors_reads(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(5, np.float32)}
    tensors = {name: (array.shape, lambda array=array: array) for name, array in arrays.items()}
    assert sum(weights_file.write(tmp_path / "w.safetensors", tensors)) == 44
    for name, array in load_file(tmp_path / "w.safetensors").items():
        assert np.array_equal(array, arrays[name])


def test_catalogue_entries_are_unique_and_loadable_families() -> None:
    ids = [entry.id for entry in catalog.entries()]
    assert len(ids) == len(set(ids)) >= 12
    for entry in catalog.entries():
        assert entry.architecture in trust.VISION_TYPES | trust.TEXT_TYPES
        assert entry.can_see == (entry.architecture in trust.VISION_TYPES)
        assert entry.checked


def test_added_folders_stay_where_they_are(tmp_path: Path) -> None:
    models_dir = tmp_path / "models"
    folder = folder_with(tmp_path / "My Model")
    entry = catalog.add(folder, models_dir)
    assert entry.id == "my-model"
    assert catalog.locate("my-model", models_dir) == ("my-model", folder)
    assert catalog.verify("my-model", models_dir) == []
    with pytest.raises(ModelRefused, match="already"):
        catalog.add(folder, models_dir)
    catalog.remove("my-model", models_dir)
    assert folder.is_dir()
    with pytest.raises(ModelNotFound):
        catalog.locate("my-model", models_dir)


def test_a_model_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="models get gpt2"):
        catalog.locate("gpt2", tmp_path)
