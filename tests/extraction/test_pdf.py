"""A PDF becomes the text that a person reads in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import DamagedFile, LockedFile, PicturesOnly, UnreadableFile
from retrieval.extraction.pages import Page
from retrieval.extraction.pdf import read_pdf
from tests.made import Drawn, column, pdf

INFO = {"Title": "Ferry back in service", "Author": "Jane Roe", "CreationDate": "D:20240501120000Z"}
STORY = column(
    "The ferry over the lake sails again since Monday, the har-",
    "bour master said. It had been in the dock for five weeks.",
)


def _read(*pages: list[Drawn], **info: str) -> Page:
    (page,) = read_pdf(pdf(pages, info=info), name="ferry.pdf")
    return page


def test_lines_become_paragraphs() -> None:
    """A word that was divided is whole again, and a gap between lines ends a paragraph."""
    lines = column(
        "The ferry over the lake sails again since Monday, the har-",
        "bour master said. It had been in the dock for five weeks.",
        "",
        "Two of its engines are new.",
    )
    assert _read(lines).text == (
        "The ferry over the lake sails again since Monday, the harbour master said. "
        "It had been in the dock for five weeks.\n\nTwo of its engines are new."
    )


def test_a_page_break_within_a_sentence_does_not_break_it() -> None:
    """Page numbers and running heads do not come between, though each page has another number."""
    heads = [Drawn("The Lake Gazette", bottom=560), Drawn("Monday", left=330, bottom=560)]
    pages = [
        [*heads, *column(*lines), Drawn(f"Page {number} of 3", bottom=20)]
        for number, lines in enumerate(
            (
                ("The ferry over the lake sails again since Monday and",),
                ("it will not stop before the winter has come. Its crew is",),
                ("the same as before.",),
            ),
            start=1,
        )
    ]
    assert _read(*pages).text == (
        "The ferry over the lake sails again since Monday and it will not stop before the winter has come. "
        "Its crew is the same as before."
    )


def test_what_the_file_says_of_itself_is_taken_over() -> None:
    """The day on which it was made is not certain to be that of publication."""
    page = _read(STORY, **INFO)
    assert (page.title, page.author, page.dates) == ("Ferry back in service", "Jane Roe", (("2024-05-01", "file"),))


@pytest.mark.parametrize("title", ["Microsoft Word - ferry.docx", "untitled", "page1.indd", ""])
def test_a_files_name_is_no_headline(title: str) -> None:
    """Then the lines in the largest letters are."""
    lines = [Drawn("Ferry back", bottom=560, size=20), Drawn("in service", bottom=536, size=20), *STORY]
    page = _read(lines, Title=title)
    assert page.title == "Ferry back in service"
    assert page.text.startswith("Ferry back in service\n\nThe ferry over")
    assert (page.author, page.dates) == (None, ())


def test_letters_of_one_size_hold_no_headline() -> None:
    assert _read(STORY).title is None


def test_columns_are_read_one_after_the_other() -> None:
    """As the page was written."""
    left = column("The ferry sails again", "since Monday, and its", "crew is the same as")
    right = column("before. Its engines are", "new ones.", left=230)
    assert _read([*left, *right]).text == (
        "The ferry sails again since Monday, and its crew is the same as before. Its engines are new ones."
    )


def test_the_end_of_a_text_that_no_article_has_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over the limit is refused later, with a sentence of its own."""
    monkeypatch.setattr("retrieval.extraction.pdf._ENOUGH", 10)
    assert "again" not in _read(column("One page of text."), column("And again a page.")).text


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (pdf([STORY], is_locked=True), LockedFile, "ferry.pdf is locked with a password"),
        (pdf([STORY])[:60], DamagedFile, "ferry.pdf is damaged"),
        (b"<html>no PDF</html>", DamagedFile, "ferry.pdf is damaged"),
        (pdf([[], []]), PicturesOnly, "ferry.pdf holds pictures of pages, and no text"),
        (pdf([]), UnreadableFile, "ferry.pdf"),
    ],
    ids="locked truncated another-kind scanned no-pages".split(),
)
def test_what_cannot_be_read_is_told_in_a_sentence(content: bytes, kind: type[UnreadableFile], said: str) -> None:
    with pytest.raises(kind, match=said):
        read_pdf(content, name="ferry.pdf")


@given(st.lists(st.text(st.sampled_from("abc deé.-12"), max_size=30), max_size=12), st.integers(0, 60))
def test_the_same_file_gives_the_same_text_and_no_letter_is_lost(lines: list[str], step: int) -> None:
    """But for hyphens at line ends, all letters of a page are in its text, in their order."""
    drawn = [Drawn(line, bottom=560 - (number + 1) * (8 + step % 40)) for number, line in enumerate(lines)]
    content = pdf([[line for line in drawn if line.bottom > 0]])
    letters = re.sub(r"[\W_]", "", "".join(line.text for line in drawn if line.bottom > 0))
    try:
        found, again = read_pdf(content, name="a.pdf"), read_pdf(content, name="a.pdf")
    except PicturesOnly:
        assert not letters
        return
    assert found == again
    assert re.sub(r"[\W_]", "", found[0].text) == letters


def test_letters_that_stand_on_their_heads_are_read() -> None:
    """A font of a size below zero turns them over."""
    assert _read(column("The mayor is glad.", "So is the crew.", size=-1.0)).text.startswith("The mayor is glad.")


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e30])
def test_a_font_of_no_sensible_size_stops_nothing(size: float) -> None:
    """Whatever becomes of its words, the others are read."""
    assert "sails again" in _read([*STORY, *column("The mayor is glad.", top=200, size=size)]).text


def test_a_line_that_stands_nowhere_stops_nothing() -> None:
    """At a place beyond all numbers the boxes of its letters are none; a fuzzer wrote this file."""
    file = (
        b"%PDF\n1 0 obj<<///Pages 2 0 R>>endobj\n2 0 obj<</<<>>/Contents 5 0 R>>5 0 obj<<>>stream\n"
        b"Tf 5" + b"9" * 38 + b". Td(e)Tj endobj\ntrailer<</Root 1 0 R/>>"
    )
    assert [page.text for page in read_pdf(file, name="ferry.pdf")] == ["e"]
