"""The values that flow through Quoth: frozen, without behaviour that reads or writes anything.

Offsets count characters (Unicode code points) in the article's text as it was given, so that
``text[start:end]`` is the quoted text, always.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["added", "updated", "unchanged", "failed", "removed", "moved"]
Length = Literal["short", "medium", "long"]
Standing = Literal["found", "in another article", "altered", "not found"]


@dataclass(frozen=True, slots=True)
class Article:
    """What is known about an article; its text stays in the store until it is asked for."""

    id: str
    doc_id: str | None
    title: str
    source: str
    author: str
    published: str | None
    published_from: str
    url: str | None
    added: str
    characters: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see an article: whoever holds a label of every group; without groups everybody.

    What a label stands for is known to whoever gives them out; ``role:1`` and ``channel:2``, say.
    An empty group admits nobody.
    """

    groups: tuple[frozenset[str], ...] = ()

    def admits(self, labels: Collection[str]) -> bool:
        """Whether someone with these labels may see the article."""
        return all(not group.isdisjoint(labels) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Version:
    """What an article was until it was updated: its title and text, and the moment of the update (ISO 8601, UTC)."""

    title: str
    text: str
    until: str


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two versions differ, by sentences; ``before`` or ``after`` is empty where words came or went."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What an update changed, and when; ``notices`` are its new sentences that call themselves a correction."""

    at: str
    changes: tuple[Change, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the given text that is set aside: kept, shown by ``show``, never quoted."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact slice of an article: ``text == given_text[start:end]``.

    ``focus`` is the span of the one sentence in it that answers; ``score`` orders the quotes of one
    answer (higher is better); ``link`` opens the page at the quote, where the article has a URL;
    ``also_in`` are other articles with that sentence, such as an agency's story in several outlets.
    """

    article: Article
    start: int
    end: int
    text: str
    focus: tuple[int, int]
    score: float
    link: str | None
    also_in: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Where the time of one answer went."""

    embed: float
    search: float
    quote: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes that answer, best first; or none, with what came nearest and the reason."""

    question: str
    answered: bool
    confidence: float
    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...]
    reason: str | None
    ms: Milliseconds


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence of the article, word for word."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, places, times and numbers that the summarised article holds, as it writes them."""

    who: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """An article's own sentences, in its own order."""

    article: Article
    sentences: tuple[SummarySentence, ...]
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A sentence of an article, word for word, among those of others."""

    article: Article
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """Key points about a topic, by article; or none, and the reason."""

    about: str
    points: tuple[KeyPoint, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one article that was given to ``Library.add``; or of a feed that ``moved`` to another address.

    ``article`` is None where the status is ``failed`` or ``moved``; ``error`` is None unless it is ``failed``.
    ``set_aside`` are the marks of ``article``: what cleaning will not quote. ``note`` says what is not as one would
    expect, such as a text that is a feed's own copy. Of its ``passages``, so many were ``embedded`` for this: what
    did not change keeps its vectors. ``name`` is what the input calls something that failed.
    """

    status: Status
    article: Article | None
    error: str | None
    set_aside: tuple[Mark, ...] = ()
    note: str | None = None
    passages: int = 0
    embedded: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What adding would do with one article, and its text, empty where it cannot be read; nothing was stored."""

    added: Added
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that a library is subscribed to, and how it fares.

    Times are ISO 8601 in UTC; ``polled`` and ``next_poll`` are None before the first poll. ``failures`` counts
    the polls that failed since the last that did not, ``error`` is what the last one said; ``articles`` are
    those of the library that came from it.
    """

    url: str
    title: str
    added: str
    polled: str | None
    next_poll: str | None
    failures: int
    error: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class Reindexed:
    """How far a reindexing is: so many of so many articles are in the new index of the model.

    ``before`` is how many of them an earlier run, which was interrupted, had done.
    """

    model: str
    done: int
    total: int
    before: int


@dataclass(frozen=True, slots=True)
class Verification:
    """Where the words of a quote stand in a library.

    ``quote`` is the place they were found at or, where they were altered, the nearest passage;
    ``others`` are further articles that hold the same words.
    """

    standing: Standing
    quote: Quote | None
    others: tuple[Quote, ...] = ()
