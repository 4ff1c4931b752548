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
from typing import TYPE_CHECKING

import torch

from assistant.learning import feedback, versions
from assistant.learning.checks import gate, gate_metrics
from assistant.learning.reward_head import reward
from assistant.learning.training import demonstrations, one_sided, policy, rollouts, training_examples
from assistant.learning.training.lora import Adapter
from assistant.learning.training.packed_layers import trunk_of
from assistant.learning.training.policy import Hyper, Step
from assistant.learning_records import UpdateJob
from assistant.records import LeftOut, UpdateReport
from models import memory

if TYPE_CHECKING:
    from models.loaded_model import LoadedModel

PRACTISED_BY = 0.4  # of the time an update is to take; what is left is for reading, training and checking
LATE = 0.8  # from that share on, a strength that is within the bounds will do


def run(job: UpdateJob, model: LoadedModel) -> Generator[Step, None, UpdateReport]:
    """Learn from ``job`` (``update_job.make_job``) with ``model`` (a LoadedModel).

    Whatever the ratings are, the outcome is a report, accepted or not.
    """
    update = _Update(job, model)
    steps = update.steps()
    seconds: dict[str, float] = {}
    try:
        while True:
            began = time.monotonic()
            try:
                step = next(steps)
            except StopIteration as end:
                report: UpdateReport = end.value
                by_phase = {k: round(v, 2) for k, v in seconds.items()}
                return replace(report, seconds_by_phase=by_phase, own_text_replies=update.own_replies)
            took = time.monotonic() - began
            seconds[step.phase] = seconds.get(step.phase, 0.0) + took
            update.worked += took
            adapter = update.adapter if update.adapter is not None and update.adapter.attached else None
            if adapter is not None:
                adapter.detach()
            yield step
            if adapter is not None:
                adapter.attach()
    finally:
        steps.close()
        del steps
        memory.give_back()


