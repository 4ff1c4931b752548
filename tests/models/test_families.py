"""Every architecture that is let in, from a checkpoint as the hub has it to a learned style, by the one way.

What is written is compared with the family's own ``generate`` in transformers on the very same weights, so that a
position, a mask or a picture in the wrong place shows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from models_families import OTHERS, READING, SEEING
from PIL import Image
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

from assistant.generation import batch_decoding, decode_loop
from assistant.generation.prefix_cache import PrefixCaches
from assistant.learning.training import policy
from assistant.learning.training.cached_layers import Row, Trunk
from assistant.learning.training.lora import Adapter, load_weights
from assistant.learning.training.policy import Example, Hyper
from assistant.records import Sampling
from models.errors import ModelError
from models.gpt2 import with_linear_layers
from models.loaded_model import SOUND_HZ, LoadedModel
from models.loader import load
from models.pictures.picture_budget import ORDINARY_PICTURE

GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=12)
FAST = {"smolvlm", "internvl", "llava_onevision", "qwen3", *OTHERS} - {"qwen2_5_vl"}
SEES = {*SEEING, *OTHERS}
ALL = [*SEEING, *READING, *OTHERS]


def picture(width: int, height: int, seed: int) -> Image.Image:
    numbers = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(numbers)


CAT, DOG, WIDE = picture(50, 40, 1), picture(64, 64, 2), picture(150, 60, 3)


def asking(text: str, n_pictures: int = 0) -> list[dict[str, Any]]:
    parts = [{"type": "image"}] * n_pictures + [{"type": "text", "text": text}]
    return [{"role": "user", "content": parts if n_pictures else text}]


@pytest.fixture(scope="module", params=ALL)
def family(
    request: pytest.FixtureRequest, family_folder: Callable[[str], Path]
) -> tuple[str, LoadedModel, Any]:
    """(name, the model as Attune loads it, in full precision; the same weights in transformers)."""
    name = request.param
    folder = family_folder(name)
    model = load(folder, model_id=name, quantization="float32")
    kind = AutoModelForImageTextToText if name in SEES else AutoModelForCausalLM
    reference = kind.from_pretrained(folder, attn_implementation="eager").eval()
    if name == "gpt2":
        with_linear_layers(reference)  # only then can it carry an adapter
    return name, model, reference


@pytest.fixture(scope="module")
def seeing(family: tuple[str, LoadedModel, Any]) -> tuple[str, LoadedModel, Any]:
    if family[0] not in SEES:
        pytest.skip("a text model")
    return family


def write(
    model: LoadedModel, messages: list, pictures: list, sampling: Sampling = GREEDY, **more: Any
) -> Any:
    inputs = model.prepare(messages, pictures)
    return decode_loop.run(decode_loop.generate(model, inputs, sampling, **more))


def logits(model: LoadedModel, messages: list, pictures: list) -> torch.Tensor:
    inputs = model.prepare(messages, pictures)
    cache = model.decoder.new_cache()
    return model.decoder.forward(cache, inputs.ids, embeds=inputs.embeds, extra=inputs.extra)[0]


def expected(model: LoadedModel, reference: Any, messages: list, pictures: list) -> list[int]:
    """What transformers writes: the family's own processor's tensors, its own generate."""
    text = model.render(messages)
    if pictures:
        batch = dict(model._process(text, pictures))
    else:
        batch = {"input_ids": torch.tensor([model.tokenize(text)])}
    n = batch["input_ids"].shape[1]
    with torch.inference_mode():
        out = reference.generate(
            **batch, max_new_tokens=12, do_sample=False, repetition_penalty=1.0, eos_token_id=list(model.eos_ids),
            pad_token_id=2,
        )  # fmt: skip
    ids = out[0, n:].tolist()
    return [id for id in ids if id not in model.eos_ids]


def test_the_fast_decoder_takes_what_it_can(family: tuple[str, LoadedModel, Any]) -> None:
    name, model, _ = family
    assert (model.decoder.name in ("native", "eager")) == (name in FAST)
    assert model.sees_in_words == (name not in SEES) and model.can_hear == (name == "gemma4")


def test_text_is_what_the_family_itself_writes(family: tuple[str, LoadedModel, Any]) -> None:
    _, model, reference = family
    messages = [
        {"role": "user", "content": "What is in this picture?"},
        {"role": "assistant", "content": "It is a cat."},
        {"role": "user", "content": "Write a letter to my landlord."},
    ]
    assert list(write(model, messages, []).ids) == expected(model, reference, messages, [])
    assert model.count_tokens(messages) == len(model.prepare(messages))


@pytest.mark.parametrize("pictures", [[CAT], [CAT, WIDE, DOG]], ids=["one", "three"])
def test_pictures_are_seen_as_the_family_sees_them(
    seeing: tuple[str, LoadedModel, Any], pictures: list
) -> None:
    _, model, reference = seeing
    messages = asking("What is it?", len(pictures))
    assert list(write(model, messages, pictures).ids) == expected(model, reference, messages, pictures)
    with torch.inference_mode():
        wanted = reference(**dict(model._process(model.render(messages), pictures))).logits[0, -1]
    torch.testing.assert_close(logits(model, messages, pictures), wanted, atol=2e-3, rtol=1e-3)
    others = logits(model, messages, [picture(p.width, p.height, 77) for p in pictures])
    assert (others - wanted).norm() / wanted.norm() > 0.01  # it does look


def test_a_reply_streams_stops_and_ends(family: tuple[str, LoadedModel, Any]) -> None:
    _, model, _ = family
    inputs = model.prepare(asking("Tell me a story."))
    pieces = []
    steps = decode_loop.generate(model, inputs, GREEDY)
    while True:
        try:
            pieces.append(next(steps).text)
        except StopIteration as end:
            whole = end.value
            break
    assert "".join(pieces) == whole.text and sum(bool(piece) for piece in pieces) > 1
    stop = whole.text[3:6]
    cut = decode_loop.run(
        decode_loop.generate(
            model, inputs, Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=12, stop=(stop,))
        )
    )
    assert stop and cut.text == whole.text[: whole.text.index(stop)] and cut.finish == "stop"
    asked = [False, False, True]
    stopped = decode_loop.run(
        decode_loop.generate(model, inputs, GREEDY, cancelled=lambda: asked.pop(0) if asked else True)
    )
    assert stopped.finish == "cancelled"


def test_branches_share_what_was_read(family: tuple[str, LoadedModel, Any]) -> None:
    """A second turn, a branch of the first, another conversation in between: each as if it were alone."""
    name, model, _ = family
    caches = PrefixCaches()
    sees = name in SEES
    first = asking("What is it?", 1 if sees else 0)
    pictures = [CAT] if sees else []
    reply = write(model, first, pictures, caches=caches)
    other = write(model, asking("And this?", 1 if sees else 0), [WIDE] if sees else [], caches=caches)
    more = [*first, {"role": "assistant", "content": reply.text}, {"role": "user", "content": "Why?"}]
    second = write(model, more, pictures, caches=caches)
    branch = write(model, [*more[:-1], {"role": "user", "content": "Are you sure?"}], pictures, caches=caches)
    assert other.ids == write(model, asking("And this?", 1 if sees else 0), [WIDE] if sees else []).ids
    assert second.ids == write(model, more, pictures).ids
    assert (
        branch.ids == write(model, [*more[:-1], {"role": "user", "content": "Are you sure?"}], pictures).ids
    )
    if name not in ("gemma3", "gemma4"):  # full sliding windows cannot go back
        assert second.details.reused_tokens > 0 and branch.details.reused_tokens > 0


def test_best_of_n_begins_with_the_single_reply(family: tuple[str, LoadedModel, Any]) -> None:
    name, model, _ = family
    sees = name in SEES
    inputs = model.prepare(asking("What is it?", 1 if sees else 0), [CAT] if sees else [])
    sampling = Sampling(temperature=0.9, repetition_penalty=1.0, max_tokens=10, seed=5)
    alone = decode_loop.run(decode_loop.generate(model, inputs, sampling, speculate=False))
    many = decode_loop.run(batch_decoding.generate_batch(model, inputs, sampling, 4))
    assert many[0].ids == alone.ids
    assert len({reply.ids for reply in many}) > 1


def test_a_style_is_learned_saved_and_put_on(family: tuple[str, LoadedModel, Any], tmp_path: Path) -> None:
    name, model, reference = family
    module = model.module()
    adapter = Adapter(module, top=2, rank=4, alpha=8, seed=1)
    try:
        trunk = Trunk(module, 2)
        inputs = model.prepare(asking("Thank you very much!"))
        prompt = tuple(inputs.ids[0].tolist())
        good, bad = (tuple(model.tokenize(text)) for text in ("You are welcome.", "The answer is yes"))
        examples = [Example(Row(prompt, good), 1.0, pair=0), Example(Row(prompt, bad), -1.0, pair=0)]
        hyper = Hyper(top_layers=2, rank=4, epochs=3, batch=2, learning_rate=5e-3, kl_limit=10.0)
        training = policy.Training(trunk, adapter, hyper, seed=0)
        list(training.add(examples))
        rewards = [step.reward for step in training.run(hyper.epochs)]
        assert (
            training.outcome.steps == 3 and rewards[-1] > 0
        )  # the better reply became likelier against the worse
        adapter.save(tmp_path, name)
        with torch.inference_mode():
            wanted = module(input_ids=inputs.ids).logits[0, -1, : model.decoder.vocab_size].float()
    finally:
        adapter.detach()
        model.release_module()
    base = model.decoder.forward(model.decoder.new_cache(), inputs.ids)[0]
    model.decoder.set_style(tmp_path)
    styled = model.decoder.forward(model.decoder.new_cache(), inputs.ids)[0]
    model.decoder.set_style(None)
    again = model.decoder.forward(model.decoder.new_cache(), inputs.ids)[0]
    torch.testing.assert_close(styled, wanted, atol=2e-3, rtol=1e-3)
    assert (styled - base).norm() / base.norm() > 0.01
    torch.testing.assert_close(again, base, atol=1e-4, rtol=1e-4)
    fresh = Adapter(reference, top=2, rank=4, alpha=8)
    fresh.load_state(load_weights(tmp_path))
    fresh.detach()


def test_hidden_states_are_the_base_models(family: tuple[str, LoadedModel, Any]) -> None:
    _, model, reference = family
    ids = model.prepare(asking("Hello")).ids
    with torch.inference_mode():
        last = reference(input_ids=ids, output_hidden_states=True).hidden_states[-1][0]
    torch.testing.assert_close(model.decoder.hidden(ids), last, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("quantization", ["auto", "int4", "bfloat16"])
def test_coarser_weights_say_nearly_the_same(
    name: str, quantization: str, family_folder: Callable[[str], Path]
) -> None:
    exact = load(family_folder(name), model_id=name, quantization="float32")
    coarse = load(family_folder(name), model_id=name, quantization=quantization)
    n = 1 if name in SEES else 0
    wanted = logits(exact, asking("What is it?", n), [CAT][:n])
    got = logits(coarse, asking("What is it?", n), [CAT][:n])
    kind = {"auto": ("int8", "float32"), "int4": ("int4", "bfloat16"), "bfloat16": ("bfloat16",)}[
        quantization
    ]
    assert coarse.quantization in kind
    limit = {"int4": 0.5, "int8": 0.08, "bfloat16": 0.08, "float32": 1e-4}[coarse.quantization]
    assert (got - wanted).norm() / wanted.norm() < limit, float((got - wanted).norm() / wanted.norm())


@pytest.mark.parametrize("name", ["smolvlm", "qwen3_vl", "gemma3"])
def test_processors_in_the_hubs_older_layout_are_read(
    name: str, family_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    """Most checkpoints keep their picture settings in preprocessor_config.json, made with torchvision's classes."""
    folder = tmp_path / name
    shutil.copytree(family_folder(name), folder)
    settings = json.loads((folder / "processor_config.json").read_text())
    images = settings.pop("image_processor")
    images["image_processor_type"] = images["image_processor_type"].removesuffix("Pil") + "Fast"
    settings.pop("video_processor", None)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(images | {"processor_class": settings["processor_class"]})
    )
    (folder / "processor_config.json").write_text(json.dumps(settings))
    (folder / "video_preprocessor_config.json").write_text(
        json.dumps({"video_processor_type": "SomeVideoProcessor"})
    )
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": template}))
    (folder / "chat_template.jinja").unlink()
    old, new = load(folder, model_id=name), load(family_folder(name), model_id=name)
    messages = asking("What is it?", 2)
    assert torch.equal(logits(old, messages, [CAT, WIDE]), logits(new, messages, [CAT, WIDE]))


