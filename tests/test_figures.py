"""Statistics, against numbers computed by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.figures import Figure, auroc, calibration_error, coverage_curve, estimate, rate


def test_auroc_by_hand() -> None:
    """Of four pairs, three are in order and one is tied: 3.5 / 4."""
    assert auroc([0.9, 0.5], [0.5, 0.1]) == 3.5 / 4
    assert auroc([0.9], [0.1]) == 1.0
    assert auroc([0.1], [0.9]) == 0.0
    assert auroc([], [0.1]) is auroc([0.1], []) is None


_SCORES = st.lists(st.sampled_from([0.0, 0.2, 0.5, 1.0]), min_size=1, max_size=20)


@given(_SCORES, _SCORES)
def test_auroc_is_the_share_of_pairs_in_order(positives: list[float], negatives: list[float]) -> None:
    """Ties count half."""
    pairs = [(p > n) + (p == n) / 2 for p, n in product(positives, negatives)]
    assert auroc(positives, negatives) == pytest.approx(sum(pairs) / len(pairs))


def test_calibration_error_by_hand() -> None:
    """Two answers at 0.8 of which one is right: off by 0.3; two at 0.1 of which none is: off by 0.1."""
    assert calibration_error([0.8, 0.8, 0.1, 0.1], [True, False, False, False]) == pytest.approx(0.2)
    assert calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert calibration_error([], []) is None


def test_an_interval_is_as_wide_as_theory_says() -> None:
    """The mean of 400 coin tosses: 1.96 standard errors of 0.025 on both sides."""
    found = rate([0.0, 1.0] * 200)
    assert found is not None
    assert found.value == 0.5
    assert [found.low, found.high] == pytest.approx([0.451, 0.549], abs=0.006)
    assert rate([0.0, 1.0] * 200) == found


def test_what_never_varies_has_no_width() -> None:
    """And nothing has no value."""
    assert rate([1.0] * 9) == Figure(1.0, 1.0, 1.0)
    assert rate([]) is None


def test_columns_are_drawn_together() -> None:
    """Two systems that differ by the same amount on each question differ by it in each sample."""
    one = np.array([0.1, 0.5, 0.9])
    found = estimate(lambda a, b: float((b - a).mean()), one, one + 0.25)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([0.25, 0.25])


def test_samples_without_a_value_are_left_out() -> None:
    """A sample that holds questions of one kind alone has no AUROC."""
    found = estimate(lambda sure, kind: auroc(sure[kind == 1], sure[kind == 0]), [0.9, 0.8, 0.1], [1, 1, 0])
    assert found == Figure(1.0, 1.0, 1.0)
    assert estimate(lambda sure, kind: auroc(sure[kind == 1], sure[kind == 0]), [0.9, 0.8], [1, 1]) is None


def test_the_curve_by_hand() -> None:
    """Right at 0.9, wrong and right at 0.5, wrong at 0.1."""
    points = coverage_curve([0.5, 0.9, 0.1, 0.5], [True, False, True, False])
    assert [(p.confidence, p.coverage) for p in points] == [(0.9, 0.25), (0.5, 0.75), (0.1, 1.0)]
    assert [p.error.value for p in points] == [0.0, pytest.approx(1 / 3), 0.5]
    assert all(p.error.low <= p.error.value <= p.error.high for p in points)
    assert points[0].error == Figure(0.0, 0.0, 0.0)
    assert coverage_curve([], []) == []


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans()), min_size=1, max_size=20))
def test_each_point_is_the_error_of_what_its_threshold_answers(answers: list[tuple[float, bool]]) -> None:
    """Ties included, and the last point answers everything."""
    points = coverage_curve([sure for sure, _ in answers], [wrong for _, wrong in answers])
    for point in points:
        answered = [wrong for sure, wrong in answers if sure >= point.confidence]
        assert point.coverage == pytest.approx(len(answered) / len(answers))
        assert point.error.value == pytest.approx(sum(answered) / len(answered))
    assert points[-1].coverage == 1.0


def test_a_long_curve_has_fifty_points() -> None:
    """At every second per cent of the questions."""
    points = coverage_curve(np.linspace(1, 0, 1_000), np.zeros(1_000))
    assert [p.coverage for p in points] == pytest.approx([n / 50 for n in range(1, 51)])
