"""Choosing what to quote: whole sentences with what belongs to them, apart from one another."""

from collections.abc import Sequence

import numpy as np
import pytest

from retrieval.quote import LONGEST_QUOTE, Sentence, rank_sentences, select
from retrieval.search import Query, Ranked, Retrieved
from retrieval.store import Candidate, StoredPassage
from retrieval.text import sentences, terms
from tests.articles import BRIDGE, ORCHESTRA
from tests.toy import ToyEncoder

TOY = ToyEncoder()
TEXTS = {"bridge": BRIDGE, "orchestra": ORCHESTRA}


def _passage(article_id: str, text: str) -> StoredPassage:
    spans = tuple(sentences(text))
    return StoredPassage(len(article_id), article_id, 0, spans, TOY.encode([text[s:e] for s, e in spans]))


def _retrieved(texts: dict[str, str]) -> Retrieved:
    passages = [Ranked(Candidate(_passage(i, t), cosine=0.5, bm25=1.0), 0.5) for i, t in texts.items()]
    idf = dict.fromkeys({term for text in texts.values() for term in terms(text)}, 1.0)
    return Retrieved(tuple(passages), idf)


def _query(question: str) -> Query:
    return Query(question, tuple(terms(question)), TOY.encode([question])[0], TOY.fingerprint)


def _ranked(question: str, texts: dict[str, str]) -> list[Sentence]:
    return rank_sentences(_query(question), _retrieved(texts), text_of=texts.__getitem__)


def _selected(ranked: Sequence[Sentence], texts: dict[str, str], *, count: int) -> list[str]:
    chosen = select(ranked, count=count, text_of=texts.__getitem__, passages_of=lambda i: [_passage(i, texts[i])])
    return [texts[c.article_id][c.span.start : c.span.end] for c in chosen]


def test_the_sentence_with_the_asked_words_comes_first() -> None:
    """All sentences of the retrieved passages are ranked."""
    ranked = _ranked("Who will cross by ferry?", TEXTS)
    assert len(ranked) == len(sentences(BRIDGE)) + len(sentences(ORCHESTRA))
    assert BRIDGE[slice(*ranked[0].span)].startswith("A ferry will cross")
    assert [s.score for s in ranked] == sorted((s.score for s in ranked), reverse=True)


def test_without_passages_there_are_no_sentences() -> None:
    """Nor any quote."""
    assert _ranked("Who?", {}) == []
    assert _selected([], TEXTS, count=3) == []


def _scored(text: str, *scores: float) -> list[Sentence]:
    """The sentences of one article with the scores that the test gives them, best first."""
    found = [
        Sentence("a", 0, index, span, score, score)
        for index, (span, score) in enumerate(zip(sentences(text), scores, strict=True))
    ]
    return sorted(found, key=lambda s: -s.score)


def test_a_sentence_that_leans_back_brings_the_one_before() -> None:
    """“She is …” says nothing without the name."""
    text = "The city named Ada Lindqvist. She is a violinist. The concert is in May."
    assert _selected(_scored(text, 0.0, 1.0, 0.0), {"a": text}, count=1) == [
        "The city named Ada Lindqvist. She is a violinist."
    ]


def test_a_sentence_that_stands_alone_stays_alone() -> None:
    """Its neighbours score nothing."""
    text = "The city named Ada Lindqvist. Repairs take a year. The concert is in May."
    assert _selected(_scored(text, 0.0, 1.0, 0.0), {"a": text}, count=1) == ["Repairs take a year."]


def test_neighbours_that_answer_as_well_are_quoted_along() -> None:
    """As one run of the text."""
    text = "Repairs take a year. Repairs cost a million. The concert is in May."
    assert _selected(_scored(text, 1.0, 1.0, 0.0), {"a": text}, count=3) == [
        "Repairs take a year. Repairs cost a million."
    ]


def test_a_quote_is_never_longer_than_it_may_be() -> None:
    """Unless one sentence alone is; then it stands alone."""
    long = f"Repairs {'and more repairs ' * 30}take a year."
    text = f"Repairs cost a million. {long} Repairs are slow."
    assert len(long) > LONGEST_QUOTE
    found = _selected(_scored(text, 1.0, 1.0, 1.0), {"a": text}, count=3)
    assert sorted(found) == sorted(["Repairs cost a million.", long, "Repairs are slow."])


def test_a_quote_does_not_run_over_what_was_set_aside() -> None:
    """An advertisement between two sentences keeps them apart."""
    text = "Repairs take a year.\n\nADVERTISEMENT\n\nThey cost a million."
    first, _, last = sentences(text)
    vectors = TOY.encode(["a", "b"])
    passage = StoredPassage(1, "a", 0, (first, last), vectors)
    ranked = [Sentence("a", 0, 1, last, 1.0, 1.0), Sentence("a", 0, 0, first, 0.99, 0.9)]
    chosen = select(ranked, count=3, text_of=lambda _: text, passages_of=lambda _: [passage])
    assert [c.span for c in chosen] == [last, first]


def test_quotes_of_one_article_do_not_overlap() -> None:
    """However many are asked for."""
    text = " ".join(f"Bridge number {n} is closed for repairs until further notice this year." for n in range(20))
    ranked = _scored(text, *np.linspace(1.0, 0.95, 20))
    chosen = select(ranked, count=10, text_of=lambda _: text, passages_of=lambda i: [_passage(i, text)])
    assert len(chosen) > 1
    for number, one in enumerate(chosen):
        assert one.overlaps(one)
        assert not any(one.overlaps(other) for other in chosen[:number])


def test_a_weak_further_quote_is_padding() -> None:
    """What scores far below the first is left out."""
    text = "Repairs take a year. The concert is in June. Ferries cross."
    assert _selected(_scored(text, 1.0, 0.01, 0.0), {"a": text}, count=3) == ["Repairs take a year."]


@pytest.mark.parametrize("count", [1, 2])
def test_no_more_quotes_than_wanted(count: int) -> None:
    """From several articles too."""
    assert len(_selected(_ranked("repairs of the bridge and the orchestra", TEXTS), TEXTS, count=count)) <= count
