"""Predictions and losses follow the unit of the target."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from tests.network.networks import HIDDEN, mean_squared_error, quick, regressor
from tests.network_reference import simulate_screen


@settings(max_examples=15)
@given(
    st.floats(0.001, 1000),
    st.floats(-1000, 1000),
    st.sampled_from([{}, HIDDEN, {"early_stopping": True}, {"solver": "sgd"}]),
)
def test_predictions_are_equivariant(a, c, options):
    screen = simulate_screen(100, 4)
    network = regressor(max_iter=8, **options)
    plain = clone(network).fit(screen.X, screen.y).predict(screen.X)
    moved = clone(network).fit(screen.X, a * screen.y + c).predict(screen.X)
    assert_allclose((moved - c) / a, plain, atol=2e-4 + 1e-9 * abs(c / a))


def test_predictions_of_a_target_times_a_power_of_two_have_the_same_digits(screen):
    plain = quick().fit(screen.X, screen.y).predict(screen.X)
    times_8 = quick().fit(screen.X, 8 * screen.y).predict(screen.X)
    assert_array_equal(times_8, 8 * plain)


def test_losses_are_in_units_of_the_target(screen):
    plain = quick().fit(screen.X, screen.y, X_val=screen.X, y_val=screen.y)
    times_8 = quick().fit(screen.X, 8 * screen.y, X_val=screen.X, y_val=8 * screen.y)
    assert_allclose(times_8.loss_curve_, 64 * np.array(plain.loss_curve_))
    assert_allclose(
        times_8.validation_loss_curve_, 64 * np.array(plain.validation_loss_curve_)
    )
    assert plain.validation_loss_curve_[-1] == pytest.approx(
        mean_squared_error(screen.y, plain.predict(screen.X))
    )


def test_tol_stops_alike_in_any_unit_of_the_target(screen):
    options = {"tol": 0.05, "n_iter_no_change": 2, "max_iter": 100}
    plain = regressor(**options).fit(screen.X, screen.y)
    assert plain.n_iter_ < 100
    scaled = regressor(**options).fit(screen.X, 1000 * screen.y)
    assert scaled.n_iter_ == plain.n_iter_


def test_the_target_can_be_left_as_it_is(screen):
    network = regressor(standardize_target=False).fit(screen.X, screen.y)
    assert (network.target_mean_, network.target_scale_) == (0, 1)
    assert network.score(screen.X, screen.y) > 0.7
    standardised = quick().fit(screen.X, screen.y)
    assert standardised.target_mean_ == pytest.approx(screen.y.mean())
    assert standardised.target_scale_ == pytest.approx(screen.y.std())


@pytest.mark.parametrize("value", [0.0, 0.1, -1000.0, 1e6])
@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_a_constant_target_is_predicted(screen, value, options):
    network = regressor(**options).fit(screen.X, np.full(len(screen.y), value))
    assert_allclose(network.predict(screen.X), value, rtol=1e-4, atol=0.05)
