"""Long, dull and huge texts: each takes bounded time, whatever goes through it."""

import contextlib
import re
import time
from collections.abc import Callable
from datetime import date

import pytest

from bot import markdown
from retrieval.answers import operators
from retrieval.chunk import split
from retrieval.clean import clean
from retrieval.errors import InvalidInput, InvalidQuestion
from retrieval.furniture import _pattern, _rows
from retrieval.library import Library
from retrieval.loaders.documents import Document, made
from tests.hostile.files import STORY
from tests.hostile.traps import PIECES, patterns, traps

# How much longer a text four times as long may take: four times in proportion, 16 by its square, 64 by its cube.
IN_PROPORTION = 10
_BY_ITS_SQUARE = 40
_TOO_LITTLE = 0.3  # seconds of a processor, which tell nothing


def growth(work: Callable[[int], object], length: int) -> float:
    """How much longer ``work`` takes for four times the length; 0 where that is too little to be told."""

    def spent(of: int) -> float:
        begin = time.thread_time()
        work(of)
        return time.thread_time() - begin

    longer = spent(4 * length)
    return longer / min(spent(length), spent(length)) if longer > _TOO_LITTLE else 0.0


def _all_patterns() -> dict[str, re.Pattern[str]]:
    named = dict(patterns())
    for section in _rows():
        named[f"furniture.{section}"] = _pattern(section)
        named[f"furniture.{section} in words"] = _pattern(section, whole_words=True)
    return named


ALL = _all_patterns()


def test_there_are_patterns_to_try() -> None:
    assert len(ALL) > 100
    assert any(name.startswith("retrieval.clean") for name in ALL)


@pytest.mark.parametrize("name", sorted({found.pattern: name for name, found in ALL.items()}.values()))
def test_no_pattern_runs_away(name: str) -> None:
    """Twice the length may take four times as long: they are held against lines, not against whole texts."""

    def search(length: int) -> None:
        for trap in traps(length):
            ALL[name].fullmatch(trap)
            ALL[name].search(trap)

    assert growth(search, 100) < _BY_ITS_SQUARE


@pytest.mark.parametrize("piece", [*"a « “ \" ' ` ( [ * .".split(), "a ", "A. ", "\n", "a\n", "by a ", "(a", "\u00a0"])
def test_a_dull_article_takes_time_with_its_length(piece: str) -> None:
    """However often the same stands there."""

    def read(length: int) -> None:
        text = piece * (length // len(piece))
        split(text, clean(text).marks, count=lambda texts: [len(t.split()) for t in texts], room=200)

    assert growth(read, 10_000) < IN_PROPORTION


@pytest.mark.parametrize("piece", PIECES)
def test_a_question_of_six_thousand_characters_is_read_or_refused_in_proportion(piece: str) -> None:
    """By what reads its operators, and by what shows it."""

    def ask(length: int) -> None:
        question = (piece * length)[:length]
        with contextlib.suppress(InvalidQuestion):
            operators.read(question, today=date(2024, 5, 1)).holds(STORY)
        markdown.block_quote(question)
        markdown.heading(question, 80)

    assert growth(ask, 1_500) < IN_PROPORTION


@pytest.mark.parametrize("piece", ["who ", "?", "a", "“", "source:x "])
def test_a_library_answers_or_refuses_a_huge_question(library: Library, piece: str) -> None:
    library.add(Document(STORY))

    def ask(length: int) -> None:
        with contextlib.suppress(InvalidQuestion):
            library.ask((piece * length)[:length])

    assert growth(ask, 1_500) < IN_PROPORTION


def test_an_enormous_article_is_refused_and_a_long_one_is_used(library: Library) -> None:
    """5 MB are no article; half a million characters are added, asked and summarised."""
    with pytest.raises(InvalidInput, match="characters"):
        made(STORY * 20_000, {}, doc_id=None)
    numbered = "\n\n".join(f"{STORY} It was the report number {n} of the town." for n in range(400))
    (added,) = library.add(Document(numbered))
    assert added.article is not None, added.error
    assert library.ask("who said that repairs would take six weeks?").quotes
    assert library.summarise(added.article.id).sentences
