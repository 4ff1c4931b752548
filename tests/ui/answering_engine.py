"""An engine client in memory that loads, answers at once, and learns when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from learning_jobs import report as report_of
from silent_engine import SilentClient

from assistant.engine.protocol import Done, Failed, LearnDone, LearnStep, Loaded, ModelInfo, Shifted, Token
from assistant.learning_records import FinishedReply, UpdateJob
from assistant.records import BaseCheckResult, Generation, OtherReply, ReplyDetails, Shift

GATE = {
    "accepted": True, "heldout_before": 0.5, "heldout_after": 0.8, "reward_before": 0.1, "reward_after": 0.6,
    "kl_per_token": 0.031, "perplexity_ratio": 1.012, "words_before": 90.0, "words_after": 60.0,
    "ended_before": 0.9, "ended_after": 1.0, "repetition_before": 0.02, "repetition_after": 0.02,
}  # fmt: skip


@dataclass
class Answers:
    """What every client made says and did; one for a test."""

    base: Callable[[str], str] = lambda prompt: f"A rather long answer, dear reader, about {prompt}"
    styled: Callable[[str], str] = lambda prompt: f"Short: {prompt}"
    other: Callable[[str], str] = lambda prompt: f"Quite another answer about {prompt}"  # of a pair
    not_base: str = ""  # why the base side of a comparison is refused
    finish: str = "stop"  # how every reply ends
    more: str = " and so on."  # what a reply that is continued gets
    title: str = ""  # what it calls a conversation, where it is asked
    parameters: int = 135_000_000
    hold: bool = False  # replies wait for ``release``
    learning: list[tuple[int, UpdateJob]] = field(default_factory=list)
    paused: list[bool] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)  # of generate
    ahead: list[list[str]] = field(default_factory=list)  # the turns' texts that were read ahead
    written: dict[tuple[int, ...], str] = field(default_factory=dict)  # the last text with these token ids
    client: AnsweringClient | None = None

    def step(self, **fields: Any) -> None:
        """The update under way has made a step."""
        request, _job = self.learning[-1]
        known = {
            "phase": "training",
            "step": 3,
            "steps": 24,
            "reward": 0.12,
            "kl": 0.01,
            "seconds_left": 40.0,
        }
        self._client.say(LearnStep(id=request, **{**known, **fields}))

    def learned(self, accepted: bool = True, reason: str = "", **fields: Any) -> str:
        """The update under way has ended; the version it made."""
        request, job = self.learning[-1]
        version = job.version
        used = [signal.id for signal in job.signals]
        report = {
            "accepted": accepted,
            "reason": reason or "It agrees with your ratings and passed every check.",
            "version": version if accepted else None,
            "rejected_version": None if accepted else version,
            "ratings_used": len(used), "used": used, "held_out": [], "parent": job.parent, "seconds": 41.0,
            "kl_per_token": 0.031, "gate": {**GATE, "accepted": accepted},
        }  # fmt: skip
        self._client.say(LearnDone(request, report_of({**report, **fields})))
        return str(version)

    def failed(self, kind: Any, reason: str) -> None:
        self._client.say(Failed(self.learning[-1][0], kind, reason))

    @property
    def _client(self) -> AnsweringClient:
        assert self.client is not None
        return self.client


class AnsweringClient(SilentClient):
    answers: Answers  # set on a subclass by the test

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.answers.client = self

    def say(self, event: Any) -> None:
        assert self.on_event is not None
        self.on_event(event)

    def load(self, folder: Any, model: str, *, id: int | None = None, **_: Any) -> int:
        made = super().load(id=id)
        info = ModelInfo(
            model, "Fake", self.answers.parameters, "int4", "cpu", 8192, True, False, "native", 0.1
        )
        self.say(Loaded(made, info))
        return made

    def prepare(self, *_: Any, id: int | None = None, **__: Any) -> int:
        from assistant.engine.protocol import Prepared

        made = super().prepare(id=id)
        self.say(Prepared(made, "/nowhere"))
        return made

    def prefill(self, turns, *, style=None, steering=None, id=None) -> int:  # type: ignore[no-untyped-def]
        self.answers.ahead.append([turn.text for turn in turns])
        return super().prefill(id=id)

    def generate(
        self, turns, sampling, *, style=None, style_name=None, steering=None, comparing="", id=None
    ) -> int:  # type: ignore[no-untyped-def]
        made = super().generate(id=id)
        self.answers.asked.append(
            {
                "style": style_name,
                "steering": steering,
                "turns": turns,
                "seed": sampling.seed,
                "comparing": comparing,
            }
        )
        prompt = turns[-1].text
        text = (self.answers.styled if style_name else self.answers.base)(prompt)
        begun = turns[-1].text if turns[-1].role == "assistant" else ""
        before = len(begun.split(" ")) if begun else 0
        text = self.answers.more if begun else text
        if prompt.endswith("\n\nTitle:"):
            text = self.answers.title
        words = text.split(" ")
        details = ReplyDetails(guided_steps=3 if steering is not None and steering.guide else None)
        if steering is not None and steering.explore:
            other = self.answers.other(prompt)
            count = len(other.split(" "))
            arm = OtherReply(other, tuple(range(count)), (-0.7,) * count, "stop", 8)
            details = replace(details, arm_b=arm)
        if comparing == "base":
            if self.answers.not_base:
                self.say(Failed(made, "model", self.answers.not_base))
                return made
            details = replace(details, base_check=BaseCheckResult(0.0, 0.02))
        self.answers.written[tuple(range(len(words)))] = text
        for count, word in enumerate(words, start=1):
            self.say(Token(made, word if count == 1 else " " + word, count))
        generation = Generation(
            "starter", style_name, 12, len(words), 0.2, 55.0, self.answers.finish, sampling.seed or 7,
            prompt_ids=(1, 2), reply_ids=tuple(range(before + len(words))), logprobs=(-0.5,) * len(words), details=details,
        )  # fmt: skip
        self.say(Done(made, text, generation))
        return made

    def learn(self, job: UpdateJob, *, id: int | None = None) -> int:
        made = self._ask("learn", id)
        self.answers.learning.append((made, job))
        return made

    def reread(self, reply: FinishedReply, *, id: int | None = None) -> int:
        """The style made every second word likelier and the others less likely."""
        made = self._ask("reread", id)
        count = len(reply.reply_ids)
        words = self.answers.written[reply.reply_ids].split(" ")
        pieces = tuple(word if at == 0 else " " + word for at, word in enumerate(words))
        base = tuple(-2.0 for _ in range(count))
        styled = tuple(-2.0 + (1.5 if at % 2 == 0 else -1.5) for at in range(count))
        self.say(Shifted(made, Shift(pieces, styled, base, (-0.2, -1.8))))
        return made

    def pause(self, paused: bool = True) -> None:
        self.answers.paused.append(paused)

    def cancel(self, target: int) -> None:
        super().cancel(target)
        self.answers.cancelled.append(target)
        if any(target == request for request, _job in self.answers.learning):
            self.say(Failed(target, "cancelled", "Stopped."))
