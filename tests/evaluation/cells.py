"""One cell of the evaluation: a simulated user gives N ratings, something learns from them, unseen prompts are answered.

A cell is a dict that goes into the results file as it is. Methods:

- ``head``: nothing is trained; base replies, the best of them by the reward head;
- ``guidance``: nothing is trained; base replies under the head's bonuses, and the best of eight of those: all that the
  product does at reply time;
- ``update``: ``assistant.learning.update.run`` as in the product, gate included; a refused version counts as the base;
- ``update, in thirds``: three of them, each on from the one before, after a third, two thirds and all of the ratings;
- ``update, in use``: ratings as the program collects them, pairs among them (``interacting.py``), instead of thumbs on
  replies drawn evenly;
- ``update, deep``: `attune learn --deep`;
- ``update, hurried``: practice on four prompts instead of eight, as where the minute would not hold;
- ``update, edits``: the ratings are edits of base replies instead of thumbs (users of ``users.EDITS`` only);
- ``update, ratings only``, ``update, practice only`` and ``update, unsteered``: without a part (ablation);
- ``told``: the base model with the preference stated as a system prompt;
- ``few-shot``: the base model with three liked replies before the prompt.

``win`` is of single replies, ``win_best`` of the best of four by the head, both without guidance; ``win_default`` of what
the window shows with its default settings: guidance, and the best of eight.
"""

from __future__ import annotations

import itertools
import random
import shutil
import time
from pathlib import Path
from typing import Any

import interacting
import numpy as np
import users
from distance import own_kl
from replies import Pool, as_reply, as_signal, drain, draw

from assistant.learning import guidance, update, update_job
from assistant.learning.checks import gate
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import reward
from assistant.learning.training import rollouts
from assistant.learning_records import UpdateJob

GROUP = 4  # candidates of best-of-n in ``win_best``, and replies to a test prompt without guidance
EACH = 8  # replies with guidance: the product takes up to eight candidates where the time allows
METHODS = (
    "head", "guidance", "update", "update, in thirds", "update, in use", "update, deep", "update, hurried",
    "update, edits", "update, ratings only", "update, practice only", "update, unsteered", "told", "few-shot",
)  # fmt: skip
Text = tuple[str, tuple[int, ...], bool]  # text, ids, whether it ended
Drawn = dict[str, list[Text]]  # by prompt
HYPER: dict[str, dict[str, Any]] = {
    "update": {},
    "update, in thirds": {},
    "update, in use": {},
    "update, deep": {},
    "update, hurried": {"practice_prompts": 4},
    "update, edits": {},
    "update, ratings only": {"practice_prompts": 0, "epochs": 10},
    "update, practice only": {"rating_weight": 0.0},
    "update, unsteered": {"steered": 0},
}


def rate(user: users.User, count: int, seed: int, prompts: tuple[str, ...], pool: Pool) -> list[Signal]:
    """``count`` thumbs on base replies; up where the reply stands in the upper half of all base replies."""
    rng = random.Random(f"{user.name} {count} {seed}")
    usual = users.usual(user, (text for p in prompts for text in pool.texts(p)))
    found = []
    for i in range(count):
        prompt = prompts[i % len(prompts)]
        which = rng.randrange(len(pool.replies(prompt)))
        drawn, text = pool.replies(prompt)[which], pool.texts(prompt)[which]
        value = users.thumb(user, text, usual[user.changed(i)], rng, i)
        found.append(as_signal("thumb", value, i, prompt, as_reply(text, drawn)))
    return found


def edit(user: users.User, count: int, seed: int, prompts: tuple[str, ...], pool: Pool) -> list[Signal]:
    """``count`` edits of base replies of some length; the user's version is the better one."""
    rng = random.Random(f"{user.name} edits {count} {seed}")
    change = users.EDITS[user.name]
    edited = {p: [t for t in pool.texts(p) if len(t.split()) > 20 and change(t) != t] for p in prompts}
    prompts = tuple(p for p in prompts if edited[p])  # what they would change nothing of, they do not edit
    found = []
    for i in range(count):
        prompt = prompts[i % len(prompts)]
        text = rng.choice(edited[prompt])
        found.append(as_signal("edit", 1, i, prompt, Reply(change(text)), Reply(text)))
    return found


