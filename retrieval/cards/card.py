"""The card itself: plain values, and the words of articles exactly as they are stored."""

from dataclasses import dataclass
from typing import Literal

from retrieval.records import Length

Tone = Literal["answer", "nothing", "summary", "list", "context", "notice", "error"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where words come from: a number if there are several, a title, its address, and the small print."""

    title: str
    link: str | None
    details: tuple[str, ...]
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of an article, exactly as stored; ``focus`` is the part of ``text`` that matters most."""

    text: str
    source: Source | None
    article: str
    start: int
    end: int
    focus: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Words of Quoth's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in a list."""

    source: Source


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Opens an address; ``block`` is the index of the block it belongs to, None for the whole card."""

    label: str
    url: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class ShowContext:
    """Shows the words around ``text``, which is ``[start, end)`` of an article."""

    label: str
    article: str
    start: int
    end: int
    text: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Summarise:
    """Shows a summary of an article in another length."""

    label: str
    article: str
    length: Length
    block: int | None = None


@dataclass(frozen=True, slots=True)
class ChooseArticle:
    """Offers articles to summarise: ``(title, article id)`` pairs."""

    label: str
    choices: tuple[tuple[str, str], ...]
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """Tells whether the words of these passages still stand where they were quoted from."""

    label: str
    passages: tuple[Passage, ...]
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Respond:
    """Does something about an answer, which whoever shows the card knows by ``answer``."""

    label: str
    does: Literal["more", "nearest", "helpful", "not helpful", "tell", "share", "forget", "remove", "unwatch"]
    answer: str
    block: int | None = None


Block = Passage | Words | Entry
Action = OpenLink | ShowContext | Summarise | ChooseArticle | Verify | Respond


@dataclass(frozen=True, slots=True)
class Card:
    """A heading, the blocks in reading order, closing notes, and what the reader can do next."""

    tone: Tone
    heading: str
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
