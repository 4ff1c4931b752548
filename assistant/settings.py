"""The user's settings: a small JSON file, written whole or not at all, forgiving when read."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from assistant.errors import StoreError
from assistant.records import Sampling
from models import durable

CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "picture_detail": ("auto", "fast", "detailed"),
    "fetch_default": ("ask", "yes", "no"),
    "learn_when": ("auto", "idle", "mains", "off"),
    "learn_strength": ("careful", "normal", "bold"),
}
RANGES: dict[str, tuple[float, float]] = {
    "zoom": (0.5, 3.0),
    "learn_after": (1, 1000),
    "learn_cpu_percent": (10, 100),
    "best_of_seconds": (0.5, 120.0),
    "threads": (1, 1024),
    "unload_after_min": (0, 1440),
    "temperature": (0.0, 5.0),
    "top_p": (0.01, 1.0),
    "top_k": (0, 100_000),
    "min_p": (0.0, 1.0),
    "repetition_penalty": (0.5, 3.0),
    "max_tokens": (1, 1_000_000),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can choose. ``extra`` holds keys this version does not know, so that none is lost."""

    # The window
    theme: str = "system"  # system | light | dark
    language: str = ""  # "en", "zh", ...; empty: the system's
    zoom: float = 1.0
    enter_sends: bool = True  # False: Ctrl+Enter sends, Enter makes a new line
    show_style_panel: bool = True
    show_sidebar: bool = True
    notify_when_done: bool = True
    offer_pairs: bool = True  # "which is better?" now and then
    write_titles: bool = True  # by the model, in the background
    first_run_done: bool = False
    window: dict[str, Any] = field(default_factory=dict)  # geometry and splitter sizes
    shortcuts: dict[str, str] = field(default_factory=dict)  # action name -> key sequence

    # The model
    model: str = "starter"  # the one in use
    model_chosen: bool = False  # a person chose it; else it follows the default (model_folders.settle)
    fetch_default: str = "ask"  # ask | yes | no: may the default model be fetched in the background?
    quantization: str = "auto"
    device: str = "auto"
    threads: int | None = None  # None: as many as pays
    picture_detail: str = "auto"  # auto | fast | detailed: what a picture may cost; auto: by the device
    unload_after_min: int = 30  # minutes without work until the model's memory is given back; 0: never
    offline: bool = True
    hub_mirror: str = ""  # address of a model hub, for downloads; empty: huggingface.co
    proxy: str = ""  # for downloads; empty: the system's
    system_prompt: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    # Names of the values in ``sampling`` that the user chose; where there are others, the model's own advice holds.
    sampling_chosen: tuple[str, ...] = ()

    # Learning
    style_on: bool = True
    guidance_on: bool = (
        True  # at reply time: liked kinds of words are made likelier where the model is undecided
    )
    style_card_on: bool = True  # what was learned is said in the system prompt of models that follow it
    best_of_on: bool = True  # at reply time: several replies are written and the one to your taste is shown
    best_of_streams: bool = True  # the search goes block by block, so that text streams; off: whole replies
    best_of_seconds: float = 6.0  # that writing the several replies may take
    learn_when: str = "auto"  # auto: after learn_after ratings | idle | mains | off
    learn_after: int = 5  # new ratings
    learn_deep: bool = True  # the longer update, while nobody is there and the machine is plugged in
    learn_strength: str = "normal"  # careful | normal | bold: the KL budget
    learn_cpu_percent: int = 100  # of the time that learning may work; it rests in between

    log_level: str = "INFO"
    extra: dict[str, Any] = field(default_factory=dict)

    def with_changes(self, **changes: Any) -> Settings:
        return replace(self, **changes)

    def sampling_for(self, advice: Sampling) -> Sampling:
        """How replies are drawn: what the user chose, over the loaded model's ``advice``."""
        names = (*self.sampling_chosen, "max_tokens", "seed", "stop")
        return replace(advice, **{name: getattr(self.sampling, name) for name in names})


_SAMPLING_KEYS = {f.name for f in fields(Sampling)}
ADVISED = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")  # what a model may recommend
_KEYS = {f.name for f in fields(Settings)} - {"extra"}


def _fits(key: str, value: Any, default: Any) -> bool:
    """Is ``value`` of the type and in the range of ``default``'s setting ``key``?"""
    if key == "threads" or key == "seed":
        if value is None:
            return True
        default = 1
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, (int, float)):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if isinstance(default, int) and not isinstance(value, int):
            return False
        low, high = RANGES.get(key, (float("-inf"), float("inf")))
        return low <= value <= high
    if isinstance(default, str):
        return isinstance(value, str) and value in CHOICES.get(key, (value,))
    return isinstance(value, type(default))


def from_dict(data: dict[str, Any]) -> Settings:
    """Settings from JSON: a value that does not fit gives way to its default, unknown keys are kept."""
    base = Settings()
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, value in data.items():
        if key not in _KEYS:
            extra[key] = value
        elif key == "sampling":
            if isinstance(value, dict):
                known[key] = _sampling(value)
        elif key == "sampling_chosen":
            if isinstance(value, list):
                known[key] = tuple(name for name in ADVISED if name in value)
        elif _fits(key, value, getattr(base, key)):
            known[key] = value
    if "sampling" in known and "sampling_chosen" not in known:  # written before models gave advice
        known["sampling_chosen"] = tuple(
            name for name in ADVISED if getattr(known["sampling"], name) != getattr(base.sampling, name)
        )
    return replace(base, **known, extra=extra)


def _sampling(data: dict[str, Any]) -> Sampling:
    base = Sampling()
    kept: dict[str, Any] = {}
    for key, value in data.items():
        if key == "stop":
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                kept[key] = tuple(value)
        elif key in _SAMPLING_KEYS and _fits(key, value, getattr(base, key)):
            kept[key] = value
    return replace(base, **kept)


def to_dict(settings: Settings) -> dict[str, Any]:
    data = asdict(settings)
    extra = data.pop("extra")
    data["sampling"]["stop"] = list(settings.sampling.stop)
    data["sampling_chosen"] = list(settings.sampling_chosen)
    return {**extra, **data}


def load(path: Path) -> Settings:
    """The settings in ``path``; defaults if it is not there, or damaged (which is then kept aside)."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise StoreError(f"The settings {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        keep_aside(path)
        return Settings()
    return from_dict(data)


def keep_aside(path: Path) -> Path | None:
    """Rename a damaged file so that it is kept but out of the way; None where that is not possible."""
    aside = path.with_name(
        f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1_000_000}"
    )
    try:
        os.replace(path, aside)
    except OSError:
        return None
    return aside


def save(path: Path, settings: Settings) -> None:
    """Write the settings whole: beside the file, flushed to the disk, then renamed over it."""
    text = json.dumps(to_dict(settings), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        durable.write(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise StoreError(f"The settings could not be saved: {error.strerror or error}.") from error
