"""A model hub on a loopback port: the parts of the Hugging Face protocol that a download uses, and its bad days.

``GET /api/models/OWNER/NAME[/revision/REV]?blobs=true`` tells commit, files, sizes and hashes (git SHA-1, or the
SHA-256 of an LFS file); ``GET|HEAD /OWNER/NAME/resolve/COMMIT/FILE`` answers small files itself and sends for large
ones to a second origin (as the hub's CDN), with X-Repo-Commit, X-Linked-Etag, X-Linked-Size; ranges are honoured.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from safetensors.numpy import save

LARGE = 20_000  # bytes; from here on a file is "LFS"


@dataclass
class Repo:
    files: dict[str, bytes]
    gated: bool = False
    card: dict[str, Any] = field(default_factory=lambda: {"license": "apache-2.0"})
    token: str = ""  # needed when gated

    @property
    def commit(self) -> str:
        digest = hashlib.sha1()
        for name in sorted(self.files):
            digest.update(name.encode() + b"\0" + hashlib.sha1(self.files[name]).digest())
        return digest.hexdigest()


class HubServer:
    """``repos`` by OWNER/NAME. Bad days are set as attributes; what was asked is in ``requests``."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []  # method, path, headers in lower case
        self.cut: Callable[[str, int], int | None] = lambda name, start: (
            None
        )  # bytes to send before hanging up
        self.wrong: Callable[[str], bytes | None] = lambda name: None  # other bytes than announced
        self.busy: list[int] = []  # statuses to answer before anything else
        self.ranges = True
        self.slow_s = 0.0  # between pieces of 16 kB
        self.redirect = True
        self.odd: bytes | None = None  # what the API answers instead of itself
        self._hub = self._serve(False)
        self._cdn = self._serve(True)
        self.url = f"http://127.0.0.1:{self._hub.server_address[1]}"
        self.cdn = f"http://127.0.0.1:{self._cdn.server_address[1]}"

    def _serve(self, cdn: bool) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, cdn))
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is what is tested
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def close(self) -> None:
        for server in (self._hub, self._cdn):
            server.shutdown()
            server.server_close()

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.requests]


def _handler(hub: HubServer, cdn: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            try:
                self._answer()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            path = unquote(parts.path)
            said = {name.lower(): value for name, value in self.headers.items()}
            hub.requests.append((self.command, ("CDN" if cdn else "") + path, said))
            words = path.strip("/").split("/")
            api = words[:2] == ["api", "models"]
            repo_id = "/".join(words[2:4] if api else words[:2])
            repo = hub.repos.get(repo_id)
            if hub.busy:
                self.plain(hub.busy.pop(0), b"busy", {"Retry-After": "0"})
            elif repo is None:
                self.error(401, "RepoNotFound")
            elif cdn:
                self.file(words[-1], repo.files[words[-1]], {})
            elif api:
                self.info(repo_id, repo, words[5] if len(words) > 5 else "", parse_qs(parts.query))
            elif repo.gated and said.get("authorization") != f"Bearer {repo.token}":
                self.error(403 if "authorization" in said else 401, "GatedRepo")
            else:
                self.resolve(repo_id, repo, words[3], "/".join(words[4:]))

        def info(self, repo_id: str, repo: Repo, revision: str, query: dict[str, list[str]]) -> None:
            if revision not in ("", "main", repo.commit):
                self.error(404, "RevisionNotFound")
                return
            siblings = []
            for name, data in repo.files.items():
                entry: dict[str, Any] = {"rfilename": name}
                if query.get("blobs") == ["True"] or query.get("blobs") == ["true"]:
                    git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
                    entry |= {"size": len(data), "blobId": git}
                    if len(data) >= LARGE:
                        sha = hashlib.sha256(data).hexdigest()
                        entry["lfs"] = {"sha256": sha, "size": len(data), "pointerSize": 130}
                siblings.append(entry)
            body = {"id": repo_id, "sha": repo.commit, "gated": "manual" if repo.gated else False,
                    "siblings": siblings, "cardData": repo.card, "private": False, "tags": []}  # fmt: skip
            answer = json.dumps(body).encode() if hub.odd is None else hub.odd
            self.plain(200, answer, {"Content-Type": "application/json"})

        def resolve(self, repo_id: str, repo: Repo, revision: str, name: str) -> None:
            if revision != repo.commit or name not in repo.files:
                self.error(404, "RevisionNotFound" if revision != repo.commit else "EntryNotFound")
                return
            data = repo.files[name]
            linked = {"X-Repo-Commit": repo.commit}
            if len(data) < LARGE or not hub.redirect:
                git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
                self.file(name, data, linked | {"ETag": f'"{git}"'})
                return
            linked |= {
                "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
                "X-Linked-Size": str(len(data)),
            }
            self.plain(302, b"", linked | {"Location": f"{hub.cdn}/{repo_id}/-/{name}"})

        def file(self, name: str, data: bytes, more: dict[str, str]) -> None:
            other = hub.wrong(name)
            data = data if other is None else other
            start, status = 0, 200
            asked = self.headers.get("Range", "")
            if asked and hub.ranges:
                start = int(asked.removeprefix("bytes=").split("-")[0])
                if start >= len(data):
                    self.plain(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                    return
                status = 206
                more = more | {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            body = data[start:]
            self.send_response(status)
            for key, value in (more | {"Content-Length": str(len(body)), "Accept-Ranges": "bytes"}).items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            cut = hub.cut(name, start)
            for at in range(0, len(body), 1 << 14):
                piece = body[at : at + (1 << 14)]
                if cut is not None and at + len(piece) > cut:
                    self.wfile.write(piece[: max(0, cut - at)])
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return
                self.wfile.write(piece)
                if hub.slow_s:
                    threading.Event().wait(hub.slow_s)

        def plain(self, status: int, body: bytes, more: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in (more | {"Content-Length": str(len(body))}).items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def error(self, status: int, code: str) -> None:
            self.plain(status, json.dumps({"error": code}).encode(), {"X-Error-Code": code})

    return Handler


def weights(numbers: int, seed: int = 0) -> bytes:
    """A safetensors file of about ``4 * numbers`` bytes."""
    array = np.random.default_rng(seed).standard_normal(numbers).astype(np.float32)
    return save({f"weight{seed}": array})
