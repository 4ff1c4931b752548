"""The styles service: names, versions with their folders, import, export, reset and deletion."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from assistant.errors import BadInput, NotFound
from assistant.learning import style_queries
from assistant.paths import DataPaths
from assistant.services.styles import StyleService
from assistant.store import Store


@pytest.fixture
def paths(tmp_path):
    return DataPaths(tmp_path / "home").ensure()


@pytest.fixture
def store(paths):
    with Store.open(paths) as opened:
        yield opened


@pytest.fixture
def styles(store, paths):
    return StyleService(store, paths)


def write_adapter(folder):
    """A PEFT adapter of one tiny layer."""
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4}))
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    halves = {"A": np.ones((2, 8), np.float32), "B": np.ones((6, 2), np.float32)}
    tensors = {f"{layer}.lora_{half}.weight": tensor for half, tensor in halves.items()}
    save_file(tensors, str(folder / "adapter_model.safetensors"))
    return folder


def add(store, paths, version, line="", **fields):
    """A version with its folder, as an update leaves it."""
    store.add_style("m", style_id=version, line=line, **fields)
    folder = paths.styles / version
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(b"x")
    return folder


def test_versions_are_numbered_within_their_style_and_say_what_can_write(store, paths, styles):
    work = styles.add("Work")
    add(store, paths, "v1")
    add(store, paths, "w1", work, make_current=True)
    add(store, paths, "v2", state="rejected")
    store.add_style("m", style_id="v3")  # its files are gone
    rows = styles.versions("m")
    assert [(row.version.id, row.number, row.in_use, row.can_write) for row in rows] == [
        ("v3", 3, False, False),
        ("v2", 2, False, False),
        ("v1", 1, False, True),
    ]
    assert [(row.version.id, row.number, row.in_use) for row in styles.versions("m", work)] == [
        ("w1", 1, True)
    ]
    assert styles.version("m", work).id == "w1" and styles.version("m", work, "v1").id == "v1"
    with pytest.raises(NotFound, match="No style version is in use"):
        styles.version("m")


def test_a_reset_deletes_the_folders_with_the_versions_and_lets_their_ratings_teach_again(
    store, paths, styles
):
    """On the command line the folders stayed where they were."""
    rating = store.add_rating("thumb", 1, prompt="p", reply="r").id
    work = styles.add("Work")
    kept = add(store, paths, "w1", work, make_current=True)
    gone = [
        add(store, paths, "v1", used=[rating], make_current=True),
        add(store, paths, "v2", state="rejected"),
    ]
    assert styles.reset("m") == ["v1", "v2"]
    assert styles.current("m") is None and styles.versions("m") == ()
    assert not any(folder.exists() for folder in gone) and kept.is_dir()
    assert store.rating(rating).fate == "pending" and styles.current("m", work) == "w1"


def test_deleting_a_version_in_use_leaves_the_base_model(store, paths, styles):
    folder = add(store, paths, "v1", make_current=True)
    styles.delete(["v1"])
    assert styles.current("m") is None and not folder.exists()
    with pytest.raises(NotFound):
        styles.delete(["never"])


def test_deleting_several_versions_is_all_or_nothing(store, paths, styles):
    folder = add(store, paths, "v1", make_current=True)
    with pytest.raises(NotFound):
        styles.delete(["v1", "never"])
    assert styles.current("m") == "v1" and folder.is_dir()


def test_removing_a_named_style_takes_its_folders_and_corrections(store, paths, styles):
    work = styles.add("Work")
    folder = add(store, paths, "w1", work, make_current=True)
    style_queries.correct(store, "length", -1.0, work)
    assert styles.remove("work") == ["w1"]
    assert styles.names() == [] and not folder.exists() and style_queries.corrections_of(store, work) == {}
    with pytest.raises(BadInput):
        styles.remove("")


def test_an_imported_adapter_is_named_after_its_folder_is_not_in_use_and_comes_out_again(
    store, paths, styles, tmp_path
):
    source = write_adapter(tmp_path / "from a friend")
    version = styles.import_folder("m", source)
    row = styles.versions("m")[0]
    assert (row.version.id, row.version.name, row.in_use, row.can_write) == (
        version,
        "from a friend",
        False,
        True,
    )
    styles.use("m", version)
    assert styles.current("m") == version
    with pytest.raises(NotFound):
        styles.use("another model", version)
    target = tmp_path / "out"
    styles.export(version, target)
    assert {"adapter_config.json", "adapter_model.safetensors"} <= {file.name for file in target.iterdir()}
    with pytest.raises(NotFound):
        styles.export("never", tmp_path / "other")


def test_what_is_no_adapter_leaves_no_version_behind(store, paths, styles, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BadInput):
        styles.import_folder("m", tmp_path / "nothing")
    assert styles.versions("m") == () and not list(paths.styles.glob("*"))
