"""One reader of adapters: what a decoder applies, a merge adds and PEFT computes is the same number."""

from __future__ import annotations

import sys
from pathlib import Path

import peft
import pytest
from transformers import AutoModelForCausalLM

from models import loader
from models.adapters import adapter_files, merge
from models.adapters.lora import read_style
from models.errors import ModelRefused

sys.path.insert(0, str(Path(__file__).parents[1]))
from tiny_model import make_tiny_model

PATTERNS = {
    "none": {},
    "a name's end": {"q_proj": 40},
    "a whole name": {"model.layers.1.self_attn.q_proj": 40},  # the decoders once missed it, a merge did not
    "two that fit": {"self_attn.q_proj": 12, "q_proj": 40},  # the first of the file counts
    "part of a word": {"proj": 40},  # fits nothing
}


@pytest.mark.parametrize("stable", [False, True])
@pytest.mark.parametrize("which", PATTERNS)
def test_the_scale_of_each_module_is_that_of_peft(which: str, stable: bool, tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "tiny")
    settings = peft.LoraConfig(
        r=5, lora_alpha=10, target_modules="all-linear", init_lora_weights=False, use_rslora=stable,
        alpha_pattern=PATTERNS[which],
    )  # fmt: skip
    styled = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(folder), settings)
    styled.save_pretrained(tmp_path / "style")
    again = AutoModelForCausalLM.from_pretrained(folder)
    styled = peft.PeftModel.from_pretrained(again, str(tmp_path / "style"))
    read, modules = adapter_files.read(tmp_path / "style")
    model = loader.load(folder, model_id="tiny", threads=1)
    products = read_style(tmp_path / "style", model.decoder.config).products
    assert len(products) == len(modules) > 5
    for module, (a, b) in modules.items():
        wanted = styled.base_model.model.get_submodule(module).scaling["default"]
        assert read.scale(module, a.shape[0]) == pytest.approx(wanted)
        _, _, number, inner = (
            module.split(".", 3) if module.startswith("model.") else ("", *module.split(".", 2))
        )
        assert (products[int(number), inner].b / b).nanmedian() == pytest.approx(wanted, rel=1e-5)
    assert merge.adapter_files is adapter_files  # a merge has no reader of its own


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path) -> None:
    for read in (adapter_files.check, adapter_files.tensors_of, adapter_files.read):
        with pytest.raises(ModelRefused, match=r"^.*\.$"):
            read(tmp_path / "none")
