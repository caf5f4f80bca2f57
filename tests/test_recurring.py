"""Lines that an outlet prints around all of its stories."""

from dataclasses import replace
from itertools import pairwise

import pytest

from retrieval.library import Library
from retrieval.loaders.documents import Document, from_text
from retrieval.recurring import KIND, outline
from tests.conftest import Opener

ABOVE = "The Gazette keeps an eye on the harbour so that its readers need not."
BELOW = "The Gazette is printed on the island since 1911."


def _story(number: int, *, above: str = ABOVE, below: str = BELOW) -> str:
    body = "\n".join(
        f"Bridge number {number} was closed in its {n}th year, said engineer {n}, and opened in {number + n} weeks."
        for n in range(number, number + 12)
    )
    return f"{above}\n{body}\n{below}"


def _add(library: Library, number: int, *, source: str = "Gazette", text: str | None = None) -> None:
    (added,) = library.add(Document(text or _story(number), doc_id=str(number), title=f"Story {number}", source=source))
    assert added.error is None


def _recurring(library: Library, number: int) -> list[str]:
    article = library.article(str(number))
    text = library.text(article.id)
    return [text[m.start : m.end] for m in library.marks(article.id) if m.kind == KIND]


def _quotable(library: Library) -> str:
    return " ".join(q.text for n in range(4) for q in library.ask("Where is the Gazette printed?", quotes=10).quotes)


def test_a_line_of_three_articles_is_their_source_s(library: Library) -> None:
    """It is marked in the third, and in the two that were there before; nothing else is lost."""
    _add(library, 1)
    _add(library, 2)
    assert _recurring(library, 1) == _recurring(library, 2) == []
    _add(library, 3)
    assert [_recurring(library, n) for n in (1, 2, 3)] == [[ABOVE, BELOW]] * 3
    assert BELOW not in _quotable(library)
    assert library.problems() == []
    assert library.history("1") == ()
    assert library.text(library.article("1").id) == _story(1)


def test_it_makes_no_difference_which_came_first(open_library: Opener) -> None:
    """Nor whether they come at once."""
    one, other = open_library("one"), open_library("other")
    for number in (1, 2, 3, 4):
        _add(one, number)
    other.add(*(Document(_story(n), doc_id=str(n), title=f"Story {n}", source="Gazette") for n in (4, 2, 1, 3)))
    for number in (1, 2, 3, 4):
        assert one.marks(one.article(str(number)).id) == other.marks(other.article(str(number)).id)


@pytest.mark.parametrize("source", ["", "another for each"])
def test_lines_of_several_sources_are_nobody_s(library: Library, source: str) -> None:
    """A sentence that three outlets print is news."""
    for number in (1, 2, 3):
        _add(library, number, source=source and f"Outlet {number}")
    assert [_recurring(library, n) for n in (1, 2, 3)] == [[], [], []]


def test_versions_of_one_story_do_not_make_its_sentences_furniture(library: Library) -> None:
    """An outlet prints a story at three addresses, each with another line at its end."""
    for number in (1, 2, 3):
        _add(library, number, text=_story(7, above="", below=f"This is the {number}th edition."))
    assert [_recurring(library, n) for n in (1, 2, 3)] == [[], [], []]


def test_only_the_first_and_last_five_lines_count(library: Library) -> None:
    """A sentence in the middle of three stories is a reporter's who repeats himself."""
    for number in (1, 2, 3):
        lines = _story(number, above="", below="").split("\n")
        _add(library, number, text="\n".join([*lines[:7], "Nobody was hurt, the police said.", *lines[7:]]))
    assert _recurring(library, 3) == []


def test_what_is_quoted_or_measured_goes_too(library: Library) -> None:
    """Rule 7 spares such lines from all rules but this one."""
    offer = "“Read all of it for $2 a week”, says our publisher."
    for number in (1, 2, 3):
        _add(library, number, text=_story(number, below=offer))
    assert _recurring(library, 1) == [ABOVE, offer]


def test_a_heading_sign_before_such_a_line_is_no_obstacle(library: Library) -> None:
    """What is set aside already stays so, and no mark lies over another."""
    for number in (1, 2, 3, 4):
        text = f"# {ABOVE}\n{_story(number, above='')}"
        library.add(replace(from_text(text, name=str(number)), source="Gazette"))
    marks = library.marks(library.article("1").id)
    assert [m.kind for m in marks][:2] == ["heading sign", KIND]
    assert all(a.end <= b.start for a, b in pairwise(marks))


def test_an_article_of_nothing_else_keeps_its_words(library: Library) -> None:
    """Rather than becoming one that cannot be quoted."""
    for number in (1, 2, 3):
        _add(library, number)
    _add(library, 4, text=f"{ABOVE}\n{BELOW}")
    assert _recurring(library, 4) == []


def test_reindexing_finds_the_same(library: Library) -> None:
    """And takes away what no longer holds: two stories are left."""
    for number in (1, 2, 3):
        _add(library, number)
    list(library.reindex())
    assert [_recurring(library, n) for n in (1, 2, 3)] == [[ABOVE, BELOW]] * 3
    library.remove("3")
    list(library.reindex())
    assert [_recurring(library, n) for n in (1, 2)] == [[], []]


def test_an_outline_is_of_words() -> None:
    """Case and white space make no other line; a text of ten lines is all edge."""
    assert outline("One  Line\nTwo").edges == outline("one line\n\n two ").edges == {"one line", "two"}
    assert len(outline("\n".join(map(str, range(30)))).edges) == 10
    assert outline("").edges == frozenset()
