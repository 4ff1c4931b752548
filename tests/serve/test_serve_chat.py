"""Chat completions: what is answered, what the engine is asked, and what is refused."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import openai
import pytest
from PIL import Image

from assistant.store import Store


def data_url(size: tuple[int, int] = (8, 8), form: str = "PNG") -> str:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, form)
    return f"data:image/{form.lower()};base64," + base64.b64encode(file.getvalue()).decode()


def picture_message(url: str, text: str = "What is this?") -> dict[str, Any]:
    return {
        "role": "user",
        "content": [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}],
    }


def client_of(server: Any) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="a-token-for-tests", max_retries=0)


def test_a_reply_has_openais_form(start):
    answer = start().chat("Hello").json()
    assert answer["object"] == "chat.completion" and answer["id"].startswith("chatcmpl-")
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "echo: Hello", "refusal": None}
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] == 10
    assert answer["usage"]["prompt_tokens_details"] == {"cached_tokens": 2}


def test_the_official_client_streams_lists_and_reads_usage(start):
    with client_of(start()) as client:
        assert "tiny@base" in [model.id for model in client.models.list()]
        assert client.models.retrieve("tiny").id == "tiny"
        chunks = list(
            client.chat.completions.create(
                model="tiny",
                messages=[{"role": "user", "content": "Hello"}],
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "echo: Hello"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 10
    assert all(c.usage is None for c in chunks[:-1])


def test_what_a_request_says_about_drawing_reaches_the_engine(start):
    server = start()
    server.chat(
        temperature=0,
        top_p=0.5,
        top_k=3,
        min_p=0.1,
        seed=-5,
        max_tokens=9,
        max_completion_tokens=4,
        stop=["END", ""],
    )
    sampling = server.client.asked[0]["sampling"]
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.min_p) == (0, 0.5, 3, 0.1)
    assert sampling.seed == -5 % 2**31 and sampling.max_tokens == 4 and sampling.stop == ("END",)


def test_roles_and_parts_become_turns(start):
    server = start()
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "content": "Yes", "refusal": None},
        {"role": "user", "content": "Three", "name": "Ann"},
    ]
    assert server.chat(messages=messages).status_code == 200
    turns = server.client.asked[0]["turns"]
    assert [(t.role, t.text) for t in turns] == [
        ("system", "Be brief."), ("user", "One\ntwo"), ("assistant", "Yes"), ("user", "Three"),
    ]  # fmt: skip


def test_a_picture_goes_through_the_intake_and_is_recognised(start, tmp_path):
    server = start()
    assert server.chat(messages=[picture_message(data_url())]).status_code == 200
    turn = server.client.asked[0]["turns"][0]
    assert len(turn.images) == 1 and turn.recognitions[0].text == "EXIT"
    from pathlib import Path

    server.until(lambda: not Path(turn.images[0]).exists())  # nothing is left of it


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.com/cat.png", "nothing is fetched"),
        ("data:image/png;base64,!!!", "base64 is damaged"),
        ("data:image/png;base64," + base64.b64encode(b"no picture").decode(), "Picture 1"),
        (data_url((7200, 7200)), "megapixels"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_in_a_sentence(start, url, words):
    answer = start().chat(messages=[picture_message(url)])
    assert answer.status_code == 400 and words in answer.json()["error"]["message"]


def test_a_model_that_cannot_see_says_so(start):
    answer = start(can_see=False).chat(messages=[picture_message(data_url())])
    assert answer.status_code == 400 and "cannot see pictures" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"presence_penalty": 0.5}, "presence_penalty"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"top_p": 0}, "top_p"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, "messages"),
        ({"messages": [{"role": "user", "content": "  "}]}, "messages"),
        ({"messages": [{"role": "tool", "content": "Hi"}]}, "messages[0]"),
        ({"messages": [{"content": "Hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0].type"),
    ],
)
def test_what_is_not_served_is_named(start, fields, param):
    server = start()
    answer = server.chat(**fields)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["param"] == param and error["type"] == "invalid_request_error"
    assert error["message"].endswith(".") and "`" not in error["message"]
    assert server.client.asked == []


def test_values_that_change_nothing_are_taken(start):
    answer = start().chat(
        n=1,
        logprobs=False,
        tools=[],
        presence_penalty=0,
        response_format={"type": "text"},
        frequency_penalty=0.0,
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["gone", "tiny@nothing", "../tiny", "tiny@", "/etc", "@base", ""])
def test_an_unknown_model_is_refused(start, name):
    answer = start().chat(model=name)
    if name == "":  # the chosen one
        assert answer.status_code == 200
        return
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "model_not_found"


def test_another_model_is_loaded_for_who_asks_for_it(start):
    server = start()
    for model in ("tiny", "tiny", "other", "other@base"):
        assert server.chat(model=model).json()["attune"]["model"] == model.partition("@")[0]
    assert server.client.loads == ["tiny", "other"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("bad_input", 400), ("memory", 503), ("busy", 503), ("internal", 500), ("model", 500)],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_of_the_engine_is_a_status_and_a_sentence(start, kind, status, stream):
    answer = start().chat(f"fail {kind}", stream=stream)
    assert answer.status_code == status
    assert answer.json()["error"]["message"] == "It failed, please shorten it."


def test_a_style_version_writes_where_it_is_named_or_in_use(start, home):
    with Store.open(home) as store:
        old = store.add_style("tiny", style_id="old")
        store.add_style("tiny", style_id="new", make_current=True)
        store.add_style("tiny", style_id="rejected", state="rejected")
    for version in ("old", "new"):
        (home.styles / version).mkdir()
    server = start()
    assert old.id == "old"
    names = [m["id"] for m in server.http().get("/v1/models").json()["data"]]
    assert {"tiny", "tiny@base", "tiny@old", "tiny@new", "other@base"} <= set(names)
    assert "tiny@rejected" not in names
    styles = [
        server.chat(model=name).json()["attune"]["style"]
        for name in ("tiny", "tiny@old", "tiny@new", "tiny@base")
    ]
    assert styles == ["new", "old", "new", None]
    assert server.chat(attune={"style": False}).json()["attune"]["style"] is None
    assert server.chat(model="tiny@rejected").status_code == 404


def test_nothing_is_stored_and_nothing_can_be_rated_without_keep(start, home):
    server = start()
    id = server.chat().json()["id"]
    answer = server.http().post("/v1/attune/ratings", json={"id": id, "rating": "up"})
    assert answer.status_code == 404 and "keep" in answer.json()["error"]["message"]
    with Store.open(home) as store:
        assert store.conversation_count() == 0


def test_a_kept_reply_is_rated_and_its_conversation_goes_on(start, home):
    server = start()
    first = server.chat("Hello", attune={"keep": True}).json()
    assert first["attune"]["kept"]
    rated = server.http().post("/v1/attune/ratings", json={"id": first["id"], "rating": 5, "note": "short"})
    assert rated.json()["kind"] == "stars" and rated.json()["value"] == 5
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "echo: Hello"},
        {"role": "user", "content": "More"},
    ]
    assert server.chat(messages=messages, store=True).json()["attune"]["kept"]
    assert server.chat("Something else", store=True).json()["attune"]["kept"]
    with Store.open(home) as store:
        assert store.conversation_count() == 2
        conversation = store.message(first["id"].removeprefix("chatcmpl-")).conversation_id
        said = [(m.role, m.text) for m in store.messages(conversation)]
        assert said == [
            ("user", "Hello"), ("assistant", "echo: Hello"), ("user", "More"), ("assistant", "echo: More"),
        ]  # fmt: skip
        assert store.message(first["id"].removeprefix("chatcmpl-")).generation.reply_ids == (3,)


def test_a_kept_picture_stays_with_its_message(start, home):
    server = start(keep=True)
    answer = server.chat(messages=[picture_message(data_url())]).json()
    with Store.open(home) as store:
        reply = store.message(answer["id"].removeprefix("chatcmpl-"))
        (picture,) = store.message(reply.parent_id).attachments
        assert picture.recognition.text == "EXIT" and store.attachment_path(picture.sha256).is_file()


@pytest.mark.parametrize("rating", ["sideways", 0, 6, True, None, 1.5])
def test_a_rating_that_is_none_is_refused(start, rating):
    server = start(keep=True)
    id = server.chat().json()["id"]
    answer = server.http().post("/v1/attune/ratings", json={"id": id, "rating": rating})
    assert answer.status_code == 400


def test_a_deleted_conversation_does_not_hinder_the_next(start, home):
    server = start(keep=True)
    first = server.chat("Hello").json()["id"].removeprefix("chatcmpl-")
    with Store.open(home) as store:
        store.purge_conversation(store.message(first).conversation_id)
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "echo: Hello"},
        {"role": "user", "content": "More"},
    ]
    second = server.chat(messages=messages).json()
    with Store.open(home) as store:
        reply = store.message(second["id"].removeprefix("chatcmpl-"))
        assert len(store.messages(reply.conversation_id)) == 4


def test_embeddings_are_refused_plainly(start):
    answer = start().http().post("/v1/embeddings", json={"input": "x", "model": "tiny"})
    assert answer.status_code == 501 and "not served" in answer.json()["error"]["message"]


def test_events_of_a_stream_are_json_and_end_with_done(start):
    lines = [line for line in start().chat(stream=True).text.split("\n\n") if line]
    assert lines[-1] == "data: [DONE]"
    parts = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    assert parts[0]["choices"][0]["delta"]["role"] == "assistant" and "usage" not in parts[0]
    assert len({part["id"] for part in parts}) == 1
