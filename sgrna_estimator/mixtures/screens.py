"""A mixture for each screen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from sgrna_estimator._typing import Floats
from sgrna_estimator.mixtures.labels import learn_labels


@dataclass(frozen=True)
class FittedMixtures:
    """A mixture for each screen, and what they say of the guides they were fitted to.

    Attributes
    ----------
    screens : ndarray of shape (n_screens,)
        Their labels, sorted; ``[0]`` if there are none.
    mixtures : list of GuideEffectMixture
        The fitted mixture of each.
    screen : ndarray of intp of shape (n_guides,)
        Number of each guide's screen.
    probability : ndarray of shape (n_guides,)
        Probability that each guide is active.
    """

    screens: NDArray
    mixtures: list[Any]
    screen: NDArray[np.intp]
    probability: Floats

    @property
    def sign(self) -> NDArray[np.intp]:
        """1 for guides of screens whose active guides are enriched, else -1."""
        enriched = [mixture.direction_ == "positive" for mixture in self.mixtures]
        return np.where(enriched, 1, -1)[self.screen]


def fit_mixtures(
    mixture: Any,
    values: Floats,
    groups: ArrayLike | None,
    screens: ArrayLike | None,
    is_control: NDArray[np.bool_],
) -> FittedMixtures:
    """Fit a clone of a mixture to each screen.

    Parameters
    ----------
    mixture : GuideEffectMixture
    values : ndarray of shape (n_guides,)
        Log2 fold changes, finite.
    groups, screens : array-like of shape (n_guides,) or None
        Gene and screen of each guide.
    is_control : ndarray of bool of shape (n_guides,)
        Which guides are negative controls. They belong to no gene.

    Returns
    -------
    FittedMixtures

    Raises
    ------
    ValueError
        If a label is missing, or if a screen cannot be fitted; it names the screen.
    """
    labels, screen = learn_labels(screens, len(values), "screens")
    genes = None
    if groups is not None:
        gene_labels, codes = learn_labels(groups, len(values), "groups", is_control)
        genes = gene_labels.values[codes]
    mixtures = []
    probability = np.empty(len(values))
    for number, name in enumerate(labels.values):
        rows = np.flatnonzero(screen == number)
        mine = None if genes is None else genes[rows]
        control = is_control[rows]
        try:
            fitted = clone(mixture).fit(values[rows], groups=mine, controls=control)
        except ValueError as error:
            if not labels.given:
                raise
            raise ValueError(f"screen {name}: {error}") from error
        probability[rows] = fitted.predict_proba(values[rows], groups=mine)
        if control.any() and genes is not None:
            of_no_gene = fitted.predict_proba(values[rows[control]])
            probability[rows[control]] = of_no_gene
        mixtures.append(fitted)
    return FittedMixtures(labels.values, mixtures, screen, probability)
