"""What answers the requests: Attune's engine as `attune chat` asks it, and llama.cpp on the same GGUF file.

Both get the same system prompt and the model's own chat template (each renders it by itself), and take the likeliest
token every time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.evaluation.chat.request import Request

CONTEXT = 2048  # tokens of llama.cpp's cache; the longest request with its reply has under 600


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    prompt_tokens: int
    tokens: int


Keep = Callable[[Request, Answer], None]


def attune(model: str, home: Path, requests: Iterable[Request], keep: Keep, penalty: float | None) -> None:
    """Through the engine process, with the prompt builder, system prompt and sampling of a chat at temperature 0.

    ``model``: an id or a folder; ``penalty``: another repetition penalty than the model's default.
    """
    from assistant.engine.client import Client
    from assistant.engine.protocol import Done, Loaded, Turn
    from assistant.settings import Settings
    from models.fetch import catalog

    model_id, folder = catalog.locate(model, home / "models")
    with tempfile.TemporaryDirectory(prefix="attune-chat-") as logs, Client(logs) as client:
        loaded = client.result(client.load(folder, model_id))
        assert isinstance(loaded, Loaded)
        usual = replace(Settings().sampling_for(loaded.info.sampling), temperature=0.0)
        if penalty is not None:
            usual = replace(usual, repetition_penalty=penalty)
        for request in requests:
            turns = [Turn(role, text) for role, text in (*request.before, ("user", request.text))]  # type: ignore[arg-type]
            done = client.result(client.generate(turns, replace(usual, max_tokens=request.max_tokens)))
            assert isinstance(done, Done)
            made = done.generation
            keep(request, Answer(done.text, made.prompt_tokens, made.completion_tokens))


def llama_cpp(file: Path, requests: Iterable[Request], keep: Keep, threads: int) -> None:
    """Through xllamacpp's chat endpoint."""
    import xllamacpp

    from models.reply_defaults import defaults_of

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx, params.n_parallel, params.use_jinja = CONTEXT, 1, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(params)
    system = defaults_of("", architecture_of(file), file.parent).system_prompt
    first = [("system", system)] if system else []
    for request in requests:
        turns = (*first, *request.before, ("user", request.text))
        asked: dict[str, Any] = {
            "messages": [{"role": role, "content": text} for role, text in turns],
            "temperature": 0,
            "max_tokens": request.max_tokens,
            "cache_prompt": False,
        }
        reply = server.handle_chat_completions(asked)
        text = reply["choices"][0]["message"]["content"] or ""
        used = reply["usage"]
        keep(request, Answer(text, used["prompt_tokens"], used["completion_tokens"]))


def architecture_of(file: Path) -> str:
    """ "general.architecture" of a GGUF file."""
    from gguf import GGUFReader

    field = GGUFReader(file).get_field("general.architecture")
    return "" if field is None else str(field.contents())
