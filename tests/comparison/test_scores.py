"""Scores on splits -> means, ranks and tests, also where a score is not defined."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import (
    KFold,
    LeaveOneGroupOut,
)

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.scores import (
    MetricScores,
    against_chance,
    best_estimator,
    scores_by_metric,
)
from tests.comparison.models import Unlucky, on_sequences


@pytest.mark.parametrize("target", [0.1, 7.0])
def test_constants_give_nan_in_silence_and_rank_last(features, target):
    X, y, groups = features
    y = y.copy()
    y[:30] = target  # genes, and perhaps folds, in which nothing varies
    models = {"none": Lasso(1e6), "ridge": Ridge(), "wrong": Unlucky("none")}
    result = compare_estimators(
        models, X, y, groups=groups, cv=LeaveOneGroupOut(), baseline="none"
    )
    summary = result.summary().set_index(["metric", "estimator"])
    for metric in ("spearman", "within_group_spearman", "pearson"):
        row = summary.loc[metric]
        assert row.loc[["none", "wrong", "constant"], "mean"].isna().all()
        assert row.loc["ridge", "rank"] == 1
        assert row["rank"].drop("ridge").eq(2).all()
        assert np.isfinite(row.loc["ridge", "mean"])  # over the seven genes that vary
        assert row["p_value"].isna().all()
    assert np.isfinite(summary.loc["mse", "mean"]).all()
    # not 0, as scikit-learn's r2_score would have it for a constant target
    r2 = result.scores_.query("metric == 'r2'")
    assert r2.groupby("split")["value"].apply(lambda v: v.isna().all())[:3].all()
    assert result.verdict()


def test_constant_in_one_split_means_no_mean(features):
    X, y, _ = features

    class SometimesConstant(Ridge):
        def predict(self, X):
            predicted = super().predict(X)
            return predicted if X[0, 0] != first else np.full(len(X), 0.3)

    folds = list(KFold(4).split(X))
    first = X[folds[1][1][0], 0]
    result = compare_estimators(
        {"ridge": Ridge(), "sometimes": SometimesConstant()}, X, y, cv=folds
    )
    table = result.summary("spearman").set_index("estimator")
    assert np.isnan(table.loc["sometimes", "mean"])
    assert table.loc["sometimes", "rank"] == 2
    assert np.isfinite(table.loc["ridge", "mean"])
    values = result.scores_.query("estimator == 'sometimes' and metric == 'spearman'")
    assert values["value"].isna().tolist() == [False, True, False, False]
    assert any("equal predictions: sometimes (on 1 of 4" in s for s in result.verdict())


def test_each_constant_somewhere_means_no_winner(features):
    X, y, _ = features
    folds = list(KFold(3).split(X))
    starts = [X[test[0], 0] for _, test in folds]

    class ConstantOn(Ridge):
        def __init__(self, where=()):
            super().__init__()
            self.where = where

        def predict(self, X):
            predicted = super().predict(X)
            return np.zeros(len(X)) if X[0, 0] in self.where else predicted

    models = {"a": ConstantOn(starts[:1]), "b": ConstantOn(starts[1:])}
    verdict = compare_estimators(models, X, y, cv=folds).verdict()
    assert verdict[-1].startswith("No rank correlation, for equal predictions: ")
    assert verdict[-1].endswith(": a (on 1 of 3 splits), b (on 2 of 3 splits).")
    # nor is the one split on which it ranks guides all that counts
    alone = compare_estimators({"b": models["b"]}, X, y, cv=folds)
    assert alone.summary("spearman")["mean"].isna().all()


def test_splits_without_variation_do_not_count(features):
    X, y, _ = features
    y[:25] = 1.0
    result = compare_estimators({"ridge": Ridge()}, X, y, cv=KFold(4))
    assert result.splits_with_metric_["spearman"] == [1, 2, 3]
    assert result.splits_with_metric_["mse"] == [0, 1, 2, 3]
    scores = result.scores_.query("metric == 'spearman' and estimator == 'ridge'")
    assert np.isnan(scores["value"].iloc[0])
    mean = result.summary("spearman")["mean"].iloc[0]
    assert mean == pytest.approx(scores["value"].iloc[1:].mean())
    # with one such split left there is a mean, and no evidence
    folds = list(KFold(4).split(X))
    result = compare_estimators({"ridge": Ridge()}, X, y, cv=folds[:2])
    table = result.summary("spearman").set_index("estimator")
    assert np.isfinite(table.loc["ridge", "mean"])
    assert np.isnan(table.loc["ridge", "lower"])
    assert "No model is shown to rank guides" in result.verdict()[-1]


def test_single_guide_test_sets_do_not_crash(features):
    X, y, _ = features
    folds = [(np.arange(1, 100), [0]), (np.arange(99), [99])]
    result = compare_estimators({"ridge": Ridge()}, X, y, cv=folds)
    assert result.summary("spearman")["mean"].isna().all()
    assert result.summary("r2")["mean"].isna().all()
    assert result.summary("mse")["mean"].notna().all()
    assert "Nothing can be ranked: the measurements do not vary." in result.verdict()
    result.plot(metric="spearman").figure.clear()


def test_an_estimator_that_predicts_the_mean_is_not_better_than_it(features):
    X, y, _ = features
    result = compare_estimators({"none": Lasso(1e6)}, X, y, random_state=0)
    table = result.summary("mse").set_index("estimator")
    assert table.loc["none", "difference"] == 0
    assert table.loc["none", "p_value"] == 1
    assert "No model is shown to predict better" in result.verdict()[0]


def test_summary_is_complete_and_ordered(screen):
    X, y, genes = screen
    models = {"ridge": on_sequences(Ridge()), "lasso": on_sequences(Lasso(0.05))}
    result = compare_estimators(
        models, X, y, groups=genes, baseline="ridge", random_state=0
    )
    summary = result.summary()
    assert summary.columns.tolist() == [
        *["metric", "estimator", "rank", "mean", "sd", "lower", "upper", "difference"],
        *["difference_lower", "difference_upper", "p_value", "p_adjusted"],
    ]
    assert len(summary) == 5 * 3
    for metric, table in summary.groupby("metric"):
        assert table["rank"].is_monotonic_increasing
        means = table["mean"].dropna()
        assert (
            means.is_monotonic_increasing
            if metric == "mse"
            else means.is_monotonic_decreasing
        )
    mse = summary.query("metric == 'mse'").set_index("estimator")
    by_split = result.scores_.query("metric == 'mse'").pivot_table(
        index="split", columns="estimator", values="value"
    )
    difference = by_split["lasso"] - by_split["ridge"]
    ratio = np.mean([len(test) / len(train) for train, test in result.splits_])
    error = np.sqrt((1 / 5 + ratio) * difference.var())
    assert mse.loc["lasso", "difference"] == pytest.approx(difference.mean())
    assert mse.loc["lasso", "p_value"] == pytest.approx(
        2 * stats.t(4).sf(abs(difference.mean() / error))
    )
    assert mse.loc["ridge", "difference"] == 0
    assert np.isnan(mse.loc["ridge", "p_value"])
    wider = result.summary("mse", confidence_level=0.99).set_index("estimator")
    assert (wider["upper"] > mse["upper"].loc[wider.index]).all()
    for arguments, message in (
        ({"metric": "accuracy"}, "metric must be one of"),
        ({"baseline": "forest"}, "baseline must be one of"),
        ({"confidence_level": 95}, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=message):
            result.summary(**arguments)


def table_of(values, metric="mse"):
    """Return a table of scores, by estimator, on as many splits."""
    return pd.DataFrame(
        [
            {"estimator": name, "split": split, "metric": metric, "value": value}
            for name, scores in values.items()
            for split, value in enumerate(scores)
        ]
    )


SPLITS = [(np.arange(8), np.arange(8, 10))] * 3


def test_scores_are_divided_by_metric_and_splits_without_it_are_left_out():
    values = {"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}
    scores = pd.concat([table_of(values), table_of(values, "spearman")])
    with_metric = {"mse": [0, 1, 2], "spearman": [2]}
    divided = scores_by_metric(scores, SPLITS, with_metric)
    assert list(divided) == ["mse", "spearman"]
    np.testing.assert_array_equal(divided["mse"].values, list(values.values()))
    np.testing.assert_array_equal(divided["spearman"].values, [[3], [6]])
    assert len(divided["spearman"].splits) == 1


def test_the_best_ranks_guides_best_or_has_the_least_error():
    errors = MetricScores("mse", ["a", "b"], np.array([[2.0] * 3, [1.0] * 3]), SPLITS)
    ranks = MetricScores(
        "spearman", ["a", "b"], np.array([[0.5] * 3, [0.1] * 3]), SPLITS
    )
    assert best_estimator({"mse": errors, "spearman": ranks}) == "a"
    none = ranks._replace(values=np.full((2, 3), np.nan))
    assert best_estimator({"mse": errors, "spearman": none}) == "b"


def test_against_chance_leaves_out_who_has_no_correlation():
    values = np.array([[0.5, 0.52, 0.51], [0.5, np.nan, 0.5], [-0.1, 0.1, 0.0]])
    scores = MetricScores("spearman", ["good", "partly", "none"], values, SPLITS)
    names, correlation, is_better = against_chance(scores)
    assert names.tolist() == ["good", "none"]
    assert correlation.mean == pytest.approx([0.51, 0.0])
    assert is_better.tolist() == [True, False]
