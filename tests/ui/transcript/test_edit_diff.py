"""What was changed in a reply: nothing is lost on either side, and words are not torn apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.transcript.edit_diff import changes, marks_of_edit

TEXT = st.lists(
    st.sampled_from(["a", "the", "jacket,", "\n", "\n\n", "  ", " ", "我", "们", "- one", "🙂"]), max_size=25
).map("".join)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_the_changes(old, new):
    found = changes(old, new)
    assert "".join(text for kind, text in found if kind != "added") == old
    assert "".join(text for kind, text in found if kind != "removed") == new
    assert all(text for _kind, text in found)
    assert (old == new) == all(kind == "" for kind, _text in found)


def test_a_replaced_phrase_is_one_change():
    found = changes("You should take a warm jacket.", "You could just bring a warm jacket.")
    assert found == [
        ("", "You "), ("removed", "should take"), ("added", "could just bring"), ("", " a warm jacket."),
    ]  # fmt: skip


def test_a_chinese_sentence_is_compared_by_characters():
    assert changes("我们去公园吧", "他们去公园") == [
        ("removed", "我"), ("added", "他"), ("", "们去公园"), ("removed", "吧"),
    ]  # fmt: skip


def test_a_screen_reader_hears_what_was_removed_and_added():
    marks, spoken = marks_of_edit("Take a jacket.", "Take a coat.")
    assert spoken == "Your version: Take a coat. Removed: jacket. Added: coat."
    assert [(mark.text, mark.kind) for mark in marks[:3]] == [
        ("Take a ", ""), ("jacket.", "removed"), ("coat.", "added"),
    ]  # fmt: skip
