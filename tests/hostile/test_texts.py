"""Long, dull and huge texts: each takes bounded time, whatever goes through it."""

import contextlib
import re
import time
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

_SECONDS = 1.0  # of a processor; what takes quadratic time takes minutes for these lengths


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
    """First with few characters, where an exponential one shows already, then with more."""
    found = ALL[name]
    for length in (24, 1_000):
        begin = time.process_time()
        for trap in traps(length):
            found.fullmatch(trap)
            found.search(trap)
        assert time.process_time() - begin < 4 * _SECONDS, length


@pytest.mark.parametrize("piece", [*"a « “ \" ' ` ( [ * .".split(), "a ", "A. ", "\n", "a\n", "by a ", "(a", "\u00a0"])
def test_a_dull_article_takes_time_with_its_length(piece: str) -> None:
    """200,000 characters of the same."""
    text = piece * (200_000 // len(piece))
    begin = time.process_time()
    split(text, clean(text).marks, count=lambda texts: [len(t.split()) for t in texts], room=200)
    assert time.process_time() - begin < 8 * _SECONDS


@pytest.mark.parametrize("piece", PIECES)
def test_a_question_of_six_thousand_characters_is_read_or_refused_at_once(piece: str) -> None:
    """By what reads its operators, and by what shows it."""
    question = (piece * 6_000)[:6_000]
    begin = time.process_time()
    with contextlib.suppress(InvalidQuestion):
        operators.read(question, today=date(2024, 5, 1)).holds(STORY)
    markdown.block_quote(question)
    markdown.heading(question, 80)
    assert time.process_time() - begin < _SECONDS


@pytest.mark.parametrize("piece", ["who ", "?", "a", "“", "source:x "])
def test_a_library_answers_or_refuses_a_huge_question(library: Library, piece: str) -> None:
    library.add(Document(STORY))
    begin = time.process_time()
    with contextlib.suppress(InvalidQuestion):
        library.ask((piece * 6_000)[:6_000])
    assert time.process_time() - begin < 2 * _SECONDS


def test_an_enormous_article_is_refused_and_a_long_one_is_used(library: Library) -> None:
    """5 MB are no article; half a million characters are added, asked and summarised in bounded time."""
    with pytest.raises(InvalidInput, match="characters"):
        made(STORY * 20_000, {}, doc_id=None)
    numbered = "\n\n".join(f"{STORY} It was the report number {n} of the town." for n in range(400))
    begin = time.process_time()
    (added,) = library.add(Document(numbered))
    assert added.article is not None, added.error
    assert library.ask("who said that repairs would take six weeks?").quotes
    assert library.summarise(added.article.id).sentences
    assert time.process_time() - begin < 60 * _SECONDS
