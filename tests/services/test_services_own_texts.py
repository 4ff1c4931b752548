"""Texts of the user's own: kept, learned from by the head and the card, exported, backed up, removed for good."""

from __future__ import annotations

import pytest

from assistant.errors import BadInput, NotFound
from assistant.learning import feedback, style_queries, update_job
from assistant.learning.fitted_head import CurrentHead
from assistant.own_texts.reading import Found, Reading
from assistant.paths import DataPaths
from assistant.records import UpdateReport
from assistant.services.learning import LearningService, Update
from assistant.services.library import LibraryService
from assistant.services.own_texts import OwnTextsService
from assistant.services.style_card import StyleCardService
from assistant.services.styles import StyleService
from assistant.store import Store

MODEL = "m"
SHORT_SENTENCES = (
    "I went out. It rained! The dog ran {0}. I laughed! We got wet. So what? We ran home. It was good! Tea helped. "
    "The {0} dried. I slept."
)


@pytest.fixture
def paths(tmp_path):
    return DataPaths(tmp_path / "home").ensure()


@pytest.fixture
def store(paths):
    with Store.open(paths) as opened:
        yield opened


@pytest.fixture
def texts(store, paths):
    return OwnTextsService(store, paths)


def teach(texts, count=6):
    for number in range(count):
        texts.paste(SHORT_SENTENCES.format(f"thing{number}"))


def test_they_teach_the_head_and_the_card_names_them_as_its_source(store, texts):
    teach(texts)
    assert CurrentHead(store).head(MODEL).weights()["sentence_length"][0] < -0.1
    card = StyleCardService(store).card(MODEL)
    learned = [s for s in card.shown if s.sources.get("text")]
    assert {"sentence_length", "exclamations"} & {s.trait for s in learned}
    assert all(s.trait != "length" for s in card.shown)  # their requests state a length


def test_a_reply_of_the_model_is_the_other_side_for_the_model_that_wrote_it(store, texts):
    (text,) = texts.paste(SHORT_SENTENCES.format("cat")).texts
    store.set_own_text_reply(text.id, "A long reply of the base model.", MODEL)
    (own,) = update_job.collect(store, MODEL)
    assert own.kind == "text" and own.other.text.startswith("A long") and own.reply.text.startswith("I went")
    assert update_job.collect(store, "another")[0].other is None
    better, worse = feedback.weighted([own])
    assert better.advantage == 1.0 and better.spans and worse.advantage == -1.0


def test_they_count_as_new_until_an_update_saw_them_and_its_replies_are_kept(store, texts, paths):
    teach(texts, 2)
    service = LearningService(store, paths)
    from assistant.engine.protocol import LearnDone
    from assistant.settings import Settings

    assert service.waiting(Settings()).ratings == 2
    ids = [text.id for text in texts.texts()]
    report = UpdateReport(reason="No.", own_text_replies={ids[0]: "Hm.", "gone": "x"})
    service.register(Update(1, MODEL, rating_ids=frozenset(ids)), LearnDone(1, report))
    assert service.waiting(Settings()).ratings == 0 and store.own_text(ids[0]).reply == "Hm."
    work = StyleService(store, paths).add("Work")
    style_queries.note_tried(store, [], work)  # an update of another style forgets nothing
    assert service.waiting(Settings()).ratings == 0


def test_the_same_text_is_kept_once_and_too_little_is_refused(store, texts):
    assert len(texts.paste(SHORT_SENTENCES).texts) == 1
    again = texts.paste("\n" + SHORT_SENTENCES + "  ")
    assert again.texts == () and again.already == 1
    with pytest.raises(BadInput):
        texts.paste("Hello.")
    assert len(store.own_texts()) == 1


def test_of_mails_only_the_users_own_are_taken(store, texts):
    mails = Reading(
        tuple(
            Found(f"m{n}", f"mail {n}", "email", "p", sender)
            for n, sender in enumerate(("a@x.example", "b@x.example"))
        )
    )
    with pytest.raises(BadInput, match=r"a@x\.example, b@x\.example"):
        texts.add(mails)
    with pytest.raises(BadInput, match="None of these"):
        texts.add(mails, sender="c@x.example")
    assert [t.name for t in texts.add(mails, sender="A@x.example").texts] == ["m0"]
    assert [t.name for t in store.own_texts()] == ["m0"]


def test_removed_for_good_and_the_version_that_learned_from_it_is_told(store, texts, paths):
    teach(texts, 5)
    first = texts.texts()[0]
    store.add_style(MODEL, style_id="v1", used=[t.id for t in texts.texts()], make_current=True)
    (paths.styles / "v1").mkdir(parents=True)
    left = texts.remove(MODEL, [first.id[:8]])
    assert left is not None and [v.id for v in left.versions] == ["v1"] and left.can_relearn
    assert "thing0" not in paths.database.read_bytes().decode("latin-1")
    assert StyleService(store, paths).versions(MODEL)[0].gone == 1
    with pytest.raises(NotFound):
        texts.remove(MODEL, [first.id])
    LibraryService(store, paths).erase("ratings")
    assert texts.texts() == [] and LibraryService(store, paths).report().own_texts == 0


def test_export_and_import_bring_them_and_the_card_only_with_the_users_word(store, texts, tmp_path):
    teach(texts, 2)
    StyleCardService(store).add("No emoji.")
    counts = store.export_json(tmp_path / "all.json")
    assert counts["own_texts"] == 2 and counts["style_card"] == 1
    with Store.open(DataPaths(tmp_path / "other")) as other:
        report = other.import_file(tmp_path / "all.json")
        assert other.own_texts() == [] and other.card_entries() == [] and "style card" in report.left_out[0]
        for _twice in range(2):
            other.import_file(tmp_path / "all.json", confirmed=True)
        assert [t.text for t in other.own_texts()] == [t.text for t in store.own_texts()]
        assert [e.text for e in other.card_entries()] == ["No emoji."]
