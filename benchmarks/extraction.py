"""How much of an article is found in its page, and what is found that is none: python -m benchmarks.extraction [FOLDER]

Without a folder it measures the pages of ``tests/outlets/``, and writes what it found into docs/quality.md. A folder
holds ``ground-truth.json`` and ``html/ID.html.gz``, as the public benchmark of 181 article pages does
(github.com/scrapinghub/article-extraction-benchmark), whose measure this is: the runs of four words that the found
and the true text share, precision and recall as the mean of the pages'.
"""

import gzip
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.report import ROOT, percent, put, table
from retrieval.clean import clean, kept
from retrieval.errors import UnreadableFile
from retrieval.extraction.pages import Page, decoded, extract
from retrieval.loaders.documents import from_page
from tests.outlets import write

_RUN = 4  # words
_NOTHING = Page("")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a page beside what is true of it."""

    name: str
    page: Page
    truth: Mapping[str, Any]

    @property
    def precision(self) -> float | None:
        """The share of the runs that were found which are true; None where nothing was found."""
        found, true = _runs(self.page.text), _runs(self.truth["articleBody"])
        return (found & true).total() / found.total() if found else None

    @property
    def recall(self) -> float | None:
        """The share of the true runs that were found; None where there is nothing to find."""
        found, true = _runs(self.page.text), _runs(self.truth["articleBody"])
        return (found & true).total() / true.total() if true else None

    @property
    def has_title(self) -> bool:
        """Whether the title is the headline, up to white space."""
        return " ".join((self.page.title or "").split()) == " ".join(self.truth.get("headline", "").split())

    @property
    def date(self) -> tuple[bool, bool]:
        """Whether the date is right, and whether it is shown as certain."""
        read = from_page(self.page, name=self.name)
        return read.published == self.truth.get("datePublished"), read.published_from in {"json-ld", "meta"}


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + _RUN]) for i in range(max(1, len(words) - _RUN + 1)) if words)


def quoth(content: bytes) -> Page:
    """What Quoth finds."""
    try:
        return extract(content, name="page")
    except UnreadableFile:
        return _NOTHING


def quotable(content: bytes) -> Page:
    """What of it can be quoted: cleaning sets some of it aside, whatever it was extracted from."""
    page = quoth(content)
    marks = clean(page.text, title=page.title).marks
    return replace(page, text="\n".join(page.text[start:end] for start, end in kept(page.text, marks)))


def trafilatura_alone(content: bytes) -> Page:
    """What trafilatura finds where it prefers precision."""
    import trafilatura

    return Page(trafilatura.extract(content, favor_precision=True, include_comments=False) or "")


def resiliparse_alone(content: bytes) -> Page:
    """What resiliparse takes for the main content."""
    from resiliparse.extract.html2text import extract_plain_text

    return Page(extract_plain_text(decoded(content, None), main_content=True, alt_texts=False, comments=False))


EXTRACTORS: Mapping[str, Callable[[bytes], Page]] = {
    "trafilatura, precision": trafilatura_alone,
    "resiliparse": resiliparse_alone,
    "Quoth": quoth,
    "Quoth, what can be quoted": quotable,
}


def measure(folder: Path, find: Callable[[bytes], Page]) -> list[Found]:
    """Look for the article of each page of a folder."""
    truths = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Found(name, find(gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())), truth)
        for name, truth in sorted(truths.items())
    ]


def f1(found: Sequence[Found]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean over all pages."""
    precision = mean(p for f in found if (p := f.precision) is not None)
    recall = mean(r for f in found if (r := f.recall) is not None)
    return precision, recall, 2 * precision * recall / (precision + recall)


def rows(found_by: Mapping[str, Sequence[Found]]) -> list[list[str]]:
    """A line of the table for each extractor."""
    lines = []
    for name, found in found_by.items():
        empty = sum(not f.page.text.strip() for f in found)
        lines.append([name, *(f"{value:.3f}" for value in f1(found)), str(empty)])
    return lines


def said(found: Sequence[Found]) -> str:
    """Titles and dates, as a sentence, where the truth knows them."""
    titled = [f.has_title for f in found if f.truth.get("headline")]
    dated = [f.date for f in found if f.truth.get("datePublished")]
    if not titled or not dated:
        return "The pages' truth names no titles and dates."
    wrong = [is_certain for is_right, is_certain in dated if not is_right]
    return (
        f"Of {len(titled)} titles {percent(mean(titled))} are right, of {len(dated)} dates "
        f"{percent(mean(is_right for is_right, _ in dated))}; of {len(wrong)} that are wrong or missing {sum(wrong)} "
        "would be shown as certain."
    )


def main(arguments: Sequence[str]) -> None:
    """Measure, and print or publish the table."""
    os.chdir(ROOT)
    with TemporaryDirectory() as made:
        folder = Path(arguments[0]) if arguments else Path(made)
        if not arguments:
            write(folder)
        found_by = {name: measure(folder, find) for name, find in EXTRACTORS.items()}
    head = (f"{len(found_by['Quoth'])} pages", "precision", "recall", "F1", "empty")
    content = f"{table(head, rows(found_by))}\n\n{said(found_by['Quoth'])}"
    if arguments:
        print(content)
    else:
        put("extraction", content)
    for name, found in found_by.items():
        worst = sorted(found, key=lambda f: (f.recall or 0) * (f.precision or 0))[:5]
        print(f"\n{name}: lowest", *(f"{f.name} {f.precision or 0:.2f}/{f.recall or 0:.2f}" for f in worst), sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
