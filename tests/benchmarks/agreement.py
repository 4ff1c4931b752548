"""Attune's logits beside llama.cpp's on the same GGUF file, and both beside the file's exact values in float32.

    python tests/benchmarks/agreement.py MODEL_FOLDER --gguf FILE.gguf [--exact] [--write docs/performance.md]

Each prompt, in the model's chat template with its usual system prompt, is followed by a reply of up to 24 likeliest
tokens; llama.cpp reads the very same tokens. Kullback-Leibler divergences are over the whole vocabulary, at the place
before each token of a reply. Perplexities are of fixed texts in the public domain, without a template. ``--exact``:
transformers reads the same file into float32 (four bytes per weight: much memory), which shows who is nearer to the file.
llama.cpp rounds activations to int8 by groups of 256 for the K formats, Attune by groups of 32.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.docs_section import write_section
from tests.benchmarks.llama_logits import LlamaLogits

DATA = Path(__file__).parents[1] / "data"
TEXTS = {"English": DATA / "alice.txt", "Chinese": DATA / "guxiang.txt"}
REPLY_TOKENS = 24
TEXT_TOKENS = 1024
PROMPTS = (
    "What is a volcano?", "Name three rivers in Europe.", "How do I boil an egg?", "Why do cats purr?",
    "Write a haiku about snow.", "What is 15 percent of 240?", "Translate 'good night' into Spanish.",
    "Who painted the Mona Lisa?", "Explain what a prime number is.", "Write a Python function that reverses a string.",
    "Give me a recipe for pancakes.", "What is the difference between weather and climate?", "Is glass a liquid?",
    "Write a polite note to a noisy neighbour.", "What does HTTP stand for?", "Sort these words: pear, apple, fig.",
    "How far away is the Moon?", "Tell me a joke about computers.", "What is the past tense of 'bring'?",
    "Summarise the story of Cinderella in one sentence.", "What should I pack for a week in Norway?",
    "Reply with JSON only: the keys a and b with values 1 and 2.", "Who was Marie Curie?", "What causes tides?",
    "Write an SQL query that counts the rows of a table named users.", "Is a tomato a fruit?",
    "How many minutes are in a day?", "Suggest a name for a small bakery.",
    "什么是光合作用？", "请介绍一下北京。", "怎么煮米饭？", "写一首关于月亮的诗。", "15加27等于多少？", "把“谢谢你”翻译成英语。",
    "谁发明了造纸术？", "解释什么是质数。", "写一个Python函数，判断一个数是不是偶数。", "请给出三条健康饮食的建议。",
    "天气和气候有什么区别？", "给同事写一封简短的感谢邮件。", "地球到月球有多远？", "讲一个笑话。", "“画蛇添足”是什么意思？",
    "用一句话概括《西游记》。", "去哈尔滨旅行要带什么？", "列出四种乐器。", "孔子是谁？", "为什么会有潮汐？", "一天有多少分钟？",
    "给一家小书店起个名字。",
)  # fmt: skip
Logits = Callable[[Sequence[int]], np.ndarray]  # ids -> (ids, vocab)


@dataclass
class Compared:
    """One pair of engines over many places."""

    kl: list[float] = field(default_factory=list)  # nats, of the first's distribution from the second's
    same: list[bool] = field(default_factory=list)  # the same likeliest token

    def add(self, reference: np.ndarray, other: np.ndarray) -> None:
        """Logits (places, vocab) of both."""
        p, q = (torch.log_softmax(torch.from_numpy(x).double(), -1) for x in (reference, other))
        self.kl += (p.exp() * (p - q)).sum(-1).tolist()
        self.same += (p.argmax(-1) == q.argmax(-1)).tolist()

    @property
    def mean_kl(self) -> float:
        return float(np.mean(self.kl))

    @property
    def top1(self) -> float:
        return float(np.mean(self.same))


@dataclass
class Agreement:
    """What was found. Names of engines: attune, llama.cpp, exact."""

    pairs: dict[tuple[str, str], Compared]
    perplexity: dict[str, dict[str, float]]  # text -> engine -> perplexity
    prompts: int
    places: int
    same_tokens: int  # prompts that llama.cpp's own tokenizer reads as the same ids

    def worst_perplexity_ratio(self) -> float:
        """The largest relative distance of Attune's perplexity from llama.cpp's."""
        return max(abs(found["attune"] / found["llama.cpp"] - 1) for found in self.perplexity.values())


def attune_logits(model: object) -> Logits:
    decoder = model.decoder  # type: ignore[attr-defined]

    @torch.inference_mode()
    def logits(ids: Sequence[int]) -> np.ndarray:
        rows: torch.Tensor = decoder.forward(
            decoder.new_cache(1, len(ids)), torch.tensor([list(ids)]), all_logits=True
        )
        return rows[0].float().numpy()

    return logits


def exact_logits(file: Path) -> Logits:
    """transformers, with the file's values in float32."""
    from transformers import AutoModelForCausalLM

    module = AutoModelForCausalLM.from_pretrained(
        str(file.parent), gguf_file=file.name, dtype=torch.float32
    ).eval()

    @torch.inference_mode()
    def logits(ids: Sequence[int]) -> np.ndarray:
        found: np.ndarray = module(input_ids=torch.tensor([list(ids)])).logits[0].float().numpy()
        return found

    return logits


