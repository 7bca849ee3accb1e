"""Comparisons as users make them: arguments, containers, scorers, real screens."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.linear_model import Lasso, Ridge
from sklearn.metrics import make_scorer, mean_squared_error, median_absolute_error
from sklearn.model_selection import (
    KFold,
    cross_val_score,
)
from sklearn.preprocessing import StandardScaler

from sgrna_estimator.comparison.compare import compare_estimators
from tests.comparison.models import on_sequences


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": ["HBG1"] * 100}, "one label only, 'HBG1'"),
        ({"groups": np.repeat(list("abc"), [50, 30, 20])}, r"5 folds: .* leave 3 sets"),
        ({"sequences": ["ACGT"] * 50 + ["TTTT"] * 50}, r"5 folds: .* leave 2 sets"),
        ({"groups": list("ab") * 49}, "expected 100, got 98"),
        ({"groups": ["a", None] * 50}, "missing in rows 2, 4"),
        ({"cv": "five"}, "cv must be"),
        ({"cv": 2.5}, "cv must be"),
        ({"cv": 1}, "n_splits=2 or more"),
        ({"repeats": 0}, "repeats must be a number from 1 on, got 0"),
        ({"repeats": 2.5}, "repeats must be a number from 1 on, got 2.5"),
        ({"repeats": 2, "cv": KFold(3)}, "repeats is for a number of folds"),
        ({"cv": [([0], [1, 2]), ([0], [2, 1])]}, "splits 0 and 1 of cv test the same"),
        ({"cv": []}, "no split"),
        ({"cv": [1, 2]}, r"split 0 of cv must be \(train, test\), got 1"),
        ({"cv": [([], [1])]}, "training side of split 0 must be row numbers"),
        ({"cv": [([1], [0.5])]}, "test side of split 0 must be row numbers"),
        ({"cv": [([1], [100])]}, "test side of split 0 names a row outside 0 to 99"),
        ({"cv": [([-1], [1])]}, "training side of split 0 names a row outside"),
        (
            {"cv": [([0, 2], [1]), ([0], [1, 3, 1])]},
            "test side of split 1 names row 2 more than once: each guide counts once",
        ),
        (
            {"cv": [([4, 2, 2, 4], [1])]},
            "training side of split 0 names rows 3, 5 more",
        ),
        ({"sequences": ["ACGT"]}, "inconsistent numbers of samples"),
        ({"y": np.arange(99.0)}, "inconsistent numbers of samples"),
        ({"y": [np.nan, *range(99)]}, "row 1$"),
        ({"baseline": "lasso"}, r"baseline must be one of \['constant', 'ridge'\]"),
        ({"scoring": {"mse": "neg_mean_squared_error"}}, "'mse'"),
        ({"scoring": make_scorer(mean_squared_error)}, "a dict of a name"),
        ({"scoring": [make_scorer(mean_squared_error)]}, "a dict of a name"),
        ({"scoring": "r3"}, "'r3' is not a valid scoring value"),
        ({"estimators": {}}, "nothing to compare"),
        ({"estimators": [Ridge()]}, r"list of \(name, estimator\)"),
        ({"estimators": [("a", Ridge()), ("a", Lasso())]}, "called 'a'"),
        ({"estimators": {1: Ridge()}}, "must be text, got 1"),
        ({"estimators": {"y": Ridge()}}, "cannot be called 'y'"),
        (
            {"estimators": {"scaler": StandardScaler()}},
            "'scaler' must have fit and pred",
        ),
        ({"estimators": {"constant": Ridge()}}, "'constant' is a Ridge"),
    ],
)
def test_bad_arguments_are_named(features, arguments, message):
    X, y, _ = features
    given_arguments = {"estimators": {"ridge": Ridge()}, "y": y, **arguments}
    with pytest.raises(ValueError, match=message):
        compare_estimators(X=X, **given_arguments)


@pytest.mark.parametrize(
    "container",
    [
        pd.Series,
        list,
        np.array,
        lambda x: pd.DataFrame({"seq": x}),
        pl.Series,
        lambda x: pd.Series(x, dtype="string[pyarrow]"),
    ],
)
def test_any_container_of_sequences(screen, container):
    X, y, _ = screen
    models = {"ridge": on_sequences(Ridge())}
    expected = compare_estimators(models, X, y, random_state=0)
    result = compare_estimators(models, container(X.tolist()), y, random_state=0)
    np.testing.assert_array_equal(
        result.predictions_["ridge"], expected.predictions_["ridge"]
    )


@pytest.mark.parametrize(
    "container", [sparse.csr_matrix, sparse.coo_array, pd.DataFrame]
)
def test_any_container_of_features(features, container):
    X, y, _ = features
    arguments = {"y": y, "repeats": 1, "random_state": 0}
    expected = compare_estimators({"ridge": Ridge()}, X, **arguments)
    result = compare_estimators({"ridge": Ridge()}, container(X), **arguments)
    np.testing.assert_allclose(
        result.predictions_["ridge"], expected.predictions_["ridge"]
    )


def test_user_scorers_are_better_when_greater(features):
    X, y, _ = features
    result = compare_estimators(
        {"ridge": Ridge()},
        X,
        y,
        scoring={
            "medae": make_scorer(median_absolute_error, greater_is_better=False),
            "nmse": "neg_mean_squared_error",
        },
        cv=KFold(3),
    )
    assert result.greater_is_better_["medae"]
    assert result.summary("medae")["estimator"].tolist() == ["ridge", "constant"]
    values = result.scores_.query("metric == 'nmse' and estimator == 'ridge'")["value"]
    np.testing.assert_allclose(
        values,
        cross_val_score(Ridge(), X, y, cv=KFold(3), scoring="neg_mean_squared_error"),
    )
    by_name = compare_estimators({"ridge": Ridge()}, X, y, scoring="neg_max_error")
    assert "neg_max_error" in by_name.greater_is_better_


def test_on_the_tiling_screens(crispra_tiling):
    result = compare_estimators(
        {"ridge": on_sequences(Ridge(100)), "weak ridge": on_sequences(Ridge(1))},
        crispra_tiling.sequences,
        crispra_tiling.target,
        groups=crispra_tiling.groups,
        repeats=1,
        random_state=0,
    )
    assert len(result.predictions_) == 2073
    mse = result.summary("mse").set_index("estimator")["mean"]
    assert mse["constant"] == pytest.approx(0.149, abs=0.01)
    assert mse["weak ridge"] > mse["constant"]
    text = " ".join(result.verdict())
    assert "In squared error no model is shown to be better than a constant" in text
