"""The passages that are best for some words: BM25, exactly, without scoring every passage.

Turtle and Flood, "Query evaluation: strategies and optimizations", 1995 (MaxScore): rare terms first; once
the common ones that are left cannot lift another passage among the best, they are only looked up for those
that can still be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.index.segment import Segment
from retrieval.lexical import K1, saturated
from retrieval.vectors import Floats, Rows

# Sums of float32 differ in the last digits with the order of what is added.
_SLACK = 1e-4
# A list longer than this is not searched for its best: what is saved afterwards is less.
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some segments: ``bases`` are the numbers of their first rows, ``norms`` what lengths weigh.

    ``norms`` has one number a row, of all segments in turn.
    """

    segments: Sequence[Segment]
    bases: Sequence[int]
    norms: Floats

    def best(self, idfs: Mapping[int, float], total: Floats, *, count: int) -> Rows:
        """The ``count`` rows with the highest scores above zero; equal scores by row.

        ``total`` is 0 for each row that counts and minus infinity for the others; it is used up.
        """
        candidates = self._candidates(idfs, total, count=count)
        scores = self.scores(idfs, candidates)
        return candidates[np.argsort(-scores, kind="stable")][:count]

    def _candidates(self, idfs: Mapping[int, float], total: Floats, *, count: int) -> Rows:
        """Some rows, in order, among which the best are."""
        # The rarest first; of equally rare ones in the order of their numbers.
        terms = sorted(idfs, key=lambda term: (-idfs[term], term))
        rest = sum(idfs.values()) * (K1 + 1)  # what the terms that are left can add to a score at most
        held: list[Rows] = []
        least = 0.0
        for term in terms:
            if least * (1 - _SLACK) > rest:
                break
            rows = self._add(term, idfs[term], total)
            held.append(rows)
            rest -= idfs[term] * (K1 + 1)
            least = max(least, *(_least(total[rows], count) for rows in held))
        needed = least * (1 - _SLACK) - max(rest, 0.0)
        near = [rows[(totals >= needed) & (totals > 0)] for rows in held for totals in (total[rows],)]
        return np.unique(np.concatenate([*near, np.empty(0, dtype=np.int64)]))

    def _add(self, term: int, tells: float, total: Floats) -> Rows:
        """Add what a term is worth to the total of each row that holds it; those rows."""
        found = [np.empty(0, dtype=np.int64)]
        for segment, base in zip(self.segments, self.bases, strict=True):
            held, counts = segment.postings.of_term(term)
            rows = held.astype(np.int64) + base
            total[rows] += np.float32(tells) * saturated(counts.astype(np.float32), self.norms[rows])
            found.append(rows)
        return np.concatenate(found)

    def scores(self, idfs: Mapping[int, float], rows: Rows) -> Floats:
        """The BM25 score of these rows, which are in ascending order; the terms are added in their order."""
        total = np.zeros(len(rows), dtype=np.float32)
        bounds = np.searchsorted(rows, [*self.bases, len(self.norms)])
        for term in sorted(idfs):
            for at, (segment, base) in enumerate(zip(self.segments, self.bases, strict=True)):
                here = slice(int(bounds[at]), int(bounds[at + 1]))
                held, counts = segment.postings.of_term(term)
                if here.start == here.stop or not len(held):
                    continue
                local = (rows[here] - base).astype(np.uint32)
                places = np.minimum(np.searchsorted(held, local), len(held) - 1)
                found = np.where(held[places] == local, counts[places], 0).astype(np.float32)
                total[here] += np.float32(idfs[term]) * saturated(found, self.norms[rows[here]])
        return total

    def holding(self, term: int, starts: Rows, ends: Rows) -> Rows:
        """1 for each range of rows in which the term stands, else 0; no range crosses a segment."""
        holds = np.zeros(len(starts), dtype=np.int64)
        for segment, base in zip(self.segments, self.bases, strict=True):
            rows, _ = segment.postings.of_term(term)
            here = (starts >= base) & (starts < base + len(segment))
            if len(rows) and here.any():
                first, behind = (np.searchsorted(rows, (at[here] - base).astype(np.uint32)) for at in (starts, ends))
                holds[here] = behind > first
        return holds


def _least(totals: Floats, count: int) -> float:
    """What ``count`` rows have at least, as far as these rows can tell cheaply."""
    if not count <= len(totals) <= _LONGEST:
        return 0.0
    return float(np.partition(totals, len(totals) - count)[len(totals) - count])
