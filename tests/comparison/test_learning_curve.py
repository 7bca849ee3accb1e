"""Scores against the number of training guides: nested draws, the same test guides."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.comparison.learning_curve import (
    learning_curve,
    learning_sizes,
    summarise_learning_curve,
)
from sgrna_estimator.metrics import within_group_spearman
from tests.comparison.models import Taker, Unlucky

SPLITS = [(np.arange(20, 100), np.arange(20)), (np.arange(70), np.arange(70, 100))]


@pytest.mark.parametrize(
    ("n_train", "sizes"),
    [
        (39, []),
        (40, [10, 20]),
        (400, [100, 200]),
        (1600, [100, 200, 400, 800]),
        (16_000, [100, 360, 1300, 4500]),
    ],
)
def test_sizes_go_up_in_equal_steps(n_train, sizes):
    assert learning_sizes(n_train) == sizes


def test_draws_are_nested_and_the_same_for_all(features):
    X, y, _ = features
    seen = {}

    class Spy(RegressorMixin, BaseEstimator):
        def __init__(self, name="a"):
            self.name = name

        def fit(self, X, y):
            seen.setdefault(self.name, []).append(set(X[:, 0]))
            self.fitted_ = True
            return self

        def predict(self, X):
            return X[:, 1]

    models = {"a": Spy("a"), "b": Spy("b")}
    learning_curve(models, X, y, splits=SPLITS, sizes=[60, 10, 30], random_state=0)
    assert seen["a"] == seen["b"]
    assert [len(each) for each in seen["a"]] == [60, 60, 30, 30, 10, 10]
    for number, (train, _) in enumerate(SPLITS):
        large, middle, small = seen["a"][number::2]
        assert small < middle < large <= set(X[train, 0])


def test_all_training_guides_score_as_in_the_comparison(features):
    X, y, genes = features
    models = {"ridge": Ridge(), "strong": Ridge(1e3)}
    result = compare_estimators(models, X, y, groups=genes, repeats=1, random_state=0)
    size = len(result.splits_[0][0])
    metric = "within_group_spearman"
    curve = learning_curve(
        *(models, X, y),
        splits=result.splits_,
        sizes=[10, size],
        metric=metric,
        groups=genes,
        random_state=0,
    )
    assert list(curve.columns) == ["estimator", "size", "split", "value"]
    assert curve["estimator"].tolist() == ["ridge"] * 10 + ["strong"] * 10
    assert curve["size"].tolist() == 2 * ([10] * 5 + [size] * 5)
    expected = result.summary(metric).set_index("estimator")
    summary = summarise_learning_curve(curve, splits=result.splits_)
    whole = summary[summary["size"] == size].set_index("estimator")
    for column in ("mean", "lower", "upper"):
        assert_allclose(whole[column], expected.loc[whole.index, column])
    fewer = curve[(curve["size"] == 10) & (curve["estimator"] == "ridge")]
    assert (fewer["value"].to_numpy() != curve["value"].to_numpy()[5:10]).any()


def test_what_fit_asks_for_is_that_of_the_drawn_guides(features):
    X, y, genes = features
    curve = learning_curve(
        {"taker": Taker()},
        *(X, y),
        splits=SPLITS[:1],
        sizes=[1],
        metric="mse",
        groups=genes,
        params={"extra": np.full(100, 500.0)},
    )
    # one gene, and one guide's extra
    expected = np.mean((y[SPLITS[0][1]] - 1.5) ** 2)
    assert_allclose(curve["value"], expected)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_it_can_be_repeated_in_any_number_of_processes(features, n_jobs):
    X, y, genes = features
    options = {"splits": SPLITS, "sizes": [10, 40], "groups": genes}
    told = []
    expected = learning_curve({"ridge": Ridge()}, X, y, **options, random_state=3)
    curve = learning_curve(
        {"ridge": Ridge()},
        *(X, y),
        **options,
        random_state=3,
        n_jobs=n_jobs,
        progress=lambda *args: told.append(args),
    )
    pd.testing.assert_frame_equal(curve, expected)
    assert [(done, total) for done, total, _ in told] == [(i, 4) for i in range(1, 5)]
    other = learning_curve({"ridge": Ridge()}, X, y, **options, random_state=4)
    assert (other["value"] != expected["value"]).any()


def test_the_score_is_of_the_whole_test_side(features):
    X, y, genes = features
    curve = learning_curve(
        {"ridge": Ridge()},
        *(X, y),
        splits=SPLITS[:1],
        sizes=[80],
        metric="within_group_spearman",
        groups=genes,
    )
    train, test = SPLITS[0]
    predicted = Ridge().fit(X[train], y[train]).predict(X[test])
    expected = within_group_spearman(y[test], predicted, genes[test])
    assert_allclose(curve["value"], expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [71]}, "sizes must be from 1 to 70, .* smallest split, got 71"),
        ({"sizes": [0]}, "sizes must be from 1 to 70, .* got 0"),
        ({"metric": "within_group_spearman"}, "metric must be one of"),
        ({"metric": "auc"}, "metric must be one of .*'spearman'.* got 'auc'"),
    ],
)
def test_what_cannot_be_drawn_or_scored(features, options, message):
    X, y, _ = features
    options = {"splits": SPLITS, "sizes": [10], **options}
    with pytest.raises(ValueError, match=message):
        learning_curve({"ridge": Ridge()}, X, y, **options)


def test_a_failure_names_the_size(features):
    X, y, _ = features
    with pytest.raises(RuntimeError, match="'bad with 10 guides' failed in fit on"):
        learning_curve({"bad": Unlucky()}, X, y, splits=SPLITS, sizes=[10])
    with pytest.raises(KeyboardInterrupt):
        learning_curve({"slow": Unlucky("interrupt")}, X, y, splits=SPLITS, sizes=[10])


def test_equal_predictions_on_a_split_count_as_chance_and_on_all_have_no_mean():
    curve = pd.DataFrame(
        {
            "estimator": ["b", "b", "a", "a"],
            "size": [20, 20, 10, 10],
            "split": [1, 0, 0, 1],
            "value": [np.nan, np.nan, 0.2, 0.4],
        }
    )
    summary = summarise_learning_curve(curve, splits=SPLITS)
    assert summary["estimator"].tolist() == ["b", "a"]
    assert np.isnan(summary.loc[0, ["mean", "lower", "upper"]].astype(float)).all()
    assert_allclose(summary.loc[1, ["mean", "upper"]].astype(float), [0.3, 1.0])
    curve.loc[0, "value"] = 0.5
    assert_allclose(summarise_learning_curve(curve, splits=SPLITS)["mean"], [0.25, 0.3])
