"""What of a rating is trained on: the edited words and no others, and the log-probabilities it was written with."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from assistant.engine.codec import decode_request, encode
from assistant.engine.protocol import Learn
from assistant.learning import feedback, update_job
from assistant.learning.feedback import Reply, Signal
from assistant.learning.training import losses, policy, training_examples
from assistant.learning.training.cached_layers import Row, Trunk
from assistant.learning.training.lora import Adapter
from assistant.learning.training.policy import Example, Hyper
from assistant.learning_records import UpdateJob
from assistant.paths import DataPaths
from assistant.records import Generation, ReplyDetails, Turn
from assistant.store import Store


def edited(before: Reply, after: str) -> list[feedback.Weighted]:
    return feedback.weighted([Signal("e", "edit", 1, "t", (Turn("user", "p"),), Reply(after), before)])


def trained(tiny, before: Reply, after: str) -> list[list[str]]:
    """The tokens that are trained on, (better side, worse side)."""
    found = []
    for example in training_examples.of_ratings(edited(before, after), tiny, Hyper()):
        found.append([id for id, on in zip(example.row.reply, example.mask, strict=True) if on])
    return [[tiny.tokenizer.decode([id]) for id in side] for side in found]


def written(tiny, text: str) -> Reply:
    """A reply whose ids are those of the model."""
    return Reply(text, tuple(tiny.tokenizer(text, add_special_tokens=False)["input_ids"]))


def test_words_that_the_user_kept_are_not_pushed_down(tiny):
    better, worse = trained(
        tiny, written(tiny, "It is a lazy cat, and simple."), "It is a quick cat, and simple."
    )
    assert "".join(better).strip() == "quick" and "".join(worse).strip() == "lazy"


def test_of_an_edit_that_only_removes_words_those_are_pushed_down_and_nothing_else(tiny):
    better, worse = trained(tiny, written(tiny, "It is a very lazy cat."), "It is a lazy cat.")
    assert better == [] and "".join(worse).strip() == "very"


def test_where_a_reply_ends_counts_only_if_the_end_was_edited(tiny):
    end = tiny.tokenizer.decode([training_examples.end_id(tiny)])
    better, worse = trained(tiny, written(tiny, "It is a cat. Thank you very much"), "It is a cat.")
    assert better == [end] and "".join(worse).endswith(f"much{end}")
    better, worse = trained(tiny, written(tiny, "A cat, and it is asleep."), "The cat, and it is asleep.")
    assert end not in better + worse


@pytest.mark.parametrize("start", ["鱼丸", "🐟 丸"])
def test_a_character_of_several_tokens_does_not_move_the_words_after_it(tiny, start):
    """The vocabulary has none of these characters: each is two to four tokens."""
    before = written(tiny, f"{start} is a lazy cat, and simple.")
    assert len(before.ids) > len(written(tiny, "is a lazy cat, and simple.").ids) + 3
    better, worse = trained(tiny, before, f"{start} is a quick cat, and simple.")
    assert "".join(better).strip() == "quick" and "".join(worse).strip() == "lazy"


def test_a_character_that_was_changed_is_trained_on_with_all_its_tokens(tiny):
    before = written(tiny, "It is 鱼 and simple.")
    (_, worse) = training_examples.of_ratings(edited(before, "It is 丸 and simple."), tiny, Hyper())
    on = [id for id, on in zip(worse.row.reply, worse.mask, strict=True) if on]
    assert len(on) >= 2 and tiny.tokenizer.decode(on).strip() == "鱼"


def sentencepiece() -> PreTrainedTokenizerFast:
    """As Llama's and Gemma's: a space is part of the word after it, and is gone when that is decoded alone."""
    words = ["▁It", "▁is", "▁a", "▁lazy", "▁quick", "▁cat", "."]
    vocabulary = [("<unk>", 0.0), ("</s>", 0.0), *((word, -1.0) for word in words), ("▁", -5.0)]
    vocabulary += [(letter, -9.0) for letter in "Itisalzyqukc"]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    made.normalizer = normalizers.Sequence([])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>", eos_token="</s>")


@pytest.mark.parametrize("own", [True, False])
def test_spaces_that_a_token_alone_does_not_show_do_not_move_the_words_after_them(own):
    tokenizer = sentencepiece()
    assert tokenizer.decode(tokenizer("is")["input_ids"]) == "is"  # no space before it
    model = SimpleNamespace(tokenizer=tokenizer)
    text = "It is a lazy cat."
    reply = Reply(text, tuple(tokenizer(text, add_special_tokens=False)["input_ids"]) if own else ())
    places = training_examples._offsets(reply, model)
    assert [text[a:b].strip() for a, b in places] == ["It", "is", "a", "lazy", "cat", "."]


def test_the_end_of_a_finished_reply_was_drawn_with_a_known_probability(tiny, tmp_path):
    with Store.open(DataPaths(tmp_path)) as store:
        chat = store.create_conversation()
        asked = store.add_message(chat.id, None, "user", "What is it?")
        reply = store.add_message(chat.id, asked.id, "assistant", "", state="streaming")
        ids = written(tiny, "It is a cat.").ids
        made = Generation(
            "tiny", None, 4, len(ids), 0.1, 9.0, "stop", 7, prompt_ids=(5, 6), reply_ids=ids,
            logprobs=(-0.25,) * len(ids), details=ReplyDetails(end_logprob=-1.5),
        )  # fmt: skip
        store.finish_message(reply.id, "It is a cat.", made)
        store.add_rating("thumb", -1, reply.id)
        (signal,) = update_job.collect(store, "tiny")
    job = UpdateJob("v1", "tiny", str(tmp_path), (signal,))  # as it reaches the engine
    (signal,) = decode_request(encode(Learn(1, job))).job.signals
    (example,) = training_examples.of_ratings(feedback.weighted([signal]), tiny, Hyper())
    assert example.written == pytest.approx(-0.25 * len(ids) - 1.5)  # else TOPR would take the base model's


def loss(tiny, examples: list[Example]) -> float:
    module = tiny.module()
    adapter = Adapter(module, top=1)
    try:
        trunk = Trunk(module, 1)
        with adapter.off():
            batch = policy.record(trunk, examples)
        trunk.set_shortlist([batch.recorded])
        return float(policy.loss_of(trunk, batch, Hyper(), len(examples), torch.no_grad())[0])
    finally:
        adapter.detach()
        tiny.release_module()


def test_the_sides_of_a_pair_are_compared_and_not_learned_from_alone(tiny):
    row = Row((5, 6), (7, 8, 9))
    pair = [Example(row, a, pair=0, alone=False) for a in (1.0, -1.0)]
    assert loss(tiny, pair) == pytest.approx(math.log(2) / 2, abs=1e-4)  # DPO at the reference, nothing else
    stronger = [Example(row, 2 * e.advantage, pair=0, alone=False) for e in pair]
    assert loss(tiny, stronger) == pytest.approx(loss(tiny, pair))
    assert loss(tiny, [Example(row, 1.0, pair=0, alone=False)]) > 1e-3  # the other side could not be read
    made = feedback.weighted([
        Signal("p", "pair", 1, "t", (Turn("user", "p"),), Reply("A cat."), Reply("A fox.")),
        *[w.signal for w in edited(Reply("A lazy cat."), "A quick cat.")[:1]],
    ])  # fmt: skip
    found = list(training_examples.of_ratings(made, tiny, Hyper()))
    assert [e.alone for e in found] == [False, False, True, False]  # what the user wrote, they want


def test_all_other_tokens_count_as_one_in_both_divergences():
    """A policy that moves probability out of what is looked at has gone as far as one that moves it within."""
    base, own = torch.tensor([[0.5, 0.4, 0.1]]), torch.tensor([[0.3, 0.2, 0.5]])
    wanted = float((own * (own / base).log()).sum())
    short, base_short = own[:, :2].log(), base[:, :2].log()
    assert float(losses.divergence(short, base_short.half(), base[:, 2].log())) == pytest.approx(
        wanted, rel=1e-2
    )
    assert float(losses.taught(base_short, short)) == pytest.approx(wanted, rel=1e-4)
    assert float(losses.divergence(base_short, base_short, base[:, 2].log())) == pytest.approx(0.0, abs=1e-6)
