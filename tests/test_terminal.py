"""Cards in a terminal."""

import re

from hypothesis import given
from hypothesis import strategies as st

from retrieval.cards import Card, Entry, Passage, Source, Words
from retrieval.terminal import render

_SOURCE = Source("A title", "https://paper.example/" + "long/" * 30, ("The Paper", "18 July 2018"), 1)


def _card(text: str, focus: tuple[int, int] | None = None) -> Card:
    passage = Passage(text, _SOURCE, "abcdef123456", 0, len(text), focus)
    return Card("answer", "Why?", (passage,), ("Quoted word for word from 1 article.",))


def test_a_card_reads_from_top_to_bottom() -> None:
    """Question, quote with a bar, source, note; an empty line between two parts."""
    lines = render(_card("Because it is so."), width=60).split("\n")
    assert lines == [
        "Why?",
        "",
        "  │ Because it is so.",
        "  [1] A title",
        "  The Paper · 18 July 2018",
        f"  {_SOURCE.link}",
        "",
        "Quoted word for word from 1 article.",
        "",
    ]


def test_lines_fit_the_terminal_but_addresses_stay_whole() -> None:
    """A terminal can open an address only in one piece."""
    shown = render(_card("word " * 200), width=50)
    assert all(len(line) <= 50 for line in shown.split("\n") if "https://" not in line)
    assert str(_SOURCE.link) in shown
    assert shown.count("word") == 200 + 2  # the note has two


def test_colour_is_for_terminals_only() -> None:
    assert "\x1b[" not in render(_card("Because.", (0, 4)))
    coloured = render(_card("Because. So.", (0, 8)), colour=True)
    assert "\x1b[1mBecause." in coloured


def test_an_article_cannot_drive_the_terminal() -> None:
    """Escape sequences in an article lose their escape."""
    assert "\x1b" not in render(_card("\x1b]0;title\x07\x1b[2J gone?"))
    assert "\x1b" not in render(Card("error", "\x1b[31mred", (Words("\x1b[2J"),), ("\x1b[2J",)))


def test_markup_of_the_library_is_not_obeyed() -> None:
    assert "[bold]x[/bold] :smile:" in render(_card("[bold]x[/bold] :smile:"))


def test_lists_and_own_words_have_no_bar() -> None:
    shown = render(Card("list", "2 articles", (Entry(_SOURCE), Words("one\ntwo"))))
    assert "│" not in shown
    assert "  1. A title\n" in shown
    assert "one\ntwo" in shown


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), st.integers(10, 200))
def test_no_character_of_a_quote_is_lost(text: str, width: int) -> None:
    shown = render(_card(text), width=width)
    quoted = re.sub(r"\s", "", "".join(line[4:] for line in shown.split("\n") if line.startswith("  │ ")))
    assert quoted == re.sub(r"\s", "", text)
