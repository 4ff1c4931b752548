"""The models page in the real window, against a hub on a loopback port: get, pause, resume, discard, bring your own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.hub_server import HubServer, Repo, weights
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from silent_engine import SilentClient
from tiny_gguf import write_tiny_gguf
from window_driver import Driver

from assistant import settings as settings_file
from assistant.paths import DataPaths
from assistant.settings import Settings
from models.fetch import catalog
from ui.models.page import ModelsPage
from ui.models.row import ModelRow


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    server = HubServer()
    for name in ("HF_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.repos["openai-community/gpt2"] = Repo(
        {"config.json": b'{"model_type": "gpt2"}', "model.safetensors": weights(60_000), "LICENSE": b"MIT"},
        card={"license": "mit"},
    )
    yield server
    server.close()


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: HubServer) -> Iterator[Driver]:
    monkeypatch.setattr("ui.engine_bridge.Client", SilentClient)
    # The loopback hub cannot have the real commit.
    entries = [e if e.id != "gpt2" else _unpinned(e) for e in catalog.entries()]
    monkeypatch.setattr(catalog, "entries", lambda: tuple(entries))
    made = Driver(tmp_path / "home", Settings(hub_mirror=hub.url, fetch_default="no"))
    yield made
    made.close()


def _unpinned(entry: catalog.Entry) -> catalog.Entry:
    from dataclasses import replace

    return replace(entry, revision="")


def page_of(driver: Driver) -> ModelsPage:
    driver.window.pages.show_models()
    page = driver.window.stack.currentWidget()
    assert isinstance(page, ModelsPage)
    driver.until(lambda: len(page.rows()) > 10, "the catalogue")
    return page


def row_of(page: ModelsPage, model_id: str) -> ModelRow:
    return page.rows()[model_id]


def test_the_catalogue_says_what_each_model_is_and_which_is_best(driver: Driver) -> None:
    page = page_of(driver)
    best = [row for row in page.rows().values() if row._best.isVisible()]
    assert len(best) == 1 and best[0].model.why
    assert next(id for id in page.rows() if id != "starter") == best[0].model.id
    advice = driver.window.page.welcome.advice
    assert best[0].model.name in advice.text() and advice.toolTip() == best[0].model.why
    facts = row_of(page, "gemma-3-4b")._facts()
    assert (
        "4.3B parameters" in facts.replace(" B", "B")
        and "you accept its terms first" in facts
        and "Licence" in facts
    )
    assert row_of(page, "starter").use.isHidden() or not row_of(page, "starter").get.isVisible()


def test_get_pause_resume_and_use(driver: Driver, hub: HubServer) -> None:
    page = page_of(driver)
    hub.slow_s = 0.4  # long enough for a loaded machine to press pause in time
    row = row_of(page, "gpt2")
    row.get.click()
    driver.until(lambda: row.job.done > 30_000 and row.pause.isVisible(), "a download under way")
    assert "Downloading" in row._progress_text.text() and "Licence: mit" in row._progress_text.text()
    row.pause.click()
    driver.until(lambda: row.job.phase == "paused", "a pause")
    assert row.get.text() == "Resume" and row._bar.isVisible()
    # Another window finds it where it was left.
    driver.window.models.list()
    driver.settle()
    hub.slow_s = 0.0
    row_of(page, "gpt2").get.click()
    driver.until(lambda: row_of(page, "gpt2").model.installed, "the model")
    assert any("bytes=" in headers.get("range", "") for _, _, headers in hub.requests)
    assert catalog.verify("gpt2", driver.paths.models) == []
    row_of(page, "gpt2").use.click()
    assert driver.window.settings.model == "gpt2"
    assert "load" in driver.window.bridge._client.asked or driver.settle() is None


def test_discard_a_half_fetched_model_and_remove_a_whole_one(driver: Driver, hub: HubServer) -> None:
    page = page_of(driver)
    hub.slow_s = 0.4  # long enough for a loaded machine to press pause in time
    row_of(page, "gpt2").get.click()
    driver.until(lambda: row_of(page, "gpt2").job.done > 20_000, "a download under way")
    row_of(page, "gpt2").pause.click()
    driver.until(lambda: row_of(page, "gpt2").remove.isVisible(), "a way to discard it")
    driver.confirm(row_of(page, "gpt2").remove)
    driver.until(lambda: not list(driver.paths.models.glob(".gpt2*")), "an empty folder")
    driver.until(lambda: row_of(page, "gpt2").get.text() == "Download", "as at the beginning")
    hub.slow_s = 0.0
    row_of(page, "gpt2").get.click()
    driver.until(lambda: row_of(page, "gpt2").model.installed, "the model")
    assert (driver.paths.models / "gpt2").is_dir()
    driver.confirm(row_of(page, "gpt2").remove)
    driver.until(lambda: not (driver.paths.models / "gpt2").exists(), "the model gone")


def test_terms_are_explained_and_a_token_helps(driver: Driver, hub: HubServer, monkeypatch) -> None:
    monkeypatch.setattr("assistant.hub_access._keyring", lambda: None)
    repo = hub.repos["openai-community/gpt2"]
    repo.gated, repo.token = True, "hf_mine"
    page = page_of(driver)
    row_of(page, "gpt2").get.click()
    driver.until(lambda: row_of(page, "gpt2").job.gated, "the reason")
    assert "terms" in row_of(page, "gpt2")._wrong.text()
    page.token.setText("hf_mine")
    page._give_token()
    driver.until(lambda: driver.window.models._token == "hf_mine", "the token")
    row_of(page, "gpt2").get.click()
    driver.until(lambda: row_of(page, "gpt2").model.installed, "the model")
    driver.close()
    everything = b"".join(path.read_bytes() for path in driver.paths.root.rglob("*") if path.is_file())
    assert b"hf_mine" not in everything


def test_a_folder_dropped_on_the_page_is_checked_first(driver: Driver, tmp_path: Path) -> None:
    page = page_of(driver)
    good, bad = tmp_path / "My own", tmp_path / "Bad"
    for folder, config in (
        (good, {"model_type": "llama"}),
        (bad, {"model_type": "llama", "auto_map": {"A": "b.C"}}),
    ):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "model.safetensors").write_bytes(weights(100))
    for folder in (bad, good):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(folder))])
        actions, buttons, keys = (
            Qt.DropAction.CopyAction,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        page.dropEvent(QDropEvent(QPointF(5, 5), actions, data, buttons, keys))
        if folder is bad:
            driver.until(lambda: "code" in page.adding()[str(bad)].text, "the reason")
            page.adding()[str(bad)].close_.click()
            assert page.adding() == {}
    driver.until(lambda: "my-own" in page.rows() and row_of(page, "my-own").model.installed, "the new model")
    assert good.is_dir()
    card = page.adding()[str(good)]
    assert card.text == "My own was added." and row_of(page, "my-own").use.text() == "Use it now"
    card.use.click()
    assert driver.window.settings.model == "my-own" and driver.window.settings.model_chosen
    assert page.adding() == {}


def test_a_gguf_file_is_linked_or_copied_and_used_at_once(driver: Driver, tmp_path: Path) -> None:
    page, models = page_of(driver), driver.paths.models
    for name, linked in (("First", True), ("Second", False)):
        file = tmp_path / f"{name}.gguf"
        write_tiny_gguf(file)
        page.bring(str(file))
        card = page.adding()[str(file)]
        driver.settle()
        assert card.link.isVisible() and card.copy.isVisible() and "“Link” uses the file" in card.text
        assert not (models / name.lower()).exists()  # nothing happens before the answer
        (card.link if linked else card.copy).click()
        driver.until(lambda card=card: card.model_id, "the model")
        source = models / name.lower() / "source.gguf"
        assert source.is_symlink() == linked
    card.use.click()
    assert driver.window.settings.model == "second" and page.adding().keys() == {str(tmp_path / "First.gguf")}


def test_a_file_that_is_no_model_says_so_on_its_card(driver: Driver, tmp_path: Path) -> None:
    page = page_of(driver)
    file = tmp_path / "bad.gguf"
    file.write_bytes(b"GGUF" + bytes(100))
    page.bring(str(file))
    card = page.adding()[str(file)]
    card.copy.click()
    driver.until(lambda: "damaged" in card.text, "the reason")
    assert not card.use.isVisible() and card.close_.isVisible()
    card.close_.click()
    assert page.adding() == {} and list(driver.paths.models.glob("*bad*")) == []


def test_any_model_of_the_hub_gets_a_row_while_it_comes(driver: Driver, hub: HubServer) -> None:
    hub.repos["someone/Else"] = Repo(
        {"config.json": b'{"model_type": "gpt2"}', "model.safetensors": weights(60_000)}
    )
    page = page_of(driver)
    hub.slow_s = 0.5  # slower than any look at the list
    page.hub_name.setText("someone/Else")
    page.hub_button.click()
    driver.until(lambda: "else" in page.rows() and row_of(page, "else").job.done > 20_000, "its row")
    row_of(page, "else").pause.click()
    driver.until(lambda: row_of(page, "else").job.phase == "paused", "a pause")
    hub.slow_s = 0.0
    row_of(page, "else").get.click()
    driver.until(lambda: row_of(page, "else").model.installed, "the model")


def test_offline_means_offline(driver: Driver, hub: HubServer) -> None:
    driver.window.models.network_forbidden = True
    page = page_of(driver)
    row_of(page, "gpt2").get.click()
    driver.until(lambda: "--offline" in page.error.text(), "the sentence")
    driver.settle()
    assert hub.requests == []


def test_mirror_and_proxy_are_kept(driver: Driver) -> None:
    page = page_of(driver)
    page.mirror.setText("https://mirror.example")
    page.mirror.editingFinished.emit()
    page.proxy.setText("http://proxy:3128")
    page.proxy.editingFinished.emit()
    for box, value in ((page.pictures, "detailed"), (page.unload, 60)):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    driver.close()
    kept = settings_file.load(DataPaths(driver.paths.root).settings)
    assert (kept.hub_mirror, kept.proxy) == ("https://mirror.example", "http://proxy:3128")
    assert (kept.picture_detail, kept.unload_after_min) == ("detailed", 60)
