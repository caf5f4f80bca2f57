"""What several articles say about a topic."""

import pytest

from retrieval.errors import InvalidQuestion
from retrieval.library import Library
from retrieval.records import KeyPoint, Length
from tests.articles import ORCHESTRA
from tests.conftest import add_text

OLD = (
    "Inspectors closed the harbour bridge in Leeds on Tuesday. Mayor Anna Roe promised a ferry near Hull.\n\n"
    "Nobody was hurt when a lamp fell off the harbour bridge in 2018."
)
NEW = (
    "The harbour bridge in Leeds opened again after eleven months. Engineers from Norwich had replaced 40 bolts.\n\n"
    "Inspectors closed the harbour bridge in Leeds on a Tuesday."
)


@pytest.fixture
def bridges(library: Library) -> Library:
    """Two articles about a bridge, and one about something else."""
    add_text(library, OLD, title="Bridge closed", published="2023-06-01")
    add_text(library, NEW, title="Bridge open", published="2024-05-01")
    add_text(library, ORCHESTRA, title="Orchestra", published="2024-06-01")
    return library


def _texts(points: tuple[KeyPoint, ...]) -> list[str]:
    return [point.text for point in points]


def test_key_points_come_from_every_article_on_the_topic_and_no_other(bridges: Library) -> None:
    """The newest article first, each in its order, each point a slice of its article."""
    found = bridges.summarise_topic("harbour bridge", length="long")
    assert [p.article.title for p in found.points] == ["Bridge open", "Bridge open", "Bridge closed"]
    assert found.reason is None
    for point in found.points:
        assert bridges.text(point.article.id)[point.start : point.end] == point.text
        assert "harbour bridge" in point.text
    assert found.points[0].start < found.points[1].start


def test_what_two_articles_say_is_said_once(bridges: Library) -> None:
    """By the newer one."""
    told = _texts(bridges.summarise_topic("harbour bridge", length="long").points)
    assert "Inspectors closed the harbour bridge in Leeds on a Tuesday." in told
    assert "Inspectors closed the harbour bridge in Leeds on Tuesday." not in told


@pytest.mark.parametrize(("length", "most"), [("short", 2), ("medium", 3), ("long", 5)])
def test_an_article_gives_so_many_key_points_at_most(library: Library, length: Length, most: int) -> None:
    """Fewer than in a summary of its own."""
    names = "Anna Bela Cora Dora Edda Fina".split()
    text = " ".join(f"Bridge engineer {n} of {n}ville met {n}son and {n}sen." for n in names)
    add_text(library, text, title="Bridge engineer")
    assert len(library.summarise_topic("bridge engineer", length=length).points) == most


def test_a_topic_that_no_article_is_about_is_told_so(bridges: Library) -> None:
    """No key points, and the reason."""
    found = bridges.summarise_topic("glacier melting")
    assert (found.about, found.points, found.reason) == ("glacier melting", (), "no article is about this")


def test_articles_without_a_date_come_last(bridges: Library) -> None:
    """What is known to be new comes first."""
    add_text(bridges, "Painters gave the harbour bridge in Leeds a green coat for Easter.", title="Bridge green")
    assert bridges.summarise_topic("harbour bridge").points[-1].article.title == "Bridge green"


def test_an_empty_library_says_so_and_loads_no_model(library: Library) -> None:
    """The reason is the library, not the topic."""
    assert library.summarise_topic("harbour bridge").reason == "the library holds no articles yet"


@pytest.mark.parametrize("topic", ["", "?!"])
def test_a_topic_needs_words(library: Library, bridges: Library, topic: str) -> None:
    """As a question does, in an empty library too."""
    with pytest.raises(InvalidQuestion):
        bridges.summarise_topic(topic)
