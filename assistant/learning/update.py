"""One personalisation update in the engine: ratings -> reward head -> policy -> gate -> a version folder.

``run`` is a generator of short steps, so replies go in between; closing it drops the update cleanly. Between two steps
the model is as it was: the adapter is taken out, so a reply in between is written in the user's present style.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from assistant.learning import (
    demonstrations,
    evaluation,
    feedback,
    gate,
    gate_metrics,
    one_sided,
    policy,
    reward,
    rollouts,
    training_examples,
    update_job,
    versions,
)
from assistant.learning.lora import Adapter
from assistant.learning.packed_layers import trunk_of
from assistant.learning.policy import Hyper, Step
from models import memory

StepJson = dict[str, Any]
PRACTISED_BY = 0.4  # of the time an update is to take; what is left is for reading, training and checking
LATE = 0.8  # from that share on, a strength that is within the bounds will do


def run(job: dict[str, Any], model: Any) -> Generator[StepJson, None, dict[str, Any]]:
    """Learn from ``job`` (``jobs.make_job``) with ``model`` (a LoadedModel); returns the JSON of `attune learn`.

    A job of ``jobs.make_evaluation`` is compared instead (``evaluation.run``). Raises BadInput for a broken job; whatever
    the ratings are, the outcome is a report, accepted or not.
    """
    update = _Update(job, model)
    steps = evaluation.run(job, model) if job.get("evaluate") else update.steps()
    seconds: dict[str, float] = {}
    try:
        while True:
            began = time.monotonic()
            try:
                step = next(steps)
            except StopIteration as end:
                return {**end.value, "seconds_by_phase": {k: round(v, 2) for k, v in seconds.items()}}
            took = time.monotonic() - began
            seconds[step.phase] = seconds.get(step.phase, 0.0) + took
            update.worked += took
            adapter = update.adapter if update.adapter is not None and update.adapter.attached else None
            if adapter is not None:
                adapter.detach()
            yield asdict(step)
            if adapter is not None:
                adapter.attach()
    finally:
        steps.close()
        del steps
        memory.give_back()


@dataclass
class _Update:
    """One update on its way."""

    job: dict[str, Any]
    model: Any
    adapter: Adapter | None = None
    started: float = field(default_factory=time.monotonic)
    worked: float = 0.0  # seconds in its own steps; replies that went in between do not count

    def steps(self) -> Generator[Step, None, dict[str, Any]]:
        job = self.job
        usable, left_out = feedback.usable([feedback.from_json(s) for s in job.get("signals", [])])
        report = _empty_report(job, usable, left_out)
        if len(usable) >= gate.FEWEST and one_sided.one_sided(usable):
            usable += yield from one_sided.against_base(
                self.model,
                usable,
                hyper_of(job, int(self.model.parameters)).reply_tokens,
                int(job.get("seed", 0)),
            )
        usable = yield from self._with_own(usable, report)
        corrections = reward.known(job.get("corrections") or {})
        train, held = gate.hold_out(usable, trained_on=frozenset(job.get("trained_on") or ()))
        head = reward.fit(train, corrections=corrections)
        everything = reward.fit(usable, corrections=corrections)
        report["traits"] = {name: round(weight, 4) for name, (weight, _) in everything.weights().items()}
        why_not = _too_little(usable) or gate.no_pattern(everything.nothing, len(held))
        if why_not:
            return report | {"reason": why_not, "seconds": self._seconds()}
        yield Step("preparing", 0, 1, 0.0, 0.0, 60.0)
        with versions.learning(Path(job["styles"])):
            return (yield from self._learn(report, train, held, head, everything.nothing))

    def _with_own(
        self, usable: list[feedback.Signal], report: dict[str, Any]
    ) -> Generator[Step, None, list[feedback.Signal]]:
        """The user's own texts beside what the base model writes to their requests; that is told in the report."""
        if not any(s.kind == "text" and s.other is None for s in usable):
            return usable
        tokens = hyper_of(self.job, int(self.model.parameters)).reply_tokens
        written = yield from demonstrations.beside_base(
            self.model, usable, tokens, int(self.job.get("seed", 0))
        )
        before = {s.id: s.other for s in usable}
        report["own_text_replies"] = {
            s.id: s.other.text for s in written if s.other is not None and before[s.id] is None
        }
        return written

    def _learn(
        self,
        report: dict[str, Any],
        train: Sequence[feedback.Signal],
        held: Sequence[feedback.Signal],
        head: reward.Head,
        nothing: float,
    ) -> Generator[Step, None, dict[str, Any]]:
        """``head`` knows the training part; ``nothing``: probability that no trait explains all of the ratings."""
        job, model = self.job, self.model
        hyper = hyper_of(job, int(model.parameters))
        replayed = training_examples.replay(train, hyper.replay, random.Random(int(job.get("seed", 0))))
        rated = list(training_examples.of_ratings(feedback.weighted(replayed), model, hyper))
        if not rated:
            return report | {"reason": "None of the rated replies can be read by this model."}
        yield from _importing(model)
        trunk = trunk_of(model, hyper.top_layers)
        yield Step("preparing", 1, 1, 0.0, 0.0, 60.0)
        # The adapter has random numbers of its own: replies in between stay reproducible.
        seed = int(job.get("seed", 0))
        folder: Path | None = None
        try:
            folder = versions.begin(Path(job["styles"]), job["version"])
            scratch = folder.with_name(f"{folder.stem}-scratch.tmp")
            self.adapter = adapter = Adapter(
                trunk.module, top=hyper.top_layers, rank=hyper.rank, alpha=hyper.alpha, seed=seed
            )
            training = policy.Training(trunk, adapter, hyper, seed=seed, extra_ids=model.eos_ids)
            parent = Path(job["parent_folder"]) if job.get("parent_folder") else None
            before = adapter.weights_in(parent) if parent and job.get("continues") else None
            if before is not None:
                adapter.load_state(before)
            report["continued"] = before is not None
            yield from self._train(training, rated, train, head, scratch, continued=before is not None)
            outcome = training.outcome
            measures = yield from gate_metrics.measure(
                gate_metrics.Trained(
                    model, adapter, trunk, hyper, head, nothing, held, scratch, parent,
                    int(job.get("probe_tokens", 64)), str(job.get("system_prompt", "")),
                    lambda: 0 < LATE * hyper.minute < self.worked,
                )
            )  # fmt: skip
            verdict = gate.judge(measures)
            adapter.save(folder, str(model.id))
            report.update(_outcome_report(outcome, measures, verdict, train, held), seconds=self._seconds())
            report["strength"] = measures.strength
            report["version" if verdict.accepted else "rejected_version"] = job["version"]
            (folder / "head.json").write_text(json.dumps(head.to_json()), encoding="utf-8")
            manifest = {
                "version": job["version"],
                "model": model.id,
                "hyper": asdict(hyper),
                "report": report,
            }
            versions.finish(folder, manifest)
            return report
        finally:
            if self.adapter is not None:
                self.adapter.detach()
                self.adapter = None
            trunk.close()
            model.release_module()
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)  # gone already where the version was finished
                shutil.rmtree(scratch, ignore_errors=True)

    def _train(
        self,
        training: policy.Training,
        rated: Sequence[policy.Example],
        train: Sequence[feedback.Signal],
        head: reward.Head,
        scratch: Path,
        *,
        continued: bool,
    ) -> Generator[Step, None, None]:
        """The ratings and practice on their prompts, drawn from the policy as it is: at first often the base model."""
        hyper, model, adapter = training.hyper, self.model, training.adapter
        seed = int(self.job.get("seed", 0))
        rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
        weight = rollouts.certainty(head)
        if hyper.rating_weight > 0:
            weighted = [replace(e, advantage=hyper.rating_weight * e.advantage) for e in rated]
            yield from training.add(weighted)
        for number in range(hyper.rounds):
            drawn: list[policy.Example] = []
            if hyper.practice_prompts and weight > 0:
                prompts = rollouts.prompts_of(train, hyper.practice_prompts, rng)
                of_base = number == 0 and not continued
                until = PRACTISED_BY * hyper.minute if hyper.minute > 0 else math.inf
                adapter.set_strength(0.0 if of_base else 1.0)
                with rollouts.drawing_as(model, training.trunk.module, adapter, scratch):
                    drawn = yield from rollouts.practise(
                        model, head, prompts, hyper, generator, weight, of_base, lambda: self.worked, until
                    )
                adapter.set_strength(1.0)
            yield from training.add(drawn, drop_rollouts=True)
            yield from training.run(hyper.epochs)
            if training.outcome.stopped:
                break

    def _seconds(self) -> float:
        return round(time.monotonic() - self.started, 2)


