"""What a fitted model predicts with."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator import MixtureTargetRegressor
from sgrna_estimator._unwrap import innermost, inside

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, 0]


@pytest.mark.parametrize(
    ("wrap", "n_inside"),
    [
        (lambda model: make_pipeline(StandardScaler(), model), 1),
        (lambda model: GridSearchCV(model, {"alpha": [1, 2]}, cv=2), 1),
        (TransformedTargetRegressor, 1),
        (lambda model: BaggingRegressor(model, n_estimators=3), 3),
        (MixtureTargetRegressor, 1),
        (lambda model: FrozenEstimator(model.fit(X, Y)), 1),
    ],
    ids=["pipeline", "search", "target", "bag", "mixture", "frozen"],
)
def test_wrappers_are_taken_off(wrap, n_inside):
    model = wrap(Ridge()).fit(X, Y)
    found = inside(model)
    assert len(found) == n_inside
    assert all(isinstance(each, Ridge) and hasattr(each, "coef_") for each in found)
    assert innermost(make_pipeline(model)) == found


def test_a_bag_of_classifiers():
    bag = BaggingClassifier(LogisticRegression(), n_estimators=2).fit(X, Y > 0)
    assert len(innermost(bag)) == 2


def test_what_holds_no_other_is_the_innermost():
    model = Ridge().fit(X, Y)
    assert inside(model) == []
    assert innermost(model) == [model]
