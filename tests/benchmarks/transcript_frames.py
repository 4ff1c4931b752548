"""How long the GUI thread is held while a reply streams in, and how soon a long conversation is open.

    python tests/benchmarks/transcript_frames.py [--seconds 20] [--rate 200] [--messages 10000] [--json]

Every event the application handles is timed (the whole of ``QApplication.notify``, nested deliveries counted within the
outermost one). Text comes ``--rate`` tokens a second, a token being a word or a mark, from a timer that stands in for
the engine. The reply has prose, lists, code, a table and Chinese. Runs offscreen unless QT_QPA_PLATFORM is set.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from assistant.records import Message
from ui import theme
from ui.transcript.message_view import MessageView
from ui.transcript.view import TranscriptView

REPLY = """## How a letter is folded

A letter is folded **twice**, so that the first line is seen when it's opened; see `fold(2)` and *the margin*.

1. Lay it flat, the text towards you
2. Fold the lower third up
   - not too sharply
   - as straight as you can
3. Fold the upper third down

```python
def fold(paper: Paper, times: int = 2) -> Letter:
    # a crease at each third
    for third in range(times):
        paper = paper.crease(at=(third + 1) / 3)
    return Letter(paper, sealed=False)
```

| size | width | height |
|:-----|------:|-------:|
| A4 | 210 mm | 297 mm |
| A5 | 148 mm | 210 mm |

> Who folds well is read first.

信纸对折两次，第一行字就会先露出来。这样读信的人一打开就知道是谁写的。

"""


class TimedApplication(QApplication):
    """Notes how long each outermost event took, in milliseconds."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.took_ms: list[float] = []
        self.cpu_ms: list[
            float
        ] = []  # the same on the thread's own clock: what another process took doesn't count
        self._depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        self._depth += 1
        start, start_cpu = time.perf_counter(), time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            self._depth -= 1
            if self._depth == 0:
                self.took_ms.append(1000 * (time.perf_counter() - start))
                self.cpu_ms.append(1000 * (time.thread_time() - start_cpu))

    def clear(self) -> None:
        """Begin anew."""
        self.took_ms, self.cpu_ms = [], []


