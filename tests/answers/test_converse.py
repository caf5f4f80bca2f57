"""A follow-up question takes what it leaves out from the conversation; a change of subject takes nothing."""

import pytest

from retrieval.answers.converse import in_context, points_back
from retrieval.answers.search import Query, query, retrieve
from retrieval.library import Library
from retrieval.records import Article
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.conftest import add_text
from tests.toy import ToyEncoder

ABOUT_THE_ORCHESTRA = "Who is the new conductor of the orchestra?"


@pytest.fixture
def articles(library: Library) -> list[Article]:
    """Three articles in the library."""
    return [add_text(library, text) for text in (BRIDGE, ORCHESTRA, WHATSAPP)]


def _asked(library: Library, toy: ToyEncoder, question: str, *history: str) -> Query:
    return in_context(query(question, toy), history, store=library._store, encoder=toy)


def _answering(library: Library, asked: Query) -> str:
    return retrieve(asked, library._store).passages[0].candidate.passage.article_id


@pytest.mark.parametrize(
    "question",
    [
        "And what did he say about sanctions?",
        "and the year before?",
        "What about Morgulov?",
        "but in Northern Ireland, in Wales and in Gibraltar?",
        "why?",
        "Where was it going?",
        "how many of them?",
        "sanctions",
        "AND WHEN?",
    ],
)
def test_by_its_form_a_question_points_back(question: str) -> None:
    """It goes on with a sentence, says nothing, or has a word that stands for something else."""
    assert points_back(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which port ships most coal from Queensland?",
        "What did the mayor of Lyon say about his plan?",
        "who won the golden ball",
        "Who founded Whole Foods and when did they open their first store?",
    ],
)
def test_a_question_that_names_its_subject_does_not_point_back(question: str) -> None:
    """Even where its pronouns stand for what it names itself."""
    assert not points_back(question)


def test_a_question_that_says_too_little_takes_from_the_one_before(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """Its words, its meaning and its article; the question itself stays as it was asked."""
    alone, asked = query("And when?", toy), _asked(library, toy, "And when?", ABOUT_THE_ORCHESTRA)
    assert (asked.text, asked.terms) == (alone.text, alone.terms)
    assert asked.in_full == f"{ABOUT_THE_ORCHESTRA} And when?"
    assert asked.articles == (articles[1].id,)
    before = query(ABOUT_THE_ORCHESTRA, toy).vector
    assert alone.vector @ before < asked.vector @ before < 0.99
    assert asked.vector @ asked.vector == pytest.approx(1.0, abs=1e-5)
    assert _answering(library, asked) == articles[1].id


def test_a_question_that_says_enough_only_prefers_the_article(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """Its own words are all that is searched for."""
    question = "Which city named whom?"
    asked = _asked(library, toy, question, ABOUT_THE_ORCHESTRA)
    assert asked.articles == (articles[1].id,)
    assert (asked.in_full, asked.before) == (question, "")
    assert (asked.vector == query(question, toy).vector).all()


def test_a_change_of_subject_is_not_dragged_back(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """It is searched for as if nothing had been asked before."""
    question = "Why did engineers close the bridge?"
    asked = _asked(library, toy, question, ABOUT_THE_ORCHESTRA, "and where did she grow up?")
    assert (asked.articles, asked.before) == ((), "")
    assert _answering(library, asked) == articles[0].id


def test_after_a_change_of_subject_the_old_one_is_forgotten(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """What points back points to the question just before."""
    asked = _asked(library, toy, "and how long?", ABOUT_THE_ORCHESTRA, "Why did engineers close the bridge?")
    assert asked.articles == (articles[0].id,)
    assert _answering(library, asked) == articles[0].id


def test_a_subject_lasts_through_questions_that_do_not_name_it(
    library: Library, toy: ToyEncoder, articles: list[Article]
) -> None:
    """The article that answered the first question is still preferred after the third."""
    assert articles[1].id in _asked(library, toy, "why?", ABOUT_THE_ORCHESTRA, "and when?", "who?").articles


@pytest.mark.parametrize("history", [[], [""], ["  \n", "?!", "<@1>", "source:post"]])
def test_without_an_earlier_question_nothing_changes(
    library: Library, toy: ToyEncoder, articles: list[Article], history: list[str]
) -> None:
    """A history without words is none, and never refused."""
    asked = _asked(library, toy, "and when?", *history)
    assert (asked.before, asked.articles) == ("", ())


def test_a_history_may_be_long(library: Library, toy: ToyEncoder, articles: list[Article]) -> None:
    """Its questions are cut at what can be asked, and only the last ones are read."""
    asked = _asked(library, toy, "and when?", *["bridge " * 500] * 50, ABOUT_THE_ORCHESTRA)
    assert asked.before == ABOUT_THE_ORCHESTRA


def test_in_an_empty_library_there_is_nothing_to_prefer(library: Library, toy: ToyEncoder) -> None:
    """And the question is read with the one before all the same."""
    asked = _asked(library, toy, "and when?", ABOUT_THE_ORCHESTRA)
    assert (asked.before, asked.articles) == (ABOUT_THE_ORCHESTRA, ())
