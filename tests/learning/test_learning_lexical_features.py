"""Habits of wording: what a user likes that no trait has a name for is found among the commonest words and marks."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from characters import Characters
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine.codec import decode_request, encode
from assistant.engine.protocol import Generate
from assistant.errors import BadInput
from assistant.learning import guidance, style_instructions, style_queries
from assistant.learning.feedback import Reply, Signal
from assistant.learning.reward_head import lexical_features, reward
from assistant.learning_records import SteeringRequest
from assistant.paths import DataPaths
from assistant.records import Generation, Sampling, Turn
from assistant.store import Store

WORDS = ["river", "stone", "bread", "window", "garden", "music", "paper", "summer", "train", "morning"]


def written(rng: random.Random, commas: float, overall: float = 0.0) -> str:
    """Forty words, of which some are followed by a comma and some are "overall"."""
    said = ["overall" if rng.random() < overall else rng.choice(WORDS) for _ in range(40)]
    return " ".join(word + "," * (rng.random() < commas) for word in said) + "."


def thumbs(count: int, likes, seed: int = 0, wrong: float = 0.1) -> list[Signal]:
    rng, found = random.Random(seed), []
    for i in range(count):
        text = written(rng, rng.choice((0.02, 0.3)), rng.choice((0.0, 0.2)))
        up = likes(text) != (rng.random() < wrong)
        asked = (Turn("user", f"What of {i % 12}?"),)
        found.append(Signal(str(i), "thumb", 1 if up else -1, f"{i:04d}", asked, Reply(text)))
    return found


def few_commas(text: str) -> bool:
    return text.count(",") < 6


@pytest.mark.parametrize(
    ("likes", "name", "weight"),
    [(few_commas, "word:,", -0.5), (lambda text: "overall" in text, "word:overall", 0.5)],
)
def test_fifty_noisy_thumbs_show_a_habit_that_no_trait_names(likes, name, weight):
    head = reward.fit(thumbs(50, likes))
    weights = head.weights()
    assert head.nothing < 0.05 and max(weights, key=lambda n: abs(weights[n][0])) == name
    assert weights[name][0] / weight > 1.0
    rng = random.Random(7)
    texts = [written(rng, 0.3), written(rng, 0.02, 0.2)]
    assert np.argmax(head.score(head.features(texts))) == 1


def test_one_word_of_many_needs_more_than_a_trait_that_people_ask_for():
    """Thumbs by length alone: words that chance puts beside it are not believed; nor where there is nothing to find."""
    rng, rated = random.Random(3), []
    for i in range(50):
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(8, 80))) + "."
        up = (len(text.split()) < 44) != (rng.random() < 0.1)
        asked = (Turn("user", f"What of {i % 12}?"),)
        rated.append(Signal(str(i), "thumb", 1 if up else -1, f"{i:04d}", asked, Reply(text)))
    head = reward.fit(rated)
    assert head.inclusion[len(reward.INCLUSION) :].max() < 0.3 < head.inclusion[0]
    coins = [reward.fit(thumbs(50, lambda _: rng.random() < 0.5, seed)).nothing for seed in range(8)]
    assert np.median(coins) > 0.15


def test_a_word_of_one_subject_is_no_habit_and_what_traits_count_is_left_to_them():
    replies = [(f"p{i}", "You can see, however, the sea!") for i in range(12)]
    replies += [("basil", "Basil likes the sun.")] * 12
    found = lexical_features.vocabulary(replies)
    assert "the" in found and "," in found
    assert not {"basil", "you", "can", "however", "!"} & set(found)


def test_marks_and_words_of_both_languages_are_read():
    assert lexical_features.tokens("Well - it’s fine, 好的，对。") == [
        "well",
        "—",
        "it's",
        "fine",
        ",",
        "好",
        "的",
        "，",
        "对",
    ]
    assert lexical_features.tokens("well-known – yes — no") == ["well", "known", "—", "yes", "—", "no"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_finite_habits(one, other):
    words = lexical_features.vocabulary([(str(i), text) for i in range(4) for text in (one, other)])
    found = lexical_features.Habits.of(words, [one, other])
    assert np.isfinite(found.measure([one, other, ""])).all()
    assert all(lexical_features.is_name(name) for name in found.names)


def test_a_head_with_habits_reaches_the_engine_and_one_of_other_features_is_fitted_anew():
    head = reward.fit(thumbs(50, few_commas))
    texts = ["One, two, three.", "One two three."]
    again = guidance.from_request(sent(guidance.to_request(head)))
    assert again.names == head.names and np.allclose(
        again.score(again.features(texts)), head.score(head.features(texts))
    )
    other = replace(head.state(), traits=("length",))
    assert guidance.from_request(SteeringRequest(other)) is None


def sent(steering: SteeringRequest) -> SteeringRequest:
    """As the engine gets it."""
    request = decode_request(encode(Generate(1, (), Sampling(), steering=steering)))
    return request.steering


def test_guidance_makes_the_word_itself_likelier_or_rarer():
    head = reward.fit([], corrections={"word:,": -1.5, "word:—": -1.5, "word:the": 1.5})
    head = replace(head, ratings=10, inclusion=np.ones(len(head.mean)))
    the, comma, dash, fox, _ = guidance.Guidance(
        head, Characters(" the", ",", " –", " fox", "<end>"), [4]
    ).bonus.tolist()
    assert comma < 0 and dash < 0 and the > 0 and fox == 0
    assert style_instructions.wish(head, "Hello?") == ""  # no sentence says it


@pytest.fixture
def store(tmp_path):
    with Store.open(DataPaths(tmp_path / "home")) as opened:
        yield opened


def rated_by_commas(store) -> None:
    rng = random.Random(5)
    for i in range(40):
        chat = store.create_conversation()
        asked = store.add_message(chat.id, None, "user", f"What of {i % 10}?")
        made = store.add_message(chat.id, asked.id, "assistant", "", state="streaming")
        text = written(rng, 0.02 if i % 2 else 0.3)
        record = Generation("starter", None, 4, 3, 0.1, 50.0, "stop", 7)
        store.add_rating("thumb", 1 if i % 2 else -1, store.finish_message(made.id, text, record).id)


def test_a_habit_is_told_with_the_ratings_behind_it_and_can_be_corrected(store):
    rated_by_commas(store)
    first = style_queries.style(store, "starter").traits[0]
    assert first.name == "word:," and first.weight < 0 and first.certainty > 0.9
    behind = style_queries.evidence(store, "starter", first.name, first.weight)
    assert behind and all((e.reply.count(",") < 6) == (e.rating.value > 0) for e in behind if e.effect > 0)
    _, shares = style_queries.why(store, "starter", "One, two, three, four, five, six, seven, eight.")
    assert shares[0].name == "word:," and shares[0].adds < 0
    style_queries.correct(store, "word:,", 2.0)
    corrected = style_queries.style(store, "starter").traits[0]
    assert corrected.name == "word:," and corrected.correction == 2.0 and corrected.weight > first.weight
    assert style_queries.evidence(store, "starter", "word:nowhere", 1.0) == []
    with pytest.raises(BadInput):
        style_queries.correct(store, "word:two words", 1.0)


def test_the_window_names_a_habit(qapp):
    from ui.learning.trait_words import ends

    assert ends("word:,") == ("more commas", "fewer commas")
    assert ends("word:overall") == ("“overall” more often", "“overall” less often")
