"""When the default model is fetched, offered and taken into use: every case of the decision."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.services.models import (
    STARTER,
    ArrivalPlan,
    ModelChoice,
    arrival_plan,
    follows_default,
    may_switch,
)
from assistant.settings import Settings

HERE = ModelChoice("better", "Better", True)
AWAY = ModelChoice("better", "Better", False, size_bytes=1000)
PARTLY = ModelChoice("better", "Better", False, size_bytes=1000, fetched_bytes=10)


@pytest.mark.parametrize(
    ("kept", "said", "expected"),
    [
        ("ask", None, ArrivalPlan(ask=True)),
        ("ask", True, ArrivalPlan(fetch=True)),  # dev.py run
        ("ask", False, ArrivalPlan()),  # --starter
        ("yes", None, ArrivalPlan(fetch=True)),  # the next start goes on
        ("yes", True, ArrivalPlan(fetch=True)),
        ("yes", False, ArrivalPlan()),
        ("no", None, ArrivalPlan()),
        ("no", True, ArrivalPlan()),  # what was cancelled in the window stays cancelled
        ("no", False, ArrivalPlan()),
    ],
)
@pytest.mark.parametrize("default", [AWAY, PARTLY])
def test_consent_comes_from_the_command_or_from_what_was_said_before(default, kept, said, expected):
    settings = Settings(fetch_default=kept)
    assert arrival_plan(default, settings, said) == expected
    assert arrival_plan(default, settings, said, network_forbidden=True) == ArrivalPlan()


@given(st.sampled_from(("ask", "yes", "no")), st.sampled_from((None, True, False)))
def test_a_user_who_chose_a_model_and_one_who_has_the_default_are_left_alone(kept, said):
    for settings in (
        Settings(model="own"),
        Settings(model_chosen=True),
        Settings(model="own", model_chosen=True),
    ):
        assert arrival_plan(AWAY, settings.with_changes(fetch_default=kept), said) == ArrivalPlan()
        assert not follows_default(settings)
    assert arrival_plan(HERE, Settings(fetch_default=kept), said) == ArrivalPlan()


def test_it_takes_over_only_where_nothing_is_ended_by_that():
    for empty, learning, comparing in itertools.product((True, False), repeat=3):
        may = may_switch(Settings(), chat_is_empty=empty, learning=learning, comparing=comparing)
        assert may == (empty and not learning and not comparing)
    chosen = Settings(model=STARTER, model_chosen=True)
    assert not may_switch(chosen, chat_is_empty=True, learning=False, comparing=False)
