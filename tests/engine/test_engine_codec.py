"""Messages survive the pipe exactly; anything else is refused."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine import protocol as p
from assistant.engine.codec import EVENTS, REQUESTS, ProtocolError, decode_event, decode_request, encode
from assistant.learning_records import HeadState, LexicalState, SteeringRequest, UpdateJob
from assistant.records import BestOf, Candidate, Generation, Recognition, ReplyDetails, Sampling, UpdateReport

texts = st.text(st.characters(codec=None))  # lone surrogates too: a file name may hold them
numbers = st.floats(allow_nan=False)
recognitions = st.none() | st.builds(
    Recognition, st.lists(st.tuples(texts, numbers), max_size=3).map(tuple), texts
)
turns = st.builds(
    p.Turn,
    st.sampled_from(["system", "user", "assistant"]),
    texts,
    st.lists(texts, max_size=2).map(tuple),
    st.lists(recognitions, max_size=2).map(tuple),
)


@given(st.lists(turns, max_size=3).map(tuple), texts, st.none() | st.integers(0, 2**31))
def test_a_request_comes_out_as_it_went_in(turns: tuple[p.Turn, ...], text: str, seed: int | None) -> None:
    head = HeadState(
        (1.5,), ((0.5,),), (1.0,), 0.0, 4, 0, 0.1, (text,), LexicalState((text,), (0.1,), (1.0,))
    )
    request = p.Generate(
        7, turns, Sampling(seed=seed, stop=(text,)), steering=SteeringRequest(head, budget_s=1.5)
    )
    assert decode_request(encode(request)) == request


@given(st.lists(st.integers(0, 50_000)).map(tuple), st.lists(numbers).map(tuple), texts)
def test_an_event_comes_out_as_it_went_in(
    ids: tuple[int, ...], logprobs: tuple[float, ...], text: str
) -> None:
    made = Generation(
        "m",
        None,
        3,
        4,
        0.1,
        90.0,
        "stop",
        1,
        0,
        ids,
        ids,
        logprobs,
        ReplyDetails(3, best_of=BestOf(0, (Candidate(text, 0.5, 0.25),))),
    )
    event = p.Done(1, text, made)
    assert decode_event(encode(event)) == event


def test_a_number_of_numpys_is_a_number() -> None:
    report = UpdateReport(reward_after=np.float64(0.5), traits={"length": np.float64(1.5)})
    event = decode_event(encode(p.LearnDone(1, report)))
    assert event.report == UpdateReport(reward_after=0.5, traits={"length": 1.5})
    assert type(event.report.reward_after) is float and type(event.report.traits["length"]) is float


def test_a_file_name_that_is_no_text_and_an_endless_number_come_through() -> None:
    request = p.Load(1, "/home/caf\udce9", "m", idle_unload_s=float("inf"))
    assert decode_request(encode(request)) == request


@given(st.binary(max_size=200))
def test_noise_is_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_event(frame)


@pytest.mark.parametrize(
    "content",
    [
        ["Token", {"id": 1, "text": "a"}],  # a field is missing
        ["Token", {"id": "1", "text": "a", "count": 1}],
        ["Token", {"id": 1, "text": "a", "count": 1, "more": 2}],
        ["Token", {"id": True, "text": "a", "count": 1}],
        ["Failed", {"id": 1, "kind": "other", "reason": ""}],
        ["Recognised", {"id": 1, "recognition": {"objects": [["cat"]], "text": ""}}],
        ["Generate", {"id": 1, "turns": [], "sampling": {}}],  # a request is no event
        ["os.system", {"command": "true"}],
        {"Token": 1},
        [],
    ],
)
def test_frames_of_a_wrong_shape_are_refused(content: object) -> None:
    for frame in (json.dumps(content).encode(), msgspec.msgpack.encode(content)):
        with pytest.raises(ProtocolError):
            decode_event(frame)


@pytest.mark.parametrize(
    "thing", [object(), {"id": 1}, p.Learn(1, object()), p.Learn(1, UpdateJob("v", "m", "s", (object(),)))]
)
def test_only_protocol_messages_of_plain_data_are_sent(thing: object) -> None:
    with pytest.raises(ProtocolError):
        encode(thing)


def test_every_message_of_the_protocol_is_known() -> None:
    assert len(REQUESTS) == 14 and {"Token", "Done", "Failed", "Ready", "Pong"} <= EVENTS.keys()
