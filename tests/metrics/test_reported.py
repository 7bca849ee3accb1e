"""What is known of each metric, and that everything which shows one agrees with it."""

import numpy as np
import pytest

from sgrna_estimator.metrics import spearman_score, within_group_spearman
from sgrna_estimator.metrics.reported import (
    METRICS,
    find_metric,
    is_defined,
    reported_scores,
)

Y = np.array([0.1, 0.4, 0.2, 0.9])
PREDICTED = np.array([0.2, 0.3, 0.1, 0.5])
GENES = np.array([0, 0, 1, 1])


def test_each_metric_goes_by_its_own_name():
    assert list(METRICS) == [metric.name for metric in METRICS.values()]
    headings = [metric.heading for metric in METRICS.values()]
    assert len(set(headings)) == len(headings)


def test_a_metric_of_genes_is_reported_where_there_are_genes():
    assert list(reported_scores(grouped=True)) == [
        *("spearman", "within_group_spearman", "pearson", "r2", "mse"),
        "within_group_mse",
    ]
    assert list(reported_scores(grouped=False)) == ["spearman", "pearson", "r2", "mse"]


def test_scores_are_those_of_the_public_functions():
    scores = reported_scores(grouped=True)
    found = {name: score(Y, PREDICTED, GENES) for name, score in scores.items()}
    assert found["spearman"] == spearman_score(Y, PREDICTED)
    assert found["within_group_spearman"] == within_group_spearman(Y, PREDICTED, GENES)
    assert found["mse"] == pytest.approx(np.mean((Y - PREDICTED) ** 2))
    assert found["r2"] == pytest.approx(1 - found["mse"] / Y.var())


@pytest.mark.parametrize("name", ["spearman", "within_group_spearman", "pearson", "r2"])
def test_a_perfect_prediction_scores_1_and_a_worse_one_less(name):
    score = reported_scores(grouped=True)[name]
    assert find_metric(name).greater_is_better
    assert score(Y, Y, GENES) == pytest.approx(1)
    assert score(Y, -Y, GENES) < 1


@pytest.mark.parametrize("name", reported_scores(grouped=True))
def test_scores_reach_their_bounds_and_no_further(name):
    metric, score = find_metric(name), reported_scores(grouped=True)[name]
    best, worst = score(Y, Y, GENES), score(Y, -Y, GENES)
    if not metric.greater_is_better:
        best, worst = worst, best
    assert best == pytest.approx(metric.most) or metric.most == np.inf
    assert worst == pytest.approx(metric.least) or metric.least == -np.inf


def test_less_of_an_error_is_better():
    assert not find_metric("mse").greater_is_better
    assert reported_scores(grouped=False)["mse"](Y, Y, None) == 0


def test_shifts_of_genes_are_no_error_within_genes():
    scores = reported_scores(grouped=True)
    shifted = PREDICTED + np.array([5.0, 5.0, -3.0, -3.0])
    assert scores["mse"](Y, shifted, GENES) > 1
    within = scores["within_group_mse"](Y, PREDICTED, GENES)
    assert scores["within_group_mse"](Y, shifted, GENES) == pytest.approx(within)
    # half the squares of 0.3 - 0.1, and of 0.7 - 0.4, a gene with a degree of freedom each
    assert within == pytest.approx((0.2**2 / 2 + 0.3**2 / 2) / 2)
    assert np.isnan(scores["within_group_mse"](Y, Y, np.arange(4)))


def test_a_scorer_of_the_user_goes_by_its_name_and_more_is_better():
    metric = find_metric("neg_max_error")
    assert metric.name == metric.label == metric.heading == "neg_max_error"
    assert metric.greater_is_better
    assert metric.decimals is None


def test_where_the_target_does_not_vary_only_an_error_is_defined():
    y = np.array([0.5, 0.5, 0.5, 0.9])
    for test, defined in (([0, 1, 2], False), ([0, 3], True)):
        for name in ("spearman", "pearson", "r2"):
            assert is_defined(name, y, None, np.array(test)) == defined
        assert is_defined("mse", y, None, np.array(test))
        assert is_defined("neg_max_error", y, None, np.array(test))
    assert not is_defined("within_group_spearman", y, np.arange(4), np.arange(4))
