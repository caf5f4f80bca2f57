"""Passages: whole sentences, in order, small enough for the model."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunk import PASSAGE_WORDS, passage_text, split
from retrieval.records import Mark
from retrieval.text import sentences


def _count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(5, 200))
def test_passages_hold_every_sentence_once_and_in_order(lengths: list[int], room: int) -> None:
    """Joined again, the passages are the article; each fits unless one sentence alone does not."""
    text = " ".join(f"S{' word' * length}." for length in lengths)
    passages = split(text, (), count=_count, room=room)
    assert [s for p in passages for s in p.sentences] == sentences(text)
    for passage in passages:
        size = sum(_count([text[s:e] for s, e in passage.sentences]))
        assert len(passage.sentences) == 1 or size <= min(room, PASSAGE_WORDS)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=30))
def test_a_passage_ends_only_where_the_next_sentence_does_not_fit(lengths: list[int]) -> None:
    """Passages are as long as they may be."""
    text = " ".join(f"S{' word' * length}." for length in lengths)
    passages = split(text, (), count=_count, room=1_000)
    for passage, following in pairwise(passages):
        joined = text[passage.start : following.sentences[0].end]
        assert len(joined.split()) > PASSAGE_WORDS


def test_what_is_set_aside_is_in_no_passage() -> None:
    """A marked line between two sentences is neither embedded nor quoted."""
    text = "The bridge is closed.\n\nADVERTISEMENT\n\nRepairs begin in May."
    mark = Mark(text.index("ADV"), text.index("ADV") + 13, "furniture")
    passages = split(text, [mark], count=_count, room=100)
    assert [text[s:e] for p in passages for s, e in p.sentences] == ["The bridge is closed.", "Repairs begin in May."]
    assert (passages[0].start, passages[-1].end) == (0, len(text))


def test_a_passage_is_read_without_what_is_set_aside() -> None:
    """The text for the model joins the sentences, and the spans find them in it."""
    text = "The bridge is closed.\n\nADVERTISEMENT\n\nRepairs begin in May."
    mark = Mark(text.index("ADV"), text.index("ADV") + 13, "furniture")
    (passage,) = split(text, [mark], count=_count, room=100)
    body, spans = passage_text(text, passage)
    assert body == "The bridge is closed. Repairs begin in May."
    assert [body[s:e] for s, e in spans] == [text[s:e] for s, e in passage.sentences]


def test_a_text_without_sentences_has_no_passages() -> None:
    """Where all is set aside, nothing is left to be found."""
    assert split("Menu", [Mark(0, 4, "furniture")], count=_count, room=100) == []
