"""Exact nearest neighbours."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from retrieval.vectors import best_rows, similarities


def _floats(values: list[float]) -> npt.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, -1.0]), max_size=40), st.integers(-1, 45))
def test_the_best_rows_are_those_of_a_full_sort(scores: list[float], count: int) -> None:
    """Ties are kept in the order of the rows, at the border too."""
    expected = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[: max(count, 0)]
    assert best_rows(_floats(scores), count).tolist() == expected


def test_similarities_are_cosines_of_unit_vectors() -> None:
    """The same direction gives 1, a right angle 0, the opposite -1."""
    matrix = np.array([[1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    assert similarities(matrix, _floats([1, 0])).tolist() == [1, 0, -1]
