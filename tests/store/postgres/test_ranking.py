"""A library answers the same from a database as from a file, and a large one as a small one."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from retrieval.answers.search import Query, query
from retrieval.embed import SentenceEncoder
from retrieval.library import Library
from retrieval.store.moving import move
from retrieval.store.postgres.store import PostgresStore
from retrieval.store.protocol import Store
from tests.conftest import ROOT
from tests.databases import Database

pytestmark = pytest.mark.model

SAME_TOP = 0.95
SAME_QUOTES = 0.97


@pytest.fixture(scope="module", params=["exact", "indexed"])
def moved(request: pytest.FixtureRequest, seeds: Library, database: Database) -> Iterator[PostgresStore]:
    """The demo corpus in a database: searched exactly, or by an index of its own."""
    large_from = 50_000 if request.param == "exact" else 100
    with PostgresStore(replace(database.settings, large_from=large_from), f"ranking-{request.param}") as store:
        list(move(seeds._store, store))
        yield store


def _questions() -> list[str]:
    lines = (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


@pytest.fixture(scope="module")
def asked(encoder: SentenceEncoder) -> list[Query]:
    return [query(question, encoder) for question in _questions()]


def _top(store: Store, asked: Query) -> set[tuple[str, int]]:
    """The ten best passages, by the weights that answers have."""
    found = store.search(asked.vector, asked.terms, model=asked.model, count=50).candidates
    highest = max((c.bm25 for c in found), default=0.0) or 1.0
    best = sorted(found, key=lambda c: (-(c.cosine + c.bm25 / highest), c.passage.article_id, c.passage.position))
    return {(c.passage.article_id, c.passage.position) for c in best[:10]}


def test_the_ten_best_are_the_same(seeds: Library, moved: PostgresStore, asked: list[Query]) -> None:
    """For at least 95 in 100 of them."""
    tops = [(_top(seeds._store, question), _top(moved, question)) for question in asked]
    assert np.mean([len(ours & theirs) / len(ours) for ours, theirs in tops]) >= SAME_TOP


@pytest.fixture(scope="module")
def quoted(seeds: Library) -> dict[str, list[tuple[str, int, int]]]:
    """What every twelfth question is answered with, from a file: reading takes time."""
    return {question: _quoted(seeds, question) for question in _questions()[::12]}


def test_the_quotes_are_the_same(
    seeds: Library, moved: PostgresStore, quoted: dict[str, list[tuple[str, int, int]]]
) -> None:
    """For at least 97 in 100 questions, to the character."""
    there = Library(moved, settings=seeds._settings)
    assert np.mean([_quoted(there, question) == quotes for question, quotes in quoted.items()]) >= SAME_QUOTES


def _quoted(library: Library, question: str) -> list[tuple[str, int, int]]:
    return [(quote.article.id, quote.start, quote.end) for quote in library.ask(question).quotes]
