"""Why a quote was chosen: what each stage gave its sentence, as a table."""

from collections.abc import Sequence

from retrieval.answers.answering import Trace
from retrieval.answers.quote import STAGES
from retrieval.records import Quote

Row = dict[str, float]

_LEGEND = (
    "cosine and BM25 are the passage's; the columns from passage to reading add up to the score, "
    "by which quotes are ordered."
)


def rows(trace: Trace) -> list[Row]:
    """For each quote, or nearest passage, the scores of the sentence that it was chosen for, by stage."""
    return [_row(trace, quote) for quote in trace.answer.quotes or trace.answer.nearest]


def _row(trace: Trace, quote: Quote) -> Row:
    sentence = next((s for s in trace.sentences if (s.article_id, *s.span) == (quote.article.id, *quote.focus)), None)
    if sentence is None:  # only the latest were asked for: nothing was compared
        return {"score": quote.score}
    passage = next(
        r.candidate
        for r in trace.retrieved.passages
        if (r.candidate.passage.article_id, r.candidate.passage.position) == (sentence.article_id, sentence.position)
    )
    return {
        "cosine": passage.cosine,
        "BM25": passage.bm25,
        **dict(zip(STAGES, sentence.weighted, strict=True)),
        "score": sentence.score,
    }


def table(trace: Trace) -> str:
    """The rows for a terminal, with what the answer's confidence rests on."""
    found = rows(trace)
    lines = [f"confidence {trace.answer.confidence:.2f}"]
    if trace.answer.reason:
        lines.append(f"not answered: {trace.answer.reason}")
    if found:
        names = list(found[0])
        lines += ["", _line("", names)]
        lines += [_line(f"[{number}]", [f"{row[name]:.3f}" for name in names]) for number, row in enumerate(found, 1)]
        lines += ["", _LEGEND]
    return "\n".join(lines)


def _line(first: str, cells: Sequence[str]) -> str:
    return f"{first:<4}" + "".join(f"{cell:>9}" for cell in cells)
