"""One personalisation update in the engine: ratings -> reward head -> policy -> gate -> a version folder.

``run`` is a generator of short steps, so replies go in between; closing it drops the update cleanly.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from assistant.errors import BadInput
from assistant.learning import gate, policy, reward, rollouts, signals, versions
from assistant.learning.lora import Adapter, load_weights
from assistant.learning.policy import Example, Hyper
from assistant.learning.trunk import Row, Trunk

StepJson = dict[str, Any]


def run(job: dict[str, Any], model: Any) -> Generator[StepJson, None, dict[str, Any]]:
    """Learn from ``job`` (``jobs.make_job``) with ``model`` (a LoadedModel); returns the JSON of `attune learn`.

    Raises BadInput for a broken job; whatever the ratings are, the outcome is a report, accepted or not.
    """
    started = time.monotonic()
    found = [signals.from_json(s) for s in job.get("signals", [])]
    usable, left_out = signals.usable(found)
    report: dict[str, Any] = {
        "accepted": False, "reason": "", "version": None, "ratings_used": 0, "reward_before": 0.0, "reward_after": 0.0,
        "heldout_agreement": None, "kl_per_token": 0.0, "seconds": 0.0, "steps": 0, "traits": {}, "used": [],
        "held_out": [], "parent": job.get("parent"), "left_out": [{"rating": i, "why": w} for i, w in left_out],
        "contradictions": signals.contradictions(usable),
    }  # fmt: skip
    train, held = gate.hold_out(usable)
    head = reward.fit(train, corrections=job.get("corrections") or None)
    report["traits"] = {k: round(v, 4) for k, (v, _) in reward.fit(usable).weights().items()}
    why_not = _too_little(usable)
    if why_not:
        report.update(reason=why_not, seconds=round(time.monotonic() - started, 2))
        return report
    yield _step(policy.Step("preparing", 0, 1, 0.0, 0.0, 60.0))
    module = model.module()
    hyper = replace(
        Hyper(), learning_rate=policy.learning_rate(int(model.parameters)), **job.get("hyper", {})
    )
    hyper = replace(hyper, kl_limit=gate.KL_LIMIT * float(job.get("kl_share", 0.8)))
    # A random state of the update's own, given back afterwards: replies in between stay reproducible.
    adapter = Adapter(
        module, top=hyper.top_layers, rank=hyper.rank, alpha=hyper.alpha, seed=int(job.get("seed", 0))
    )
    styles = Path(job["styles"])
    folder: Path | None = None
    try:
        trunk = Trunk(module, hyper.top_layers)
        examples = list(_examples(signals.weighted(train), model, hyper))
        if not examples:
            report["reason"] = "None of the rated replies can be read by this model."
            return report
        outcome = policy.Outcome()
        for step in policy.update(
            trunk,
            adapter,
            examples,
            hyper,
            seed=int(job.get("seed", 0)),
            outcome=outcome,
            extra_ids=model.eos_ids,
        ):
            yield _step(step)
        measures = yield from _measure(model, module, adapter, trunk, head, train, held, hyper, outcome, job)
        verdict = gate.judge(measures)
        folder = versions.begin(styles, job["version"])
        adapter.save(folder, str(model.id))
        report.update(
            accepted=verdict.accepted, reason=verdict.reason, ratings_used=len(train), steps=outcome.steps,
            reward_before=round(measures.reward_before, 4), reward_after=round(measures.reward_after, 4),
            heldout_agreement=None if math.isnan(measures.heldout_after) else round(measures.heldout_after, 4),
            kl_per_token=round(measures.kl_per_token, 5), used=[s.id for s in train], held_out=[s.id for s in held],
            gate={k: None if isinstance(v, float) and math.isnan(v) else v for k, v in verdict.to_json().items()},
            seconds=round(time.monotonic() - started, 2), strength=adapter.strength, tokens=outcome.tokens,
        )  # fmt: skip
        report["version" if verdict.accepted else "rejected_version"] = job["version"]
        (folder / "head.json").write_text(json.dumps(head.to_json()), encoding="utf-8")
        versions.finish(
            folder, {"version": job["version"], "model": model.id, "hyper": asdict(hyper), "report": report}
        )
        folder = None
        return report
    finally:
        adapter.detach()
        model.release_module()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _too_little(usable: Sequence[signals.Signal]) -> str:
    """Why there is nothing to train on yet, in a sentence; empty: there is."""
    if len(usable) < gate.FEWEST:
        return f"There are {len(usable)} ratings to learn from so far; {gate.FEWEST} are needed."
    advantages = [w.advantage for w in signals.weighted(usable)]
    if not advantages or min(advantages) == max(advantages):
        return "All ratings say the same, so there is nothing to tell good from bad; rate a few replies the other way."
    if signals.contradictions(usable) * 2 >= len(usable):
        return "The ratings contradict each other on the same replies."
    return ""


def _step(step: policy.Step) -> StepJson:
    return asdict(step)


def _examples(weighted: Sequence[signals.Weighted], model: Any, hyper: Hyper) -> Iterator[Example]:
    """Balance the two signs (their sums are made equal), and turn replies into token ids."""
    ups = sum(w.advantage for w in weighted if w.advantage > 0)
    downs = -sum(w.advantage for w in weighted if w.advantage < 0)
    middle = (ups + downs) / 2
    owners = sorted({w.signal for w in weighted})
    paired = {o for o in owners if sum(w.signal == o for w in weighted) == 2}
    for w in weighted:
        side = ups if w.advantage > 0 else downs
        factor = min(2.0, max(0.5, middle / side)) if side > 0 and ups and downs else 1.0
        row = _row(w, model, hyper)
        if row is None:
            continue
        whole = len(w.reply.logprobs) >= len(w.reply.ids) > 0 and len(row.reply) <= len(w.reply.logprobs)
        written = sum(w.reply.logprobs[: len(row.reply)]) if whole else float("nan")
        mask = _mask(w, row.reply, model) if w.spans else ()
        pair = owners.index(w.signal) if w.signal in paired else -1
        yield Example(row, w.advantage * factor, written if not mask else float("nan"), mask, pair, w.signal)


def _row(w: signals.Weighted, model: Any, hyper: Hyper) -> Row | None:
    ids = w.reply.ids or tuple(model.tokenizer(w.reply.text, add_special_tokens=False)["input_ids"][:2048])
    if not ids:
        return None
    if w.reply.finish == "stop":
        ids = (*ids, model.eos_ids[0])
    ids = ids[: hyper.reply_tokens]
    if w.images and model.can_see:
        inputs = _with_pictures(w, model)
        if inputs is not None and inputs.embeds is not None:
            return Row((), ids, inputs.embeds)
    if w.reply.prompt_ids and not w.images:
        return Row(w.reply.prompt_ids[-hyper.prompt_tokens :], ids)
    prompt = model.prepare([dict(m) for m in w.prompt]).ids[0].tolist()
    return Row(tuple(prompt[-hyper.prompt_tokens :]), ids)


def _with_pictures(w: signals.Weighted, model: Any) -> Any:
    """Inputs with the pictures' features merged; None when a picture is gone (the text still teaches)."""
    from PIL import Image

    try:
        pictures = [Image.open(path).convert("RGB") for path in w.images]
    except OSError:
        return None
    last = dict(w.prompt[-1])
    parts = [{"type": "image"} for _ in pictures]
    last["content"] = [*parts, {"type": "text", "text": str(last.get("content", ""))}]
    return model.prepare([*(dict(m) for m in w.prompt[:-1]), last], pictures)


