"""How good the answers are, on any labelled set: retrieval, quoting, declining, time."""

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any, Final

import numpy as np

from retrieval.answers.search import Retrieved
from retrieval.errors import InvalidInput, NotFound, UnreadableFile
from retrieval.figures import Column, Figure, Point, auroc, calibration_error, coverage_curve, estimate, rate
from retrieval.library import Library
from retrieval.models import PACKAGED, Models
from retrieval.records import Answer, Quote
from retrieval.settings import Settings, StoreSettings
from retrieval.text import Span

_DEPTH = 10  # passages looked at
_CURVE_LINES = 10  # of the curve in the table


@dataclass(frozen=True, slots=True)
class Question:
    """A labelled question; ``gold`` are the spans that answer, in the article ``doc_id``."""

    id: str
    text: str
    doc_id: str
    gold: tuple[Span, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What one question gave; ``rank`` counts the first passage with the gold span from 1, None for none."""

    question: Question
    answer: Answer
    first_article: bool
    rank: int | None


def read_questions(path: Path, library: Library) -> list[Question]:
    """The labelled questions of a JSON Lines file, their answers found in the library's articles.

    Raises UnreadableFile, InvalidInput for a bad line, NotFound for an article that is not there.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path} cannot be read", hint="Check its name and permissions") from error
    ids = {a.doc_id: a.id for a in library.articles()}
    texts: dict[str, str] = {}
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            doc_id, text = str(fields["doc_id"]), str(fields["question"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidInput(
                f"line {number} of {path} is no labelled question", hint="See docs/formats.md"
            ) from error
        if doc_id not in ids:
            raise NotFound(f"line {number} of {path} names the article {doc_id!r}", hint="Give its file with --docs")
        if doc_id not in texts:
            texts[doc_id] = library.text(ids[doc_id])
        try:
            gold = tuple(_gold(fields.get("answers") or (), texts[doc_id]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(
                f"line {number} of {path} has answers of another form", hint="See docs/formats.md"
            ) from error
        answerable = bool(fields.get("answerable", bool(gold)))
        questions.append(Question(str(fields.get("id", number)), text, doc_id, gold, answerable))
    return questions


def _gold(answers: Iterable[dict[str, Any]], text: str) -> Iterator[Span]:
    """The labelled spans; sets without offsets name whole sentences, which are looked up."""
    for answer in answers:
        if "start" in answer:
            yield Span(int(answer["start"]), int(answer["start"]) + len(answer["text"]))
            continue
        for sentence in answer.get("selected_sentences") or [answer.get("text", "")]:
            at = text.find(sentence.strip()) if sentence.strip() else -1
            if at >= 0:
                yield Span(at, at + len(sentence.strip()))


def run(library: Library, questions: Sequence[Question], *, quotes: int = 3) -> Iterator[Result]:
    """Ask each question and look where its answer came from."""
    doc_ids = {a.id: a.doc_id for a in library.articles()}
    for question in questions:
        trace = library.trace(question.text, quotes=quotes)
        answer, retrieved = trace.answer, trace.retrieved
        first = retrieved.passages[0].candidate.passage.article_id if retrieved.passages else None
        yield Result(
            question=question,
            answer=answer,
            first_article=first is not None and doc_ids[first] == question.doc_id,
            rank=_rank(question, retrieved, doc_ids),
        )


def _rank(question: Question, retrieved: Retrieved, doc_ids: dict[str, str | None]) -> int | None:
    for rank, found in enumerate(retrieved.passages[:_DEPTH], start=1):
        passage = found.candidate.passage
        whole = Span(passage.sentences[0].start, passage.sentences[-1].end)
        if doc_ids[passage.article_id] == question.doc_id and holds(whole, question.gold):
            return rank
    return None


def holds(span: tuple[int, int], gold: Iterable[Span]) -> bool:
    """Whether one of the gold spans lies within the span."""
    return any(span[0] <= g.start and g.end <= span[1] for g in gold)


def _shown(result: Result) -> tuple[Quote, ...]:
    """The quotes as they would be, had the answer not been held back."""
    return result.answer.quotes or result.answer.nearest


def _quoted(result: Result, count: int) -> bool:
    return any(_is_right(q, (q.start, q.end), result.question) for q in _shown(result)[:count])


def _focused(result: Result) -> bool:
    return any(_is_right(q, q.focus, result.question) for q in _shown(result)[:1])


def _is_right(quote: Quote, span: tuple[int, int], question: Question) -> bool:
    return quote.article.doc_id == question.doc_id and holds(span, question.gold)


def _ranked(result: Result, count: int) -> bool:
    return result.rank is not None and result.rank <= count


# What one answerable question scores; a figure is the mean over all of them.
SCORES: Final[Mapping[str, Callable[[Result], float]]] = {
    "article@1": lambda r: r.first_article,
    "passage@1": lambda r: _ranked(r, 1),
    "passage@4": lambda r: _ranked(r, 4),
    "passage@10": lambda r: _ranked(r, 10),
    "MRR@10": lambda r: 1 / r.rank if r.rank else 0.0,
    "nDCG@10": lambda r: 1 / math.log2(1 + r.rank) if r.rank else 0.0,
    "focus@1": _focused,
    "quote@1": lambda r: _quoted(r, 1),
    "quote@3": lambda r: _quoted(r, 3),
}


def scores(name: str, results: Iterable[Result]) -> list[float]:
    """One of the scores for each answerable question, in their order."""
    return [float(SCORES[name](r)) for r in results if r.question.answerable]


def figures(results: Sequence[Result], *, library: Library) -> dict[str, Figure | float | int | None]:
    """The table of figures by name; a rate over no questions is None."""
    asked = [r for r in results if r.question.answerable]
    texts = {a.id: library.text(a.id) for a in library.articles()}
    quotes = [q for r in results for q in _shown(r)]
    exact = [texts[q.article.id][q.start : q.end] == q.text for q in quotes]
    sure = [r.answer.confidence for r in results]
    return {
        "questions": len(results),
        "answerable": len(asked),
        **{name: rate(scores(name, results)) for name in SCORES},
        "median quote": estimate(np.median, [len(q.text) for q in quotes]),
        "exact quotes": float(mean(exact)) if exact else None,
        "answered": rate([r.answer.answered for r in asked]),
        "answered wrongly": rate([r.answer.answered for r in results if not r.question.answerable]),
        "AUROC": estimate(separation, sure, [r.question.answerable for r in results]),
        "calibration error": estimate(
            calibration_error, sure, [r.question.answerable and _quoted(r, 3) for r in results]
        ),
        **{
            f"{part} ms": estimate(np.median, [getattr(r.answer.ms, part) for r in results])
            for part in ("embed", "search", "quote", "total")
        },
    }


def separation(confidences: Column, answerable: Column) -> float | None:
    """The AUROC of confidence between the answerable questions and the others."""
    return auroc(confidences[answerable == 1], confidences[answerable == 0])


def curve(results: Sequence[Result]) -> list[Point]:
    """What declining buys: an answer is wrong where the first quote is, or where nothing answers."""
    return coverage_curve(
        [r.answer.confidence for r in results], [not (r.question.answerable and _quoted(r, 1)) for r in results]
    )


Value = dict[str, float] | list[dict[str, Any]] | float | int | None


@contextmanager
def library_of(docs: Sequence[str], *, settings: Settings, models: Models = PACKAGED) -> Iterator[Library]:
    """A library of these files, made for the purpose in a file and removed again.

    Raises UnreadableFile or InvalidInput.
    """
    settings = replace(settings, store=StoreSettings())
    with tempfile.TemporaryDirectory() as home, Library.open(home, settings=settings, models=models) as library:
        for added in library.add_each(Path(d) for d in docs):
            if added.error:
                raise InvalidInput(f"the articles cannot be used: {added.error}", hint="Correct them and try again")
        yield library


def measure(docs: Sequence[str], questions: Path, *, settings: Settings) -> dict[str, Value]:
    """Figures of a labelled set.

    A figure with an interval is ``{"value", "low", "high"}``; ``curve`` is a list of ``{"confidence",
    "coverage", "error"}``. Raises UnreadableFile or InvalidInput for bad input.
    """
    with library_of(docs, settings=settings) as library:
        asked = read_questions(questions, library)
        if not asked:
            raise InvalidInput(f"{questions} holds no questions", hint="See docs/formats.md")
        results = list(run(library, asked))
        found = figures(results, library=library)
    return {
        **{name: asdict(value) if isinstance(value, Figure) else value for name, value in found.items()},
        "curve": [asdict(point) for point in curve(results)],
    }


def table(found: Mapping[str, Value]) -> str:
    """The figures as aligned lines, rates in per cent, with their 95 % intervals; then the curve."""
    lines = [f"{name:<20} {_written(name, value)}" for name, value in found.items() if not isinstance(value, list)]
    return "\n".join([*lines, *_curve_lines(found.get("curve"))])


def _written(name: str, value: Value) -> str:
    if value is None or isinstance(value, list):
        return "–"
    if isinstance(value, dict):
        parts = [number(name, value[part]) for part in ("value", "low", "high")]
        return f"{parts[0]:>6}   ({parts[1]} to {parts[2]})"
    return f"{number(name, value):>6}"


def number(name: str, value: float) -> str:
    """A value of the named figure: rates in per cent, times and lengths as they are."""
    if isinstance(value, int) or name == "median quote":
        return f"{value:,.0f}"
    if name.endswith(" ms"):
        return f"{value:.1f}"
    return f"{value:.3f}" if name in {"AUROC", "calibration error"} else f"{value:.1%}"


def _curve_lines(points: Value) -> list[str]:
    """Some of the curve's points, the last among them."""
    if not isinstance(points, list) or not points:
        return []
    step = max(1, len(points) // _CURVE_LINES)
    return [
        "",
        "answered    of these wrong             at confidence",
        *(
            f"{point['coverage']:8.1%}    {_written('error', point['error']):<24}   {point['confidence']:.2f} or more"
            for point in points[::-1][::step][::-1]
        ),
    ]
