"""Networks that go on from what they learnt: partial_fit and warm starts."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sgrna_estimator.network import kernels
from tests.network.networks import HIDDEN, mean_squared_error, quick, regressor
from tests.network_reference import least_squares


@pytest.mark.parametrize("options", [{}, {"solver": "sgd"}, HIDDEN])
def test_partial_fit_goes_on_from_a_fit(screen, options):
    network = regressor(alpha=0, dropout=0, **options).fit(screen.X, screen.y)
    n_epochs, before = (
        network.n_iter_,
        mean_squared_error(screen.y, network.predict(screen.X)),
    )
    for _ in range(5):
        network.partial_fit(screen.X, screen.y)
    assert network.n_iter_ == n_epochs + 5 == len(network.loss_curve_)
    after = mean_squared_error(screen.y, network.predict(screen.X))
    assert after < before + 0.2 * screen.y.var()
    assert max(network.loss_curve_[-5:]) < 0.5 * network.loss_curve_[0]


def test_partial_fit_learns_by_itself(screen):
    best = mean_squared_error(screen.y, least_squares(screen.X, screen.y))
    network = regressor(alpha=0, learning_rate="invscaling", learning_rate_init=0.05)
    for _ in range(60):
        network.partial_fit(screen.X, screen.y)
    assert mean_squared_error(screen.y, network.predict(screen.X)) < 1.1 * best
    assert network.n_iter_ == len(network.loss_curve_) == 60
    assert network.validation_loss_curve_ == []


def test_partial_fit_keeps_what_the_first_call_fixed(screen):
    network = regressor(covariates=[-1])
    X = np.column_stack([screen.X, screen.y])
    network.partial_fit(X[:200], screen.y[:200])
    fixed = (network.target_mean_, network.target_scale_, *network.covariate_scale_)
    network.partial_fit(X[200:], 1000 * screen.y[200:])
    assert fixed == (
        network.target_mean_, network.target_scale_, *network.covariate_scale_,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"32 features, but .* 33"):
        network.partial_fit(screen.X, screen.y)


def test_partial_fit_after_a_change_of_solver(screen, monkeypatch):
    network = regressor(solver="sgd", dropout=0, **HIDDEN).fit(screen.X, screen.y)
    before = mean_squared_error(screen.y, network.predict(screen.X))
    train = kernels.train

    def guarded(*arguments):
        solver, theta, moments = arguments[3], arguments[9], arguments[11]
        # Adam would read and write behind the end of shorter moments.
        assert solver == kernels.SGD or moments.shape == (2, theta.size)
        return train(*arguments)

    monkeypatch.setattr(kernels, "train", guarded)
    network.set_params(solver="adam")
    for _ in range(5):
        network.partial_fit(screen.X, screen.y)
    after = mean_squared_error(screen.y, network.predict(screen.X))
    assert after < before + 0.2 * screen.y.var()


def test_a_warm_start_goes_on_from_the_fit_before(screen):
    network = regressor(alpha=0, warm_start=True).fit(screen.X, screen.y)
    first = network.loss_curve_
    network.set_params(max_iter=5).fit(screen.X, screen.y)
    assert network.n_iter_ == len(network.loss_curve_) == 5
    assert network.loss_curve_[0] < 0.2 * first[0]
    assert network.loss_curve_[-1] < 1.2 * first[-1]
    cold = clone(network).set_params(warm_start=False).fit(screen.X, screen.y)
    assert cold.loss_curve_[0] > 0.8 * first[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"window_size": 2},
        {"n_units": 3},
        {"share_weights": True},
        {"hidden_layer_sizes": (6, 2)},
        {"n_channels": 1},
        {"covariates": [0, 1, 2, 3]},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_another_network_cannot_go_on(screen, changed, method):
    network = quick(warm_start=True).fit(screen.X, screen.y)
    network.set_params(**changed)
    with pytest.raises(ValueError, match="continued with its own sizes"):
        getattr(network, method)(screen.X, screen.y)


def test_a_pickled_network_goes_on_like_the_original(screen):
    network = quick().fit(screen.X, screen.y)
    restored = pickle.loads(pickle.dumps(network))
    for each in (network, restored):
        each.partial_fit(screen.X, screen.y)
    assert_array_equal(restored.predict(screen.X), network.predict(screen.X))
