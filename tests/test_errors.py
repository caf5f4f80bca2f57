"""The error tree: each error can be shown to a person as it is."""

from collections.abc import Iterator

import pytest

from retrieval import errors
from retrieval.errors import QuothError


def _tree(root: type[QuothError]) -> Iterator[type[QuothError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _tree(kind)


OURS = [kind for kind in _tree(QuothError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_an_error_says_what_happened_and_what_to_do(kind: type[QuothError]) -> None:
    """``str(error)`` is two sentences, ready to be shown."""
    error = kind("the file is empty", hint="Add a file that holds an article")
    assert str(error) == "the file is empty. Add a file that holds an article."
    assert (error.happened, error.hint) == ("the file is empty", "Add a file that holds an article")


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_an_error_without_a_hint_is_one_sentence(kind: type[QuothError]) -> None:
    """No stray full stop stands where the hint would."""
    assert str(kind("the file is empty")) == "the file is empty."


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_the_drawing_shows_every_error(kind: type[QuothError]) -> None:
    """Who reads the top of the file knows them all."""
    assert kind.__name__ in (errors.__doc__ or "")


def test_nothing_else_in_the_file_is_raised() -> None:
    """Every class in the file hangs in the tree."""
    assert {k for k in vars(errors).values() if isinstance(k, type)} == set(OURS)
