"""Lines become paragraphs as a reader sees them."""

import pytest

from retrieval.extraction.lines import Line, headline, paragraphs, without_furniture


def _lines(*texts: str, top: float = 500.0) -> list[Line]:
    """Lines of a column 300 points wide; the number of spaces before a text is how many points it is set in."""
    found = []
    for number, text in enumerate(texts):
        left = 50.0 + len(text) - len(text.lstrip())
        found.append(Line(text.strip(), left, left + 6 * len(text.strip()), top - 12 * number, 10.0))
    return found


LONG = "Fifty letters are as much as a line of these has"


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        (f"{LONG} har-", "bour walls", f"{LONG} harbour walls"),
        (f"{LONG} Anglo-", "French talks", f"{LONG} Anglo-French talks"),
        (f"{LONG} COVID-", "19 wards", f"{LONG} COVID-19 wards"),
        (f"{LONG} two-", "and three-year loans", f"{LONG} two- and three-year loans"),
        (f"{LONG} so –", "and that is all", f"{LONG} so – and that is all"),
        (f"{LONG} so -", "and that is all", f"{LONG} so - and that is all"),
        (f"{LONG} and", "on it went", f"{LONG} and on it went"),
    ],
)
def test_a_hyphen_at_a_line_end_is_undone_where_it_only_divides(before: str, after: str, joined: str) -> None:
    assert paragraphs(_lines(before, after)) == [joined]


def test_a_word_that_is_written_with_a_hyphen_elsewhere_keeps_it() -> None:
    """The article itself says how the word is spelt."""
    lines = _lines("A well-known captain, a well-known ship and so on", f"{LONG} well-", "known crew")
    assert paragraphs(lines)[0].endswith("well-known crew")


def test_a_hyphen_was_typed_where_the_program_divides_words_with_another_sign() -> None:
    lines = _lines(f"{LONG} har\u2010", f"bour {LONG} short-", "term loans")
    assert paragraphs(lines) == [f"{LONG} harbour {LONG} short-term loans"]


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([f"{LONG} one.", f"{LONG} two", "end."], 1),
        ([f"{LONG} one.", f"                 {LONG}", f"{LONG} two"], 2),
        (["Short one.", f"{LONG} two.", f"{LONG} two."], 2),
        ([f"• {LONG}", f"            {LONG}", "            and goes on"], 1),
        ([f"{LONG} one.", f"                 {LONG}"], 2),
        ([f"{LONG} one and", f"                 {LONG}"], 1),
    ],
    ids="one indented short-line hanging last-indented last-hanging".split(),
)
def test_a_paragraph_begins_where_a_line_is_set_in_or_the_one_before_had_room(lines: list[str], count: int) -> None:
    assert len(paragraphs(_lines(*lines))) == count


def test_larger_letters_are_a_paragraph_of_their_own() -> None:
    heading = Line("Harbour", 50, 110, 512, 14)
    assert paragraphs([heading, *_lines(f"{LONG} one", "two.")]) == ["Harbour", f"{LONG} one two."]
    assert headline([heading, *_lines(LONG)]) == "Harbour"
    assert headline([]) is None


def test_another_page_goes_on_with_the_sentence_or_begins_anew() -> None:
    """A sentence that has ended at the foot of a page ends its paragraph."""
    assert len(paragraphs([*_lines(LONG), *_lines("goes on.")])) == 1
    assert len(paragraphs([*_lines(f"{LONG}."), *_lines("A new one.")])) == 2


def test_heads_of_left_and_right_pages_are_left_out() -> None:
    """Each stands on every other page; a line that only one page has is text, and so is a repeated one further in."""
    pages = []
    for number in range(4):
        text = [f"Line {'abcd'[number]}{letter}" for letter in "stuvwx"]
        head = "Gazette" if number % 2 else "Lake news"
        pages.append(_lines(head, *text[:3], "Refrain", *text[3:], str(number + 7)))
    found = [[line.text for line in page] for page in without_furniture(pages)]
    assert found[1] == ["Line bs", "Line bt", "Line bu", "Refrain", "Line bv", "Line bw", "Line bx"]
    assert found[2] == [line.replace("Line b", "Line c") for line in found[1]]


def test_pages_that_are_all_the_same_are_not_emptied() -> None:
    """A file of copies has no other text."""
    assert without_furniture([_lines("One."), _lines("One.")]) == [_lines("One."), _lines("One.")]


def test_a_single_page_has_no_running_head() -> None:
    assert without_furniture([_lines("1", "One.", "1")]) == [_lines("1", "One.", "1")]
