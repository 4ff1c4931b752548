"""Nothing that waits on the disk or on a fit stands between an engine's token and the screen."""

from __future__ import annotations

import threading

import pytest
from silent_engine import SilentClient
from window_driver import Driver

from assistant.engine.protocol import Done, Loaded, ModelInfo, Token
from assistant.records import Generation
from assistant.settings import Settings


class HandClient(SilentClient):
    """Loads at once; the test writes its replies."""

    made: list[HandClient] = []  # noqa: RUF012

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.made.append(self)
        self.generating: list[int] = []

    def load(self, *args, id=None, **more):
        made = super().load(id=id)
        info = ModelInfo("starter", "Fake", 1, "int4", "cpu", 8192, True, False, "native", 0.1)
        self.on_event(Loaded(made, info))
        return made

    def prepare(self, *_, id=None, **__):
        from assistant.engine.protocol import Prepared

        made = super().prepare(id=id)
        self.on_event(Prepared(made, "/nowhere"))
        return made

    def generate(self, *_, id=None, **__):
        self.generating.append(super().generate(id=id))
        return self.generating[-1]

    def say(self, event):
        """As the engine does: on another thread."""
        thread = threading.Thread(target=self.on_event, args=(event,))
        thread.start()
        thread.join()


@pytest.fixture
def driver(tmp_path, monkeypatch):
    monkeypatch.setattr("ui.engine_bridge.Client", HandClient)
    HandClient.made.clear()
    made = Driver(tmp_path / "home", Settings(learn_when="off", first_run_done=True, model="starter"))
    made.until(lambda: made.window.bridge.phase == "ready", "the model")
    yield made
    made.close()


def test_tokens_are_shown_while_the_thread_that_writes_is_busy(driver):
    window, client = driver.window, HandClient.made[0]
    driver.say("hello")
    driver.until(lambda: client.generating and window.chat.busy, "the request")
    busy, free = threading.Event(), threading.Event()

    def slow(_store):
        busy.set()
        assert free.wait(60)

    try:
        window.data.writer.run(slow)  # an import, a refit, a slow disk
        assert busy.wait(10)
        request = client.generating[0]
        client.say(Token(request, "Good", 1))
        client.say(Token(request, " day", 2))
        driver.until(lambda: driver.shown[-1:] == ["Good day"], "the words", 20)
    finally:
        free.set()
    made = Generation("starter", None, 4, 2, 0.1, 50.0, "stop", 7)
    client.say(Done(request, "Good day", made))
    assert driver.replied().text == "Good day"
