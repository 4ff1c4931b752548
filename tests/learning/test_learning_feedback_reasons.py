"""Why a reply was rated so teaches more than the thumb: chips and plain wishes, in and out, taken back, ageing."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine.codec import decode_request, encode
from assistant.engine.protocol import Learn
from assistant.learning_records import UpdateJob

sys.path.insert(0, str(Path(__file__).parents[1] / "evaluation"))
import users
import why
from test_learning_users import rate, reply

from assistant.learning import feedback, feedback_reasons, style_queries, update_job
from assistant.learning.feedback import Reply, Signal
from assistant.learning.fitted_head import CurrentHead
from assistant.learning.reward_head import reward, style_features
from assistant.paths import DataPaths
from assistant.records import Rating, Turn
from assistant.store import Store

PROMPT = (Turn("user", "p"),)
USUAL = "There is a tree by the road and some people sit under it when the sun is out. " * 3


def one(note: str, value: int = -1, text: str = USUAL, at: str = "0") -> Signal:
    return Signal(at, "thumb", value, at, PROMPT, Reply(text), reasons=feedback_reasons.read(note))


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("too long", (("length", -1),)),
        ("Too long, too formal", (("length", -1), ("formality", -1))),
        ("Shorter please!", (("length", -1),)),
        ("please make it a bit shorter and use simpler words", (("length", -1), ("long_words", -1))),
        ("too long, three lines are enough", (("length", -1),)),
        ("太长了", (("length", -1),)),
        ("请短一点,不要列表", (("length", -1), ("lists", -1))),
        ("太长了\uff0c太正式\uff01", (("length", -1), ("formality", -1))),
        ("right length", (("length", 0),)),
        ("wrong", ((feedback_reasons.CONTENT, -1),)),
        ("love it", ()),
        ("the queue was too long", ()),  # says something else
        ("", ()),
        ("shorter, " * 200, ()),
    ],
)
def test_a_note_is_read_where_it_says_a_known_thing_and_nothing_else(note, said):
    assert feedback_reasons.read(note) == said


@given(st.text(max_size=400))
def test_any_note_can_be_read(note):
    assert all(
        name in style_features.NAMES or name == feedback_reasons.CONTENT
        for name, _ in feedback_reasons.read(note)
    )


def test_every_reason_of_the_window_but_pure_praise_is_known():
    said = (
        "right length",
        "good tone",
        "helpful",
        "too long",
        "too short",
        "too formal",
        "too casual",
        "wrong",
        "off topic",
    )
    assert all(feedback_reasons.read(words) for words in said)


def test_one_reason_says_more_than_a_thumb_and_only_of_its_trait():
    plain = reward.fit([one("")]).weights()
    told = reward.fit([one("too long")]).weights()
    assert told["length"][0] < -0.5 < plain["length"][0]
    assert all(abs(told[name][0]) < 0.2 for name in style_features.NAMES if name != "length")
    assert reward.fit([one("too short")]).weights()["length"][0] > 0.5


def test_a_right_length_speaks_for_the_length_it_had():
    long, brief = ("word " * 200).strip() + ".", "Yes, it is."
    assert reward.fit([one("right length", 1, long)]).weights()["length"][0] > 0.2
    assert reward.fit([one("right length", 1, brief)]).weights()["length"][0] < -0.2


def test_a_thumb_for_what_was_said_tells_less_of_style():
    short, long = "It is so.", ("word " * 150).strip() + "."
    rated = [(1, short), (-1, long)] * 4

    def length(note: str) -> float:
        found = [one(note if value < 0 else "", value, text, str(i)) for i, (value, text) in enumerate(rated)]
        return reward.fit(found).weights()["length"][0]

    assert length("") < length("wrong") < 0


def test_later_ratings_outweigh_an_old_reason():
    told = [one("too long")]
    rng = random.Random(1)
    later = [
        one(
            "", 1 if n > 5 else -1, rng.choice(("It is by the road. ", "It was on a tree. ")) * n, f"1{i:03d}"
        )
        for i, n in enumerate([1, 18, 2, 16, 3, 14] * 12)
    ]
    assert reward.fit(told + later).weights()["length"][0] > 0.3


def test_reasons_cross_to_the_engine():
    signal = one("too long, wrong")
    job = UpdateJob("v1", "tiny", "styles", (signal,))
    assert signal.reasons and decode_request(encode(Learn(1, job))).job.signals == (signal,)


def test_a_note_in_a_file_of_ratings_teaches_and_goes_out_again(tmp_path):
    file, out = tmp_path / "ratings.jsonl", tmp_path / "out.jsonl"
    file.write_text(json.dumps({"prompt": "p", "reply": USUAL, "rating": -1, "note": "too long"}) + "\n")
    with Store.open(DataPaths(tmp_path / "data")) as store:
        store.import_ratings(file, confirmed=True)
        (signal,) = update_job.collect(store)
        assert signal.reasons == (("length", -1),)
        store.export_ratings(out)
        assert json.loads(out.read_text())["note"] == "too long"
        current = CurrentHead(store)
        assert current.head(None).weights()["length"][0] < -0.5
        rating = store.ratings()[0]
        assert style_queries.evidence(store, "starter", "length", -1.0)[0].rating == rating
        store.annotate_rating(rating.id, "too short")  # the head follows the note
        assert current.head(None).weights()["length"][0] > 0.5
        store.withdraw_rating(rating.id)
        assert current.head(None).weights()["length"][0] == 0.0


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Shorter, please.", True), ("no lists please", True), ("请短一点", True), ("Too formal!", True),
        ("use simpler words", True), ("thanks", False), ("Chinese", False), ("a list", False), ("in Chinese please", False),
        ("please", False), ("wrong", False), ("right length", False), ("make it shorter and add a photo", False),
        ("Too long ago?\nWho knows", False), ("", False),
    ],
)  # fmt: skip
def test_a_message_that_is_a_wish_and_nothing_else_is_told_from_others(text, wish):
    assert feedback_reasons.plain_wish(text) is wish


def test_a_wish_in_passing_teaches_the_head_and_trains_nothing():
    wish = replace(one("shorter, please"), kind="note", value=0)
    assert -0.5 < reward.fit([wish]).weights()["length"][0] < -0.1
    assert feedback.weighted([wish]) == []
    assert (
        feedback.from_rating(Rating("r", "note", 0, "t", note="shorter", prompt="p", reply="x")).kind
        == "note"
    )
    assert np.isnan(reward.agreement(reward.empty_head(), [wish]))


def test_a_withdrawn_rating_with_a_reason_teaches_nothing():
    taken_back = Rating("r", "thumb", -1, "t", note="too long", prompt="p", reply="x", withdrawn_at="now")
    assert feedback.from_rating(taken_back) is None
    assert feedback.from_rating(replace(taken_back, withdrawn_at=None)).reasons == (("length", -1),)


def test_a_user_who_says_why_is_understood_after_five_ratings():
    """The same thumbs (one in ten wrong) with and without reasons (one in ten wrong): pairs of unseen replies."""
    rng = random.Random(7)
    texts = [reply(rng) for _ in range(40)]

    def right(head: reward.Head, user: users.User) -> float:
        scores, likes = head.score(head.features(texts)), [user.liking(t) for t in texts]
        return float(
            np.mean([
                0.5 if scores[a] == scores[b] else (scores[a] > scores[b]) == (likes[a] > likes[b])
                for a in range(40) for b in range(a) if likes[a] != likes[b]
            ])
        )  # fmt: skip

    thumbs, told = [], []
    for name in ("short", "long", "formal", "casual", "lists"):
        user = next(u for u in users.USERS if u.name == name)
        for seed in range(6):
            rated = rate(name, 5, seed)
            thumbs.append(right(reward.fit(rated), user))
            told.append(right(reward.fit(why.explained(rated, name, seed)), user))
    assert np.mean(told) > np.mean(thumbs) + 0.08
