"""What a question says besides what it asks: where to look, when, and which words must stand there."""

from datetime import date
from typing import Any

import pytest

from retrieval.answers.operators import Request, read, sure_words
from retrieval.errors import InvalidQuestion
from retrieval.records import Article

TODAY = date(2018, 8, 1)  # a Wednesday


def _article(**known: Any) -> Article:
    facts: dict[str, Any] = {
        "id": "a",
        "doc_id": None,
        "title": "A title",
        "source": "The Évening Post",
        "author": "",
        "published": "2018-07-18",
        "published_from": "user",
        "url": "https://www.evening-post.example/a",
        "added": "2024-01-01",
        "characters": 10,
    }
    return Article(**facts | known)


def _read(question: str) -> Request:
    return read(question, today=TODAY)


@pytest.mark.parametrize(
    ("question", "limits", "text"),
    [
        ("who won? source:bloomberg", (("source", "bloomberg"),), "who won?"),
        ('SOURCE:"two  words" who won?', (("source", "two words"),), "who won?"),
        ("source:“two words”, who won?", (("source", "two words"),), ", who won?"),
        ("who `source:post` won", (("source", "post"),), "who ` won"),
        ("who after:2018-07 before:2018-08-01 won", (("after", "2018-07"), ("before", "2018-08-01")), "who won"),
        ("who won on:2018.", (("on", "2018"),), "who won"),
        ("what is the source: a leak?", (), "what is the source: a leak?"),
        ("is resource:bloomberg a word", (), "is resource:bloomberg a word"),
    ],
)
def test_operators_are_taken_out_of_the_question(question: str, limits: tuple[tuple[str, str], ...], text: str) -> None:
    """Whatever their case; without a value right behind the colon it is a word like any other."""
    request = _read(question)
    assert request.limits == limits
    assert " ".join(request.text.split()) == text


@pytest.mark.parametrize("value", ["tomorrowish", "2018-13", "2018-02-30", "18-07-2018", "2018-7-1", "0000"])
@pytest.mark.parametrize("name", ["after", "before", "on"])
def test_what_is_no_date_is_refused_in_one_sentence(name: str, value: str) -> None:
    """And the hint shows one that is."""
    with pytest.raises(InvalidQuestion, match=f"“{value}” is no date for {name}:.*{name}:2018-07-18"):
        _read(f"who won {name}:{value}")


def test_a_source_must_be_named() -> None:
    """Empty quotation marks name none."""
    with pytest.raises(InvalidQuestion, match="names no publisher"):
        _read('who won source:""')


@pytest.mark.parametrize("question", ["source:bloomberg", "after:2018 before:2019", "source:post ???"])
def test_where_to_look_alone_is_no_question(question: str) -> None:
    """The hint says how to ask for the newest."""
    with pytest.raises(InvalidQuestion, match="latest source:"):
        _read(question)


@pytest.mark.parametrize("source", ["post", "the évening", "EVENING", "evening-post.example", "even", "www.evening"])
def test_a_source_is_a_publisher_or_a_host_from_the_start_of_a_word(source: str) -> None:
    """Without regard to case and accents."""
    assert Request(limits=(("source", source),)).admits(_article())


@pytest.mark.parametrize("source", ["vening", "example/a", "https", "bloomberg", ".*"])
def test_other_sources_are_kept_out(source: str) -> None:
    """The middle of a word, the path of the page, a pattern."""
    assert not Request(limits=(("source", source),)).admits(_article())


def test_of_several_sources_one_is_enough_and_all_dates_must_fit() -> None:
    """Two outlets and a span of time can be asked for at once."""
    both = (("source", "times"), ("source", "post"))
    assert Request(limits=both).admits(_article())
    assert Request(limits=(*both, ("after", "2018-07"), ("before", "2018-08"))).admits(_article())
    assert not Request(limits=(*both, ("after", "2018-08"), ("before", "2018-09"))).admits(_article())


