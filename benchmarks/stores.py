"""Whether a library answers the same from PostgreSQL as from a file: python -m benchmarks.stores [DATA]

Each labelled set in the folder DATA, and the demo articles, are added to a file and copied into a database, twice:
once searched exactly, once by an index of its own, as a large library is. Of a sample of questions, the ten
passages that rank highest and the quotes of the answer are compared. Writes its table into docs/scaling.md.
"""

import argparse
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import report
from benchmarks.ablations import remembering
from benchmarks.scale import PAGE
from benchmarks.serving import serving
from retrieval.answers.search import candidates, query
from retrieval.evaluate import library_of, read_questions
from retrieval.library import Library
from retrieval.models import PACKAGED
from retrieval.settings import Settings
from retrieval.store.moving import move
from retrieval.store.postgres.store import PostgresStore
from tests.databases import Database

_QUESTIONS = 200  # of one set, at most
_WAYS = {"exact": 1_000_000, "indexed": 100}  # passages from which a library gets an index of its own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets: NAME/docs.jsonl, NAME/qa.jsonl")
    parser.add_argument("--questions", type=int, default=_QUESTIONS, help="asked of one set, at most")
    arguments = parser.parse_args()
    data = arguments.data.resolve() if arguments.data else None
    os.chdir(report.ROOT)
    sets = [("seeds", Path("seeds"), Path("seeds/questions.jsonl"))]
    sets += [(qa.parent.name, qa.with_name("docs.jsonl"), qa) for qa in sorted(data.glob("*/qa.jsonl"))] if data else []
    rows = []
    with serving() as database:
        for name, docs, questions in sets:
            rows.append(_compared(database, name, docs, questions, arguments.questions))
            print(rows[-1], flush=True)
    head = ("set", "passages", "questions", "same ten, exact", "same ten, by index", "same quotes, exact", "by index")
    report.put("stores", report.table(head, rows), PAGE)


def _compared(database: Database, name: str, docs: Path, labels: Path, most: int) -> list[str]:
    """The row of a set: shares of the ten highest passages, and of questions with the same quotes."""
    settings = Settings()
    models = remembering(PACKAGED, settings)
    with library_of([str(docs)], settings=settings, models=models) as file:
        known = [question.text for question in read_questions(labels, file)]
        asked = random.Random(0).sample(known, min(most, len(known)))
        tops = [_top(file, question) for question in asked]
        quotes = [_quotes(file, question) for question in asked]
        same_ten, same_quotes = [], []
        for way, large_from in _WAYS.items():
            store = PostgresStore(replace(database.settings, large_from=large_from), f"{name}-{way}")
            with Library(store, settings=settings, models=models) as there:
                list(move(file._store, store))  # noqa: SLF001 - what is stored
                pairs = zip(tops, (_top(there, question) for question in asked), strict=True)
                same_ten.append(np.mean([len(ours & theirs) / max(len(ours), 1) for ours, theirs in pairs]))
                same_quotes.append(np.mean([q == _quotes(there, a) for q, a in zip(quotes, asked, strict=True)]))
        passages = file.passage_count()
    shares = [f"{share:.3f}" for share in (*same_ten, *same_quotes)]
    return [name, f"{passages:,}", f"{len(asked)}", *shares]


def _top(library: Library, question: str) -> set[tuple[str, int]]:
    """The ten passages that rank highest, as (article, position)."""
    store, encoder = library._store, library._models.encoder(library._settings)  # noqa: SLF001 - as its answers do
    ranked, _ = candidates(query(question, encoder), store)
    return {(r.candidate.passage.article_id, r.candidate.passage.position) for r in ranked[:10]}


def _quotes(library: Library, question: str) -> Sequence[tuple[str, int, int]]:
    return [(quote.article.id, quote.start, quote.end) for quote in library.ask(question).quotes]


if __name__ == "__main__":
    main()
