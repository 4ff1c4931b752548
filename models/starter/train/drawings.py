"""Named drawings in several styles, from npm's icon packages: fetched, checked, drawn, and split by hash.

Whole pairs of a concept and a style are held out, and one style (OpenMoji) is never trained on at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.starter.train.concept_table import concept

SIDE = 160  # pixels of a drawing, transparent background


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: name, version, SHA-256 of its tarball, licence of its pictures."""

    name: str
    version: str
    sha256: str
    licence: str


STYLES = {
    "noto": Package(
        "@iconify-json/noto",
        "1.2.9",
        "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad",
        "Apache-2.0",
    ),
    "twemoji": Package(
        "@iconify-json/twemoji",
        "1.2.5",
        "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7",
        "CC-BY-4.0",
    ),
    "fluent": Package(
        "@iconify-json/fluent-emoji-flat",
        "1.2.6",
        "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175",
        "MIT",
    ),
    "emojione": Package(
        "@iconify-json/emojione",
        "1.2.3",
        "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e",
        "CC-BY-4.0",
    ),
    # ShareAlike: for evaluation only, nothing of it enters the weights.
    "openmoji": Package(
        "@iconify-json/openmoji",
        "1.2.29",
        "03181e2c156cab35cf4a62f1f7886bd971d59212e75ac3f189d5a4cae3930fc5",
        "CC-BY-SA-4.0",
    ),
}
NAMES = Package(
    "emojibase-data", "17.0.0", "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a", "MIT"
)
UNSEEN_STYLE = "openmoji"


@dataclass(frozen=True, slots=True)
class Drawing:
    """``part``: train | tune (calibration, second phase) | test. ``pixels``: PNG file, transparent."""

    name: str
    style: str
    icon: str
    part: str
    svg: str

    def draw(self) -> Image.Image:
        """RGBA, SIDE pixels a side."""
        import resvg_py

        return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(self.svg, width=SIDE)))).convert("RGBA")


def part_of(name: str, style: str) -> str:
    """Which part a pair of concept and style belongs to: 20 % test, 10 % tune, the rest train."""
    if style == UNSEEN_STYLE:
        return "test"
    share = int.from_bytes(hashlib.sha256(f"{name}|{style}".encode()).digest()[:4], "big") / 2**32
    return "test" if share < 0.2 else "tune" if share < 0.3 else "train"


def fetch(package: Package, folder: Path) -> Path:
    """The package's tarball by ``npm pack``. Raises ValueError when it is not the pinned file."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = package.name.removeprefix("@").replace("/", "-")
    path = folder / f"{stem}-{package.version}.tgz"
    if not path.is_file():
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        subprocess.run(command, cwd=folder, check=True, timeout=600, stdout=subprocess.DEVNULL)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != package.sha256:
        raise ValueError(f"{path.name} is not the pinned file: its SHA-256 is {found}")
    return path


def _json(tarball: Path, member: str) -> Any:
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(f"package/{member}")
        assert file is not None
        return json.load(file)


@cache
def load(folder: Path) -> tuple[Drawing, ...]:
    """All named drawings, in a fixed order."""
    names: dict[str, str] = {}  # code points -> concept
    slugs: dict[str, str] = {}  # emojione has no code points: its icons go by the emoji's label
    for emoji in _json(fetch(NAMES, folder), "en/data.json"):
        found = concept(emoji)
        if found:
            code = emoji["hexcode"].lower().replace("-fe0f", "")
            names[code] = found[0]
            slugs[emoji["label"].lower().replace(" ", "-").replace("’", "").replace(":", "")] = found[0]
    drawings: list[Drawing] = []
    for style, package in STYLES.items():
        tarball = fetch(package, folder)
        icons = _json(tarball, "icons.json")
        size = icons.get("width", 16), icons.get("height", icons.get("width", 16))
        by_icon: dict[str, str] = {}
        for code, icon in _json(tarball, "chars.json").items():
            name = names.get(code.replace("-fe0f", ""))
            if name:
                by_icon.setdefault(icon, name)
        if not by_icon:
            by_icon = {icon: slugs[icon] for icon in icons["icons"] if icon in slugs}
        seen: dict[str, int] = {}
        for icon, name in sorted(by_icon.items()):
            if icon not in icons["icons"] or seen.get(name, 0) >= MOST_OF_A_NAME:
                continue
            seen[name] = seen.get(name, 0) + 1
            data = icons["icons"][icon]
            width, height = data.get("width", size[0]), data.get("height", size[1])
            svg = (
                f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                f'viewBox="{data.get("left", 0)} {data.get("top", 0)} {width} {height}">{data["body"]}</svg>'
            )
            drawings.append(Drawing(name, style, icon, part_of(name, style), svg))
    return tuple(drawings)


MOST_OF_A_NAME = 12  # flags, hands and persons come by the hundred


def pixels(folder: Path) -> np.ndarray:
    """(drawings, SIDE, SIDE, 4) uint8 of ``load(folder)``, kept in a file beside the packages."""
    path = folder / "drawings.npy"
    if not path.is_file():
        stack = np.zeros((len(load(folder)), SIDE, SIDE, 4), np.uint8)
        for index, drawing in enumerate(load(folder)):
            picture = drawing.draw()
            picture.thumbnail((SIDE, SIDE))
            left, top = (SIDE - picture.width) // 2, (SIDE - picture.height) // 2
            stack[index, top : top + picture.height, left : left + picture.width] = np.asarray(picture)
        np.save(path, stack)
    return np.load(path, mmap_mode="r")
