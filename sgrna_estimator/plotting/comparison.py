"""Scores of a comparison, split by split, with their means."""

from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator.metrics.reported import find_metric
from sgrna_estimator.plotting.style import (
    BLUE,
    GREY,
    NARROW,
    VERMILION,
    figure_of,
    ink,
    legend_above,
    make_axes,
    points,
    room,
    unbox,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


_WIDTH = 6.4  # of a new figure, in inches
_NAMES_SHARE = 0.45  # of the width, that names of estimators take at most
_ROW = 0.42  # inches
_LINE_SPACING = 1.3
_SIZES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)  # of names, as shares of the usual size


class ComparedScores(Protocol):
    """What a comparison must have to be drawn; `ComparisonResult` has it."""

    @property
    def scores_(self) -> pd.DataFrame:
        """Scores: ``estimator``, ``split``, ``metric``, ``value``."""

    @property
    def splits_with_metric_(self) -> dict[str, list[int]]:
        """Numbers of the splits that have each metric."""

    @property
    def constant_(self) -> str:
        """Name of the constant predictor."""

    def summary(self, metric: str) -> pd.DataFrame:
        """Return a row for each estimator, best first, with mean and interval."""


class ComparisonDisplay:
    """The score of each estimator on each split, best estimator on top.

    Make it with `from_result`.

    Parameters
    ----------
    summary : DataFrame
        Rows of `ComparisonResult.summary` for one metric, in the order to show.
    scores : dict of str to ndarray of shape (n_splits,)
        Each estimator's score on each split that has the metric.
    metric : str
        Name of the metric.
    greater_is_better : bool
        Whether more of it is better.
    constant : str
        Name of the constant predictor.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Drawn on last.
    figure_ : matplotlib Figure
        Its figure.
    points_ : list of matplotlib PathCollection
        Scores of each estimator, a point for each split.
    intervals_ : list of matplotlib Line2D
        Corrected 95 % interval of each estimator's mean; a diamond is the mean.
    constant_line_ : matplotlib Line2D or None
        Mean of the constant predictor, where it has the metric.
    chance_line_ : matplotlib Line2D or None
        What predictions unrelated to the measurements have on average, for metrics that
        have such a value: 0 for correlations.

    See Also
    --------
    sgrna_estimator.compare_estimators : Makes what is shown.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sgrna_estimator import SequenceOneHotTransformer, compare_estimators
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.plotting import ComparisonDisplay
    >>> screen = make_guide_screen(n_guides=200, n_genes=20, random_state=0)
    >>> X = SequenceOneHotTransformer().fit_transform(screen.sequences)
    >>> result = compare_estimators(
    ...     {"ridge": Ridge(10)}, X, screen.target, groups=screen.groups, random_state=0
    ... )
    >>> display = ComparisonDisplay.from_result(result, metric="mse")
    >>> display.ax_.get_xlabel()
    'Mean squared error, held-out guides (less is better)'
    """

    def __init__(
        self,
        *,
        summary: pd.DataFrame,
        scores: dict[str, NDArray[np.float64]],
        metric: str,
        greater_is_better: bool,
        constant: str,
    ) -> None:
        self.summary = summary
        self.scores = scores
        self.metric = metric
        self.greater_is_better = greater_is_better
        self.constant = constant

    @classmethod
    def from_result(
        cls,
        result: ComparedScores,
        *,
        metric: str = "spearman",
        ax: "Axes | None" = None,
        points_kwargs: dict[str, Any] | None = None,
        intervals_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw what a comparison found.

        Parameters
        ----------
        result : ComparisonResult
            From `compare_estimators`.
        metric : str, default="spearman"
            What to show.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure,
            as high as the estimators need, by default.
        points_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.scatter`, which draws the splits.
        intervals_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.plot`, which draws means and intervals.

        Returns
        -------
        ComparisonDisplay

        Raises
        ------
        ValueError
            If there is no such metric.
        """
        summary = result.summary(metric)
        scores = result.scores_[
            (result.scores_["metric"] == metric)
            & result.scores_["split"].isin(result.splits_with_metric_[metric])
        ]
        display = cls(
            summary=summary,
            scores={
                name: scores.loc[scores["estimator"] == name, "value"].to_numpy()
                for name in summary["estimator"]
            },
            metric=metric,
            greater_is_better=find_metric(metric).greater_is_better,
            constant=result.constant_,
        )
        return display.plot(
            ax=ax, points_kwargs=points_kwargs, intervals_kwargs=intervals_kwargs
        )

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        points_kwargs: dict[str, Any] | None = None,
        intervals_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw a row for each estimator.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure,
            as high as the estimators need, by default.
        points_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.scatter`, which draws the splits.
        intervals_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.plot`, which draws means and intervals.

        Returns
        -------
        ComparisonDisplay
        """
        n_rows = len(self.summary)
        self.ax_ = ax = make_axes(ax, _WIDTH, 1.3 + _ROW * n_rows)
        self.figure_ = figure_of(ax)
        self._draw_rows(ax, points_kwargs or {}, intervals_kwargs or {})
        self.chance_line_ = self._draw_chance(ax)
        self._label(ax)
        handles = [self.points_[0], self.intervals_[0]]
        handles += [
            line
            for line in (self.chance_line_, self.constant_line_)
            if line is not None
        ]
        legend_above(ax, handles)
        return self

    def _draw_rows(
        self,
        ax: "Axes",
        points_kwargs: dict[str, Any],
        intervals_kwargs: dict[str, Any],
    ) -> None:
        self.points_, self.intervals_ = [], []
        self.constant_line_ = None
        for place, row in enumerate(self.summary.to_dict("records")):
            name = row["estimator"]
            scores = self.scores[name]
            points = ax.scatter(
                scores,
                np.full(len(scores), place + 0.2),  # beside the interval, not under it
                **{
                    "s": 26,
                    "color": BLUE,
                    "alpha": 0.5,
                    "linewidths": 0,
                    "label": "each split",
                    "zorder": 3,
                    **points_kwargs,
                },
            )
            (interval,) = ax.plot(
                [row["lower"], row["mean"], row["upper"]],
                [place] * 3,
                **{
                    "color": ink(),
                    "linewidth": 1.6,
                    "marker": "D",
                    "markersize": 5,
                    "markevery": [1],
                    "label": "mean, corrected 95 % interval",
                    "zorder": 4,
                    **intervals_kwargs,
                },
            )
            self.points_.append(points)
            self.intervals_.append(interval)
            if np.isnan(row["mean"]):
                why = "predictions" if len(scores) else "measurements"
                note = f"not defined: equal {why}"
                ax.annotate(
                    wrap(note, (1 - _NAMES_SHARE) * room(ax), "small"),
                    (0.02, place),
                    xycoords=("axes fraction", "data"),
                    va="center",
                    color=GREY,
                    style="italic",
                    fontsize="small",
                    backgroundcolor=ax.get_facecolor(),  # of lines behind it
                )
            elif name == self.constant:
                self.constant_line_ = ax.axvline(
                    row["mean"],
                    color=VERMILION,
                    linestyle="--",
                    linewidth=1.2,
                    label=f"{name} predictor",
                    zorder=1,
                )

    def _draw_chance(self, ax: "Axes") -> "Line2D | None":
        chance = find_metric(self.metric).chance
        if chance is None or self.summary["mean"].isna().all():
            return None
        return ax.axvline(
            chance,
            color=GREY,
            linewidth=1.2,
            label=f"{chance:g}: chance",
            zorder=1,
        )

    def _label(self, ax: "Axes") -> None:
        n_rows = len(self.summary)
        width = room(ax)
        row_height = ax.get_window_extent().height / ax.figure.dpi * 72 / n_rows
        # The largest letters that do not run into the row below.
        for share in _SIZES if width > NARROW else _SIZES[2:]:
            size = share * points("medium")
            names = [
                wrap(name, _NAMES_SHARE * width, size)
                for name in self.summary["estimator"]
            ]
            n_lines = max(name.count("\n") + 1 for name in names)
            if n_lines * size * _LINE_SPACING <= row_height:
                break
        # an estimator may have a dollar sign in its name: it is no formula
        ax.set_yticks(range(n_rows), names, fontsize=size, parse_math=False)
        ax.set_ylim(n_rows - 0.5, -0.5)
        unbox(ax, grid="x")
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        better = "more" if self.greater_is_better else "less"
        parts = [
            find_metric(self.metric).label,
            f"held-out guides ({better} is better)",
        ]
        label = ", ".join(parts)
        if "\n" in wrap(label, 0.9 * width):
            label = ",\n".join(wrap(part, 0.9 * width) for part in parts)
        # Flush with the axes' end, so that it may reach under the names.
        ax.set_xlabel(label, loc="right")
