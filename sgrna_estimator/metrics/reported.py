"""What is known of each metric that a comparison reports, in one place."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import mean_squared_error, r2_score

from sgrna_estimator._typing import Floats
from sgrna_estimator.metrics.correlations import (
    pearson_score,
    spearman_score,
    within_group_spearman,
)

Score = Callable[[Floats, Floats, NDArray | None], float]

# Of metrics that are at most 1, in every table.
CORRELATION_DECIMALS = 3


@dataclass(frozen=True)
class Metric:
    """A metric, and how it is shown.

    Attributes
    ----------
    name : str
        What tables of scores call it.
    label : str
        What axes and captions call it.
    heading : str
        Of its column, where columns are narrow.
    legend : str
        What the heading means, where it does not say so itself.
    score : callable or None
        ``score(y_true, y_pred, groups)``, ``nan`` where the metric is not defined. None
        if predictions and target do not make it: it needs a scorer of its own.
    greater_is_better : bool
        Whether more of it is better.
    needs_groups : bool
        Whether it is reported only where there are groups.
    decimals : int or None
        How many to show; None shows as many as the values need for four digits.
    chance : float or None
        What predictions that are unrelated to the target have on average; None if the
        constant predictor says that. Predictions that are all the same on some splits,
        and not on others, count as much there.
    least, most : float
        Between which it always is.
    """

    name: str
    label: str
    heading: str
    legend: str = ""
    score: Score | None = None
    greater_is_better: bool = True
    needs_groups: bool = False
    decimals: int | None = CORRELATION_DECIMALS
    chance: float | None = None
    least: float = -math.inf
    most: float = math.inf


_correlation = partial(Metric, chance=0.0, least=-1.0, most=1.0)
_squared_error = partial(Metric, greater_is_better=False, decimals=None, least=0.0)


def _r2(y_true: Floats, y_pred: Floats) -> float:
    # scikit-learn calls a constant target perfectly or not at all explained
    return float("nan") if np.ptp(y_true) == 0 else float(r2_score(y_true, y_pred))


def _within_group_mse(y_true: Floats, y_pred: Floats, groups: NDArray | None) -> float:
    """Return the mean squared error after removing the means of each group from both.

    The sum of squares is divided by the guides less the groups, as a variance is. ``nan``
    if there is no group of two.
    """
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    sizes = np.bincount(codes)
    errors = y_true - y_pred
    errors = errors - (np.bincount(codes, errors) / sizes)[codes]
    freedom = len(errors) - len(sizes)
    return float(errors @ errors / freedom) if freedom else float("nan")


# In the order of the columns of a table.
_KNOWN = (
    _correlation(
        "spearman",
        "Spearman correlation",
        "spearman",
        score=lambda y, predicted, _: spearman_score(y, predicted),
    ),
    _correlation(
        "active",
        "Spearman correlation with P(active)",
        "active",
        legend="spearman with the probability that a guide is active, by a mixture of "
        "all guides",
    ),
    _correlation(
        "within_group_spearman",
        "Mean Spearman correlation within genes",
        "within",
        legend="mean spearman within genes",
        score=within_group_spearman,
        needs_groups=True,
    ),
    _correlation(
        "pearson",
        "Pearson correlation",
        "pearson",
        score=lambda y, predicted, _: pearson_score(y, predicted),
    ),
    Metric("r2", "R²", "r2", score=lambda y, predicted, _: _r2(y, predicted), most=1.0),
    _squared_error(
        "mse",
        "Mean squared error",
        "mse",
        score=lambda y, predicted, _: float(mean_squared_error(y, predicted)),
    ),
    _squared_error(
        "within_group_mse",
        "Mean squared error within genes",
        "mse within",
        legend="mse after removing the mean of each gene from both",
        score=_within_group_mse,
        needs_groups=True,
    ),
)

METRICS = {metric.name: metric for metric in _KNOWN}

# How well guides are ranked: the question that a comparison answers first, within genes
# if there are genes.
RANKING, RANKING_WITHIN = "spearman", "within_group_spearman"

# Those that every comparison reports: with a score of predictions and target.
REPORTED = {metric.name: metric.score for metric in _KNOWN if metric.score is not None}


def find_metric(name: str) -> Metric:
    """Return what is known of a metric.

    Parameters
    ----------
    name : str
        Of a metric that is reported, or of a user's scorer.

    Returns
    -------
    Metric
        More of a user's scorer is better, as always in scikit-learn, and it goes by its
        own name.
    """
    return METRICS.get(name) or Metric(name, name, name, decimals=None)


def reported_scores(grouped: bool) -> dict[str, Score]:
    """Return the score function of each metric that a comparison reports.

    Parameters
    ----------
    grouped : bool
        Whether there are groups.

    Returns
    -------
    dict of str to callable
        By the metric's name.
    """
    return {
        name: score
        for name, score in REPORTED.items()
        if grouped or not METRICS[name].needs_groups
    }


def is_defined(
    name: str, y: Floats, groups: NDArray | None, test: NDArray[np.intp]
) -> bool:
    """Tell whether perfect predictions of some guides would have a score.

    Parameters
    ----------
    name : str
        Of the metric; a user's scorer is taken to be defined.
    y : ndarray of shape (n_guides,)
        Measured activities.
    groups : ndarray of shape (n_guides,) or None
        Gene of each guide.
    test : ndarray of intp
        Row numbers of the guides that are scored.

    Returns
    -------
    bool
    """
    if name not in REPORTED:
        return True
    test_groups = None if groups is None else groups[test]
    return not np.isnan(REPORTED[name](y[test], y[test], test_groups))
