"""Many articles that come at once: in few statements, and into a library that grows large by them."""

import logging
from dataclasses import replace

import pytest

from retrieval.records import Audience
from retrieval.store.postgres.store import PostgresStore
from retrieval.store.values import Kept
from tests.articles import BRIDGE, ORCHESTRA
from tests.databases import Database
from tests.store.conftest import an_article, indexed, search
from tests.store.postgres.conftest import OpenNamed


def _some(name: str, count: int) -> list[Kept]:
    texts = [f"{BRIDGE} Number {number}. {ORCHESTRA}" for number in range(count)]
    return [Kept(indexed(an_article(f"{name}-{n}", text), text), (), Audience()) for n, text in enumerate(texts)]


def test_many_articles_take_no_more_statements_than_one(
    open_named: OpenNamed, caplog: pytest.LogCaptureFixture
) -> None:
    """Each waits for the server, and that was most of the time that a move took."""
    store = open_named("guild-4010")
    store.bring(_some("first", 1))
    sent = []
    for name, count in (("one", 1), ("many", 50)):
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "retrieval.store.postgres.server"):
            store.bring(_some(name, count))
        sent.append(len(caplog.records))
    assert sent[0] == sent[1] > 0
    assert store.check() == []


def test_a_library_that_is_brought_gets_its_index_when_all_is_there(database: Database) -> None:
    """Its passages have a table of their own before that, and the same are found in it."""
    place = "SELECT own, nearest FROM quoth.libraries WHERE guild_id = 4011"
    with PostgresStore(replace(database.settings, large_from=30), "guild-4011") as store:
        for name, is_own in (("few", False), ("more", True), ("rest", True)):
            store.bring(_some(name, 2))
            assert database.execute(place) == [(is_own, None)]
        found = _found(store)
        store.settle()
        assert database.execute(place) == [(True, 1)]
        assert _found(store) == found
        assert store.check() == []
        store.forget()


def _found(store: PostgresStore) -> list[tuple[float, float]]:
    return sorted((round(c.cosine, 5), round(c.bm25, 5)) for c in search(store, "cracks in the pillars").candidates)
