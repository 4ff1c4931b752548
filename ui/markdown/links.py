"""Which links of a model's text may be clicked at all, and what is shown of them first.

Only web and mail addresses pass. Local files, network shares, scripts and every scheme that starts a program
(``smb:``, ``ms-msdt:``, ``//host/share``) stay plain text.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

SCHEMES = ("http", "https", "mailto")
MAX_LENGTH = 2000  # characters; longer addresses stay text
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\\"<>^`{|}\u202a-\u202e\u2066-\u2069]")


def allowed(url: str) -> bool:
    """Whether ``url`` may become a link: an absolute http, https or mailto address without odd characters."""
    if not url or len(url) > MAX_LENGTH or _FORBIDDEN.search(url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme.lower() not in SCHEMES:
        return False
    if parts.scheme.lower() == "mailto":
        return "@" in parts.path and not parts.netloc
    # A user name before the host is a disguise: https://bank.example@evil.example/
    return bool(host) and "@" not in parts.netloc