def spin(seconds: float) -> None:
    """Let events be handled for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


def message(number: int, role: str, text: str, state: str = "done") -> MessageView:
    return MessageView(
        Message(f"{number:032x}", "c" * 32, None, role, text, "2026-01-01T00:00:00Z", state=state)
    )


def summary(took_ms: list[float], least_ms: float = 0.0) -> dict[str, float]:
    """Count, 95th and 99th percentile, maximum, and how many took longer than a frame."""
    counted = sorted(value for value in took_ms if value >= least_ms)
    if len(counted) < 2:
        return {"events": len(counted)}
    cuts = statistics.quantiles(counted, n=100)
    return {
        "events": len(counted),
        "p95_ms": round(cuts[94], 2),
        "p99_ms": round(cuts[98], 2),
        "max_ms": round(counted[-1], 2),
        "over_16_ms": sum(value > 16 for value in counted),
    }


def stream(app: TimedApplication, view: TranscriptView, seconds: float, rate: int) -> dict[str, float]:
    """Stream a reply at ``rate`` tokens a second after a few messages."""
    view.show_messages([message(n, "user" if n % 2 == 0 else "assistant", REPLY) for n in range(6)])
    tokens = re.findall(r"\s*\S+|\s+$", REPLY * 40)
    view.begin_reply(message(100, "assistant", "", "streaming"))
    spin(0.5)
    written, start = 0, time.perf_counter()

    def more() -> None:
        nonlocal written
        due = min(len(tokens), int(rate * (time.perf_counter() - start)))
        for token in tokens[written:due]:
            view.append_text(f"{100:032x}", token)
        written = due

    timer = QTimer(interval=5)
    timer.timeout.connect(more)
    app.clear()
    timer.start()
    spin(seconds)
    timer.stop()
    busy, cpu = app.took_ms, app.cpu_ms
    text = "".join(tokens[:written])
    app.clear()
    view.finish_reply(message(100, "assistant", text))
    spin(0.5)
    # Events shorter than 0.05 ms are bookkeeping and would only flatter the percentiles.
    result = summary(busy, least_ms=0.05)
    result.update(
        {f"cpu_{key}": value for key, value in summary(cpu, least_ms=0.05).items() if key != "events"}
    )
    result.update(
        tokens=written,
        characters=len(text),
        busy_per_cent=round(sum(busy) / seconds / 10, 1),
        finish_max_ms=round(max(app.took_ms), 2),
    )
    return result


def opening(app: TimedApplication, view: TranscriptView, count: int) -> dict[str, float]:
    """Open a conversation of ``count`` messages, then page through part of it."""
    views = [
        message(n, "user" if n % 2 == 0 else "assistant", REPLY[: 200 + 97 * n % 900]) for n in range(count)
    ]
    view.show_messages([])
    spin(0.2)
    start = time.perf_counter()
    view.show_messages(views)
    shown_ms = 1000 * (time.perf_counter() - start)
    view.grab()
    painted_ms = 1000 * (time.perf_counter() - start)
    spin(0.3)
    app.clear()
    bar = view.message_list().verticalScrollBar()
    for _ in range(100):
        bar.setValue(bar.value() - 300)
        spin(0.02)
    wheel = summary(app.took_ms, least_ms=0.05)
    jumps = []
    for part in range(1, 30):
        begin = time.perf_counter()
        bar.setValue(int(bar.maximum() * part / 30))
        jumps.append(1000 * (time.perf_counter() - begin))
        spin(0.01)
    return {
        "messages": count,
        "shown_ms": round(shown_ms, 1),
        "painted_ms": round(painted_ms, 1),
        "widgets": len(view.message_list().widgets()),
        "scroll_p95_ms": wheel["p95_ms"],
        "scroll_max_ms": wheel["max_ms"],
        "jump_median_ms": round(statistics.median(jumps), 1),
        "jump_max_ms": round(max(jumps), 1),
    }


HOSTILE = {
    "one word": "w" * 64_000,
    "one line": "word " * 13_000,
    "a line a word": "word\n" * 13_000,
    "table 500 x 50": "|" + "a|" * 50 + "\n|" + "-|" * 50 + "\n" + ("|" + "b|" * 50 + "\n") * 500,
    "list": "- item\n" * 9_000,
    "quotes": "> " * 30_000,
    "nested lists": "".join("  " * n + "- x\n" for n in range(240)),
    "brackets": "[" * 64_000,
    "pictures": "![a](http://h/x)" * 4_000,
    "stars": "*a **b " * 9_000,
    "code": "```python\n" + "x = [1, 'two', 3.0]  # four\n" * 2_200 + "```\n",
    "code in one line": "```js\n" + "a=1;" * 16_000 + "\n```\n",
    "formulas": "$$" + "\\frac{a}{b}^" * 5_000 + "$$\n",
}


def hostile(app: TimedApplication, view: TranscriptView) -> dict[str, float]:
    """The longest time the GUI thread is held by each of some awkward messages of about 64 kB."""
    longest = {}
    for name, text in HOSTILE.items():
        view.show_messages([])
        spin(0.1)
        app.clear()
        start = time.thread_time()
        view.show_messages([message(1, "assistant", text)])
        app.cpu_ms.append(1000 * (time.thread_time() - start))
        widget = view.message_list().widgets()[0]
        until = time.perf_counter() + 10
        while not widget.body.is_complete() and time.perf_counter() < until:
            spin(0.02)
        spin(0.2)
        longest[name + " cpu_ms"] = round(max(app.cpu_ms), 1)
    return longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    app = TimedApplication(sys.argv[:1])
    theme.install(app, "light")
    view = TranscriptView()
    view.resize(1000, 760)
    view.show()
    spin(0.5)
    result = {
        "stream": stream(app, view, options.seconds, options.rate),
        "open": opening(app, view, options.messages),
        "hostile": hostile(app, view),
    }
    if options.json:
        print(json.dumps(result))
        return
    for name, values in result.items():
        print(name)
        for key, value in values.items():
            print(f"  {key:16} {value}")


if __name__ == "__main__":
    main()
