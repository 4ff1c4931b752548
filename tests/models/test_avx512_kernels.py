"""The AVX-512 kernels on a processor without AVX-512: compiled against SIMDe, they must pass their own self-check."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[2] / "models" / "native"
HERE = Path(__file__).parent / "native"
FLAGS = ("-std=c++17", "-O1", "-mavx2", "-mfma", "-mf16c", "-w", f"-I{NATIVE}")


def _missing() -> str:
    if platform.machine() not in ("x86_64", "AMD64"):
        return "another processor"
    if shutil.which("g++") is None:
        return "no g++"
    found = subprocess.run(
        ["g++", "-fsyntax-only", "-x", "c++", "-include", "simde/x86/avx512.h", "/dev/null"],
        capture_output=True,
        check=False,
    )
    return "no SIMDe (Debian: libsimde-dev)" if found.returncode else ""


@pytest.mark.skipif(bool(_missing()), reason=_missing() or "none")
@pytest.mark.timeout(1800)
def test_avx512_kernels_agree_with_the_plain_ones(tmp_path):
    objects = []
    for source, extra in (
        (NATIVE / "kernels_avx512.cpp", ("-include", str(HERE / "emulated_avx512.h"))),
        (NATIVE / "kernels_avx2.cpp", ()),
        (NATIVE / "kernels_plain.cpp", ()),
        (NATIVE / "choose.cpp", ()),
        (HERE / "check_kernels.cpp", ()),
    ):
        objects.append(tmp_path / f"{source.stem}.o")
        subprocess.run(["g++", *FLAGS, *extra, "-c", str(source), "-o", str(objects[-1])], check=True)
    program = tmp_path / "check"
    subprocess.run(["g++", *map(str, objects), "-o", str(program)], check=True)
    done = subprocess.run([str(program), "avx512"], capture_output=True, text=True, check=False)
    assert done.stdout == "avx512 agrees\n", done.stdout + done.stderr
