"""From a question to an answer whose quotes were checked."""

from dataclasses import replace

import pytest

from retrieval.answering import Wanted, answer, check, cut
from retrieval.errors import QuoteMismatch
from retrieval.library import Library
from retrieval.records import Article, Quote
from retrieval.text import Span, sentences
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text
from tests.toy import ToyEncoder

ALL = Wanted(quotes=3, article_id=None, confidence=0.0)
QUESTION = "How long will repairs take?"


@pytest.fixture
def articles(library: Library) -> list[Article]:
    """Three articles in the library."""
    return [add_text(library, text) for text in (BRIDGE, ORCHESTRA, WHATSAPP)]


def _first(library: Library, toy: ToyEncoder) -> Quote:
    found, _ = answer(QUESTION, ALL, asked_as=QUESTION, store=library._store, encoder=lambda: toy)
    return found.quotes[0]


def test_the_first_quote_holds_the_answer(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """Where the words of the question stand."""
    quote = _first(library, toy)
    assert quote.article == articles[0]
    assert "eleven months" in BRIDGE[quote.focus[0] : quote.focus[1]]


def test_the_parts_of_the_time_make_up_the_whole(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """Milliseconds, none of them negative."""
    found, _ = answer(QUESTION, ALL, asked_as=QUESTION, store=library._store, encoder=lambda: toy)
    parts = (found.ms.embed, found.ms.search, found.ms.quote)
    assert min(parts) >= 0
    assert sum(parts) == pytest.approx(found.ms.total, abs=0.05)


def test_what_is_searched_for_may_differ_from_what_was_asked(library: Library, toy: ToyEncoder) -> None:
    """A follow-up question is searched for in its context and shown as it was."""
    add_text(library, BRIDGE)
    add_text(library, ORCHESTRA)
    found, retrieved = answer("Who?", ALL, asked_as="new conductor", store=library._store, encoder=lambda: toy)
    assert found.question == "Who?"
    assert retrieved.passages[0].candidate.passage.article_id == found.quotes[0].article.id


def test_below_the_wanted_confidence_nothing_is_quoted(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """The nearest passages are given, and a reason."""
    strict = replace(ALL, confidence=1.1)
    found, _ = answer(QUESTION, strict, asked_as=QUESTION, store=library._store, encoder=lambda: toy)
    assert (found.answered, found.quotes) == (False, ())
    assert found.nearest[0] == _first(library, toy)
    assert found.reason


def test_a_quote_is_cut_and_linked() -> None:
    """Its text is the slice, its link leads to the sentence that answers."""
    first, second, *_ = sentences(BRIDGE)
    article = Article("a", None, "Bridge", "", "", None, "unknown", "https://a.example/b", "", len(BRIDGE))
    quote = cut(article, BRIDGE, Span(first.start, second.end), focus=second, score=0.123456)
    assert quote.text == BRIDGE[first.start : second.end]
    assert quote.focus == tuple(second)
    assert quote.score == 0.1235
    assert quote.link
    assert "text=Inspectors" in quote.link
    assert cut(replace(article, url=None), BRIDGE, first, focus=first, score=1).link is None


def test_a_quote_that_differs_by_one_character_is_refused(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """Or that stands one character further on, or in an article that is not there."""
    quote = _first(library, toy)
    check(quote, library._store)
    wrong = (
        replace(quote, text=f"{quote.text[:-1]}!"),
        replace(quote, start=quote.start + 1),
        replace(quote, article=replace(quote.article, id="gone")),
    )
    for altered in wrong:
        with pytest.raises(QuoteMismatch):
            check(altered, library._store)
