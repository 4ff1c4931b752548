"""The checked list of requests: its size, its checks against a right and a wrong reply each, and its table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.chat import checks, report, run
from tests.evaluation.chat.engines import Answer
from tests.evaluation.chat.request import KINDS, Request

REPORT, DEVELOP = run.SETS["report"], run.SETS["develop"]


@pytest.mark.parametrize("request_", [*REPORT, *DEVELOP], ids=lambda r: r.id)
def test_each_check_takes_a_right_reply_and_refuses_a_wrong_one(request_: Request) -> None:
    assert request_.check(request_.right) == ""
    assert request_.check(request_.wrong) != ""
    assert request_.check("") != ""


def test_the_list_is_long_enough_has_every_kind_in_it_and_shares_nothing_with_the_development_list() -> None:
    assert sum(r.language == "en" for r in REPORT) >= 40 and sum(r.language == "zh" for r in REPORT) >= 32
    assert {r.kind for r in REPORT} == set(KINDS)
    assert len({r.id for r in (*REPORT, *DEVELOP)}) == len(REPORT) + len(DEVELOP)
    assert not {r.text for r in REPORT} & {r.text for r in DEVELOP}


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checks.number(1200), "It has **1,200** rooms.", "It has 12,000 rooms."),
        (checks.number(8), "8\n\nFirst, len gives 5.\nThen 3 is added.", "First 5.\nThen 8 or so.\nSo 9."),
        (checks.items(2), "Here you are:\n\n* one\n* two", "* one\n* two\n* three"),
        (checks.items(2), "1、一\n2、二", "1、一"),
        (checks.exactly("Paris"), '"**Paris**."', "It is Paris"),
        (checks.sentences(2, 2), "It costs 3.5 euros. That is much!", "It costs 3.5 euros."),
        (checks.language("zh"), "他用Python写程序很多年了", "Hello, 你"),
        (checks.language("en"), "Hello", "Hello, 你好"),
        (checks.json_that(lambda v: v == {"a": 1}), '```json\n{"a": 1}\n```', 'Here: {"a": 1}'),
        (checks.json_that(lambda v: v["a"]["b"] == 1), '{"a": {"b": 1}}', '{"a": [1]}'),
        (checks.words(2, 3), "two words", "these are four words"),
        (checks.lines(2), "one\n\ntwo", "one\ntwo\nthree"),
        (checks.email("en"), "Subject: Heat\n\nDear Sir,\n\nOne. Two. Three.\n\nBest wishes,\nA", "Dear Sir, it is cold. Bye."),
    ],
)  # fmt: skip
def test_checks_are_strict_about_what_was_asked_only(check: checks.Check, right: str, wrong: str) -> None:
    assert check(right) == "" and check(wrong) != ""


def test_code_that_does_not_end_or_eats_memory_fails_by_itself() -> None:
    assert "code" in checks.python_that("pass")("```python\nwhile True: pass\n```")
    assert "code" in checks.python_that("pass")("```python\nx = ' ' * 10**10\n```")


def test_the_table_counts_by_language_and_kind_and_lists_what_failed() -> None:
    right = {r.id: Answer(r.right, 10, 5) for r in REPORT}
    mixed = right | {r.id: Answer(r.wrong, 11, 5) for r in REPORT if r.language == "zh"}
    text = report.table(REPORT, {"one": right, "two": mixed})
    english, chinese = (sum(r.language == code for r in REPORT) for code in ("en", "zh"))
    assert f"| Chinese | {chinese} | {chinese} (" in text and "| 0 (0%" in text
    assert f"{english} of {len(REPORT)} replies are the same word for word" in text
    assert f"{english} prompts have the same number of tokens" in text
    assert text.count("- `zh-") == chinese and "- `en-" not in text


def test_replies_are_kept_and_asked_again_only_when_the_request_changed(tmp_path: Path) -> None:
    replies = run.Replies(tmp_path / "engine")
    replies.keep(REPORT[0], Answer(REPORT[0].right, 3, 4))
    again = run.Replies(tmp_path / "engine")
    assert again.get(REPORT[0]) == Answer(REPORT[0].right, 3, 4)
    assert again.missing(REPORT[:2]) == [REPORT[1]]
    other = Request(REPORT[0].id, "fact", "Something else?", REPORT[0].check, "", "")
    assert again.get(other) is None
