"""Attune's decoder beside llama.cpp, OpenVINO GenAI and transformers: same weights, same prompts, in turn.

    python tests/benchmarks/compare_engines.py MODEL_FOLDER [--rounds 3] [--threads N] [--write docs/performance.md]

Each engine runs in a process of its own, one after the other, the whole row several times; the ratios are medians over
the rounds of (Attune / other) within a round, so that a machine that is busy for a while spoils one round and no ratio.
Engines that are not installed (dependency group "benchmark") are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from docs_section import write_section

TEXT = (
    "The committee met on Tuesday to discuss the new timetable for the harbour. Ferries will leave every forty "
    "minutes instead of every hour, and the last boat of the day will wait for the train from the city. Several "
    "members said that the quay is too narrow for two boats at once, so the smaller one will use the old pier until "
    "the works are finished in autumn. "
)
STORY = "Tell me a story about a lighthouse keeper and a storm."
REWRITE = "Repeat the following text word for word, then stop.\n\n" + TEXT
NEW_TOKENS = 96
ENGINES = ("attune", "llama.cpp", "openvino-genai", "transformers")


def chat(text: str) -> str:
    return (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"
    )


def run_attune(folder: Path, threads: int) -> dict[str, float]:
    import torch

    from assistant.generation.loop import generate
    from assistant.records import Sampling
    from models.bench import token_s
    from models.inputs import Inputs
    from models.loader import load

    model = load(folder, model_id="starter", threads=threads)
    sampling = Sampling(temperature=0, repetition_penalty=1.0, max_tokens=NEW_TOKENS)

    def reply(text: str, speculate: bool) -> Any:
        ids = model.tokenizer(chat(text), return_tensors="pt", add_special_tokens=False)["input_ids"]
        steps = generate(model, Inputs(ids, tuple(ids[0].tolist())), sampling, speculate=speculate)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value

    reply(STORY, False)  # warm
    long = model.tokenizer(chat(TEXT * 6), return_tensors="pt", add_special_tokens=False)["input_ids"]
    start = time.perf_counter()
    model.decoder.forward(model.decoder.new_cache(), long)
    prefill = time.perf_counter() - start
    story, plain, drafted = reply(STORY, False), reply(REWRITE, False), reply(REWRITE, True)
    assert plain.ids == drafted.ids, "drafting changed a greedy reply"
    one = token_s(model.decoder, long[:, :64], 24, 1)
    sixteen = token_s(model.decoder, long[:, :64], 24, 16)
    torch.set_num_threads(1)
    return {
        "decode": story.tokens_per_s,
        "rewrite": drafted.tokens_per_s,
        "rewrite without drafts": plain.tokens_per_s,
        "prefill": long.shape[1] / prefill,
        "batch 16": 16 / sixteen,
        "batch 16 over single": 16 / sixteen * one,
    }


def run_llama_cpp(folder: Path, threads: int) -> dict[str, float]:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(folder / "source.gguf")
    params.n_ctx, params.n_parallel = 4096, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.warmup = True
    server = xllamacpp.Server(params)

    def timings(text: str, new: int) -> dict[str, Any]:
        asked = {
            "prompt": chat(text),
            "n_predict": new,
            "temperature": 0,
            "cache_prompt": False,
            "ignore_eos": True,
        }
        return server.handle_completions(asked)["timings"]

    timings(STORY, 8)
    return {
        "decode": timings(STORY, NEW_TOKENS)["predicted_per_second"],
        "rewrite": timings(REWRITE, NEW_TOKENS)["predicted_per_second"],
        "prefill": timings(TEXT * 6, 1)["prompt_per_second"],
    }


def run_openvino(folder: Path, threads: int) -> dict[str, float]:
    import openvino_genai

    pipe = openvino_genai.LLMPipeline(str(folder / "source.gguf"), "CPU", INFERENCE_NUM_THREADS=threads)

    def metrics(text: str, new: int) -> Any:
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens, config.do_sample, config.ignore_eos = new, False, True
        config.apply_chat_template = False
        return pipe.generate([chat(text)], config).perf_metrics

    metrics(STORY, 8)
    long = metrics(TEXT * 6, 2)
    return {
        "decode": metrics(STORY, NEW_TOKENS).get_throughput().mean,
        "rewrite": metrics(REWRITE, NEW_TOKENS).get_throughput().mean,
        "prefill": long.get_num_input_tokens() / (long.get_ttft().mean / 1000),
    }


def run_transformers(folder: Path, threads: int) -> dict[str, float]:
    import torch

    from models.loader import load

    torch.set_num_threads(threads)
    model = load(folder, model_id="starter", threads=threads)
    module = model.module()

    def seconds(ids: Any, new: int) -> float:
        start = time.perf_counter()
        with torch.inference_mode():
            module.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                min_new_tokens=new,
                max_new_tokens=new,
                pad_token_id=0,
            )
        return time.perf_counter() - start

    def tokens(text: str) -> Any:
        return model.tokenizer(chat(text), return_tensors="pt", add_special_tokens=False)["input_ids"]

    story, rewrite, long = tokens(STORY), tokens(REWRITE), tokens(TEXT * 6)
    seconds(story, 2)
    new = NEW_TOKENS // 3
    return {
        "decode": (new - 1) / (seconds(story, new) - seconds(story, 1)),
        "rewrite": (new - 1) / (seconds(rewrite, new) - seconds(rewrite, 1)),
        "prefill": long.shape[1] / seconds(long, 1),
    }


RUNNERS = {
    "attune": run_attune,
    "llama.cpp": run_llama_cpp,
    "openvino-genai": run_openvino,
    "transformers": run_transformers,
}


def measure(engine: str, folder: Path, threads: int) -> dict[str, float] | None:
    """One engine in a process of its own; None (and the reason on standard error) when it cannot run."""
    command = [sys.executable, __file__, str(folder), "--threads", str(threads), "--engine", engine]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(
        part for part in (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")) if part
    )
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        print(f"{engine}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def table(rounds: list[dict[str, dict[str, float]]], threads: int) -> str:
    """Medians and ratios as Markdown."""
    names = [name for name in ENGINES if all(name in row for row in rounds)]
    lines = ["| engine | decode tok/s | rewriting tok/s | prefill tok/s |", "|---|---|---|---|"]
    for name in names:
        cells = [
            f"{statistics.median(row[name][key] for row in rounds):.0f}"
            for key in ("decode", "rewrite", "prefill")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for name in names[1:]:
        cells = []
        for key in ("decode", "rewrite", "prefill"):
            ratios = [row["attune"][key] / row[name][key] for row in rounds]
            cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        lines.append(f"| attune / {name} | {' | '.join(cells)} |")
    gain = statistics.median(row["attune"]["batch 16 over single"] for row in rounds)
    both = statistics.median(
        row["attune"]["rewrite"] / row["attune"]["rewrite without drafts"] for row in rounds
    )
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    lines += [
        "",
        f"Sixteen replies at once: {gain:.2f} times the tokens a second of one. "
        f"Drafting on the rewriting task: {both:.2f} times the speed without, same tokens.",
        "",
        f"{len(rounds)} rounds, {threads} threads, {processor()}, load average at the end {load} "
        "(all programs on the machine, the benchmark included; above the number of cores the figures are noisy).",
    ]
    return "\n".join(lines)


def processor() -> str:
    """Its name, where the system tells, and the vector instructions that matter here."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = next((line.split(":")[1].strip() for line in text.splitlines() if "model name" in line), "unknown")
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni") if f" {flag}" in text]
    return f"{name} ({', '.join(flags)})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    from models.cores import physical_cores

    threads = arguments.threads or physical_cores()
    if arguments.engine:
        print(json.dumps(RUNNERS[arguments.engine](arguments.folder, threads)))
        return 0
    rounds = []
    for _ in range(arguments.rounds):
        row = {engine: measure(engine, arguments.folder, threads) for engine in ENGINES}
        rounds.append({name: found for name, found in row.items() if found is not None})
        print(rounds[-1], file=sys.stderr)
    if any("attune" not in row for row in rounds):
        return 1
    text = table(rounds, threads)
    print(text)
    if arguments.write:
        write_section(arguments.write, "engines", text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    raise SystemExit(main())
