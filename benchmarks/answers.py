"""How good the answers are: python -m benchmarks.answers [DATA]

Measures what ``quoth evaluate`` measures on ``seeds/`` and on every labelled set in the folder DATA,
beside plain searches on the same questions and with each stage switched off, and writes the tables
and the plot of docs/quality.md.
"""

import argparse
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import plots, report
from benchmarks.ablations import EVERYTHING, ablations, remembering
from benchmarks.baselines import baselines
from retrieval.evaluate import (
    Question,
    Result,
    curve,
    figures,
    library_of,
    number,
    read_questions,
    run,
    scores,
    separation,
)
from retrieval.figures import Column, Figure, Point, estimate, rate
from retrieval.loaders.documents import Document
from retrieval.loaders.files import load
from retrieval.models import PACKAGED
from retrieval.records import Article
from retrieval.settings import Settings

FITTED = ("clapnq_dev", "squad2_dev_half")  # the sets that weights and thresholds were chosen on
_QUESTIONS = 300  # of one set, at most
_ABLATED = 80  # questions of one set that are asked again without each stage
_COMPARED = ("article@1", "passage@1", "passage@4", "passage@10", "quote@1", "quote@3")
_DEPENDENT = ("passage@4", "focus@1", "quote@1", "quote@3")
_COVERAGES = (0.25, 0.5, 0.75, 1.0)
_PLOT = "declining.png"

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled set: a file or folder of articles, and a file of questions."""

    name: str
    docs: Path
    questions: Path


_SEEDS = Labelled("seeds", Path("seeds"), Path("seeds/questions.jsonl"))


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one set; ``compared`` and ``ablated`` are rows of their tables."""

    name: str
    articles: Sequence[Article]
    texts: frozenset[str]
    labels: Sequence[Question]
    figures: Mapping[str, Figure | float | int | None]
    curve: Sequence[Point]
    compared: Sequence[Row]
    ablated: Sequence[Row]


def main() -> None:
    """Measure every set, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a folder of sets: NAME/docs.jsonl, NAME/qa.jsonl")
    parser.add_argument(
        "--quick", action="store_true", help="leave out the ablations; the page keeps its table of them"
    )
    arguments = parser.parse_args()
    sets = labelled_sets(arguments.data)
    os.chdir(report.ROOT)  # the seeds' labels name articles by their path from here
    settings = Settings()
    measured = [_measure(labelled, settings=settings, is_quick=arguments.quick) for labelled in sets]
    threshold = settings.answers.confidence
    plots.declining({m.name: m.curve for m in measured}, report.PAGE.with_name(_PLOT), threshold=threshold)
    report.put("sets", _sets(measured))
    report.put("compared", _by_set(measured, ("", *_COMPARED), [m.compared for m in measured]))
    report.put("figures", f"{_figures(measured)}\n\n{report.conditions()}")
    report.put("declining", _declining(measured, threshold=threshold))
    if not arguments.quick:
        report.put("ablations", _by_set(measured, ("without", *_DEPENDENT, "AUROC"), [m.ablated for m in measured]))


def labelled_sets(data: Path | None) -> list[Labelled]:
    """The demo articles, by their path from the project's folder, and every set in ``data``."""
    folders = sorted(questions.parent for questions in data.resolve().glob("*/qa.jsonl")) if data else []
    return [_SEEDS, *(Labelled(folder.name, folder / "docs.jsonl", folder / "qa.jsonl") for folder in folders)]


def _measure(labelled: Labelled, *, settings: Settings, is_quick: bool) -> Measured:
    models = remembering(PACKAGED, settings)
    with library_of([str(labelled.docs)], settings=settings, models=models) as library:
        labels = read_questions(labelled.questions, library)
        asked = sample(labels, _QUESTIONS)
        print(f"{labelled.name}: {len(asked)} questions", flush=True)
        results = list(run(library, asked))
        articles = library.articles()
        texts = {a.doc_id or a.id: library.text(a.id) for a in articles}
        found = figures(results, library=library)
    print(f"{labelled.name}: plain searches", flush=True)
    plain = baselines(texts, asked, models.encoder(settings))
    compared = [_quoth_row(found), *(_plain_row(*row) for row in plain)]
    without: Iterable[tuple[str, list[Result]]] = ()
    if not is_quick:
        print(f"{labelled.name}: without each stage", flush=True)
        documents = [d for d in load(labelled.docs) if isinstance(d, Document)]
        without = ablations(documents, sample(asked, _ABLATED), models, settings=settings)
    return Measured(
        name=labelled.name,
        articles=articles,
        texts=frozenset(texts.values()),
        labels=labels,
        figures=found,
        curve=curve(results),
        compared=compared,
        ablated=() if is_quick else list(_ablated(dict(without))),
    )


