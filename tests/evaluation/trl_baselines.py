"""The yardstick: TRL's KTO and DPO on the same simulated users' ratings, judged as `cells.py` judges Attune's update.

    python tests/evaluation/trl_baselines.py --out FOLDER --model DATA/models/starter --set report --users short lists

Needs the dependency group `benchmark` (trl, which brings datasets); the program itself never imports it. Both train
LoRA of Attune's rank on the layers that Attune trains, so that seconds tell of the trainers alone, with TRL's trainers
and its defaults (bfloat16 among them, unless this processor emulates it and is several times slower with it), the
reference's log-probabilities computed once:

- ``TRL KTO`` (arXiv 2402.01306): every thumb is an example, TRL's defaults but for rate, epochs, batch and signs;
- ``TRL DPO`` (arXiv 2305.18290): a liked and a disliked reply to the same prompt where there are both; a rating that
  finds no partner is paired with an unrated reply of the base model to its prompt.

Rates were tuned with ``--set develop``. The adapter is saved by TRL as PEFT and set on the decoder as any style.
Results go into trl.jsonl of FOLDER (a second run goes on from there), the table to standard output and, with
``--write``, between the two marks of docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import cells
import prompts
import report
import torch
import users
from distance import own_kl
from replies import REPLY_TOKENS, Pool, draw

from assistant.learning.checks import gate, gate_metrics
from assistant.learning.feedback import Signal
from assistant.learning.reward_head import reward
from assistant.learning.training import precision
from assistant.learning.training.policy import Hyper
from models import loader

METHODS = ("TRL KTO", "TRL DPO")
RATES = {"TRL KTO": 2e-3, "TRL DPO": 2e-3}
EPOCHS = 2
BATCH = 8
SETS = {
    "develop": (prompts.DEVELOP_TRAIN, prompts.DEVELOP_TEST),
    "report": (prompts.REPORT_TRAIN, prompts.REPORT_TEST),
}
NAMES = tuple(user.name for user in users.USERS)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
BEGIN, END = "<!-- trl: begin -->", "<!-- trl: end -->"
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def pairs(rated: list[Signal], pool: Pool, seed: int) -> list[tuple[str, str, str]]:
    """(prompt, better, worse) from thumbs: each rating once, by preference with one of the other sign."""
    rng = random.Random(seed)
    waiting: dict[str, list[Signal]] = {}
    found = []
    for s in rated:
        prompt = s.asked
        partner = next((o for o in waiting.get(prompt, []) if o.value != s.value), None)
        if partner is None:
            waiting.setdefault(prompt, []).append(s)
            continue
        waiting[prompt].remove(partner)
        better, worse = (s, partner) if s.value > 0 else (partner, s)
        found.append((prompt, better.reply.text, worse.reply.text))
    for prompt, alone in waiting.items():
        for s in alone:
            other = rng.choice([t for t in pool.texts(prompt) if t != s.reply.text])
            found.append((prompt, s.reply.text, other) if s.value > 0 else (prompt, other, s.reply.text))
    rng.shuffle(found)
    return found


def train(
    model: Any, pool: Pool, rated: list[Signal], method: str, rate: float, epochs: int, seed: int, folder: Path
) -> dict[str, Any]:  # fmt: skip
    """Train one adapter into ``folder`` (PEFT) and measure its distance from the base model."""
    import peft
    import trl
    from datasets import Dataset
    from transformers import LlamaForCausalLM
    from trl.trainer import dpo_trainer, kto_trainer

    module = LlamaForCausalLM(model.module().config.get_text_config())
    module.load_state_dict(model.module().model.language_model.state_dict(), strict=False)
    known = model.module().model.language_model.state_dict()
    module.model.load_state_dict({name: known[name] for name in module.model.state_dict()})
    module.tie_weights()
    tokenizer = model.tokenizer

    def asked(prompt: str) -> str:
        return str(
            tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
            )
        )

    hyper = Hyper()
    common: dict[str, Any] = {
        "output_dir": str(folder), "per_device_train_batch_size": BATCH, "num_train_epochs": epochs,
        "learning_rate": rate, "lr_scheduler_type": "linear", "warmup_steps": 2, "seed": seed, "report_to": "none",
        "save_strategy": "no", "logging_strategy": "no", "gradient_checkpointing": False, "use_cpu": True,
        "precompute_ref_log_probs": True, "max_length": 512, "disable_tqdm": True, "dataloader_pin_memory": False,
        "bf16": precision.pays(module.config.hidden_size, torch.device("cpu")),
    }  # fmt: skip
    layers = module.config.num_hidden_layers
    lora = peft.LoraConfig(
        r=hyper.rank, lora_alpha=hyper.alpha, lora_dropout=0.0, target_modules=LINEAR, task_type="CAUSAL_LM",
        layers_to_transform=list(range(layers - hyper.top_layers, layers)),
    )  # fmt: skip
    if method == "TRL KTO":
        rows = [{"prompt": asked(s.asked), "completion": s.reply.text, "label": s.value > 0} for s in rated]
        # What TRL's documentation asks for where the signs are uneven: weight times count within 1:1 to 4:3.
        ups, downs = (max(1, sum(row["label"] == side for row in rows)) for side in (True, False))
        common |= {
            "desirable_weight": max(1.0, downs / ups),
            "undesirable_weight": max(1.0, ups / downs),
        }
        trainer: Any = trl.KTOTrainer(
            module, args=trl.KTOConfig(**common), train_dataset=Dataset.from_list(rows), peft_config=lora,
            processing_class=tokenizer, data_collator=_cutting(kto_trainer.DataCollatorForUnpairedPreference, tokenizer),
        )  # fmt: skip
        columns = ("completion_ids", "KL_completion_ids")
    else:
        rows = [
            {"prompt": asked(p), "chosen": better, "rejected": worse}
            for p, better, worse in pairs(rated, pool, seed)
        ]
        trainer = trl.DPOTrainer(
            module, args=trl.DPOConfig(**common), train_dataset=Dataset.from_list(rows), peft_config=lora,
            processing_class=tokenizer, data_collator=_cutting(dpo_trainer.DataCollatorForPreference, tokenizer),
        )  # fmt: skip
        columns = ("chosen_ids", "rejected_ids")
    tokens = sum(len(row[name][:REPLY_TOKENS]) for row in trainer.train_dataset for name in columns)
    done = trainer.train()
    trainer.save_model(str(folder))
    line = {"steps": done.global_step, "tokens": tokens * epochs}
    return line | _distance(trainer.model, model, rated, pool)


def _cutting(kind: Any, tokenizer: Any) -> Any:
    """A collator of TRL's that cuts replies at the evaluation's length.

    TRL ends every reply; one that was cut off there must not be taught to end there.
    """

    class Cutting(kind):
        def __call__(self, examples: list[dict[str, Any]], return_tensors: Any = None) -> Any:
            def cut(name: str, value: Any) -> Any:
                reply = name.endswith("_ids") and name != "prompt_ids"
                return value[:REPLY_TOKENS] if reply else value

            return super().__call__([{n: cut(n, v) for n, v in row.items()} for row in examples])

    return Cutting(pad_token_id=tokenizer.pad_token_id)


@torch.no_grad()
def _distance(tuned: Any, model: Any, rated: list[Signal], pool: Pool) -> dict[str, float]:
    """KL in nats per token (of general text and of rated replies, the larger: as the gate does) and perplexity ratio."""
    tuned.eval()

    def both(ids: torch.Tensor) -> tuple[float, torch.Tensor, float, torch.Tensor]:
        mine = gate_metrics.negative_log_likelihood(tuned, ids)
        with tuned.disable_adapter():
            base = gate_metrics.negative_log_likelihood(tuned, ids)
        return (*mine, *base)

    text = torch.tensor([model.tokenizer(gate.GENERAL_TEXT, add_special_tokens=False)["input_ids"]])
    loss, log, base_loss, base_log = both(text)
    kl_text = float((log.exp() * (log - base_log)).sum(-1).mean())
    kls = []
    for s in rated[:8]:
        prompt = model.prepare([{"role": "user", "content": s.asked}]).ids
        ids = torch.cat([prompt, torch.tensor([s.reply.ids])], 1)
        _, log, _, base_log = both(ids)
        log, base_log = log[prompt.shape[1] - 1 :], base_log[prompt.shape[1] - 1 :]
        kls.append(float((log.exp() * (log - base_log)).sum(-1).mean()))
    return {
        "kl_per_token": round(max(kl_text, sum(kls) / len(kls)), 5),
        "perplexity": round(math.exp(loss - base_loss), 4),
    }


def run(
    model: Any, pool: Pool, user: users.User, count: int, seed: int, method: str, rate: float, epochs: int,
    questions: tuple[tuple[str, ...], tuple[str, ...]], scratch: Path,
) -> dict[str, Any]:  # fmt: skip
    """The cell's line, as ``cells.run`` gives it. ``scratch`` is emptied."""
    rated = cells.rate(user, count, seed, questions[0], pool)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    line: dict[str, Any] = {"user": user.name, "n": count, "seed": seed, "method": method, "accepted": True}
    line |= {"rate": rate, "epochs": epochs, "liked": sum(s.value > 0 for s in rated)}
    started, cpu = time.monotonic(), time.process_time()
    line |= train(model, pool, rated, method, rate, epochs, seed, scratch)
    line |= {"seconds": round(time.monotonic() - started, 1), "cpu_s": round(time.process_time() - cpu, 1)}
    model.release_module()
    model.decoder.set_style(scratch)
    own = {}
    for number, prompt in enumerate(questions[1]):
        asked = [{"role": "user", "content": prompt}]
        drawn = draw(model, asked, cells.GROUP, 90_000 + number + 1000 * seed)
        own[prompt] = [(model.tokenizer.decode(r.ids), r.ids, r.ended) for r in drawn]
    model.decoder.set_style(None)
    line["kl_own"] = round(own_kl(model, scratch, {p: [t[0][1]] for p, t in own.items()}), 5)
    shutil.rmtree(scratch, ignore_errors=True)
    return line | cells.judge(user, count, reward.fit(rated), own, pool, of_pool=False)


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    results = out / "trl.jsonl"
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []
    wanted = [
        (name, n, seed, method, arguments.rate or RATES[method], arguments.epochs)
        for n in arguments.ratings
        for seed in range(arguments.seeds)
        for name in arguments.users
        for method in arguments.methods
    ]
    done = {tuple(c[k] for k in ("user", "n", "seed", "method", "rate", "epochs")) for c in lines}
    wanted = [cell for cell in wanted if cell not in done]
    train_prompts, test = SETS[arguments.set]
    questions = train_prompts[: arguments.prompts], test[: arguments.test_prompts]
    if wanted:
        torch.set_num_threads(arguments.threads)
        model = loader.load(arguments.model, model_id="starter", threads=arguments.threads)
        pool = Pool(model, out / f"replies-{arguments.set}.jsonl")
        pool.fill([*questions[1], *questions[0]], tell)
    for number, (name, n, seed, method, rate, epochs) in enumerate(wanted):
        user = next(u for u in users.USERS if u.name == name)
        line = run(model, pool, user, n, seed, method, rate, epochs, questions, out / "trl-scratch")
        lines.append(line)
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        tell(
            f"{number + 1} of {len(wanted)}: {name}, {n} ratings, {method} at {rate:g}: {line['win']:.2f}, best of 4 "
            f"{line['win_best']:.2f}, KL {line['kl_per_token']:.3f}, perplexity {line['perplexity']:.3f}, "
            f"{line['seconds']:.0f} s ({line['cpu_s']:.0f} of processor)"
        )
    text = report.table(lines)
    print(text)
    if arguments.write:
        page = arguments.write.read_text("utf-8")
        before, rest = page.split(BEGIN, 1)
        arguments.write.write_text(before + BEGIN + "\n" + text + END + rest.split(END, 1)[1], "utf-8")
    return 0


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for results; made if need be")
    parser.add_argument("--model", type=Path, required=True, help="the starter's folder")
    parser.add_argument("--set", choices=tuple(SETS), default="develop", help="prompts (default: develop)")
    parser.add_argument("--users", nargs="+", choices=NAMES, default=NAMES, metavar="NAME")
    parser.add_argument("--ratings", nargs="+", type=int, default=[50], metavar="N")
    parser.add_argument("--seeds", type=int, default=1, metavar="N")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS, metavar="METHOD")
    parser.add_argument("--rate", type=float, default=None, help="learning rate (default: the tuned ones)")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--prompts", type=int, default=40, metavar="N", help="training prompts at most")
    parser.add_argument("--test-prompts", type=int, default=12, metavar="N", help="unseen prompts at most")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=PAGE,
        metavar="PAGE",
        help="put the table into this page (docs/evaluation.md)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
