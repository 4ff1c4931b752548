"""What is trained on is what was sent: the token ids of a conversation in the chat are those that learning reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from assistant import conversation as tree
from assistant import prompt as prompts
from assistant.engine import protocol as p
from assistant.engine.jobs import Engine
from assistant.learning import feedback, update_job
from assistant.learning.checks import gate, gate_metrics
from assistant.learning.training import training_examples
from assistant.learning.training.policy import Hyper
from assistant.paths import DataPaths
from assistant.records import Generation, Message, Recognition, Sampling, Turn
from assistant.settings import Settings
from assistant.store import Store
from assistant.vision import intake

SETTINGS = Settings(system_prompt="Answer like a librarian.")
CAT = Path(__file__).parents[1] / "data" / "cat.jpg"


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def a_conversation(store: Store) -> str:
    """A chat under the global system prompt: a reply, one that failed before its first word, and a picture."""
    attachment = store.add_attachment(intake(CAT))
    store.set_recognition(attachment.sha256, Recognition((("tabby cat", 0.71),), "EXIT"))
    chat = store.create_conversation()
    last = None
    for role, text, files in (
        ("user", "Hello there.", ()),
        ("assistant", "Good day.", ()),
        ("user", "Look at this.", (attachment,)),
        ("assistant", "", ()),  # failed: its neighbours become one turn
        ("user", "Well, what is it?", ()),
    ):
        last = store.add_message(chat.id, last and last.id, role, text, files)
    return last.id


def replied(store: Store, asked_id: str, folder: Path) -> tuple[Message, Generation]:
    """Have the engine answer as the chat does, and keep its reply."""
    events = []
    engine = Engine(events.append, lambda reason: None)
    for _ in engine.load(p.Load(1, str(folder), "tiny", threads=1), lambda: False):
        pass
    asked = store.message(asked_id)
    turns = tree.turns(store.branch(asked_id), SETTINGS.system_prompt, store.attachment_path)
    request = p.Generate(2, turns, Sampling(temperature=0.0, max_tokens=4))
    for _ in engine.generate(request, lambda: False):
        pass
    (done,) = [event for event in events if isinstance(event, p.Done)]
    reply = store.add_message(asked.conversation_id, asked_id, "assistant", "", state="streaming")
    return store.finish_message(reply.id, done.text or "?", done.generation), done.generation


def signals(store: Store) -> list[feedback.Signal]:
    job = update_job.make_job(store, SETTINGS, store.paths, "tiny")
    return list(job.signals)


def check_that_learning_reads_what_was_sent(store: Store, model, asked_id: str) -> None:
    reply, made = replied(store, asked_id, model.folder)
    store.add_rating("thumb", 1, reply.id)
    (signal,) = signals(store)
    assert [turn.role for turn in signal.prompt] == ["system", "user", "assistant", "user"]
    assert signal.prompt[0].text == SETTINGS.system_prompt and signal.prompt_ids == made.prompt_ids
    hyper = Hyper(prompt_tokens=4096)
    (example,) = training_examples.of_ratings(feedback.weighted([signal]), model, hyper)
    inputs = training_examples.prompt_of(signal, model, hyper)  # what practice draws its replies from
    assert tuple(inputs.ids[0].tolist()) == made.prompt_ids
    # Without the kept ids (another model wrote the reply), the one builder makes the same prompt.
    forgotten = replace(signal, reply=replace(signal.reply, prompt_ids=()))
    again = training_examples.prompt_of(forgotten, model, hyper)
    assert tuple(again.ids[0].tolist()) == made.prompt_ids
    _, chat = prompts.inputs_of(signal.prompt, model, 4)
    if chat.embeds is None:
        assert example.row.prompt == made.prompt_ids and example.row.embeds is None
    else:
        torch.testing.assert_close(example.row.embeds, chat.embeds)
        torch.testing.assert_close(again.embeds, chat.embeds)


def test_a_system_prompt_a_picture_and_joined_turns_are_trained_on_as_they_were_sent(store, tiny):
    check_that_learning_reads_what_was_sent(store, tiny, a_conversation(store))


def test_the_starters_pictures_are_in_the_places_they_had(store, starter_models: Path):
    from models import loader

    model = loader.load(starter_models / "starter", model_id="tiny", threads=1)
    asked_id = a_conversation(store)
    check_that_learning_reads_what_was_sent(store, model, asked_id)
    # The system prompt was changed since: the picture still stands where it stood.
    (signal,) = signals(store)
    changed = replace(signal, prompt=(Turn("system", "Rhyme."), *signal.prompt[1:]))
    hyper = Hyper(prompt_tokens=4096)
    now, then = (training_examples.prompt_of(s, model, hyper) for s in (changed, signal))
    assert now.ids.tolist() == then.ids.tolist()
    torch.testing.assert_close(now.embeds, then.embeds)


def test_an_imported_rating_is_read_as_a_new_chat_would_send_it(store, tiny):
    store.add_rating("thumb", 1, prompt="What is a tide?", reply="Water that moves.")
    (signal,) = signals(store)
    inputs = training_examples.prompt_of(signal, tiny, Hyper())
    sent = prompts.ask("What is a tide?", SETTINGS.system_prompt, tiny, 96)
    assert inputs.ids.tolist() == sent.ids.tolist()
    assert SETTINGS.system_prompt in tiny.tokenizer.decode(inputs.ids[0])


def test_a_long_conversation_is_trained_on_without_its_oldest_turns_but_with_its_system_prompt(tiny):
    turns = [Turn("system", "Be kind.")]
    for number in range(30):
        turns += [Turn("user", f"Question {number}?"), Turn("assistant", f"Answer {number}.")]
    turns.append(Turn("user", "And the last one?"))
    sent = prompts.inputs_of(turns, tiny, 96)[1].keys
    signal = feedback.Signal(
        "r", "thumb", 1, "t", tuple(turns), feedback.Reply("Yes.", (7, 8), prompt_ids=sent)
    )
    text = tiny.tokenizer.decode(training_examples.prompt_of(signal, tiny, Hyper(prompt_tokens=128)).keys)
    assert "Be kind." in text and "And the last one?" in text and "Question 3?" not in text


def test_the_gate_probes_under_the_users_system_prompt(tiny):
    trained = gate_metrics.Trained(
        tiny, None, None, Hyper(), None, 0.0, [], Path(), None, system_prompt="Rhyme."
    )  # type: ignore[arg-type]
    for inputs, probe in zip(gate_metrics._probes(trained), gate.PROBES, strict=True):
        text = tiny.tokenizer.decode(inputs.ids[0])
        assert "Rhyme." in text and probe in text
