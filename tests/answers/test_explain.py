"""Why a quote was chosen, for an operator's eyes."""

import pytest

from retrieval.answers.explain import rows, table
from retrieval.library import Library
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import add_text


@pytest.fixture
def two(library: Library) -> Library:
    """Two articles about different things."""
    add_text(library, BRIDGE, published="2018-07-18")
    add_text(library, ORCHESTRA)
    return library


def test_the_parts_add_up_to_the_score_of_each_quote(two: Library) -> None:
    """The first two columns are the passage's own; the others are summed."""
    trace = two.trace("Who is the new conductor of the city orchestra?")
    found = rows(trace)
    assert len(found) == len(trace.answer.quotes) > 0
    for row, quote in zip(found, trace.answer.quotes, strict=True):
        parts = [value for name, value in row.items() if name not in {"cosine", "BM25", "score"}]
        assert sum(parts) == pytest.approx(row["score"])
        assert row["score"] == pytest.approx(quote.score, abs=1e-4)


def test_the_table_has_a_line_a_quote(two: Library) -> None:
    """Under the confidence, with a number as the card has it."""
    trace = two.trace("Who is the new conductor of the city orchestra?")
    lines = table(trace).splitlines()
    assert lines[0] == f"confidence {trace.answer.confidence:.2f}"
    assert sum(line.startswith("[") for line in lines) == len(trace.answer.quotes)


def test_the_latest_are_not_compared(two: Library) -> None:
    """They are quoted by date, and have a score only."""
    trace = two.trace("latest news")
    assert trace.answer.quotes
    assert [list(row) for row in rows(trace)] == [["score"]] * len(trace.answer.quotes)


def test_a_library_without_articles_has_nothing_to_explain(library: Library) -> None:
    """But the reason is said."""
    assert table(library.trace("Who?")) == "confidence 0.00\nnot answered: the library holds no articles yet"