@pytest.mark.parametrize(
    ("name", "value", "published", "admitted"),
    [
        ("after", "2018-07-18", "2018-07-18", True),
        ("after", "2018-07-18", "2018-07-17", False),
        ("after", "2018-07-18", "2018-07-18T09:00:00Z", True),
        ("after", "2018-07", "2018-07-01", True),
        ("after", "2018", "2017-12-31", False),
        ("after", "2018-07", "2018", False),
        ("before", "2018-07-18", "2018-07-17T23:59:59Z", True),
        ("before", "2018-07-18", "2018-07-18T00:00:00Z", False),
        ("before", "2018", "2018-01-01", False),
        ("before", "2018-07", "2018", False),
        ("before", "2018-07", "2017", True),
        ("on", "2018-07-18", "2018-07-18T09:00:00Z", True),
        ("on", "2018-07", "2018-07-18", True),
        ("on", "2018-07", "2018-08-01", False),
        ("after", "1000", None, False),
        ("before", "9999", None, False),
        ("on", "2024", None, False),
    ],
)
def test_the_date_of_publication_decides(name: str, value: str, published: str | None, admitted: bool) -> None:
    """``after`` includes its first day, ``before`` ends before it; no date fits no time."""
    assert Request(limits=((name, value),)).admits(_article(published=published)) == admitted


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ('who said "no time  limit," and when', ("no time limit",)),
        (
            "who said “no time limit” and „kein Limit“ and «pas de limite»",
            ("no time limit", "kein Limit", "pas de limite"),
        ),
        ('is a 6" pipe wider than an 8" pipe', ()),
        ('what is "…" and ""', ()),
        ("is 'this' a phrase, isn't it", ()),
        ('who said "**no** time limit"', ("no time limit",)),
        ('who wrote "the latest fashion"', ("the latest fashion",)),
    ],
)
def test_words_in_quotation_marks_must_stand_there(question: str, phrases: tuple[str, ...]) -> None:
    """In any double marks; punctuation at the end is not part of them."""
    assert _read(question).phrases == phrases


def test_a_phrase_is_held_up_to_case_and_white_space() -> None:
    """Every phrase, and as whole words."""
    request = Request(phrases=("No limit", "don't know"))
    assert request.holds("There is no\n  limit, I don’t know why.")
    assert not request.holds("There is no limit.")
    assert not request.holds("There are no limits, I don’t know why.")


@pytest.mark.parametrize(
    ("question", "dates"),
    [
        ("what happened in July 2018?", ("2018-07",)),
        ("what happened on 18 July?", ("-07-18",)),
        ("what happened on July 18th, 2018?", ("2018-07-18",)),
        ("what happened on the 3rd of sept. 2018", ("2018-09-03",)),
        ("what happened in july", ("-07",)),
        ("who won in 2018", ("2018",)),
        ("what happened since July 2018", ()),
        ("what may happen this may be", ()),
        ("what happened yesterday", ("2018-07-31",)),
        ("what happened today", ("2018-08-01",)),
        ("what happened last month", ("2018-07",)),
        ("what happened this year", ("2018",)),
        ("what happened last week", tuple(f"2018-07-{day}" for day in range(23, 30))),
        ("who won", ()),
    ],
)
def test_dates_in_words_are_read(question: str, dates: tuple[str, ...]) -> None:
    """As the beginnings of ISO dates; they stay in the question, which may be about them."""
    request = _read(question)
    assert request.dates == dates
    assert request.text == question


def test_a_date_in_words_names_the_day_of_articles() -> None:
    """Of any year where none is named, and never of an article without a date."""
    assert Request(dates=("-07-18",)).names(_article().published or "")
    assert Request(dates=("2019", "2018-07")).names(_article().published or "")
    assert not Request(dates=("-07-1",)).names("2007-11-01")
    assert not Request(dates=("2018-08",)).names(_article().published or "")
    assert not Request(dates=("2018",)).names("")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("what is the latest on the cave rescue?", "what is on the cave rescue?"),
        ("most recent offer for GitHub", "offer for GitHub"),
        ("the very latest polls", "polls"),
        ("latest news source:bloomberg", ""),
        ("what's the newest?", ""),
    ],
)
def test_the_latest_can_be_asked_for(question: str, left: str) -> None:
    """Of a subject, or altogether."""
    request = _read(question)
    assert request.latest
    assert " ".join(request.text.split()) == left


def test_at_the_latest_asks_for_nothing_new() -> None:
    """It is a deadline, and inside a phrase it is one of its words."""
    assert not _read("who must leave by Friday at the latest?").latest
    assert not _read('who wrote "the latest fashion"?').latest


@pytest.mark.parametrize(
    ("phrase", "sure"),
    [
        ("Phoenix City", "Phoenix City"),
        ("000 people died", "people died"),
        ("re here to stay", "here to stay"),
        ("K. Rowling", "Rowling"),
        ("S.", ""),
    ],
)
def test_the_ends_of_a_phrase_may_be_the_rest_of_a_longer_word(phrase: str, sure: str) -> None:
    """Which articles hold it is not told from those."""
    assert sorted(sure_words(phrase).split()) == sorted(sure.split())
