"""Ratings become rewards and advantages; what cannot teach is set aside with a reason."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import msgspec
import pytest

from assistant.engine.codec import ProtocolError, decode_request, encode
from assistant.engine.protocol import Learn
from assistant.errors import BadInput
from assistant.learning import feedback
from assistant.learning.feedback import Reply, Signal
from assistant.learning_records import UpdateJob
from assistant.records import Rating, Recognition, Turn

PROMPT = (Turn("user", "How do I boil an egg?"),)


def make(kind="thumb", value=1, text="Seven minutes.", other=None, **more):
    return Signal(
        "r", kind, value, "2026-01-01", PROMPT, Reply(text), None if other is None else Reply(other), **more
    )


def test_importing_learning_loads_no_torch():
    code = "import sys, assistant.learning, assistant.learning.update_job, assistant.learning.versions, "
    code += (
        "assistant.learning.reward_head.reward, assistant.learning.guidance; print('torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_advantages_follow_the_table():
    assert feedback.advantage(make(value=-1)) == -1
    assert feedback.advantage(make("stars", 5)) == 1
    assert feedback.advantage(make("stars", 3)) == 0
    pair = feedback.weighted([make("pair", 1, "a b", "c d")])
    assert [(w.reply.text, w.advantage) for w in pair] == [("a b", 0.5), ("c d", -0.5)]
    kept = feedback.weighted([make("kept", 1, "new", "old")])
    assert [(w.reply.text, w.advantage) for w in kept] == [("old", -0.3)]


def test_an_edit_learns_what_the_user_wrote_and_away_from_what_they_changed():
    good, bad = feedback.weighted(
        [make("edit", 1, "Boil it for seven minutes.", "Boil it for ages, my friend.")]
    )
    assert [good.reply.text[a:b] for a, b in good.spans] == ["seven minutes."]
    assert 0 < -bad.advantage < 1


def test_stored_edit_puts_the_users_text_first():
    rating = Rating("r", "edit", 1, "t", message_id="m", text="mine")
    signal = feedback.from_rating(rating, prompt=PROMPT, reply=Reply("its"))
    assert signal is not None and signal.other is not None
    assert (signal.reply.text, signal.other.text) == ("mine", "its")


def test_withdrawn_ratings_and_notes_teach_nothing():
    assert (
        feedback.from_rating(Rating("r", "thumb", 1, "t", withdrawn_at="now", prompt="p", reply="x")) is None
    )
    assert feedback.from_rating(Rating("r", "note", 1, "t", prompt="p", reply="x")) is None


def test_a_value_out_of_range_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="Stars go from 1 to 5"):
        feedback.from_rating(Rating("r", "stars", 9, "t", prompt="p", reply="x"))


def test_empty_and_failed_replies_are_left_out_with_the_reason():
    failed = Signal("f", "thumb", 1, "t", PROMPT, Reply("half of", finish="failed"))
    good, bad = feedback.usable([make(text=" "), failed, make()])
    assert len(good) == 1
    assert [why for _, why in bad] == ["the reply is empty", "the reply was cut off by an error"]


def test_contradictions_are_counted_once_a_reply():
    assert feedback.contradictions([make(), make(value=-1), make(text="other")]) == 1


def test_a_rating_reaches_the_engine_as_it_is():
    asked = (
        Turn("system", "Be kind."),
        Turn("user", "p", ("x.png",), (Recognition((("cat", 0.7),), "EXIT"),)),
    )
    signal = replace(make("pair", 1, "a", "b"), prompt=asked, reply=Reply("a", (1, 2), (-0.1, -0.2)))
    job = UpdateJob("v1", "tiny", "styles", (signal,))
    assert decode_request(encode(Learn(1, job))).job == job
    lacking = msgspec.msgpack.encode(("Learn", {"id": 1, "job": {"signals": [{"id": "x"}]}}))
    with pytest.raises(ProtocolError):
        decode_request(lacking)
