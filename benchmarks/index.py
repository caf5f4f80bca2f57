"""What a question costs beside the model, and how that grows: python -m benchmarks.index [DATA] [--million]

Libraries of 1,000 to 100,000 passages, or a million (8 GB of disk, half an hour), are made by ``benchmarks.big`` from
the seeds, and the articles of DATA/*/docs.jsonl where given. Each question is searched for by the store and by an
exact scan of the same float32 vectors, in turn in one process and on one thread (``make bench`` sets
OPENBLAS_NUM_THREADS=1), and then asked as a whole. What is counted is the thread's own time: other work on the machine
makes it longer, but for both.
"""

import argparse
import gc
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import plots, report
from benchmarks.big import Maker, Material, make, material
from benchmarks.report import ROOT, table
from retrieval.embed import Encoder, Vectors
from retrieval.index.snapshot import Snapshot
from retrieval.library import Library
from retrieval.models import PACKAGED, Models
from retrieval.records import Article
from retrieval.settings import Settings
from retrieval.store.homes import INDEX_NAME, library_path
from retrieval.store.sqlite import SqliteStore
from retrieval.store.values import Indexed, NewPassage
from retrieval.text import Span, terms
from retrieval.vectors import Floats, best_rows

_SIZES = (1_000, 10_000, 100_000)
_MILLION = 1_000_000
_QUESTIONS = 100
_COUNT = 50  # candidates of each search, as when a question is answered
_PLOT = "cost.png"


class Known:
    """An encoder that knows the vectors of some questions: what a question costs without the model."""

    dimensions, room = 384, 254

    def __init__(self, model: Encoder, questions: Sequence[str]) -> None:
        self.fingerprint, self.known_words = model.fingerprint, model.known_words
        self.vectors = dict(zip(questions, model.encode(questions), strict=True))
        self._any = next(iter(self.vectors.values()))

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.vectors.get(text, self._any) for text in texts])

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[Vectors, list[Vectors]]:
        return self.encode(texts), [np.stack([self._any] * len(inside)) for inside in spans]

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a library of so many passages costs: milliseconds of each question, of opening, and so on."""

    passages: int
    scan: Sequence[float]
    searched: Sequence[float]
    asked: Sequence[float]
    recall: float
    built: float
    opened: float
    added: float
    visible: float
    own: float  # bytes a passage beyond the vectors
    disk: float  # bytes a passage in the folder of the index


def main() -> None:
    """Measure every size, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets: NAME/docs.jsonl, NAME/qa.jsonl")
    parser.add_argument("--million", action="store_true", help="also a library of a million passages")
    parser.add_argument("--home", type=Path, help="where libraries are kept for the next run; else they are removed")
    arguments = parser.parse_args()
    data = arguments.data.resolve() if arguments.data else None
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home or Path(folder)
        source = _material(home, data)
        known = Known(PACKAGED.encoder(Settings()), _questions(data))
        gc.collect()
        gc.freeze()  # as the bot does once its model is loaded
        costs = []
        for passages in (*_SIZES, *((_MILLION,) if arguments.million else ())):
            make(home, f"made-{passages}", passages, source)
            costs.append(_cost(home, f"made-{passages}", known, Maker(source, seed=2)))
            print(costs[-1].passages, f"{statistics.median(costs[-1].asked):.1f} ms", flush=True)
    report.put("index", f"{_table(costs)}\n\n{_notes(source)}", report.PERFORMANCE)
    plots.growing(_curves(costs), report.PERFORMANCE.with_name(_PLOT))
    report.put("scale", _scale(costs), report.PERFORMANCE)


def _material(home: Path, data: Path | None) -> Material:
    """Real passages with their real vectors."""
    with Library.open(home, "real") as library:
        if not library.passage_count():
            library.add(ROOT / "seeds", *(sorted(data.glob("*/docs.jsonl")) if data else ()))
        return material(library)


