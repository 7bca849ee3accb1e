"""Scores of predicted guide activity: rank and linear correlation.

A correlation with a constant is not defined. It is ``nan`` here, without a warning,
and never 0: a model that predicts one value for every guide has not been shown to rank
them at random, it has not ranked them. Only in an average over genes does a gene that a
model does not rank count as 0, because leaving it out would choose the genes by the model.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import config_context
from sklearn.metrics import make_scorer
from sklearn.utils import check_consistent_length, column_or_1d

from sgrna_estimator._sklearn_private import _check_sample_weight
from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_groups, check_target

__all__ = [
    "pearson_score",
    "pearson_scorer",
    "spearman_score",
    "spearman_scorer",
    "within_group_spearman",
    "within_group_spearman_scorer",
]


def _midranks(values: Floats, weights: Floats, codes: Ints) -> Floats:
    """Rank values within groups; ties share the mean of their ranks.

    Parameters
    ----------
    values, weights : ndarray of shape (n,)
        A value of weight w counts as w tied values.
    codes : ndarray of shape (n,)
        Group of each value.

    Returns
    -------
    ndarray of shape (n,)
        Ranks, up to a constant for each group: a correlation does not see it.
    """
    order = np.lexsort((values, codes))
    ordered, ordered_codes = values[order], codes[order]
    opens_run = np.empty(len(values), dtype=bool)
    opens_run[:1] = True
    opens_run[1:] = (ordered[1:] != ordered[:-1]) | (
        ordered_codes[1:] != ordered_codes[:-1]
    )
    run = np.cumsum(opens_run) - 1
    run_weight = np.bincount(run, weights[order])
    midpoint = np.cumsum(run_weight) - run_weight / 2
    ranks = np.empty(len(values))
    ranks[order] = midpoint[run]
    return ranks


def _centred(values: Floats, weights: Floats, codes: Ints) -> Floats:
    """Subtract each group's mean, in units of its largest value.

    A constant group is exactly 0: each value of it is 1 or -1 in these units, and so is
    the mean, to the last bit.
    """
    peak = np.zeros(codes.max(initial=-1) + 1)
    np.maximum.at(peak, codes, np.abs(values))
    peak[peak == 0] = 1.0
    scaled = values / peak[codes]  # squares of values near 1e308 would overflow
    mean = np.bincount(codes, weights * scaled) / np.bincount(codes, weights)
    return scaled - mean[codes]


def _correlations(x: Floats, y: Floats, weights: Floats, codes: Ints) -> Floats:
    """Return Pearson's correlation in each of groups 0, 1, ..., or ``nan``."""
    x, y = _centred(x, weights, codes), _centred(y, weights, codes)
    xy, xx, yy = (
        np.bincount(codes, weights * product) for product in (x * y, x * x, y * y)
    )
    correlations = np.full(len(xy), np.nan)
    np.divide(xy, np.sqrt(xx * yy), out=correlations, where=(xx > 0) & (yy > 0))
    return np.clip(correlations, -1.0, 1.0)


def check_pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Floats, Floats]:
    """Return measured and predicted activity as finite vectors of the same length.

    Raises
    ------
    ValueError
        If they have different lengths, or hold a value that is not a finite number.
    """
    check_consistent_length(y_true, y_pred)
    # A column is as good as a vector here, and no reason to warn.
    return (
        check_target(column_or_1d(y_true), largest=np.inf, name="y_true"),
        check_target(column_or_1d(y_pred), largest=np.inf, name="y_pred"),
    )


def _weighted_correlation(
    y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None, *, rank: bool
) -> float:
    observed, predicted = check_pair(y_true, y_pred)
    weights = _check_sample_weight(
        sample_weight, observed, dtype=np.float64, ensure_non_negative=True
    )
    counted = weights > 0  # a guide of weight 0 must not make a constant vary
    observed, predicted = observed[counted], predicted[counted]
    weights = weights[counted] / weights.max()
    one_group = np.zeros(len(observed), dtype=np.intp)
    if rank:
        observed = _midranks(observed, weights, one_group)
        predicted = _midranks(predicted, weights, one_group)
    return float(_correlations(observed, predicted, weights, one_group)[0])


