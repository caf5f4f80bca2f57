"""Choosing what to quote: whole sentences with what belongs to them, apart from one another."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from retrieval.answers.operators import Request
from retrieval.answers.quote import LONGEST_QUOTE, Rules, Selection, Sentence, rank_sentences, select
from retrieval.answers.search import Query, Ranked, Retrieved
from retrieval.store.values import Candidate, StoredPassage
from retrieval.text import Span, sentences, terms
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


class _Known:
    """Articles by their ids; ``outlines`` are those that are not all the sentences of their text."""

    def __init__(
        self,
        texts: Mapping[str, str],
        *,
        published: Mapping[str, str] | None = None,
        outlines: Mapping[str, Sequence[Span]] | None = None,
    ) -> None:
        self._texts = texts
        self._published = published or {}
        self._outlines = outlines or {}

    def text(self, article_id: str) -> str:
        return self._texts.get(article_id, "")

    def outline(self, article_id: str) -> Sequence[Span]:
        return self._outlines.get(article_id) or sentences(self.text(article_id))

    def published(self, article_id: str) -> str:
        return self._published.get(article_id, "")


def _words(chosen: Sequence[Selection], texts: Mapping[str, str]) -> list[str]:
    return [texts[c.article_id][c.span.start : c.span.end] for c in chosen]


def _selected(ranked: Sequence[Sentence], texts: Mapping[str, str], *, count: int, phrase: str = "") -> list[str]:
    rules = Rules(count, Request(phrases=(phrase,) if phrase else ()))
    return _words(select(ranked, rules, _Known(texts)), texts)


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


def _scored(text: str, *scores: float, article_id: str = "a") -> list[Sentence]:
    """The sentences of one article with the scores that the test gives them, best first."""
    found = [Sentence(article_id, 0, span, score, score) for span, score in zip(sentences(text), scores, strict=True)]
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
    ranked = [Sentence("a", 0, last, 1.0, 1.0), Sentence("a", 0, first, 0.99, 0.9)]
    chosen = select(ranked, Rules(3), _Known({"a": text}, outlines={"a": [first, last]}))
    assert [c.span for c in chosen] == [last, first]


def test_quotes_of_one_article_do_not_overlap() -> None:
    """However many are asked for."""
    text = " ".join(f"Bridge number {n} is closed for repairs until further notice this year." for n in range(20))
    ranked = _scored(text, *np.linspace(1.0, 0.95, 20))
    chosen = select(ranked, Rules(10), _Known({"a": text}))
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


# Several articles

WIRE = "The company will close its plant in Lyon and move 400 jobs to Porto by the end of next year."


def _copies(*texts: str, score: float = 1.0) -> tuple[list[Sentence], dict[str, str]]:
    """One article a text, the first sentence of each a little worse than that of the one before."""
    named = {f"{number}": text for number, text in enumerate(texts)}
    ranked = [
        Sentence(article_id, 0, span, score - int(article_id) / 100 - 0.6 * index, score)
        for article_id, text in named.items()
        for index, span in enumerate(sentences(text))
    ]
    return sorted(ranked, key=lambda s: -s.score), named


def test_the_same_story_in_several_outlets_is_one_quote() -> None:
    """It names the others, also where an editor has changed a word; what says something else is quoted itself."""
    ranked, texts = _copies(WIRE, WIRE.replace("close", "shut"), WIRE.replace("400", "500"), f"{WIRE} Unions object.")
    chosen = select(ranked, Rules(3), _Known(texts))
    assert _words(chosen, texts) == [WIRE, WIRE.replace("400", "500")]
    assert [c.also_in for c in chosen] == [("1", "3"), ()]


def test_of_copies_the_newest_is_quoted() -> None:
    """With the place that the best of them has; one without a date is older than any."""
    ranked, texts = _copies(WIRE, WIRE, WIRE)
    known = _Known(texts, published={"0": "2018-07-01", "1": "2018-07-03"})
    (chosen,) = select(ranked, Rules(3), known)
    assert (chosen.article_id, chosen.also_in) == ("1", ("0", "2"))
    assert chosen.focus.score == ranked[0].score


def test_a_quote_does_not_grow_by_what_another_one_says() -> None:
    """A copy's neighbour is quoted without the sentence that is quoted already."""
    second = "It blames the price of steel, which has doubled since spring."
    text, copy = f"{WIRE} The owners gave no reason.", f"{WIRE} {second}"
    ranked = [*_scored(text, 1.0, 0.0, article_id="0"), *_scored(copy, 0.99, 0.98, article_id="1")]
    texts = {"0": text, "1": copy}
    assert _words(select(ranked, Rules(3), _Known(texts)), texts) == [WIRE, second]


def test_of_about_equal_sentences_that_of_another_article_is_quoted() -> None:
    """And the quotes still stand in the order of their scores."""
    texts = {"a": "Repairs take a year.\n\nThe ferry is free. A bus will run.", "b": "Trains stop at the old bridge."}
    first, second, third = _scored(texts["a"], 1.0, 0.97, 0.9)
    (other,) = _scored(texts["b"], 0.95, article_id="b")
    ranked = [first, second, other, third]

    def quoted(variety: float) -> list[str]:
        return [c.article_id for c in select(ranked, Rules(2, variety=variety, neighbours=False), _Known(texts))]

    assert quoted(0.0) == ["a", "a"]
    assert quoted(0.1) == ["a", "b"]
    assert quoted(0.01) == ["a", "a"]


# Phrases


def test_a_quote_holds_the_phrase_that_was_asked_for() -> None:
    """The sentence that answers brings the one with the phrase, if both fit; others are not quoted."""
    text = "The treaty is called “Open  Skies”. Canada signed in 1992. Russia left in 2021."
    ranked = _scored(text, 0.5, 1.0, 0.0)
    assert _selected(ranked, {"a": text}, count=3, phrase="open skies") == [text.removesuffix(" Russia left in 2021.")]
    assert _selected(ranked, {"a": text}, count=3, phrase="closed skies") == []


def test_a_phrase_may_run_over_the_end_of_a_sentence() -> None:
    """Both sentences are quoted."""
    text = "He came. He saw. He won."
    assert _selected(_scored(text, 0.0, 1.0, 0.0), {"a": text}, count=1, phrase="saw. he won") == [text]


def test_a_phrase_in_what_is_set_aside_is_not_held() -> None:
    """An advertisement is not quoted for its words."""
    text = "Repairs take a year.\n\nBUY NOW AND SAVE\n\nThey cost a million."
    first, _, last = sentences(text)
    known = _Known({"a": text}, outlines={"a": [first, last]})
    ranked = [Sentence("a", 0, last, 1.0, 1.0), Sentence("a", 0, first, 0.9, 0.9)]
    assert select(ranked, Rules(3, Request(phrases=("buy now",))), known) == []
