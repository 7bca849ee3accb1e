"""The unit of alpha, and what it does to weights."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from sgrna_estimator.exceptions import ConstantPredictionsWarning
from tests.network.networks import HIDDEN, classifier, log_loss, regressor
from tests.network_reference import group_lasso


def penalised_sum(network, sum_of_losses):
    squares = (network.window_weights_**2).sum() + (
        (network.readout_weights_ / getattr(network, "target_scale_", 1)) ** 2
    ).sum()
    return sum_of_losses + network.alpha * squares


@pytest.mark.parametrize("alpha", [5.0, 30.0])
@pytest.mark.parametrize("options", [{}, {"batch_size": 16}, {"max_iter": 500}])
def test_alpha_penalises_the_sum_of_squared_errors(screen, alpha, options):
    y = (screen.y - screen.y.mean()) / screen.y.std()
    z, effects = group_lasso(screen.X, y, alpha, lambda z, y: 2 * (z - y), 2)
    assert 0.3 < np.std(z) < 0.9  # the penalty matters, and leaves something
    best = ((z - y) ** 2).sum() + 2 * alpha * np.linalg.norm(effects, axis=1).sum()
    network = regressor(alpha=alpha, **options).fit(screen.X, screen.y)
    predicted = (network.predict(screen.X) - screen.y.mean()) / screen.y.std()
    assert penalised_sum(network, ((predicted - y) ** 2).sum()) <= 1.03 * best
    assert_allclose(predicted, z, atol=0.1)


def test_alpha_penalises_the_deviance_of_classes(screen, labels):
    alpha = 5.0
    z, effects = group_lasso(
        screen.X, labels.astype(float), alpha, lambda z, y: 2 * (expit(z) - y), 0.5
    )
    n = len(labels)
    best = 2 * n * log_loss(labels, z)
    best += 2 * alpha * np.linalg.norm(effects, axis=1).sum()
    network = classifier(alpha=alpha).fit(screen.X, labels)
    reached = network.decision_function(screen.X)
    assert penalised_sum(network, 2 * n * log_loss(labels, reached)) <= 1.01 * best
    assert_allclose(reached, z, atol=0.25)
    assert np.std(z) > 1


def test_alpha_penalises_the_deviance_of_probabilities(screen, probabilities):
    alpha, mean = 5.0, probabilities.mean()
    factor = 2 * mean * (1 - mean) / probabilities.var()
    z, _ = group_lasso(
        screen.X, probabilities, alpha, lambda z, y: factor * (expit(z) - y), factor / 4
    )
    network = regressor(alpha=alpha, output="logistic", loss="log_loss")
    predicted = network.fit(screen.X, probabilities).predict(screen.X)
    assert np.std(expit(z)) > 0.1
    assert_allclose(predicted, expit(z), atol=0.03)


def test_twice_the_rows_with_twice_alpha_is_the_same_problem(screen):
    once = regressor(alpha=20).fit(screen.X, screen.y)
    twice = regressor(alpha=40).fit(np.tile(screen.X, (2, 1)), np.tile(screen.y, 2))
    other = regressor(alpha=20).fit(np.tile(screen.X, (2, 1)), np.tile(screen.y, 2))
    expected, scale = once.predict(screen.X), screen.y.std()
    assert_allclose(twice.predict(screen.X), expected, atol=0.06 * scale)
    assert np.abs(other.predict(screen.X) - expected).max() > 0.2 * scale


@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_a_weight_of_two_counts_like_two_rows(screen, options):
    doubled = regressor(alpha=2.0, max_iter=5, **options).fit(
        screen.X, screen.y, sample_weight=np.full(len(screen.y), 2.0)
    )
    plain = regressor(alpha=1.0, max_iter=5, **options).fit(screen.X, screen.y)
    assert_array_equal(doubled.predict(screen.X), plain.predict(screen.X))


@pytest.mark.parametrize(("options", "alpha"), [({}, 0.6 * 20), (HIDDEN, 8.0)])
def test_auto_alpha_grows_with_additive_screens_only(screen, options, alpha):
    auto = regressor(alpha="auto", max_iter=3, **options).fit(screen.X, screen.y)
    given = regressor(alpha=alpha, max_iter=3, **options).fit(screen.X, screen.y)
    assert len(screen.y) == 400
    assert_array_equal(auto.predict(screen.X), given.predict(screen.X))


@pytest.mark.parametrize("make", [regressor, classifier])
def test_far_too_much_alpha_is_warned_of(screen, labels, make):
    with pytest.warns(
        ConstantPredictionsWarning, match=r"alpha=1(e\+06|0{6}).* is too large"
    ):
        make(alpha=1e6).fit(screen.X, labels)


def test_warnings_point_at_the_line_that_fits(screen):
    with pytest.warns(ConstantPredictionsWarning) as caught:
        regressor(alpha=1e6).fit(screen.X, screen.y)
    assert caught[0].filename == __file__


def test_penalised_weights_of_dead_units_become_exact_zeros(screen):
    network = regressor(init="normal", n_units=8, alpha=300, max_iter=400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantPredictionsWarning)
        network.fit(screen.X, screen.y)
    weights = np.abs(network.window_weights_)
    assert (weights == 0).any()
    assert weights[weights > 0].min() > 1e-13
