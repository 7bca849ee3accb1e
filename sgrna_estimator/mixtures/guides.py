"""Measured guides, sorted by gene, and what the guides of a screen share."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sgrna_estimator._typing import Floats, Ints


def weighted_quantile(values: Floats, weight: Floats, levels: Any) -> Floats:
    """Return quantiles in which a weight of 2 counts as two equal values."""
    return np.quantile(values, levels, weights=weight, method="inverted_cdf")


def robust_spread(values: Floats, weight: Floats) -> float:
    """Return the standard deviation that the central half of the values suggests.

    Where half the values are equal it is the standard deviation itself.
    """
    quarter, three_quarters = weighted_quantile(values, weight, [0.25, 0.75])
    if three_quarters > quarter:
        return float((three_quarters - quarter) / 1.349)
    mean = np.average(values, weights=weight)
    return float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))


def normal_log_density(values: Floats, mean: Any, scale: Any) -> Floats:
    """Return the log density of N(mean, scale^2)."""
    return (
        -0.5 * ((values - mean) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi)
    )


@dataclass(frozen=True)
class Guides:
    """Measured guides sorted by gene, log2 fold changes in units of their spread."""

    y: Floats
    weight: Floats
    gene: Ints
    screen_of_gene: Ints
    n_screens: int

    @property
    def n_genes(self) -> int:
        """Number of genes."""
        return len(self.screen_of_gene)

    @property
    def screen(self) -> Ints:
        """Screen of each guide."""
        return self.screen_of_gene[self.gene]

    def scaled(self, factor: float) -> "Guides":
        """Return the guides with log2 fold changes multiplied by ``factor``."""
        return replace(self, y=self.y * factor)

    def take(self, rows: Ints) -> "Guides":
        """Return some of the guides, in order, with their genes renumbered."""
        genes, gene = np.unique(self.gene[rows], return_inverse=True)
        return replace(
            self,
            y=self.y[rows],
            weight=self.weight[rows],
            gene=gene.astype(np.intp),
            screen_of_gene=self.screen_of_gene[genes],
        )


@dataclass(frozen=True)
class Components:
    """What the guides of a screen share; arrays with one entry a screen.

    ``null_tail`` is one over the degrees of freedom of the null, 0 for a normal one.
    Also used for what is known of it beforehand, with nan for what is not.
    """

    null_mean: Floats
    null_scale: Floats
    active_scale: Floats
    effect_mean: Floats
    effect_scale: Floats
    null_tail: Floats

    @property
    def null_dof(self) -> Floats:
        """Degrees of freedom of the null, infinite for a normal one."""
        infinite = np.full_like(self.null_tail, np.inf)
        return np.divide(1.0, self.null_tail, out=infinite, where=self.null_tail > 0)

    def scaled(self, factor: float) -> "Components":
        """Return the components of log2 fold changes multiplied by ``factor``."""
        size = abs(factor)
        return Components(
            self.null_mean * factor,
            self.null_scale * size,
            self.active_scale * size,
            self.effect_mean * factor,
            self.effect_scale * size,
            self.null_tail,
        )


def turning_factors(
    guides: Guides, direction: str, mu1: float | None = None
) -> list[float]:
    """Return what turns log2 fold changes into positive spreads, in likely directions.

    Parameters
    ----------
    guides : Guides
        Log2 fold changes as measured.
    direction : {"auto", "positive", "negative"}
        As in the estimators.
    mu1 : float or None, default=None
        Known mean of the gene effects.

    Raises
    ------
    ValueError
        If both are given and contradict each other.
    """
    signs = {"positive": [1], "negative": [-1], "auto": [1, -1]}[direction]
    if mu1 is not None:
        signs = [sign for sign in signs if sign * mu1 >= 0]
    if not signs:
        raise ValueError(f"direction={direction!r} contradicts mu1={mu1:g}")
    return [sign / robust_spread(sign * guides.y, guides.weight) for sign in signs]
