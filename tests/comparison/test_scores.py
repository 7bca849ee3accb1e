"""Scores on splits -> means, ranks and tests, also where a score is not defined."""

from itertools import combinations

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
from sgrna_estimator.comparison.corrected_tests import (
    MOST_FREEDOM,
    corrected_t_test,
    holm,
)
from sgrna_estimator.comparison.scores import (
    MetricScores,
    beats_chance,
    best_estimator,
    score_of_choice,
    scores_by_metric,
    smallest_shown,
    summarise,
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


def test_constant_in_one_split_counts_as_chance_there(features):
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
    values = result.scores_.query("estimator == 'sometimes' and metric == 'spearman'")
    assert values["value"].isna().tolist() == [False, True, False, False]
    mean = values["value"].sum() / 4
    assert table.loc["sometimes", "mean"] == pytest.approx(mean)
    assert table["constant_splits"].to_dict() == {
        **{"ridge": 0, "sometimes": 1, "constant": 4}
    }
    assert table.loc["sometimes", "to_best"] == pytest.approx(
        mean - table.loc["ridge", "mean"]
    )
    assert table["p_chance"].isna().to_dict() == {
        **{"ridge": False, "sometimes": False, "constant": True}
    }
    assert any("are so: sometimes (on 1 of 4" in s for s in result.verdict())


def test_constant_on_different_splits(features):
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
    result = compare_estimators(models, X, y, cv=folds)
    said = [each for each in result.verdict() if each.startswith("No rank corr")]
    assert said[0].endswith(": a (on 1 of 3 splits), b (on 2 of 3 splits).")
    assert result.best == "a"
    # the one split on which it ranks guides is not all that counts
    table = result.summary("spearman").set_index("estimator")
    values = result.scores_.query("estimator == 'b' and metric == 'spearman'")["value"]
    assert table.loc["b", "mean"] == pytest.approx(values.max() / 3)


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
    no_rank, no_error, no_signal, scope = result.verdict()
    assert no_error.startswith("In squared error no model is shown to be better")
    assert no_rank.startswith("No model is shown to rank guides")
    assert no_signal == "No signal detected."
    assert scope.startswith("The scores estimate models trained on about 75 % of these")
    assert "on new guides of this screen" in scope


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
    assert "In squared error no model is shown to be" in result.verdict()[0]


def test_summary_is_complete_and_ordered(screen):
    X, y, genes = screen
    models = {"ridge": on_sequences(Ridge()), "lasso": on_sequences(Lasso(0.05))}
    result = compare_estimators(
        models, X, y, groups=genes, baseline="ridge", repeats=1, random_state=0
    )
    summary = result.summary()
    assert summary.columns.tolist() == [
        *["metric", "estimator", "rank", "mean", "sd", "lower", "upper", "difference"],
        *["difference_lower", "difference_upper", "p_value", "p_adjusted"],
        *["to_best", "to_best_lower", "to_best_upper", "p_best", "p_chance"],
        "constant_splits",
    ]
    assert len(summary) == 6 * 3
    assert summary["rank"].dtype == summary["constant_splits"].dtype == int
    for metric, table in summary.groupby("metric"):
        assert table["rank"].is_monotonic_increasing
        means = table["mean"].dropna()
        assert (
            means.is_monotonic_increasing
            if metric in ("mse", "within_group_mse")
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
        *(
            ({"confidence_level": level}, "between 0 and 1")
            for level in (-0.5, 0, 1, 1.5, 95)
        ),
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


def made(values, metric="spearman", splits=SPLITS):
    """Return scores by a metric, of estimators that are called a, b, ..."""
    return MetricScores(metric, list("abcdef"[: len(values)]), np.array(values), splits)


def test_the_best_is_best_at_the_primary_question_or_has_the_least_error():
    errors = made([[2.0] * 3, [1.0] * 3], "mse")
    ranks, within = made([[0.5] * 3, [0.1] * 3]), made([[0.2] * 3, [0.3] * 3])
    by_metric = {"mse": errors, "spearman": ranks, "within_group_spearman": within}
    assert best_estimator(by_metric, "spearman") == "a"
    assert best_estimator(by_metric, "within_group_spearman") == "b"
    none = ranks._replace(values=np.full((2, 3), np.nan))
    assert best_estimator({"mse": errors, "spearman": none}, "spearman") == "b"


def test_chance_is_tested_for_all_who_rank_guides_somewhere():
    scores = made(
        [[0.5, 0.52, 0.51], [0.5, np.nan, 0.5], [-0.1, 0.1, 0.0], [np.nan] * 3]
    )
    table = summarise(scores, "a").set_index("estimator")
    assert table.loc[list("abc"), "mean"].tolist() == pytest.approx([0.51, 1 / 3, 0])
    plain = [
        corrected_t_test(row[None], 0.25, 0.95).p_value[0] for row in scores.counted[:3]
    ]
    assert table.loc[list("abc"), "p_chance"].tolist() == pytest.approx(
        holm(np.array(plain))
    )
    assert beats_chance(table).to_dict() == {
        "a": True,
        "b": False,
        "c": False,
        "d": False,
    }
    assert np.isnan(table.loc["d", ["mean", "p_chance", "p_best"]].astype(float)).all()
    errors = summarise(scores._replace(metric="mse"), "a")
    assert errors["p_chance"].isna().all()
    assert errors["mean"].isna().sum() == 2  # a score is made up for correlations only


def test_nothing_is_beyond_what_a_correlation_can_be():
    scores = made([[0.99, -0.5, 0.99], [-0.99, 0.5, -0.99]])
    table = summarise(scores, "a")
    assert table["lower"].tolist() == [-1, -1]
    assert table["upper"].tolist() == [1, 1]
    assert table["difference_lower"].min() == -2
    assert summarise(scores, "b")["difference_upper"].max() == 2
    errors = summarise(scores._replace(metric="mse", values=scores.values**2), "a")
    assert errors["lower"].min() >= 0
    r2 = summarise(scores._replace(metric="r2"), "a")
    assert r2["upper"].max() == 1
    assert r2["lower"].min() < -1


def test_the_best_is_tested_against_the_rest_with_all_pairs_in_mind():
    rng = np.random.default_rng(0)
    splits = [(np.arange(20), np.arange(20, 25))] * 5
    values = rng.normal(0.3, 0.05, (4, 5)) + np.array([[0.0], [0.2], [0.1], [0.12]])
    scores = made(values, splits=splits)
    table = summarise(scores, "a").set_index("estimator")
    pairs = list(combinations(range(4), 2))
    plain = [
        corrected_t_test(values[[i]] - values[[j]], 0.25, 0.95).p_value[0]
        for i, j in pairs
    ]
    best = int(values.mean(axis=1).argmax())
    for (i, j), p in zip(pairs, holm(np.array(plain)), strict=True):
        if best in (i, j):
            other = i + j - best
            assert table.loc["abcd"[other], "p_best"] == pytest.approx(p)
            assert table.loc["abcd"[other], "to_best"] == pytest.approx(
                values[other].mean() - values[best].mean()
            )
    assert np.isnan(table.loc["abcd"[best], "p_best"])
    # six pairs, not three: the smallest p value counts six times
    assert table["p_best"].min() == pytest.approx(min(6 * min(plain), 1))


def folds_of(n_repeats, n_folds, n_guides=12, seed=0):
    rng = np.random.default_rng(seed)
    everyone = np.arange(n_guides)
    return [
        (np.setdiff1d(everyone, test), test)
        for _ in range(n_repeats)
        for test in np.array_split(rng.permutation(n_guides), n_folds)
    ]


@pytest.mark.parametrize("metric", ["spearman", "mse"])
def test_who_is_chosen_on_the_other_folds_equals_a_loop(metric):
    rng = np.random.default_rng(1)
    splits = folds_of(3, 4)
    values = rng.uniform(0, 1, (3, 12))
    expected, counts = [], {"a": 0, "b": 0, "c": 0}
    for j, (_, test) in enumerate(splits):
        others = [
            k for k, (_, other) in enumerate(splits) if not set(test) & set(other)
        ]
        means = [values[i, others].mean() for i in range(3)]
        chosen = int(np.argmin(means) if metric == "mse" else np.argmax(means))
        expected.append(values[chosen, j])
        counts["abc"[chosen]] += 1
    scores = made([*values, [np.nan] * 12], metric, splits)
    choice = score_of_choice(scores)
    assert choice.mean == pytest.approx(np.mean(expected))
    assert choice.estimators == counts
    assert choice.lower < choice.mean < choice.upper


def test_equal_models_have_a_winner_whose_score_is_too_good():
    rng = np.random.default_rng(0)
    splits = folds_of(1, 5, 50)
    best, chosen = [], []
    for _ in range(300):
        values = rng.normal(0, 0.1, (4, 5))
        best.append(values.mean(axis=1).max())
        chosen.append(score_of_choice(made(values, splits=splits)).mean)
    assert np.mean(best) > 0.03
    assert abs(np.mean(chosen)) < 0.01


def test_nobody_can_be_chosen_where_all_splits_share_guides():
    splits = [(np.arange(5, 10), np.arange(5)), (np.arange(4), np.arange(4, 9))]
    others = [(np.arange(3), np.arange(20, 22)), (np.arange(3), np.arange(22, 24))]
    everything = (np.arange(24, 30), np.arange(24))
    for given in (splits, [*others, everything]):
        scores = made([[0.1, 0.2, 0.3][: len(given)]] * 2, splits=given)
        choice = score_of_choice(scores)
        assert np.isnan([choice.mean, choice.lower, choice.upper]).all()
        assert choice.estimators == {}
    nobody = score_of_choice(made(np.full((2, 3), np.nan)))
    assert np.isnan(nobody.mean)


def test_what_is_shown_half_of_the_time_is_the_critical_value():
    scores = made(
        np.random.default_rng(0).normal(0.2, 0.1, (1, 5)), splits=folds_of(1, 5)
    )
    smallest = smallest_shown(scores)
    moved = scores.values - scores.values.mean() + smallest
    for factor, shown in ((0.999, False), (1.001, True)):
        values = moved + (factor - 1) * smallest
        found = summarise(scores._replace(values=values), "a")
        assert beats_chance(found).tolist() == [shown]
    # of more estimators each has to show more: as the least of three p values does
    three = smallest_shown(made([*scores.values] * 3, splits=scores.splits))
    error = smallest / stats.t.isf(0.025, 4)
    assert three == pytest.approx(stats.t.isf(0.025 / 3, 4) * error)
    many = np.random.default_rng(0).normal(0.2, 0.1, (2, 15))
    many[1] = many[0]
    margin = corrected_t_test(many[:1] - many[0].mean(), 0.25, 0.95).upper
    found = smallest_shown(made(many, splits=folds_of(3, 5, 10)))
    ratio = stats.t.isf(0.025 / 2, MOST_FREEDOM) / stats.t.isf(0.025, MOST_FREEDOM)
    assert found == pytest.approx(margin[0] * ratio)
    assert np.isnan(smallest_shown(made(np.full((2, 3), np.nan))))
    assert np.isnan(smallest_shown(made([[0.5]], splits=SPLITS[:1])))