def _questions(data: Path | None) -> list[str]:
    files = [ROOT / "seeds" / "questions.jsonl", *(sorted(data.glob("*/qa.jsonl")) if data else ())]
    asked = [json.loads(line)["question"] for file in files for line in file.read_text("utf-8").splitlines()]
    chosen = np.random.default_rng(1).permutation(len(asked))[:_QUESTIONS]
    return [" ".join(asked[at].split()) for at in sorted(chosen.tolist())]


def _cost(home: Path, name: str, known: Known, maker: Maker) -> Cost:
    path = library_path(home, name)
    shutil.rmtree(path.with_name(INDEX_NAME), ignore_errors=True)
    built = _seconds(lambda: _first_question(path, known))
    opened = _seconds(lambda: _first_question(path, known))
    before = _resident()
    with SqliteStore(path) as store:
        library = Library(store, models=Models(lambda _settings: known, reranker=lambda _settings: None))
        scan, searched, asked, recall = _questioned(store, library, known)
        snapshot = _snapshot(store)
        vectors = sum(part.segment.vectors.nbytes for part in snapshot.parts if part.segment.path)
        own = (_resident() - before - vectors) / snapshot.passages
        added, visible = _added(store, known, maker)
    disk = sum(file.stat().st_size for file in path.with_name(INDEX_NAME).iterdir()) / snapshot.passages
    return Cost(snapshot.passages, scan, searched, asked, recall, built, opened, added, visible, own, disk)


def _questioned(
    store: SqliteStore, library: Library, known: Known
) -> tuple[list[float], list[float], list[float], float]:
    """The milliseconds of each question by scan, by search and as a whole, and the recall of the search."""
    scan, searched, asked, recall = [], [], [], []
    snapshot = _snapshot(store)
    library.ask("Are you ready?")  # the first question also loads the code that answers
    for question, vector in known.vectors.items():
        wanted = terms(question)
        scan.append(_seconds(lambda v=vector: _scanned(snapshot, v)) * 1000)  # type: ignore[misc]
        searched.append(
            _seconds(lambda v=vector, w=wanted: store.search(v, w, model=known.fingerprint, count=_COUNT)) * 1000  # type: ignore[misc]
        )
        asked.append(_seconds(lambda q=question: library.ask(q)) * 1000)  # type: ignore[misc]
        found = store.search(vector, (), model=known.fingerprint, count=_COUNT)
        best = {c.passage.id for c in sorted(found.candidates, key=lambda c: (-c.cosine, c.passage.id))[:10]}
        recall.append(len(best & set(_scanned(snapshot, vector)[:10])) / 10)
    return scan, searched, asked, statistics.fmean(recall)


def _scanned(snapshot: Snapshot, vector: Floats) -> list[int]:
    """The ids of the nearest passages, by a product with every vector."""
    scores = np.concatenate([part.segment.vectors @ vector for part in snapshot.parts])
    ids = np.concatenate([part.segment.ids for part in snapshot.parts])
    return [int(ids[row]) for row in best_rows(scores, _COUNT)]


def _added(store: SqliteStore, known: Known, maker: Maker) -> tuple[float, float]:
    """Milliseconds to store an article of ten passages, and of the first search after that, at the median."""
    vector, added, visible = next(iter(known.vectors.values())), [], []
    for number in range(5):
        article = _article(f"{number}", maker, known.fingerprint)
        added.append(_seconds(lambda a=article: store.put(a)) * 1000)  # type: ignore[misc]
        visible.append(_seconds(lambda: store.search(vector, ["budget"], model=known.fingerprint, count=_COUNT)) * 1000)
    for number in range(5):
        store.remove(f"new {number}")
    return statistics.median(added), statistics.median(visible)


