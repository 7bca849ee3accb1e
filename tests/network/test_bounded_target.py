"""BoundedTargetRegressor: within bounds, in the unit of the target, in any wrapper."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sgrna_estimator import (
    BoundedTargetRegressor,
    FractionalLogisticRegression,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.network.bounded_target import check_bounds, from_share, to_share


class Recorder(RegressorMixin, BaseEstimator):
    """Keep what it is fitted to, predict the first column."""

    def fit(self, X, y, sample_weight=None):
        self.y_, self.weight_ = np.asarray(y), sample_weight
        self.n_features_in_ = 1
        return self

    def predict(self, X, return_std=False):
        share = np.asarray(X)[:, 0]
        return (share, np.full(len(share), 0.125)) if return_std else share


def network(**parameters):
    parameters = {"max_iter": 3, "random_state": 0} | parameters
    return make_pipeline(
        SequenceOneHotTransformer(),
        PositionwiseReLURegressor(output="logistic", loss="log_loss", **parameters),
    )


@pytest.fixture(scope="module")
def guides(small_screen):
    return small_screen.sequences, small_screen.target.to_numpy()


def test_the_regressor_learns_shares():
    model = BoundedTargetRegressor(Recorder(), bounds=(-50, 150))
    model.fit([[0], [1], [2], [3]], [-50.0, 0.0, 50.0, 150.0])
    assert model.regressor_.y_.tolist() == [0, 0.25, 0.5, 1]
    assert model.bounds_ == (-50.0, 150.0)
    assert not hasattr(model.regressor, "y_")


def test_predictions_are_in_the_unit_of_the_target_and_within_its_bounds():
    model = BoundedTargetRegressor(Recorder(), bounds=(-50, 150)).fit([[0]], [0.0])
    X = [[0.0], [0.25], [1.0], [-0.5], [7.0]]
    assert model.predict(X).tolist() == [-50, 0, 150, -50, 150]
    mean, std = model.predict(X, return_std=True)
    assert_array_equal(mean, model.predict(X))
    assert std.tolist() == [25] * 5


@pytest.mark.parametrize("bounds", [(0.29, 0.3), (0.1, 0.3), (-1e150, 1e150), (0, 1)])
def test_shares_of_0_and_1_are_the_bounds(bounds):
    assert_array_equal(from_share(np.array([0.0, 1.0]), bounds), bounds)
    assert_array_equal(to_share(np.array(bounds), bounds), [0, 1])
    # rounding would take the greatest share below 1 beyond the bound
    share = np.nextafter([0.0, 1.0], 0.5)
    values = from_share(share, bounds)
    assert bounds[0] <= values[0] < values[1] <= bounds[1]
    assert_allclose(to_share(values, bounds), share, atol=1e-12)


@pytest.mark.parametrize("n_networks", [1, 2])
def test_a_network_is_equivariant(guides, n_networks):
    sequences, y = guides
    inner = network(n_networks=n_networks)
    plain = inner.fit(sequences, y).predict(sequences)
    percent = BoundedTargetRegressor(inner, bounds=(0, 100)).fit(sequences, 100 * y)
    assert_allclose(percent.predict(sequences), 100 * plain, rtol=1e-4)
    moved = BoundedTargetRegressor(inner, bounds=(-7, -5)).fit(sequences, 2 * y - 7)
    assert_allclose(moved.predict(sequences), 2 * plain - 7, rtol=1e-4)
    assert np.ptp(plain) > 0.01


def test_a_network_predicts_within_bounds_where_a_line_does_not(guides):
    sequences, y = guides
    extreme = np.where(y > np.median(y), 100.0, 0.0)
    line = make_pipeline(SequenceOneHotTransformer(), Ridge(0.01))
    beyond = line.fit(sequences, extreme).predict(sequences)
    assert beyond.min() < 0
    assert beyond.max() > 100
    inner = network(max_iter=60, alpha=0.01)
    model = BoundedTargetRegressor(inner, bounds=(0, 100)).fit(sequences, extreme)
    predicted = model.predict(sequences)
    assert predicted.min() >= 0
    assert predicted.max() <= 100
    assert model.score(sequences, extreme) > 0.2


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            [1.0, -0.5, 2.0, -3.0],
            r"^y must be at least 0, but it is -0\.5 in rows 2, 4$",
        ),
        ([1.0, 2.0, 100.5, 4.0], r"^y must be at most 100, but it is 100\.5 in row 3$"),
        ([1.0, np.nan, 2.0, 3.0], r"finite, but it is missing .* in row 2$"),
    ],
)
def test_a_measurement_beyond_the_bounds_is_refused(y, message):
    model = BoundedTargetRegressor(Recorder(), bounds=(0, 100))
    with pytest.raises(ValueError, match=message):
        model.fit(np.ones((4, 1)), y)


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        ((1, 0), "1 and 0"),
        ((2.5, 2.5), "2.5 and 2.5"),
        ((np.nan, 1), "nan and 1.0"),
        ((0, np.inf), "0.0 and inf"),
        ((-1e308, 1e308), "-1e"),
        ((0, 1, 2), "(0, 1, 2)"),
        ((0, "1"), "(0, '1')"),
        ([[0, 1]], "[[0, 1]]"),
        ((False, True), "(False, True)"),
    ],
)
def test_what_are_no_bounds(bounds, shown):
    with pytest.raises(ValueError, match="two finite numbers, the lower") as caught:
        check_bounds(bounds)
    assert str(caught.value).split("got ")[1].startswith(shown)
    with pytest.raises(ValueError, match="two finite numbers, the lower"):
        BoundedTargetRegressor(Recorder(), bounds=bounds).fit([[0], [1]], [0, 1])


def test_parameters_of_fit_reach_the_regressor():
    model = BoundedTargetRegressor(Recorder())
    weights = [1.0, 2.0]
    model.fit([[0], [1]], [0, 1], sample_weight=weights)
    assert model.regressor_.weight_ == weights
    with config_context(enable_metadata_routing=True):
        asking = Recorder().set_fit_request(sample_weight=True)
        model = BoundedTargetRegressor(asking)
        model.fit([[0], [1]], [0, 1], sample_weight=weights)
        assert model.regressor_.weight_ == weights


def test_genes_reach_the_folds_of_a_search(guides):
    sequences, y = guides
    gene = np.arange(len(y)) // 20
    folds = GroupKFold(3)
    search = GridSearchCV(FractionalLogisticRegression(), {"C": [0.01, 0.1]}, cv=folds)
    pipeline = make_pipeline(SequenceOneHotTransformer(), search)
    with config_context(enable_metadata_routing=True):
        plain = clone(pipeline).fit(sequences, y, groups=gene)
        model = BoundedTargetRegressor(pipeline, bounds=(0, 100))
        model.fit(sequences, 100 * y, groups=gene)
    assert_allclose(model.predict(sequences), 100 * plain.predict(sequences), rtol=1e-6)


def test_what_is_known_of_the_columns(guides):
    sequences, y = guides
    model = BoundedTargetRegressor(network())
    with pytest.raises(NotFittedError):
        model.predict(sequences)
    assert not hasattr(model, "n_features_in_")
    model.fit(sequences.to_frame("seq"), y)
    assert model.n_features_in_ == 1
    assert model.feature_names_in_.tolist() == ["seq"]


def test_a_pickle_predicts_the_same(guides):
    sequences, y = guides
    model = BoundedTargetRegressor(network(), bounds=(0, 100)).fit(sequences, 100 * y)
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(copy.predict(sequences), model.predict(sequences))


# scikit-learn's targets are far from 0 and 1.
@parametrize_with_checks([BoundedTargetRegressor(Ridge(), bounds=(-1e4, 1e4))])
def test_contract(estimator, check):
    check(estimator)
