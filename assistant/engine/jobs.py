"""What the engine does for each request, as generators of short steps. Runs on the engine's working
thread."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import importlib
import itertools
import logging
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.engine import protocol as p
from assistant.engine.outgoing import TokenStream
from assistant.engine.scheduler import Cancelled
from assistant.errors import BadInput
from assistant.records import Generation, Recognition, Sampling, Turn
from models import memory
from models.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from assistant.generation.prefix_cache import PrefixCaches
    from assistant.generation.reply import Piece, Reply
    from assistant.learning.training.policy import Step
    from models.loaded_model import LoadedModel

log = logging.getLogger(__name__)

_Report = TypeVar("_Report")
Asked = Callable[[], bool]  # whether the request was cancelled
_STEPS_A_TURN = (
    8  # tokens one side of a comparison writes before the other, where changing the style takes long
)
PREFILL_CHUNK = 64  # tokens read ahead in a step: how long a reply may have to wait
ROOM = 512  # tokens that a cache which is read ahead has room for beyond its own
_OBJECTS = 3  # names of a picture that are kept
_LEAST_PROBABILITY = 0.1
_FREE_SHARE = 0.95  # of the memory that the machine has free, at most


class Engine:
    """The loaded model and everything done with it. ``emit`` sends events; ``end_others`` ends jobs that use
    the model, with a reason, before it goes."""

    def __init__(self, emit: Callable[[Any], None], end_others: Callable[[str], None]) -> None:
        self._emit = emit
        self.limits_memory = False  # only in a process of its own: the limit is the whole process's
        self._end_others = end_others
        self._model: Any = None
        self._caches: PrefixCaches | None = None
        self._steering: Any = None
        self._stored: Any = None  # ``base_check.probe`` of the model as it came
        self._styles: dict[int, Path | None] = {}  # what each unfinished job last set the decoder's style to
        self._at: int | None = None  # the job whose step ran last
        self._loaded: p.Load | None = None  # what the model came from
        self._asleep = (
            False  # unloaded for want of work; the next request that needs the model loads it again
        )
        self._used = 0.0  # monotonic time of the last step
        self.learn_percent = (
            100  # of the time that learning may work: what is left of it takes that much longer
        )

    def import_libraries(self) -> Iterator[None]:
        """At start, while the person still looks at the window: most of the first load is importing."""
        for name in ("torch", "models.loader", "transformers", "assistant.generation.decode_loop"):
            importlib.import_module(name)
            yield

    def before_step(self, job_id: int) -> None:
        """Give a job back the style it left the decoder with: a reply may have come in between."""
        self._used = time.monotonic()
        if self._model is None or job_id == self._at:
            return
        if self._at is not None:
            self._styles[self._at] = self._current_style()
        self._at = job_id
        if job_id in self._styles and self._styles[job_id] != self._current_style():
            self._model.decoder.set_style(self._styles[job_id])

    def shed_memory(self) -> None:
        """After an out-of-memory error: free what can be made again."""
        if self._caches is not None:
            self._caches.clear()
        gc.collect()

    # --- models -----------------------------------------------------------------------------------------

    def prepare(self, request: p.Prepare, cancelled: Asked) -> None:
        """Make the starter folder (on a thread of its own)."""
        from models.starter import prepare

        folder = prepare(Path(request.models_dir), self._progress(request.id, cancelled))
        self._emit(p.Prepared(request.id, str(folder)))

    def load(self, request: p.Load, cancelled: Asked) -> Iterator[None]:
        """Unload the model before, load this one."""
        self._end_others("Another model was loaded meanwhile.")
        self._unload()
        self._loaded, self._asleep = None, False
        yield
        self._take_in(request, self._progress(request.id, cancelled))
        sampling = Sampling(**self._model.defaults.sampling.given())
        self._emit(p.Loaded(request.id, p.ModelInfo(**self._model.info(), sampling=sampling)))
        yield

    def _take_in(self, request: p.Load, progress: Callable[[str, float, float], None]) -> None:
        """Load the model; the one before must be gone."""
        from assistant.generation.guided_decoding import Steering
        from assistant.generation.prefix_cache import PrefixCaches
        from models.loader import load

        self._limit_memory(None)
        model = load(
            Path(request.folder),
            model_id=request.model,
            quantization=request.quantization,
            device=request.device,
            threads=request.threads,
            pictures=request.pictures,
            progress=progress,
        )
        self._stored = self._warm_up(model)
        self._limit_memory(model)
        self._model, self._steering = model, Steering(model)
        self._caches = PrefixCaches(model.context_length)
        self._loaded, self._asleep = request, False
        log.info("loaded %s: %s", request.model, {k: v for k, v in model.info().items() if k != "name"})

    def _limit_memory(self, model: LoadedModel | None) -> None:
        """Before loading (None): no more than the machine has free. With a model: no more than work with it needs.

        A hostile template or tokenizer then fails, and the machine goes on.
        """
        free = memory.available_bytes()
        if not self.limits_memory or free is None or (model is not None and model.device != "cpu"):
            return
        most = int(free * _FREE_SHARE)
        memory.limit(most if model is None else min(most, model.working_bytes()))

    def _unload(self) -> None:
        had_one = self._model is not None
        self._model = self._caches = self._steering = self._at = None
        self._styles.clear()
        gc.collect()
        if had_one:
            from models.loader import free_memory

            free_memory()

    def sleep_if_idle(self) -> None:
        """Give the model's memory back when nothing has needed it for as long as its Load allowed."""
        wait_s = self._loaded.idle_unload_s if self._loaded is not None else 0.0
        if self._model is not None and wait_s > 0 and time.monotonic() - self._used >= wait_s:
            self._unload()
            self._asleep = True
            log.info(
                "unloaded %s after %.0f s without work", self._loaded.model if self._loaded else "", wait_s
            )

    def _wake(self) -> None:
        """Load again what was unloaded for want of work. Raises ModelError when it can't be any more."""
        if self._asleep and self._loaded is not None:
            self._take_in(self._loaded, lambda phase, done, total: None)

    def _warm_up(self, model: LoadedModel) -> Tensor:
        """A few tokens through the decoder: buffers and thread pools are there before the first reply.

        Their logits (vocab,) are those of the model as it is stored: no style has been on yet.
        """
        from assistant.generation.scoring import probe

        return probe(model.decoder)

    def _require(self) -> Any:
        self._wake()
        if self._model is None:
            raise ModelError("No model is loaded; choose one first.")
        return self._model

    def _current_style(self) -> Path | None:
        """The adapter the decoder has on now (learning may have set one of its own)."""
        style: Path | None = self._model.decoder.style
        return style

    def _progress(self, id: int, cancelled: Asked) -> Callable[[str, float, float], None]:
        """Progress events, at most twenty a second within a phase; raises when the request was cancelled."""
        last: tuple[str, float] = ("", 0.0)

        def progress(phase: str, done: float = 0.0, total: float = 0.0) -> None:
            nonlocal last
            if cancelled():
                raise Cancelled("Stopped.")
            now = time.monotonic()
            if phase != last[0] or now - last[1] > 0.05 or done >= total > 0:
                last = (phase, now)
                self._emit(p.Progress(id, phase, float(done), float(total)))

        return progress

    # --- replies ----------------------------------------------------------------------------------------

    def generate(self, request: p.Generate, cancelled: Asked) -> Iterator[None]:
        """Write a reply. The clock starts here, when the request came in, not when its turn came."""
        return self._generate(request, cancelled, time.monotonic())

    def _generate(self, request: p.Generate, cancelled: Asked, started: float) -> Iterator[None]:
        from assistant import prompt as prompts
        from assistant.generation import sampling
        from assistant.generation.reply import Reply

        model = self._require()
        sampling.check(request.sampling)
        if cancelled():
            none = Reply("", (), (), "cancelled", sampling.fresh_seed(request.sampling), 0)
            self._emit(self._done(request, none, 0, ()))
            return
        request, begun = going_on(request, model)
        card = style_card(request, model)
        turns = prompts.with_card(request.turns, card, model)
        longest = prompts.longest_before(begun, model.context_length, request.sampling.max_tokens)
        prompt, inputs = prompts.inputs_of(turns, model, request.sampling.max_tokens, longest)
        request = as_asked(request)
        self._set_style(Path(request.style) if request.style else None)
        yield
        stream = TokenStream(request.id, self._emit)
        steps = self._writing(request, inputs, cancelled, started, begun)
        at_once = _STEPS_A_TURN if request.comparing and model.decoder.name == "transformers" else 1
        for number in itertools.count(1):
            try:
                stream.add(next(steps))
            except StopIteration as end:
                reply: Reply = end.value
                break
            if number % at_once == 0:
                yield
        stream.finish(reply.text)
        if card:
            details = dataclasses.replace(reply.details, style_card=card)
            reply = dataclasses.replace(reply, details=details)
        if prompt.files:
            reply = dataclasses.replace(reply, details=dataclasses.replace(reply.details, files=prompt.files))
        if begun:
            reply = dataclasses.replace(reply, ids=(*begun, *reply.ids))
        self._emit(self._done(request, reply, prompt.dropped_turns, tuple(inputs.ids[0].tolist())))

    def prefill(self, request: p.Prefill, cancelled: Asked) -> Iterator[None]:
        """Read what the next prompt will begin with, a chunk per step; the cache is put back after each, for a reply that
        is asked for meanwhile. A model that went to sleep is left asleep, and pictures are left to the reply."""
        from assistant import prompt as prompts
        from assistant.generation.prefix_cache import common

        model, caches, read = self._model, self._caches, 0
        if (
            model is not None
            and caches is not None
            and not any(turn.images or turn.sounds for turn in request.turns)
        ):
            asked = [
                p.Generate(request.id, (*request.turns, Turn("user", text)), Sampling(), request.style, None, request.steering)
                for text in ("x", "y")
            ]  # fmt: skip
            both = []
            for one in asked:
                turns = prompts.with_card(one.turns, style_card(one, model), model)
                both.append(prompts.inputs_of(turns, model, one.sampling.max_tokens)[1])
            inputs, length = both[0], common(both[0].keys, both[1].keys)
            style = Path(request.style) if request.style else None
            self._set_style(style)
            keys = inputs.keys[:length]
            while (read := caches.shared(request.style, keys)) < length and not cancelled():
                cache, reused = caches.take(
                    request.style, (*keys, None), lambda: model.decoder.new_cache(1, length + ROOM)
                )
                read = min(length, reused + PREFILL_CHUNK)
                model.decoder.forward(cache, inputs.ids[:, reused:read])
                caches.give(request.style, keys[:read], cache)
                yield
                if self._model is not model or self._caches is not caches:
                    break
        self._emit(p.Prefilled(request.id, read))

    def _writing(
        self,
        request: p.Generate,
        inputs: Any,
        cancelled: Asked,
        started: float,
        begun: tuple[int, ...] = (),
    ) -> Generator[Piece, None, Reply]:
        """The steps of a reply: under the user's head, or as one side of a comparison."""
        from assistant.generation.decode_loop import generate
        from assistant.generation.scoring import BaseCheck
        from assistant.learning import request as learned_request

        given: dict[str, Any] = {"caches": self._caches, "style": request.style}
        given |= {"cancelled": cancelled, "started": started}
        if request.comparing != "base":
            given["speculate"] = not request.comparing  # drafts would make the pace uneven
            given["asked"] = learned_request.read(request.turns[-1].text)
            reply: Reply = yield from self._steering.write(
                inputs, request.sampling, request.steering, begun=begun, **given
            )
            return reply
        check = BaseCheck(self._model.decoder, self._stored)
        yield from check.prepare(inputs, cancelled)
        reply = yield from generate(
            self._model, inputs, request.sampling, hook=check.hook, speculate=False, **given
        )
        details = dataclasses.replace(reply.details, base_check=check.result())
        return dataclasses.replace(reply, details=details)

    def _set_style(self, folder: Path | None) -> None:
        if folder is not None and not folder.is_dir():
            raise BadInput(
                f"The style version in {folder.name} is gone; choose another or switch the style off."
            )
        self._model.decoder.set_style(folder)

    def _done(self, request: p.Generate, reply: Reply, dropped: int, prompt_ids: tuple[int, ...]) -> p.Done:
        generation = Generation(
            model=self._model.id,
            style=request.style_name if request.style else None,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=len(reply.ids),
            ttft_s=round(reply.ttft_s, 4),
            tokens_per_s=round(reply.tokens_per_s, 2),
            finish=reply.finish,
            seed=reply.seed,
            dropped_turns=dropped,
            prompt_ids=prompt_ids,
            reply_ids=reply.ids,
            logprobs=tuple(round(value, 5) for value in reply.logprobs),
            details=reply.details,
        )
        return p.Done(request.id, reply.text, generation)

    # --- looking, measuring, learning -------------------------------------------------------------------

    def recognise(self, request: p.Recognise, cancelled: Asked) -> Iterator[None]:
        """Objects by the model's own classifier (if it has one), text by OCR."""
        from assistant.prompt import open_picture
        from models.perception.ocr import read_text

        objects: tuple[tuple[str, float], ...] = ()
        picture = open_picture(request.image)
        self._wake()
        if self._model is not None:
            found = self._model.classify(picture) or ()
            objects = tuple(
                (str(name), round(float(probability), 4))
                for name, probability in found[:_OBJECTS]
                if probability >= _LEAST_PROBABILITY
            )
        yield
        text = read_text(request.image)
        self._emit(p.Recognised(request.id, Recognition(objects, text)))

    def reread(self, request: p.Reread, cancelled: Asked) -> Iterator[None]:
        """How far the style moved each token of a reply."""
        from assistant import prompt as prompts
        from assistant.generation import scoring
        from models.inputs import of_ids

        model = self._require()
        given = request.reply
        inputs = of_ids(given.prompt_ids)
        if any(turn.images or turn.sounds for turn in given.turns):
            _, inputs = prompts.inputs_of(given.turns, model, len(given.reply_ids) + 1)
            if tuple(inputs.ids[0].tolist()) != given.prompt_ids:
                raise BadInput("What came before this reply has changed since, so it cannot be read again.")
        style = Path(given.style)
        if not style.is_dir():
            raise BadInput("The style version that wrote this reply is gone, so it cannot be compared.")
        read = scoring.read_twice(model, inputs, given.reply_ids, given.ended, self._set_style, style)
        self._emit(p.Shifted(request.id, (yield from read)))

    def bench(self, request: p.Bench, cancelled: Asked) -> Iterator[None]:
        """The model's own measurements; one long step."""
        from models.benchmark import bench

        report = bench.run(self._require(), request.options, self._progress(request.id, cancelled))
        self._emit(p.Benched(request.id, report))
        yield

    def learn(self, request: p.Learn, cancelled: Asked) -> Iterator[None]:
        """One personalisation update, a short step at a time."""
        from assistant.learning import update

        report = yield from self._told(request.id, update.run(request.job, self._require()))
        self._emit(p.LearnDone(request.id, report))

    def evaluate(self, request: p.Evaluate, cancelled: Asked) -> Iterator[None]:
        """The style in use against the base model, a short step at a time."""
        from assistant.learning.checks import evaluation

        report = yield from self._told(request.id, evaluation.run(request.job, self._require()))
        self._emit(p.Evaluated(request.id, report))

    def _told(self, id: int, steps: Generator[Step, None, _Report]) -> Generator[None, None, _Report]:
        """Each step of learning is told to the front; ends with what ``steps`` returns, and closes it if we are closed."""
        with contextlib.closing(steps):
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    report: _Report = end.value
                    return report
                left = step.seconds_left * 100 / max(1, self.learn_percent)
                self._emit(p.LearnStep(id, step.phase, step.step, step.steps, step.reward, step.kl, left))
                yield


