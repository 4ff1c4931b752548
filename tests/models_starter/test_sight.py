"""The adapter for pictures: on from the first picture of a conversation on, never in text, beside any style."""

from __future__ import annotations

from pathlib import Path

import peft
import pytest
import torch
from tiny_model import make_tiny_model
from torch import Tensor
from transformers import AutoConfig, LlamaForCausalLM

from models.adapters.lora import LowRank, Style
from models.decoders import decoder, native_decoder, native_library

KINDS = ["eager"] + (["native"] if native_library.library() and native_decoder.worthwhile() else [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def style(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A personal style on some of the projections that the adapter also has."""
    torch.manual_seed(1)
    settings = peft.LoraConfig(
        r=3, lora_alpha=6, target_modules=["q_proj", "up_proj"], init_lora_weights=False
    )
    target = tmp_path_factory.mktemp("style") / "style"
    peft.get_peft_model(LlamaForCausalLM.from_pretrained(folder), settings).save_pretrained(target)
    return target


def sight(model: LlamaForCausalLM) -> Style:
    torch.manual_seed(2)
    products = {}
    for layer, block in enumerate(model.model.layers):
        for projection in ("self_attn.q_proj", "mlp.down_proj"):
            rows, columns = block.get_submodule(projection).weight.shape
            products[layer, projection] = LowRank(torch.randn(4, columns) * 0.1, torch.randn(rows, 4) * 0.1)
    return Style(products)


def merged(folder: Path, style: Path | None, adapter: Style) -> LlamaForCausalLM:
    """The same with everything added to the weights, by transformers and peft."""
    model = LlamaForCausalLM.from_pretrained(folder)
    if style is not None:
        model = peft.PeftModel.from_pretrained(model, style).merge_and_unload()
    with torch.no_grad():
        for (layer, projection), product in adapter.products.items():
            model.model.layers[layer].get_submodule(projection).weight += product.b @ product.a
    return model.eval()


def make(folder: Path, kind: str) -> decoder.Decoder:
    made = decoder.build(folder, AutoConfig.from_pretrained(folder), "float32", 1, prefer=kind)
    assert made is not None
    return made


def ids(count: int = 40) -> Tensor:
    return torch.randint(5, 400, (1, count), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("styled", [False, True])
def test_it_is_on_after_embeddings_and_adds_to_the_style(
    folder: Path, style: Path, kind: str, styled: bool
) -> None:
    base = LlamaForCausalLM.from_pretrained(folder)
    adapter = sight(base)
    fast = make(folder, kind)
    fast.set_sight(adapter)
    fast.set_style(style if styled else None)
    expected = merged(folder, style if styled else None, adapter)
    tokens = ids()
    with torch.inference_mode():
        embeds = base.get_input_embeddings()(tokens)
        wanted = expected(inputs_embeds=embeds).logits[0]
    cache = fast.new_cache()
    first = fast.forward(cache, tokens[:, :30], embeds[:, :30], all_logits=True)
    # Later tokens come as ids: the conversation goes on seeing, and so does a fork of it.
    fork = cache.fork(1)
    for one in (cache, fork):
        rest = fast.forward(one, tokens[:, 30:], all_logits=True)
        torch.testing.assert_close(torch.cat([first, rest], 1)[0], wanted, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("styled", [False, True])
def test_text_is_the_same_to_the_last_bit(folder: Path, style: Path, kind: str, styled: bool) -> None:
    tokens = ids()
    without, fast = make(folder, kind), make(folder, kind)
    base = LlamaForCausalLM.from_pretrained(folder)
    fast.set_sight(sight(base))
    for one in (without, fast):
        one.set_style(style if styled else None)
    cache = fast.new_cache()
    with torch.inference_mode():
        fast.forward(
            cache, tokens, base.get_input_embeddings()(tokens)
        )  # another conversation, with a picture
    expected = without.forward(without.new_cache(), tokens, all_logits=True)
    assert torch.equal(fast.forward(fast.new_cache(), tokens, all_logits=True), expected)
    assert torch.equal(fast.hidden(tokens), without.hidden(tokens))
    cache.truncate(0)  # the cache taken for a new text from its very beginning
    assert torch.equal(fast.forward(cache, tokens, all_logits=True), expected)
    cache.truncate(20)
    assert not cache.sees
