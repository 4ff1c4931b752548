"""Who may ask, how much, and what becomes of bodies that are none."""

from __future__ import annotations

import json
import stat
import threading
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import BadInput
from assistant.paths import DataPaths
from assistant.serve import access_token
from assistant.serve.fair_queue import FairQueue, QueueFull
from assistant.serve.guard import Bodies, host_name

CHAT = "/v1/chat/completions"
HELLO = {"model": "tiny", "messages": [{"role": "user", "content": "Hello"}]}


def test_without_the_token_nothing_is_answered(start):
    server = start()
    for authorization in ("", "Bearer", "Bearer wrong", "Basic a-token-for-tests", "Bearer \u00e4"):
        with httpx2.Client(base_url=server.url) as http:
            answer = http.get("/v1/models", headers={"Authorization": authorization.encode("utf-8")})
            assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["error"]["code"] == "invalid_api_key"
            assert http.post(CHAT, json=HELLO).status_code == 401
            assert http.get("/health").json() == {"status": "ok"}
    assert server.client.asked == []


@pytest.mark.parametrize(
    ("host", "ok"),
    [
        ("localhost:1", True),
        ("LOCALHOST.", True),
        ("127.0.0.1", True),
        ("[::1]:80", True),
        ("192.0.2.7:8642", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:8642", False),
        ("", False),
    ],
)
def test_only_hosts_that_need_no_dns_are_served(start, host, ok):
    answer = start().http(Host=host).get("/v1/models")
    assert answer.status_code == (200 if ok else 403)


def test_pages_of_other_origins_may_not_ask(start):
    server = start(origins=("http://localhost:3000",))
    for origin in ("https://evil.example", "null", "http://localhost:3001", "http://127.0.0.1:1"):
        assert server.http(Origin=origin).post(CHAT, json=HELLO).status_code == 403
    assert server.http(Origin=server.url).get("/v1/models").status_code == 200
    answer = server.http(Origin="http://localhost:3000").post(CHAT, json=HELLO)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    with httpx2.Client(base_url=server.url) as http:  # a browser asks so without the token
        assert http.options(CHAT, headers=asked).status_code == 204
        assert http.options(CHAT, headers=asked | {"Origin": "https://evil.example"}).status_code == 403


def test_a_body_that_is_too_large_is_refused_announced_or_not(start):
    server = start(bodies=Bodies(most=1000))
    large = json.dumps(HELLO | {"user": "x" * 2000}).encode()
    assert server.http().post(CHAT, content=large).status_code == 413

    def parts() -> Any:
        for at in range(0, len(large), 100):
            yield large[at : at + 100]

    assert server.http().post(CHAT, content=parts()).status_code == 413
    assert server.chat().status_code == 200


def test_all_bodies_together_are_bounded_and_given_back(start):
    bodies = Bodies(most=1000, most_held=300)
    server = start(bodies=bodies)
    with (
        server.http() as http,
        http.stream(
            "POST",
            CHAT,
            json=HELLO
            | {"messages": [{"role": "user", "content": "forever"}], "stream": True, "user": "x" * 150},
        ) as first,
    ):
        begun = first.iter_raw()  # kept: its end would close the connection
        next(begun)
        assert server.chat(user="x" * 150).status_code == 429
    server.until(lambda: bodies.held == 0)
    assert server.chat(user="x" * 150).status_code == 200


def test_too_many_characters_are_refused(start):
    answer = start().chat("a" * 1_000_001)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "context_length_exceeded"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"messages":' + b'[{"a":' * 5000,
        b'{"messages":[{"role":"user","content":"\\ud800"}]}',
        b'{"messages":[{"role":"user","content":"x"}],"temperature":NaN}',
        b'{"messages":[{"role":"user","content":"x"}],"temperature":1e999}',
        b'{"messages":[{"role":"user","content":"x"}],"seed":' + b"9" * 5000 + b"}",
        b"null",
        b"7",
    ],
)
def test_a_body_that_is_none_is_refused(start, body):
    answer = start().http().post(CHAT, content=body)
    assert answer.status_code == 400 and answer.json()["error"]["message"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "model", "messages", "stream", "stream_options", "stop", "seed", "temperature", "top_p", "top_k", "max_tokens", "n",
    "logprobs", "logit_bias", "tools", "response_format", "user", "store", "attune", "modalities",
)  # fmt: skip


def test_no_malformed_body_makes_the_server_fail(start):
    server = start()

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(
        st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
        st.booleans(),
        st.sampled_from([CHAT, "/v1/attune/ratings"]),
    )
    def ask(fields: dict[str, Any], whole: bool, path: str) -> None:
        body = (HELLO if whole else {"id": "x", "rating": "up"}) | fields
        answer = http.post(path, content=json.dumps(body).encode())
        assert answer.status_code < 500
        if answer.status_code != 200:
            error = answer.json()["error"]
            assert error["message"] and "Traceback" not in error["message"] and "\n" not in error["message"]

    with server.http() as http:
        ask()
        assert http.post(CHAT, json=HELLO).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", CHAT, 405), ("GET", "/v2", 404), ("POST", "/", 404)]
)
def test_other_addresses_answer_in_the_same_form(start, method, path, status):
    answer = start().http().request(method, path)
    assert answer.status_code == status and answer.json()["error"]["message"].endswith(".")


