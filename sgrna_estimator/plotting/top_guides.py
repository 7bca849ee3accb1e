"""What is gained by taking the best-scored guides of each gene."""

from typing import TYPE_CHECKING, Any, Protocol, Self

import pandas as pd

from sgrna_estimator.metrics.top_guides import shares_of_genes
from sgrna_estimator.plotting.style import (
    BLUE,
    GREY,
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

_MOST = 5  # guides a gene: more are rarely ordered
_NORMAL_95 = 1.96


class PredictedGuides(Protocol):
    """What a comparison must have to be drawn; `ComparisonResult` has it."""

    @property
    def predictions_(self) -> pd.DataFrame:
        """Out-of-fold predictions: ``y``, ``group``, ``split``, and of each estimator."""


class TopGuidesDisplay:
    """How many of the guides that a model would take of a gene are among its better ones.

    Make it with `from_result`.

    Parameters
    ----------
    shares : DataFrame
        A row for each gene: columns 1, 2, ... are the share of so many best-scored guides
        that are in the better half of the gene, ``"random"`` that of guides at random.
    name : str or None, default=None
        Of the model, shown above the curve.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Drawn on last.
    figure_ : matplotlib Figure
        Its figure.
    curve_ : matplotlib ErrorbarContainer
        Means over genes, with 95 % intervals over genes.
    random_line_ : matplotlib Line2D
        What guides taken at random have.

    See Also
    --------
    sgrna_estimator.compare_estimators : Makes what is shown.

    Examples
    --------
    >>> import pandas as pd
    >>> from sgrna_estimator.plotting.top_guides import TopGuidesDisplay
    >>> shares = pd.DataFrame({1: [1.0, 0.0, 1.0], 2: [0.5, 0.5, 1.0], "random": 0.5})
    >>> TopGuidesDisplay(shares=shares).plot().ax_.get_xlabel()
    'Best-scored guides taken of each gene'
    """

    def __init__(self, *, shares: pd.DataFrame, name: str | None = None) -> None:
        self.shares = shares
        self.name = name

    @classmethod
    def from_result(
        cls,
        result: PredictedGuides,
        estimator_name: str,
        *,
        ax: "Axes | None" = None,
        name: str | None = None,
    ) -> Self:
        """Draw what the out-of-fold predictions of one estimator would choose.

        Of each gene the guides of one split are ranked, all by one model that has not
        seen them. Where folds were drawn several times, the shares of a gene are averaged
        over them.

        Parameters
        ----------
        result : ComparisonResult
            From `compare_estimators`, with groups.
        estimator_name : str
            One of its estimators.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        name : str or None, default=None
            Of the model; ``estimator_name`` by default.

        Returns
        -------
        TopGuidesDisplay

        Raises
        ------
        ValueError
            If there is no such estimator, there are no genes, or none has two guides.

        Notes
        -----
        Up to five guides are taken, but of half of the genes no more than half of their
        guides. Genes that have fewer than twice as many are left out, so that all
        points are of the same genes.
        """
        table = result.predictions_
        if estimator_name not in table or estimator_name in ("y", "group", "split"):
            raise ValueError(f"there is no estimator {estimator_name!r}")
        if "group" not in table:
            raise ValueError("the comparison was without groups: there are no genes")
        shares = shares_of_genes(table, estimator_name, _MOST)
        if shares.empty:
            raise ValueError("no gene has two guides: there is nothing to choose from")
        display = cls(shares=shares, name=estimator_name if name is None else name)
        return display.plot(ax)

    @property
    def counts(self) -> list[int]:
        """How many guides are taken, point by point."""
        return list(range(1, self.shares.shape[1]))

    def summary(self) -> pd.DataFrame:
        """Return what is shown.

        Returns
        -------
        DataFrame
            A row for each number of guides: ``mean`` of the shares over genes, and
            ``lower`` and ``upper``, a 95 % interval that takes genes as independent;
            nan if there is one gene.
        """
        taken = self.shares[self.counts]
        mean = taken.mean()
        half = _NORMAL_95 * taken.sem()
        return pd.DataFrame(
            {
                "mean": mean,
                "lower": (mean - half).clip(lower=0),
                "upper": (mean + half).clip(upper=1),
            }
        )

    def plot(
        self, ax: "Axes | None" = None, *, curve_kwargs: dict[str, Any] | None = None
    ) -> Self:
        """Draw the shares.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        curve_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.errorbar`.

        Returns
        -------
        TopGuidesDisplay
        """
        from matplotlib.ticker import PercentFormatter

        self.ax_ = ax = make_axes(ax, 5.0, 3.4)
        self.figure_ = figure_of(ax)
        table = self.summary()
        distances = [table["mean"] - table["lower"], table["upper"] - table["mean"]]
        style: dict[str, Any] = {"color": BLUE, "marker": "D", "capsize": 3}
        style |= {"label": "mean of genes, 95 % interval", **(curve_kwargs or {})}
        self.curve_ = ax.errorbar(self.counts, table["mean"], yerr=distances, **style)
        self.random_line_ = ax.axhline(
            float(self.shares["random"].mean()),
            color=GREY,
            linestyle="--",
            linewidth=1.2,
            label="taken at random",
        )
        ax.set_xticks(self.counts)
        ax.set_xlim(0.5, self.counts[-1] + 0.5)
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1))
        ax.set_xlabel(wrap("Best-scored guides taken of each gene", 0.8 * room(ax)))
        ax.set_ylabel(wrap("In the better half of their gene", tall(ax)))
        unbox(ax, grid="y")
        lines = [] if self.name is None else [self.name]
        lines.append(f"{len(self.shares):,} genes")
        legend_above(ax, [self.curve_, self.random_line_], title=", ".join(lines))
        return self
