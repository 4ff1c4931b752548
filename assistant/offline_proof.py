"""Proof that Attune works without a network and does not try to use one: ``attune doctor --offline-proof``.

The program's own commands are run on a data folder made for this: a chat, a picture, ratings, an update of the style, a
search. Where the system allows it, each runs in a network namespace of its own without any way out (``unshare -rn``), whose
kernel counts what was tried; where ``strace`` is installed, each call that opens a connection is listed as well. Before that
a download is asked for on purpose: it has to be noticed, or the proof would prove nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AttuneError

TRIES = re.compile(r"(connect|sendto|sendmsg|sendmmsg)\(.*(AF_INET6?),.*")
_LOOPBACK = re.compile(r'"127\.|"::1"')
# A block of addresses for documentation (RFC 5737): nobody has them.
NOBODY = "http://192.0.2.1"
_STEP_S = 1800.0
_COUNTERS = "cat /proc/net/snmp /proc/net/snmp6"
_SETTINGS = {"learn_when": "off", "fetch_default": "no"}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    worked: bool
    seconds: float
    said: str  # the beginning of what it answered
    tries: tuple[str, ...]  # calls that would leave this computer, as strace lists them
    counted: int  # that the kernel counted


@dataclass(frozen=True, slots=True)
class Proof:
    cut: bool  # every step ran without a network
    traced: bool  # every step's calls were listed
    control: Step | None  # the download asked for on purpose
    steps: tuple[Step, ...]
    left_out: tuple[str, ...]  # a sentence for each thing that could not be shown here

    @property
    def noticed(self) -> bool:
        """Was the download that was asked for on purpose seen? True where none could be."""
        return self.control is None or bool(self.control.tries or self.control.counted)

    @property
    def holds(self) -> bool:
        worked = all(step.worked and not step.tries and not step.counted for step in self.steps)
        return worked and self.noticed and bool(self.steps)


def can_cut() -> bool:
    """Can a command be run without any network here?"""
    return sys.platform == "linux" and _runs("unshare", "-rn", "true")


def can_trace() -> bool:
    return sys.platform == "linux" and _runs("strace", "-qq", "-e", "trace=none", "true")


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def prove(
    program: Sequence[str],
    models: Path,
    model: str,
    tell: Callable[[Step], None] = lambda _step: None,
    *,
    learning: bool = True,
) -> Proof:
    """Run the proof with the commands of ``program`` and a model from the folder ``models``. Raises AttuneError."""
    cut, traced = can_cut(), can_trace()
    left_out = []
    if not cut:
        left_out.append("This system does not let the network be cut off for a command (unshare -rn).")
    if not traced:
        left_out.append("strace is not installed, so the calls of the program could not be listed.")
    if not (cut or traced):
        raise AttuneError(" ".join([*left_out, "Nothing can be shown here."]))
    with tempfile.TemporaryDirectory(prefix="attune-proof-") as folder:
        place = Path(folder)
        home = place / "data"
        _link(models / model, home / "models" / model)
        (home / "settings.json").write_text(json.dumps({**_SETTINGS, "model": model, "model_chosen": True}))
        run = _Runner(program, home, place, cut=cut, traced=traced)
        control = None
        if cut:  # else it would really go out
            asked = ["models", "get", "attune/on-purpose", "--mirror", NOBODY]
            control = run("a download asked for on purpose", asked)
            tell(control)
        else:
            left_out.append("No download was tried on purpose, since it would have left this computer.")
        steps = []
        for name, arguments in _commands(place, run, learning=learning):
            steps.append(run(name, arguments))
            tell(steps[-1])
        return Proof(cut, traced, control, tuple(steps), tuple(left_out))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except OSError:  # another disk, or one without links
        shutil.rmtree(target, ignore_errors=True)
        try:
            shutil.copytree(source, target)
        except OSError as error:
            raise AttuneError(f"The model could not be copied: {error.strerror or error}.") from error


def _commands(place: Path, run: _Runner, *, learning: bool) -> Iterator[tuple[str, list[str]]]:
    from PIL import Image, ImageDraw

    yield "chat", ["chat", "Write one sentence about a lake.", "--max-tokens", "24", "--json"]
    image = Image.new("RGB", (320, 200), "white")
    ImageDraw.Draw(image).ellipse((90, 40, 210, 160), fill=(200, 30, 30))
    image.save(place / "circle.png")
    asked = "What is in this picture?"
    yield "picture", ["chat", asked, "--image", str(place / "circle.png"), "--max-tokens", "24", "--json"]
    reply = run.answer.get("message", "")
    yield "rating", ["rate", str(reply), "up", "--json"]
    lines = [
        {
            "prompt": f"Say something about {thing}.",
            "chosen": f"{thing} is nice.",
            "rejected": f"{thing} is nice! " * 6,
        }
        for thing in ("rain", "bread", "a bridge", "snow", "a train", "tea", "paper", "a garden")
    ]
    (place / "ratings.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    yield "more ratings", ["ratings", "import", str(place / "ratings.jsonl"), "--json"]
    if learning:
        yield "learning", ["learn", "--json"]
    yield "search", ["search", "lake", "--json"]
    yield "export", ["export", str(place / "all.json"), "--json"]


class _Runner:
    """Runs one command of the program after the other and looks at what each tried."""

    def __init__(self, program: Sequence[str], home: Path, place: Path, *, cut: bool, traced: bool) -> None:
        self._program, self._home, self._place = list(program), home, place
        self._cut, self._traced = cut, traced
        self.answer: dict[str, object] = {}  # of the last command, if it was JSON

    def __call__(self, name: str, arguments: Sequence[str]) -> Step:
        trace, counted = self._place / "trace", self._place / "counted"
        for file in (trace, counted):
            file.unlink(missing_ok=True)
        command = [*self._program, *arguments, "--data-dir", str(self._home)]
        if self._traced:
            calls = "trace=connect,sendto,sendmsg,sendmmsg"
            command = ["strace", "-f", "-qq", "-s", "64", "-e", calls, "-o", str(trace), *command]
        if self._cut:
            # The counters are of the namespace, which is there as long as this shell.
            script = f'"$@"; code=$?; {_COUNTERS} > "$COUNTED" 2>/dev/null; exit $code'
            command = ["unshare", "-rn", "sh", "-c", script, "sh", *command]
        began = time.monotonic()
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_STEP_S,
                env={**os.environ, "COUNTED": str(counted)},
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise AttuneError(f"The command could not be run: {' '.join(arguments[:2])}.") from error
        said = done.stdout.strip() or done.stderr.strip()
        self.answer = _json(done.stdout)
        return Step(
            name,
            done.returncode == 0,
            time.monotonic() - began,
            " ".join(said.split())[:200],
            tuple(_tries(trace)),
            _no_route(counted),
        )


def _json(text: str) -> dict[str, object]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _tries(trace: Path) -> Iterator[str]:
    """The calls that would reach another computer; sockets between the program's own processes are none."""
    try:
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        if TRIES.search(line) and not _LOOPBACK.search(line):
            yield line[:300]


def _no_route(counted: Path) -> int:
    """What was asked of the kernel of a namespace without a network: every packet that found no way out."""
    try:
        lines = counted.read_text().splitlines()
    except OSError:
        return 0
    total = 0
    heads: list[str] = []
    for line in lines:
        words = line.split()
        if line.startswith("Ip6OutNoRoutes"):
            total += int(words[1])
        elif line.startswith("Ip:"):
            if heads:
                total += int(words[heads.index("OutNoRoutes")]) if "OutNoRoutes" in heads else 0
                heads = []
            else:
                heads = words
    return total
