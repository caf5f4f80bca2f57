"""Exact nearest neighbours."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from retrieval.vectors import best_rows, cosines


def _floats(values: list[float]) -> npt.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, -1.0]), max_size=40), st.integers(-1, 45))
def test_the_best_rows_are_those_of_a_full_sort(scores: list[float], count: int) -> None:
    """Ties are kept in the order of the rows, at the border too."""
    expected = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[: max(count, 0)]
    assert best_rows(_floats(scores), count).tolist() == expected


def test_cosines_are_those_of_unit_vectors() -> None:
    """The same direction gives 1, a right angle 0, the opposite -1; of the rows that are asked for."""
    matrix = np.array([[1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    assert cosines(matrix, _floats([1, 0]), np.array([0, 1, 2])).tolist() == [1, 0, -1]
    assert cosines(matrix, _floats([1, 0]), np.array([2, 0])).tolist() == [-1, 1]


def test_equal_rows_have_equal_cosines() -> None:
    """To the last bit, wherever they stand and whatever stands beside them: ties are settled by the row."""
    random = np.random.default_rng(1)
    row, vector = random.standard_normal((2, 384)).astype(np.float32)
    for size in (1, 7, 100):
        matrix = random.standard_normal((size + 1, 384)).astype(np.float32)
        matrix[size // 2] = row
        places = np.arange(size // 2, size + 1)
        assert cosines(matrix, vector, places)[0] == cosines(row[np.newaxis], vector, np.array([0]))[0]
