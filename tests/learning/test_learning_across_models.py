"""Ratings belong to the user: those of another model's replies teach this one."""

from __future__ import annotations

import pytest

from assistant import prompt as prompts
from assistant.learning import feedback, update_job
from assistant.learning.fitted_head import CurrentHead
from assistant.learning.training import training_examples
from assistant.learning.training.policy import Hyper
from assistant.paths import DataPaths
from assistant.records import Generation
from assistant.store import Store

TEXTS = ("Take a jacket.", "It is a cat, and it is asleep.", "Yes.", "Please write to my landlord.")
STRANGE = (900_001, 900_002, 900_003)  # ids that are in no vocabulary of the models here


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def rated(store, model: str, texts=TEXTS) -> list:
    """Replies that ``model`` wrote, with its own token ids, a thumb for each."""
    made = []
    for number, text in enumerate(texts):
        conversation = store.create_conversation()
        asked = store.add_message(conversation.id, None, "user", f"What is it, number {number}?")
        reply = store.add_message(conversation.id, asked.id, "assistant", "", state="streaming")
        how = Generation(
            model, "styled", 4, 3, 0.1, 50.0, "stop", 7, prompt_ids=STRANGE, reply_ids=STRANGE,
            logprobs=(-1.0, -1.0, -1.0),
        )  # fmt: skip
        store.finish_message(reply.id, text, how)
        made.append(store.add_rating("thumb", 1 if number % 2 else -1, reply.id))
    return made


def test_another_models_replies_teach_by_their_text_and_its_own_by_their_ids(store, tiny) -> None:
    rated(store, "other")
    hyper = Hyper()
    found = feedback.weighted(feedback.usable(update_job.collect(store, "tiny"))[0])
    rows = [example.row for example in training_examples.of_ratings(found, tiny, hyper)]
    assert len(rows) == len(TEXTS)
    end = training_examples.end_id(tiny)
    for row, w in zip(rows, found, strict=True):
        assert tiny.tokenizer.decode(row.reply[:-1]) == w.reply.text and row.reply[-1] == end
        assert row.prompt == prompts.inputs_of(w.signal.prompt, tiny, 96)[1].keys
        assert not set(STRANGE) & {*row.reply, *row.prompt}
    own = feedback.weighted(feedback.usable(update_job.collect(store, "other"))[0])
    for example in training_examples.of_ratings(own, tiny, hyper):
        assert example.row.prompt == STRANGE and example.row.reply == (*STRANGE, end)  # never made again
    # The head judges texts, so it guides a model that was never rated.
    assert CurrentHead(store).head("tiny").weights() == CurrentHead(store).head("other").weights()
