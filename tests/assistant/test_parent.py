"""Children end with their parent, whatever they are doing: in Python code, in C code that holds Python's lock, in torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import multiprocessing, sys, threading
import tests_children as children

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=children.body, args=(theirs, sys.argv[1]), daemon=True)
    if sys.argv[2] == "thread":  # one that has ended while the child lives
        starter = threading.Thread(target=child.start)
        starter.start()
        starter.join()
    else:
        child.start()
    theirs.close()
    print(child.pid, ours.recv(), flush=True)
    child.join()
"""
CHILDREN = """
def body(connection, work):
    from assistant import parent

    if work == "watched":  # as on systems where the kernel does not help
        parent._let_kernel_kill = lambda sentinel: None
    parent.end_with_parent()
    if work == "torch":
        import torch

        torch.set_num_threads(1)
        x = torch.ones(6000, 6000)
    connection.send("busy")
    if work in ("python", "watched"):
        while True:
            pass
    elif work == "locked":
        10 ** 10 ** 9  # one call into C that keeps Python's lock for hours
    else:
        while True:
            x @ x  # seconds each
"""


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"  # ended; the next parent up has yet to ask


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("work", ["python", "watched", "locked", "torch"])
@pytest.mark.parametrize("started_by", ["main", "thread"])
def test_a_child_ends_with_its_killed_parent(work: str, started_by: str, tmp_path: Path) -> None:
    (tmp_path / "tests_children.py").write_text(CHILDREN)
    (tmp_path / "parent.py").write_text(PARENT)
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py"), work, started_by],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": f"{tmp_path}:{root}"},
    )  # fmt: skip
    assert parent.stdout is not None
    pid = 0
    try:
        words = parent.stdout.readline().split()
        pid = int(words[0])
        assert words[1] == "busy"
        time.sleep(0.5)  # into the long call
        assert not gone(pid) and parent.poll() is None  # a parent that lives keeps it
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
        end = time.monotonic() + 30
        while not gone(pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert gone(pid)
    finally:
        parent.kill()
        parent.stdout.close()
        if pid and not gone(pid):
            os.kill(pid, signal.SIGKILL)
