"""The signs of a vector's numbers, a bit each: how many differ tells nearly which vectors are near.

Charikar, "Similarity estimation techniques from rounding algorithms", 2002: vectors at an angle a differ in
a / π of their signs. What is found so is scored exactly afterwards.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.vectors import Floats, Rows

Codes = npt.NDArray[np.uint64]  # shape (words of 64 bits, rows): a column a row, so that a word is scanned in one go
_Distances = npt.NDArray[np.uint16]

# Rows compared at a time: their distances and one word of their codes stay in the processor's cache.
_BLOCK = 16_384


def signs(vectors: Floats) -> Codes:
    """The codes of some vectors, shape (dimensions / 64, rows)."""
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.zeros((len(vectors), -(-bits.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : bits.shape[1]] = bits
    return np.ascontiguousarray(padded.view(np.uint64).T)


class Nearest:
    """The rows whose codes differ least from a vector's, of several tables of codes in turn.

    Every row that differs as little as the last of the ``count`` is among them, whatever the order.
    """

    def __init__(self, vector: Floats, count: int) -> None:
        self._wanted = signs(vector[np.newaxis])[:, 0]
        self._count = count
        self._distances: list[_Distances] = []
        self._rows: list[Rows] = []
        self._held = 0
        self._farthest = len(self._wanted) * 64

    def scan(self, codes: Codes, *, base: int, without: Rows | None) -> None:
        """Look through a table whose first row has the number ``base``; ``without`` are rows of it to leave out."""
        for start in range(0, codes.shape[1], _BLOCK):
            block = codes[:, start : start + _BLOCK]
            distances = self._compared(block)
            if without is not None:
                first, last = np.searchsorted(without, (start, start + block.shape[1]))
                distances[without[first:last] - start] = np.iinfo(np.uint16).max
            near = np.flatnonzero(distances <= self._farthest)
            self._take(distances[near], near + (base + start))

    def _compared(self, block: Codes) -> _Distances:
        total = np.zeros(block.shape[1], dtype=np.uint16)
        for word, wanted in zip(block, self._wanted, strict=True):
            total += np.bitwise_count(word ^ wanted)
        return total

    def _take(self, distances: _Distances, rows: Rows) -> None:
        self._distances.append(distances)
        self._rows.append(rows)
        self._held += len(rows)
        if self._held > 2 * self._count:
            self._prune()

    def _prune(self) -> None:
        distances, rows = np.concatenate(self._distances), np.concatenate(self._rows)
        if len(rows) > self._count:
            self._farthest = int(np.partition(distances, self._count - 1)[self._count - 1])
            near = distances <= self._farthest
            distances, rows = distances[near], rows[near]
        self._distances, self._rows, self._held = [distances], [rows], len(rows)

    def rows(self) -> Rows:
        """The rows found, in ascending order."""
        if not self._rows:
            return np.empty(0, dtype=np.int64)
        self._prune()
        return np.sort(self._rows[0])


def nearest(tables: Iterable[tuple[Codes, int, Rows | None]], vector: Floats, count: int) -> Rows:
    """The rows whose codes differ least, of (codes, number of the first row, rows left out) tables."""
    found = Nearest(vector, count)
    for codes, base, without in tables:
        found.scan(codes, base=base, without=without)
    return found.rows()


def joined(tables: Sequence[Codes], kept: Sequence[npt.NDArray[np.bool_] | slice]) -> Codes:
    """One table of what is kept of several."""
    return np.concatenate([codes[:, keep] for codes, keep in zip(tables, kept, strict=True)], axis=1)
