"""A fast decoder below, a few torch layers on top: the same as transformers' whole model, for every family that has one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from learning_jobs import update_job
from transformers import (
    AutoModelForCausalLM,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
)

from assistant.learning import update
from assistant.learning.training import policy
from assistant.learning.training.cached_layers import Row, Taught, Trunk
from assistant.learning.training.lora import Adapter, load_weights
from assistant.learning.training.packed_layers import PackedTrunk
from assistant.learning.training.policy import Example, Hyper
from models.decoders import decoder, native_library
from models.decoders.top_layers import TopLayers
from models.packing.quantized import quantize

SIZES = {
    "vocab_size": 203, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 256,
}  # fmt: skip
KINDS = ["sliding_attention", "full_attention"] * 2
CONFIGS = {
    "llama": lambda: LlamaConfig(**SIZES, tie_word_embeddings=True),
    "llama-bias": lambda: LlamaConfig(**SIZES, attention_bias=True, mlp_bias=True),
    "mistral": lambda: MistralConfig(**SIZES, sliding_window=9),
    "qwen2": lambda: Qwen2Config(**SIZES),
    "qwen3": lambda: Qwen3Config(**SIZES, head_dim=32),
    "gemma": lambda: GemmaConfig(**SIZES, head_dim=16),
    "gemma2": lambda: Gemma2Config(
        **SIZES, head_dim=16, sliding_window=9, query_pre_attn_scalar=24, layer_types=KINDS
    ),
    "gemma3": lambda: Gemma3TextConfig(**SIZES, head_dim=16, sliding_window=9, layer_types=KINDS),
}
BUILT = ["eager"] + (["native"] if native_library.library() is not None else [])
TOP = 3


class Model:
    """What a trunk asks of a LoadedModel, on a decoder of either kind."""

    learns_on_top, layers_path = True, "model.layers"

    def __init__(self, folder: Path, config, kind: str, quantization: str = "float32") -> None:
        built = decoder.build(folder, config, quantization, 2, prefer=kind)
        assert built is not None and built.name == kind
        self.decoder, self._folder = built, folder

    def weights(self):
        return decoder.open_weights(self._folder, self.decoder.config)

    def top_layers(self, source, count: int, path: str) -> TopLayers:
        return TopLayers(self.decoder.config, source, count, path, sight=self.decoder.sight)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory):
    found = {}
    for name, make in CONFIGS.items():
        torch.manual_seed(3)
        config = make()
        config.initializer_range = 0.2
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
        with torch.no_grad():  # norms and biases at their initial values would hide mistakes
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(torch.randn_like(parameter) * 0.2)
        folder = tmp_path_factory.mktemp(name)
        model.save_pretrained(folder)
        found[name] = (folder, model)
    return found


def rows() -> list[Row]:
    """Three replies to one prompt, two to others, one of them of a single token."""
    generator = torch.Generator().manual_seed(5)
    lengths = [(17, 12), (17, 25), (23, 1), (17, 3), (40, 9)]
    shared = tuple(torch.randint(0, 203, (17,), generator=generator).tolist())
    found = []
    for prompt, reply in lengths:
        ids = torch.randint(0, 203, (prompt + reply,), generator=generator).tolist()
        found.append(Row(shared if prompt == 17 else tuple(ids[:prompt]), tuple(ids[prompt:])))
    return found


def examples() -> list[Example]:
    taught = Taught(torch.tensor([[1, 2], [3, 4], [5, 6]]), torch.tensor([[0.6, 0.3]] * 3).log())
    found = [Example(row, 1.0 if k % 2 else -0.5, source=str(k)) for k, row in enumerate(rows())]
    found[3] = Example(Row(found[3].row.prompt, found[3].row.reply, None, taught), 0.0)
    return found


def randomised(adapter: Adapter) -> Adapter:
    """Not zero, so that A has a gradient too."""
    generator = torch.Generator().manual_seed(9)
    with torch.no_grad():
        for part in adapter.parts.values():
            part.b.copy_(torch.randn(part.b.shape, generator=generator) * 0.05)
    return adapter


def played(trunk, adapter: Adapter, every_token: bool = True):
    """(log-probabilities of the base and of the policy over all tokens, loss, gradients by name)."""
    with adapter.off():
        batch = policy.record(trunk, examples())
    trunk.set_shortlist([batch.recorded], range(203) if every_token else ())
    with torch.no_grad(), adapter.off():
        base = trunk.replay(batch.recorded)
    with torch.no_grad():
        own = trunk.replay(batch.recorded)
    loss, _, _ = policy.loss_of(trunk, batch, Hyper(), 5, torch.autocast("cpu", enabled=False))
    loss.backward()
    loss = loss.detach()
    gradients = {f"{name}.{x}": getattr(p, x).grad for name, p in adapter.parts.items() for x in "ab"}
    return base, own, float(loss), gradients


@pytest.mark.parametrize("kind", BUILT)
@pytest.mark.parametrize("family", CONFIGS)
def test_logits_and_gradients_are_those_of_transformers(checkpoints, family, kind):
    folder, module = checkpoints[family]
    whole = randomised(Adapter(module, top=TOP, rank=4))
    try:
        wanted = played(Trunk(module, TOP), whole)
    finally:
        whole.detach()
    trunk = PackedTrunk(Model(folder, module.config, kind), TOP)
    adapter = randomised(Adapter(trunk.module, top=TOP, rank=4))
    got = played(trunk, adapter)
    trunk.close()
    assert sorted(got[3]) == sorted(wanted[3]) and len(got[3]) == 2 * 7 * TOP
    torch.testing.assert_close(got[0], wanted[0], atol=2e-3, rtol=1e-3)
    torch.testing.assert_close(got[1], wanted[1], atol=2e-3, rtol=1e-3)
    assert got[2] == pytest.approx(wanted[2], rel=1e-3, abs=1e-4)
    for name, gradient in wanted[3].items():
        assert gradient.norm() > 0, name
        error = (got[3][name] - gradient).norm() / gradient.norm()
        assert error < 2e-3, (name, float(error))


def rounded(folder: Path, quantization: str) -> torch.nn.Module:
    """The transformers model with every matrix quantised and dequantised again, as the fast decoders hold it."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    table = "int8" if quantization == "int4" else quantization
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2:
                grade = table if "embed" in name or "lm_head" in name else quantization
                parameter.copy_(quantize(parameter, grade).dequantize())
    return model


