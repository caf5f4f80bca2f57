"""Removing means gone in PostgreSQL, too: no table of the database holds a word of the article."""

import zlib

import psycopg
from psycopg import sql

from retrieval.library import Library
from retrieval.loaders.documents import Document
from retrieval.models import Models
from retrieval.settings import StoreSettings
from retrieval.store.postgres.store import PostgresStore
from tests.articles import ORCHESTRA
from tests.canary import CANARY, TEXT
from tests.toy import ToyEncoder


def _holding(settings: StoreSettings) -> set[str]:
    """The tables with a row that holds the canary, as text or packed in bytes."""
    found = set()
    with psycopg.connect(settings.url) as connection:
        named = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'quoth'"
        for schema, table in connection.execute(named).fetchall():
            rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))).fetchall()
            if any(_has(value) for row in rows for value in row):
                found.add(str(table))
    return found


def _has(value: object) -> bool:
    if not isinstance(value, bytes):
        return CANARY in str(value).lower()
    try:
        return CANARY.encode() in zlib.decompress(value).lower()
    except zlib.error:
        return CANARY.encode() in value.lower()


def test_nothing_of_a_removed_article_is_in_any_table(fresh: StoreSettings) -> None:
    """Neither its text nor its versions, passages, words, title, source, address or feed."""
    with Library(PostgresStore(fresh, "guild-1"), models=Models(lambda _settings: ToyEncoder())) as library:
        library.add(Document(ORCHESTRA, title="Orchestra", doc_id="o"))
        known = {"title": f"A {CANARY}", "source": f"{CANARY} Times", "url": f"https://news.example/{CANARY}"}
        versions = [Document(f"{TEXT} This is version {number}.", **known) for number in range(3)]  # type: ignore[arg-type]
        *_, added = [library.add(version)[0] for version in versions]
        assert added.article is not None
        assert len(library.history(added.article.id)) == 2
        assert len(_holding(fresh)) >= 3
        library.remove(added.article.id)
        assert _holding(fresh) == set()
        assert [article.title for article in library.articles()] == ["Orchestra"]
