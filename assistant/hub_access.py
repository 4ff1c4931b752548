"""How a hub is reached: address, proxy and access token, from settings, the system keyring and the environment.

A token is a secret: it goes to the system keyring or nowhere; never to the database, the settings or a log.
"""

from __future__ import annotations

import logging
import os
from typing import Any
from urllib.parse import urlsplit

from assistant.settings import Settings
from models.fetch.hub import DEFAULT_ENDPOINT, Access

log = logging.getLogger(__name__)

TOKEN_VARIABLE = "HF_TOKEN"
_SERVICE = "Attune model hub"


def access(settings: Settings, *, mirror: str = "", proxy: str = "", token: str = "") -> Access:
    """Access by the settings, with what was said this time; HF_ENDPOINT and HF_TOKEN where nothing else is said."""
    address = endpoint(settings, mirror)
    return Access(address, proxy or settings.proxy, token or hub_token(address))


def endpoint(settings: Settings, mirror: str = "") -> str:
    """The hub's address."""
    chosen = mirror or settings.hub_mirror or os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT
    return chosen.rstrip("/")


def chosen(settings: Settings, mirror: str = "") -> bool:
    """Did the user name a hub (now, in the settings or in the environment)?"""
    return bool(mirror or settings.hub_mirror or os.environ.get("HF_ENDPOINT"))


def hub_token(endpoint: str) -> str:
    """The token for this hub: one kept for its very host, else the environment's; a mirror never gets another's."""
    keyring = _keyring()
    if keyring is not None:
        try:
            kept = keyring.get_password(_SERVICE, urlsplit(endpoint).netloc)
        except keyring.errors.KeyringError as error:
            log.warning("the keyring cannot be read: %s", type(error).__name__)
        else:
            if kept:
                return str(kept)
    return os.environ.get(TOKEN_VARIABLE, "")


def keep_hub_token(endpoint: str, token: str) -> bool:
    """Keep ``token`` for this hub in the system keyring ("" forgets it); False where there is none."""
    keyring = _keyring()
    if keyring is None:
        return False
    host = urlsplit(endpoint).netloc
    try:
        if token:
            keyring.set_password(_SERVICE, host, token)
        elif keyring.get_password(_SERVICE, host):
            keyring.delete_password(_SERVICE, host)
    except keyring.errors.KeyringError as error:
        log.warning("the keyring cannot be written: %s", type(error).__name__)
        return False
    return True


def _keyring() -> Any:
    """The keyring library when it is installed and finds a real keyring; else None."""
    try:
        import keyring
        import keyring.backends.fail
        import keyring.errors
    except ImportError:
        return None
    if isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring):
        return None
    return keyring
