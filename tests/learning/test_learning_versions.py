"""Style versions are whole and verified, or not there."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from assistant.errors import BadInput, NotFound
from assistant.learning import versions


def make(styles, version="v1"):
    folder = versions.begin(styles, version)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"}))
    save_file({"x": torch.ones(3)}, str(folder / "adapter_model.safetensors"))
    return versions.finish(folder, {"version": version})


def test_a_version_is_verified_and_damage_is_noticed(tmp_path):
    folder = make(tmp_path)
    assert versions.verify(folder)["version"] == "v1"
    weights = folder / "adapter_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(BadInput, match="damaged"):
        versions.verify(folder)
    with pytest.raises(NotFound):
        versions.verify(tmp_path / "none")


def test_an_interrupted_update_leaves_nothing(tmp_path):
    versions.begin(tmp_path, "half")
    make(tmp_path, "whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["whole"]


def test_export_and_import(tmp_path):
    make(tmp_path / "styles")
    versions.export(tmp_path / "styles", "v1", tmp_path / "out")
    folder = versions.bring_in(tmp_path / "out", tmp_path / "styles", "v2", "starter")
    assert versions.verify(folder)["imported"]
    with pytest.raises(BadInput, match="exists already"):
        versions.export(tmp_path / "styles", "v1", tmp_path / "out")


def test_a_folder_that_is_no_adapter_is_refused(tmp_path):
    (tmp_path / "bad").mkdir()
    with pytest.raises(BadInput, match="no PEFT adapter"):
        versions.bring_in(tmp_path / "bad", tmp_path / "styles", "v", "starter")
    (tmp_path / "bad" / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (tmp_path / "bad" / "adapter_model.safetensors").write_bytes(b"\x80\x04pickle of sorts")
    with pytest.raises(BadInput, match="damaged"):
        versions.bring_in(tmp_path / "bad", tmp_path / "styles", "v", "starter")
    assert not list((tmp_path / "styles").glob("*")) if (tmp_path / "styles").exists() else True