@dataclass
class _Update:
    """One update on its way."""

    job: UpdateJob
    model: LoadedModel
    adapter: Adapter | None = None
    started: float = field(default_factory=time.monotonic)
    own_replies: dict[str, str] = field(
        default_factory=dict
    )  # what the base model wrote: id of a text -> reply
    worked: float = 0.0  # seconds in its own steps; replies that went in between do not count

    def steps(self) -> Generator[Step, None, UpdateReport]:
        job = self.job
        usable, left_out = feedback.usable(job.signals)
        report = _empty_report(job, usable, left_out)
        if len(usable) >= gate.FEWEST and one_sided.one_sided(usable):
            usable += yield from one_sided.against_base(
                self.model,
                usable,
                hyper_of(job, int(self.model.parameters)).reply_tokens,
                job.seed,
            )
        usable = yield from self._with_own(usable)
        corrections = reward.known(job.corrections)
        train, held = gate.hold_out(usable, trained_on=frozenset(job.trained_on))
        head = reward.fit(train, corrections=corrections)
        everything = reward.fit(usable, corrections=corrections)
        traits = {name: round(weight, 4) for name, (weight, _) in everything.weights().items()}
        report = replace(report, traits=traits)
        why_not = _too_little(usable) or gate.no_pattern(everything.nothing, len(held))
        if why_not:
            return replace(report, reason=why_not, seconds=self._seconds())
        yield Step("preparing", 0, 1, 0.0, 0.0, 60.0)
        with versions.learning(Path(job.styles)):
            return (yield from self._learn(report, train, held, head, everything.nothing))

    def _with_own(self, usable: list[feedback.Signal]) -> Generator[Step, None, list[feedback.Signal]]:
        """The user's own texts beside what the base model writes to their requests, which is noted to be kept."""
        if not any(s.kind == "text" and s.other is None for s in usable):
            return usable
        tokens = hyper_of(self.job, int(self.model.parameters)).reply_tokens
        written = yield from demonstrations.beside_base(self.model, usable, tokens, self.job.seed)
        before = {s.id: s.other for s in usable}
        self.own_replies = {
            s.id: s.other.text for s in written if s.other is not None and before[s.id] is None
        }
        return written

    def _learn(
        self,
        report: UpdateReport,
        train: Sequence[feedback.Signal],
        held: Sequence[feedback.Signal],
        head: reward.Head,
        nothing: float,
    ) -> Generator[Step, None, UpdateReport]:
        """``head`` knows the training part; ``nothing``: probability that no trait explains all of the ratings."""
        job, model = self.job, self.model
        hyper = hyper_of(job, int(model.parameters))
        replayed = training_examples.replay(train, hyper.replay, random.Random(job.seed))
        rated = list(training_examples.of_ratings(feedback.weighted(replayed), model, hyper))
        if not rated:
            return replace(report, reason="None of the rated replies can be read by this model.")
        yield from _importing(model)
        trunk = trunk_of(model, hyper.top_layers)
        yield Step("preparing", 1, 1, 0.0, 0.0, 60.0)
        # The adapter has random numbers of its own: replies in between stay reproducible.
        seed = job.seed
        folder: Path | None = None
        try:
            folder = versions.begin(Path(job.styles), job.version)
            scratch = folder.with_name(f"{folder.stem}-scratch.tmp")
            self.adapter = adapter = Adapter(
                trunk.module, top=hyper.top_layers, rank=hyper.rank, alpha=hyper.alpha, seed=seed
            )
            training = policy.Training(trunk, adapter, hyper, seed=seed, extra_ids=model.eos_ids)
            parent = Path(job.parent_folder) if job.parent_folder else None
            before = adapter.weights_in(parent) if parent and job.continues else None
            if before is not None:
                adapter.load_state(before)
            yield from self._train(training, rated, train, head, scratch, continued=before is not None)
            outcome = training.outcome
            measures = yield from gate_metrics.measure(
                gate_metrics.Trained(
                    model, adapter, trunk, hyper, head, nothing, held, scratch, parent,
                    job.probe_tokens, job.system_prompt,
                    lambda: 0 < LATE * hyper.minute < self.worked,
                )
            )  # fmt: skip
            verdict = gate.judge(measures)
            adapter.save(folder, str(model.id))
            report = replace(
                _outcome_report(report, outcome, verdict, train, held),
                version=job.version if verdict.accepted else None,
                rejected_version=None if verdict.accepted else job.version,
                continued=before is not None,
                seconds=self._seconds(),
            )
            (folder / "head.json").write_text(json.dumps(asdict(head.state())), encoding="utf-8")
            manifest = {
                "version": job.version,
                "model": model.id,
                "hyper": asdict(hyper),
                "report": asdict(report),
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
        seed = self.job.seed
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


def _importing(model: LoadedModel) -> Generator[Step, None, None]:
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


def hyper_of(job: UpdateJob, parameters: int) -> Hyper:
    """The hyperparameters of a job: by the model's size, deep or quick, then what the job itself says."""
    hyper = replace(Hyper(), learning_rate=policy.learning_rate(parameters), minute=policy.minute(parameters))
    if job.deep:
        hyper = replace(hyper, **policy.DEEP)
    hyper = replace(hyper, **job.hyper)  # type: ignore[arg-type]
    return replace(hyper, kl_limit=gate.KL_LIMIT * job.kl_share)


def _empty_report(
    job: UpdateJob, usable: Sequence[feedback.Signal], left_out: Sequence[tuple[str, str]]
) -> UpdateReport:
    return UpdateReport(
        parent=job.parent,
        left_out=tuple(LeftOut(rating, why) for rating, why in left_out),
        contradictions=feedback.contradictions(usable),
    )


def _outcome_report(
    report: UpdateReport,
    outcome: policy.Outcome,
    verdict: gate.Verdict,
    train: Sequence[feedback.Signal],
    held: Sequence[feedback.Signal],
) -> UpdateReport:
    measures = verdict.measures
    used = tuple(s.id for s in train if one_sided.given_by_user(s))
    return replace(
        report, accepted=verdict.accepted, reason=verdict.reason, steps=outcome.steps, ratings_used=len(used),
        reward_before=round(measures.reward_before, 4), reward_after=round(measures.reward_after, 4),
        heldout_agreement=None if math.isnan(measures.heldout_after) else round(measures.heldout_after, 4),
        kl_per_token=round(measures.kl_per_token, 5), used=used,
        held_out=tuple(s.id for s in held if one_sided.given_by_user(s)), gate=verdict.report(),
        tokens=outcome.tokens, stopped=outcome.stopped, strength=measures.strength,
    )  # fmt: skip


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
