"""From a question to candidates."""

import pytest

from retrieval.answers.operators import Request
from retrieval.answers.search import LONGEST_QUESTION, query, read_question, retrieve
from retrieval.errors import InvalidQuestion
from retrieval.library import Library
from retrieval.store.values import StoredPassage
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text
from tests.toy import ToyEncoder


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@123456> who won?", "who won?"),
        ("<@!1> <#2> <@&3> who <:owl:42> won?", "who won?"),
        ("</ask:77> who won?", "who won?"),
        ("**who** `won` https://a.example/b ||today||?", "who won today ?"),
        ("  who\n\n won\t?", "who won ?"),
        ("is 3*4 twelve?", "is 3 4 twelve?"),
    ],
)
def test_what_discord_puts_around_a_question_is_not_searched_for(typed: str, read: str) -> None:
    """Mentions, emoji, links and formatting marks."""
    assert read_question(typed) == read


@pytest.mark.parametrize("question", ["", "???", "🦉", "<@1>", "https://a.example"])
def test_a_question_needs_words(question: str) -> None:
    """And the refusal gives an example."""
    with pytest.raises(InvalidQuestion, match="no words"):
        read_question(question)


def test_a_question_has_an_end() -> None:
    """The longest one passes, one character more does not."""
    assert read_question("x" * LONGEST_QUESTION)
    with pytest.raises(InvalidQuestion, match="1,001 characters"):
        read_question("x" * (LONGEST_QUESTION + 1))


def test_a_question_of_function_words_is_matched_by_them(toy: ToyEncoder) -> None:
    """“Who was it?” still has something to look for."""
    assert query("who was it", toy).terms == ("who", "was", "it")
    assert "who" not in query("who was the ambassador", toy).terms


def test_the_best_passage_comes_first_and_ties_are_settled(library: Library, toy: ToyEncoder) -> None:
    """The same articles in another order of adding would give the same scores; equal ones go by id."""
    for number in range(20):
        add_text(library, BRIDGE, doc_id=str(number), title="Bridge")
    asked = query("cracks in the pillars of the bridge", toy)
    found = retrieve(asked, library._store)
    ids = [r.candidate.passage.id for r in found.passages]
    assert len({round(r.score, 5) for r in found.passages}) == 1
    assert ids == sorted(ids)
    assert len(ids) == 20


def test_words_and_meaning_both_count(library: Library, toy: ToyEncoder) -> None:
    """The article that has the words is retrieved before those that have none."""
    for text in (BRIDGE, ORCHESTRA, WHATSAPP):
        add_text(library, text)
    found = retrieve(query("who is the violinist Ada Lindqvist", toy), library._store)
    scores = [r.score for r in found.passages]
    assert scores == sorted(scores, reverse=True)
    best = library.article(found.passages[0].candidate.passage.article_id)
    assert library.text(best.id) == ORCHESTRA


def test_an_empty_library_gives_no_candidates(library: Library, toy: ToyEncoder) -> None:
    """Without an error."""
    assert retrieve(query("who won", toy), library._store).passages == ()


def test_copies_of_a_passage_take_one_place(library: Library, toy: ToyEncoder) -> None:
    """A story of twenty outlets does not keep the others out of the ten, and every outlet is known."""
    for number in range(20):
        add_text(library, BRIDGE, doc_id=str(number), title="Bridge")
    for number in range(12):
        add_text(
            library, f"The bridge in district {number * 1000} is {'very ' * number}old.", title=f"District {number}"
        )
    found = retrieve(query("the old bridge over the river", toy), library._store)
    titles = [library.article(r.candidate.passage.article_id).title for r in found.passages]
    assert titles.count("Bridge") == 20
    assert len(titles) == 20 + 9


def _dates(library: Library, toy: ToyEncoder, request: Request) -> list[str | None]:
    asked = query("cracks in the pillars of the bridge", toy, request=request)
    passages = retrieve(asked, library._store).passages
    return [library.article(r.candidate.passage.article_id).published for r in passages]


@pytest.fixture
def dated(library: Library) -> Library:
    """The same story of three days and of none, and another one."""
    for published in ("2018-07-02", "2018-07-03", "", "2017-07-01"):
        known = {"published": published} if published else {}
        add_text(library, BRIDGE, doc_id=f"d{published}", title="Bridge", **known)
    add_text(library, ORCHESTRA, title="Orchestra", published="2020-01-01")
    return library


def test_of_equal_passages_the_newer_comes_first(dated: Library, toy: ToyEncoder) -> None:
    """One without a date last; one that is about something else stays behind, however new."""
    assert _dates(dated, toy, Request()) == ["2018-07-03", "2018-07-02", "2017-07-01", None, "2020-01-01"]


def test_a_time_that_is_named_comes_first(dated: Library, toy: ToyEncoder) -> None:
    """As a preference: the others are still there."""
    found = _dates(dated, toy, Request(dates=("2017-07", "-07-01")))
    assert found == ["2017-07-01", "2018-07-03", "2018-07-02", None, "2020-01-01"]


def test_the_latest_may_fit_less_well(library: Library, toy: ToyEncoder) -> None:
    """Among what fits, the date outweighs a few words."""
    add_text(library, BRIDGE, title="Cracks", published="2018-07-02")
    add_text(library, f"{BRIDGE} Trams run. Trains stop.", title="Bridge", published="2018-07-03")
    assert _dates(library, toy, Request())[0] == "2018-07-02"
    assert _dates(library, toy, Request(latest=True))[0] == "2018-07-03"


def test_only_passages_with_the_phrase_are_retrieved(library: Library, toy: ToyEncoder) -> None:
    """However far down they stand in a long article."""
    filler = " ".join(f"The bridge has cracks in pillar {number}, as inspectors found." for number in range(200))
    add_text(library, f"{filler}\n\nThe gate is made of green glass. {filler}")
    add_text(library, BRIDGE)
    asked = query("cracks in the pillars of the bridge", toy, request=Request(phrases=("Green  glass",)))
    passages = [r.candidate.passage for r in retrieve(asked, library._store).passages]
    text = library.text(passages[0].article_id)
    assert len(passages) == 1
    assert "green glass" in text[passages[0].sentences[0].start : passages[0].sentences[-1].end]


def test_an_article_that_holds_all_that_is_asked_comes_first(library: Library, toy: ToyEncoder) -> None:
    """The passage says the same in both; only one of the articles is about the place that is named."""
    about = "The bridge at Brunsbüttel carries six trains an hour.\n\n"
    filler = "It was built in a year that nobody remembers. " * 12
    told = "Engineers found cracks in two of its pillars."
    add_text(library, f"Nothing is known of the place. {filler}\n\n{told}", doc_id="elsewhere", title="News")
    add_text(library, f"{about}{filler}\n\n{told}", doc_id="there", title="News")
    asked = query("Where did engineers find cracks, at Brunsbüttel?", toy)
    cracks = [
        r.candidate.passage.article_id
        for r in retrieve(asked, library._store).passages
        if "cracks" in _text(library, r.candidate.passage)
    ]
    ids = {a.doc_id: a.id for a in library.articles()}
    assert cracks == [ids["there"], ids["elsewhere"]]


def _text(library: Library, passage: StoredPassage) -> str:
    return library.text(passage.article_id)[passage.sentences[0].start : passage.sentences[-1].end]
