"""The style card: sentences from ratings, what the user makes of them, and what the model is told in the end."""

from __future__ import annotations

import json

import pytest

from assistant.errors import BadInput, NotFound
from assistant.learning import style_queries
from assistant.learning.fitted_head import CurrentHead
from assistant.paths import DataPaths
from assistant.records import Generation, ReplyDetails
from assistant.services.chat import ChatService
from assistant.services.style_card import StyleCardService, size_words
from assistant.services.styles import StyleService
from assistant.settings import Settings
from assistant.store import Store

LONG = "Well, dear friend, there is a great deal to be said about this, and I shall say it at length. " * 4
MODEL = "m"


@pytest.fixture
def paths(tmp_path):
    return DataPaths(tmp_path / "home").ensure()


@pytest.fixture
def store(paths):
    with Store.open(paths) as opened:
        yield opened


@pytest.fixture
def cards(store):
    return StyleCardService(store)


def reply(store, text, asked="What do you think of tea?", **details):
    conversation = store.create_conversation()
    question = store.add_message(conversation.id, None, "user", asked)
    made = store.add_message(conversation.id, question.id, "assistant", "", state="streaming")
    record = Generation(MODEL, None, 4, 3, 0.1, 50.0, "stop", 7, details=ReplyDetails(**details))
    return store.finish_message(made.id, text, record)


def like_short(store, count=5):
    for number in range(count):
        store.add_rating("thumb", 1, reply(store, f"Yes, {number}, it is good to drink tea.").id)
        store.add_rating("thumb", -1, reply(store, f"{LONG} {number}").id)


def by_trait(card, trait):
    return next((s for s in card.shown if s.trait == trait), None)


def test_there_is_no_card_before_the_third_rating_and_one_after(store, cards):
    store.add_rating("thumb", 1, reply(store, "Yes.").id)
    store.add_rating("thumb", -1, reply(store, LONG).id)
    assert cards.card(MODEL).shown == ()
    like_short(store)
    length = by_trait(cards.card(MODEL), "length")
    assert length is not None and length.way == -1 and not length.own and length.sources["rating"] >= 5
    assert "shorter" in length.english and 0.3 <= length.certainty <= 1.0


def test_the_size_in_the_sentence_is_that_of_the_ratings(store, cards):
    for number in range(8):  # 16 and 24 words: what is liked has four fifths of the mean
        store.add_rating("thumb", 1, reply(store, " ".join(["word"] * 15 + [str(number)])).id)
        store.add_rating("thumb", -1, reply(store, " ".join(["word"] * 100 + [str(number)])).id)
    length = by_trait(cards.card(MODEL), "length")
    assert "about a third" in length.english or "about half" in length.english


def test_an_edited_rating_is_told_as_a_source_of_its_own(store, cards):
    like_short(store, 3)
    for number in range(3):
        store.add_rating("edit", 1, reply(store, f"{LONG} {number}").id, text="Yes, tea is good.")
    assert by_trait(cards.card(MODEL), "length").sources["edit"] == 3


def test_a_sentence_of_the_users_own_is_a_correction_until_it_is_removed(store, cards):
    entry = cards.add("No emoji.")
    assert (entry.trait, entry.way) == ("emoji", -1)
    assert style_queries.corrections_of(store)["emoji"] < 0
    assert "No emoji." in cards.text(MODEL, message="How do I boil an egg?")
    cards.remove(MODEL, entry.id)
    assert style_queries.corrections_of(store) == {} and cards.text(MODEL) == ""


def test_it_overrides_what_is_learned_of_the_same_trait(store, cards):
    like_short(store)
    cards.add("Write long replies.")
    told = cards.text(MODEL, message="How do I boil an egg?")
    assert "Write long replies." in told and "shorter" not in told
    assert CurrentHead(store).head(MODEL).weights()["length"][0] > -0.5
    like_short(store, 10)  # whatever the ratings say
    assert "shorter" not in cards.text(MODEL, message="How do I boil an egg?")


def test_a_learned_sentence_is_edited_switched_and_removed(store, cards):
    like_short(store)
    edited = cards.edit(MODEL, "length", "Two sentences at most, be brief.")
    assert "Two sentences at most" in cards.text(MODEL, message="How do I boil an egg?")
    assert [s.trait for s in cards.card(MODEL).shown].count("length") == 1
    cards.remove(MODEL, edited.id)
    assert "shorter" in cards.text(MODEL, message="How do I boil an egg?")
    cards.switch(MODEL, "length", False)
    off = by_trait(cards.card(MODEL), "length")
    assert off is not None and not off.on and "shorter" in off.english
    assert "shorter" not in cards.text(MODEL, message="How do I boil an egg?")
    cards.switch(MODEL, off.id, True)
    cards.remove(MODEL, "length")
    assert by_trait(cards.card(MODEL), "length") is None and cards.card(MODEL).removed == 1
    assert cards.bring_back() == 1 and by_trait(cards.card(MODEL), "length") is not None


