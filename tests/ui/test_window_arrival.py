"""How the default model arrives in the real window: asked for, fetched, interrupted, gone on with, taken into use.

The hub is one on a loopback port, the default a small file there, and the engine one that answers at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from answering_engine import AnsweringClient, Answers
from hub.hub_server import HubServer, Repo, weights
from PySide6.QtCore import Qt
from window_driver import Driver, unnamed

from assistant import settings as settings_file
from assistant.engine.protocol import Failed
from assistant.paths import DataPaths
from assistant.services.models import settle
from assistant.settings import Settings
from models.fetch import catalog, default_model

DEFAULT = "tiny-default"
HERE = "Tiny Default is ready and answers from now on."
NEXT = "Tiny Default is ready. It answers in your next new chat."
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    server = HubServer()
    for name in ("HF_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.repos["someone/Tiny"] = Repo(
        {"config.json": b'{"model_type": "gpt2"}', "model.safetensors": weights(60_000)}
    )
    server.slow_s = 0.3  # between pieces of 16 kB: there is time to do something meanwhile
    entry = catalog.Entry(
        DEFAULT, "Tiny Default", "someone/Tiny", download_mb=240, note="Good for tests.", parameters=60_000
    )
    entries = (*catalog.entries(), entry)
    monkeypatch.setattr(catalog, "entries", lambda: entries)
    monkeypatch.setattr(default_model, "default_here", lambda: DEFAULT)
    monkeypatch.setattr(default_model, "is_default", lambda model_id: model_id == DEFAULT)
    yield server
    server.close()


@pytest.fixture
def open_window(tmp_path: Path, hub: HubServer, answers: Answers) -> Iterator[Callable[..., Driver]]:
    """Opens the window as the program does: with the settings of the last time, settled."""
    drivers: list[Driver] = []

    def make(settings: Settings | None = None, **more: Any) -> Driver:
        paths = DataPaths(tmp_path / "home").ensure()
        found = settings or (settings_file.load(paths.settings) if paths.settings.exists() else Settings())
        drivers.append(Driver(paths.root, settle(found.with_changes(hub_mirror=hub.url), paths), **more))
        drivers[-1].until(lambda: drivers[-1].window.bridge.phase == "ready", "a model")
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()


def model_of(driver: Driver) -> str:
    info = driver.window.bridge.model
    return info.id if info is not None else ""


def under_way(driver: Driver, done: int = 20_000) -> None:
    """Wait until the download has made some way."""
    jobs = driver.window.models.jobs
    driver.until(
        lambda: jobs.state(DEFAULT).done > done and jobs.state(DEFAULT).running, "a download under way"
    )


def arrived(driver: Driver) -> None:
    driver.until(lambda: default_model.is_here(driver.paths.models, DEFAULT), "the model on the disk")


def test_the_first_run_screen_asks_with_one_click_and_says_what_and_how_large(open_window, hub):
    driver = open_window()
    offer = driver.window.page.welcome.offer
    driver.until(lambda: offer.text, "the offer")
    assert "Tiny Default" in offer.text and "240 MB" in offer.text and "Good for tests." in offer.text
    assert unnamed(driver.window) == ""
    driver.settle()
    assert hub.requests == []  # nothing is fetched without consent
    offer.get.click()
    driver.until(lambda: "Downloading" in driver.window.arrival_bar.text, "the progress")
    assert not offer.isVisible()
    under_way(driver)
    assert " of 240 kB" in driver.window.arrival_bar.figures
    assert driver.window.status._offline.text() == "Online"
    assert unnamed(driver.window) == ""


def test_typing_and_chatting_go_on_and_the_chat_keeps_its_model(open_window, hub, answers):
    driver = open_window(fetch_default=True)
    bar, banner = driver.window.arrival_bar, driver.window.page.banner
    under_way(driver)
    driver.say("Hello?")
    assert "Hello?" in driver.replied().text
    driver.type("half a thought")
    hub.slow_s = 0.0
    arrived(driver)
    driver.until(lambda: driver.banner == NEXT, "the sentence")
    assert bar.text == "" and banner._action.text() == "Use it now"
    assert driver.window.status._offline.text() == "Offline"
    assert model_of(driver) == "starter"  # a chat stays with its model
    assert driver.window.page.composer.text() == "half a thought"
    driver.say(" and the rest")
    driver.replied()
    assert answers.asked[-1]["turns"][-1].text == "half a thought and the rest"
    driver.key(Qt.Key.Key_N, CTRL)
    driver.until(lambda: model_of(driver) == DEFAULT, "the new chat's model")
    driver.settle()
    assert driver.banner == ""  # it was said already
    assert not driver.window.settings.model_chosen


def test_use_it_now_does_not_wait_for_a_new_chat(open_window, hub):
    driver = open_window(fetch_default=True)
    driver.say("Hello?")
    driver.replied()
    hub.slow_s = 0.0
    driver.until(lambda: driver.banner == NEXT, "the sentence")
    driver.window.page.banner._action.click()
    driver.until(lambda: model_of(driver) == DEFAULT, "the model")
    driver.say("Again?")
    driver.replied()
    assert len(driver.shown) == 4


def test_it_is_closed_in_the_middle_and_resumes_at_the_next_start(open_window, hub):
    driver = open_window(fetch_default=True)
    under_way(driver, 60_000)
    driver.close()
    fetched = len(hub.requests)
    hub.slow_s = 0.0
    again = open_window()  # nothing is said on the command line: the consent was kept
    again.until(lambda: again.banner == HERE, "the sentence")
    assert model_of(again) == DEFAULT
    assert any("bytes=" in headers.get("range", "") for _, _, headers in hub.requests[fetched:])
    again.say("Who are you?")
    again.replied()
    assert again.banner == ""  # said once
    again.close()
    third = open_window()
    assert model_of(third) == DEFAULT and not third.window.page.welcome.offer.isVisible()
    third.settle()
    assert third.banner == "" and third.window.arrival_bar.text == ""


def test_pause_resume_and_cancel(open_window, hub):
    driver = open_window(fetch_default=True)
    bar = driver.window.arrival_bar
    under_way(driver)
    bar.pause.click()
    driver.until(lambda: "paused" in bar.text and bar.resume.isVisible(), "the pause")
    assert " of 240 kB" in bar.figures
    bar.resume.click()
    under_way(driver, 40_000)
    driver.confirm(bar.cancel)
    driver.until(lambda: not list(driver.paths.models.glob(f".{DEFAULT}*")), "nothing left of it")
    assert bar.text == "" and driver.window.settings.fetch_default == "no"
    driver.close()
    asked = len(hub.requests)
    again = open_window(fetch_default=True)  # what the user said in the window outweighs the command
    again.settle(0.5)
    assert len(hub.requests) == asked and again.window.arrival_bar.text == ""
    again.window.pages.show_models()
    page = again.window.stack.currentWidget()
    again.until(lambda: DEFAULT in page.rows(), "the list")
    hub.slow_s = 0.0
    page.rows()[DEFAULT].get.click()  # asked for on the models page after all
    again.until(lambda: model_of(again) == DEFAULT, "the model")


def test_a_failure_is_one_sentence_and_can_be_tried_again(open_window, hub):
    repo = hub.repos.pop("someone/Tiny")
    driver = open_window(fetch_default=True)
    bar = driver.window.arrival_bar
    driver.until(lambda: bar.resume.isVisible(), "the failure")
    assert bar.resume.text() == "Try again" and bar.text.endswith(".") and not bar.pause.isVisible()
    driver.say("Are you there?")
    assert driver.replied().error == ""  # the starter stays
    hub.repos["someone/Tiny"] = repo
    hub.slow_s = 0.0
    bar.resume.click()
    driver.until(lambda: driver.banner == NEXT, "the model")


def test_other_bytes_than_announced_are_refused(open_window, hub):
    hub.slow_s = 0.0
    right = hub.repos["someone/Tiny"].files["model.safetensors"]
    hub.wrong = lambda name: right[:-1] + b"?" if name == "model.safetensors" else None
    driver = open_window(fetch_default=True)
    bar = driver.window.arrival_bar
    driver.until(lambda: bar.resume.isVisible(), "the refusal")
    assert "hash" in bar.text or "not the" in bar.text
    assert not default_model.is_here(driver.paths.models, DEFAULT)
    assert model_of(driver) == "starter"


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        (Settings(), {"fetch_default": False}),  # --starter
        (Settings(fetch_default="yes"), {"network_forbidden": True}),  # --offline
        (Settings(model_chosen=True), {"fetch_default": True}),  # the user chose the starter
        (Settings(fetch_default="no"), {}),
    ],
)
def test_nothing_is_fetched_or_offered_where_nobody_wants_it(open_window, hub, settings, more):
    driver = open_window(settings, **more)
    driver.settle(0.5)
    assert hub.requests == [] and not driver.window.page.welcome.offer.isVisible()
    assert driver.window.arrival_bar.text == "" and model_of(driver) == "starter"


def test_not_now_is_kept_and_leaves_a_quiet_way(open_window, hub):
    driver = open_window()
    driver.until(lambda: driver.window.page.welcome.offer.text, "the offer")
    driver.window.page.welcome.offer.later.click()
    driver.until(lambda: driver.window.page.welcome.advice.isVisible(), "the advice")
    driver.close()
    again = open_window()
    again.settle(0.5)
    assert not again.window.page.welcome.offer.isVisible() and hub.requests == []


def test_a_model_that_the_user_chose_meanwhile_stays(open_window, hub):
    driver = open_window(fetch_default=True)
    under_way(driver)
    driver.window.models.use("starter")
    hub.slow_s = 0.0
    arrived(driver)
    driver.until(lambda: "Tiny Default is ready." in driver.banner, "the sentence")
    driver.key(Qt.Key.Key_N, CTRL)
    driver.settle()
    assert model_of(driver) == "starter"
    driver.window.page.banner._action.click()  # "Use it now"
    driver.until(lambda: model_of(driver) == DEFAULT, "the model")


def test_an_update_under_way_is_finished_first(open_window, hub, answers):
    driver = open_window(fetch_default=True)
    driver.say("Hello?")
    reply = driver.replied()
    driver.window.chat.rate(reply.id, 1)
    driver.until(lambda: driver.window.learning.waiting == 1, "the rating")
    driver.window.learning.learn_now()
    driver.until(lambda: answers.learning, "the update")
    hub.slow_s = 0.0
    driver.until(lambda: driver.banner == NEXT, "the model")
    driver.key(Qt.Key.Key_N, CTRL)
    driver.settle()
    assert model_of(driver) == "starter"
    answers.learned(accepted=False, reason="Too few ratings.")
    driver.until(lambda: model_of(driver) == DEFAULT, "the model after the update")


def test_a_default_that_cannot_be_loaded_leaves_the_starter(open_window, hub, monkeypatch):
    broken: list[str] = [DEFAULT]
    load = AnsweringClient.load

    def fails(self: AnsweringClient, folder: Any, model: str, *, id: int | None = None, **more: Any) -> int:
        if model in broken:
            made = self.new_id() if id is None else id
            self.say(Failed(made, "memory", "There is too little memory for it."))
            return made
        return load(self, folder, model, id=id, **more)

    monkeypatch.setattr(AnsweringClient, "load", fails)
    hub.slow_s = 0.0
    driver = open_window(fetch_default=True)
    driver.until(lambda: "too little memory" in driver.banner, "the sentence")
    assert driver.banner.startswith("Tiny Default could not be loaded, so the starter answers:")
    driver.until(lambda: model_of(driver) == "starter", "the starter")
    driver.say("Still there?")
    assert driver.replied().error == ""
    broken.clear()
    driver.window.page.banner._action.click()  # "Try again"
    driver.until(lambda: model_of(driver) == DEFAULT, "the default")