def _mask(w: signals.Weighted, ids: Sequence[int], model: Any) -> tuple[bool, ...]:
    """Which tokens of an edited reply the user wrote (the end token counts)."""
    position, found = 0, []
    for id in ids:
        text = model.tokenizer.decode([id]) if id not in model.eos_ids else ""
        end = position + len(text)
        found.append(id in model.eos_ids or any(a < end and position < b for a, b in w.spans))
        position = end
    return tuple(found) if any(found) else ()


def _measure(
    model: Any, module: Any, adapter: Adapter, trunk: Trunk, head: reward.Head, train: Sequence[signals.Signal],
    held: Sequence[signals.Signal], hyper: Hyper, outcome: policy.Outcome, job: dict[str, Any],
) -> Generator[StepJson, None, gate.Measures]:  # fmt: skip
    """What the gate needs. The adapter is weakened until perplexity and KL are within bounds (a line search)."""
    yield _step(policy.Step("checking", 0, 4, 0.0, outcome.kl_per_token, 15.0))
    text = torch.tensor([model.tokenizer(gate.GENERAL_TEXT, add_special_tokens=False)["input_ids"]])
    text = text.to(trunk.device)
    with adapter.off():
        base_loss, base_log = _nll(module, text)
    for strength in (1.0, 0.75, 0.5, 0.35):
        adapter.set_strength(strength)
        loss, log = _nll(module, text)
        ratio = math.exp(loss - base_loss)
        kl_text = float((log.exp() * (log - base_log)).sum(-1).mean())
        kl = max(kl_text, outcome.kl_per_token * strength)
        yield _step(policy.Step("checking", 1, 4, 0.0, kl, 12.0))
        if ratio <= gate.PERPLEXITY_LIMIT - 0.005 and kl <= gate.KL_LIMIT:
            break
    del base_log, log
    before_state = load_weights(Path(job["parent_folder"])) if _usable_parent(job, adapter) else None
    prompts = [model.prepare([{"role": "user", "content": p}]).ids[0].tolist() for p in gate.PROBES]
    draw = rollouts.Draw(max_tokens=int(job.get("probe_tokens", 56)))
    after = yield from _probe(module, prompts, model, draw, 2)
    after_gain = _gains(trunk, adapter, held, model, hyper)
    state, strength_now = adapter.state(), adapter.strength
    if before_state is None:
        with adapter.off():
            before = yield from _probe(module, prompts, model, draw, 3)
        before_agreement = 0.5
    else:
        adapter.set_strength(1.0)
        adapter.load_state(before_state)
        before = yield from _probe(module, prompts, model, draw, 3)
        before_agreement = _gains(trunk, adapter, held, model, hyper)
        adapter.load_state(state)  # B already carries the strength
        adapter.set_strength(1.0)
        strength_now = 1.0
    adapter.set_strength(strength_now)
    was, now = (_summary(side, head) for side in (before, after))
    return gate.Measures(
        heldout_before=before_agreement if not math.isnan(after_gain) else float("nan"), heldout_after=after_gain,
        reward_before=was[0], reward_after=now[0], kl_per_token=kl, perplexity_ratio=ratio,
        repetition_before=was[1], repetition_after=now[1], ended_before=was[2], ended_after=now[2],
        words_before=was[3], words_after=now[3], nothing=head.nothing,
    )  # fmt: skip