def test_its_strength_changes_the_words_and_the_head(store, cards):
    like_short(store)
    plain = by_trait(cards.card(MODEL), "length").said(False)
    cards.strengthen(MODEL, "length", 2.0)
    strong = by_trait(cards.card(MODEL), "length")
    assert strong.strength == 2.0 and strong.said(False) != plain
    assert style_queries.corrections_of(store)["length"] == pytest.approx(-2.4)
    entry = cards.add("Call me Ada", strength=2.0)
    assert "Important: Call me Ada." in cards.text(MODEL)
    cards.strengthen(MODEL, entry.id, 0.5)
    assert "If possible: Call me Ada." in cards.text(MODEL)


def test_scopes_one_kind_of_text_and_one_chat(store, cards):
    like_short(store)
    cards.add("Write long e-mails.", scope="kind", kind="email")
    mail = cards.text(MODEL, message="Write an email to my landlord about the heating.")
    assert "Write long e-mails." in mail and "shorter" not in mail
    assert "Write long e-mails." not in cards.text(MODEL, message="How do I boil an egg?")
    chat = store.create_conversation()
    cards.add("Answer as a pirate.", scope="chat", conversation_id=chat.id)
    assert "pirate" in cards.text(MODEL, conversation_id=chat.id) and "pirate" not in cards.text(MODEL)
    assert all("pirate" not in s.english for s in cards.card(MODEL).shown)
    assert "email" not in style_queries.corrections_of(store)


def test_the_request_wins(cards):
    cards.add("Keep it short.")
    cards.add("No lists.")
    assert "short" not in cards.text(MODEL, message="Write a long essay about Rome.")
    told = cards.text(MODEL, message="Give me a bulleted list of five fruits.")
    assert "No lists" not in told
    assert "Keep it short." in cards.text(MODEL, message="How do I boil an egg?")


def test_chinese_sentences_are_read_and_joined(cards):
    entry = cards.add("不要用表情符号")
    assert (entry.trait, entry.way) == ("emoji", -1)
    assert cards.text(MODEL, message="怎样煮鸡蛋才好吃呢？").startswith("不要用表情符号。除非")


@pytest.mark.parametrize("text", ["", "   \n", "x" * 301])
def test_what_is_no_sentence_is_refused_in_one(cards, text):
    with pytest.raises(BadInput):
        cards.add(text)


def test_bad_places_and_names_are_refused_and_change_nothing(store, cards):
    with pytest.raises(BadInput, match="email"):
        cards.add("Short.", scope="kind", kind="haiku")
    with pytest.raises(BadInput):
        cards.add("Short.", scope="chat")
    with pytest.raises(NotFound):
        cards.remove(MODEL, "no-such-sentence")
    cards.add("Short.")
    with pytest.raises(BadInput, match="already"):
        cards.add("short.")
    assert len(store.card_entries()) == 1


def test_a_named_style_has_a_card_of_its_own_which_goes_with_it(store, paths, cards):
    styles = StyleService(store, paths)
    work = styles.add("Work")
    cards.add("Be formal.", work)
    assert "Be formal." in cards.text(MODEL, work) and cards.text(MODEL) == ""
    styles.remove(work)
    assert store.card_entries(work) == []


def test_what_is_erased_and_backed_up(store, paths, cards, tmp_path):
    chat = store.create_conversation()
    cards.add("Answer as a pirate.", scope="chat", conversation_id=chat.id)
    cards.add("No emoji.")
    store.backup_to(tmp_path / "all.attune")
    store.erase(conversations=[chat.id])
    assert [e.text for e in store.card_entries()] == ["No emoji."]
    store.erase_everything()
    assert store.card_entries() == []
    store.close()
    from assistant.services.library import restore

    restore(paths, tmp_path / "all.attune")
    with Store.open(paths) as again:
        assert len(again.card_entries()) == 2


def test_it_goes_along_with_the_next_message(store, paths, cards):
    class Client:
        model = type("Info", (), {"id": MODEL})()

    service = ChatService(store, Client(), Settings(), paths)
    assert service.personal_in().steering is None
    cards.add("Call me Ada.")
    card = service.personal_in().steering.card
    assert [row.english for row in card] == ["Call me Ada."]
    service.settings = Settings(style_card_on=False)
    assert service.personal_in().steering is None


def test_the_effect_is_measured_on_the_replies(store, cards):
    for number in range(4):
        reply(store, LONG + str(number))
    assert cards.card(MODEL).effect is None
    for number in range(4):
        reply(store, LONG[: len(LONG) * 2 // 3] + str(number), style_card="Shorter.")
    effect = cards.card(MODEL).effect
    assert (effect.styled, effect.plain) == (4, 4) and effect.words == "about a third shorter than"
    assert size_words(2.0) == "about twice as long as"


def test_export_as_text_and_json(cards, tmp_path):
    with pytest.raises(BadInput, match="empty"):
        cards.export(MODEL, tmp_path / "card.txt")
    cards.add("Call me Ada.")
    cards.add("Be warm.", scope="kind", kind="email")
    assert cards.export(MODEL, tmp_path / "card.txt") == 2
    assert (tmp_path / "card.txt").read_text(encoding="utf-8").startswith("Call me Ada. Follow this unless")
    cards.export(MODEL, tmp_path / "card.json")
    assert len(json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["sentences"]) == 2
