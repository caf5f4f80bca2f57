"""BM25 over the passages of one library.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the
idf that cannot become negative (Lucene's). k1 and b are the values that most engines ship.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

K1 = 1.2
B = 0.75

Floats = npt.NDArray[np.float32]
TermCounts = npt.NDArray[np.uint32]


def idf(documents: int, frequency: int) -> float:
    """How much a term tells that ``frequency`` of ``documents`` hold."""
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def weight(count: Floats, length: Floats, average: float) -> Floats:
    """BM25's saturating term weight, before idf, element by element."""
    return np.asarray(count * (K1 + 1) / (count + K1 * (1 - B + B * length / average)), dtype=np.float32)


class LexicalIndex:
    """Which passages hold which terms, inverted: an immutable snapshot.

    Built from one array a passage of (term id, count) pairs, shape (terms, 2).
    """

    def __init__(self, passages: Sequence[TermCounts]) -> None:
        sizes = np.array([len(p) for p in passages], dtype=np.int64)
        pairs = np.concatenate(passages) if passages else np.empty((0, 2), dtype=np.uint32)
        rows = np.repeat(np.arange(len(passages)), sizes)
        order = np.argsort(pairs[:, 0], kind="stable")
        self._rows = rows[order]
        self._counts = pairs[order, 1].astype(np.float32)
        self._terms, first = np.unique(pairs[order, 0], return_index=True)
        self._bounds = np.append(first, len(pairs))
        self._lengths = np.bincount(rows, weights=pairs[:, 1], minlength=len(passages)).astype(np.float32)
        self._average = float(self._lengths.mean()) if len(passages) else 1.0
        self.passages = len(passages)

    def _postings(self, term: int) -> slice:
        at = int(np.searchsorted(self._terms, term))
        if at == len(self._terms) or self._terms[at] != term:
            return slice(0, 0)
        return slice(int(self._bounds[at]), int(self._bounds[at + 1]))

    def idf(self, term: int) -> float:
        """The term's weight in this library; the highest for a term that no passage holds."""
        postings = self._postings(term)
        return idf(self.passages, postings.stop - postings.start)

    def scores(self, terms: Iterable[int]) -> Floats:
        """The BM25 score of every passage for the given term ids, shape (passages,)."""
        total = np.zeros(self.passages, dtype=np.float32)
        for term in sorted(set(terms)):
            postings = self._postings(term)
            rows = self._rows[postings]
            total[rows] += self.idf(term) * weight(self._counts[postings], self._lengths[rows], self._average)
        return total

    def covered(self, terms: Iterable[int], groups: npt.NDArray[np.int64]) -> Floats:
        """The share of the terms, weighted by idf, that stand somewhere in each group of passages.

        ``groups`` numbers each passage's group from 0, shape (passages,); the result has one number a
        group.
        """
        total = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.float32)
        wanted = {term: self.idf(term) for term in sorted(set(terms))}
        for term, tells in wanted.items():
            total[np.unique(groups[self._rows[self._postings(term)]])] += tells
        return total / (sum(wanted.values()) or 1.0)


def sentence_scores(question: Iterable[str], sentences: Sequence[Sequence[str]], idfs: Mapping[str, float]) -> Floats:
    """The BM25 score of each of a few sentences, with the library's idf, shape (sentences,)."""
    wanted = sorted(set(question))
    lengths = np.array([len(s) for s in sentences], dtype=np.float32)
    average = float(lengths.mean()) if len(sentences) else 1.0
    total = np.zeros(len(sentences), dtype=np.float32)
    for term in wanted:
        counts = np.array([s.count(term) for s in sentences], dtype=np.float32)
        total += idfs.get(term, 0.0) * weight(counts, lengths, max(average, 1.0))
    return total
