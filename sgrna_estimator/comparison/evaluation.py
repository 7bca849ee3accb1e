"""Predictions of one fitted model for fresh guides -> scores with intervals."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn.utils import check_random_state

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import check_groups
from sgrna_estimator.metrics.correlations import check_pair, spearman_score
from sgrna_estimator.metrics.reported import Score, reported_scores

# The row of the error that a constant makes, the mean of these very guides.
CONSTANT = "mse_of_mean"

# Fewer groups, drawn with replacement, say next to nothing of how groups differ.
FEWEST_GROUPS = 5


class Evaluation(NamedTuple):
    """How well predictions of guides agree with what was measured.

    Attributes
    ----------
    scores : DataFrame
        A row for each metric that `reported_scores` has, and one called ``mse_of_mean``:
        the mean squared error of predicting the mean of these guides. ``value``; and
        ``lower`` and ``upper``, the ends of the bootstrap's interval. Each is ``nan``
        where it is not defined.
    by_group : bool
        Whether whole groups were resampled, or guides one by one.
    n_resampled : int
        How many groups, or guides, there are.
    """

    scores: pd.DataFrame
    by_group: bool
    n_resampled: int


def evaluate_predictions(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_resamples: int = 2000,
    confidence_level: float = 0.95,
    random_state: Any = None,
    progress: Callable[[int, int], object] | None = None,
) -> Evaluation:
    """Score the predictions of a fitted model for guides that it has not learnt from.

    Parameters
    ----------
    y_true : array-like of shape (n_guides,)
        Measured activities.
    y_pred : array-like of shape (n_guides,)
        Predicted activities.
    groups : array-like of shape (n_guides,), default=None
        Gene of each guide. Guides of one gene are alike, so whole genes are resampled if
        there are at least 5.
    n_resamples : int, default=2000
        Bootstrap samples.
    confidence_level : float, default=0.95
        Of the intervals.
    random_state : int, RandomState instance or None, default=None
        Draws the bootstrap samples.
    progress : callable, default=None
        Called as ``progress(done, total)``, in bootstrap samples.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        If lengths differ, a value is missing or not finite, or a label is missing.

    See Also
    --------
    compare_estimators : How well models do that are yet to be fitted.

    Notes
    -----
    The intervals are for this one model on other guides (or genes) of the same kind. They
    do not tell how another fit of the same kind would do, which takes cross-validation.

    They are expanded percentile intervals [1]_, which for many guides are percentile
    intervals, and wider for few.

    References
    ----------
    .. [1] Hesterberg TC (2015) What teachers should know about the bootstrap. The American
       Statistician 69, 371-386.

    Examples
    --------
    >>> import numpy as np
    >>> from sgrna_estimator.comparison.evaluation import evaluate_predictions
    >>> rng = np.random.default_rng(0)
    >>> predicted = rng.normal(size=200)
    >>> measured = predicted + rng.normal(size=200)
    >>> found = evaluate_predictions(measured, predicted, random_state=0)
    >>> found.scores.loc[["spearman", "r2"]].round(2)
              value  lower  upper
    spearman   0.67   0.59   0.74
    r2         0.43   0.31   0.52
    """
    observed, predicted = check_pair(y_true, y_pred)
    codes = None if groups is None else check_groups(groups, len(observed))[1]
    functions = {**reported_scores(codes is not None), CONSTANT: _error_of_mean}
    values = _score(functions, observed, predicted, codes)
    n_groups = 0 if codes is None else int(codes.max()) + 1
    by_group = n_groups >= FEWEST_GROUPS
    random = check_random_state(random_state)
    draws = (
        _draw_groups(codes, n_resamples, random)
        if by_group and codes is not None
        else _draw_guides(len(observed), codes, n_resamples, random)
    )
    resampled = np.empty((n_resamples, len(functions)))
    for number, (rows, labels) in enumerate(draws):
        resampled[number] = _score(functions, observed[rows], predicted[rows], labels)
        if progress is not None:
            progress(number + 1, n_resamples)
    n_resampled = n_groups if by_group else len(observed)
    tail = _expanded_tail((1 - confidence_level) / 2, n_resampled)
    intervals = [_quantiles(column, [tail, 1 - tail]) for column in resampled.T]
    lower, upper = np.transpose(intervals)
    scores = pd.DataFrame(
        {"value": values, "lower": lower, "upper": upper}, index=list(functions)
    )
    return Evaluation(scores, by_group, n_resampled)


def _error_of_mean(y_true: Floats, y_pred: Floats, groups: NDArray | None) -> float:
    """Return the mean squared error of predicting the mean of these guides."""
    return float(np.var(y_true))


def _score(
    functions: dict[str, Score], y_true: Floats, y_pred: Floats, groups: Ints | None
) -> list[float]:
    return [score(y_true, y_pred, groups) for score in functions.values()]


def _draw_groups(
    codes: Ints, n_resamples: int, random: np.random.RandomState
) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows of as many groups as there are, and which draw each row is of."""
    sizes = np.bincount(codes)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
    for _ in range(n_resamples):
        drawn = random.randint(len(sizes), size=len(sizes))
        rows = np.concatenate([members[group] for group in drawn])
        # a group that is drawn twice counts as two
        yield rows, np.repeat(np.arange(len(sizes)), sizes[drawn])


