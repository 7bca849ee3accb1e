"""How well estimators do with fewer training guides: the score against their number."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length, check_random_state, indexable

from sgrna_estimator._validation import check_groups, check_target
from sgrna_estimator.comparison.corrected_tests import SIGNIFICANCE
from sgrna_estimator.comparison.fit_and_score import (
    Progress,
    Task,
    run_tasks,
    warn_again,
)
from sgrna_estimator.comparison.fit_params import check_metadata, choose_fit_params
from sgrna_estimator.comparison.scores import MetricScores, own_scores
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.metrics.reported import reported_scores

_FEWEST = 10
_USUAL_FIRST = 100
_MOST_SIZES = 4


def learning_sizes(n_train: int) -> list[int]:
    """Return at most four numbers of guides, in geometric steps, below all of them.

    Parameters
    ----------
    n_train : int
        All training guides.

    Returns
    -------
    list of int
        From 100 on, or from a quarter of the guides if that is less, each about twice
        the one before or more. Empty if there are fewer than 40 guides.

    Examples
    --------
    >>> from sgrna_estimator.comparison.learning_curve import learning_sizes
    >>> learning_sizes(1091)
    [100, 220, 490]
    >>> learning_sizes(10_000)
    [100, 320, 1000, 3200]
    """
    first = min(_USUAL_FIRST, n_train / 4)
    if first < _FEWEST:
        return []
    n_sizes = min(_MOST_SIZES, int(np.log2(n_train / first)))
    exact = first * (n_train / first) ** (np.arange(n_sizes) / n_sizes)
    # two digits: nobody plans 316 guides
    return [int(float(f"{size:.2g}")) for size in exact]


def learning_curve(
    estimators: Mapping[str, Any],
    X: Any,
    y: ArrayLike,
    *,
    splits: Sequence[Split],
    sizes: Sequence[int],
    metric: str = "spearman",
    groups: ArrayLike | None = None,
    params: Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score estimators that were fitted to fewer and fewer of the training guides.

    Parameters
    ----------
    estimators : mapping of str to regressor
        By name, unfitted; they stay as they are.
    X : sequences, or {array-like, sparse matrix, DataFrame} of shape (n_guides, ...)
        What the estimators take.
    y : array-like of shape (n_guides,)
        Measured activities.
    splits : sequence of (ndarray, ndarray)
        Row numbers of the training and the test guides, such as
        ``ComparisonResult.splits_``. All sizes are scored on the same test guides.
    sizes : sequence of int
        How many of the training guides are fitted to. They are drawn at random, the
        same for all estimators, and those of a size are among those of any larger one.
    metric : str, default="spearman"
        One that every comparison reports.
    groups : array-like of shape (n_guides,), default=None
        Gene of each guide, for correlation within genes and for estimators that ask
        for it.
    params : mapping of str to array-like of shape (n_guides,), default=None
        More of what estimators' `fit` takes, as in `compare_estimators`.
    n_jobs : int, default=None
        How many fits run at once, as in `compare_estimators`.
    random_state : int, RandomState instance or None, default=None
        Draws the guides. Give the estimators seeds of their own.
    progress : callable, default=None
        Called as ``progress(done, total, name)`` after each fit.

    Returns
    -------
    DataFrame
        A row for each ``estimator``, ``size`` and ``split`` (its number), with the score
        as ``value``: ``nan`` where it is not defined.

    Raises
    ------
    ValueError
        If a size is not between 1 and the training guides of each split, the metric is
        none, or guides and what is known of them do not match.
    RuntimeError
        If an estimator fails; it names the estimator, the size and the split.

    See Also
    --------
    summarise_learning_curve : Means and intervals.
    compare_estimators : All training guides, and all metrics.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sgrna_estimator import learning_curve
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 20))
    >>> y = X @ rng.normal(size=20)
    >>> splits = [(np.arange(100), np.arange(100, 200))]
    >>> curve = learning_curve(
    ...     {"ridge": Ridge()}, X, y, splits=splits, sizes=[10, 80], random_state=0
    ... )
    >>> curve.round(1)
      estimator  size  split  value
    0     ridge    10      0    0.5
    1     ridge    80      0    1.0
    """
    (X,) = indexable(X)
    target = check_target(y)
    check_consistent_length(X, target)
    labels, codes = None, None
    if groups is not None:
        names, codes = check_groups(groups, len(target))
        labels = names[codes]
    _check_metric(metric, grouped=groups is not None)
    _check_sizes(sizes, splits)
    metadata = check_metadata(params, labels, len(target))
    rng = check_random_state(random_state)
    shuffled = [rng.permutation(train) for train, _ in splits]
    # large fits first, so that none is left alone at the end
    sized = {
        f"{name} with {size} guides": (name, size)
        for size in sorted(set(sizes), reverse=True)
        for name in estimators
    }
    tasks = [
        Task(
            task_name,
            estimators[name],
            number,
            (np.sort(shuffled[number][:size]), test),
            choose_fit_params(name, estimators[name], metadata),
        )
        for task_name, (name, size) in sized.items()
        for number, (_, test) in enumerate(splits)
    ]
    outcomes = run_tasks(
        *(tasks, X, target, codes, {}), n_jobs=n_jobs, progress=progress
    )
    warn_again(outcomes)
    rows = [
        (*sized[outcome.estimator], outcome.split, outcome.scores[metric])
        for outcome in outcomes
    ]
    order = {name: place for place, name in enumerate(estimators)}
    rows.sort(key=lambda row: (order[row[0]], *row[1:3]))
    curve = pd.DataFrame(rows, columns=["estimator", "size", "split", "value"])
    return curve.astype({"size": int, "split": int, "value": float})  # if empty, too


