"""What one large library costs in PostgreSQL, beside the same in a file: python -m benchmarks.large 200000

It is made by ``benchmarks.big`` of the demo articles, and moved into the database as ``quoth migrate`` does. The demo
questions are then searched for in the file and in the database, one after the other: exactly, and by an index of the
library's own. Writes its table into docs/scaling.md. A million passages take 40 GB of disk.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import report
from benchmarks.big import make, material
from benchmarks.scale import PAGE
from benchmarks.serving import serving
from retrieval.library import Library
from retrieval.models import PACKAGED
from retrieval.settings import Settings
from retrieval.store.homes import library_path
from retrieval.store.moving import move
from retrieval.store.postgres.store import PostgresStore
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore
from retrieval.text import terms
from retrieval.vectors import Floats
from tests.databases import Database

_NAME = "guild-1"
_QUESTIONS = 150
_SHOWN = 10_000  # articles between two lines of progress
_COUNT = 50  # candidates of each search, as when a question is answered


class Unsettled(PostgresStore):
    """Without an index of nearest vectors, to be searched exactly first."""

    def settle(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ten passages of all that are nearest to it, as (article, position)."""

    vector: Floats
    terms: Sequence[str]
    nearest: frozenset[tuple[str, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("passages", type=int, nargs="?", default=50_000)
    passages = parser.parse_args().passages
    with tempfile.TemporaryDirectory() as folder, serving() as database:
        home = Path(folder)
        with Library.open(home, "real") as library:
            library.add(report.ROOT / "seeds")
            source = material(library)
        make(home, _NAME, passages, source)
        print("made", flush=True)
        with SqliteStore(library_path(home, _NAME)) as file:
            rows = _rows(file, database, source.model)
    title = f"{passages:,} passages"
    report.put("large", report.table((title, "question p50", "p99", "÷ file", "recall@10"), rows), PAGE)


def _rows(file: SqliteStore, database: Database, model: str) -> list[list[str]]:
    with Unsettled(database.settings, _NAME) as store:
        rate = _moved(file, store)
        database.execute("ANALYZE")
        asked = _questions(file)
        size = _size(database)
        rows = _compared("searched exactly", file, store, asked, model)
    with PostgresStore(database.settings, _NAME) as store:
        start = time.perf_counter()
        store.settle()
        built = time.perf_counter() - start
        database.execute("ANALYZE")
        rows += _compared("by its own index", file, store, asked, model)[1:]
    index = database.execute("SELECT pg_relation_size('quoth.passages_of_1_nearest')")[0][0]
    print(
        f"moved at {rate:.0f} passages a second; {size / 1e9:.2f} GB; its index in {built:.0f} s, "
        f"{int(str(index)) / 1e9:.2f} GB",
        flush=True,
    )
    return rows


def _moved(file: SqliteStore, store: PostgresStore) -> float:
    """Passages a second that are read from the file, written into the database, read back and compared."""
    start, shown = time.perf_counter(), 0
    for step in move(file, store):
        if step.done - shown >= _SHOWN:
            shown = step.done
            print(f"{shown:,} articles, {time.perf_counter() - start:.0f} s", flush=True)
    return store.passage_count() / (time.perf_counter() - start)


def _size(database: Database) -> int:
    return int(str(database.execute("SELECT pg_database_size('postgres')")[0][0]))


def _questions(file: SqliteStore) -> list[Asked]:
    lines = (report.ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines()[:_QUESTIONS]
    questions = [json.loads(line)["question"] for line in lines]
    vectors = PACKAGED.encoder(Settings()).encode(questions)
    places, matrix = _all(file)
    return [
        Asked(vector, terms(question), frozenset(places[at] for at in np.argsort(-(matrix @ vector))[:10]))
        for question, vector in zip(questions, vectors, strict=True)
    ]


def _all(file: SqliteStore) -> tuple[list[tuple[str, int]], Floats]:
    """Where all passages stand, and their vectors, shape (passages, dimensions)."""
    places: list[tuple[str, int]] = []
    parts: list[Floats] = []
    rows = file._file.execute("SELECT article_id, position, vector FROM passages")  # noqa: SLF001 - all of them, at once
    while some := rows.fetchmany(_SHOWN):
        places += [row[:2] for row in some]
        parts.append(np.frombuffer(b"".join(row[2] for row in some), dtype="<f4").reshape(len(some), -1))
    return places, np.concatenate(parts)


def _compared(
    name: str, file: SqliteStore, store: PostgresStore, asked: Sequence[Asked], model: str
) -> list[list[str]]:
    """Rows of the file and of the database, asked in turn."""
    both: tuple[Store, Store] = file, store
    times: tuple[list[float], list[float]] = [], []
    found: tuple[list[float], list[float]] = [], []
    for question in (*asked[:5], *asked):  # the first ones open what is kept open
        for here, seconds, recall in zip(both, times, found, strict=True):
            start = time.perf_counter()
            candidates = here.search(question.vector, question.terms, model=model, count=_COUNT).candidates
            seconds.append(time.perf_counter() - start)
            best = sorted(candidates, key=lambda c: -c.cosine)[:10]
            here_found = {(c.passage.article_id, c.passage.position) for c in best}
            recall.append(len(here_found & question.nearest) / 10)
    beside = float(np.median(times[0][5:]))
    return [
        _row(title, seconds[5:], beside, recall)
        for title, seconds, recall in zip(("in a file", f"in the database, {name}"), times, found, strict=True)
    ]


def _row(title: str, times: Sequence[float], beside: float, recall: Sequence[float]) -> list[str]:
    p50, p99 = np.percentile(times, [50, 99])
    row = [title, f"{p50 * 1000:.1f} ms", f"{p99 * 1000:.1f} ms", f"{p50 / beside:.1f}", f"{np.mean(recall):.3f}"]
    print(row, flush=True)
    return row


if __name__ == "__main__":
    main()
