"""The evaluation in a reduced form: one user, a few prompts, the real starter; and its arithmetic."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import prompts
import report
import users


def line(user: str, win: float, n: int = 20, method: str = "update") -> dict:
    return {
        "user": user, "n": n, "seed": 0, "method": method, "win": win, "win_best": win, "win_default": win,
        "win_like_length": None, "distinct_2": 0.5, "prompt_words": 0.5, "accepted": True, "steps": 3, "tokens": 10, "cpu_s": 1.0,
        "kl_per_token": 0.01, "perplexity": 1.0,
    }  # fmt: skip


def test_the_report_leaves_the_random_user_out_of_the_means_and_tells_of_them():
    text = report.table([line("short", 0.8), line("long", 0.6), line("random", 0.0)])
    assert "| update | 20 | 2 | 70 % | 60 to 80 | 70 % | 70 % | 60 to 80 |" in text
    assert "rates at random: update, 20 ratings, seed 0: accepted" in text


def test_the_plot_is_a_picture(tmp_path: Path):
    report.plot(
        [line("short", 0.8), line("short", 0.9, 50), line("long", 0.6, 50, "head")], tmp_path / "wins.png"
    )
    assert (tmp_path / "wins.png").read_bytes()[:4] == b"\x89PNG"


def test_a_refused_update_leaves_what_the_reply_time_does(monkeypatch, tmp_path: Path):
    import cells
    from replies import Pool

    from assistant.generation.batch_decoding import Rollout

    class Words:
        eos_ids = (0,)

        def __init__(self) -> None:
            self.tokenizer = self.decoder = self

        def __len__(self) -> int:
            return 8

        def decode(self, ids):
            return " ".join("word" for _ in ids)

        def set_style(self, folder):
            assert folder is None

        def convert_ids_to_tokens(self, ids):
            return ["" for _ in ids]

    model = Words()
    pool = Pool(model, tmp_path / "replies.jsonl")
    pool._replies = {p: [Rollout((1,) * k, (-1.0,) * k, True) for k in range(1, 17)] for p in ("a b", "c d")}
    monkeypatch.setattr(cells, "_update", lambda *rest: {"accepted": False, "reason": "no pattern"})
    user = next(u for u in users.USERS if u.name == "short")
    known = {"win_default": 0.75, "prompt_words_default": 0.5}
    found = cells.run(model, pool, user, 12, 0, "update", ("a b",), ("c d",), tmp_path / "scratch", known)
    assert found["win_default"] == 0.75 and found["win"] == pytest.approx(0.5)


def test_no_prompt_is_in_two_sets():
    every = [*prompts.DEVELOP_TRAIN, *prompts.DEVELOP_TEST, *prompts.REPORT_TRAIN, *prompts.REPORT_TEST]
    assert len({p.lower() for p in every}) == len(every)


def test_every_user_has_a_sentence_that_states_the_preference():
    assert {u.name for u in users.USERS} == set(users.TOLD)


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_fifty_ratings_of_one_user_on_the_starter(starter_models: Path, tmp_path: Path):
    import run

    arguments = ["--out", str(tmp_path), "--model", str(starter_models / "starter"), "--users", "short"]
    arguments += [
        "--ratings",
        "50",  # twenty are too few to be told from chance in every second draw
        "--seeds",
        "1",
        "--methods",
        "head",
        "update",
        "--prompts",
        "12",
        "--test-prompts",
        "6",
    ]
    assert run.main(arguments) == 0
    found = {c["method"]: c for c in map(json.loads, (tmp_path / "results.jsonl").read_text().splitlines())}
    assert found["update"]["kl_per_token"] <= 0.1 and found["update"]["perplexity"] <= 1.05
    assert found["update"]["steps"] > 0 and (found["update"]["win"] > 0.55 or not found["update"]["accepted"])
    assert found["update"]["win_best"] > 0.6 and found["update"]["win_default"] > 0.6
    assert (tmp_path / "table.md").exists() and (tmp_path / "wins.png").exists()
    assert run.main(arguments) == 0  # everything is there already: nothing is drawn or trained again
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 2
