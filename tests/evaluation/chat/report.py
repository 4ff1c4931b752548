"""The table of the chat evaluation: right replies by engine, language and kind, and every failure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from assistant.learning.checks.ab_comparison import wilson
from tests.evaluation.chat.engines import Answer
from tests.evaluation.chat.request import KINDS, Request

Answers = Mapping[str, Answer]  # by request id
LONGEST = 100  # characters of a failed reply that are shown


def table(requests: Sequence[Request], engines: Mapping[str, Answers]) -> str:
    """Markdown. Every request of the list must have been answered by every engine."""
    found = {name: {r.id: r.check(answers[r.id].text) for r in requests} for name, answers in engines.items()}
    names = list(engines)
    rows = [f"| requests | number | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    groups = [
        ("all", list(requests)),
        *((label, [r for r in requests if r.language == code]) for code, label in (("en", "English"), ("zh", "Chinese"))),
        *((kind, [r for r in requests if r.kind == kind]) for kind in KINDS),
    ]  # fmt: skip
    for label, group in groups:
        cells = []
        for name in names:
            right = sum(not found[name][r.id] for r in group)
            low, high = wilson(right, len(group))
            between = f" ({low:.0%} to {high:.0%})" if label in ("all", "English", "Chinese") else ""
            cells.append(f"{right}{between}")
        rows.append(f"| {label} | {len(group)} | {' | '.join(cells)} |")
    rows += ["", "In brackets: 95 % Wilson intervals of the share.", *_agreement(requests, engines), ""]
    for name, wrong in found.items():
        rows.append(f"<details><summary>What {name} failed</summary>\n")
        for request in requests:
            if wrong[request.id]:
                text = (
                    " ".join(engines[name][request.id].text.split())[:LONGEST]
                    .replace("|", "\\|")
                    .replace("<", "&lt;")
                )
                rows.append(f"- `{request.id}`: {wrong[request.id].replace('<', '&lt;')}. It wrote: {text}")
        rows.append("\n</details>\n")
    return "\n".join(rows)


def _agreement(requests: Sequence[Request], engines: Mapping[str, Answers]) -> list[str]:
    """Of each engine and the one of another program that writes most like it: how many replies are the same word for word,
    and whether the prompts were. The same file in two programs is found so, whatever its names."""
    lines = []
    for one, other in itertools.combinations(engines, 2):
        if one.split(",")[0] == other.split(",")[0]:
            continue
        rivals = [name for name in engines if name.split(",")[0] == one.split(",")[0]]
        if max(rivals, key=lambda name: _same(requests, engines[name], engines[other])) != one:
            continue
        prompts = sum(
            engines[one][r.id].prompt_tokens == engines[other][r.id].prompt_tokens for r in requests
        )
        lines.append(
            f"{one} and {other}: {_same(requests, engines[one], engines[other])} of {len(requests)} replies are the same "
            f"word for word, {prompts} prompts have the same number of tokens."
        )
    return ["", *lines] if lines else []


def _same(requests: Sequence[Request], mine: Answers, theirs: Answers) -> int:
    return sum(mine[r.id].text.strip() == theirs[r.id].text.strip() for r in requests)
