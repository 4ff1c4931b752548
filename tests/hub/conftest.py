"""A hub on a loopback port and a small model on it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hub.hub_server import HubServer, Repo, weights

from models.fetch import transfer


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """An empty hub. Downloads of this process may reach it (and nothing waits between two tries)."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(transfer, "FIRST_PAUSE_S", 0.0)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = HubServer()
    yield server
    server.close()


@pytest.fixture
def repo(hub: HubServer) -> Repo:
    """``someone/small``: two numbered weight files, and beside them much that must never be fetched."""
    first, second = weights(30_000), weights(20_000, 1)
    index = {
        "weight_map": {
            "weight0": "model-00001-of-00002.safetensors",
            "weight1": "model-00002-of-00002.safetensors",
        }
    }
    made = Repo(
        {
            "README.md": b"# Small\n",
            ".gitattributes": b"*.safetensors filter=lfs\n",
            "LICENSE": b"Apache License 2.0\n",
            "config.json": json.dumps({"model_type": "llama"}).encode(),
            "tokenizer.json": json.dumps({"vocab": {str(i): i for i in range(4000)}}).encode(),
            "chat_template.jinja": b"{{ messages }}",
            "model.safetensors.index.json": json.dumps(index).encode(),
            "model-00001-of-00002.safetensors": first,
            "model-00002-of-00002.safetensors": second,
            "model-00009-of-00009.safetensors": weights(6_000, 9),
            "pytorch_model.bin": b"\x80\x04" * 20_000,
            "modeling_small.py": b"raise SystemExit('code of a stranger')",
            "onnx/model.onnx": b"onnx" * 9_000,
            "consolidated.safetensors": first,
        }
    )
    hub.repos["someone/small"] = made
    return made