def _importing(model: Any) -> Generator[Step, None, None]:
    """Bring in the model's class in a thread of its own: replies need not wait for an import of seconds.

    What goes wrong there goes wrong again, and is told, when the module is built. A fast decoder's trained layers are built
    without that class.
    """
    if model.learns_on_top and model.layers_path:
        return
    thread = threading.Thread(target=model.import_module_class, name="learning-imports", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
        yield Step("preparing", 0, 1, 0.0, 0.0, 60.0)


def hyper_of(job: dict[str, Any], parameters: int) -> Hyper:
    """The hyperparameters of a job: by the model's size, deep or quick, then what the job itself says."""
    hyper = replace(Hyper(), learning_rate=policy.learning_rate(parameters), minute=policy.minute(parameters))
    if job.get("deep"):
        hyper = replace(hyper, **policy.DEEP)
    hyper = replace(hyper, **job.get("hyper", {}))
    return replace(hyper, kl_limit=gate.KL_LIMIT * float(job.get("kl_share", update_job.KL_SHARE["normal"])))


def _empty_report(
    job: dict[str, Any], usable: Sequence[feedback.Signal], left_out: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "accepted": False, "reason": "", "version": None, "ratings_used": 0, "reward_before": 0.0, "reward_after": 0.0,
        "heldout_agreement": None, "kl_per_token": 0.0, "seconds": 0.0, "steps": 0, "traits": {}, "used": [],
        "held_out": [], "parent": job.get("parent"), "left_out": [{"rating": i, "why": w} for i, w in left_out],
        "contradictions": feedback.contradictions(usable),
    }  # fmt: skip


def _outcome_report(
    outcome: policy.Outcome,
    measures: gate.Measures,
    verdict: gate.Verdict,
    train: Sequence[feedback.Signal],
    held: Sequence[feedback.Signal],
) -> dict[str, Any]:
    return {
        "accepted": verdict.accepted, "reason": verdict.reason, "steps": outcome.steps,
        "ratings_used": sum(map(one_sided.given_by_user, train)),
        "reward_before": round(measures.reward_before, 4), "reward_after": round(measures.reward_after, 4),
        "heldout_agreement": None if math.isnan(measures.heldout_after) else round(measures.heldout_after, 4),
        "kl_per_token": round(measures.kl_per_token, 5), "used": [s.id for s in train if one_sided.given_by_user(s)],
        "held_out": [s.id for s in held if one_sided.given_by_user(s)],
        "gate": {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in verdict.to_json().items()},
        "tokens": outcome.tokens, "stopped": outcome.stopped,
    }  # fmt: skip


def _too_little(usable: Sequence[feedback.Signal]) -> str:
    """Why there is nothing to train on yet, in a sentence; empty: there is."""
    if len(usable) < gate.FEWEST:
        return f"There are {len(usable)} ratings to learn from so far; {gate.FEWEST} are needed."
    advantages = [w.advantage for w in feedback.weighted(usable)]
    if not advantages or min(advantages) == max(advantages):  # and the base model has written nothing else
        return "All ratings say the same, so there is nothing to tell good from bad; rate a few replies the other way."
    if feedback.contradictions(usable) * 2 >= len(usable):
        return "The ratings contradict each other on the same replies."
    return ""
