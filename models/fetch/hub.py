"""What a model hub says about a model: its files with sizes and hashes, its licence, whether it is gated.

The one place, with ``models.fetch.download``, that talks to a hub, and only when the user asked for it. It speaks the
Hugging Face protocol through huggingface_hub, which reads its switches when it is imported: call ``prepare`` before,
in a process of its own. Torch-free.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from models.errors import DownloadFailed, GatedModel, ModelNotFound, ModelRefused
from models.fetch import network_errors
from models.fetch.transfer import TIMEOUT_S

DEFAULT_ENDPOINT = "https://huggingface.co"
_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBERED = re.compile(r"model-\d+-of-\d+\.safetensors")
_SMALL = (
    ".json",
    ".jinja",
    ".txt",
    ".model",
)  # settings, templates, vocabularies (tokenizer.model: SentencePiece)
_LICENCE = re.compile(r"(LICEN[CS]E|NOTICE|USE_POLICY)[A-Za-z0-9._-]*", re.IGNORECASE)
_SMALL_LIMIT = 100 * 1024 * 1024  # bytes; no honest settings file is larger


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a hub. ``token`` is a secret: it is never logged, stored here or put on a command line."""

    endpoint: str = DEFAULT_ENDPOINT
    proxy: str = ""  # for https and http alike; empty: what the environment or the system says
    token: str = ""

    def __repr__(self) -> str:
        return f"Access({self.endpoint!r}, proxy={bool(self.proxy)}, token={bool(self.token)})"


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a model at one revision. Exactly one of the two hashes is known."""

    name: str
    size_bytes: int
    sha256: str = ""  # of files that the hub keeps outside git (weights)
    git_sha1: str = ""  # of small files: SHA-1 of "blob <size>\\0" and the content


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be fetched: one revision of one model, file by file."""

    repo: str
    revision: str  # a commit, so that nothing changes under a download
    files: tuple[HubFile, ...]
    licence: str = ""
    gated: bool = False
    endpoint: str = DEFAULT_ENDPOINT

    @property
    def total_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Plan:
        """Raises ModelRefused when it is not what ``to_json`` wrote."""
        try:
            files = tuple(HubFile(**file) for file in data["files"])
            plan = Plan(**{**data, "files": files})
        except (KeyError, TypeError) as error:
            raise ModelRefused(
                "The record of a download is damaged; remove the model and get it again."
            ) from error
        _check_plan(plan)
        return plan


def prepare(access: Access) -> None:
    """Set what huggingface_hub reads when it is imported. Raises ModelRefused for an address that is none."""
    for value, what in ((access.endpoint, "mirror"), (access.proxy, "proxy")):
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https", "socks5") or not parts.hostname):
            raise ModelRefused(f"{value!r} is no address of a {what}; it should look like https://host.")
    os.environ.update(
        {
            "HF_ENDPOINT": access.endpoint.rstrip("/") or DEFAULT_ENDPOINT,
            "HF_HUB_OFFLINE": "0",
            "TRANSFORMERS_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "DO_NOT_TRACK": "1",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
            # One way for everyone, the one that mirrors and proxies know: plain HTTP with ranges.
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        }
    )
    if access.proxy:
        os.environ.update(
            dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), access.proxy)
        )


def headers(access: Access) -> dict[str, str]:
    """Request headers: who asks (no more than that), and the token if there is one."""
    from huggingface_hub.utils import build_hf_headers

    return dict(build_hf_headers(token=access.token or False, library_name="attune"))


def look_up(repo: str, revision: str, access: Access) -> Plan:
    """What ``repo`` ("owner/name") holds at ``revision`` (a commit, tag or branch; "": its newest).

    Raises ModelNotFound, GatedModel, ModelRefused (no safetensors) or DownloadFailed, each in one sentence.
    """
    if not _REPO.fullmatch(repo):
        raise ModelNotFound(f"{repo!r} is no model on a hub; those are called OWNER/NAME.")
    from huggingface_hub import HfApi

    api = HfApi(endpoint=access.endpoint, token=access.token or False, library_name="attune")
    try:
        with telling(repo, access):
            info = api.model_info(repo, revision=revision or None, files_metadata=True, timeout=TIMEOUT_S)
        card = info.card_data.to_dict() if info.card_data is not None else {}
        licence = str(card.get("license_name") or card.get("license") or "")
        files = _chosen([_file(sibling) for sibling in info.siblings or ()], repo)
    except (TypeError, ValueError, KeyError, AttributeError) as error:  # an answer of another shape
        raise DownloadFailed(f"{access.endpoint} does not tell the sizes and hashes of {repo}.") from error
    plan = Plan(repo, str(info.sha or ""), files, licence[:100], bool(info.gated), access.endpoint)
    _check_plan(plan)
    return plan


