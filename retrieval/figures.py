"""Statistics of measured answers: intervals, AUROC, calibration, and what declining buys."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_RESAMPLES = 1_000  # of the bootstrap
_BINS = 10  # of the calibration error
_POINTS = 50  # of the curve, at most

Column = npt.NDArray[np.float64]
Numbers = Sequence[float] | Column


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """Were all questions answered whose confidence reaches this one: what share that is, and how many wrongly."""

    confidence: float
    coverage: float
    error: Figure


def estimate(statistic: Callable[..., float | None], *columns: Numbers) -> Figure | None:
    """A statistic of columns with a value a question, and its 95 % interval; None where it has no value.

    Percentile bootstrap (Efron and Tibshirani, 1993): the questions are drawn anew a thousand times,
    the same way each time, so that equal input gives equal intervals.
    """
    values = [np.asarray(column, dtype=np.float64) for column in columns]
    count = len(values[0])
    value = statistic(*values) if count else None
    if value is None:
        return None
    draws = np.random.default_rng(0)
    samples = (draws.integers(0, count, count) for _ in range(_RESAMPLES))
    drawn = [statistic(*(column[rows] for column in values)) for rows in samples]
    low, high = np.percentile([d for d in drawn if d is not None], [2.5, 97.5])
    return Figure(float(value), float(low), float(high))


def rate(hits: Numbers) -> Figure | None:
    """The mean of one value a question; None for no questions."""
    return estimate(np.mean, hits)


def auroc(positives: Numbers, negatives: Numbers) -> float | None:
    """The chance that a positive scores higher than a negative, ties counting half; None without both."""
    if not len(positives) or not len(negatives):
        return None
    high, low = np.asarray(positives), np.sort(negatives)
    below = np.searchsorted(low, high, side="left")
    upto = np.searchsorted(low, high, side="right")
    return float((below + upto).mean() / 2 / len(low))


def calibration_error(confidences: Numbers, right: Sequence[bool] | Column) -> float | None:
    """The expected calibration error over ten bins of equal width (Naeini et al., 2015)."""
    if not len(confidences):
        return None
    sure, hit = np.asarray(confidences), np.asarray(right, dtype=np.float64)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    # |sum of differences| of a bin is its size times the difference of its means.
    gaps = np.bincount(bins, weights=sure - hit, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(sure))


def coverage_curve(confidences: Numbers, wrong: Sequence[bool] | Column) -> list[Point]:
    """The error among the surest questions, from few of them to all, at most fifty points.

    The risk-coverage curve of selective prediction (El-Yaniv and Wiener, 2010). Questions of one
    confidence are answered together or not at all. Intervals are of the error at each threshold.
    """
    sure, miss = np.asarray(confidences), np.asarray(wrong, dtype=np.float64)
    if not len(sure):
        return []
    order = np.argsort(-sure, kind="stable")
    sure, miss = sure[order], miss[order]
    ends = np.append(np.flatnonzero(np.diff(sure)), len(sure) - 1)  # the last question of each confidence
    wanted = np.ceil(np.arange(1, _POINTS + 1) * len(sure) / _POINTS).astype(int) - 1
    ends = ends[np.unique(np.searchsorted(ends, wanted))]
    errors = np.array(list(_errors(miss, ends)))
    lows, highs = np.nanpercentile(errors[1:], [2.5, 97.5], axis=0)
    return [
        Point(float(sure[end]), float((end + 1) / len(sure)), Figure(float(value), float(low), float(high)))
        for end, value, low, high in zip(ends, errors[0], lows, highs, strict=True)
    ]


def _errors(miss: Column, ends: npt.NDArray[np.int64]) -> Iterator[Column]:
    """The error up to each end: of the questions as they are, then of each bootstrap sample."""
    draws = np.random.default_rng(0)
    count = len(miss)
    times = np.ones(count)
    for _ in range(_RESAMPLES + 1):
        with np.errstate(invalid="ignore"):  # a sample may hold none of the surest few
            yield (np.cumsum(times * miss)[ends]) / np.cumsum(times)[ends]
        times = np.bincount(draws.integers(0, count, count), minlength=count).astype(np.float64)