def sample(questions: Sequence[Question], count: int) -> list[Question]:
    """At most so many, the same each time, in their order."""
    rows = random.Random(0).sample(range(len(questions)), min(count, len(questions)))
    return [questions[row] for row in sorted(rows)]


# Tables


def _by_set(measured: Sequence[Measured], head: Row, tables: Sequence[Sequence[Row]]) -> str:
    """One table a set, under its name."""
    return "\n\n".join(f"**{m.name}**\n\n{report.table(head, rows)}" for m, rows in zip(measured, tables, strict=True))


def _sets(measured: Sequence[Measured]) -> str:
    """What the sets hold, and how much of that the fitted ones hold, too."""
    fitted = [m for m in measured if m.name in FITTED]
    rows = []
    for m in measured:
        others = [f for f in fitted if f is not m]
        titles = {_folded(a.title) for f in others for a in f.articles}
        known = {a.doc_id for a in m.articles if _folded(a.title) in titles}
        rows.append(
            (
                m.name,
                f"{len(m.articles):,}",
                f"{sum(any(text in f.texts for f in others) for text in m.texts):,}",
                f"{len(m.labels):,}",
                f"{sum(q.answerable for q in m.labels):,}",
                f"{sum(q.doc_id in known for q in m.labels):,}",
                f"{m.figures['questions']:,}",
            )
        )
    head = (
        "",
        "articles",
        "also in a fitted set",
        "questions",
        "answerable",
        "on a title of a fitted set",
        "asked here",
    )
    return report.table(head, rows)


def _folded(title: str) -> str:
    return title.replace("_", " ").casefold()


def _quoth_row(found: Mapping[str, Figure | float | int | None]) -> Row:
    return ("**Quoth**", *(f"**{_cell(name, found[name])}**" for name in _COMPARED))


def _plain_row(name: str, plain: Mapping[str, list[float]]) -> Row:
    return (name, *(_cell(figure, rate(plain[figure])) if figure in plain else "" for figure in _COMPARED))


def _figures(measured: Sequence[Measured]) -> str:
    rows = ((name, *(_cell(name, m.figures[name]) for m in measured)) for name in measured[0].figures)
    return report.table(("", *(m.name for m in measured)), rows)


def _cell(name: str, value: Figure | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, Figure):
        low, high = (number(name, limit).rstrip("%") for limit in (value.low, value.high))
        return f"{number(name, value.value)} ({low}–{high})"
    return number(name, value)


def _declining(measured: Sequence[Measured], *, threshold: float) -> str:
    """The plot, and some points of its lines."""
    rows = [(f"the surest {coverage:.0%}", *(_error(m.curve, coverage) for m in measured)) for coverage in _COVERAGES]
    now = (f"**confidence {threshold} or more**", *(_at(m.curve, threshold) for m in measured))
    picture = f"![Of the questions answered, how many wrongly, by how many are answered]({_PLOT})"
    return f"{picture}\n\n{report.table(('answered', *(m.name for m in measured)), [*rows, now])}"


def _error(points: Sequence[Point], coverage: float) -> str:
    return _cell("error", next(p for p in points if p.coverage >= coverage).error)


def _at(points: Sequence[Point], threshold: float) -> str:
    """The last point that is answered."""
    answered = [p for p in points if p.confidence >= threshold]
    return f"{_cell('error', answered[-1].error)} of {answered[-1].coverage:.0%}" if answered else "–"


def _ablated(without: Mapping[str, Sequence[Result]]) -> Iterator[Row]:
    """Everything's figures, then the change in points without each stage, bold where its interval leaves 0 out."""
    everything = without[EVERYTHING]
    yield (
        "nothing: everything switched on",
        *(_cell(name, rate(scores(name, everything))) for name in _DEPENDENT),
        _cell("AUROC", estimate(separation, *_confidences(everything))),
    )
    for label, results in without.items():
        if label != EVERYTHING:
            changes = (estimate(_change, scores(name, everything), scores(name, results)) for name in _DEPENDENT)
            sure, answerable = _confidences(everything)
            separated = estimate(_change_of_separation, sure, _confidences(results)[0], answerable)
            yield (label, *(_points(change) for change in changes), _points(separated))


def _confidences(results: Sequence[Result]) -> tuple[list[float], list[float]]:
    return [r.answer.confidence for r in results], [float(r.question.answerable) for r in results]


def _change(before: Column, after: Column) -> float:
    return float((after - before).mean())


def _change_of_separation(before: Column, after: Column, answerable: Column) -> float | None:
    first, second = separation(before, answerable), separation(after, answerable)
    return None if first is None or second is None else second - first


def _points(change: Figure | None) -> str:
    if change is None:
        return "–"
    written = f"{100 * change.value:+.1f}".replace("-", "−")
    return f"**{written}**" if change.low > 0 or change.high < 0 else written


if __name__ == "__main__":
    main()