def summarise_learning_curve(
    curve: pd.DataFrame, *, splits: Sequence[Split], metric: str = "spearman"
) -> pd.DataFrame:
    """Average a learning curve over splits, with corrected intervals.

    Parameters
    ----------
    curve : DataFrame
        From `learning_curve`, or several of them, one below the other.
    splits : sequence of (ndarray, ndarray)
        Those that it is of.
    metric : str, default="spearman"
        What it was scored by. Where predictions are all the same a correlation counts as
        0, unless that is so on all splits.

    Returns
    -------
    DataFrame
        A row for each ``estimator`` and ``size``, in the order in which they come, with
        the ``mean`` and its corrected 95 % interval, ``lower`` to ``upper``.

    Notes
    -----
    The correction is that for whole training sides (see `ComparisonResult.summary`).
    Draws of fewer guides overlap less, so that it is a cautious one for them.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sgrna_estimator import summarise_learning_curve
    >>> splits = [(np.arange(8), np.arange(8, 10)), (np.arange(2, 10), np.arange(2))]
    >>> curve = pd.DataFrame(
    ...     {"estimator": "ridge", "size": 4, "split": [0, 1], "value": [0.4, 0.5]}
    ... )
    >>> summarise_learning_curve(curve, splits=splits).round(2)
      estimator  size  mean  lower  upper
    0     ridge     4  0.45  -0.33    1.0
    """
    by_place = curve.sort_values("split", kind="stable").groupby(
        ["estimator", "size"], sort=False
    )["value"]
    places = curve[["estimator", "size"]].drop_duplicates(ignore_index=True)
    values = np.array(
        [by_place.get_group(place) for place in places.itertuples(index=False)]
    )
    names = places["estimator"].tolist()
    scores = MetricScores(metric, names, values, list(splits))
    found = own_scores(scores, 1 - SIGNIFICANCE)
    return places.assign(mean=found.mean, lower=found.lower, upper=found.upper)


def _check_metric(metric: str, *, grouped: bool) -> None:
    known = list(reported_scores(grouped))
    if metric not in known:
        raise ValueError(f"metric must be one of {known}, got {metric!r}")


def _check_sizes(sizes: Sequence[int], splits: Sequence[Split]) -> None:
    most = min(len(train) for train, _ in splits)
    for size in sizes:
        if not 1 <= size <= most:
            raise ValueError(
                f"sizes must be from 1 to {most}, the training guides of the smallest "
                f"split, got {size}"
            )
