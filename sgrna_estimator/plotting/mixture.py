"""Log2 fold changes of a screen or a gene, with the mixture fitted to them."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._typing import Floats
from sgrna_estimator._validation import check_groups, check_target
from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
from sgrna_estimator.mixtures.guides import normal_log_density
from sgrna_estimator.mixtures.null import null_log_density
from sgrna_estimator.plotting.style import (
    BLUE,
    VERMILION,
    figure_of,
    ink,
    legend_above,
    make_axes,
    unbox,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_MOST_TICKS = 99  # of the rug
_N_GRID = 500
_REACH = 3.0  # standard deviations of each component that are shown at least


def _number_genes(mixture: GuideEffectMixture, genes: NDArray) -> NDArray[np.intp]:
    """Return where `fit` has these genes, or say which it has not seen."""
    numbers = pd.Index(mixture.groups_).get_indexer(genes)
    unseen = genes[numbers < 0].tolist()
    if unseen:
        # Human and mouse genes differ in their capitals, which is no distance.
        known = {str(gene).upper(): gene for gene in mixture.groups_.tolist()}
        near = [
            known[gene] for gene in get_close_matches(str(unseen[0]).upper(), known)
        ]
        raise ValueError(
            f"the mixture was not fitted to a gene called {unseen[0]!r}"
            + (f"; did you mean {' or '.join(map(repr, near))}?" if near else "")
        )
    return numbers


class MixtureDisplay:
    """Distribution of log2 fold changes, and the components fitted to it.

    Make it with `from_estimator`. The null component is ``(1 - q)`` times the t or
    normal distribution of the fit, the active one ``q N(mu_g, sigma_1^2 + e_g^2)``
    with the gene's effect ``mu_g``, its standard error ``e_g`` and its mixing
    proportion ``q``. Those of a screen are means over its genes, weighted by their
    numbers of guides.

    Parameters
    ----------
    log2fc : ndarray of shape (n_guides,)
        Log2 fold changes shown.
    grid : ndarray of shape (n_points,)
        Log2 fold changes at which the densities are known.
    null_density, active_density : ndarray of shape (n_points,)
        Densities of the two components; the integral of each is its share of the
        guides.
    active_share : float
        Share of the guides that is active.
    name : str or None, default=None
        Of the screen or the gene.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Drawn on last.
    figure_ : matplotlib Figure
        Its figure.
    null_line_, active_line_, sum_line_ : matplotlib Line2D
        The components and their sum.
    histogram_ : matplotlib BarContainer
        Of the guides, as a density.
    rug_ : matplotlib LineCollection or None
        A tick for each guide, if there are fewer than 100.

    See Also
    --------
    sgrna_estimator.GuideEffectMixture : The model.

    Examples
    --------
    >>> from sgrna_estimator import GuideEffectMixture
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.plotting import MixtureDisplay
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> log2fc, gene = screen.data["log2fc"], screen.groups
    >>> mixture = GuideEffectMixture().fit(log2fc, groups=gene)
    >>> display = MixtureDisplay.from_estimator(
    ...     mixture, log2fc, groups=gene, group="gene03"
    ... )
    >>> display.name
    'gene03'
    """

    def __init__(
        self,
        *,
        log2fc: Floats,
        grid: Floats,
        null_density: Floats,
        active_density: Floats,
        active_share: float,
        name: str | None = None,
    ) -> None:
        self.log2fc = log2fc
        self.grid = grid
        self.null_density = null_density
        self.active_density = active_density
        self.active_share = active_share
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        mixture: GuideEffectMixture,
        log2fc: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        group: Any = None,
        ax: "Axes | None" = None,
        name: str | None = None,
        histogram_kwargs: dict[str, Any] | None = None,
        line_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the guides of a screen, or of one of its genes, with their mixture.

        Parameters
        ----------
        mixture : GuideEffectMixture
            Fitted.
        log2fc : array-like of shape (n_guides,)
            Log2 fold changes of guides, without negative controls.
        groups : array-like of shape (n_guides,), default=None
            Gene of each guide; None only for a mixture that was fitted without genes.
        group : object, default=None
            Show this gene only.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        name : str or None, default=None
            Shown above the guides; the gene's name by default, if it is one gene.
        histogram_kwargs : dict or None, default=None
            For :func:`seaborn.histplot`.
        line_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.plot`, for the components and their sum.

        Returns
        -------
        MixtureDisplay

        Raises
        ------
        ValueError
            If the mixture is no fitted `GuideEffectMixture`, if genes are missing or
            were not seen in its ``fit``, or if a log2 fold change is missing.
        """
        if not isinstance(mixture, GuideEffectMixture):
            raise ValueError(
                f"mixture must be a GuideEffectMixture, got {type(mixture).__name__}"
            )
        check_is_fitted(mixture)
        values = check_target(log2fc, name="log2fc")
        if groups is None:
            if group is not None or len(mixture.groups_) > 1:
                raise ValueError(
                    "groups must hold the gene of each guide, as fit was given it"
                )
            genes, n_guides = np.array([0]), np.array([len(values)])
        else:
            labels, codes = check_groups(groups, len(values))
            if group is not None:
                _number_genes(mixture, np.array([group], dtype=object))
                values = values[labels[codes] == group]
                if not len(values):
                    raise ValueError(f"groups has no guide of {group!r}")
                labels, codes = np.array([group]), np.zeros(len(values), dtype=np.intp)
            genes = _number_genes(mixture, labels)
            n_guides = np.bincount(codes)
        weight = n_guides / n_guides.sum()
        active_weight = weight * mixture.mixing_[genes]
        centres = mixture.gene_effects_[genes]
        scales = np.hypot(mixture.active_scale_, mixture.gene_effect_std_errors_[genes])
        active_share = float(active_weight.sum())
        centre = active_weight @ centres / active_share
        spread = active_weight @ (scales**2 + (centres - centre) ** 2) / active_share
        ends = [
            mean + sign * _REACH * scale
            for mean, scale in (
                (mixture.null_mean_, mixture.null_scale_),
                (centre, np.sqrt(spread)),
            )
            for sign in (-1, 1)
        ]
        grid = np.linspace(min(values.min(), *ends), max(values.max(), *ends), _N_GRID)
        active = np.exp(normal_log_density(grid[:, None], centres, scales))
        null = np.exp(
            null_log_density(
                grid, mixture.null_mean_, mixture.null_scale_, 1 / mixture.null_dof_
            )
        )
        display = cls(
            log2fc=values,
            grid=grid,
            null_density=(1 - active_share) * null,
            active_density=active @ active_weight,
            active_share=active_share,
            name=str(group) if name is None and group is not None else name,
        )
        return display.plot(
            ax=ax, histogram_kwargs=histogram_kwargs, line_kwargs=line_kwargs
        )

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        histogram_kwargs: dict[str, Any] | None = None,
        line_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the histogram, the components and their sum.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        histogram_kwargs : dict or None, default=None
            For :func:`seaborn.histplot`.
        line_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.plot`, for the components and their sum.

        Returns
        -------
        MixtureDisplay
        """
        import seaborn as sns

        self.ax_ = ax = make_axes(ax, 5.0, 3.4)
        self.figure_ = figure_of(ax)
        histogram = {"color": "0.5", "alpha": 0.35, "linewidth": 0.5}
        histogram |= {"edgecolor": ax.get_facecolor(), "stat": "density"}
        histogram |= histogram_kwargs or {}
        sns.histplot(x=self.log2fc, ax=ax, **histogram)
        self.histogram_ = ax.containers[-1]
        n_guides = len(self.log2fc)
        self.histogram_.set_label(f"{n_guides:,} guide{'s' * (n_guides != 1)}")
        self.rug_ = None
        if n_guides <= _MOST_TICKS:
            sns.rugplot(x=self.log2fc, ax=ax, height=0.04, color=ink(), linewidth=0.8)
            self.rug_ = ax.collections[-1]
        style: dict[str, Any] = {"linewidth": 1.8, **(line_kwargs or {})}
        self.sum_line_, self.null_line_, self.active_line_ = (
            ax.plot(
                self.grid,
                density,
                **{"color": color, "linestyle": dashes, "label": label, **style},
            )[0]
            for density, color, dashes, label in (
                (self.null_density + self.active_density, ink(), "-", "sum"),
                (
                    self.null_density,
                    BLUE,
                    "--",
                    f"null {100 * (1 - self.active_share):.0f} %",
                ),
                (
                    self.active_density,
                    VERMILION,
                    "-.",
                    f"active {100 * self.active_share:.0f} %",
                ),
            )
        )
        ax.set_xlabel("Log₂ fold change")
        ax.set_ylabel("Density")
        unbox(ax)
        legend_above(
            ax,
            [self.histogram_, self.null_line_, self.active_line_, self.sum_line_],
            title=self.name,
        )
        return self
