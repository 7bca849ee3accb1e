"""Scores of estimators on splits -> estimates, ranks and tests, a metric at a time.

Pure functions over a table of scores and the splits that it is of.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sgrna_estimator._typing import Floats
from sgrna_estimator.comparison.corrected_tests import (
    MOST_FREEDOM,
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

    @property
    def counted(self) -> Floats:
        """The values that count.

        Where an estimator predicts the same for all guides of a split, it is as good as
        chance there: leaving the split out would choose the splits by the estimator. One
        that does so on all splits has no score.
        """
        chance = find_metric(self.metric).chance
        if chance is None:
            return self.values
        ranks_some = ~np.isnan(self.values).all(axis=1, keepdims=True)
        return np.where(np.isnan(self.values) & ranks_some, chance, self.values)


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


def own_scores(scores: MetricScores, confidence_level: float) -> Estimate:
    """Estimate the score of each estimator, within what the metric can be.

    Parameters
    ----------
    scores : MetricScores
    confidence_level : float
        Of the interval.

    Returns
    -------
    Estimate
        Of the scores that count.
    """
    metric = find_metric(scores.metric)
    found = estimate(scores.counted, scores.splits, confidence_level)
    return _within(found, metric.least, metric.most)


def _differences_to(
    scores: MetricScores, reference: int, confidence_level: float
) -> Estimate:
    """Estimate the score of each estimator less that of one; its own p value is nan."""
    metric, values = find_metric(scores.metric), scores.counted
    found = estimate(
        differences(values, values[reference]), scores.splits, confidence_level
    )
    found.p_value[reference] = np.nan
    span = metric.most - metric.least
    return _within(found, -span, span)


def _within(found: Estimate, least: float, most: float) -> Estimate:
    """Cut intervals off where there are no such scores."""
    return found._replace(
        lower=np.clip(found.lower, least, most), upper=np.clip(found.upper, least, most)
    )


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
    check_baseline(baseline, scores.estimators)
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"confidence_level must be between 0 and 1, got {confidence_level}"
        )
    own = own_scores(scores, confidence_level)
    difference = _differences_to(
        scores, scores.estimators.index(baseline), confidence_level
    )
    ranks = pd.Series(own.mean).rank(
        method="min",
        ascending=not find_metric(scores.metric).greater_is_better,
        na_option="bottom",
    )
    best = int(ranks.argmin())
    to_best = _differences_to(scores, best, confidence_level)
    table = pd.DataFrame(
        {
            "metric": scores.metric,
            "estimator": scores.estimators,
            "rank": ranks.astype(int),
            "mean": own.mean,
            "sd": own.sd,
            "lower": own.lower,
            "upper": own.upper,
            "difference": difference.mean,
            "difference_lower": difference.lower,
            "difference_upper": difference.upper,
            "p_value": difference.p_value,
            "p_adjusted": holm(difference.p_value),
            "to_best": to_best.mean,
            "to_best_lower": to_best.lower,
            "to_best_upper": to_best.upper,
            "p_best": _against_each_other(scores)[best],
            "p_chance": _against_chance(scores),
            "constant_splits": np.isnan(scores.values).sum(axis=1),
        }
    )
    return table.sort_values("rank", kind="stable")


def _against_each_other(scores: MetricScores) -> Floats:
    """Test all pairs of estimators; return adjusted p values, nan on the diagonal.

    The best was picked for its score, so that its lead over the others is the greatest
    of all differences: Holm's adjustment is for all pairs, not for those with the best.
    """
    n, values = len(scores.estimators), scores.counted
    pairs = list(combinations(range(n), 2))
    found = np.full((n, n), np.nan)
    if not pairs:
        return found
    first, second = np.transpose(pairs)
    paired = differences(values[first], values[second])
    adjusted = holm(estimate(paired, scores.splits, 1 - SIGNIFICANCE).p_value)
    found[first, second] = found[second, first] = adjusted
    return found


def _against_chance(scores: MetricScores) -> Floats:
    """Test each estimator against chance; return p values, adjusted for their number."""
    chance = find_metric(scores.metric).chance
    if chance is None:
        return np.full(len(scores.estimators), np.nan)
    found = estimate(scores.counted - chance, scores.splits, 1 - SIGNIFICANCE)
    return holm(found.p_value)


def beats_chance(summary: pd.DataFrame) -> pd.Series:
    """Tell which estimators are shown to do better than chance.

    Parameters
    ----------
    summary : DataFrame
        From `summarise`, of a rank correlation.

    Returns
    -------
    Series of bool
        With the index of the summary. A p value is ``nan`` if a single split is left.
    """
    return (summary["mean"] > 0) & (summary["p_chance"] < SIGNIFICANCE)


def smallest_shown(scores: MetricScores) -> float:
    """Return which correlation the tests against chance show half of the time.

    Parameters
    ----------
    scores : MetricScores
        Of a correlation.

    Returns
    -------
    float
        For the estimator in the middle of all that have one; a smaller one is usually
        missed. ``nan`` if none has, or with one split.
    """
    found = estimate(scores.counted, scores.splits, 1 - SIGNIFICANCE)
    half_widths = (found.upper - found.lower)[~np.isnan(found.upper)] / 2
    if not half_widths.size:
        return float("nan")
    freedom = min(len(scores.splits) - 1, MOST_FREEDOM)
    single, adjusted = stats.t.isf(
        SIGNIFICANCE / 2 / np.array([1, len(half_widths)]), freedom
    )
    return float(np.median(half_widths) * adjusted / single)


class Choice(NamedTuple):
    """The score of whichever estimator is best on other guides.

    Attributes
    ----------
    mean, lower, upper : float
        Over splits, with the corrected interval; ``nan`` if it is not defined.
    estimators : dict of str to int
        On how many splits each was chosen.
    """

    mean: float
    lower: float
    upper: float
    estimators: dict[str, int]


def score_of_choice(scores: MetricScores, confidence_level: float = 0.95) -> Choice:
    """Score, on each split, the estimator that is best on the splits of other guides.

    The best of several estimators was picked by the very scores that it is reported
    with, which are too good for that reason. Here no estimator is picked by the guides
    that it is scored on.

    Parameters
    ----------
    scores : MetricScores
    confidence_level : float, default=0.95
        Of the interval.

    Returns
    -------
    Choice
        ``nan`` if no estimator has a score, or if a split shares guides with each other.
    """
    values = scores.counted
    has_score = ~np.isnan(values).any(axis=1)
    names = np.array(scores.estimators)[has_score]
    values = values[has_score]
    apart = _share_no_guide([test for _, test in scores.splits])
    if not (values.size and apart.any(axis=1).all()):
        return Choice(np.nan, np.nan, np.nan, {})
    sign = 1 if find_metric(scores.metric).greater_is_better else -1
    elsewhere = values @ apart.T  # sums: all estimators have as many scores there
    chosen = (sign * elsewhere).argmax(axis=0)
    own = own_scores(
        scores._replace(
            estimators=["chosen"], values=values[chosen, range(len(chosen))][None]
        ),
        confidence_level,
    )
    counts = np.bincount(chosen, minlength=len(names)).tolist()
    return Choice(
        *(float(own.mean[0]), float(own.lower[0]), float(own.upper[0])),
        estimators=dict(zip(names.tolist(), counts, strict=True)),
    )


def _share_no_guide(tests: list[NDArray[np.intp]]) -> NDArray[np.bool_]:
    """Tell which test sides have no guide in common: shape (n_splits, n_splits)."""
    if not tests:
        return np.zeros((0, 0), dtype=bool)
    members = np.zeros((len(tests), 1 + max(test.max() for test in tests)), np.float32)
    for number, test in enumerate(tests):
        members[number, test] = 1
    return members @ members.T == 0


def best_estimator(by_metric: Mapping[str, MetricScores], primary: str) -> str:
    """Return who is best at the primary question, or has the least error.

    Parameters
    ----------
    by_metric : mapping of str to MetricScores
        With the primary metric and ``"mse"``.
    primary : str
        The metric that is asked for first.

    Returns
    -------
    str
        Name of the estimator; of the one with the least error if none has a score.
    """
    any_baseline = by_metric["mse"].estimators[0]
    best = summarise(by_metric[primary], any_baseline).iloc[0]
    if np.isnan(best["mean"]):
        best = summarise(by_metric["mse"], any_baseline).iloc[0]
    return str(best["estimator"])