def compare(
    model: object, llama: LlamaLogits, exact: Logits | None = None, prompts: Sequence[str] = PROMPTS,
    text_tokens: int = TEXT_TOKENS, tell: Callable[[str], None] = lambda text: None,
) -> Agreement:  # fmt: skip
    """``model``: a LoadedModel of the file that ``llama`` has open."""
    engines: dict[str, Logits] = {"attune": attune_logits(model), "llama.cpp": llama.logits}
    if exact is not None:
        engines["exact"] = exact
    references = [("llama.cpp", "attune")] + ([("exact", "attune"), ("exact", "llama.cpp")] if exact else [])
    pairs = {pair: Compared() for pair in references}
    same_tokens = places = 0
    for number, prompt in enumerate(prompts, 1):
        rendered = model.render([{"role": "user", "content": prompt}])  # type: ignore[attr-defined]
        ids = list(model.prepare([{"role": "user", "content": prompt}]).keys)  # type: ignore[attr-defined]
        same_tokens += llama.tokenize(rendered) == ids
        whole = ids + greedy(model, ids)
        found = {name: logits(whole)[len(ids) - 1 : -1] for name, logits in engines.items()}
        places += len(whole) - len(ids)
        for (reference, other), compared in pairs.items():
            compared.add(found[reference], found[other])
        tell(f"{number} of {len(prompts)}: KL {np.mean(pairs[references[0]].kl):.5f}")
    perplexity: dict[str, dict[str, float]] = {}
    for language, path in TEXTS.items():
        ids = llama.tokenize(path.read_text(encoding="utf-8"))[:text_tokens]
        perplexity[language] = {name: perplexity_of(logits(ids), ids) for name, logits in engines.items()}
        tell(f"{language}: {perplexity[language]}")
    return Agreement(pairs, perplexity, len(prompts), places, same_tokens)


@torch.inference_mode()
def greedy(model: object, ids: Sequence[int]) -> list[int]:
    """The reply's first likeliest tokens, without the end token; at least one."""
    decoder, eos = model.decoder, model.eos_ids  # type: ignore[attr-defined]
    cache = decoder.new_cache(1, len(ids) + REPLY_TOKENS)
    token = decoder.forward(cache, torch.tensor([list(ids)])).argmax(-1)
    written = [int(token)]
    while len(written) < REPLY_TOKENS and written[-1] not in eos:
        written.append(int(decoder.forward(cache, torch.tensor([[written[-1]]])).argmax(-1)))
    return written


def perplexity_of(logits: np.ndarray, ids: Sequence[int]) -> float:
    """Of all tokens but the first, from logits (ids, vocab)."""
    rows = torch.log_softmax(torch.from_numpy(logits[:-1]).double(), -1)
    losses = -rows[torch.arange(len(ids) - 1), torch.tensor(list(ids[1:]))]
    return math.exp(float(losses.mean()))


def table(found: Agreement, name: str) -> str:
    """Markdown."""
    rows = ["| distance | KL, nats per token | its highest | same likeliest token |", "|---|---|---|---|"]
    for (reference, other), compared in found.pairs.items():
        rows.append(
            f"| {other} from {reference} | {compared.mean_kl:.5f} | {max(compared.kl):.4f} | {compared.top1:.1%} |"
        )
    rows += ["", f"| perplexity | {' | '.join(next(iter(found.perplexity.values())))} | attune / llama.cpp |"]
    rows.append("|---|" + "---|" * (len(next(iter(found.perplexity.values()))) + 1))
    for language, by_engine in found.perplexity.items():
        ratio = by_engine["attune"] / by_engine["llama.cpp"] - 1
        rows.append(
            f"| {language} | {' | '.join(f'{value:.3f}' for value in by_engine.values())} | {ratio:+.2%} |"
        )
    rows += ["", f"{name}: {found.prompts} prompts, {found.places} places in replies; {found.same_tokens} prompts are the same "
             "tokens by llama.cpp's tokenizer."]  # fmt: skip
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gguf", type=Path, help="the file the model was made from; else FOLDER/source.gguf")
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--prompts", type=int, default=len(PROMPTS))
    parser.add_argument("--text-tokens", type=int, default=TEXT_TOKENS)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--section", default="agreement", help="the section's name in the document")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    from models.loader import load
    from models.thread_count import physical_cores

    threads = arguments.threads or physical_cores()
    file = (arguments.gguf or arguments.folder / "source.gguf").resolve()
    model = load(arguments.folder, model_id=arguments.folder.name, threads=threads)
    llama = LlamaLogits(file, threads)
    exact = exact_logits(file) if arguments.exact else None
    every = max(1, len(PROMPTS) // arguments.prompts)
    chosen = PROMPTS[::every][: arguments.prompts]  # of both languages
    found = compare(
        model, llama, exact, chosen, arguments.text_tokens, lambda text: print(text, file=sys.stderr)
    )
    text = table(found, arguments.folder.name)
    print(text)
    if arguments.write:
        write_section(arguments.write, arguments.section, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
