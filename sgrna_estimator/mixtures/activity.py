"""Judging predictions by the probability that guides are active."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sgrna_estimator._typing import Floats
from sgrna_estimator.metrics.correlations import spearman_score
from sgrna_estimator.mixtures.guide_effect import GuideEffectMixture
from sgrna_estimator.mixtures.screens import FittedMixtures, fit_mixtures


def fit_to_all(
    log2fc: Floats, groups: ArrayLike | None = None, screens: ArrayLike | None = None
) -> FittedMixtures:
    """Fit a mixture to all guides of each screen, to judge and to show.

    No model may learn from what it says of its test guides.

    Parameters
    ----------
    log2fc : ndarray of shape (n_guides,)
        Log2 fold changes, finite.
    groups, screens : array-like of shape (n_guides,), default=None
        Gene and screen of each guide.

    Returns
    -------
    FittedMixtures

    Raises
    ------
    ValueError
        If a label is missing, or if a screen cannot be fitted; it names the screen.
    """
    no_controls = np.zeros(len(log2fc), dtype=bool)
    return fit_mixtures(GuideEffectMixture(), log2fc, groups, screens, no_controls)


class ActivityScorer:
    """Rank correlation of predictions with the probability that guides are active.

    A scorer for ``compare_estimators(scoring=...)``.

    Parameters
    ----------
    activity : Series of shape (n_guides,)
        That probability, or its negative where active guides are depleted, by the
        guide's label in the index of the features.

    Examples
    --------
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.mixtures.activity import ActivityScorer, fit_to_all
    >>> screen = make_guide_screen(n_guides=300, n_genes=10, random_state=0)
    >>> log2fc = screen.data["log2fc"].to_numpy()
    >>> fitted = fit_to_all(log2fc, screen.groups)
    >>> scorer = ActivityScorer.from_mixtures(fitted, screen.data.index)
    """

    def __init__(self, activity: pd.Series) -> None:
        self._activity = activity

    @classmethod
    def from_mixtures(cls, fitted: FittedMixtures, index: pd.Index) -> Self:
        """Make a scorer of what mixtures say of the guides they were fitted to.

        Parameters
        ----------
        fitted : FittedMixtures
            From `fit_to_all`.
        index : Index of shape (n_guides,)
            Labels of these guides in the features.

        Returns
        -------
        ActivityScorer
        """
        return cls(pd.Series(fitted.probability * fitted.sign, index=index))

    def __call__(self, estimator: Any, X: pd.DataFrame, y: Any) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted.
        X : DataFrame of shape (n_test, ...)
            Features of some of the guides.
        y : object
            Not looked at.

        Returns
        -------
        float
            Spearman's correlation, ``nan`` if either side is constant.
        """
        return spearman_score(self._activity[X.index], estimator.predict(X))
