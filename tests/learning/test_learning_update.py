"""The policy learns on a tiny real model: likelihoods move the right way, adapters are stock PEFT, bad input is harmless."""

from __future__ import annotations

import copy
import dataclasses
import threading
from pathlib import Path

import pytest
import torch
from exhausting import drain
from learning_jobs import evaluation_job, update_job

from assistant.errors import StoreError
from assistant.generation import batch_decoding
from assistant.learning import feedback, update
from assistant.learning.checks import evaluation
from assistant.learning.feedback import Reply, Signal
from assistant.learning.training import losses, policy
from assistant.learning.training import training_examples as rated
from assistant.learning.training.cached_layers import Row, Trunk
from assistant.learning.training.lora import Adapter, load_weights
from assistant.learning.training.policy import Example, Hyper
from assistant.records import LeftOut, Sampling, Turn
from models.inputs import Inputs


def examples(n=8):
    generator = torch.Generator().manual_seed(1)
    found = []
    for i in range(n):
        ids = torch.randint(5, 400, (20 + i,), generator=generator).tolist()
        found.append(Example(Row(tuple(ids[:8]), tuple(ids[8:])), 1.0 if i % 2 else -1.0, source=str(i)))
    return found


def train(module, hyper, what=None):
    adapter = Adapter(module, top=hyper.top_layers)
    training = policy.Training(Trunk(module, hyper.top_layers), adapter, hyper, seed=0)
    for _ in training.add(what or examples()):
        pass
    for _ in training.run(hyper.epochs):
        pass
    return adapter, training.outcome


def total(module, row):
    ids = torch.tensor([[*row.prompt, *row.reply]])
    with torch.no_grad():
        log = module(input_ids=ids).logits.log_softmax(-1)[0, len(row.prompt) - 1 : -1]
    return float(log.gather(-1, torch.tensor(row.reply)[:, None]).sum())


def test_replay_is_the_whole_model(tiny):
    module = tiny.module()
    rows = [e.row for e in examples(3)]
    trunk = Trunk(module, 1)
    recorded = trunk.record(rows)
    trunk.set_shortlist([recorded])
    with torch.no_grad():
        token = trunk.replay(recorded).gather(-1, recorded.token_short[:, None])[:, 0]
    sums = torch.zeros(3).index_add(0, recorded.row_of, token)
    assert torch.allclose(sums, torch.tensor([total(module, r) for r in rows]), atol=1e-3)


def test_liked_replies_get_likelier_and_disliked_ones_less_likely(tiny):
    module = tiny.module()
    before = [total(module, e.row) for e in examples()]
    adapter, outcome = train(module, Hyper(top_layers=1, epochs=10, kl_limit=10.0))
    gains = [total(module, e.row) - b for e, b in zip(examples(), before, strict=True)]
    ups = [g for g, e in zip(gains, examples(), strict=True) if e.advantage > 0]
    downs = [g for g, e in zip(gains, examples(), strict=True) if e.advantage < 0]
    assert min(ups) > 0 and sum(downs) < sum(ups) and outcome.steps == 10
    with adapter.off():
        assert [total(module, e.row) for e in examples()] == pytest.approx(before, abs=1e-4)
    adapter.detach()
    assert [total(module, e.row) for e in examples()] == pytest.approx(before, abs=1e-4)


def test_a_saved_adapter_loads_in_stock_peft(tiny, tmp_path: Path):
    from peft import PeftModel

    module = tiny.module()
    adapter, _ = train(module, Hyper(top_layers=1, epochs=4, kl_limit=10.0))
    adapter.set_strength(0.5)
    row = examples()[0].row
    mine = total(module, row)
    adapter.save(tmp_path, "tiny")
    adapter.detach()
    stock = PeftModel.from_pretrained(copy.deepcopy(module), str(tmp_path))
    assert total(stock, row) == pytest.approx(mine, abs=1e-3)


