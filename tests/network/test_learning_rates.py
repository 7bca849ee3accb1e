"""What the schedules of the step size do to a fit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.network.networks import Callback, regressor
from tests.network_reference import simulate_screen


def test_learning_rates_make_a_difference_and_all_learn(screen):
    predictions = {}
    for schedule in ("constant", "invscaling", "cosine"):
        network = regressor(learning_rate=schedule, max_iter=40)
        predictions[schedule] = network.fit(screen.X, screen.y).predict(screen.X)
        assert network.loss_curve_[-1] < 0.9 * network.loss_curve_[0]
    assert (predictions["constant"] != predictions["cosine"]).any()
    assert (predictions["constant"] != predictions["invscaling"]).any()


def test_the_cosine_anneals_to_zero(screen):
    """The last epochs hardly move the network, which a constant step still does."""

    def last_moves(schedule):
        network = regressor(learning_rate=schedule, max_iter=100)
        weights = []

        class Watch(Callback):
            def on_fit_task_end(self, estimator, context):
                weights.append(estimator.window_weights_)

        network.set_callbacks(Watch()).fit(screen.X, screen.y)
        return np.abs(weights[99] - weights[97]).max()

    assert last_moves("cosine") < 0.02 * last_moves("constant")


def test_the_first_loop_can_be_written_with_parameters():
    """N(0, 1) start, single guides, step 0.05 / sqrt(t + 1), no intercepts."""
    screen = simulate_screen(300, 5)
    network = regressor(
        solver="sgd", learning_rate_init=0.05, learning_rate="invscaling", power_t=0.5,
        batch_size=1, alpha=0, init="normal", window_bias=False,
        standardize_target=False, max_iter=3, shuffle=False,
    ).fit(screen.X, screen.y)  # fmt: skip
    start = regressor(
        solver="sgd", learning_rate_init=1e-30, batch_size=1, alpha=0, init="normal",
        window_bias=False, standardize_target=False, max_iter=1,
    ).fit(screen.X, screen.y)  # fmt: skip
    W, beta = start.window_weights_[:, 0, :, 0].copy(), start.readout_weights_.copy()
    beta0 = start.intercept_
    positions = np.arange(5)
    draws = [*zip(screen.letters, screen.y, strict=True)] * 3
    for t, (letters, y) in enumerate(draws):
        size = 0.05 / np.sqrt(t + 1)
        s = W[positions, letters]
        h = np.maximum(0, s)
        error = beta0 + beta @ h - y
        W[positions, letters] -= size * error * beta * (s > 0)
        beta = beta - size * error * h
        beta0 -= size * error
    assert_allclose(network.window_weights_[:, 0, :, 0], W, atol=1e-4)
    assert_allclose(network.readout_weights_, beta, atol=1e-4)
    assert network.intercept_ == pytest.approx(beta0, abs=1e-4)
    assert not network.window_intercepts_.any()
