"""Links that open a page at the quoted words."""

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from retrieval.web.links import LONGEST_LINK, text_link

PAGE = "https://news.example/story"


def test_a_short_text_is_named_whole() -> None:
    """Up to ten words stand in the link themselves."""
    assert text_link(PAGE, "The sanctions remain") == f"{PAGE}#:~:text=The%20sanctions%20remain"


def test_a_long_text_is_named_by_its_ends() -> None:
    """The first and the last five words find it."""
    text = " ".join(f"w{n}" for n in range(30))
    assert text_link(PAGE, text) == f"{PAGE}#:~:text=w0%20w1%20w2%20w3%20w4,w25%20w26%20w27%20w28%20w29"


def test_the_marks_of_the_directive_are_escaped() -> None:
    """A hyphen, comma or ampersand in the text does not end it."""
    assert text_link(PAGE, "much-loved, R&D") == f"{PAGE}#:~:text=much%2Dloved%2C%20R%26D"


def test_a_fragment_of_the_address_gives_way() -> None:
    """Two fragments in one address would find nothing."""
    assert text_link(f"{PAGE}#comments", "Yes.") == f"{PAGE}#:~:text=Yes."


def test_long_words_are_named_by_fewer() -> None:
    """Three words at each end where five are too long."""
    words = ["w" * 60] * 20
    link = text_link(PAGE, " ".join(words))
    assert unquote(link) == f"{PAGE}#:~:text={' '.join(words[:3])},{' '.join(words[:3])}"


def test_where_no_directive_fits_the_page_itself_is_linked() -> None:
    """A link that is too long for Discord would be no link."""
    assert text_link(PAGE, "ü" * 300) == PAGE


@given(st.text(min_size=1))
def test_a_link_never_has_white_space_nor_too_many_characters(text: str) -> None:
    """Whatever is quoted, the link can be put into a message."""
    link = text_link(PAGE, text.encode(errors="replace").decode())
    assert link.startswith(PAGE)
    assert len(link) <= LONGEST_LINK
    assert not any(c.isspace() for c in link)