def test_the_token_is_made_once_and_only_its_owner_reads_it(tmp_path):
    paths = DataPaths(tmp_path / "home").ensure()
    first = access_token.kept(paths.root)
    file = paths.root / access_token.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(first) >= 32
    file.chmod(0o644)
    assert access_token.kept(paths.root) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("")
    with pytest.raises(BadInput, match="delete it"):
        access_token.kept(paths.root)
    for bad in ("short", "with a space", "Umläute-im-Wort", "x" * 600):
        with pytest.raises(BadInput):
            access_token.checked(bad)


def test_host_names():
    assert [host_name(h) for h in ("A.b:1", "[::1]:8", "::1", "a.", "a:b")] == [
        "a.b",
        "::1",
        "::1",
        "a",
        "a:b",
    ]


def test_programs_take_turns_in_the_queue():
    import asyncio

    async def story() -> list[str]:
        queue: FairQueue[str] = FairQueue(5)
        for key, item in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")):
            queue.put(key, item)
        with pytest.raises(QueueFull):
            queue.put("d", "d1")
        assert queue.remove("a2") and not queue.remove("a2")
        return [await queue.get() for _ in range(4)]

    assert asyncio.run(story()) == ["a1", "b1", "c1", "a3"]


def test_more_than_may_wait_are_told_when_to_come_again(start):
    server = start(most_waiting=2)
    done: list[int] = []

    def ask() -> None:
        done.append(server.chat("Hello").status_code)

    with (
        server.http() as http,
        http.stream(
            "POST", CHAT, json={"messages": [{"role": "user", "content": "forever"}], "stream": True}
        ) as first,
    ):
        begun = first.iter_raw()  # kept: its end would close the connection
        next(begun)
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        server.until(lambda: server.in_loop(lambda: len(server.desk._queue)) == 2)
        refused = server.chat("Hello")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
        assert refused.json()["error"]["type"] == "rate_limit_error"
    for thread in threads:
        thread.join()
    assert done == [200, 200]


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_its_reply(start, stream):
    server = start()
    body = {"messages": [{"role": "user", "content": "forever"}], "stream": stream}
    with server.http() as http:
        if stream:
            with http.stream("POST", CHAT, json=body) as answer:
                next(answer.iter_raw())
        else:
            with pytest.raises(httpx2.ReadTimeout):
                http.post(CHAT, json=body, timeout=0.5)
    server.until(lambda: server.client.finished == ["cancelled"])
    assert server.chat("Hello").status_code == 200


def test_a_client_that_leaves_while_it_waits_is_never_written_for(start):
    server = start()
    body = {"messages": [{"role": "user", "content": "forever"}], "stream": True}
    with server.http() as http, http.stream("POST", CHAT, json=body) as first:
        begun = first.iter_raw()  # kept: its end would close the connection
        next(begun)
        with server.http() as other, pytest.raises(httpx2.ReadTimeout):
            other.post(CHAT, json=HELLO, timeout=0.5)
        server.until(lambda: server.in_loop(lambda: len(server.desk._queue)) == 0)
    server.until(lambda: server.client.finished == ["cancelled"])
    assert len(server.client.asked) == 1


def test_a_server_told_to_end_refuses_what_waits_and_ends_what_is_written(start):
    server = start()
    answers: list[httpx2.Response] = []
    with (
        server.http() as http,
        http.stream(
            "POST", CHAT, json={"messages": [{"role": "user", "content": "forever"}], "stream": True}
        ) as first,
    ):
        lines = first.iter_lines()
        next(lines)
        waiting = threading.Thread(target=lambda: answers.append(server.chat("Hello")))
        waiting.start()
        server.until(lambda: server.in_loop(lambda: len(server.desk._queue)) == 1)
        server.server.should_exit = True
        last = [line for line in lines if line][-1]
    waiting.join()
    assert answers[0].status_code == 503 and "shutting down" in answers[0].json()["error"]["message"]
    assert "shutting down" in json.loads(last.removeprefix("data: "))["error"]["message"]
