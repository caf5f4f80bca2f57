"""How a PostgreSQL server bears many servers' libraries: python -m benchmarks.scale 100x1000 1000x1000 10000x100

A size is servers x passages of each; about 10 KB of disk a passage. Vectors are synthetic, in clusters, of 384
dimensions; words follow Zipf's law. One library is added as a bot adds it, which gives the adding rate beside that of a
file; the others are copies of it, because a question reads one library only. Writes its table into docs/scaling.md.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import psycopg

from benchmarks import report
from benchmarks.serving import serving
from retrieval.records import Article
from retrieval.settings import StoreSettings
from retrieval.store.postgres.store import PostgresStore
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore
from retrieval.store.values import Indexed, NewPassage
from retrieval.text import Span
from retrieval.vectors import Floats
from tests.databases import Database

PAGE = report.ROOT / "docs" / "scaling.md"
DIMENSIONS = 384
_CLUSTERS = 200
_OF_ARTICLE = 5  # passages; the median news article has about as many
_TERMS = 90  # of a passage, as in the demo articles
_WORDS = 30_000
_QUESTIONS = 200
_ADDED = 50  # articles a measurement of the adding rate
_TABLES = ("libraries", "editions", "articles", "outlines", "passages", "terms", "postings")


class Made:
    """Reproducible articles."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)
        self._centres = self._random.standard_normal((_CLUSTERS, DIMENSIONS)).astype(np.float32)

    def vectors(self, count: int) -> Floats:
        """Of length 1, each near one of the centres."""
        near = self._centres[self._random.integers(_CLUSTERS, size=count)]
        found = near + 0.8 * self._random.standard_normal((count, DIMENSIONS)).astype(np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)

    def terms(self, count: int) -> tuple[str, ...]:
        return tuple(f"w{number % _WORDS}" for number in self._random.zipf(1.3, size=count))

    def article(self, number: int) -> Indexed:
        text = f"Article {number}. " * 200
        spans = tuple(Span(at * 20, at * 20 + 19) for at in range(5))
        passages = tuple(
            NewPassage(spans, vector, self.vectors(len(spans)), self.terms(_TERMS))
            for vector in self.vectors(_OF_ARTICLE)
        )
        article = Article(f"{number:012x}", None, f"Title {number}", "", "", None, "user", None, "2024", len(text))
        return Indexed(article, text, (), passages, "synthetic")

    def near(self, vectors: Floats) -> Floats:
        """A question about one of these: its vector with some noise."""
        vector = vectors[self._random.integers(len(vectors))] + 0.03 * self._random.standard_normal(DIMENSIONS)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["100x1000"], help="servers x passages of each, such as 100x1000")
    sizes = [tuple(map(int, size.split("x"))) for size in parser.parse_args().sizes]
    rows: list[list[str]] = []
    for passages, group in groupby(sizes, key=lambda size: size[1]):
        with serving() as database:
            rows += _measured(database, passages, [guilds for guilds, _ in group])
    head = ("servers × passages", "passages", "question p50", "p99", "adding, passages a second", "on disk")
    report.put("servers", report.table(head, rows), PAGE)


def _measured(database: Database, passages: int, sizes: Sequence[int]) -> Iterator[list[str]]:
    """A row for one library in a file, and one for each number of libraries in the database."""
    made = Made()
    articles = [made.article(number) for number in range(passages // _OF_ARTICLE)]
    vectors = np.stack([p.vector for article in articles for p in article.passages])
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "library.sqlite3") as file:
        _add(file, articles)
        times = [_seconds_to_ask(file, made, vectors) for _ in range(_QUESTIONS // 2)]
        yield _row(f"a file × {passages:,}", passages, times, _adding_rate(file, made), None)
    with PostgresStore(database.settings, "guild-1") as store:
        _add(store, articles)
    reached = 1
    for guilds in sizes:
        _copy(database, reached, guilds)
        reached = guilds
        times = _asked(database.settings, made, vectors, range(2, guilds + 1))
        with PostgresStore(database.settings, "guild-1") as store:
            rate = _adding_rate(store, made)
        size = int(str(database.execute("SELECT pg_database_size('postgres')")[0][0]))
        yield _row(f"{guilds:,} × {passages:,}", guilds * passages, times, rate, size)


def _row(name: str, passages: int, times: Sequence[float], rate: float, size: int | None) -> list[str]:
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    row = [
        name,
        f"{passages:,}",
        f"{p50:.1f} ms",
        f"{p99:.1f} ms",
        f"{rate:.0f}",
        f"{size / 1e9:.2f} GB" if size else "–",
    ]
    print(row, flush=True)
    return row


def _add(store: Store, articles: Sequence[Indexed]) -> None:
    for article in articles:
        store.put(article)


def _adding_rate(store: Store, made: Made) -> float:
    """Passages a second, each article on the disk before the next."""
    articles = [made.article(10_000_000 + number) for number in range(_ADDED)]
    start = time.perf_counter()
    _add(store, articles)
    seconds = time.perf_counter() - start
    for article in articles:
        store.remove(article.article.id)
    return _ADDED * _OF_ARTICLE / seconds


def _copy(database: Database, reached: int, guilds: int) -> None:
    """Give the library of guild 1 to the guilds behind those that have it."""
    start = time.perf_counter()
    with psycopg.connect(database.url, autocommit=True) as connection:
        for table in _TABLES:
            columns = ", ".join(
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'quoth' "
                    "AND table_name = %s AND column_name <> 'guild_id'",
                    (table,),
                )
            )
            connection.execute(
                f"INSERT INTO quoth.{table} (guild_id, {columns}) SELECT g, {columns} FROM quoth.{table}, "  # noqa: S608
                f"generate_series({reached + 1}, {guilds}) AS g WHERE guild_id = 1"
            )
            connection.execute(f"ANALYZE quoth.{table}")
    print(f"{guilds - reached:,} libraries copied in {time.perf_counter() - start:.0f} s", flush=True)


def _asked(settings: StoreSettings, made: Made, vectors: Floats, guilds: Sequence[int]) -> list[float]:
    """Seconds of each search, in libraries by chance; connections outlive these, as they do in a bot."""
    times = []
    with PostgresStore(settings, "guild-1"):
        for guild in np.random.default_rng(1).choice(np.array(guilds), size=_QUESTIONS):
            with PostgresStore(settings, f"guild-{guild}") as store:
                times.append(_seconds_to_ask(store, made, vectors))
    return times[_QUESTIONS // 10 :]  # the first ones open connections


def _seconds_to_ask(store: Store, made: Made, vectors: Floats) -> float:
    vector, terms = made.near(vectors), made.terms(5)
    start = time.perf_counter()
    store.search(vector, terms, model="synthetic", count=50)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
