"""How the default model arrives: whether it is to be fetched now, and when it takes over from the starter.

The starter answers from the first second. The default of this computer is fetched in the background once somebody
agreed to that, and is used for new chats when it is whole. All of it is decided here, without a widget, from the settings
and from what is on the disk. Loads nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.model_folders import STARTER, ModelChoice, may_fetch_default
from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What the window does about the default model when it starts; at most one of the two is true."""

    fetch: bool = False  # begin its download, or go on with it
    ask: bool = False  # offer it: nobody has agreed to the download yet


def follows_default(settings: Settings) -> bool:
    """Does the starter answer only until the default model is here? Not where the user chose the model."""
    return not settings.model_chosen and settings.model == STARTER


def plan(
    default: ModelChoice, settings: Settings, said: bool | None, *, network_forbidden: bool = False
) -> Plan:
    """What is to be done at the start; ``said`` on the command line about fetching (None: nothing)."""
    if default.installed or network_forbidden or not follows_default(settings):
        return Plan()
    may = may_fetch_default(settings, said)
    return Plan(fetch=may is True, ask=may is None)


def may_switch(settings: Settings, *, chat_is_empty: bool, learning: bool, comparing: bool) -> bool:
    """May a default model that is whole take over now? A chat stays with its model, and loading another one would end
    an update or a comparison under way; the engine itself finishes replies that are being written first.
    """
    return follows_default(settings) and chat_is_empty and not learning and not comparing