@pytest.mark.parametrize("name", ["smolvlm", "internvl", "qwen3_vl"])
def test_detail_costs_tokens(name: str, family_folder: Callable[[str], Path]) -> None:
    model = load(family_folder(name), model_id=name)
    assert model.picture_detail == "fast"
    large = picture(*ORDINARY_PICTURE, 4)
    fast = len(model.prepare(asking("?", 1), [large]))
    assert model.count_tokens(asking("?", 1)) == fast  # what a prompt is fitted into the context by
    closer = load(family_folder(name), model_id=name, pictures="detailed")
    detailed = len(closer.prepare(asking("?", 1), [large]))
    assert fast < detailed


def speech(seconds: float, pitch_hz: float) -> np.ndarray:
    """Something like a voice: a buzz with syllables, 16 kHz."""
    at = np.arange(int(seconds * SOUND_HZ)) / SOUND_HZ
    buzz = sum(np.sin(2 * np.pi * pitch_hz * n * at) / n for n in range(1, 12))
    return (buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at)) * 0.1).astype(np.float32)


def test_a_model_that_hears_is_given_sound_as_the_family_takes_it(
    family_folder: Callable[[str], Path],
) -> None:
    """At the model's door; from the window's see tests/ui/test_window_sound.py."""
    model = load(family_folder("gemma4"), model_id="gemma4", quantization="float32")
    reference = AutoModelForImageTextToText.from_pretrained(family_folder("gemma4")).eval()
    parts = [
        {"type": "image"},
        {"type": "audio"},
        {"type": "text", "text": "What does she say?"},
        {"type": "audio"},
    ]
    messages = [{"role": "user", "content": parts}]
    sounds = [speech(1.2, 120), speech(0.7, 210)]
    inputs = model.prepare(messages, [CAT], sounds)
    reply = decode_loop.run(decode_loop.generate(model, inputs, GREEDY))
    batch = dict(model.processor(
        text=[model.render(messages)], images=[[CAT]], audio=sounds, return_tensors="pt", add_special_tokens=False,
        sampling_rate=SOUND_HZ, max_soft_tokens=140,
    ))  # fmt: skip
    assert torch.equal(batch["input_ids"], inputs.ids)
    with torch.inference_mode():
        out = reference.generate(
            **batch, max_new_tokens=12, do_sample=False, repetition_penalty=1.0, eos_token_id=list(model.eos_ids),
            pad_token_id=2,
        )  # fmt: skip
    assert list(reply.ids) == [id for id in out[0, len(inputs) :].tolist() if id not in model.eos_ids]
    other = model.prepare(messages, [CAT], [speech(1.2, 180), sounds[1]])
    first, second = (
        model.decoder.forward(model.decoder.new_cache(), given.ids, extra=given.extra)[0]
        for given in (inputs, other)
    )
    assert (first - second).norm() / first.norm() > 1e-3 and inputs.keys != other.keys  # it does listen
    deaf = load(family_folder("qwen3_vl"), model_id="qwen3_vl")
    with pytest.raises(ModelError, match="cannot hear"):
        deaf.prepare(messages, [CAT], sounds)


def test_models_that_can_think_first_are_asked_not_to(
    family_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "thinker"
    shutil.copytree(family_folder("qwen3"), folder)
    template = (folder / "chat_template.jinja").read_text()
    quiet = "{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}"
    (folder / "chat_template.jinja").write_text(template + quiet)
    assert load(folder, model_id="thinker").render(asking("Hi")).endswith("<think></think>")