def test_the_kl_limit_stops_the_update(tiny):
    adapter, outcome = train(tiny.module(), Hyper(top_layers=1, epochs=200, kl_limit=0.001, kl_weight=0.0))
    adapter.detach()
    assert outcome.stopped == "kl" and outcome.steps < 200


def test_a_huge_reply_costs_no_more_than_its_beginning():
    long = Example(Row(tuple(range(4000)), tuple(range(8000))), 1.0)
    short = policy.cut(long, Hyper())
    assert (len(short.row.prompt), len(short.row.reply)) == (Hyper().prompt_tokens, Hyper().reply_tokens)


def test_topr_tapers_negatives_and_keeps_positives():
    logprob = torch.tensor([-30.0, -30.0], requires_grad=True)
    losses.topr(logprob, torch.tensor([-10.0, -10.0]), torch.tensor([1.0, -1.0]), taper=0.1).sum().backward()
    up, down = (logprob.grad * losses.LENGTH).tolist()
    assert up == pytest.approx(-1.0)
    assert down == pytest.approx(torch.tensor(-2.0).exp().item(), rel=1e-5)


def test_dpo_prefers_the_better_side():
    zero, one = torch.zeros(1), torch.ones(1)
    assert losses.dpo(one * 5, zero, zero, zero) < losses.dpo(zero, zero, zero, zero)


def draw(model, count, ids=(5, 6, 7), seed=4, **more):
    inputs = Inputs(ids=torch.tensor([ids]), keys=tuple(ids))
    how = Sampling(max_tokens=6, repetition_penalty=1.0, **more)
    return drain(batch_decoding.sample(model, inputs, count, how, torch.Generator().manual_seed(seed)))


def test_rollouts_in_one_batch_are_seeded_and_scored_by_the_model(tiny_float):
    drawn = draw(tiny_float, 5)
    assert drawn == draw(tiny_float, 5) and len(drawn) == 5
    for one in drawn:
        written = (*one.ids, *([2] if one.ended else []))
        assert sum(one.logprobs) == pytest.approx(
            total(tiny_float.module(), Row((5, 6, 7), written)), abs=1e-2
        )


@pytest.mark.parametrize("which", ["tiny", "tiny_float"])
@pytest.mark.parametrize("shared", [False, True])
def test_prompts_drawn_together_are_answered_as_each_alone(request, which, shared):
    """Of three lengths, with and without a common beginning; the likeliest token each time, so that no draw depends on
    the others."""
    model = request.getfixturevalue(which)
    start = tuple(range(5, 40)) if shared else ()
    asked = [(*start, *ids) for ids in ((5, 6, 7), (9, 8, 7, 6), (7, 6, 5), tuple(range(50, 70)))]
    several = [Inputs(ids=torch.tensor([ids]), keys=ids) for ids in asked]
    how = Sampling(max_tokens=6, repetition_penalty=1.1, temperature=0.0)
    together = drain(batch_decoding.sample_together(model, several, [2, 1, 2, 3], how, torch.Generator()))
    for inputs, drawn, count in zip(several, together, [2, 1, 2, 3], strict=True):
        alone = drain(batch_decoding.sample(model, inputs, count, how, torch.Generator()))
        assert [r.ids for r in drawn] == [r.ids for r in alone]
        for mine, other in zip(drawn, alone, strict=True):
            assert mine.logprobs == pytest.approx(other.logprobs, abs=1e-2)


