"""The signs of a vector's numbers, a bit each: how many differ tells nearly which vectors are near.

Charikar, "Similarity estimation techniques from rounding algorithms", 2002: vectors at an angle a differ in
a / π of their signs. The nearest by that are ordered again by their signs and the numbers of the vector that is
searched for, which are rounded to a few bits so that they, too, are counted (Gao and Long, "RaBitQ", 2024,
arXiv:2405.12497). What is found so is scored exactly afterwards.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retrieval.vectors import Floats, Rows

Codes = npt.NDArray[np.uint64]  # shape (words of 64 bits, rows): a column a row, so that a word is scanned in one go
Table = tuple[Codes, int, Rows]  # codes, the number of the first row, columns that are left out, in ascending order
_Counts = npt.NDArray[np.uint16]

# Rows compared at a time: their distances and their codes stay in the processor's cache.
_BLOCK = 16_384
# Rows whose signs are looked at more closely, for each that is asked for: with fewer, some of the nearest are lost.
_NEAR = 4
_BITS = 4  # that are left of each number searched for: with more the order is hardly another


def signs(vectors: Floats) -> Codes:
    """The codes of some vectors, shape (dimensions / 64, rows)."""
    return _packed(vectors > 0)


def _packed(bits: npt.NDArray[np.bool_]) -> Codes:
    """Rows of bits as columns of words."""
    packed = np.packbits(bits, axis=1)
    padded = np.zeros((len(bits), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return np.ascontiguousarray(padded.view(np.uint64).T)


def nearest(tables: Sequence[Table], vector: Floats, count: int) -> Rows:
    """The rows whose codes are nearest to a vector, in ascending order.

    Every row that is estimated as near as the last of the ``count`` is among them, whatever the order.
    """
    near = _NEAR * count
    if sum(codes.shape[1] for codes, _, _ in tables) > near:
        rows = _least_different(tables, vector, near)
    else:
        rows = np.concatenate([without(codes.shape[1], left_out) + base for codes, base, left_out in tables])
    if len(rows) <= count:
        return rows
    estimates = _estimates(vector, _taken(tables, rows))
    return rows.take(np.flatnonzero(estimates >= np.partition(estimates, -count)[-count]))


def without(rows: int, left_out: Rows) -> Rows:
    """The numbers of so many rows but those left out."""
    every = np.arange(rows)
    return np.delete(every, left_out) if len(left_out) else every


def _least_different(tables: Sequence[Table], vector: Floats, count: int) -> Rows:
    """The rows whose codes differ least from a vector's, in ascending order.

    Every row that differs as little as the last of the ``count`` is among them, whatever the order.
    """
    wanted = signs(vector[np.newaxis])
    rows, distances = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint16)
    farthest = len(wanted) * 64
    for codes, base, left_out in tables:
        for start in range(0, codes.shape[1], _BLOCK):
            here = _counted(codes[:, start : start + _BLOCK] ^ wanted)
            first, behind = np.searchsorted(left_out, (start, start + len(here)))
            here[left_out[first:behind] - start] = np.iinfo(np.uint16).max
            near = np.flatnonzero(here <= farthest)
            rows, distances = np.concatenate((rows, near + (base + start))), np.concatenate((distances, here[near]))
            if len(rows) > 2 * count:
                farthest, rows, distances = _least(rows, distances, count)
    return _least(rows, distances, count)[1]


def _least(rows: Rows, distances: _Counts, count: int) -> tuple[int, Rows, _Counts]:
    """The distance up to which there are ``count`` rows, and those rows with theirs."""
    farthest = (
        int(np.partition(distances, count - 1)[count - 1]) if len(rows) > count else int(distances.max(initial=0))
    )
    near = np.flatnonzero(distances <= farthest)  # a mask of many, in no order, takes ten times as long
    return farthest, rows.take(near), distances.take(near)


def _counted(words: Codes) -> _Counts:
    """How many bits are set in each column; each word has 64 at most, so that three of them fit into a byte."""
    bits = np.bitwise_count(words)
    total = np.zeros(words.shape[1], dtype=np.uint16)
    for at in range(0, len(bits), 3):
        total += np.add.reduce(bits[at : at + 3], axis=0, dtype=np.uint8)
    return total


def _taken(tables: Sequence[Table], rows: Rows) -> Codes:
    """The codes of these rows, which are in ascending order."""
    bounds = np.searchsorted(rows, [base for _, base, _ in tables] + [rows[-1] + 1]).tolist()
    pieces = zip(tables, bounds, bounds[1:], strict=False)
    return np.concatenate(
        [codes.take(rows[begin:end] - base, axis=1) for (codes, base, _), begin, end in pieces if begin < end], axis=1
    )


def _estimates(vector: Floats, codes: Codes) -> npt.NDArray[np.int32]:
    """A number for each code that grows with the sum of the vector's numbers where the code's bits are set."""
    most = (1 << _BITS) - 1
    greatest = float(np.abs(vector).max()) or 1.0
    # A level stands for a number between the greatest and its opposite: 2 * level - most, in units that do not matter.
    levels = np.rint((vector / greatest + 1) * (most / 2)).astype(np.uint8)
    total = np.zeros(codes.shape[1], dtype=np.uint16)
    for bit in range(_BITS):
        plane = _packed((levels[np.newaxis] >> bit & 1).astype(bool))
        total += _counted(codes & plane) << bit
    return 2 * total.astype(np.int32) - most * _counted(codes).astype(np.int32)


def joined(tables: Sequence[Codes], kept: Sequence[npt.NDArray[np.bool_] | slice]) -> Codes:
    """One table of what is kept of several."""
    return np.concatenate([codes[:, keep] for codes, keep in zip(tables, kept, strict=True)], axis=1)
