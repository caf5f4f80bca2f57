"""The stores under test, empty, and small libraries of toy vectors to put into them.

A new kind of store adds its factory to ``STORES`` and passes all of the tests beside this file.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from retrieval.records import Article, Mark
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore
from retrieval.store.values import AllBut, Found, Indexed, NewPassage
from retrieval.text import sentences, terms
from tests.databases import VERSIONS, Database
from tests.toy import ToyEncoder

OpenStore = Callable[[], Store]

# A library of its own for each test, in a database that all of them share.
_numbers = count(1)


def _in_a_file(folder: Path) -> OpenStore:
    return lambda: SqliteStore(folder / "library.sqlite3")


def _in_a_database(request: pytest.FixtureRequest, *, version: int) -> OpenStore:
    from retrieval.store.postgres.store import PostgresStore

    database: Database = request.getfixturevalue("databases")(version)
    name = f"guild-{next(_numbers)}"
    return lambda: PostgresStore(database.settings, name)


STORES: dict[str, Callable[[pytest.FixtureRequest], OpenStore]] = {
    "sqlite": lambda request: _in_a_file(request.getfixturevalue("tmp_path")),
    **{f"postgresql-{version}": partial(_in_a_database, version=version) for version in VERSIONS},
}
TOY = ToyEncoder()


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def open_store(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """Opens one and the same library, as often as it is called."""
    with contextlib.ExitStack() as stack:
        opener = request.param(request)
        yield lambda: stack.enter_context(opener())


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    """An empty library."""
    return open_store()


def an_article(article_id: str, text: str, *, title: str = "Title") -> Article:
    return Article(
        id=article_id,
        doc_id=f"{article_id}.txt",
        title=title,
        source="Gazette",
        author="Jane Roe",
        published="2024-05-01",
        published_from="user",
        url="https://gazette.example/story",
        added="2024-05-01T12:00:00+00:00",
        characters=len(text),
    )


def passages_of(text: str) -> tuple[NewPassage, ...]:
    """One passage a sentence."""
    return tuple(
        NewPassage((span,), TOY.encode([words])[0], TOY.encode([words]), tuple(terms(words)))
        for span in sentences(text)
        if (words := text[span.start : span.end])
    )


def indexed(article: Article, text: str, *, marks: tuple[Mark, ...] = ()) -> Indexed:
    return Indexed(article, text, marks, passages_of(text), TOY.fingerprint)


def put(store: Store, article_id: str, text: str, *, title: str = "Title") -> Article:
    article = an_article(article_id, text, title=title)
    store.put(indexed(article, text))
    return article


def search(
    store: Store,
    question: str,
    asked: Sequence[str] | None = None,
    *,
    article_ids: Collection[str] | AllBut | None = None,
) -> Found:
    vector = TOY.encode([question])[0]
    asked = terms(question) if asked is None else asked
    return store.search(vector, asked, model=TOY.fingerprint, count=5, article_ids=article_ids)


def best(store: Store, question: str) -> str:
    """The id of the article with the passage that scores best by meaning."""
    return max(search(store, question).candidates, key=lambda c: c.cosine).passage.article_id


OTHER = np.full(4, 0.5, dtype=np.float32)


def indexed_otherwise(article: Article, text: str, *, marks: tuple[Mark, ...] = ()) -> Indexed:
    """The same words as vectors of another model, in fewer dimensions and one passage."""
    spans = tuple(sentences(text))
    passage = NewPassage(spans, OTHER, np.stack([OTHER] * len(spans)), tuple(terms(text)))
    return Indexed(article, text, marks, (passage,), "other")


def search_other(store: Store, question: str) -> Found:
    return store.search(OTHER, terms(question), model="other", count=5)