def test_rows_that_ended_leave_the_batch_and_the_others_go_on_rightly(tiny_float, monkeypatch):
    monkeypatch.setattr(tiny_float, "eos_ids", (-1,))
    first = {r.ids[1] for r in draw(tiny_float, 8, temperature=2.0)}
    monkeypatch.setattr(tiny_float, "eos_ids", tuple(sorted(first)[: max(1, len(first) // 2)]))
    drawn = draw(tiny_float, 8, temperature=2.0)
    assert 0 < sum(r.ended for r in drawn) < 8
    for one in (r for r in drawn if not r.ended):
        assert sum(one.logprobs) == pytest.approx(
            total(tiny_float.module(), Row((5, 6, 7), one.ids)), abs=1e-2
        )


LIKED, DISLIKED = "Thanks {}!", "Some long reply of number {} that goes on and on. "


def job(tmp_path, values, text=None, **more):
    made = [
        {"id": str(i), "kind": "thumb", "value": v, "at": f"{i:03d}", "prompt": [{"role": "user", "text": f"p {i}"}],
         "reply": {"text": (text or (LIKED if v > 0 else DISLIKED)).format(i), **more}, "conversation": str(i)}
        for i, v in enumerate(values)
    ]  # fmt: skip
    return {
        "version": "v1", "model": "tiny", "parent": None, "styles": str(tmp_path / "styles"), "signals": made,
        "probe_tokens": 4, "hyper": {"top_layers": 1, "epochs": 2, "practice_prompts": 2, "rollouts": 4, "reply_tokens": 12},
    }  # fmt: skip


@pytest.mark.parametrize(("values", "word"), [([], "0 ratings"), ([1], "1 ratings")])
def test_too_little_to_learn_from_is_said_in_a_sentence(tiny, tmp_path, values, word):
    report = drain(update.run(update_job(job(tmp_path, values)), tiny))
    assert not report.accepted and word in report.reason and report.version is None


def test_contradictory_ratings_are_not_trained_on(tiny, tmp_path):
    made = job(tmp_path, [1, -1, 1, -1], text="The same reply.")
    for signal in made["signals"]:
        signal["prompt"] = [{"role": "user", "text": "p"}]
    made["signals"] = made["signals"][:2] + made["signals"][2:]
    report = drain(update.run(update_job(made), tiny))
    assert not report.accepted and report.reason


def test_stars_that_are_all_the_same_say_nothing_yet(tiny, tmp_path):
    made = job(tmp_path, [1] * 6)
    for signal in made["signals"]:
        signal |= {"kind": "stars", "value": 3}
    report = drain(update.run(update_job(made), tiny))
    assert not report.accepted and report.reason.endswith(".") and report.steps == 0


def test_replies_cut_off_by_an_error_are_left_out_and_those_cut_at_a_length_teach(tiny, tmp_path):
    made = job(tmp_path, [1, -1] * 8)
    made["signals"][0]["reply"]["finish"] = "failed"
    made["signals"][1]["reply"]["finish"] = "length"
    made["signals"][2]["reply"]["finish"] = "cancelled"
    report = drain(update.run(update_job(made), tiny))
    assert report.left_out == (LeftOut("0", "the reply was cut off by an error"),)
    assert {"1", "2"} <= {*report.used, *report.held_out} and report.steps > 0


def test_a_reply_of_eight_thousand_tokens_is_learned_from_by_its_beginning(tiny):
    ids, logprobs = tuple(7 + i % 300 for i in range(8000)), (-0.5,) * 8000
    reply = Reply("word " * 8000, ids, logprobs, finish="length", prompt_ids=tuple(range(5, 4000)))
    found = feedback.weighted([Signal("r", "thumb", -1, "t", (Turn("user", "word " * 4000),), reply)])
    (example,) = rated.of_ratings(found, tiny, Hyper())
    assert len(example.row.reply) == Hyper().reply_tokens and len(example.row.prompt) == Hyper().prompt_tokens
    assert example.written == pytest.approx(-0.5 * Hyper().reply_tokens)


def test_ratings_of_a_model_that_is_gone_train_by_their_text_and_a_lost_picture_does_no_harm(tiny, tmp_path):
    made = job(tmp_path, [1, -1] * 8)  # no token ids: what `jobs.collect` gives for another model's replies
    for signal in made["signals"]:
        signal["prompt"][0]["images"] = [str(tmp_path / "gone.png")]
    report = drain(update.run(update_job(made), tiny))
    assert report.steps > 0 and report.reason


def test_an_update_writes_a_whole_version_or_says_why_not(tiny, tmp_path):
    from assistant.learning import versions

    made = job(tmp_path, [1, -1] * 8)
    made["signals"][0]["reply"]["text"] = ""  # empty
    made["signals"][1]["reply"]["text"] = "word " * 9000  # about 8,000 tokens and more
    report = drain(update.run(update_job(made), tiny))
    assert report.left_out == (LeftOut("0", "the reply is empty"),)
    assert report.steps > 0 and report.reason
    assert versions.verify(tmp_path / "styles" / "v1")["model"] == tiny.id
    assert (report.version or report.rejected_version) == "v1"


def test_an_import_and_a_second_update_leave_an_update_under_way_alone(tiny, tmp_path):
    from assistant.learning import versions

    styles = tmp_path / "styles"
    first = update.run(update_job(job(tmp_path, [1, -1] * 8)), tiny)
    while not list(styles.glob("v1.tmp")):
        next(first)
    given = tmp_path / "given"
    given.mkdir()
    adapter = Adapter(tiny.module(), top=1)
    adapter.save(given, "tiny")
    adapter.detach()
    versions.bring_in(given, styles, "v2", "tiny")
    second = job(tmp_path, [1, -1] * 8) | {"version": "v3"}
    with pytest.raises(StoreError, match="under way"):
        drain(update.run(update_job(second), tiny))
    report = drain(first)
    assert versions.verify(styles / "v1") and report.steps > 0
    assert drain(update.run(update_job(second), tiny)).steps > 0  # nobody is at it any more


def test_a_dropped_update_leaves_model_and_folder_as_they_were(tiny, tmp_path):
    before = total(tiny.module(), examples()[0].row)
    steps = update.run(update_job(job(tmp_path, [1, -1] * 6)), tiny)
    for _ in range(3):
        next(steps)
    steps.close()
    assert total(tiny.module(), examples()[0].row) == pytest.approx(before, abs=1e-5)
    assert list((tmp_path / "styles").iterdir()) == []


def test_ratings_at_random_are_refused_before_training_and_nothing_is_written(tiny, tmp_path):
    report = drain(
        update.run(
            update_job(job(tmp_path, [1, -1, -1, 1, 1, -1, 1, -1, -1, 1], text="Reply number {}.")), tiny
        )
    )
    assert not report.accepted and "no pattern" in report.reason and report.steps == 0
    assert not (tmp_path / "styles").exists()


def test_a_deep_update_draws_each_round_from_the_policy_as_it_is(tiny, tmp_path, monkeypatch):
    styles = []
    set_style = type(tiny.decoder).set_style
    monkeypatch.setattr(
        type(tiny.decoder),
        "set_style",
        lambda self, folder: (styles.append(folder), set_style(self, folder))[1],
    )
    made = job(tmp_path, [1, -1] * 8) | {"deep": True}
    made["hyper"] |= {"rounds": 3}
    report = drain(update.run(update_job(made), tiny))
    assert report.steps > 0 and report.reason
    assert report.stopped or len([s for s in styles if s is not None]) >= 2
    assert [p.name for p in (tmp_path / "styles").iterdir()] == ["v1"]  # scratch adapters are gone


def test_between_two_steps_the_model_is_the_users_own(tiny, tmp_path):
    module = tiny.module()
    before = total(module, examples()[0].row)
    steps = update.run(update_job(job(tmp_path, [1, -1] * 8)), tiny)
    seen = set()
    for step in steps:
        seen.add(step.phase)
        assert total(module, examples()[0].row) == pytest.approx(before, abs=1e-5)
    assert {"practising", "training", "checking"} <= seen


def test_comparing_with_the_base_says_who_judged(tiny, tmp_path):
    signals = job(tmp_path, [1, -1] * 8)["signals"]
    made = {"model": "tiny", "signals": signals, "prompts": 2, "reply_tokens": 8, "conflicts": 2}
    report = drain(evaluation.run(evaluation_job(made), tiny))
    assert report.win == pytest.approx(0.5) and report.win_best_of >= 0.5
    assert report.prompts == 2 and "head" in report.judge
    # Without a version and a card the program writes what the base writes, so it answers as many requests as asked.
    assert report.conflicts == 2 and report.as_asked_style == report.as_asked_base


def test_the_card_is_a_part_of_what_is_compared_where_the_model_follows_one(tiny, tmp_path, monkeypatch):
    defaults = dataclasses.replace(tiny.defaults, follows_instructions=True)
    monkeypatch.setattr(tiny, "defaults", defaults)
    drawn = []
    sample = batch_decoding.sample
    monkeypatch.setattr(
        batch_decoding,
        "sample",
        lambda model, inputs, *more: (drawn.append(len(inputs.keys)), sample(model, inputs, *more))[1],
    )
    made = {
        "model": "tiny",
        "signals": job(tmp_path, [1, -1] * 8)["signals"],
        "prompts": 1,
        "reply_tokens": 8,
        "conflicts": 0,
    }
    drain(evaluation.run(evaluation_job(made), tiny))
    assert len(drawn) == 1  # the base is the style
    sentence = {
        "trait": "length",
        "way": -1,
        "english": "Answer briefly.",
        "chinese": "简短回答。",
        "strength": 1.0,
    }
    made["card"] = [sentence | {"id": "s", "own": True, "scope": "always", "kind": ""}]
    drain(evaluation.run(evaluation_job(made), tiny))
    assert len(drawn) == 3 and drawn[2] > drawn[1] == drawn[0]


def test_an_update_goes_on_from_its_parent_and_from_the_base_where_that_is_of_no_use(tiny, tmp_path):
    values = [1, -1] * 8
    first = drain(update.run(update_job(job(tmp_path, values)), tiny))
    parent = tmp_path / "styles" / (first.version or first.rejected_version)
    again = job(tmp_path, values) | {"version": "v2", "parent_folder": str(parent), "continues": True}
    again["hyper"] |= {"learning_rate": 0.0}
    report = drain(update.run(update_job(again), tiny))
    assert report.continued
    old, new = (load_weights(tmp_path / "styles" / v) for v in (parent.name, "v2"))
    for (
        name,
        tensor,
    ) in old.items():  # nothing was learned, so all that may change is the strength, which is in B
        strength = report.strength if "lora_B" in name else 1.0
        assert torch.allclose(strength * tensor, new[name], atol=1e-6)
    (parent / "adapter_model.safetensors").write_bytes(b"damaged")
    anew = job(tmp_path, values) | {"version": "v3", "parent_folder": str(parent), "continues": True}
    assert not drain(update.run(update_job(anew), tiny)).continued


def test_rows_end_with_the_token_that_the_chat_template_ends_a_reply_with(tiny, monkeypatch):
    im_end = tiny.tokenizer.convert_tokens_to_ids("<|im_end|>")
    monkeypatch.setattr(
        tiny, "eos_ids", (0, im_end)
    )  # a model often knows several ends; the first is another's
    assert rated.end_id(tiny) == im_end
    (ended,) = rated.of_ratings(weighted_thumb("stop"), tiny, Hyper())
    (cut,) = rated.of_ratings(weighted_thumb("length"), tiny, Hyper())
    assert ended.row.reply[-1] == im_end and im_end not in cut.row.reply


def weighted_thumb(finish):
    said = Reply("Yes, it is.", finish=finish)
    return feedback.weighted([Signal("r", "thumb", 1, "t", (Turn("user", "p"),), said)])


def test_replies_may_come_in_while_the_models_class_is_imported():
    class Slow:
        learns_on_top = False

        def __init__(self):
            self.may_end = threading.Event()

        def import_module_class(self):
            self.may_end.wait(30)

    model = Slow()
    steps = update._importing(model)
    assert [next(steps).phase for _ in range(3)] == ["preparing"] * 3  # each a moment for a reply
    model.may_end.set()
    assert all(step.phase == "preparing" for step in steps)  # and it ends
