"""Scores of estimators on splits -> estimates, ranks and tests, a metric at a time.

Pure functions over a table of scores and the splits that it is of.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.corrected_tests import (
    SIGNIFICANCE,
    Estimate,
    corrected_t_test,
    differences,
    holm,
)
from sgrna_estimator.comparison.splits import Split
from sgrna_estimator.metrics.reported import find_metric


class MetricScores(NamedTuple):
    """The scores of all estimators by one metric.

    Attributes
    ----------
    metric : str
        Its name.
    estimators : list of str
        Their names.
    values : ndarray of shape (n_estimators, n_splits)
        ``nan`` where a score is not defined.
    splits : list of (ndarray, ndarray)
        The splits that have the metric, and no others.
    """

    metric: str
    estimators: list[str]
    values: Floats
    splits: list[Split]


def scores_by_metric(
    scores: pd.DataFrame, splits: list[Split], splits_with_metric: dict[str, list[int]]
) -> dict[str, MetricScores]:
    """Divide a table of scores by metric.

    Parameters
    ----------
    scores : DataFrame
        As in `ComparisonResult`: ``estimator``, ``split``, ``metric``, ``value``; the
        splits of an estimator in their order.
    splits : list of (ndarray, ndarray)
        Row numbers of the training and the test guides of each.
    splits_with_metric : dict of str to list of int
        Numbers of the splits that have each metric.

    Returns
    -------
    dict of str to MetricScores
    """
    estimators = scores["estimator"].unique().tolist()
    by_metric = {}
    for metric, numbers in splits_with_metric.items():
        column = scores.loc[scores["metric"] == metric, "value"].to_numpy()
        values = column.reshape(len(estimators), len(splits))[:, numbers]
        with_metric = [splits[number] for number in numbers]
        by_metric[metric] = MetricScores(metric, estimators, values, with_metric)
    return by_metric


def check_baseline(baseline: str, names: Iterable[str]) -> None:
    """Raise if there is no such estimator."""
    if baseline not in names:
        raise ValueError(f"baseline must be one of {list(names)}, got {baseline!r}")


def estimate(values: Floats, splits: list[Split], confidence_level: float) -> Estimate:
    """Estimate the mean of each row over splits, and test that it is 0.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_splits)
        A score, or a difference of scores, on each split.
    splits : list of (ndarray, ndarray)
        These splits.
    confidence_level : float
        Of the interval.

    Returns
    -------
    Estimate
        By `corrected_t_test`.
    """
    ratio = sum(len(test) / len(train) for train, test in splits)
    return corrected_t_test(values, ratio / max(len(splits), 1), confidence_level)


def summarise(
    scores: MetricScores, baseline: str, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Summarise a metric over splits, with intervals and tests.

    Parameters
    ----------
    scores : MetricScores
    baseline : str
        The estimator that differences are taken to.
    confidence_level : float, default=0.95
        Of the intervals.

    Returns
    -------
    DataFrame
        A row for each estimator, best first, as `ComparisonResult.summary` has it.

    Raises
    ------
    ValueError
        If there is no such estimator, or the level is not between 0 and 1.
    """
    metric, estimators, values, splits = scores
    check_baseline(baseline, estimators)
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"confidence_level must be between 0 and 1, got {confidence_level}"
        )
    reference = estimators.index(baseline)
    own = estimate(values, splits, confidence_level)
    difference = estimate(
        differences(values, values[reference]), splits, confidence_level
    )
    p_value = difference.p_value
    p_value[reference] = np.nan
    table = pd.DataFrame(
        {
            "metric": metric,
            "estimator": estimators,
            "rank": 0,
            "mean": own.mean,
            "sd": own.sd,
            "lower": own.lower,
            "upper": own.upper,
            "difference": difference.mean,
            "difference_lower": difference.lower,
            "difference_upper": difference.upper,
            "p_value": p_value,
            "p_adjusted": holm(p_value),
        }
    )
    ranks = table["mean"].rank(
        method="min",
        ascending=not find_metric(metric).greater_is_better,
        na_option="bottom",
    )
    table["rank"] = ranks.astype(int)
    return table.sort_values("rank", kind="stable")


def against_chance(
    scores: MetricScores,
) -> tuple[NDArray[np.str_], Estimate, NDArray[np.bool_]]:
    """Test which rank correlations are above 0.

    Parameters
    ----------
    scores : MetricScores

    Returns
    -------
    estimators : ndarray of str of shape (n_defined,)
        Those whose correlation is defined on all splits.
    correlation : Estimate
        Of each.
    is_better : ndarray of bool of shape (n_defined,)
        Whether it is shown to be above 0.
    """
    _, estimators, values, splits = scores
    defined = ~np.isnan(values).any(axis=1) & (len(splits) > 0)
    correlation = estimate(values[defined], splits, 1 - SIGNIFICANCE)
    # p values are nan if a single split is left
    is_better = (correlation.mean > 0) & (holm(correlation.p_value) < SIGNIFICANCE)
    return np.array(estimators)[defined], correlation, is_better


def best_estimator(by_metric: Mapping[str, MetricScores]) -> str:
    """Return who ranks guides best, or has the least error if none has ranks.

    Parameters
    ----------
    by_metric : mapping of str to MetricScores
        With ``"spearman"`` and ``"mse"``.

    Returns
    -------
    str
        Name of the estimator.
    """
    any_baseline = by_metric["mse"].estimators[0]
    best = summarise(by_metric["spearman"], any_baseline).iloc[0]
    if np.isnan(best["mean"]):
        best = summarise(by_metric["mse"], any_baseline).iloc[0]
    return str(best["estimator"])
