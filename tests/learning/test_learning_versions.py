"""Style versions are whole and verified, or not there."""

from __future__ import annotations

import json
import os

import pytest
import torch
from safetensors.torch import save_file

from assistant.errors import BadInput, NotFound, StoreError
from assistant.learning import versions

LAYER = "base_model.model.model.layers.0.self_attn.q_proj"
CONFIG = {"peft_type": "LORA", "r": 2, "lora_alpha": 4}


def fill(folder, config=CONFIG, **tensors):
    """A tiny adapter's two files; ``tensors`` in place of its own."""
    halves = {"A": torch.ones(2, 8), "B": torch.ones(6, 2), **tensors}
    (folder / "adapter_config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    named = {f"{LAYER}.lora_{half}.weight": tensor for half, tensor in halves.items()}
    save_file(named, str(folder / "adapter_model.safetensors"))


def adapter(folder, config=CONFIG, **tensors):
    folder.mkdir()
    fill(folder, config, **tensors)
    return folder


def make(styles, version="v1"):
    folder = versions.begin(styles, version)
    fill(folder)
    return versions.finish(folder, {"version": version})


def names(folder):
    return sorted(p.name for p in folder.iterdir())


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
    styles = tmp_path / "styles"
    versions.begin(styles, "half")
    with versions.learning(styles):
        make(styles, "whole")
    assert names(styles) == ["whole"]


def test_an_import_and_a_second_update_leave_the_one_under_way_alone(tmp_path):
    styles, given = tmp_path / "styles", adapter(tmp_path / "given")
    with versions.learning(styles):
        folder = versions.begin(styles, "v1")
        (folder / "half").write_bytes(b"minutes of training")
        versions.bring_in(given, styles, "v2", "starter")
        with pytest.raises(StoreError, match="under way"), versions.learning(styles):
            pass
        assert (folder / "half").read_bytes() == b"minutes of training"
    assert names(styles) == ["v1.tmp", "v2"]
    with versions.learning(styles):  # nobody is at it any more
        assert names(styles) == ["v2"]


def test_an_import_that_was_cut_off_leaves_nothing(tmp_path):
    styles, given = tmp_path / "styles", adapter(tmp_path / "given")
    (styles / "half.import").mkdir(parents=True)
    versions.bring_in(given, styles, "v2", "starter")
    assert names(styles) == ["v2"]


@pytest.mark.parametrize("version", ["../outside", "..", ".", "", "a/../../outside", "/", "link", "v1/.."])
def test_only_folders_right_in_the_styles_folder_are_deleted(tmp_path, version):
    styles, outside = tmp_path / "styles", tmp_path / "outside"
    make(styles)
    outside.mkdir()
    (outside / "letter").write_text("dear")
    (styles / "link").symlink_to(outside)
    with pytest.raises(BadInput):
        versions.remove(styles, version)
    assert (outside / "letter").read_text() == "dear" and versions.verify(styles / "v1")
    versions.remove(styles, "v1")
    versions.remove(styles, "v1")  # gone already
    assert not (styles / "v1").exists()


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
    assert not (tmp_path / "styles").exists()


@pytest.mark.parametrize(
    "config",
    [
        {**CONFIG, "bias": "all"},
        {**CONFIG, "modules_to_save": ["lm_head"]},
        {**CONFIG, "lora_alpha": "sixteen"},
        {**CONFIG, "lora_alpha": True},
        {**CONFIG, "alpha_pattern": {"(a+)+$": 4}},
        {**CONFIG, "alpha_pattern": {"q_proj": "x"}},
        {**CONFIG, "alpha_pattern": ["q_proj"]},
        '{"peft_type": "LORA", "lora_alpha": Infinity}',
        '{"peft_type": "LORA", "lora_alpha": 1e400}',
        '{"peft_type": "LORA", "lora_alpha": ' + "9" * 5000 + "}",
        "[" * 100_000,
        "null",
    ],
)
def test_an_adapter_of_settings_that_are_not_understood_is_refused(tmp_path, config):
    refused(tmp_path, adapter(tmp_path / "given", config))


@pytest.mark.parametrize(
    "tensors",
    [
        {"A": torch.ones(3, 8)},
        {"A": torch.ones(8)},
        {"A": torch.ones(0, 8), "B": torch.ones(6, 0)},
        {"A": torch.full((2, 8), float("nan"))},
        {"B": torch.full((6, 2), float("inf"), dtype=torch.float16)},
        {"B": torch.full((6, 2), float("-inf"), dtype=torch.bfloat16)},
        {"A": torch.ones(2, 8, dtype=torch.int8)},
        {"C": torch.ones(2, 2)},
    ],
)
def test_an_adapter_of_weights_that_cannot_be_right_is_refused(tmp_path, tensors):
    refused(tmp_path, adapter(tmp_path / "given", **tensors))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_an_adapter_of_any_usual_type_is_taken(tmp_path, dtype):
    given = adapter(tmp_path / "given", A=torch.randn(2, 8).to(dtype), B=torch.randn(6, 2).to(dtype))
    assert versions.verify(versions.bring_in(given, tmp_path / "styles", "v", "starter"))


def test_a_header_with_an_endless_number_is_refused(tmp_path):
    given = adapter(tmp_path / "given")
    header = b'{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 1e400]}}'
    weights = given / "adapter_model.safetensors"
    weights.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    refused(tmp_path, given)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are a matter of POSIX")
@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
@pytest.mark.timeout(20)
def test_a_pipe_in_place_of_a_file_is_not_waited_on(tmp_path, name):
    given = adapter(tmp_path / "given")
    (given / name).unlink()
    os.mkfifo(given / name)
    refused(tmp_path, given)


def refused(tmp_path, given):
    with pytest.raises(BadInput) as caught:
        versions.bring_in(given, tmp_path / "styles", "v", "starter")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "styles").exists()
