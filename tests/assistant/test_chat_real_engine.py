"""The way of a message through the real engine process and a tiny real model, killed on the way."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest
from tiny_model import make_tiny_model

from assistant.engine.client import Client
from assistant.engine.protocol import EngineRestarted, Event, Loaded
from assistant.paths import DataPaths
from assistant.records import Sampling
from assistant.services.chat import ChatService
from assistant.settings import Settings
from assistant.store import Store


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("real engine")
    folder = make_tiny_model(root / "tiny", context_length=512)
    paths = DataPaths(root / "data")
    heard: list[Event] = []
    with Store.open(paths) as store:

        def on_event(event: Event) -> None:
            chat.on_event(event)
            heard.append(event)

        with Client(paths.logs, on_event) as client:
            chat = ChatService(store, client, Settings(), paths)
            client.result(client.load(folder, "tiny", threads=1), timeout_s=120)
            yield SimpleNamespace(store=store, client=client, chat=chat, heard=heard)


def test_a_reply_comes_with_all_that_learning_needs(world):
    handle = world.chat.send(None, "Hello, 你好!", sampling=Sampling(max_tokens=24, seed=5))
    message = world.chat.wait(handle, 60)
    made = message.generation
    assert message.error == "" and made.model == "tiny" and made.seed == 5 and made.style is None
    assert len(made.prompt_ids) == made.prompt_tokens > 0
    assert 0 < len(made.reply_ids) == len(made.logprobs) == made.completion_tokens <= 25
    assert all(logprob <= 0 for logprob in made.logprobs)
    again = world.chat.wait(world.chat.regenerate(message.id, sampling=Sampling(max_tokens=24, seed=5)), 60)
    assert again.text == message.text and again.generation.reply_ids == made.reply_ids
    assert world.chat.model_info.id == "tiny"


def test_a_prompt_longer_than_the_context_is_taken_back(world):
    handle = world.chat.send(None, "a long story " * 2000)
    assert world.chat.wait(handle, 60) is None and handle.refused
    assert world.store.value("draft").startswith("a long story")


def test_stopping_a_real_reply(world):
    handle = world.chat.send(None, "Hello", sampling=Sampling(max_tokens=400, temperature=1.5, seed=1))
    assert world.chat.run_until(lambda: handle.count >= 3 or handle.done, 60)
    world.chat.stop(handle)
    message = world.chat.wait(handle, 60)
    assert message.state == "done" and message.error == ""
    if message.generation.finish == "cancelled":
        assert message.text == handle.text


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_killed_engine_leaves_the_text_and_the_conversation_goes_on(world):
    for seed in range(20):  # until one reply is caught in the middle
        handle = world.chat.send(None, "Hello", sampling=Sampling(max_tokens=400, temperature=1.5, seed=seed))
        assert world.chat.run_until(lambda h=handle: h.count >= 2 or h.done, 60)
        if not handle.done:
            os.kill(world.client.pid, signal.SIGKILL)
            message = world.chat.wait(handle, 60)
            if message.error:
                break
        world.chat.wait(handle, 60)
    else:
        pytest.fail("no reply was long enough to be caught")
    assert message.text == handle.text != "" and world.store.message(message.id) == message

    def is_back() -> bool:
        restarts = [n for n, event in enumerate(world.heard) if isinstance(event, EngineRestarted)]
        return bool(restarts) and any(isinstance(e, Loaded) for e in world.heard[restarts[-1] :])

    assert world.chat.run_until(is_back, 120)
    after = world.chat.wait(
        world.chat.send(message.conversation_id, "And now?", sampling=Sampling(max_tokens=5)), 60
    )
    assert after.error == "" and after.generation.completion_tokens > 0
