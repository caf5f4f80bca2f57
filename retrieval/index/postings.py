"""Which rows hold a term, and how often: an inverted list a term, one behind the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from retrieval.vectors import Rows, distinct

Terms = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
_NEAR = 2  # rows before and behind
_MOST = 255  # times that a term is counted in a passage; BM25 tells no more apart


@dataclass(frozen=True, slots=True)
class Postings:
    """Term ``terms[i]`` stands in the rows ``rows[bounds[i]:bounds[i + 1]]``, ascending, ``counts`` times in each."""

    terms: Terms
    bounds: npt.NDArray[np.int64]
    rows: Terms
    counts: Counts

    @classmethod
    def of(cls, passages: Sequence[Terms]) -> Self:
        """From one array a passage of (term id, count) pairs, shape (terms, 2)."""
        sizes = [len(passage) for passage in passages]
        pairs = np.concatenate([*passages, np.empty((0, 2), dtype=np.uint32)])
        order = np.argsort(pairs[:, 0], kind="stable")
        terms, first = np.unique(pairs[order, 0], return_index=True)
        rows = np.repeat(np.arange(len(passages), dtype=np.uint32), sizes)[order]
        counts = np.minimum(pairs[order, 1], _MOST).astype(np.uint8)
        return cls(terms, np.append(first, len(pairs)).astype(np.int64), rows, counts)

    @classmethod
    def read(cls, read: Mapping[str, npt.NDArray[Any]]) -> Self:
        """From what ``arrays`` gave."""
        return cls(read["terms"], read["bounds"], read["rows"], read["counts"])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """By name, to be written."""
        return {"terms": self.terms, "bounds": self.bounds, "rows": self.rows, "counts": self.counts}

    def of_term(self, term: int) -> tuple[Terms, Counts]:
        """The rows that hold the term, and how often."""
        at = int(self.terms.searchsorted(np.uint32(max(0, term))))
        if at == len(self.terms) or self.terms[at] != term:
            return self.rows[:0], self.counts[:0]
        here = slice(int(self.bounds[at]), int(self.bounds[at + 1]))
        return self.rows[here], self.counts[here]

    def without(self, kept: Flags) -> "Postings":
        """The postings of the rows that are kept, which are numbered anew."""
        stays = kept[self.rows]
        numbers = (np.cumsum(kept) - 1).astype(np.uint32)
        left = np.concatenate(([0], np.cumsum(stays)))[self.bounds]
        held = np.diff(left) > 0
        bounds = np.append(left[:-1][held], left[-1])
        return Postings(self.terms[held], bounds, numbers[self.rows[stays]], self.counts[stays])


def together(lists: Sequence[Terms], starts: Rows) -> Rows:
    """The articles in which rows of all lists stand near one of the first, which is best the shortest.

    ``starts`` are the first rows of the articles, and the row behind the last; at least one list is given.
    """
    rows = lists[0].astype(np.int64)
    articles = starts.searchsorted(rows, side="right") - 1
    first = np.maximum(rows - _NEAR, starts[articles]).astype(np.uint32)
    behind = np.minimum(rows + _NEAR + 1, starts[articles + 1]).astype(np.uint32)
    for held in lists[1:]:
        stays = np.flatnonzero(held.searchsorted(behind) > held.searchsorted(first))
        articles, first, behind = articles[stays], first[stays], behind[stays]
    return distinct(articles)


def joined(parts: Sequence[Postings], bases: Sequence[int]) -> Postings:
    """The postings of several segments as those of one; ``bases`` are the numbers that their first rows get."""
    terms = np.unique(np.concatenate([part.terms for part in parts]))
    places = [np.searchsorted(terms, part.terms) for part in parts]
    sizes = np.zeros(len(terms), dtype=np.int64)
    for part, at in zip(parts, places, strict=True):
        sizes[at] += np.diff(part.bounds)
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    rows, counts = np.empty(bounds[-1], dtype=np.uint32), np.empty(bounds[-1], dtype=np.uint8)
    filled = bounds[:-1].copy()
    for part, at, base in zip(parts, places, bases, strict=True):
        own = np.diff(part.bounds)
        to = np.repeat(filled[at] - part.bounds[:-1], own) + np.arange(len(part.rows))
        rows[to] = part.rows + np.uint32(base)
        counts[to] = part.counts
        filled[at] += own
    return Postings(terms, bounds, rows, counts)
