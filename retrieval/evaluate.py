"""How good the answers are, on any labelled set: retrieval, quoting, declining, time."""

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from retrieval.errors import InvalidInput, NotFound, UnreadableFile
from retrieval.library import Library
from retrieval.records import Answer, Quote
from retrieval.search import Retrieved
from retrieval.settings import Settings
from retrieval.text import Span

_DEPTH = 10  # passages looked at
_BINS = 10  # of the calibration error
_RESAMPLES = 1_000  # of the bootstrap


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


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


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
        answer, retrieved = library.trace(question.text, quotes=quotes)
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
        if doc_ids[passage.article_id] == question.doc_id and _holds(whole, question.gold):
            return rank
    return None


def _holds(span: tuple[int, int], gold: Iterable[Span]) -> bool:
    return any(span[0] <= g.start and g.end <= span[1] for g in gold)


def _shown(result: Result) -> tuple[Quote, ...]:
    """The quotes as they would be, had the answer not been held back."""
    return result.answer.quotes or result.answer.nearest


def _hits(result: Result, count: int) -> bool:
    return any(
        q.article.doc_id == result.question.doc_id and _holds((q.start, q.end), result.question.gold)
        for q in _shown(result)[:count]
    )


def _focus_hits(result: Result) -> bool:
    quotes = _shown(result)
    return bool(quotes) and (
        quotes[0].article.doc_id == result.question.doc_id and _holds(quotes[0].focus, result.question.gold)
    )


def figures(results: Sequence[Result], *, library: Library) -> dict[str, Figure | float | int | None]:
    """The table of figures by name; a rate over no questions is None."""
    asked = [r for r in results if r.question.answerable]
    others = [r for r in results if not r.question.answerable]
    texts = {a.id: library.text(a.id) for a in library.articles()}
    quotes = [q for r in results for q in _shown(r)]
    exact = [texts[q.article.id][q.start : q.end] == q.text for q in quotes]

    def rate(of: Sequence[Result], hit: Callable[[Result], float]) -> Figure | None:
        return _with_interval([float(hit(r)) for r in of]) if of else None

    return {
        "questions": len(results),
        "answerable": len(asked),
        "article@1": rate(asked, lambda r: r.first_article),
        **{f"passage@{k}": rate(asked, lambda r, k=k: bool(r.rank and r.rank <= k)) for k in (1, 4, 10)},  # type: ignore[misc]
        "MRR@10": rate(asked, lambda r: 1 / r.rank if r.rank else 0.0),
        "nDCG@10": rate(asked, lambda r: 1 / math.log2(1 + r.rank) if r.rank else 0.0),
        "focus@1": rate(asked, _focus_hits),
        "quote@1": rate(asked, lambda r: _hits(r, 1)),
        "quote@3": rate(asked, lambda r: _hits(r, 3)),
        "median quote": median(len(q.text) for q in quotes) if quotes else None,
        "exact quotes": mean(exact) if exact else None,
        "answered": rate(asked, lambda r: r.answer.answered),
        "answered wrongly": rate(others, lambda r: r.answer.answered),
        "AUROC": auroc([r.answer.confidence for r in asked], [r.answer.confidence for r in others]),
        "calibration error": calibration_error(
            [r.answer.confidence for r in results], [r.question.answerable and _hits(r, 3) for r in results]
        ),
        **{f"{part} ms": median(getattr(r.answer.ms, part) for r in results) for part in ("embed", "search", "quote")},
    }


def _with_interval(values: Sequence[float]) -> Figure:
    sample = np.array(values)
    draws = np.random.default_rng(0).integers(0, len(sample), (_RESAMPLES, len(sample)))
    low, high = np.percentile(sample[draws].mean(axis=1), [2.5, 97.5])
    return Figure(float(sample.mean()), float(low), float(high))


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores higher than a negative, ties counting half; None without both."""
    if not positives or not negatives:
        return None
    high, low = np.array(positives), np.sort(negatives)
    below = np.searchsorted(low, high, side="left")
    upto = np.searchsorted(low, high, side="right")
    return float((below + upto).mean() / 2 / len(low))


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """The expected calibration error over ten bins of equal width (Naeini et al., 2015)."""
    if not confidences:
        return None
    sure, hit = np.array(confidences), np.array(right, dtype=float)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    return float(sum(abs(sure[bins == b].mean() - hit[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)))


Value = dict[str, float] | float | int | None


def measure(docs: Sequence[str], questions: Path, *, settings: Settings) -> dict[str, Value]:
    """Figures of a labelled set, in a library made for the purpose and removed again.

    A rate is ``{"value", "low", "high"}``. Raises UnreadableFile or InvalidInput for bad input.
    """
    with tempfile.TemporaryDirectory() as home, Library.open(home, settings=settings) as library:
        for added in library.add_each(Path(d) for d in docs):
            if added.error:
                raise InvalidInput(f"the articles cannot be used: {added.error}", hint="Correct them and try again")
        asked = read_questions(questions, library)
        if not asked:
            raise InvalidInput(f"{questions} holds no questions", hint="See docs/formats.md")
        found = figures(list(run(library, asked)), library=library)
    return {name: asdict(value) if isinstance(value, Figure) else value for name, value in found.items()}


def table(found: Mapping[str, Value]) -> str:
    """The figures as aligned lines, rates in per cent with their 95 % intervals."""
    return "\n".join(f"{name:<20} {_written(name, value)}" for name, value in found.items())


def _written(name: str, value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return f"{value['value']:6.1%}   ({value['low']:.1%} to {value['high']:.1%})"
    if isinstance(value, int) or name.endswith((" ms", " quote")):
        return f"{value:6.4g}"
    return f"{value:6.3f}"
