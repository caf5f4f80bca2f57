"""Cards: what is said, in which words, before it is decided where."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from retrieval import (
    Answer,
    Article,
    Facts,
    InvalidQuestion,
    KeyPoint,
    Milliseconds,
    Quote,
    Summary,
    SummarySentence,
    TopicSummary,
    cards,
)
from retrieval.cards import (
    Card,
    ChooseArticle,
    Entry,
    OpenLink,
    Passage,
    ShowContext,
    Summarise,
    Words,
    added_card,
    answer_card,
    articles_card,
    context_card,
    error_card,
    summary_card,
    topic_card,
    unexpected_card,
    visible,
)
from retrieval.records import Added, Mark


def _article(**known: Any) -> Article:
    facts: dict[str, Any] = {
        "id": "abcdef123456",
        "doc_id": None,
        "title": "A title",
        "source": "The Paper",
        "author": "",
        "published": "2018-07-18",
        "published_from": "json-ld",
        "url": "https://paper.example/a",
        "added": "",
        "characters": 1240,
    }
    return Article(**facts | known)


def _quote(start: int = 10, focus: tuple[int, int] = (10, 20), **known: Any) -> Quote:
    text = "One words. Two words."
    return Quote(_article(**known), start, start + len(text), text, focus, 1.0, None)


def _answer(*quotes: Quote, nearest: tuple[Quote, ...] = ()) -> Answer:
    return Answer("Why?", bool(quotes), 0.9, quotes, nearest, None, Milliseconds(0, 0, 0, 0))


def test_an_answer_is_its_quotes_with_their_sources() -> None:
    """Numbered where there are several; links and context buttons belong to their quote."""
    card = answer_card(_answer(_quote(), _quote(start=90, focus=(90, 100))), articles=128)
    assert card.heading == "Why?"
    passages = [block for block in card.blocks if isinstance(block, Passage)]
    assert [passage.source.number for passage in passages if passage.source] == [1, 2]
    assert card.notes == ("Quoted word for word from 128 articles.",)
    assert [action.label for action in card.actions] == [
        "Open source 1",
        "Open source 2",
        "Show context 1",
        "Show context 2",
    ]


def test_a_single_quote_carries_no_number() -> None:
    card = answer_card(_answer(_quote(url=None)), articles=1)
    assert isinstance(card.blocks[0], Passage)
    assert card.blocks[0].source is not None
    assert card.blocks[0].source.number is None
    assert card.actions == (ShowContext("Show context", "abcdef123456", 10, 31, card.blocks[0].text, 0),)
    assert card.notes == ("Quoted word for word from 1 article.",)


@pytest.mark.parametrize(("focus", "shown"), [((10, 20), (0, 10)), ((10, 31), None), ((0, 5), None)])
def test_the_focus_is_counted_in_the_quote_and_left_out_where_it_says_nothing(
    focus: tuple[int, int], shown: tuple[int, int] | None
) -> None:
    """A focus that is the whole quote, or lies outside of it, marks nothing."""
    card = answer_card(_answer(_quote(focus=focus)), articles=1)
    assert isinstance(card.blocks[0], Passage)
    assert card.blocks[0].focus == shown


@pytest.mark.parametrize(
    ("published", "origin", "words"),
    [
        ("2018-07-18", "json-ld", "18 July 2018"),
        ("2018-07-18T10:00:00Z", "user", "18 July 2018"),
        ("2018-07-18", "text", "18 July 2018 (date uncertain)"),
        ("2018", "user", "2018"),
        (None, "unknown", "date unknown"),
    ],
)
def test_a_date_says_how_sure_it_is(published: str | None, origin: str, words: str) -> None:
    assert cards.dated(_article(published=published, published_from=origin)) == words


def test_nothing_found_names_the_closest_articles_once_each() -> None:
    """It never pads an answer with weak quotes."""
    nearest = (_quote(), _quote(start=50), _quote(id="fedcba654321", title="Another"))
    card = answer_card(_answer(nearest=nearest), articles=2)
    assert card.tone == "nothing"
    assert not any(isinstance(block, Passage) for block in card.blocks)
    titles = [block.source.title for block in card.blocks if isinstance(block, Entry)]
    assert titles == ["A title", "Another"]


def test_nothing_found_says_why() -> None:
    """In the words of the answer, with the question."""
    why = Answer('who "x"', False, 0.0, (), (), "no passage holds the words “x”", Milliseconds(0, 0, 0, 0))
    assert answer_card(why, articles=2).blocks[0] == Words('No passage holds the words “x”: “who "x"”')


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([], ()),
        (["A"], ("also in A",)),
        (["A", "A", "B"], ("also in A and B",)),
        (["A", "", "C"], ("also in A, A title and C",)),
        (["A", "B", "C", "D", "E"], ("also in A, B, C and 2 more",)),
    ],
)
def test_a_source_names_the_others_with_the_same_words(sources: list[str], said: tuple[str, ...]) -> None:
    """Each once, by its publisher or else its title; the fourth and further are counted."""
    quote = replace(_quote(), also_in=tuple(_article(source=source, url=None) for source in sources))
    (passage,) = (b for b in answer_card(_answer(quote), articles=9).blocks if isinstance(b, Passage))
    assert passage.source
    assert passage.source.details == ("The Paper", "18 July 2018", *said)


def test_an_empty_library_is_not_blamed_on_the_question() -> None:
    assert answer_card(_answer(), articles=0).heading == "No articles yet"


def test_context_surrounds_the_quote_and_marks_it() -> None:
    card = context_card(_quote(), "Before. ", " After.")
    passage = card.blocks[0]
    assert isinstance(passage, Passage)
    assert passage.focus is not None
    assert passage.text[slice(*passage.focus)] == "One words. Two words."
    assert (passage.start, passage.end) == (2, 38)
    assert context_card(_quote(url=None), "", "").actions == ()


def test_a_summary_offers_the_other_lengths() -> None:
    summary = Summary(_article(), (SummarySentence(0, 4, "One."),), Facts(who=("Ada",), numbers=("7",)))
    offered = {
        length: [
            action.length for action in summary_card(summary, length=length).actions if isinstance(action, Summarise)
        ]
        for length in ("short", "medium", "long")
    }
    assert offered == {"short": ["medium"], "medium": ["short", "long"], "long": ["medium"]}
    card = summary_card(summary)
    assert card.blocks[-1] == Words("Who: Ada\nNumbers: 7")
    assert card.actions[0] == OpenLink("Open article", "https://paper.example/a")
    assert "1,240 characters" in card.notes[0]
    assert Words not in {type(block) for block in summary_card(Summary(_article(url=None), ())).blocks}


def test_key_points_about_a_topic_each_have_their_source() -> None:
    """Or one sentence says that there are none."""
    points = tuple(KeyPoint(_article(id=name * 12, title=name), 0, 4, f"{name}ne.") for name in "AB")
    card = topic_card(TopicSummary("ships", points, None), articles=9)
    assert [b.source.title for b in card.blocks if isinstance(b, Passage) and b.source] == ["A", "B"]
    assert card.notes == ("Sentences picked word for word from 2 articles about this, out of 9.",)
    nothing = topic_card(TopicSummary("ships", (), "no article is about this"), articles=9)
    assert nothing == Card("nothing", "No article is about “ships” (9 articles searched).")
    assert topic_card(TopicSummary("ships", (), "the library holds no articles yet"), articles=0).blocks


def test_a_list_has_ten_articles_a_page_and_any_page_number_finds_one() -> None:
    found = [_article(id=f"{n:012x}", title=f"Title {n}") for n in range(23)]
    for page, heading in ((0, "1–10"), (1, "1–10"), (3, "21–23"), (99, "21–23")):
        assert articles_card(found, page=page).heading == f"Articles {heading} of 23"
    chooser = articles_card(found, page=3).actions[0]
    assert isinstance(chooser, ChooseArticle)
    assert chooser.choices[0] == ("Title 20", "000000000014")
    assert articles_card(found[:1]).heading == "1 article"
    assert articles_card([], search="x").heading == "No articles matching “x”"
    assert articles_card([]).heading == "No articles"
    assert articles_card([_article(title=" \n ", source="")]).blocks[0] == Entry(
        cards.Source(
            "Untitled article",
            "https://paper.example/a",
            ("paper.example", "18 July 2018", "1,240 characters"),
            1,
        )
    )


@pytest.mark.parametrize(
    "title", ["\u200b", "\u2060\u200d", "\u3164", "\u2800 \ufe0f", "\U000e0041\U000e0042", "\u202e\u00ad"]
)
def test_a_title_that_nobody_sees_is_none(title: str) -> None:
    """Its link could not be seen either; one with letters keeps what joins them."""
    (entry, named) = articles_card([_article(title=title), _article(title=f"{title}A")]).blocks[:2]
    assert isinstance(entry, Entry)
    assert entry.source.title == "Untitled article"
    assert isinstance(named, Entry)
    assert named.source.title.endswith("A")


def test_of_a_hundred_thousand_results_few_are_kept() -> None:
    """A file may hold a million articles, or a million of nothing; all are counted."""

    def results() -> Iterator[Added]:
        for number in range(50_000):
            yield Added("added", _article(title=f"Title {number}"), None, (Mark(0, 1, "byline"),))
            yield Added("failed", None, f"line {number} is not JSON.")

    tracemalloc.start()
    card = added_card(results())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
    assert str(card.heading) == "50,000 added, 50,000 failed"
    assert len(card.blocks) == 20
    assert [str(note) for note in card.notes] == ["And 99,980 more.", "Never quoted: 50,000 × byline."]


def test_errors_say_what_happened_and_what_to_do() -> None:
    card = error_card(InvalidQuestion("The question is empty", hint="Write one"))
    assert (card.heading, card.blocks) == ("The question is empty", (Words("Write one."),))
    assert error_card(InvalidQuestion("No hint")).blocks == ()
    assert unexpected_card("7F3K").notes == ("Reference 7F3K",)


def test_accents_do_not_pile_up_over_other_lines() -> None:
    """A letter keeps those that any script puts on it."""
    assert (
        visible("b" + "\u0335\u0489" * 400 + "ridge e\u0301\u0302") == "b" + "\u0335\u0489" * 4 + "ridge e\u0301\u0302"
    )
    assert visible("\u0301" * 1_000 + "\n" + "\u0301" * 9) == "\u0301" * 8 + "\n" + "\u0301" * 8


def test_only_what_could_deceive_is_hidden() -> None:
    """Control characters and bidirectional marks go; joiners, accents and every script stay."""
    assert visible("a\x1b[31mb\u202ec\u200d\u0301\tשלום\r\nd\u2028e") == "a[31mbc\u200d\u0301 שלום\nd\ne"
