"""What a question asks for, recognised by form."""

from collections.abc import Callable

import pytest

from retrieval.answers.expect import expected

CASES = [
    ("Who leads the company?", "The firm is led by Ana Prado since spring.", "The firm is led by its founder."),
    ("When did the bridge open?", "It was opened in 1932.", "It was opened by the mayor."),
    ("What time was it?", "It began at 9 a.m. sharp.", "It began late."),
    ("How many ships waited?", "In the end 422 vessels waited.", "In the end many vessels waited."),
    ("How many people died?", "Twelve were hurt.", "Several were hurt."),
    ("How much did it cost?", "They paid $19 billion.", "They paid dearly."),
    ("How long was it stuck?", "It had been stuck for six days.", "It had been stuck for 400 metres of rope."),
    ("Where did they meet?", "They met in Helsinki.", "They met twice."),
    ("Why did he resign?", "He left because of his health.", "He left on Monday."),
    ("what was the final score", "It ended 4-2.", "It ended well."),
]


@pytest.mark.parametrize(("question", "holds", "lacks"), CASES, ids=[c[0] for c in CASES])
def test_a_sentence_that_holds_what_is_asked_for_is_told_from_one_that_does_not(
    question: str, holds: str, lacks: str
) -> None:
    """A date for "when", a name for "who", an amount for "how much"."""
    assert expected(question, [holds, lacks]) == [True, False]


@pytest.mark.parametrize("typed", [str.lower, str.upper, str.title])
@pytest.mark.parametrize(("question", "holds", "lacks"), CASES, ids=[c[0] for c in CASES])
def test_capitals_of_the_question_do_not_matter(
    question: str, holds: str, lacks: str, typed: Callable[[str], str]
) -> None:
    """On Discord there are none, or nothing else."""
    assert expected(typed(question), [holds, lacks]) == [True, False]


def test_what_the_question_names_itself_is_not_what_it_asks_for() -> None:
    """ "Who briefed Trump?" is not answered by Trump."""
    sentences = ["On Monday, Trump was briefed.", "On Monday, Rod Rosenstein briefed Trump."]
    assert expected("Who briefed Trump?", sentences) == [False, True]
    assert expected("When in 2018 did it happen?", ["It happened in 2018.", "It happened in July 2018."]) == [
        False,
        True,
    ]


def test_an_open_question_expects_nothing() -> None:
    """Where no kind is asked for, no sentence is preferred."""
    assert expected("Tell me about the bridge", ["It was opened in 1932.", "It is long."]) == [False, False]
