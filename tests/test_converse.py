"""Follow-up questions are searched for together with what they point back to."""

import pytest

from retrieval.converse import in_context

FIRST = "Who is Russia's ambassador to North Korea?"


@pytest.mark.parametrize(
    "question", ["What did he say about sanctions?", "And when?", "Why?", "what about Morgulov?", "How many?"]
)
def test_a_question_that_points_back_is_read_with_the_one_before(question: str) -> None:
    """He, and, why: the subject stands in the question before."""
    assert in_context(question, [FIRST]) == f"{FIRST} {question}"


@pytest.mark.parametrize("question", ["Which port ships most coal from Queensland?", "Who won the World Cup in 2018?"])
def test_a_question_with_its_own_subject_stays_alone(question: str) -> None:
    """A change of subject is not dragged back."""
    assert in_context(question, [FIRST]) == question


def test_a_question_about_one_thing_is_read_with_the_one_before() -> None:
    """One word rarely says what is asked about it."""
    assert in_context("sanctions", [FIRST]).startswith(FIRST)


@pytest.mark.parametrize("history", [[], [""], ["  \n"]])
def test_without_an_earlier_question_nothing_is_added(history: list[str]) -> None:
    """An empty history is none."""
    assert in_context("What did he say?", history) == "What did he say?"


def test_only_the_last_two_questions_are_remembered() -> None:
    """What was asked long ago does not colour the search."""
    assert in_context("Why?", ["one", "two", "three"]) == "two three Why?"
