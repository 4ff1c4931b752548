"""An engine client in memory that obeys the protocol: requests answered on a thread of its own, in order."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable

from assistant.engine.protocol import Done, Event, Failed, ModelInfo, Recognised, Token, Turn
from assistant.records import Generation, OtherReply, Recognition, ReplyDetails, Sampling

INFO = ModelInfo("fake", "Fake", 1, "float32", "cpu", 100, True, False, "eager", 0.0)


def generation(text: str, **fields) -> Generation:
    words = text.split(" ")
    values = {
        "model": "fake",
        "style": None,
        "prompt_tokens": 4,
        "completion_tokens": len(words),
        "ttft_s": 0.01,
        "tokens_per_s": 100.0,
        "finish": "stop",
        "seed": 7,
        "prompt_ids": (1, 2, 3, 4),
        "reply_ids": tuple(range(len(words))),
        "logprobs": tuple(-0.5 for _ in words),
    }
    return Generation(**{**values, **fields})


class FakeClient:
    """Replies with ``reply`` word by word; ``gate`` (if set) lets one word through for each release."""

    def __init__(self, reply: str = "a fine reply") -> None:
        self.on_event: Callable[[Event], None] = lambda event: None
        self.reply = reply
        self.gate: threading.Semaphore | None = None
        self.refuse_over = 1000  # characters of the last turn
        self.die_after: int | None = None  # words
        self.recognition: Recognition | None = Recognition((("tabby cat", 0.71),), "EXIT")
        self.why_unseen = "internal"  # the kind of failure where there is no recognition
        self.generated: list[tuple[tuple[Turn, ...], Sampling, dict]] = []
        self.recognised: list[str] = []
        self.prefills: list[tuple[tuple[Turn, ...], str | None]] = []
        self.cancelled: list[int] = []
        self._ids = itertools.count(1)
        self._cancelled: set[int] = set()
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._work.put(None)
        if self.gate is not None:
            self.gate.release(10_000)
        self._thread.join(timeout=10)

    def new_id(self) -> int:
        return next(self._ids)

    def generate(
        self, turns, sampling, *, style=None, style_name=None, steering=None, comparing="", id=None
    ) -> int:
        request = next(self._ids) if id is None else id
        self.generated.append(
            (turns, sampling, {"style": style, "style_name": style_name, "steering": steering})
        )
        explore = steering is not None and steering.explore
        self._work.put(lambda: self._generate(request, turns, explore))
        return request

    def prefill(self, turns, *, style=None, steering=None, id=None) -> int:
        self.prefills.append((tuple(turns), style))
        return self.new_id() if id is None else id

    def recognise(self, image: str, *, id: int | None = None) -> int:
        request = next(self._ids) if id is None else id
        self.recognised.append(image)
        self._work.put(lambda: self._recognise(request))
        return request

    def cancel(self, target: int) -> None:
        self._cancelled.add(target)
        self.cancelled.append(target)
        if self.gate is not None:
            self.gate.release()

    def _run(self) -> None:
        while (job := self._work.get()) is not None:
            job()

    def _recognise(self, request: int) -> None:
        if self.recognition is None:
            self.on_event(Failed(request, self.why_unseen, "The picture could not be looked at."))
        else:
            self.on_event(Recognised(request, self.recognition))

    def _generate(self, request: int, turns: tuple[Turn, ...], explore: bool) -> None:
        if len(turns[-1].text) > self.refuse_over:
            self.on_event(Failed(request, "bad_input", "The message is longer than the model can read."))
            return
        text = ""
        for count, word in enumerate(self.reply.split(" "), start=1):
            if self.gate is not None:
                self.gate.acquire()
            if request in self._cancelled:
                self.on_event(Done(request, text, generation(text, finish="cancelled")))
                return
            if self.die_after is not None and count > self.die_after:
                self.on_event(Failed(request, "internal", "The engine stopped and was started again."))
                return
            piece = word if count == 1 else " " + word
            text += piece
            self.on_event(Token(request, piece, count))
        other = OtherReply("Another reply", (7, 8), (-0.3, -0.4), "stop", 9) if explore else None
        self.on_event(Done(request, text, generation(text, details=ReplyDetails(arm_b=other))))
