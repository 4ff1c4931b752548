"""Guidance raises the tokens a taste asks for where they mean it: a list's mark at the start of a line, never line on line."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from characters import Characters

from assistant.learning import guidance
from assistant.learning.reward_head import reward, style_features

TEXTS = ("the", " fox", "-", "\n", "**", "?", "<end>")
THE, FOX, DASH, BREAK, BOLD, ASK, END = range(len(TEXTS))


def sure_of(trait: str, weight: float, ratings: int = 20) -> reward.Head:
    place, empty = style_features.NAMES.index(trait), reward.empty_head()
    mean, inclusion = empty.mean.copy(), empty.inclusion.copy()
    mean[place], inclusion[place] = weight, 1.0
    return replace(empty, mean=mean, inclusion=inclusion, ratings=ratings, nothing=0.0)


def bonuses(trait: str, written: list[int], weight: float = 1.5, strength: float = 1.0) -> torch.Tensor:
    guide = guidance.Guidance(sure_of(trait, weight), Characters(*TEXTS), [END], strength)
    flat = torch.zeros(1, len(TEXTS))
    return guide(flat, [written])[0] - flat[0]


@pytest.mark.parametrize("written", [[], [THE, FOX, BREAK]])
def test_a_lists_mark_is_wanted_where_a_line_begins(written):
    there = bonuses("lists", written)
    assert there[DASH] > 0 and there[BREAK] == 0  # a line that says nothing is not ended for the taste


def test_within_a_line_no_mark_is_wanted_but_after_some_words_its_end():
    early, late = bonuses("lists", [THE, BREAK, FOX]), bonuses("lists", [THE, FOX, THE, FOX, THE])
    assert early[DASH] == 0 and early[BREAK] == 0
    assert late[DASH] == 0 and late[BREAK] > 0


def test_bold_words_are_wanted_where_a_line_begins_and_unwanted_ones_lose_points():
    assert bonuses("markup", [])[BOLD] > 0 == bonuses("markup", [THE, FOX])[BOLD]
    assert bonuses("questions", [THE], -1.5)[ASK] < 0


def test_bonuses_are_bounded_and_stronger_only_in_practice():
    assert float(bonuses("questions", [THE], 9.0).max()) == guidance.STRONGEST
    assert float(bonuses("questions", [THE], 9.0, 2.0).max()) == 2 * guidance.STRONGEST


def test_where_the_model_is_sure_it_is_left_alone():
    guide = guidance.Guidance(sure_of("questions", 3.0), Characters(*TEXTS), [END])
    sure = torch.zeros(1, len(TEXTS))
    sure[0, THE] = 9.0
    assert torch.equal(guide(sure, [[FOX]]), sure)


def test_too_few_ratings_guide_nothing():
    guide = guidance.Guidance(sure_of("questions", 3.0, ratings=2), Characters(*TEXTS), [END])
    assert not guide.active


def test_as_many_candidates_as_the_seconds_allow():
    assert guidance.candidates(650.0, 240, 6.0) == 8
    assert guidance.candidates(100.0, 240, 6.0) == 2
    assert guidance.candidates(10.0, 240, 6.0) == 1


def test_an_item_is_more_than_its_mark():
    at = style_features.NAMES.index("lists")
    assert style_features.measure("- \n-\n* \n")[at] == 0 and style_features.measure("1. 1\n-2\n")[at] == 0
    assert (
        style_features.measure("- milk\n- bread")[at] > 0
        and style_features.measure("1. 牛奶\n2. 面包")[at] > 0
    )


def test_the_vocabulary_is_looked_through_once_and_not_after_every_rating(monkeypatch):
    tokenizer, looked = Characters(*TEXTS), []
    convert = tokenizer.convert_tokens_to_string
    monkeypatch.setattr(tokenizer, "convert_tokens_to_string", lambda t: looked.append(t) or convert(t))
    first = guidance.Guidance(sure_of("questions", 1.5), tokenizer, [END])
    assert len(looked) == len(TEXTS)
    second = guidance.Guidance(sure_of("questions", -1.5), tokenizer, [END])
    assert len(looked) == len(TEXTS)
    assert first.bonus[ASK] > 0 > second.bonus[ASK]


def test_a_weight_that_is_averaged_over_models_counts_as_it_is():
    """A trait that half of the models have a weight for has half of it in their average already."""
    head = sure_of("questions", 0.6)
    unsure = replace(head, inclusion=head.inclusion * 0.5)
    flat = torch.zeros(1, len(TEXTS))
    sure, half = (guidance.Guidance(h, Characters(*TEXTS), [END])(flat, [[THE]])[0] for h in (head, unsure))
    assert sure[ASK] > 0 and torch.equal(sure, half)
