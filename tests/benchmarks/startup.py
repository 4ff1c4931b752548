"""Start-up as a user feels it, measured: `python tests/benchmarks/startup.py [--data-dir DIR] [--rounds N]
[--write docs/performance.md]`.

Starts the real window in a process of its own and prints a table: time to a visible window, to a loaded model,
to the first token of a first reply, tokens a second, memory and idle processor time of both processes. The starter must be
prepared already (attune models get starter), or its preparation is in the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from docs_section import write_section

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PROMPT = "Write three sentences about the sea."
# Runs inside the window's process; prints one JSON line. The clock is the parent's: time.time() at its start.
PROBE = """
import json, multiprocessing, sys, time
from pathlib import Path

def main(started, root):
    from PySide6.QtCore import QEvent, QObject, QTimer
    from assistant import settings as settings_file
    from assistant.paths import DataPaths
    from ui import app as program, i18n, theme
    from ui.main_window import MainWindow

    app = program.application()
    paths = DataPaths(Path(root)).ensure()
    settings = settings_file.load(paths.settings)
    i18n.install(app, settings.language)
    theme.install(app, settings.theme, settings.zoom)
    window = MainWindow(paths, settings, offline=True)
    shown = {}

    class Watch(QObject):
        def eventFilter(self, target, event):
            if target is window and event.type() == QEvent.Type.Paint and not shown:
                shown["visible_s"] = time.time() - started
                print(json.dumps(shown), flush=True)
            return False

    watch = Watch()
    app.installEventFilter(watch)
    window.show()
    QTimer.singleShot(0, window.start)
    QTimer.singleShot(600_000, app.quit)
    return app.exec()

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(main(float(sys.argv[1]), sys.argv[2]))
"""


def window_figures(data_dir: Path) -> dict[str, float]:
    """Seconds to the first paint, and resident bytes of the window process and of its engine once it is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.py"
        probe.write_text(PROBE, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, str(probe), str(time.time()), str(data_dir)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise SystemExit("The window did not open.")
            figures: dict[str, float] = json.loads(line)
            window = psutil.Process(process.pid)
            engine_bytes = steady_engine_bytes(window)
            figures["window_bytes"] = window.memory_info().rss
            figures["engine_bytes"] = engine_bytes
            figures["idle_percent"] = idle_percent(window)
            return figures
        finally:
            process.terminate()
            process.wait(30)


def idle_percent(window: psutil.Process, seconds: float = 20.0) -> float:
    """Processor time of the window and its children while nobody does anything, in percent of one core."""

    def spent() -> float:
        times = [process.cpu_times() for process in (window, *window.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    before = spent()
    time.sleep(seconds)
    return 100 * (spent() - before) / seconds


def steady_engine_bytes(window: psutil.Process, timeout_s: float = 120.0) -> float:
    """Memory of the largest child once it has not grown for five seconds (the model is loaded)."""
    end, last, since = time.time() + timeout_s, 0.0, time.time()
    while time.time() < end:
        time.sleep(0.5)
        sizes = [child.memory_info().rss for child in window.children(recursive=True)]
        now = max(sizes, default=0)
        if now > last * 1.02:
            last, since = now, time.time()
        if last > 200e6 and time.time() - since > 5:
            break
    return last


def ready_s(data_dir: Path) -> float:
    """Seconds from starting an engine process to its model being loaded."""
    from assistant.engine.client import Client

    started = time.time()
    client = Client(None, lambda event: None)
    client.start()
    try:
        client.result(client.load(data_dir / "models" / "starter", "starter"), 300.0)
        return time.time() - started
    finally:
        client.shutdown()


def chat_figures(data_dir: Path) -> dict[str, float]:
    """A first `attune chat` in a fresh process: seconds from its start to its end, and what the engine measured."""
    started = time.time()
    command = [sys.executable, "-m", "ui.launch", "--data-dir", str(data_dir), "--offline", "chat", "--json"]
    done = subprocess.run(
        [*command, "--seed", "1", "--max-tokens", "64", PROMPT], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    said = json.loads(done.stdout)
    total = time.time() - started
    writing = said["completion_tokens"] / max(said["tokens_per_s"], 1e-9)
    return {
        "first_token_cold_s": total - writing,
        "ttft_s": said["ttft_s"],
        "tokens_per_s": said["tokens_per_s"],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, help="with the starter prepared (default: a fresh one)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data_dir = arguments.data_dir or Path(scratch)
        chat_figures(data_dir)  # prepares the starter where it is missing, and warms the disk cache
        rounds = [
            {**window_figures(data_dir), "ready_s": ready_s(data_dir), **chat_figures(data_dir)}
            for _ in range(arguments.rounds)
        ]
    names = {
        "visible_s": ("window visible", "s", 1.0),
        "ready_s": ("engine started to starter loaded", "s", 1.0),
        "first_token_cold_s": ("process start to first token (attune chat)", "s", 1.0),
        "ttft_s": ("first token, model loaded", "s", 1.0),
        "tokens_per_s": ("writing", "tokens/s", 1.0),
        "idle_percent": ("processor while idle, both processes", "%", 1.0),
        "window_bytes": ("memory of the window process", "MB", 1e-6),
        "engine_bytes": ("memory of the engine process", "MB", 1e-6),
    }
    lines = [f"| what | median of {len(rounds)} | least | most |", "|---|---|---|---|"]
    for key, (name, unit, factor) in names.items():
        values = [entry[key] * factor for entry in rounds]
        shown = [
            f"{value:.2f}" if unit in ("s", "%") else f"{value:.0f}"
            for value in (statistics.median(values), min(values), max(values))
        ]
        lines.append(f"| {name} | {shown[0]} {unit} | {shown[1]} | {shown[2]} |")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    lines += ["", f"Load average at the end {load}."]
    print("\n".join(lines))
    if arguments.write:
        write_section(arguments.write, "startup", "\n".join(lines))


if __name__ == "__main__":
    main()
