"""Sentences that lean on the one before them."""

import pytest

from retrieval.leaning import leans_back, refers_back


@pytest.mark.parametrize(
    "sentence",
    [
        "He resigned on Monday.",
        "“They won,” said the mayor.",
        "But the council voted against the plan.",
        "The same rule held for the ferries.",
        "Critics, however, disagree.",
        "There the timbers had dried for years.",
        "In his view the bridge is safe.",
        "Since then the bridge has been closed.",
        "By six that evening the road was open.",
        "On that point the report says nothing.",
        "One of them lives in Leeds.",
        "All this happened before the war.",
        "The academy honoured him in May.",
        "In Helsinki he gave no reason.",
        "At 7:40 a.m. on Tuesday 23 March, it ran aground.",
        "Anna Roe called this a success.",
        "The idea, she said, was new.",
        "When he came back the shop was closed.",
    ],
)
def test_a_sentence_leans_where_only_the_one_before_tells_who_or_what_it_means(sentence: str) -> None:
    """A pronoun, a pointing word or a connective comes before what could explain it."""
    assert leans_back(sentence)
    assert refers_back(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The mayor said she would resign.",
        "Mackey and his partners opened the first shop in Austin.",
        "Two days after he met the president, Donald Trump went back to Twitter.",
        "There were 422 ships in the queue.",
        "At a conference that lasted an hour, Anna Roe answered questions.",
        "Amazon said that it had no such plans.",
        "A spokesman said they would appeal.",
        "Butter became dearer in March.",
        "In Paris Anna Roe said she would resign.",
        "The council repaired this bridge in March.",
    ],
)
def test_a_sentence_stands_where_it_explains_its_own_pronouns(sentence: str) -> None:
    """Before them, or in the clause that follows; and a word that only begins alike is none."""
    assert not leans_back(sentence)


def test_the_company_refers_back_and_stands_all_the_same() -> None:
    """It is better read after the sentence before it, and can be understood without."""
    assert refers_back("The company lost money in 2016.")
    assert not leans_back("The company lost money in 2016.")
