"""What a prior brought: scores against the number of own guides, with and without it."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from sgrna_estimator.metrics.reported import find_metric
from sgrna_estimator.plotting.style import (
    BLUE,
    GREEN,
    GREY,
    NARROW,
    ORANGE,
    VERMILION,
    figure_of,
    legend_above,
    make_axes,
    points,
    room,
    tall,
    unbox,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colour and marker of each curve: they are told apart without colours, too.
_STYLES = [(VERMILION, "o"), (BLUE, "D"), (GREEN, "s"), (ORANGE, "^")]
# Curves stand side by side, by this share of the axis, so that intervals do not cover each
# other.
_DODGE = 0.02
_MARGIN = 1.25  # of the axis, as a factor


class PriorGainDisplay:
    """Scores against the number of own training guides, with and without a prior.

    Make it with `from_summary`. Where the curve from scratch reaches the other is how
    many guides have to be measured to do without the prior.

    Parameters
    ----------
    summary : DataFrame
        A row for each ``estimator`` and ``size``, with ``mean``, ``lower`` and ``upper``,
        as `summarise_learning_curve` returns it. An estimator of size 0 has seen no own
        guides, and is a horizontal line.
    metric : str, default="spearman"
        What the scores are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Drawn on last.
    figure_ : matplotlib Figure
        Its figure.
    curves_ : dict of str to matplotlib ErrorbarContainer
        Means and intervals, by estimator.
    lines_ : dict of str to matplotlib Line2D
        Of the estimators that have seen no own guides.
    bands_ : dict of str to matplotlib Rectangle
        Their intervals.

    See Also
    --------
    sgrna_estimator.learning_curve : Makes what is shown.

    Examples
    --------
    >>> import pandas as pd
    >>> from sgrna_estimator.plotting import PriorGainDisplay
    >>> summary = pd.DataFrame(
    ...     {
    ...         "estimator": ["prior", "scratch", "scratch"],
    ...         "size": [0, 100, 200],
    ...         "mean": [0.4, 0.3, 0.5],
    ...         "lower": [0.3, 0.2, 0.4],
    ...         "upper": [0.5, 0.4, 0.6],
    ...     }
    ... )
    >>> display = PriorGainDisplay.from_summary(summary)
    >>> display.ax_.get_xlabel()
    'Own training guides'
    """

    def __init__(self, *, summary: pd.DataFrame, metric: str = "spearman") -> None:
        self.summary = summary
        self.metric = metric

    @classmethod
    def from_summary(
        cls,
        summary: pd.DataFrame,
        *,
        metric: str = "spearman",
        ax: "Axes | None" = None,
        curve_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw a learning curve.

        Parameters
        ----------
        summary : DataFrame
            From `summarise_learning_curve`.
        metric : str, default="spearman"
            What the scores are.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        curve_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.errorbar`.

        Returns
        -------
        PriorGainDisplay

        Raises
        ------
        ValueError
            If there is nothing of own guides to draw.
        """
        display = cls(summary=summary, metric=metric)
        return display.plot(ax, curve_kwargs=curve_kwargs)

    def plot(
        self, ax: "Axes | None" = None, *, curve_kwargs: dict[str, Any] | None = None
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        curve_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.errorbar`.

        Returns
        -------
        PriorGainDisplay

        Raises
        ------
        ValueError
            If there is nothing of own guides to draw.
        """
        learnt = self.summary[self.summary["size"] > 0]
        if learnt.empty:
            raise ValueError("summary has no row of a size above 0: nothing was learnt")
        self.ax_ = ax = make_axes(ax, 5.0, 3.4)
        self.figure_ = figure_of(ax)
        self._draw_as_they_are(ax)
        self._draw_curves(ax, learnt, curve_kwargs or {})
        self._label(ax, np.unique(learnt["size"]))
        handles: list[Any] = [*self.curves_.values(), *self.lines_.values()]
        legend_above(ax, handles, title="means, corrected 95 % intervals")
        return self

    def _draw_as_they_are(self, ax: "Axes") -> None:
        self.lines_, self.bands_ = {}, {}
        for row in self.summary[self.summary["size"] == 0].to_dict("records"):
            name = row["estimator"]
            self.bands_[name] = ax.axhspan(
                row["lower"], row["upper"], color=GREY, alpha=0.15, linewidth=0
            )
            self.lines_[name] = ax.axhline(
                row["mean"],
                color=GREY,
                linestyle="--",
                linewidth=1.4,
                label=f"{name}, as it is",
            )

    def _draw_curves(
        self, ax: "Axes", learnt: pd.DataFrame, curve_kwargs: dict[str, Any]
    ) -> None:
        self.curves_ = {}
        curves = list(learnt.groupby("estimator", sort=False))
        span = _MARGIN**2 * learnt["size"].max() / learnt["size"].min()
        for place, (name, curve) in enumerate(curves):
            colour, marker = _STYLES[place % len(_STYLES)]
            curve = curve.sort_values("size")
            mean = curve["mean"]
            aside = _DODGE * (place - (len(curves) - 1) / 2)
            self.curves_[str(name)] = ax.errorbar(
                curve["size"] * span**aside,
                mean,
                # Lists, because matplotlib takes an array of one value for that value.
                yerr=[
                    (mean - curve["lower"]).tolist(),
                    (curve["upper"] - mean).tolist(),
                ],
                **{
                    "color": colour,
                    "marker": marker,
                    "markersize": 5,
                    "linewidth": 1.6,
                    "elinewidth": 1.0,
                    "label": name,
                    **curve_kwargs,
                },
            )

    def _label(self, ax: "Axes", sizes: np.ndarray) -> None:
        from matplotlib.ticker import NullLocator

        ax.set_xscale("log")
        ax.set_xlim(sizes[0] / _MARGIN, sizes[-1] * _MARGIN)
        ax.xaxis.set_minor_locator(NullLocator())
        size = points("medium" if room(ax) > NARROW else "small")
        ax.set_xticks(sizes, [f"{each:,}" for each in sizes], fontsize=size)
        ax.set_xlabel("Own training guides")
        ax.set_ylabel(wrap(find_metric(self.metric).label, tall(ax)))
        unbox(ax, grid="y")
