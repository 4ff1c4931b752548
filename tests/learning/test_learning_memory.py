"""An update gives its memory back: measured in a process of its own, on a tiny model that is wide enough for a leak to show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_model import make_tiny_model

ROOT = Path(__file__).resolve().parents[2]
MARGIN_MB = 60
CODE = """
import json, sys, threading, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from exhausting import drain
from learning_jobs import update_job
from assistant.learning import update
from models import loader

def memory(field):
    text = Path("/proc/self/status").read_text()
    return int(text.split(field + ":")[1].split()[0]) / 1024

model = loader.load(Path({folder!r}), model_id="tiny", threads=1)
found = []
for number in range(3):
    job = json.loads({job!r}) | {{"version": f"v{{number}}"}}
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    report = drain(update.run(update_job(job), model))
    assert report.steps > 0, report
    found.append((memory("VmHWM"), memory("VmRSS")))
print(json.dumps(found))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_returns_after_each_update(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "wide", hidden_size=768)
    signals = [
        {"id": str(i), "kind": "thumb", "value": 1 if i % 2 else -1, "at": f"{i:03d}", "conversation": str(i),
         "prompt": [{"role": "user", "text": f"p {i}"}],
         "reply": {"text": f"Thanks {i}!" if i % 2 else f"Some long reply of number {i} that goes on. " * 3}}
        for i in range(24)
    ]  # fmt: skip
    job = {
        "model": "tiny", "parent": None, "styles": str(tmp_path / "styles"), "signals": signals, "probe_tokens": 4,
        "hyper": {"epochs": 1, "practice_prompts": 2, "rollouts": 4, "reply_tokens": 48, "batch": 24},
    }  # fmt: skip
    code = CODE.format(tests=str(ROOT / "tests"), folder=str(folder), job=json.dumps(job))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    (_, first), _, (peak, last) = json.loads(done.stdout.strip().splitlines()[-1])
    assert peak - last > 2 * MARGIN_MB, "the update took too little for a leak to show"
    assert last - first < MARGIN_MB, f"{last - first:.0f} MB stayed after two further updates"
