"""The passages that are best for some words: BM25, exactly, without scoring every passage.

Turtle and Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore): rare terms first; once
the common ones that are left cannot lift another passage among the best, they are only looked up for those
that can still be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.index.postings import Counts, Terms
from retrieval.index.segment import Segment
from retrieval.lexical import K1, saturated, summed
from retrieval.vectors import Floats, Rows

# Sums of float32 differ in the last digits with the order of what is added.
_SLACK = 1e-4
# So many rows of a list are looked at for how good its best are at least.
_LONGEST = 100_000
# To look a row up takes as long as to add to so many.
_LOOKED_UP = 20

# Of a term the rows that hold it and how often, of each segment in turn.
_Lists = Sequence[tuple[Terms, Counts]]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some segments: ``bases`` are the numbers of their first rows, ``norms`` what lengths weigh.

    ``norms`` has one number a row, of all segments in turn.
    """

    segments: Sequence[Segment]
    bases: Sequence[int]
    norms: Floats

    def asked(self, idfs: Mapping[int, float]) -> "Asked":
        """What there is of some terms, each of which tells so much."""
        lists = {term: [segment.postings.of_term(term) for segment in self.segments] for term in sorted(idfs)}
        return Asked(self, idfs, lists)


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of one question, in the order of their numbers: how much each tells, and where it stands."""

    words: Words
    idfs: Mapping[int, float]
    lists: Mapping[int, _Lists]

    def best(self, total: Floats, *, count: int) -> Rows:
        """The ``count`` rows with the highest scores above zero, in no order; of equal scores the first rows.

        ``total`` is 0 for each row that counts and minus infinity for the others; it is used up.
        """
        candidates = self._candidates(total, count=count)
        if len(candidates) <= count:
            return candidates
        return candidates[np.argsort(-self.scores(candidates), kind="stable")][:count]

    def _candidates(self, total: Floats, *, count: int) -> Rows:
        """Some rows, in order, among which the best are."""
        # The rarest first; of equally rare ones in the order of their numbers.
        terms = sorted(self.idfs, key=lambda term: (-self.idfs[term], term))
        rest = sum(self.idfs.values()) * (K1 + 1)  # what the terms that are left can add to a score at most
        least = 0.0
        for term in terms:
            if least * (1 - _SLACK) > rest:
                near = _near(total, count, least=least, rest=rest)
                if _LOOKED_UP * len(near) <= sum(len(rows) for rows, _ in self.lists[term]):
                    return near
            rest -= self.idfs[term] * (K1 + 1)
            for totals in self._added(term, total):
                least = max(least, _least(totals[:_LONGEST], count))
        return _near(total, count, least=least, rest=0.0)

    def _added(self, term: int, total: Floats) -> Iterator[Floats]:
        """Add what a term is worth to the total of each row that holds it; their totals, a segment at a time."""
        words, tells = self.words, np.float32(self.idfs[term])
        for segment, base, (rows, counts) in zip(words.segments, words.bases, self.lists[term], strict=True):
            if not len(rows):
                continue
            own, norms = total[base : base + len(segment)], words.norms[base : base + len(segment)]
            totals = own[rows] + tells * saturated(counts.astype(np.float32), norms[rows])
            own[rows] = totals
            yield totals

    def scores(self, rows: Rows) -> Floats:
        """The BM25 score of these rows, which are in ascending order; the terms are added in their order."""
        words = self.words
        total = np.zeros(len(rows), dtype=np.float32)
        bounds = np.searchsorted(rows, [*words.bases, len(words.norms)]).tolist()
        for at, base in enumerate(words.bases):
            here = rows[bounds[at] : bounds[at + 1]]
            if len(here) and self.lists:
                local = (here - base).astype(np.uint32)
                counts = np.stack([_times(*lists[at], local) for lists in self.lists.values()], dtype=np.float32)
                tell = [self.idfs[term] for term in self.lists]
                total[bounds[at] : bounds[at + 1]] = summed(tell, counts, words.norms[here])
        return total

    def covered(self, starts: Rows, ends: Rows) -> npt.NDArray[np.float64]:
        """For each range of rows how much the terms that stand in it tell, together; no range crosses a segment."""
        words = self.words
        told = np.zeros(len(starts))
        bounds = np.searchsorted(starts, [*words.bases, len(words.norms)]).tolist()
        for at, base in enumerate(words.bases):
            here = slice(bounds[at], bounds[at + 1])
            local = (np.stack((starts[here], ends[here])) - base).astype(np.uint32)
            for term, lists in self.lists.items():
                first, behind = lists[at][0].searchsorted(local)
                told[here] += self.idfs[term] * (behind > first)
        return told


def _times(held: Terms, counts: Counts, rows: Terms) -> Counts:
    """How often each of these rows holds a term that stands in the rows ``held``."""
    if not len(held):
        return np.zeros(len(rows), dtype=np.uint8)
    places = held.searchsorted(rows)
    places[places == len(held)] = 0
    return np.where(held[places] == rows, counts[places], np.uint8(0))


def _near(total: Floats, count: int, *, least: float, rest: float) -> Rows:
    """The rows that may be among the best, to each of which at most ``rest`` is to be added yet.

    ``count`` of them have ``least`` at least.
    """
    needed = least * (1 - _SLACK) - rest
    rows = np.flatnonzero(total >= needed if needed > 0 else total > 0)
    totals = total.take(rows)
    return rows.take(np.flatnonzero(totals >= _least(totals, count) * (1 - _SLACK) - rest))


def _least(totals: Floats, count: int) -> float:
    """What ``count`` of these rows have at least; 0 where they are fewer."""
    return float(np.partition(totals, -count)[-count]) if len(totals) >= count else 0.0
