"""The estimators that are compared: the constant among them, and their seeds."""

import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import BaggingRegressor, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator.comparison.compare import compare_estimators


def test_the_constant_predictor_is_in_every_comparison(features):
    X, y, _ = features
    result = compare_estimators({"ridge": Ridge()}, X, y, repeats=1)
    assert result.constant_ == result.baseline_ == "constant"
    train, test = result.splits_[0]
    assert result.predictions_.loc[test, "constant"].unique() == pytest.approx(
        y[train].mean()
    )
    own = compare_estimators([("ridge", Ridge()), ("mean", DummyRegressor())], X, y)
    assert own.scores_["estimator"].unique().tolist() == ["ridge", "mean"]
    assert own.constant_ == "mean"


@pytest.mark.parametrize(
    "constant",
    [
        DummyRegressor(strategy="constant", constant=100),
        DummyRegressor(strategy="median"),
    ],
)
def test_no_other_constant_takes_the_place_of_the_mean(features, constant):
    X, y, _ = features
    result = compare_estimators({"ridge": Ridge(), "off": constant}, X, y, repeats=1)
    assert result.constant_ == result.baseline_ == "constant"
    assert result.scores_["estimator"].unique().tolist() == ["constant", "ridge", "off"]
    with pytest.raises(ValueError, match="the name 'constant' is kept"):
        compare_estimators({"constant": constant}, X, y)


class Remembers(KNeighborsRegressor):
    """Stays as it is when it is cloned."""

    def __sklearn_clone__(self):
        return self


def test_what_was_fitted_before_is_not_compared(features):
    X, y, _ = features
    fitted = FrozenEstimator(KNeighborsRegressor(1).fit(X, y))  # Spearman 1
    encoder = make_pipeline(FrozenEstimator(StandardScaler().fit(X)), Ridge())
    for estimator, where in (
        (fitted, "'known' is a Frozen"),
        (encoder, r"'known' \(frozenestimator\) is a Frozen"),
        (Pipeline([("prior", fitted)]), r"'known' \(prior\) is a Frozen"),
        (BaggingRegressor(fitted), r"'known' \(estimator\) is a Frozen"),
        (
            GridSearchCV(Pipeline([("step", Ridge())]), {"step": [Ridge(), fitted]}),
            r"'known' \(step\) is a Frozen",
        ),
        (
            GridSearchCV(Ridge(), [{"alpha": [1]}, {"alpha": [2]}]).set_params(
                estimator=Pipeline([("a", Pipeline([("b", fitted)]))])
            ),
            r"'known' \(estimator__a__b\) is a Frozen",
        ),
        (Remembers(1).fit(X, y), "'known' is a Remembers: it was fitted before"),
    ):
        with pytest.raises(ValueError, match=where):
            compare_estimators({"known": estimator}, X, y)


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