def pearson_score(
    y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    """Compute Pearson's linear correlation of observed and predicted activity.

    Parameters
    ----------
    y_true : array-like of shape (n_guides,)
        Observed activities.
    y_pred : array-like of shape (n_guides,)
        Predicted activities.
    sample_weight : array-like of shape (n_guides,), default=None
        Weights; an integer weight means what repeating the guide means.

    Returns
    -------
    float
        Between -1 and 1; ``nan`` if either side is constant.

    Raises
    ------
    ValueError
        If lengths differ or a value is missing, infinite or not a number.

    See Also
    --------
    spearman_score : Correlation of the ranks.

    Examples
    --------
    >>> from sgrna_estimator.metrics import pearson_score
    >>> round(pearson_score([0.1, 0.4, 0.9], [1.0, 2.0, 3.0]), 3)
    0.99
    >>> pearson_score([0.1, 0.4, 0.9], [0.5, 0.5, 0.5])
    nan
    """
    return _weighted_correlation(y_true, y_pred, sample_weight, rank=False)


def spearman_score(
    y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    """Compute Spearman's rank correlation of observed and predicted activity.

    Parameters
    ----------
    y_true : array-like of shape (n_guides,)
        Observed activities.
    y_pred : array-like of shape (n_guides,)
        Predicted activities; only their order matters.
    sample_weight : array-like of shape (n_guides,), default=None
        Weights; an integer weight means what repeating the guide means.

    Returns
    -------
    float
        Between -1 and 1; ``nan`` if either side is constant.

    Raises
    ------
    ValueError
        If lengths differ or a value is missing, infinite or not a number.

    See Also
    --------
    within_group_spearman : The same within each gene.
    pearson_score : Linear correlation.

    Notes
    -----
    Pearson's correlation of the ranks, where ties share the mean of their ranks.

    Examples
    --------
    >>> from sgrna_estimator.metrics import spearman_score
    >>> spearman_score([0.1, 0.4, 0.9], [1.0, 10.0, 100.0])
    1.0
    >>> spearman_score([0.1, 0.4, 0.9], [0.5, 0.5, 0.5])
    nan
    """
    return _weighted_correlation(y_true, y_pred, sample_weight, rank=True)


def within_group_spearman(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    min_group_size: int = 2,
) -> float:
    """Average over groups Spearman's rank correlation within each.

    Choosing among the guides of one gene, only the order within the gene matters. A
    model can reach a high pooled correlation from the differences between genes, and
    none within any.

    Parameters
    ----------
    y_true : array-like of shape (n_guides,)
        Observed activities.
    y_pred : array-like of shape (n_guides,)
        Predicted activities.
    groups : array-like of shape (n_guides,)
        Gene of each guide. Required; it has a default only so that a scorer that is
        not given any can say so.
    min_group_size : int, default=2
        Groups with fewer guides are left out.

    Returns
    -------
    float
        A group of n guides has weight n - 1. Groups whose observations are constant are
        left out: they are the same for all models. One whose predictions are constant
        counts as 0. ``nan`` if no group is left, or if predictions are constant in each:
        then they rank nothing.

    Raises
    ------
    ValueError
        If ``groups`` is not given, lengths differ, a label or a value is missing, or
        ``min_group_size`` is below 2.

    See Also
    --------
    spearman_score : All guides pooled.

    Notes
    -----
    The variance of a rank correlation of n guides that are ranked at random is
    1 / (n - 1), so that these weights make the average as precise as it can be. Were a
    group left out where predictions are constant, a model that tells guides apart in few
    groups only would be judged on these alone.

    Examples
    --------
    The order of the genes is right and the order within each is wrong:

    >>> from sgrna_estimator.metrics import spearman_score, within_group_spearman
    >>> y_true, y_pred = [0.1, 0.2, 0.8, 0.9], [0.2, 0.1, 0.9, 0.8]
    >>> round(spearman_score(y_true, y_pred), 3)
    0.6
    >>> within_group_spearman(y_true, y_pred, ["CD4", "CD4", "KLF5", "KLF5"])
    -1.0
    """
    if groups is None:
        raise ValueError(
            "within_group_spearman needs groups, one label a guide. To hand them to "
            "within_group_spearman_scorer inside a search, switch metadata routing on: "
            "sklearn.set_config(enable_metadata_routing=True)"
        )
    if min_group_size < 2:
        raise ValueError(f"min_group_size must be at least 2, got {min_group_size}")
    observed, predicted = check_pair(y_true, y_pred)
    _, codes = check_groups(groups, len(observed))
    sizes = np.bincount(codes)
    ones = np.ones(len(observed))
    correlations = _correlations(
        _midranks(observed, ones, codes),
        _midranks(predicted, ones, codes),
        *(ones, codes),
    )
    counts = (sizes >= min_group_size) & _varies(observed, codes)
    if np.isnan(correlations[counts]).all():  # or none is left
        return float("nan")
    weights = np.where(counts, sizes - 1, 0)
    return float(np.average(np.nan_to_num(correlations), weights=weights))


def _varies(values: Floats, codes: Ints) -> NDArray[np.bool_]:
    """Tell in which of groups 0, 1, ... not all values are the same."""
    first = np.empty(codes.max() + 1)
    first[codes] = values  # any of the group's
    return np.bincount(codes, values != first[codes]) > 0


def _scorer(score: Callable[..., float]) -> Any:
    """Return a scorer with a name, of which scikit-learn's displays make a label."""
    scorer = make_scorer(score)
    scorer.__name__ = score.__name__
    return scorer


def _requesting_groups(scorer: Any) -> Any:
    # A request can be set only while routing is on; it stays when routing is off.
    with config_context(enable_metadata_routing=True):
        return scorer.set_score_request(groups=True)


spearman_scorer = _scorer(spearman_score)


"""Scorer for ``GridSearchCV(scoring=...)``, from `spearman_score`."""


pearson_scorer = _scorer(pearson_score)


"""Scorer for ``GridSearchCV(scoring=...)``, from `pearson_score`."""


within_group_spearman_scorer = _requesting_groups(_scorer(within_group_spearman))


"""Scorer from `within_group_spearman`, which metadata routing hands the groups.

With ``sklearn.set_config(enable_metadata_routing=True)`` the ``groups`` of
``GridSearchCV(...).fit(X, y, groups=genes)`` reach the splitter and this scorer.
"""
