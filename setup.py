"""Builds the optional native decode step; everything else about the package is in pyproject.toml.

The result is a plain shared library that Python loads with ctypes. Where there is no C++ compiler the build goes on
without it and the decoder in plain torch is used.
"""

import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

NATIVE = "models/native/"


class BuildLibrary(build_ext):
    """Builds a library without a Python module's initialiser."""

    def get_export_symbols(self, ext: Extension) -> list[str]:
        return []


flags = (
    ["/O2", "/std:c++17", "/EHsc"]
    if sys.platform == "win32"
    else ["-O3", "-std=c++17", "-fvisibility=hidden"]
)
setup(
    cmdclass={"build_ext": BuildLibrary},
    ext_modules=[
        Extension(
            "models.native._step",
            [
                NATIVE + name
                for name in (
                    "step.cpp",
                    "choose.cpp",
                    "pack.cpp",
                    "shortlist.cpp",
                    "probe.cpp",
                    "kernels_plain.cpp",
                    "kernels_avx2.cpp",
                    "kernels_avx512.cpp",
                )
            ],
            depends=[
                NATIVE + name
                for name in (
                    "step.h",
                    "choose.h",
                    "shortlist.h",
                    "threads.h",
                    "kernels.h",
                    "kernels_vector.inc",
                    "kernels_x86.inc",
                    "kernels_products.inc",
                    "tiles.h",
                    "target_begin.h",
                    "target_end.h",
                    "x86_features.h",
                )
            ],
            language="c++",
            extra_compile_args=flags,
            extra_link_args=[] if sys.platform == "win32" else ["-pthread"],
            optional=True,
        )
    ],
)
