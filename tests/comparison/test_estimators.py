"""The estimators that are compared: the constant among them, and their seeds."""

import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    KFold,
)

from sgrna_estimator.comparison.compare import compare_estimators


def test_the_constant_predictor_is_in_every_comparison(features):
    X, y, _ = features
    result = compare_estimators({"ridge": Ridge()}, X, y)
    assert result.constant_ == result.baseline_ == "constant"
    train, test = result.splits_[0]
    assert result.predictions_.loc[test, "constant"].unique() == pytest.approx(
        y[train].mean()
    )
    own = compare_estimators(
        [("ridge", Ridge()), ("median", DummyRegressor(strategy="median"))], X, y
    )
    assert own.scores_["estimator"].unique().tolist() == ["ridge", "median"]
    assert own.constant_ == "median"


def test_seeds_that_are_set_are_kept(features):
    X, y, _ = features
    forest = RandomForestRegressor(3, random_state=1)
    a, b = (
        compare_estimators({"forest": forest}, X, y, cv=KFold(3), random_state=seed)
        for seed in (0, 1)
    )
    pd.testing.assert_frame_equal(a.predictions_, b.predictions_)
    unset = RandomForestRegressor(3)
    a, b = (
        compare_estimators({"forest": unset}, X, y, cv=KFold(3), random_state=seed)
        for seed in (0, 1)
    )
    assert not a.predictions_["forest"].equals(b.predictions_["forest"])
