"""The same sentence in several articles."""

import pytest

from retrieval.answers.copies import Wording, are_copies

SENTENCE = (
    "The company said on Monday that it would close the old plant in Lyon and move 400 jobs to a new site near Porto."
)


@pytest.mark.parametrize(
    "copy",
    [
        SENTENCE,
        SENTENCE.upper().capitalize().replace("monday", "Monday").replace("lyon", "Lyon").replace("porto", "Porto"),
        SENTENCE.replace(" said on", "\n  said — on").replace("plant", "works"),
    ],
)
def test_an_editors_touch_leaves_a_copy(copy: str) -> None:
    """Case, white space, punctuation, or one word in twenty."""
    assert are_copies(Wording(SENTENCE), Wording(copy))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("400", "500"),
        ("would close", "would not close"),
        ("would close", "wouldn’t close"),
        ("Lyon", "Lille"),
        ("a new site", "two new sites"),
        ("The company said on Monday that it would close", "Nobody knows when the owners want to shut"),
    ],
)
def test_another_statement_is_no_copy(said: str, instead: str) -> None:
    """A number, a name or a negation is enough, and so are many words."""
    assert said in SENTENCE
    assert not are_copies(Wording(SENTENCE), Wording(SENTENCE.replace(said, instead)))


def test_a_short_sentence_has_to_be_the_same() -> None:
    """And what has no words is a copy of nothing."""
    assert are_copies(Wording("Nobody was hurt."), Wording("Nobody was hurt!"))
    assert not are_copies(Wording("Nobody was hurt."), Wording("Nobody was killed."))
    assert not are_copies(Wording("…"), Wording("…"))
