"""Articles in the pages of seventeen kinds of outlets: the text is found, and what else is there is not."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.extraction import Found, f1, measure, quotable, quoth, resiliparse_alone, trafilatura_alone
from retrieval.extraction.pages import Page
from tests.outlets import pages, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outlets")
    write(folder)
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> list[Found]:
    return measure(folder, quoth)


def test_the_pages_lie_as_those_of_the_public_benchmark_do(folder: Path, tmp_path: Path) -> None:
    """Its own pages can be measured with the same command; these are the same each time."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    assert len(truth) == 102
    assert {path.name.removesuffix(".html.gz") for path in (folder / "html").iterdir()} == set(truth)
    write(tmp_path)
    assert {p.name: p.read_bytes() for p in (folder / "html").iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "html").iterdir()
    }
    one = next(pages())
    assert gzip.decompress((folder / "html" / f"{one.name}.html.gz").read_bytes()) == one.html


def test_no_page_is_empty(found: list[Found]) -> None:
    """Not even where the elements are nested 1,200 deep."""
    assert [f.name for f in found if not f.page.text.strip()] == []


def test_the_text_is_found_and_nothing_else(found: list[Found], folder: Path) -> None:
    """Better than by either of the extractors alone."""
    assert f1(found)[2] >= 0.975
    assert f1(found)[2] > max(f1(measure(folder, alone))[2] for alone in (trafilatura_alone, resiliparse_alone))
    assert f1(measure(folder, quotable))[2] >= 0.985


def test_titles_and_dates_are_right(found: list[Found]) -> None:
    """Of a hundred titles two may be wrong, of the dates eight, and those are shown as uncertain."""
    assert sum(f.has_title for f in found) >= 0.98 * len(found)
    assert sum(f.date[0] for f in found) >= 0.92 * len(found)
    assert [f.name for f in found if not f.date[0] and f.date[1]] == []


def test_the_measure_is_that_of_runs_of_four_words() -> None:
    """Counted by hand: of two runs that are true one was found, with one that is not."""
    truth = {"articleBody": "one two three four five"}
    found = Found("page", Page("one two three four, six"), truth)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert Found("page", Page(""), truth).precision is None
    assert Found("page", Page("One"), {"articleBody": "One"}).recall == 1
