"""The pictures in docs/quality.md and docs/performance.md."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from retrieval.figures import Point

_COLOUR = "#1b6ca8"
_FIRST = 0.1  # of the questions: the error of fewer is mostly chance
_STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
}


def declining(curves: Mapping[str, Sequence[Point]], path: Path, *, threshold: float) -> None:
    """Error against coverage with its 95 % interval, a panel a set, a dot where the threshold stands; a PNG."""
    mpl.use("agg")
    shown = {name: [p for p in points if p.coverage >= _FIRST] for name, points in curves.items()}
    highest = max(100 * p.error.high for points in shown.values() for p in points)
    columns = min(2, len(shown))
    rows = math.ceil(len(shown) / columns)
    with mpl.rc_context(_STYLE):
        figure, panels = plt.subplots(
            rows,
            columns,
            figsize=(3.5 * columns, 2.5 * rows),
            sharex=True,
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        for axes in panels.flat[len(shown) :]:
            axes.set_visible(False)
        for axes, (name, points) in zip(panels.flat, shown.items(), strict=False):
            _panel(axes, points, threshold=threshold)
            # The limits last: ticks would widen them.
            axes.set(title=name, xticks=range(0, 101, 20), yticks=range(0, 101, 20), xlim=(0, 101), ylim=(0, highest))
        figure.supxlabel("questions answered, the surest first (%)", size="medium")
        figure.supylabel("of these answered wrongly (%)", size="medium")
        figure.savefig(path, dpi=110, metadata={"Software": None})
        plt.close(figure)


def _panel(axes: Axes, points: Sequence[Point], *, threshold: float) -> None:
    coverage, error, low, high = (
        [100 * share for share in shares]
        for shares in zip(*((p.coverage, p.error.value, p.error.low, p.error.high) for p in points), strict=True)
    )
    axes.fill_between(coverage, low, high, color=_COLOUR, alpha=0.15, linewidth=0)
    axes.plot(coverage, error, color=_COLOUR, linewidth=1.8)
    answered = sum(p.confidence >= threshold for p in points)
    if answered:
        axes.plot(coverage[answered - 1], error[answered - 1], "o", color=_COLOUR, markersize=6)


def growing(curves: Mapping[str, Sequence[tuple[int, float]]], path: Path) -> None:
    """Milliseconds against passages, both by powers of ten, a line a curve; a PNG."""
    mpl.use("agg")
    with mpl.rc_context(_STYLE):
        figure, axes = plt.subplots(figsize=(6.0, 3.6), layout="constrained")
        for name, curve in curves.items():
            axes.plot(*zip(*curve, strict=True), "o-", label=name, linewidth=1.8, markersize=4)
        axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="milliseconds")
        axes.legend(frameon=False)
        figure.savefig(path, dpi=110, metadata={"Software": None})
        plt.close(figure)
