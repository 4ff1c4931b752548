"""Where a model goes: counted before anything is read, smaller settings where memory is short, the disk at last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from models import loader, placement
from models.errors import DoesNotFit, ModelError, ModelRefused
from models.fetch import trust
from models.placement import Placement, Size
from models.starter.sources import Progress

GB = 10**9
BIG = Size(language=2_000_000_000, others=400_000_000, cache_bytes_a_token=100_000, context=32_768)


def kinds(free: float | None, *, fast: bool, wanted: str = "auto") -> list[str]:
    ways = placement.options(BIG, wanted, "cpu", fast, None if free is None else int(free * GB))
    return [way.kind + ("+disk" if way.offload else "") for way in ways]


def test_a_processor_takes_the_finest_that_fits() -> None:
    assert kinds(None, fast=True) == ["auto", "int4"]
    assert kinds(64, fast=False) == ["float32", "bfloat16"]
    assert kinds(9, fast=False) == ["bfloat16"]
    assert kinds(4, fast=False) == ["bfloat16+disk"]
    assert kinds(8, fast=True) == ["auto", "int4"]
    assert kinds(64, fast=True, wanted="float32") == ["float32"]
    assert kinds(64, fast=False, wanted="int4") == ["bfloat16"]  # no such layers for these families
    with pytest.raises(DoesNotFit, match=r"needs about 4\.\d GB of memory, 1\.0 GB are free"):
        kinds(1, fast=True)
    with pytest.raises(DoesNotFit):
        kinds(4, fast=False, wanted="float32")


def test_graphics_memory_then_main_memory_then_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decisions only: no graphics card was at hand to load anything on."""
    monkeypatch.setattr(placement, "half_of", lambda device: "bfloat16")
    whole, spread = placement.options(BIG, "auto", "cuda", False, 16 * GB, 12 * GB)
    assert not whole.spread and whole.kind == "bfloat16" and spread.max_memory.keys() == {0, "cpu"}
    (both,) = placement.options(BIG, "auto", "cuda", False, 16 * GB, 4 * GB)
    assert both.max_memory[0] < 4 * GB and both.offload is None and "main memory" in both.why
    (disk,) = placement.options(BIG, "auto", "cuda", False, 1 * GB, 2 * GB)
    assert disk.offload is not None and "disk" in disk.why
    assert placement.options(BIG, "auto", "mps", False, 16 * GB, 12 * GB)[0].device == "mps"
    with pytest.raises(DoesNotFit, match="graphics memory"):
        placement.options(BIG, "auto", "mps", False, 16 * GB, 2 * GB)


def test_old_cards_get_float16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert placement.half_of("cuda") == "float16" and placement.half_of("xpu") == "bfloat16"


def test_weights_are_counted_by_half(family_folder: Callable[[str], Path]) -> None:
    for name in ("smolvlm", "qwen3_vl", "gemma4", "gpt2"):
        checked = trust.check(family_folder(name))
        size = placement.size_of(checked, loader.read_config(checked))
        assert size.language + size.others == trust.count_parameters(checked)
        assert (size.others > 0) == (name != "gpt2") and size.cache_bytes_a_token > 0
        assert size.bytes("bfloat16") < size.bytes("float32")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9000000000 bytes"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=["python", "cuda", "cpu", "system"],
)
def test_running_out_of_memory_is_answered_by_a_smaller_setting(
    error: Exception, family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, said = loader._build, []

    def build(checked, model_id, name, config, way: Placement, threads, progress):
        if way.kind in ("auto", "float32"):
            raise error
        return real(checked, model_id, name, config, way, threads, progress)

    monkeypatch.setattr(loader, "_build", build)
    progress: Progress = lambda phase, done, total: said.append(phase)  # noqa: E731
    for name, kind in (("smolvlm", "int4"), ("qwen3_vl", "bfloat16")):
        model = loader.load(family_folder(name), model_id=name, progress=progress)
        assert model.quantization == kind
    assert any("coarser" in phase for phase in said)
    with pytest.raises(DoesNotFit, match="whatever the setting"):
        loader.load(family_folder("gpt2"), model_id="gpt2", quantization="float32")


def test_any_other_failure_while_loading_is_told_as_what_it_is(
    family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_):
        raise RuntimeError("size mismatch for lm_head.weight")

    monkeypatch.setattr(loader, "_build", build)
    with pytest.raises(ModelRefused, match="could not be loaded: size mismatch"):
        loader.load(family_folder("gpt2"), model_id="gpt2")


def test_a_model_too_large_for_this_machine_is_refused_before_it_is_read(
    family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "free_bytes", lambda: 100_000_000)
    monkeypatch.setattr(loader, "_build", lambda *_: pytest.fail("it was read"))
    with pytest.raises(
        DoesNotFit, match=r"smolvlm does not fit: it needs about 0\.\d GB of memory, 0\.1 GB are free"
    ):
        loader.load(family_folder("smolvlm"), model_id="smolvlm")


@pytest.mark.parametrize("name", ["qwen3_vl", "smollm3"])
def test_weights_on_the_disk_say_the_same(
    name: str, family_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    checked = trust.check(family_folder(name))
    config = loader.read_config(checked)
    way = Placement("cpu", "float32", {"cpu": checked.weight_bytes // 2}, tmp_path / "offload")
    spread = loader._build(checked, name, name, config, way, None, lambda phase, done, total: None)
    assert "disk" in set(spread._module.hf_device_map.values())
    whole = loader.load(checked.folder, model_id=name, quantization="float32")
    ids = whole.prepare([{"role": "user", "content": "Hello there"}]).ids
    got, wanted = (m.decoder.forward(m.decoder.new_cache(), ids)[0] for m in (spread, whole))
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-4)
    with pytest.raises(ModelError, match="cannot learn"):
        spread.module()


def test_learning_asks_for_its_memory_first(
    family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = loader.load(family_folder("smolvlm"), model_id="smolvlm")
    monkeypatch.setattr(placement, "free_bytes", lambda: 1000)
    with pytest.raises(ModelError, match=r"Learning with .* needs about"):
        model.module()


def test_devices_are_chosen_by_what_torch_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loader.choose_device("cpu") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert loader.choose_device("auto") == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends, "mps", SimpleNamespace(is_available=lambda: True))
    assert loader.choose_device("auto") == "mps"
    with pytest.raises(ModelError, match="no 'cuda' device"):
        loader.choose_device("cuda")