@pytest.mark.parametrize("kind", BUILT)
@pytest.mark.parametrize("quantization", ["int8", "int4"])
def test_what_a_coarse_decoder_records_is_off_by_the_rounding_of_activations(checkpoints, kind, quantization):
    folder, module = checkpoints["qwen2"]
    same = rounded(folder, quantization)
    trunk = PackedTrunk(Model(folder, module.config, kind, quantization), 1)
    recorded = trunk.record(rows())
    trunk.set_shortlist([recorded])
    at, start = recorded.entered.at, 0
    for row in rows():
        with torch.no_grad():
            states = same(torch.tensor([[*row.prompt, *row.reply]]), output_hidden_states=True).hidden_states
        wanted = states[-2][0, len(row.prompt) - 1 : -1]  # what enters the last layer
        got = recorded.entered.hidden[at[start : start + len(row.reply)]]
        assert (got - wanted).norm() < 0.06 * wanted.norm()
        start += len(row.reply)
    assert start == len(at)


@pytest.mark.parametrize("family", ["qwen2", "gemma2"])
def test_what_the_shortlist_leaves_out_is_held_together(checkpoints, family):
    """Without the adapter, log-probabilities over a shortlist are those over the whole vocabulary."""
    folder, module = checkpoints[family]
    trunk = PackedTrunk(Model(folder, module.config, BUILT[-1]), TOP)
    adapter = Adapter(trunk.module, top=TOP, rank=4)
    with adapter.off():
        recorded = trunk.record(rows()[:2])
    trunk.set_shortlist([recorded])
    assert 32 <= len(recorded.shortlist.ids) < 203
    for k, row in enumerate(rows()[:2]):
        with torch.no_grad():
            ids = torch.tensor([[*row.prompt, *row.reply]])
            log = module(ids).logits.log_softmax(-1)[0, len(row.prompt) - 1 : -1]
        mine = trunk.replay(recorded)[recorded.row_of == k]
        torch.testing.assert_close(mine.detach(), log[:, recorded.shortlist.ids], atol=5e-3, rtol=1e-3)
        token = log.gather(-1, torch.tensor(row.reply)[:, None])[:, 0]
        torch.testing.assert_close(recorded.base_logprob[recorded.row_of == k], token, atol=5e-3, rtol=1e-3)


@pytest.mark.parametrize("family", CONFIGS)
def test_an_adapter_on_the_top_is_one_that_peft_and_the_decoders_read(checkpoints, family, tmp_path):
    import copy

    from peft import PeftModel

    folder, module = checkpoints[family]
    model = Model(folder, module.config, BUILT[-1])
    trunk = PackedTrunk(model, TOP)
    adapter = randomised(Adapter(trunk.module, top=TOP, rank=4))
    adapter.set_strength(0.5)
    adapter.save(tmp_path, "tiny")
    row = rows()[1]
    ids = torch.tensor([[*row.prompt, *row.reply]])
    with adapter.off():
        recorded = trunk.record([row])
    trunk.set_shortlist([recorded], range(203))
    mine = trunk.replay(recorded).detach()
    stock = PeftModel.from_pretrained(copy.deepcopy(module), str(tmp_path))
    with torch.no_grad():
        theirs = stock(input_ids=ids).logits.log_softmax(-1)[0, len(row.prompt) - 1 : -1]
    torch.testing.assert_close(mine, theirs, atol=2e-3, rtol=1e-3)
    model.decoder.set_style(tmp_path)
    log = model.decoder.forward(model.decoder.new_cache(), ids, all_logits=True).log_softmax(-1)
    torch.testing.assert_close(mine, log[0, len(row.prompt) - 1 : -1], atol=1e-2, rtol=1e-3)
    again = Adapter(PackedTrunk(model, TOP).module, top=TOP, rank=4)
    again.load_state(load_weights(tmp_path))


