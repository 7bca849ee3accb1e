"""Regressors that fit another one: what they hand on to it."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.callback import AutoPropagatedCallback
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgrna_estimator import (
    BoundedTargetRegressor,
    GuideEffectMixture,
    MixtureLogisticRegression,
    MixtureTargetRegressor,
    PositionwiseReLURegressor,
)

WRAPPED = {
    "bounded": lambda inner: BoundedTargetRegressor(inner, bounds=(-9, 9)),
    "mixture": MixtureTargetRegressor,
}
wrapped = pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)


@pytest.fixture
def guides():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    active = X[:, 0] + rng.normal(size=120) > 0
    y = rng.normal(scale=0.2, size=120) + 2.0 * active
    return X, y, np.resize([f"g{i}" for i in range(6)], 120)


class Recorder(RegressorMixin, BaseEstimator):
    """Keep what `fit` is given."""

    def fit(self, X, y, sample_weight=None, **params):
        self.sample_weight_, self.params_ = sample_weight, params
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


# Callbacks ----------------------------------------------------------------------------


class Tasks:
    """A callback that lists the tasks it is told of."""

    max_propagation_depth = None

    def __init__(self):
        self.begun, self.ended = [], []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, **_):
        self.begun.append((type(estimator).__name__, context.task_name))

    def on_fit_task_end(self, estimator, context, **_):
        self.ended.append((type(estimator).__name__, context.task_name))

    def teardown(self, estimator, context):
        pass


@wrapped
def test_callbacks_reach_the_network_inside(guides, wrap):
    X, y, _ = guides
    network = PositionwiseReLURegressor(max_iter=3, solver="sgd", random_state=0)
    model = wrap(make_pipeline(StandardScaler(), network))
    callback = Tasks()
    assert isinstance(callback, AutoPropagatedCallback)
    model.set_callbacks(callback).fit(X, y)
    name = type(model).__name__
    assert callback.begun[0] == (name, "fit")
    assert callback.ended[-1] == (name, "fit")
    epochs = [task for owner, task in callback.begun if owner == type(network).__name__]
    assert len(epochs) == 4  # of the fit, and its three epochs
    assert sorted(callback.begun) == sorted(callback.ended)
    quiet = wrap(make_pipeline(StandardScaler(), network)).fit(X, y)
    assert_array_equal(model.predict(X), quiet.predict(X))


# Metadata -----------------------------------------------------------------------------


@wrapped
def test_weights_are_handed_on(guides, wrap):
    X, y, _ = guides
    weight = np.arange(len(y), dtype=float)
    model = wrap(Recorder()).fit(X, y, sample_weight=weight)
    assert_array_equal(model.regressor_.sample_weight_, weight)
    assert model.regressor_.params_ == {}
    with config_context(enable_metadata_routing=True):
        asking = Recorder().set_fit_request(sample_weight=True)
        model = wrap(asking).fit(X, y, sample_weight=weight)
        assert_array_equal(model.regressor_.sample_weight_, weight)
        refusing = Recorder().set_fit_request(sample_weight=False)
        with pytest.raises(TypeError, match="sample_weight"):
            wrap(refusing).fit(X, y, sample_weight=weight)


def test_controls_have_no_weight_in_the_regressor(guides):
    X, y, _ = guides
    weight = np.arange(len(y), dtype=float)
    model = MixtureTargetRegressor(Recorder())
    model.fit(X, y, controls=np.arange(len(y)) < 20, sample_weight=weight)
    assert_array_equal(model.regressor_.sample_weight_, weight[20:])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, y, sample_weight=weight[1:])


@pytest.mark.parametrize(
    "model", [MixtureTargetRegressor(LinearRegression()), MixtureLogisticRegression()]
)
def test_genes_of_the_folds_are_those_of_the_fits(guides, model):
    X, y, genes = guides
    with config_context(enable_metadata_routing=True):
        scores = cross_validate(
            *(model, X, y),
            params={"groups": genes},
            cv=GroupKFold(3),
            return_estimator=True,
        )
        search = GridSearchCV(model, {}, cv=GroupKFold(3)).fit(X, y, groups=genes)
    for fitted in (*scores["estimator"], search.best_estimator_):
        groups = getattr(fitted, "mixtures_", [fitted])[0].groups_
        n_genes = 6 if fitted is search.best_estimator_ else 4
        assert len(groups) == n_genes


def test_genes_of_a_mixture_alone(guides):
    _, y, genes = guides
    with config_context(enable_metadata_routing=True):
        request = GuideEffectMixture().get_metadata_routing().fit.requests
    assert {name for name, asked in request.items() if asked} == {
        *("groups", "screens", "controls")
    }
    assert len(GuideEffectMixture().fit(y, groups=genes).groups_) == 6


@wrapped
def test_columns_are_those_of_the_regressor(guides, wrap):
    X, y, _ = guides
    model = wrap(LinearRegression())
    assert not hasattr(model, "n_features_in_")
    assert model.fit(X, y).n_features_in_ == 2