def _draw_guides(
    n_guides: int,
    codes: Ints | None,
    n_resamples: int,
    random: np.random.RandomState,
) -> Iterator[tuple[Ints, Ints | None]]:
    """Yield rows of as many guides as there are, and the group of each."""
    for _ in range(n_resamples):
        rows = random.randint(n_guides, size=n_guides)
        yield rows, None if codes is None else codes[rows]


def _expanded_tail(tail: float, n_resampled: int) -> float:
    """Return the share of bootstrap samples to leave out at either end.

    For few groups it is less than the error that is allowed there: the distribution over
    bootstrap samples is too narrow by the factor of the variance, ``(n - 1) / n``, and
    normal where Student's t is called for.
    """
    if n_resampled < 2:
        return tail
    reach = stats.t.isf(tail, n_resampled - 1)
    return float(stats.norm.sf(reach * np.sqrt(n_resampled / (n_resampled - 1))))


def _quantiles(values: Floats, levels: list[float]) -> Floats:
    """Return quantiles of the values that are defined, or ``nan``."""
    defined = values[~np.isnan(values)]
    return np.quantile(defined, levels) if defined.size else np.full(2, np.nan)


def score_groups(
    y_true: ArrayLike, y_pred: ArrayLike, groups: ArrayLike
) -> pd.DataFrame:
    """Compute Spearman's rank correlation within each group.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_guides,)
        Measured and predicted activities.
    groups : array-like of shape (n_guides,)
        Gene of each guide.

    Returns
    -------
    DataFrame of shape (n_groups, 3)
        ``group``, sorted; ``n_guides``; ``spearman``, ``nan`` where either side is
        constant.

    Raises
    ------
    ValueError
        If lengths differ, a value is missing or not finite, or a label is missing.
    """
    observed, predicted = check_pair(y_true, y_pred)
    labels, codes = check_groups(groups, len(observed))
    members = [codes == code for code in range(len(labels))]
    return pd.DataFrame(
        {
            "group": labels,
            "n_guides": [int(rows.sum()) for rows in members],
            "spearman": [
                spearman_score(observed[rows], predicted[rows]) for rows in members
            ],
        }
    )


def describe_evaluation(scores: pd.DataFrame) -> list[str]:
    """Say what scores of a fitted model show, and what they do not.

    Parameters
    ----------
    scores : DataFrame
        As in `Evaluation`.

    Returns
    -------
    list of str
        Sentences.
    """
    return [_on_ranking(scores), *_on_error(scores)]


def _on_ranking(scores: pd.DataFrame) -> str:
    """Say whether guides are shown to be ranked."""
    spearman = scores.loc["spearman"]
    if np.isnan(spearman["value"]):
        return (
            "There is no rank correlation: the predictions or the measurements do not "
            "vary."
        )
    if spearman["lower"] > 0:
        return "The model ranks these guides better than chance."
    if spearman["upper"] < 0:
        return (
            "The model ranks these guides the wrong way round: is more of the target "
            "better here, as it was in training?"
        )
    return "No rank correlation is shown: the interval of Spearman includes 0."


def _on_error(scores: pd.DataFrame) -> list[str]:
    """Say whether predictions are nearer to measurements than their mean is."""
    r2 = scores.loc["r2"]  # 1 less the ratio of the two errors
    if np.isnan(r2["value"]):
        return []
    if r2["lower"] > 0:
        return ["The predictions are nearer to the measurements than their mean is."]
    if r2["upper"] < 0:
        return [
            "The predictions are further from the measurements than their mean is: they "
            "may rank guides, but are not on the scale of this table."
        ]
    return [
        "The predictions are not shown to be nearer to the measurements than their mean "
        "is: the interval of R² includes 0."
    ]