def _file(sibling: Any) -> HubFile:
    size = int(sibling.size)
    if sibling.lfs is not None:
        return HubFile(str(sibling.rfilename), int(sibling.lfs.size), sha256=str(sibling.lfs.sha256).lower())
    return HubFile(str(sibling.rfilename), size, git_sha1=str(sibling.blob_id or "").lower())


def _chosen(files: list[HubFile], repo: str) -> tuple[HubFile, ...]:
    """Settings, tokenizer and safetensors at the root; never code, pickles, other formats or folders."""
    root = {file.name: file for file in files if "/" not in file.name and "\\" not in file.name}
    small = [
        file
        for name, file in root.items()
        if (name.endswith(_SMALL) or _LICENCE.fullmatch(name)) and not name.startswith((".", "training"))
    ]
    if "model.safetensors" in root and "model.safetensors.index.json" not in root:
        weights = [root["model.safetensors"]]
    else:
        weights = [file for name, file in root.items() if _NUMBERED.fullmatch(name)]
    if not weights:
        if any(name.endswith((".bin", ".pt", ".pth")) for name in root):
            raise ModelRefused(
                f"{repo} has its weights only as pickle files, which can run code; it was not fetched."
            )
        raise ModelRefused(f"{repo} has no weights that Attune can use (safetensors in its main folder).")
    if "config.json" not in root:
        raise ModelRefused(f"{repo} has no config.json, so it is no model that Attune can load.")
    # Small files first: what is wrong with a model shows before gigabytes were fetched.
    return tuple(
        sorted(small, key=lambda file: file.size_bytes) + sorted(weights, key=lambda file: file.name)
    )


def _check_plan(plan: Plan) -> None:
    """A hub may answer anything: sizes and hashes must be there, names must stay in their folder."""
    fine = bool(_COMMIT.fullmatch(plan.revision) and _REPO.fullmatch(plan.repo) and plan.files)
    for file in plan.files:
        hashed = bool(_SHA256.fullmatch(file.sha256)) != bool(_COMMIT.fullmatch(file.git_sha1))
        plain = file.name != "" and not set("/\\") & set(file.name) and not file.name.startswith(".")
        small = file.name.endswith((".safetensors", ".gguf")) or file.size_bytes <= _SMALL_LIMIT
        fine = fine and hashed and plain and file.size_bytes >= 0 and small
    if not fine:
        raise DownloadFailed(f"{plan.endpoint} does not tell the revision, sizes and hashes of {plan.repo}.")


@contextmanager
def telling(repo: str, access: Access) -> Iterator[None]:
    """Errors of the hub and the network as one sentence each."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise GatedModel(
            f"{repo} asks for its terms to be accepted first: open {access.endpoint}/{repo}, sign in and accept, make "
            "an access token (read) in your account's settings, and give it with `attune models get --token`."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelNotFound(f"{repo} has no such revision on {access.endpoint}.") from error
    except errors.RepositoryNotFoundError as error:
        hint = "" if access.token else " (or needs an access token)"
        raise ModelNotFound(f"{access.endpoint} knows no model {repo}{hint}.") from error
    except errors.EntryNotFoundError as error:
        raise DownloadFailed(f"A file of {repo} is missing on {access.endpoint}.") from error
    except errors.OfflineModeIsEnabled as error:
        raise DownloadFailed("Downloads are switched off (HF_HUB_OFFLINE).") from error
    except errors.HfHubHTTPError as error:
        code = error.response.status_code
        if code in (401, 403):
            why = "the access token was not accepted" if access.token else "an access token is needed"
            raise GatedModel(f"{access.endpoint} does not give {repo} out: {why}.") from error
        raise DownloadFailed(
            f"{access.endpoint} answered with an error ({code}); try again later."
        ) from error
    except httpx2.ProxyError as error:
        raise DownloadFailed(
            f"The proxy does not let {access.endpoint} through ({network_errors.short(error)})."
        ) from error
    except (httpx2.TimeoutException, TimeoutError) as error:
        raise DownloadFailed(f"{access.endpoint} does not answer; is there a connection?") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise DownloadFailed(network_errors.sentence(access.endpoint, error)) from error