def going_on(request: p.Generate, model: LoadedModel) -> tuple[p.Generate, tuple[int, ...]]:
    """A request that ends with a reply's beginning without it, and that beginning as token ids (else none)."""
    from models.chat_template import control_tokens, defuse

    if len(request.turns) < 2 or request.turns[-1].role != "assistant" or request.comparing:
        return request, ()
    text = defuse(request.turns[-1].text, control_tokens(model.tokenizer))
    begun = tuple(model.tokenize(text))
    return dataclasses.replace(request, turns=request.turns[:-1]), begun


def as_asked(request: p.Generate) -> p.Generate:
    """Without the trained style where the message itself asks for the opposite of what that style has learned."""
    from assistant.learning import guidance
    from assistant.learning import request as learned_request

    head = guidance.from_request(request.steering) if request.style and not request.comparing else None
    if head is None or not head.leaves_out_style(learned_request.read(request.turns[-1].text)):
        return request
    return dataclasses.replace(request, style=None, style_name=None)


def style_card(request: p.Generate, model: LoadedModel) -> str:
    """The card for this message: of models that follow one, and where it was not switched off. Chats with pictures have none."""
    from assistant.learning import style_card as cards

    if request.steering is None or any(turn.images or turn.sounds for turn in request.turns):
        return ""
    return cards.for_message(request.steering.card, model, request.turns[-1].text)
