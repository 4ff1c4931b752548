"""What ``compare_engines`` has each engine do, and how each engine does it. One process holds one engine.

Speeds are of whole requests as the engines report or take them: ``prefill`` is prompt tokens by the time to the first
token, ``decode`` the tokens after the first. Replies are as long as asked for; end tokens are ignored.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXT = (
    "The committee met on Tuesday to discuss the new timetable for the harbour. Ferries will leave every forty "
    "minutes instead of every hour, and the last boat of the day will wait for the train from the city. Several "
    "members said that the quay is too narrow for two boats at once, so the smaller one will use the old pier until "
    "the works are finished in autumn. "
)
STORY = "Tell me a story about a lighthouse keeper and a storm."
REWRITE = "Repeat the following text word for word, then stop.\n\n" + TEXT
EDIT = (
    "Replace Tuesday by Thursday and autumn by spring in the following text. Give the whole new text only.\n\n"
    + TEXT
)
COPIED_TOKENS = 72  # of a reply that repeats TEXT, which has some 80
DECODED_TOKENS = 64
AT_ONCE, AT_ONCE_TOKENS = 8, 32
PREFILL_COPIES = 6  # of TEXT: some 500 tokens
LONG_COPIES = 49  # some 4,000 tokens
LONG_TOKENS = 24
BUSY_COPIES = 3
CONTEXT = 4608


def chat(text: str) -> str:
    """ChatML, which the models compared here were all taught."""
    return (
        f"<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{text}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@dataclass(frozen=True, slots=True)
class Timed:
    prefill: float  # tokens a second
    decode: float
    whole_s: float


class Attune:
    """Through the decoder loop, on this process' main thread as in the engine."""

    def __init__(self, folder: Path, threads: int) -> None:
        import torch
        import transformers  # noqa: F401 - the engine imports both while the person still looks at the window

        from models.loader import load

        started = time.perf_counter()
        self._model = load(folder, model_id=folder.name, threads=threads)
        self.load_s = time.perf_counter() - started
        self._model.eos_ids = ()
        torch.set_num_threads(1)

    def ask(self, text: str, new: int, drafts: bool = True) -> Timed:
        from assistant.generation.decode_loop import generate, run
        from assistant.records import Sampling

        inputs = self._inputs(text)
        sampling = Sampling(temperature=0, repetition_penalty=1.0, max_tokens=new)
        started = time.perf_counter()
        reply = run(generate(self._model, inputs, sampling, speculate=drafts))
        return Timed(len(inputs.keys) / reply.ttft_s, reply.tokens_per_s, time.perf_counter() - started)

    def at_once(self, text: str, replies: int, new: int) -> float:
        """Seconds for so many sampled replies."""
        from assistant.generation.batch_decoding import generate_batch
        from assistant.generation.decode_loop import run
        from assistant.records import Sampling

        sampling = Sampling(temperature=0.8, top_k=20, repetition_penalty=1.0, max_tokens=new, seed=1)
        started = time.perf_counter()
        run(generate_batch(self._model, self._inputs(text), sampling, replies))
        return time.perf_counter() - started

    def _inputs(self, text: str) -> Any:
        from models.inputs import Inputs

        ids = self._model.tokenizer(chat(text), return_tensors="pt", add_special_tokens=False)["input_ids"]
        return Inputs(ids, tuple(ids[0].tolist()))


class LlamaCpp:
    """Through the server of the package xllamacpp, called in this process."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._file, self._threads = folder / "source.gguf", threads
        started = time.perf_counter()
        self._server = self._serve(1, CONTEXT)
        self.load_s = time.perf_counter() - started

    def _serve(self, parallel: int, context: int) -> Any:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self._file)
        params.n_ctx, params.n_parallel = context, parallel
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._threads
        return xllamacpp.Server(params)

    def ask(self, text: str, new: int, drafts: bool = True) -> Timed:
        started = time.perf_counter()
        found = self._complete(self._server, text, new, 0.0)["timings"]
        return Timed(found["prompt_per_second"], found["predicted_per_second"], time.perf_counter() - started)

    def at_once(self, text: str, replies: int, new: int) -> float:
        server = self._serve(replies, 256 * replies)
        self._complete(server, text, 2, 0.8)
        ask = [threading.Thread(target=self._complete, args=(server, text, new, 0.8)) for _ in range(replies)]
        started = time.perf_counter()
        for thread in ask:
            thread.start()
        for thread in ask:
            thread.join()
        return time.perf_counter() - started

    @staticmethod
    def _complete(server: Any, text: str, new: int, temperature: float) -> dict[str, Any]:
        asked = {
            "prompt": chat(text), "n_predict": new, "temperature": temperature, "top_k": 20, "seed": 1,
            "cache_prompt": False, "ignore_eos": True,
        }  # fmt: skip
        done: dict[str, Any] = server.handle_completions(asked)
        return done


class OpenVino:
    """OpenVINO GenAI, which reads GGUF files of some families; the shorter half of the tasks."""

    def __init__(self, folder: Path, threads: int) -> None:
        import openvino_genai

        started = time.perf_counter()
        self._pipe = openvino_genai.LLMPipeline(
            str(folder / "source.gguf"), "CPU", INFERENCE_NUM_THREADS=threads
        )
        self.load_s = time.perf_counter() - started

    def ask(self, text: str, new: int, drafts: bool = True) -> Timed:
        import openvino_genai

        config = openvino_genai.GenerationConfig()
        config.max_new_tokens, config.do_sample, config.ignore_eos = new, False, True
        config.apply_chat_template = False
        started = time.perf_counter()
        found = self._pipe.generate([chat(text)], config).perf_metrics
        prefill = found.get_num_input_tokens() / (found.get_ttft().mean / 1000)
        return Timed(prefill, found.get_throughput().mean, time.perf_counter() - started)


ENGINES: dict[str, type[Attune] | type[LlamaCpp] | type[OpenVino]] = {
    "attune": Attune, "llama.cpp": LlamaCpp, "openvino-genai": OpenVino,
}  # fmt: skip


def measure(engine: str, folder: Path, threads: int, long: bool) -> dict[str, float]:
    """All tasks by one engine; ``long``: those behind 4,000 tokens, too."""
    one = ENGINES[engine](folder, threads)
    one.ask(STORY, 8)  # warm
    story = one.ask(STORY, DECODED_TOKENS, drafts=False)
    found = {
        "load": one.load_s,
        "decode": story.decode,
        "prefill": one.ask(TEXT * PREFILL_COPIES, 1).prefill,
        "rewrite": one.ask(REWRITE, COPIED_TOKENS).decode,
        "edit": one.ask(EDIT, COPIED_TOKENS).decode,
    }
    if isinstance(one, OpenVino):
        return found
    with a_core_kept_busy():
        busy = one.ask(TEXT * BUSY_COPIES, DECODED_TOKENS // 2, drafts=False)
    found |= {"decode, busy": busy.decode, "prefill, busy": busy.prefill}
    if long:
        far = one.ask(TEXT * LONG_COPIES + "\n\nSummarise this text.", LONG_TOKENS, drafts=False)
        found |= {"decode, long": far.decode, "prefill, long": far.prefill}
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
    single = one.at_once(STORY, 1, AT_ONCE_TOKENS)
    eight = one.at_once(STORY, AT_ONCE, AT_ONCE_TOKENS)
    found |= {"eight": AT_ONCE * AT_ONCE_TOKENS / eight, "eight over one": AT_ONCE * single / eight}
    return found


@contextmanager
def a_core_kept_busy() -> Iterator[None]:
    """Another program that never waits."""
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.5)
        yield
    finally:
        other.kill()
        other.wait()
