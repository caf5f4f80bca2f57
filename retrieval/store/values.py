"""What goes into a store and what comes out of it."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, overload

from retrieval.records import Article, Audience, Feed, Mark, Version
from retrieval.text import Span

if TYPE_CHECKING:
    from retrieval.vectors import Floats


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to be stored: its sentences, its vectors, and the terms it is found by.

    ``vector`` has the shape (dimensions,), ``sentence_vectors`` (sentences, dimensions).
    """

    sentences: tuple[Span, ...]
    vector: "Floats"
    sentence_vectors: "Floats"
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indexed:
    """An article that is ready to be stored; ``model`` is the fingerprint of what made its vectors.

    ``at`` is the moment: until then stood what it replaces.
    """

    article: Article
    text: str
    marks: tuple[Mark, ...]
    passages: tuple[NewPassage, ...]
    model: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a store keeps of an article, to be brought to another; versions newest first."""

    indexed: Indexed
    versions: tuple[Version, ...]
    audience: Audience


@dataclass(frozen=True, slots=True)
class KeptFeed:
    """All that a store keeps of a feed: its validators, and (entry, article id, tries) of each known entry."""

    feed: Feed
    validators: tuple[str | None, str | None]
    entries: tuple[tuple[str, str | None, int], ...]


class Spans(Sequence[Span]):
    """Sentences as they are stored, pairs of little-endian 32-bit numbers: of most that are found none is read."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    def __iter__(self) -> Iterator[Span]:
        return map(_span, _PAIR.iter_unpack(self.packed))

    def __len__(self) -> int:
        return len(self.packed) // _PAIR.size

    @overload
    def __getitem__(self, at: int) -> Span: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Span, ...]: ...
    def __getitem__(self, at: int | slice) -> Span | tuple[Span, ...]:
        return tuple(self)[at]


_PAIR = struct.Struct("<II")
_span = partial(tuple.__new__, Span)  # of a pair; ``Span._make`` takes three times as long


def packed(pairs: Iterable[tuple[int, int]]) -> bytes:
    """Pairs of numbers, such as a passage's sentences, as they are stored; numpy reads them back without a loop."""
    return pairs.packed if isinstance(pairs, Spans) else b"".join(_PAIR.pack(*pair) for pair in pairs)


# Of these a question makes some hundred: frozen dataclasses would take three times as long.


class StoredPassage(NamedTuple):
    """A passage as it is read back; passages of one article are in the order of ``position``.

    ``sentence_vectors`` has the shape (sentences, dimensions); a search leaves it empty, and ``with_vectors``
    reads the few passages that matter anew.
    """

    id: int
    article_id: str
    position: int
    sentences: Sequence[Span]
    sentence_vectors: "Floats"


class Candidate(NamedTuple):
    """A passage that a search found, with both of its scores, and how well its whole article fits.

    ``article_cosine`` is the mean cosine of the article's passages; ``article_covered`` the share of
    the terms, weighted by idf, that stand anywhere in it; ``published`` its date, empty where it has none.
    """

    passage: StoredPassage
    cosine: float
    bm25: float
    article_cosine: float = 0.0
    article_covered: float = 0.0
    published: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of one search, in no promised order, and how much each asked term tells."""

    candidates: tuple[Candidate, ...]
    idf: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class AllBut:
    """All articles but these: few are hidden from somebody, and a set of all others would be long."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """An unfinished index beside the one that answers: of which model, and which articles it lacks."""

    model: str
    done: int
    lacking: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.done + len(self.lacking)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of a folder as it was read: what changes when it does, and the articles that it held."""

    stamp: str
    article_ids: tuple[str, ...]