def _summary(side: Sequence[tuple[str, tuple[int, ...], bool]], head: reward.Head) -> tuple[float, ...]:
    """(mean score, repetition, share that ended, words) of a side's probe replies."""
    score = float(head.score(head.features([text for text, _, _ in side])).mean())
    return (
        score, _mean([gate.repetition(ids) for _, ids, _ in side]), _mean([float(ended) for _, _, ended in side]),
        _mean([float(len(text.split())) for text, _, _ in side]),
    )  # fmt: skip


def _usable_parent(job: dict[str, Any], adapter: Adapter) -> bool:
    folder = job.get("parent_folder")
    if not folder:
        return False
    try:
        return set(load_weights(Path(folder))) == set(adapter.state())
    except BadInput:
        return False


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@torch.no_grad()
def _nll(module: Any, ids: torch.Tensor) -> tuple[float, torch.Tensor]:
    log = module(input_ids=ids, use_cache=False).logits.float().log_softmax(-1)[0, :-1]  # (n - 1, vocab)
    return float(-log.gather(-1, ids[0, 1:, None]).mean()), log


def _probe(
    module: Any, prompts: list[list[int]], model: Any, draw: rollouts.Draw, step: int
) -> Generator[StepJson, None, list[tuple[str, tuple[int, ...], bool]]]:
    """Replies to the probes, the same seed for both sides: (text, ids, ended) each."""
    found = []
    for some in rollouts.sample(
        module, prompts, each=1, eos_ids=model.eos_ids, draw=draw, seed=7, batch=len(prompts)
    ):
        found += [(model.tokenizer.decode(r.ids), r.ids, r.ended) for r in some]
        yield _step(policy.Step("checking", step, 4, 0.0, 0.0, 5.0))
    return found


@torch.no_grad()
def _gains(trunk: Trunk, adapter: Adapter, held: Sequence[signals.Signal], model: Any, hyper: Hyper) -> float:
    """Agreement with held-out ratings: does a liked reply gain more likelihood over the base than a disliked one?"""
    examples = [policy.cut(e, hyper) for e in _examples(signals.weighted(held), model, hyper)]
    if not examples:
        return float("nan")
    advantages, gains = [], []
    kept = trunk.shortlist
    for group in policy.batches(examples, hyper.batch):
        with adapter.off():
            batch = policy.record(trunk, group)
        trunk.set_shortlist([batch.recorded])
        short = trunk.replay(batch.recorded)
        assert batch.recorded.token_short is not None
        token = short.gather(-1, batch.recorded.token_short[:, None])[:, 0]
        gain = policy.sums(token - batch.recorded.base_logprob, batch.recorded, batch.mask, len(group))
        lengths = torch.tensor([float(len(e.row.reply)) for e in group])
        advantages += [e.advantage for e in group]
        gains += (gain.cpu() / lengths).tolist()
    trunk.shortlist = kept
    return gate.ranking_agreement(advantages, gains)
