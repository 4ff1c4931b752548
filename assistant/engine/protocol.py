"""Everything that crosses the pipe between a front (window or command line) and the engine process.

Requests go down, events come up; each is a small frozen dataclass of plain data. ``VERSION`` changes whenever
one of them does; the engine announces its own in ``Ready`` and the client refuses another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.learning_records import (
    EvaluationJob,
    EvaluationReport,
    FinishedReply,
    SteeringRequest,
    UpdateJob,
)
from assistant.records import Generation, Recognition, Sampling, Shift, UpdateReport
from assistant.records import Turn as Turn
from models.benchmark.bench_report import BenchOptions, BenchReport

VERSION = 5


# --- requests -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """Load a model (and unload the one before). Answered by Progress*, then Loaded or Failed."""

    id: int
    folder: str
    model: str  # catalogue id, for display and the record
    quantization: str = "auto"  # auto | int4 | int8 | bfloat16 | float32
    device: str = "auto"
    threads: int | None = None
    pictures: str = "auto"  # auto | fast | detailed: tokens that a picture may cost
    idle_unload_s: float = 0.0  # without work for so long, its memory is given back; 0: never


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make the starter model folder from packages. Answered by Progress*, then Prepared or Failed."""

    id: int
    models_dir: str


@dataclass(frozen=True, slots=True)
class Generate:
    """Write a reply to ``turns`` (oldest first, last one the user's). Tokens*, then Done or Failed.

    If the last one is the assistant's, that reply goes on: Tokens and Done bring only the new text, the ids of Done's
    generation are those of the whole reply, its ``logprobs`` those of the new part.
    """

    id: int
    turns: tuple[Turn, ...]
    sampling: Sampling
    style: str | None = None  # folder of a style version (a PEFT adapter), None: the base model
    style_name: str | None = None
    steering: SteeringRequest | None = None  # None: the reward head is off
    # A side of a comparison is written in turns with the other, a token each, without best-of-n; "base": after it was
    # made sure that it is the base model.
    comparing: Literal["", "side", "base"] = ""


@dataclass(frozen=True, slots=True)
class Prefill:
    """Read the beginning that the next prompt will have: system prompt, style card and ``turns`` so far. Answered by
    Prefilled or Failed; whatever else is asked goes first."""

    id: int
    turns: tuple[Turn, ...]
    style: str | None = None
    steering: SteeringRequest | None = None


@dataclass(frozen=True, slots=True)
class Recognise:
    """Look at one picture: objects and text. Answered by Recognised or Failed."""

    id: int
    image: str


@dataclass(frozen=True, slots=True)
class Reread:
    """Read a finished reply twice, with a style and without. Answered by Shifted or Failed."""

    id: int
    reply: FinishedReply


@dataclass(frozen=True, slots=True)
class Learn:
    """One personalisation update. LearnStep*, then LearnDone or Failed."""

    id: int
    job: UpdateJob


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Compare the style in use with the base model. LearnStep*, then Evaluated or Failed."""

    id: int
    job: EvaluationJob


@dataclass(frozen=True, slots=True)
class Bench:
    """Measure the loaded model. Progress*, then Benched or Failed."""

    id: int
    options: BenchOptions = field(default_factory=BenchOptions)


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause or resume learning; replies are not affected."""

    id: int
    paused: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of the time learning may work from now on, 1 to 100 percent."""

    id: int
    learn_percent: int = 100


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop request ``target`` at the next token or step. Its Done or Failed still comes."""

    id: int
    target: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Asked now and then; an engine that does not answer with Pong hangs."""

    id: int


@dataclass(frozen=True, slots=True)
class Shutdown:
    id: int


Request = (
    Load
    | Prepare
    | Generate
    | Prefill
    | Recognise
    | Reread
    | Learn
    | Evaluate
    | Bench
    | Pause
    | Pace
    | Cancel
    | Ping
    | Shutdown
)

# --- events ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """First event of an engine: it lives and listens."""

    version: int
    pid: int


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the front shows of a loaded model."""

    id: str
    name: str
    parameters: int
    quantization: str
    device: str
    context_length: int  # tokens
    can_see: bool
    can_hear: bool
    decoder: str  # "native" | "eager" | "transformers"
    load_s: float
    sampling: Sampling = field(default_factory=Sampling)  # what suits it, where the user has chosen nothing
    context_note: str = ""  # one sentence, if memory allows less context than the model has


@dataclass(frozen=True, slots=True)
class Loaded:
    id: int
    info: ModelInfo


@dataclass(frozen=True, slots=True)
class Prepared:
    id: int
    folder: str


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` (total 0: unknown), of whatever ``phase`` says in a few words."""

    id: int
    phase: str
    done: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Token:
    """More text of a reply: whole characters only. ``count`` tokens have been written so far."""

    id: int
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Done:
    id: int
    text: str  # the whole reply
    generation: Generation


@dataclass(frozen=True, slots=True)
class Prefilled:
    id: int
    tokens: int  # of the prompt that are in a cache now; 0: nothing was worth it


@dataclass(frozen=True, slots=True)
class Recognised:
    id: int
    recognition: Recognition


@dataclass(frozen=True, slots=True)
class Shifted:
    id: int
    shift: Shift


@dataclass(frozen=True, slots=True)
class LearnStep:
    id: int
    phase: str
    step: int
    steps: int
    reward: float
    kl: float  # nats a token
    seconds_left: float


@dataclass(frozen=True, slots=True)
class LearnDone:
    id: int
    report: UpdateReport


@dataclass(frozen=True, slots=True)
class Evaluated:
    id: int
    report: EvaluationReport


@dataclass(frozen=True, slots=True)
class Benched:
    id: int
    report: BenchReport


@dataclass(frozen=True, slots=True)
class Failed:
    """Request ``id`` failed. ``id`` 0: the engine itself. ``reason`` is one sentence for a person."""

    id: int
    kind: Literal["bad_input", "model", "memory", "busy", "cancelled", "internal"]
    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """The engine's pulse: what it is at, for how long already, and its memory. The client keeps it to
    itself."""

    id: int
    step: str = ""  # name of the running step, empty: idle
    step_s: float = 0.0  # seconds this one step has been running
    limit_s: float = 0.0  # seconds it may run before it counts as hung (0: no limit)
    rss_bytes: int = 0  # resident memory of the engine process (0: unknown)


# --- events made by the client itself, never sent through the pipe --------------------------------------


@dataclass(frozen=True, slots=True)
class EngineRestarted:
    """The engine died and a new one is up; the last model is being loaded again by request ``load_id``.

    Comes after a Failed for each request that was in flight.
    """

    reason: str  # one sentence for a person
    crashes: int  # in a row
    load_id: int | None = None  # None: no model had been loaded


@dataclass(frozen=True, slots=True)
class EngineStopped:
    """The engine died too often in a row and stays down until the next ``Client.load`` or
    ``Client.start``."""

    reason: str
    crashes: int


Event = (
    Ready
    | Loaded
    | Prepared
    | Progress
    | Token
    | Done
    | Prefilled
    | Recognised
    | Shifted
    | LearnStep
    | LearnDone
    | Evaluated
    | Benched
    | Failed
    | Pong
    | EngineRestarted
    | EngineStopped
)
