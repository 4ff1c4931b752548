"""What this machine has, what will run on it, and what is wrong. Loads neither torch nor Qt.

Every finding is a fact with a name; a problem is one sentence with what to do about it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path
from typing import Any

from assistant import qt_libraries
from assistant.errors import AttuneError
from assistant.paths import DataPaths
from models import memory

LOW_DISK_BYTES = 2_000_000_000
STARTER_MEMORY_BYTES = 1_500_000_000  # engine and window with the starter, with room to learn
SAFE_SQLITE = (3, 51, 3)  # before it, two connections could corrupt a WAL


@dataclass
class Report:
    """Facts by name, and sentences about what is wrong (``problems``) or could be better (``hints``)."""

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


def examine(paths: DataPaths) -> Report:
    """Look at everything. Raises nothing that a person should not see."""
    report = Report()
    _python(report)
    _processor(report)
    _memory(report)
    _gpu(report)
    _data_folder(report, paths)
    _sqlite(report)
    _models(report, paths)
    _window(report)
    return report


def _python(report: Report) -> None:
    report.facts["system"] = f"{platform.system()} {platform.release()} {platform.machine()}"
    report.facts["python"] = platform.python_version()
    for package, wanted in (("torch", "2.13.0"), ("transformers", ""), ("PySide6-Essentials", "")):
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            report.facts[package] = None
            report.problems.append(f"The package {package} is not installed; run python3 dev.py run again.")
            continue
        report.facts[package] = found
        if wanted and found.split("+")[0] != wanted:
            report.problems.append(f"{package} {wanted} is needed; {found} is installed.")


def _processor(report: Report) -> None:
    from models.thread_count import physical_cores

    flags = _cpu_flags()
    wanted = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "asimddp", "i8mm")
    report.facts["processor"] = _cpu_name()
    report.facts["cores"] = physical_cores()
    report.facts["processor_features"] = [name for name in wanted if name in flags]
    if flags and platform.machine().lower() in ("x86_64", "amd64") and "avx2" not in flags:
        report.hints.append("This processor has no AVX2: replies will be slow.")


def _cpu_flags() -> set[str]:
    if sys.platform == "darwin":
        names = {"hw.optional.arm.FEAT_DotProd": "asimddp", "hw.optional.arm.FEAT_I8MM": "i8mm"}
        names["hw.optional.avx2_0"] = "avx2"
        return {flag for name, flag in names.items() if _sysctl(name) == "1"}
    for line in _lines("/proc/cpuinfo"):
        if line.startswith(("flags", "Features")):
            return set(line.split(":", 1)[1].split())
    return set()


def _cpu_name() -> str:
    if sys.platform == "darwin":
        return _sysctl("machdep.cpu.brand_string")
    for line in _lines("/proc/cpuinfo"):
        if line.startswith(("model name", "Hardware")):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _sysctl(name: str) -> str:
    return _output("/usr/sbin/sysctl", "-n", name)


def _output(*command: str) -> str:
    """What a program prints; empty if it is missing, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _memory(report: Report) -> None:
    total, free = memory.total_bytes(), memory.available_bytes()
    report.facts["memory_bytes"] = total
    report.facts["memory_free_bytes"] = free
    if free is not None and free < STARTER_MEMORY_BYTES:
        report.problems.append(
            f"Only {free / 1e9:.1f} GB of memory are free; the starter model needs "
            f"about {STARTER_MEMORY_BYTES / 1e9:.1f} GB, so close other programs first."
        )


def _gpu(report: Report) -> None:
    """Named by the driver's own tool; whether torch can use it shows when a model is loaded."""
    listed = _output("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    report.facts["gpu"] = listed.splitlines() if listed else []
    if sys.platform == "darwin" and platform.machine() == "arm64":
        report.facts["gpu"] = ["Apple GPU (Metal)"]


def _data_folder(report: Report, paths: DataPaths) -> None:
    report.facts["data_folder"] = str(paths.root)
    try:
        paths.ensure()
        free = shutil.disk_usage(paths.root).free
    except AttuneError as error:
        report.problems.append(str(error))
        return
    except OSError as error:
        report.problems.append(f"The data folder {paths.root} cannot be read: {error.strerror}.")
        return
    _contents(report, paths)
    report.facts["data_folder_bytes"] = _size(paths.root)
    report.facts["disk_free_bytes"] = free
    if free < LOW_DISK_BYTES:
        report.problems.append(f"Only {free / 1e9:.1f} GB of disk space are free for the data folder.")


def _contents(report: Report, paths: DataPaths) -> None:
    """Is everything as it was written, and can it be used? Opening it does what every command does first."""
    from assistant.store import Store, health

    if not paths.database.exists():
        return
    try:
        report.problems += health.examine(paths)
        with Store.open(paths) as store:
            conversations = store.conversations(1)
            if conversations:
                store.branch(conversations[0].leaf_id)
            if store.notice and not report.problems:
                report.problems.append(store.notice)
    except AttuneError as error:
        report.problems.append(str(error))


def _size(folder: Path) -> int:
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue  # it went away meanwhile
    return total


def _sqlite(report: Report) -> None:
    from sqlite_utils.utils import sqlite3

    version: str = sqlite3.sqlite_version
    report.facts["sqlite"] = version
    if tuple(int(part) for part in version.split(".")) < SAFE_SQLITE:
        report.hints.append(f"SQLite {version} is old; Attune works with it as the only writer.")


def _models(report: Report, paths: DataPaths) -> None:
    from models.fetch.recommend import recommend, this_machine
    from models.starter import STARTER_ID, is_prepared, source_available

    advice = recommend(this_machine(paths.models))
    report.facts["recommended_model"] = advice.entry.id
    report.facts["recommended_because"] = advice.why
    if advice.entry.id != STARTER_ID and not (paths.models / advice.entry.id).exists():
        report.hints.append(
            f"The best model for this machine is {advice.entry.name}: attune models get {advice.entry.id}."
        )

    ready = is_prepared(paths.models)
    at_hand = ready or source_available(paths.models / ".sources")
    report.facts["starter"] = "ready" if ready else "can be prepared" if at_hand else "must be fetched"
    report.facts["text_recognition"] = util.find_spec("faster_paddle") is not None
    if not at_hand:
        report.hints.append("The starter model is not here yet: attune models get starter.")
    if not report.facts["text_recognition"]:
        report.problems.append("The package faster-paddle is missing: text in pictures cannot be read.")


def _window(report: Report) -> None:
    report.facts["display"] = qt_libraries.has_display()
    missing = qt_libraries.missing(with_x11=bool(os.environ.get("DISPLAY")))
    report.facts["qt_libraries_missing"] = missing
    if missing:
        report.problems.append(f"Qt needs system libraries: sudo apt-get install {' '.join(missing)}.")
    if not report.facts["display"]:
        report.hints.append("There is no display here: the commands work, the window cannot open.")
