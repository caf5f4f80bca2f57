"""What shorter numbers cost in answers: python -m benchmarks.precision [DATA]

The same questions of ``seeds/``, and of each labelled set in the folder DATA, with embedding and reading in float32 and
in bfloat16. Fills a section of docs/performance.md.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from benchmarks.answers import Labelled, labelled_sets, sample
from benchmarks.report import PERFORMANCE, ROOT, conditions, put, table
from retrieval.bert import Precision
from retrieval.evaluate import library_of, read_questions, run, scores
from retrieval.settings import Settings

_PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
_FIGURES = ("quote@1", "quote@3")
_QUESTIONS = 1_000  # of one set, at most


def main() -> None:
    """Measure every set, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets: NAME/docs.jsonl, NAME/qa.jsonl")
    sets = labelled_sets(parser.parse_args().data)
    os.chdir(ROOT)
    head = ("", "questions", *(f"{name}, {precision}" for name in _FIGURES for precision in (*_PRECISIONS, "change")))
    put("precision", f"{table(head, [_row(labelled) for labelled in sets])}\n\n{conditions()}", PERFORMANCE)


def _row(labelled: Labelled) -> Sequence[str]:
    found = {precision: _measured(labelled, precision) for precision in _PRECISIONS}
    cells = [str(len(found["float32"][_FIGURES[0]]))]
    for name in _FIGURES:
        before, after = (100 * fmean(found[precision][name]) for precision in _PRECISIONS)
        cells += [f"{before:.1f} %", f"{after:.1f} %", f"{after - before:+.1f}".replace("-", "−")]
    print(labelled.name, *cells, flush=True)
    return (labelled.name, *cells)


def _measured(labelled: Labelled, precision: Precision) -> dict[str, list[float]]:
    """Each figure of each answerable question."""
    settings = Settings()
    settings = replace(settings, model=replace(settings.model, precision=precision))
    with library_of([str(labelled.docs)], settings=settings) as library:
        answerable = [q for q in read_questions(labelled.questions, library) if q.answerable]
        results = list(run(library, sample(answerable, _QUESTIONS)))
    return {name: scores(name, results) for name in _FIGURES}


if __name__ == "__main__":
    main()
