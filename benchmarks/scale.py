"""How a PostgreSQL server bears many servers' libraries, and one that is large.

    python -m benchmarks.scale --guilds 100 300 --large 30000

Vectors are synthetic, in clusters, of 384 dimensions; words follow Zipf's law. One library is added as a bot
adds it, which gives the adding rate; the others are copies of it, because a question reads one library only.
Prints a table: question median and p99, recall against an exact search, adding rate, size on disk.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg

from retrieval.records import Article
from retrieval.settings import StoreSettings
from retrieval.store.postgres.store import PostgresStore
from retrieval.store.protocol import Indexed, NewPassage
from retrieval.store.sqlite import SqliteStore
from retrieval.text import Span
from retrieval.vectors import Floats
from tests.databases import Database

DIMENSIONS = 384
_CLUSTERS = 200
_OF_ARTICLE = 5  # passages; the median news article has about as many
_TERMS = 90  # of a passage, as in the demo articles
_WORDS = 30_000
_QUESTIONS = 200
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
    parser.add_argument("--guilds", type=int, nargs="+", default=[100, 300], help="numbers of servers, growing")
    parser.add_argument("--passages", type=int, default=1000, help="passages of each")
    parser.add_argument("--large", type=int, default=30_000, help="passages of one large library; 0: none")
    arguments = parser.parse_args()
    options = {"shared_buffers": "1GB", "maintenance_work_mem": "512MB", "fsync": "on", "max_wal_size": "8GB"}
    with closing(Database(18, options)) as database:
        made = Made()
        vectors = _first(database.settings, made, arguments.passages)
        print(f"{'guilds':>7} {'passages':>10} {'p50 ms':>8} {'p99 ms':>8} {'GB':>6}")
        reached = 1
        for guilds in arguments.guilds:
            _copied(database, reached, guilds)
            reached = guilds
            times = _asked(database.settings, made, vectors, range(1, guilds + 1))
            _row(guilds, guilds * arguments.passages, times, database)
        if arguments.large:
            _large(database, made, arguments.large)


def _first(settings: StoreSettings, made: Made, passages: int) -> Floats:
    """Add the first library as a bot does, an article a transaction; the vectors of its passages."""
    articles = [made.article(number) for number in range(passages // _OF_ARTICLE)]
    with PostgresStore(settings, "guild-1") as store:
        store.articles()
        start = time.perf_counter()
        for article in articles:
            store.put(article)
        seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "library.sqlite3") as file:
        start = time.perf_counter()
        for article in articles:
            file.put(article)
        beside = time.perf_counter() - start
        file.search(made.vectors(1)[0], (), model="synthetic", count=50)
        times = []
        for _ in range(_QUESTIONS // 4):
            start = time.perf_counter()
            file.search(made.vectors(1)[0], made.terms(5), model="synthetic", count=50)
            times.append((time.perf_counter() - start) * 1000)
    print(f"added {passages / seconds:.0f} passages a second, each article on disk; in a file {passages / beside:.0f}")
    print(f"a question to the same library in a file: p50 {np.median(times):.1f} ms")
    return np.stack([p.vector for article in articles for p in article.passages])


def _copied(database: Database, reached: int, guilds: int) -> None:
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


def _asked(settings: StoreSettings, made: Made, vectors: Floats, guilds: Sequence[int]) -> list[float]:
    """Milliseconds of each search, in libraries by chance."""
    times = []
    for guild in np.random.default_rng(1).choice(np.array(guilds), size=_QUESTIONS):
        vector, terms = made.near(vectors), made.terms(5)
        with _kept_open(settings, int(guild)) as store:
            start = time.perf_counter()
            store.search(vector, terms, model="synthetic", count=50)
            times.append((time.perf_counter() - start) * 1000)
    return times[_QUESTIONS // 10 :]  # the first ones open connections


@contextmanager
def _kept_open(settings: StoreSettings, guild: int) -> Iterator[PostgresStore]:
    """A library; the connections outlive it, as they do in a bot."""
    with PostgresStore(settings, "guild-1"), PostgresStore(settings, f"guild-{guild}") as store:
        store.model()
        yield store


def _row(guilds: int, passages: int, times: Sequence[float], database: Database) -> None:
    size = database.execute("SELECT pg_database_size('postgres')")[0][0]
    p50, p99 = np.percentile(times, [50, 99])
    print(f"{guilds:>7,} {passages:>10,} {p50:>8.1f} {p99:>8.1f} {float(str(size)) / 1e9:>6.2f}", flush=True)


def _large(database: Database, made: Made, passages: int) -> None:
    """One library that grows until it has an index of its own."""
    settings = replace(database.settings, large_from=passages)
    vectors = np.empty((0, DIMENSIONS), dtype=np.float32)
    with PostgresStore(settings, "guild-1000001") as store:
        start = time.perf_counter()
        for number in range(passages // _OF_ARTICLE - 1):
            article = made.article(number)
            vectors = np.vstack([vectors, [p.vector for p in article.passages]]) if number % 50 == 0 else vectors
            store.put(article)
        print(f"large: {passages / (time.perf_counter() - start):.0f} passages a second until it is large")
        _recalled("exact", settings, made, vectors)
        start = time.perf_counter()
        store.put(made.article(passages))
        print(f"large: own partition and index in {time.perf_counter() - start:.0f} s")
        _recalled("indexed", settings, made, vectors)


def _recalled(kind: str, settings: StoreSettings, made: Made, vectors: Floats) -> None:
    """Times of searches, and how many of the ten nearest they find."""
    with psycopg.connect(settings.url) as connection:
        rows = connection.execute(
            "SELECT id, vector::real[] FROM quoth.passages WHERE guild_id = 1000001 UNION ALL "
            "SELECT id, vector::real[] FROM quoth.passages_large WHERE guild_id = 1000001 ORDER BY id"
        ).fetchall()
    ids, matrix = [row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.float32)
    times, found = [], []
    with PostgresStore(settings, "guild-1000001") as store:
        for _ in range(_QUESTIONS // 2):
            vector = made.near(vectors)
            nearest = {ids[row] for row in np.argsort(-(matrix @ vector))[:10]}
            start = time.perf_counter()
            candidates = store.search(vector, made.terms(5), model="synthetic", count=50).candidates
            times.append((time.perf_counter() - start) * 1000)
            best = sorted(candidates, key=lambda c: -c.cosine)[:10]
            found.append(len(nearest & {c.passage.id for c in best}) / 10)
    p50, p99 = np.percentile(times[5:], [50, 99])
    print(f"large, {kind}: {len(ids):,} passages, p50 {p50:.1f} ms, p99 {p99:.1f} ms, recall@10 {np.mean(found):.3f}")


if __name__ == "__main__":
    main()
