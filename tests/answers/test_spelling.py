"""What was typed is read as what was meant."""

import pytest

from retrieval.answers.spelling import corrected, distance, meant, plain, strangeness
from retrieval.library import Library
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import add_text
from tests.toy import ToyEncoder

ENGLISH = frozenset("repairs president election closed conduct when which from form engineers".split())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("whos the us envoy??", "who is the us envoy?"),
        ("WHATS that?!?", "what is that?"),
        ("Why didnt they, and why dont u?", "Why did not they, and why do not you?"),
        ("who won? 🤔😭👍🏽🇫🇷", "who won?"),
        ("omg who won lol", "who won"),
        ("teh deal ... adn teh price", "the deal . and the price"),
        ("who is u.s. envoy R. Smith", "who is u.s. envoy R. Smith"),
        ("how r u?", "how are you?"),
        ("2°C, 3.5 and €4", "2°C, 3.5 and €4"),
        ("Whose funeral? The café’s “owner”!", "Whose funeral? The café’s “owner”!"),
        ("lol", "lol"),
    ],
)
def test_chat_is_read_as_plain_english(typed: str, read: str) -> None:
    """Apostrophes, short forms, emoji, doubled marks; what is plain stays as it is."""
    assert plain(typed) == read
    assert plain(read) == read


@pytest.fixture
def stocked(library: Library) -> Library:
    """A library that knows the words of two articles."""
    for text in (BRIDGE, ORCHESTRA, "Kipchoge was at the cafe."):
        add_text(library, text)
    return library


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("who is the new condcutor", "who is the new conductor"),
        ("the cty ORCHESTAR", "the cty orchestra"),
        ("did Kipchgoe win?", "did kipchoge win?"),
        ("ikpchoge", "kipchoge"),
        ("the prseident", "the president"),
        ("whihc bridge, adn wehn?", "which bridge, adn when?"),
        ("how long did repiars take", "how long did repairs take"),
        ("form", "form"),
        ("Zelensky and 12345 xyzzy", "Zelensky and 12345 xyzzy"),
        ("it's the condcutor's, isn’t and weren't it", "it's the conductor's, isn’t and weren't it"),
        ("ornductor, engneers", "ornductor, engineers"),
        ("xipchoge and ipchoge", "kipchoge and kipchoge"),
    ],
)
def test_a_word_that_nobody_knows_is_the_nearest_that_somebody_knows(stocked: Library, typed: str, read: str) -> None:
    """The library's own words and those of the model; one mistake in a short word, two in a long one."""
    assert corrected(typed, stocked._store, ENGLISH) == read


def test_what_the_library_holds_goes_first(library: Library) -> None:
    """And of that what most of its passages hold."""
    known = frozenset({"boats", "coats"})
    assert corrected("bowats", library._store, known) == "boats"
    add_text(library, "Bowats were seen.")
    assert corrected("bowats", library._store, known) == "bowats"
    for number in range(3):
        add_text(library, f"The marina has {number} slips.", doc_id=str(number))
    add_text(library, "A marine had lunch.")
    assert corrected("marinx", library._store, frozenset({"marins"})) == "marina"


def test_gibberish_costs_no_more_than_a_few_words(stocked: Library) -> None:
    """The first five mistakes of a question are mended."""
    typed = " ".join(f"bridg{letter}e" for letter in "abcdfg")
    assert corrected(typed, stocked._store, frozenset()) == "bridge bridge bridge bridge bridge bridgge"


def test_a_question_is_read_without_its_marks_and_mistakes(stocked: Library, toy: ToyEncoder) -> None:
    """As it comes from Discord."""
    assert meant("<@12> whos teh `condcutor`?? <:owl:42>", stocked._store, toy) == "who is the conductor ?"


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("same", "same", 0),
        ("vote", "vtoe", 1),
        ("vote", "vot", 1),
        ("vote", "votes", 1),
        ("vote", "voye", 1),
        ("summit", "sumimt", 1),
        ("volcano", "vlocnao", 2),
        ("volcano", "volcnoa", 2),
    ],
)
def test_the_distance_counts_edits(one: str, other: str, edits: int) -> None:
    """A letter left out, added, replaced, or two neighbours that changed places; the same both ways."""
    assert distance(one, other, 2) == distance(other, one, 2) == edits


@pytest.mark.parametrize(("one", "other"), [("vote", "bridge"), ("abcd", "dcba"), ("volcano", "tornado"), ("", "abc")])
def test_what_is_too_far_is_only_known_to_be(one: str, other: str) -> None:
    """Nobody waits for the number."""
    assert distance(one, other, 1) > 1


def test_a_slip_of_the_fingers_is_told_from_a_coincidence() -> None:
    """A letter doubled, two that changed places, the key beside; then what can always happen; then the rest."""
    slips = ["blaack", "balck", "bkack", "blck", "blxack", "bzack", "clwck"]
    assert [strangeness(slip, "black") for slip in slips] == [0, 1, 2, 3, 3, 4, 5]