def _article(name: str, maker: Maker, model: str) -> Indexed:
    text, _ = maker.article(0, 10)
    spans = [Span(at, min(at + 600, len(text))) for at in range(0, len(text), 600)]
    passages = tuple(
        NewPassage((span,), vector, vector[np.newaxis], tuple(terms(text[span.start : span.end])))
        for span, vector in zip(spans, maker.vectors(len(spans)), strict=True)
    )
    added = "2024-05-01T12:00:00+00:00"
    article = Article(f"new {name}", name, f"New {name}", "", "", None, "unknown", None, added, len(text))
    return Indexed(article, text, (), passages, model, added)


def _first_question(path: Path, known: Known) -> None:
    with SqliteStore(path) as store:
        store.search(next(iter(known.vectors.values())), ["budget"], model=known.fingerprint, count=_COUNT)


def _snapshot(store: SqliteStore) -> Snapshot:
    index = store._index  # noqa: SLF001 - the same vectors as the search's
    with store._file.moment():  # noqa: SLF001
        return index.current()


def _seconds(work: Callable[[], object]) -> float:
    """The time that this thread worked: what it waited for others does not count."""
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


def _resident() -> int:
    """Bytes of memory that this process holds, mapped files included."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def _table(costs: Sequence[Cost]) -> str:
    def row(name: str, value: Callable[[Cost], str]) -> tuple[str, ...]:
        return name, *map(value, costs)

    rows = [
        row("exact scan of the vectors alone, ms", lambda c: _spread(c.scan)),
        row("search: meaning and words, passages read, ms", lambda c: _spread(c.searched)),
        row("the whole question: search, quoting, checks, ms", lambda c: _spread(c.asked)),
        row("search ÷ exact scan", lambda c: f"{statistics.median(c.searched) / statistics.median(c.scan):.2f}"),
        row("recall@10 against the exact scan", lambda c: f"{c.recall:.4f}"),
        row("opening, with the first search, ms", lambda c: f"{c.opened * 1000:.0f}"),
        row("making the index anew, s", lambda c: f"{c.built:.1f}"),
        row("storing an article of 10 passages, ms", lambda c: f"{c.added:.0f}"),
        row("the first search after that, ms", lambda c: f"{c.visible:.1f}"),
        row("memory beyond the mapped vectors, bytes a passage", lambda c: f"{c.own:.0f}"),
        row("files of the index, bytes a passage", lambda c: f"{c.disk:.0f}"),
    ]
    return table(("passages", *(f"{c.passages:,}" for c in costs)), rows)


def _spread(milliseconds: Sequence[float]) -> str:
    return f"{statistics.median(milliseconds):.1f} ({np.percentile(milliseconds, 99):.1f})"


def _notes(source: Material) -> str:
    return (
        f"Medians of {_QUESTIONS} questions (99th percentile): processor time of the thread that answers. The "
        f"vectors are {len(source.vectors):,} real ones with noise of the same spectrum. The sentences are "
        "real ones, with a made-up word before and other words in places of a third of their own. "
        f"{report.conditions()}"
    )


def _curves(costs: Sequence[Cost]) -> dict[str, list[tuple[int, float]]]:
    return {
        "exact scan": [(c.passages, statistics.median(c.scan)) for c in costs],
        "search": [(c.passages, statistics.median(c.searched)) for c in costs],
        "whole question": [(c.passages, statistics.median(c.asked)) for c in costs],
        "storing an article": [(c.passages, c.added) for c in costs],
    }


def _scale(costs: Sequence[Cost]) -> str:
    slopes = []
    for name, curve in _curves(costs).items():
        sizes, values = np.log([size for size, _ in curve]), np.log([value for _, value in curve])
        slopes.append((name, f"{np.polyfit(sizes, values, 1)[0]:.2f}"))
    return (
        f"![Cost against size]({_PLOT})\n\n"
        "The slope in the plot, where 1 is in proportion to the library and 0 is not at all:\n\n"
        f"{table(('', 'slope'), slopes)}"
    )


if __name__ == "__main__":
    main()