def run(
    model: Any, pool: Pool, user: users.User, count: int, seed: int, method: str, train: tuple[str, ...],
    test: tuple[str, ...], scratch: Path, untrained: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The cell's line. ``scratch`` is emptied. ``untrained``: the line of ``guidance`` for the same ratings, if it was
    made: what a refused update leaves, so it need not be drawn again."""
    how = {"update, edits": edit, "update, in use": interacting.rate}.get(method, rate)
    rated = how(user, count, seed, train, pool)
    head = reward.fit(rated)
    line: dict[str, Any] = {"user": user.name, "n": count, "seed": seed, "method": method}
    line |= {"liked": sum(s.value > 0 for s in rated), "nothing": round(head.nothing, 3)}
    started, cpu = time.monotonic(), time.process_time()
    if method in HYPER:
        line |= _update(model, pool, rated, seed, method, train, scratch)
    line |= {"seconds": round(time.monotonic() - started, 1), "cpu_s": round(time.process_time() - cpu, 1)}
    own: Drawn = {}
    guided: Drawn = {}
    as_base = method in HYPER and not line["accepted"]
    hook = guidance.Guidance(head, model.tokenizer, model.eos_ids)
    known = untrained if as_base else None
    for number, prompt in enumerate(test):
        asked, place = _messages(method, user, rated, prompt), 90_000 + number + 1000 * seed
        if method == "head" or as_base:
            own[prompt] = _read(model, pool.replies(prompt))
        elif method != "guidance":
            own[prompt] = _read(model, draw(model, asked, GROUP, place))
        if known is None and (method == "guidance" or method in HYPER):
            guided[prompt] = _read(model, draw(model, asked, EACH, place, hook))
    model.decoder.set_style(None)
    if line.get("accepted"):
        line["kl_own"] = round(
            own_kl(model, scratch / line["style"], {p: [t[0][1]] for p, t in own.items()}), 5
        )
    shutil.rmtree(scratch, ignore_errors=True)
    line |= judge(user, count, head, own or guided, pool, of_pool=method == "head" or as_base)
    if known is not None:
        return line | {key: known[key] for key in ("win_default", "prompt_words_default")}
    return line | _by_default(user, count, head, guided, pool)


def _read(model: Any, drawn: list[Any]) -> list[Text]:
    return [(model.tokenizer.decode(r.ids), r.ids, r.ended) for r in drawn]


def _update(
    model: Any, pool: Pool, rated: list[Signal], seed: int, method: str, train: tuple[str, ...], scratch: Path
) -> dict[str, Any]:  # fmt: skip
    """Run the product's update (or three) and leave its style on the decoder, if one was accepted."""
    cache = rollouts.base_cache(model)
    for prompt in train:  # what a session's earlier updates would have drawn already
        cache[model.prepare([{"role": "user", "content": prompt}]).keys] = pool.replies(prompt)
    shutil.rmtree(scratch, ignore_errors=True)
    thirds = 3 if method == "update, in thirds" else 1
    style: Path | None = None
    line: dict[str, Any] = {
        "accepted": False,
        "steps": 0,
        "tokens": 0,
        "kl_per_token": 0.0,
        "perplexity": 1.0,
    }
    for third in range(1, thirds + 1):
        some = rated[: len(rated) * third // thirds]
        job = UpdateJob(
            f"v{third}", model.id, str(scratch), tuple(some), parent_folder=str(style) if style else None,
            continues=style is not None, deep=method == "update, deep", seed=seed + third - 1,
            kl_share=update_job.KL_SHARE["normal"], hyper={"seconds": 3600.0, "minute": 0.0} | HYPER[method],
        )  # fmt: skip
        report = drain(update.run(job, model))
        if report.accepted:
            style = scratch / f"v{third}"
            line |= {"accepted": True, "style": style.name, "kl_per_token": report.kl_per_token}
            line |= {"perplexity": report.gate.perplexity_ratio, "strength": report.strength}
        line["steps"] += report.steps
        line["tokens"] += report.tokens
        line |= {
            "reason": report.reason,
            "phases": report.seconds_by_phase,
            "stopped": report.stopped,
        }
        line |= {"heldout_agreement": report.heldout_agreement}
    model.decoder.set_style(style)
    return line


def _messages(method: str, user: users.User, rated: list[Signal], prompt: str) -> list[dict[str, str]]:
    asked = [{"role": "user", "content": prompt}]
    if method == "told":
        return [{"role": "system", "content": users.TOLD[user.name]}, *asked]
    if method == "few-shot":
        liked = [s for s in rated if s.value > 0][-3:]
        shown = [
            m
            for s in liked
            for m in ({"role": "user", "content": s.asked}, {"role": "assistant", "content": s.reply.text})
        ]
        return [*shown, *asked]
    return asked


def _by_default(user: users.User, at: int, head: reward.Head, guided: Drawn, pool: Pool) -> dict[str, Any]:
    """``win_default``: the best of all guided replies to a prompt against every base reply."""
    if not guided:
        return {}
    wins, words = [], []
    for prompt, mine in guided.items():
        best = mine[guidance.choose(head, [t for t, _, _ in mine], [e for _, _, e in mine]).index][0]
        wins += [users.win(user, best, b, at) for b in pool.texts(prompt)]
        words.append(_on_topic(prompt, best))
    return {"win_default": _mean(wins), "prompt_words_default": _mean(words)}


def judge(
    user: users.User, at: int, head: reward.Head, own: Drawn, pool: Pool, *, of_pool: bool
) -> dict[str, Any]:
    """Win rates against every base reply to the same prompt, and what a style must not cost.

    ``of_pool``: the replies are the base replies themselves, which are not compared with their own group.
    """
    single, best, controlled = [], [], []
    for prompt, mine in own.items():
        base = pool.texts(prompt)
        for start in range(0, len(mine) - GROUP + 1, GROUP):
            group = mine[start : start + GROUP]
            pick = guidance.choose(head, [t for t, _, _ in group], [e for _, _, e in group]).index
            others = base[:start] + base[start + GROUP :] if of_pool else base
            wins = [[users.win(user, text, b, at) for b in others] for text, _, _ in group]
            single += [w for row in wins for w in row]
            best += wins[pick]
            controlled += [
                w for (text, _, _), row in zip(group, wins, strict=True) for w, b in zip(row, others, strict=True)
                if abs(len(text.split()) - len(b.split())) <= 0.15 * len(b.split())
            ]  # fmt: skip
    replies = [reply for mine in own.values() for reply in mine]
    pairs = [pair for _, ids, _ in replies for pair in itertools.pairwise(ids)]
    return {
        "win": _mean(single), "win_best": _mean(best), "win_like_length": _mean(controlled),
        "words": _mean([len(t.split()) for t, _, _ in replies]), "ended": _mean([e for _, _, e in replies]),
        "repetition": _mean([gate.repetition(ids) for _, ids, _ in replies]),
        "distinct_2": round(len(set(pairs)) / max(len(pairs), 1), 4),
        "prompt_words": _mean([_on_topic(p, t) for p, mine in own.items() for t, _, _ in mine]),
    }  # fmt: skip


def _on_topic(prompt: str, reply: str) -> float:
    """Share of the prompt's content words (five letters or more, by their first five) that the reply takes up."""
    wanted = {w[:5] for w in users.words(prompt) if len(w) >= 5}
    return len(wanted & {w[:5] for w in users.words(reply)}) / len(wanted) if wanted else 1.0


def _mean(values: Any) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None
