"""Measured activities of guides against predicted ones."""

from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sgrna_estimator.metrics.correlations import check_pair, spearman_score
from sgrna_estimator.plotting.style import (
    BLUE,
    VERMILION,
    figure_of,
    legend_above,
    make_axes,
    room,
    tall,
    unbox,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection, PolyCollection
    from matplotlib.colorbar import Colorbar


_MOST_POINTS = 1000  # more of them hide each other
_MARGIN = 0.05  # of the range, around all guides
# Single guides are quiet, crowds are dark.
_COUNT_COLOURS = ("#d9e2ea", BLUE, "#08243b")


class ComparedPredictions(Protocol):
    """What a comparison must have to be drawn; `ComparisonResult` has it."""

    @property
    def scores_(self) -> pd.DataFrame:
        """Scores, with the column ``estimator``."""

    @property
    def predictions_(self) -> pd.DataFrame:
        """Out-of-fold predictions: ``y``, ``repeat``, a column for each estimator."""

    @property
    def splits_with_metric_(self) -> dict[str, list[int]]:
        """Numbers of the splits that have each metric."""

    def summary(self, metric: str) -> pd.DataFrame:
        """Return a row for each estimator, with its mean over splits."""


class ObservedVsPredictedDisplay:
    """Observed against predicted activity: points, or counts where they crowd.

    Make it with `from_result`, which shows predictions of held-out guides, with
    `from_predictions` or with `from_estimator`.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_guides,)
        Observed and predicted activities.
    spearman : float
        Their rank correlation, nan if either side is constant.
    n_splits : int, default=1
        Splits that the rank correlation is the mean over.
    same_units : bool, default=True
        Whether a perfect prediction equals the observation.
    target_name : str, default="activity"
        What was measured, with its unit.
    name : str or None, default=None
        Of the model, shown above the guides.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Drawn on last.
    figure_ : matplotlib Figure
        Its figure.
    guides_ : matplotlib PathCollection or PolyCollection
        A point for each guide; for more than 1,000 guides hexagons, coloured by the
        number of guides in each.
    colorbar_ : matplotlib Colorbar or None
        Says how many.
    identity_line_ : matplotlib AxLine or None
        Where predictions equal observations, if they have the same units. Both axes
        have the same limits and scale then.

    See Also
    --------
    sklearn.metrics.PredictionErrorDisplay : Residuals, too.

    Examples
    --------
    >>> from sgrna_estimator.plotting import ObservedVsPredictedDisplay
    >>> display = ObservedVsPredictedDisplay.from_predictions(
    ...     [0.1, 0.4, 0.9, 0.6], [0.2, 0.3, 0.7, 0.8], target_name="indel frequency"
    ... )
    >>> display.spearman
    0.8
    >>> display.ax_.get_ylabel()
    'Observed indel frequency'
    """

    def __init__(
        self,
        *,
        y_true: NDArray[np.float64],
        y_pred: NDArray[np.float64],
        spearman: float,
        n_splits: int = 1,
        same_units: bool = True,
        target_name: str = "activity",
        name: str | None = None,
    ) -> None:
        self.y_true = y_true
        self.y_pred = y_pred
        self.spearman = spearman
        self.n_splits = n_splits
        self.same_units = same_units
        self.target_name = target_name
        self.name = name

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        same_units: bool = True,
        target_name: str = "activity",
        ax: "Axes | None" = None,
        name: str | None = None,
        points_kwargs: dict[str, Any] | None = None,
        hexbin_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw observed against predicted activities.

        Parameters
        ----------
        y_true : array-like of shape (n_guides,)
            Observed activities.
        y_pred : array-like of shape (n_guides,)
            Predictions, or scores that rank the guides.
        same_units : bool, default=True
            Whether a perfect prediction equals the observation. If not, there is no
            identity line, and predictions have arbitrary units.
        target_name : str, default="activity"
            What was measured, with its unit, for the labels of the axes: for example
            ``"indel frequency (%)"``.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        name : str or None, default=None
            Of the model, shown above the guides.
        points_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.scatter`, up to 1,000 guides.
        hexbin_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.hexbin`, from 1,001.

        Returns
        -------
        ObservedVsPredictedDisplay

        Raises
        ------
        ValueError
            If lengths differ, there are no guides, or a value is missing, infinite or
            not a number.
        """
        observed, predicted = check_pair(y_true, y_pred)
        if not observed.size:
            raise ValueError("y_true is empty: there is no guide to draw")
        display = cls(
            y_true=observed,
            y_pred=predicted,
            spearman=spearman_score(observed, predicted),
            same_units=same_units,
            target_name=target_name,
            name=name,
        )
        return display.plot(
            ax=ax, points_kwargs=points_kwargs, hexbin_kwargs=hexbin_kwargs
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        same_units: bool = True,
        target_name: str = "activity",
        ax: "Axes | None" = None,
        name: str | None = None,
        points_kwargs: dict[str, Any] | None = None,
        hexbin_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Predict guides and draw what was observed against it.

        Predictions of the guides that an estimator was fitted to flatter it: hand this
        guides of other genes, or use `from_result`.

        Parameters
        ----------
        estimator : regressor
            Fitted.
        X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
            What it takes.
        y : array-like of shape (n_guides,)
            Observed activities.
        same_units : bool, default=True
            Whether a perfect prediction equals the observation. If not, there is no
            identity line, and predictions have arbitrary units.
        target_name : str, default="activity"
            What was measured, with its unit, for the labels of the axes.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        name : str or None, default=None
            Of the model; the name of its class by default.
        points_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.scatter`, up to 1,000 guides.
        hexbin_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.hexbin`, from 1,001.

        Returns
        -------
        ObservedVsPredictedDisplay

        Raises
        ------
        ValueError
            If lengths differ, there are no guides, or a value is missing, infinite or
            not a number.
        """
        return cls.from_predictions(
            y,
            estimator.predict(X),
            same_units=same_units,
            target_name=target_name,
            ax=ax,
            name=type(estimator).__name__ if name is None else name,
            points_kwargs=points_kwargs,
            hexbin_kwargs=hexbin_kwargs,
        )

    @classmethod
    def from_result(
        cls,
        result: ComparedPredictions,
        estimator_name: str,
        *,
        target_name: str = "activity",
        ax: "Axes | None" = None,
        name: str | None = None,
        points_kwargs: dict[str, Any] | None = None,
        hexbin_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the out-of-fold predictions of one estimator of a comparison.

        Where folds were drawn several times, predictions of the first time are shown:
        each guide once, as one model predicts it. A mean over repeats would look better
        than any model is.

        The Spearman correlation is the mean over splits of `ComparisonResult.summary`.
        That of all guides pooled would rank predictions of different models, fitted to
        different splits, against each other.

        Parameters
        ----------
        result : ComparisonResult
            From `compare_estimators`.
        estimator_name : str
            One of its estimators.
        target_name : str, default="activity"
            What was measured, with its unit, for the labels of the axes.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        name : str or None, default=None
            Of the model; ``estimator_name`` and ``"held-out guides"`` by default.
        points_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.scatter`, up to 1,000 guides.
        hexbin_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.hexbin`, from 1,001.

        Returns
        -------
        ObservedVsPredictedDisplay

        Raises
        ------
        ValueError
            If there is no such estimator.
        """
        names = result.scores_["estimator"].unique().tolist()
        if estimator_name not in names:
            raise ValueError(
                f"estimator_name must be one of {names}, got {estimator_name!r}"
            )
        means = result.summary("spearman").set_index("estimator")["mean"]
        once = result.predictions_[result.predictions_["repeat"] == 0]
        display = cls(
            y_true=once["y"].to_numpy(),
            y_pred=once[estimator_name].to_numpy(),
            spearman=float(means[estimator_name]),
            n_splits=len(result.splits_with_metric_["spearman"]),
            target_name=target_name,
            name=f"{estimator_name}, held-out guides" if name is None else name,
        )
        return display.plot(
            ax=ax, points_kwargs=points_kwargs, hexbin_kwargs=hexbin_kwargs
        )

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        points_kwargs: dict[str, Any] | None = None,
        hexbin_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the guides.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        points_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.scatter`, up to 1,000 guides.
        hexbin_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.hexbin`, from 1,001.

        Returns
        -------
        ObservedVsPredictedDisplay
        """
        self.ax_ = ax = make_axes(ax, 5.0, 4.2)
        self.figure_ = figure_of(ax)
        self.guides_: PathCollection | PolyCollection
        self.colorbar_: Colorbar | None = None
        if self.same_units:
            # A model that predicts too little spread is seen to do so.
            limits = self._limits()
            ax.set(xlim=limits, ylim=limits)
            ax.set_aspect("equal", adjustable="box")
        if len(self.y_true) > _MOST_POINTS:
            self.guides_ = self._draw_hexagons(ax, hexbin_kwargs or {})
            self.colorbar_ = self._draw_colorbar(ax, self.guides_)
        else:
            style: dict[str, Any] = {"s": 14, "color": BLUE, "linewidths": 0}
            style |= {"alpha": 0.5, **(points_kwargs or {})}
            self.guides_ = ax.scatter(self.y_pred, self.y_true, **style)
        handles = []
        self.identity_line_ = None
        if self.same_units:
            # Through a point that is in view, whatever the predictions are.
            centre = float(self.y_true.mean())
            self.identity_line_ = ax.axline(
                (centre, centre),
                slope=1,
                color=VERMILION,
                linestyle="--",
                linewidth=1.5,
                label="predicted = observed",
            )
            handles.append(self.identity_line_)
        prediction = (
            f"Predicted {self.target_name}"
            if self.same_units
            else "Prediction (arbitrary units)"
        )
        ax.set_xlabel(wrap(prediction, 0.9 * room(ax)))
        ax.set_ylabel(wrap(f"Observed {self.target_name}", tall(ax)))
        unbox(ax)
        lines = (
            [self._describe()] if self.name is None else [self.name, self._describe()]
        )
        legend_above(ax, handles, title="\n".join(lines))
        return self

    def _describe(self) -> str:
        if np.isnan(self.spearman):
            rank = "not defined"
        else:
            rank = f"{self.spearman:.3f}".replace("-", "\N{MINUS SIGN}")
            if self.n_splits > 1:
                rank += f" (mean of {self.n_splits} splits)"
        return f"Spearman {rank}, n = {len(self.y_true):,}"

    def _limits(self) -> tuple[float, float]:
        """Return limits that hold all observations and predictions."""
        both = np.concatenate([self.y_true, self.y_pred])
        least, most = float(both.min()), float(both.max())
        margin = _MARGIN * (most - least) or 0.5 * max(abs(most), 1.0)
        return least - margin, most + margin

    def _draw_hexagons(self, ax: "Axes", kwargs: dict[str, Any]) -> "PolyCollection":
        from matplotlib.colors import LinearSegmentedColormap

        # Fewer where guides are few, or most hexagons would hold one.
        across = int(min(10 * room(ax), np.sqrt(len(self.y_true)) / 2))
        shape = 1.0 if self.same_units else tall(ax) / room(ax)
        along = round(across * shape / np.sqrt(3))  # regular hexagons
        style = {
            "gridsize": (across, max(along, 1)),
            "mincnt": 1,
            "cmap": LinearSegmentedColormap.from_list("guides", _COUNT_COLOURS),
            "linewidths": 0.2,
        }
        if self.same_units:
            style["extent"] = (*self._limits(), *self._limits())
        return ax.hexbin(self.y_pred, self.y_true, **{**style, **kwargs})

    def _draw_colorbar(self, ax: "Axes", hexagons: "PolyCollection") -> "Colorbar":
        from matplotlib.colors import LogNorm
        from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

        most = float(np.max(np.asarray(hexagons.get_array())))
        hexagons.set_norm(LogNorm(1, max(most, 2)))
        colorbar = ax.figure.colorbar(
            hexagons,
            ax=ax,
            label="Guides per hexagon",
            ticks=LogLocator(subs=(1, 2, 5) if most < 200 else (1,)),
            format=StrMethodFormatter("{x:,.0f}"),
        )
        colorbar.ax.yaxis.set_minor_locator(NullLocator())
        return colorbar
