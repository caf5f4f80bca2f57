"""Exact nearest neighbours by cosine over one library's passage vectors."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

_Integer = TypeVar("_Integer", bound=np.integer)

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

NO_VECTORS: Floats = np.empty((0, 0), dtype=np.float32)


def cosines(matrix: Floats, vector: Floats, rows: Rows) -> Floats:
    """The cosine of each of these rows of the matrix; rows and vector have length 1.

    Each row's sum is made by itself, so that equal rows have equal cosines wherever they stand: a
    product of matrices rounds differently from block to block.
    """
    return np.asarray(np.einsum("ij,j->i", matrix.take(rows, axis=0), vector), dtype=np.float32)


def distinct(rows: npt.NDArray[_Integer]) -> npt.NDArray[_Integer]:
    """Ascending numbers without those that come again."""
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = rows[1:] != rows[:-1]
    return rows[is_new]


def best_rows(scores: Floats, count: int) -> Rows:
    """The rows of the ``count`` highest scores, highest first; equal scores in the order of the rows."""
    count = min(count, len(scores))
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    if count < len(scores):
        threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
        rows = np.flatnonzero(scores >= threshold)
    else:
        rows = np.arange(len(scores))
    order = np.argsort(-scores[rows], kind="stable")
    return np.asarray(rows[order][:count], dtype=np.int64)
