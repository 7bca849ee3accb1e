"""Out-of-fold predictions of several tables -> the score of each estimator on each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sgrna_estimator.comparison.scores import MetricScores, own_scores
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.metrics.reported import REPORTED, is_defined

if TYPE_CHECKING:
    from sgrna_estimator.comparison.result import ComparisonResult

_COLUMNS = ("table", "n_guides", "n_splits", "estimator", "mean", "lower", "upper")


def scores_by_table(result: "ComparisonResult", tables: ArrayLike) -> pd.DataFrame:
    """Score each estimator on the guides of each table by the primary metric.

    Parameters
    ----------
    result : ComparisonResult
        Of guides from several tables, put one below the other.
    tables : array-like of shape (n_guides,)
        The table that each guide is from, in the order of the comparison's ``X``.

    Returns
    -------
    DataFrame
        A row for each table and estimator; tables in the order in which they first
        occur, estimators as `ComparisonResult.summary` has them. ``table``; ``n_guides``,
        which were tested; ``n_splits``, of which the guides of the table have the metric;
        ``estimator``; ``mean`` over these splits; and ``lower`` and ``upper``, the
        corrected 95 % interval. There is none (``nan``) if the table does not have the
        metric on each split: the variance between so few splits is not known.

    Raises
    ------
    ValueError
        If there are fewer entries than guides.

    Notes
    -----
    Models are those of the comparison: they have learnt from the training guides of all
    tables. The interval is corrected by the share of test guides in whole splits.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sgrna_estimator import compare_estimators
    >>> from sgrna_estimator.comparison.table_scores import scores_by_table
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3))
    >>> y = X[:, 0] + rng.normal(size=300)
    >>> result = compare_estimators({"ridge": Ridge()}, X, y, random_state=0)
    >>> found = scores_by_table(result, ["a"] * 100 + ["b"] * 200)
    >>> found.loc[found["estimator"] == "ridge", ["table", "n_guides"]].values.tolist()
    [['a', 100], ['b', 200]]
    """
    labels = np.asarray(tables)
    # rows of the predictions are in the order of X
    tested = np.sort(np.concatenate([test for _, test in result.splits_]))
    if len(labels) <= tested[-1]:
        raise ValueError(
            f"tables must hold one entry a guide of the comparison: expected at least "
            f"{tested[-1] + 1}, got {len(labels)}"
        )
    estimators = result.summary(result.primary)["estimator"].tolist()
    rows = []
    for table in pd.unique(labels[tested]):
        of_table = labels[tested] == table
        scores = _score_splits(
            *(result.predictions_[of_table], estimators, result.primary),
            splits=result.splits_,
        )
        n_guides, n_splits = len(np.unique(tested[of_table])), len(scores.splits)
        means, lower, upper = _estimate(scores, n_splits == len(result.splits_))
        rows += [
            (table, n_guides, n_splits, *each)
            for each in zip(estimators, means, lower, upper, strict=True)
        ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _score_splits(
    predictions: pd.DataFrame,
    estimators: Sequence[str],
    metric: str,
    *,
    splits: list[Split],
) -> MetricScores:
    """Score predictions of some guides on each split on which they have the metric."""
    measured = predictions["y"].to_numpy()
    groups = predictions["group"].to_numpy() if "group" in predictions else None
    values, kept = [], []
    split_of = predictions["split"].to_numpy()
    for number, split in enumerate(splits):
        rows = np.flatnonzero(split_of == number)
        if not rows.size or not is_defined(metric, measured, groups, rows):
            continue
        of_rows = None if groups is None else groups[rows]
        predicted = [predictions[name].to_numpy()[rows] for name in estimators]
        score = REPORTED[metric]
        values.append([score(measured[rows], each, of_rows) for each in predicted])
        kept.append(split)
    by_estimator = np.reshape(values, (len(kept), len(estimators))).T
    return MetricScores(metric, list(estimators), by_estimator, kept)


def _estimate(
    scores: MetricScores, is_whole: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each estimator, and its interval if all splits are there."""
    unknown = np.full(len(scores.estimators), np.nan)
    if not scores.splits:
        return unknown, unknown, unknown
    found = own_scores(scores, 0.95)
    if not is_whole:
        return found.mean, unknown, unknown
    return found.mean, found.lower, found.upper
