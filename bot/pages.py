"""Cards as Discord markup, cut into pages that fit.

Nothing is cut in the middle of a sentence: what does not fit goes to a next page. Only a sentence
that is longer than a page goes on overleaf, from the border between two words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot import limits, markdown
from retrieval import ENGLISH, Block, Card, Entry, Language, Source, Words, said_in, say, visible

# How a piece is set off from the one before it.
Joint = Literal["line", "gap", "divider"]

_HEADING = 150
_TITLE = 80
_SMALL_PRINT = 240
# Addresses count towards the room of a message; a longer one is left to its button.
_ADDRESS = 300
# Of the 40 of a message; the rest is for buttons, two and their row for each text with a foot.
_COMPONENTS = 15
_MOST_PAGES = 99_999
_OVERLEAF = say("The text goes on on the next page.")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|\n+")
_WORD_END = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Marked-up text that stays together; ``block`` is the index of its block in the card.

    ``foot`` stands below it, and not in its block quote.
    """

    text: str
    joint: Joint
    block: int
    foot: str = ""

    @property
    def components(self) -> int:
        """How many components it takes at most: text, and with a foot that and a divider."""
        return 3 if self.foot else 1


@dataclass(frozen=True, slots=True)
class Page:
    """What one message shows of a card: a heading, pieces, and small print."""

    heading: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]

    @property
    def blocks(self) -> frozenset[int]:
        """The blocks of the card that are on this page."""
        return frozenset(piece.block for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class _Paper:
    """What pieces are written on: so many UTF-16 units a page, and the language of the words around what is quoted."""

    room: int
    language: Language


def pages_of(card: Card, *, budget: int, language: Language = ENGLISH) -> tuple[Page, ...]:
    """The card in pages of at most ``budget`` UTF-16 units each; there is at least one."""
    heading = markdown.heading(card.heading, _HEADING)
    notes = tuple(markdown.small(note, _SMALL_PRINT) for note in card.notes)
    overleaf = markdown.small(said_in(language, _OVERLEAF), _SMALL_PRINT)
    fixed = (heading, *notes, overleaf, page_mark(_MOST_PAGES, _MOST_PAGES, language))
    paper = _Paper(budget - sum(limits.units(line) + 1 for line in fixed), language)
    if card.tone == "list":
        return (Page(heading, _list_pieces(card.blocks, paper), notes),)
    pieces = [piece for index, block in enumerate(card.blocks) for piece in _pieces(index, block, paper)]
    filled = list(_filled(pieces, paper.room))
    return tuple(
        Page(heading, tuple(page), (overleaf, *notes) if _is_broken(page, following) else notes)
        for page, following in zip(filled, [*filled[1:], []], strict=True)
    )


def page_mark(page: int, last: int, language: Language) -> str:
    """Small print: which page of how many this is."""
    return markdown.small(said_in(language, say("Page {page} of {last}.", page=page, last=last)), _SMALL_PRINT)


def length(pieces: Sequence[Piece]) -> int:
    """UTF-16 units of the pieces with what joins them."""
    return sum(limits.units(piece.text) + limits.units(piece.foot) + 3 for piece in pieces)


def _filled(pieces: Sequence[Piece], room: int) -> Iterator[list[Piece]]:
    page: list[Piece] = []
    for piece in pieces:
        longer = [*page, piece]
        if page and (length(longer) > room or sum(p.components for p in longer) > _COMPONENTS):
            yield page
            page = []
        page.append(piece)
    yield page


def _is_broken(page: Sequence[Piece], following: Sequence[Piece]) -> bool:
    """Whether the last block of a page goes on on the next one."""
    return bool(page and following) and page[-1].block == following[0].block


def _pieces(index: int, block: Block, paper: _Paper) -> Iterator[Piece]:
    if isinstance(block, Words):
        joint: Joint = "line" if index == 0 else "gap"
        for start, end in _parts(block.text, paper.room - 3):
            yield Piece(markdown.escape(visible(block.text[start:end])), joint, index)
    elif isinstance(block, Entry):
        yield Piece("\n".join(_source_lines(block.source, paper.language, listed=True)), "line", index)
    else:
        joint = "gap" if index == 0 or block.source is None else "divider"
        source = "\n".join(_source_lines(block.source, paper.language)) if block.source else ""
        for start, end in _parts(block.text, paper.room - limits.units(source) - 3):
            focus = _within(block.focus, start, end)
            yield Piece(markdown.block_quote(block.text[start:end], focus), joint, index, source)


def _within(focus: tuple[int, int] | None, start: int, end: int) -> tuple[int, int] | None:
    """The part of a focus that falls into ``[start, end)``, counted from ``start``."""
    if focus is None or focus[1] <= start or focus[0] >= end:
        return None
    return max(focus[0], start) - start, min(focus[1], end) - start


def _parts(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Spans of the text that fit, in order, without the spaces between them."""
    start = 0
    while start < len(text):
        end = _longest(text, start, room)
        if end < len(text):
            end = _border(text, start, end)
        part = text[start:end]
        if part.strip():
            yield start + len(part) - len(part.lstrip()), start + len(part.rstrip())
        start = end


def _longest(text: str, start: int, room: int) -> int:
    """The largest end such that ``text[start:end]`` fits as a block quote; at least one character."""
    if limits.units(markdown.block_quote(text[start:], (0, 0))) <= room:
        return len(text)
    fits, too_far = start + 1, min(len(text), start + max(room, 1)) + 1
    while too_far - fits > 1:
        middle = (fits + too_far) // 2
        # Four more characters for the marks of a focus.
        if limits.units(markdown.block_quote(text[start:middle])) + 4 <= room:
            fits = middle
        else:
            too_far = middle
    return fits


def _border(text: str, start: int, end: int) -> int:
    """The last end of a sentence up to there, else of a word, else the place itself."""
    for border in (_SENTENCE_END, _WORD_END):
        ends = [match.end() for match in border.finditer(text, start, end + 1) if match.end() <= end]
        # The first third of a page is not filled for the sake of a short sentence at its beginning.
        if ends and ends[-1] - start >= (end - start) // 3:
            return ends[-1]
    return end


def _source_lines(
    source: Source, language: Language, *, title: int = _TITLE, linked: bool = True, listed: bool = False
) -> list[str]:
    """Title and small print; the number is ``[1]`` below a quote and ``1.`` in a list."""
    number = "" if source.number is None else f"{source.number}\\. " if listed else f"\\[{source.number}\\] "
    address = markdown.address(source.link, _ADDRESS) if linked else None
    name = markdown.inline(source.title, title)
    if address:
        name = markdown.link(source.title, address, title, word=said_in(language, say("source")))
    details = markdown.small(" · ".join(source.details), _SMALL_PRINT // 2)
    return [f"{number}{name}", details]


def _list_pieces(blocks: Sequence[Block], paper: _Paper) -> tuple[Piece, ...]:
    """The entries of a list, which stand on one page: in full if they fit, else with less about each."""
    pieces: list[Piece] = []
    for title, linked, lines in ((_TITLE, True, 2), (_TITLE, False, 2), (_TITLE // 2, False, 1)):
        pieces = []
        for index, block in enumerate(blocks):
            if isinstance(block, Entry):
                whole = _source_lines(block.source, paper.language, title=title, linked=linked, listed=True)
                text = "\n".join(whole[:lines])
            else:
                text = markdown.inline(block.text, _SMALL_PRINT)
            pieces.append(Piece(text, "line", index))
        if length(pieces) <= paper.room:
            break
    return tuple(pieces)