@pytest.fixture(scope="module")
def gguf_model(tmp_path_factory: pytest.TempPathFactory):
    from tiny_gguf import write_tiny_gguf

    from models import loader
    from models.gguf import folder as gguf_folder
    from models.gguf import model as gguf_model

    folder = tmp_path_factory.mktemp("gguf")
    write_tiny_gguf(folder / "tiny.gguf")
    made = folder / "tiny"
    made.mkdir()
    gguf_folder.place(folder / "tiny.gguf", made, "copy", lambda phase, done, total: None)
    gguf_model.make_folder(folder / "tiny.gguf", made, lambda phase, done, total: None)
    return loader.load(made, model_id="tiny-gguf", threads=1)


def test_a_gguf_file_gives_some_rows_of_a_matrix_as_it_gives_all(gguf_model):
    ids = torch.tensor([7, 3, 250, 3])
    with gguf_model.weights() as source:
        for name in ("embed_tokens", "layers.0.self_attn.q_proj"):
            some = ids % source.matrix(name, "float32").rows
            assert torch.equal(source.rows(name, some), source.matrix(name, "float32").dequantize()[some])


def test_an_update_on_a_gguf_file_builds_only_the_top_and_writes_a_style_that_its_decoder_reads(
    gguf_model, tmp_path, monkeypatch
):
    monkeypatch.setattr(gguf_model, "module", lambda: pytest.fail("the whole model was built"))
    signals = [
        {"id": str(i), "kind": "thumb", "value": 1 if i % 2 else -1, "at": f"{i:03d}", "conversation": str(i),
         "prompt": [{"role": "user", "text": f"p {i}"}],
         "reply": {"text": f"Yes {i}!" if i % 2 else f"Some long reply of number {i} that goes on and on. "}}
        for i in range(16)
    ]  # fmt: skip
    hyper = {"top_layers": 1, "epochs": 1, "practice_prompts": 2, "rollouts": 3, "reply_tokens": 10}
    job = {
        "version": "v1", "model": "tiny-gguf", "parent": None, "styles": str(tmp_path), "signals": signals,
        "probe_tokens": 4, "hyper": hyper,
    }  # fmt: skip
    ids = torch.tensor([[5, 6, 7, 8]])
    decoder_ = gguf_model.decoder
    before = decoder_.forward(decoder_.new_cache(), ids)
    for _ in (steps := update.run(update_job(job), gguf_model)):
        assert torch.equal(decoder_.forward(decoder_.new_cache(), ids), before) or decoder_.style is not None
    steps.close()
    assert torch.equal(decoder_.forward(decoder_.new_cache(), ids), before)
    assert {name.split(".layers.")[1][:1] for name in load_weights(tmp_path / "v1")} == {"1"}
    decoder_.set_style(tmp_path / "v1")
    assert not torch.equal(decoder_.forward(decoder_.new_cache(), ids), before)
    decoder_.set_style(None)


def test_the_top_asks_for_its_memory_first(gguf_model, monkeypatch):
    from models import placement
    from models.errors import ModelError

    monkeypatch.setattr(placement, "free_bytes", lambda: 1000)
    with pytest.raises(
        ModelError, match=r"Learning with .* needs about \d\.\d GB of memory, 0\.0 GB are free"
    ):
        PackedTrunk(gguf_model, 1)


def test_what_learning_needs_grows_with_the_layers_and_not_with_the_whole_model():
    from models import placement
    from models.decoders import config as decoder_config

    def need(layers: int, top: int) -> int:
        config = Qwen2Config(**(SIZES | {"hidden_size": 1536, "intermediate_size": 8960, "vocab_size": 151936,
                                         "num_attention_heads": 12, "num_hidden_layers": layers}))  # fmt: skip
        sizes = decoder_config.from_hf(config)
        assert sizes is not None
        return placement.learning_bytes(sizes, top)

    assert need(28, 4) == need(40, 4) < need(28, 8)
    assert 1.0e9 < need(28, 4) < 2.6e9  # of a 1.5B model


def test_the_minute_grows_with_the_model():
    assert policy.minute(145_000_000) == policy.minute(494_000_000) == 60.0
    assert policy.minute(1_500_000_000) == pytest.approx(150.0)
