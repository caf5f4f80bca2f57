"""From a question to candidates."""

import pytest

from retrieval.errors import InvalidQuestion
from retrieval.library import Library
from retrieval.search import LONGEST_QUESTION, query, read_question, retrieve
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
    assert 1 < len(ids) <= 10


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
