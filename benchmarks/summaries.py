"""How much the key points tell: python -m benchmarks.summaries [FILE ...]

Compares ``Library.summarise`` with the first sentences of the cleaned article on ``seeds/``, and on
every FILE of JSON Lines with ``{"doc_id", "title", "text", "summary"}``. Both are cut to as many words
as the shorter of the two has, and both are held against the summary that a person wrote, by the share
of its words that they hold (ROUGE-1 recall, stemmed; Lin, "ROUGE: A Package for Automatic Evaluation
of Summaries", 2004). ``lead-3`` is the first three sentences; ``lead`` goes on until it is as long.
"""

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import Stemmer

from benchmarks.report import ROOT, put, table
from retrieval.clean import kept
from retrieval.leaning import leans_back
from retrieval.library import Library
from retrieval.records import Length, Summary
from retrieval.summarise import SENTENCES
from retrieval.text import sentences, words

_HEAD = ("articles", *"length words lead-3 ours difference lead ours difference dangling verbatim".split())
_RESAMPLES = 10_000
_STEM = Stemmer.Stemmer("porter")


@dataclass(frozen=True, slots=True)
class Measured:
    """One article: ROUGE-1 recall of the key points and of its beginning, at two equal lengths."""

    ours_lead3: float
    lead3: float
    ours: float
    lead: float
    words: int
    key_points: int
    dangling: int
    verbatim: int


def main() -> None:
    """Measure each set at each length, print the table, and write it into docs/quality.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="further sets")
    arguments = parser.parse_args()
    files = [file.resolve() for file in arguments.files]
    os.chdir(ROOT)  # the seeds' summaries name articles by their path from here
    rows = [*_rows("seeds", sorted(Path("seeds").glob("*.md")), Path("seeds/summaries.jsonl"))]
    for file in files:
        rows += _rows(file.stem, [file], file)
    put("summaries", table(_HEAD, rows))


def _rows(name: str, sources: Sequence[Path], labels: Path) -> Iterator[Sequence[str]]:
    lines = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as home, Library.open(home) as library:
        library.add(*(source for source in sources if source.name != "README.md"))
        for length in SENTENCES:
            measured = [_measure(library, line["doc_id"], line["summary"], length=length) for line in lines]
            yield _row(f"{name} ({len(lines)})", length, measured)


def _measure(library: Library, doc_id: str, reference: str, *, length: Length) -> Measured:
    summary = library.summarise(doc_id, length=length)
    text = library.text(summary.article.id)
    article = [text[s:e] for span in kept(text, library.marks(summary.article.id)) for s, e in sentences(text, span)]
    ours = words(" ".join(sentence.text for sentence in summary.sentences))
    lead = words(" ".join(article))
    lead3 = words(" ".join(article[:3]))
    both = min(len(ours), len(lead3))
    return Measured(
        ours_lead3=recall(reference, ours[:both]),
        lead3=recall(reference, lead3[:both]),
        ours=recall(reference, ours),
        lead=recall(reference, lead[: len(ours)]),
        words=len(ours),
        key_points=len(summary.sentences),
        dangling=sum(leans_back(sentence.text) for sentence in summary.sentences),
        verbatim=_verbatim(summary, text),
    )


def _verbatim(summary: Summary, text: str) -> int:
    return sum(text[sentence.start : sentence.end] == sentence.text for sentence in summary.sentences)


def recall(reference: str, found: Sequence[str]) -> float:
    """The share of the reference's words that are among those found, each as often as it is there."""
    wanted = Counter(_STEM.stemWords(words(reference)))
    return (wanted & Counter(_STEM.stemWords(list(found)))).total() / wanted.total()


def _row(name: str, length: str, measured: Sequence[Measured]) -> Sequence[str]:
    points = sum(m.key_points for m in measured)
    return (
        name,
        length,
        f"{np.mean([m.words for m in measured]):.0f}",
        *_compared([m.lead3 for m in measured], [m.ours_lead3 for m in measured]),
        *_compared([m.lead for m in measured], [m.ours for m in measured]),
        f"{sum(m.dangling for m in measured) / points:.1%}",
        f"{sum(m.verbatim for m in measured) / points:.1%}",
    )


def _compared(theirs: Sequence[float], ours: Sequence[float]) -> tuple[str, str, str]:
    """Both means, and their difference with its 95 % interval (paired bootstrap over the articles)."""
    differences = np.array(ours) - np.array(theirs)
    picked = np.random.default_rng(0).integers(len(differences), size=(_RESAMPLES, len(differences)))
    low, high = np.percentile(differences[picked].mean(axis=1), [2.5, 97.5])
    return f"{np.mean(theirs):.1%}", f"{np.mean(ours):.1%}", f"{differences.mean():+.1%} ({low:+.1%} to {high:+.1%})"


if __name__ == "__main__":
    main()
