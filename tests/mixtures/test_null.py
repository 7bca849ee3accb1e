"""The null: its density, its derivatives, and its fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime
from scipy.stats import norm, t

from sgrna_estimator.mixtures.null import (
    TAIL_BOUNDS,
    _null_descent,
    fit_null,
    null_log_density,
    null_scores,
)
from tests.mixture_reference import null_logpdf

tails = st.sampled_from([0.0, 1e-3, *TAIL_BOUNDS, 0.05, 0.3])


@given(tails, st.floats(-2, 2), st.floats(0.1, 5))
def test_density_equals_that_of_scipy(tail, mean, scale):
    y = np.linspace(-30, 30, 41)
    assert_allclose(
        null_log_density(y, mean, scale, tail),
        null_logpdf(y, mean, scale, tail),
        rtol=1e-9,
    )


@given(tails)
def test_scores_are_derivatives(tail):
    residual, step = np.linspace(-12, 12, 31), 1e-5

    def log_density(values, tail):
        return null_log_density(values, 0.0, 1.0, tail)

    by_residual, by_tail = null_scores(residual, tail)
    ahead, behind = residual + step, residual - step
    slope = (log_density(ahead, tail) - log_density(behind, tail)) / (2 * step)
    assert_allclose(by_residual, -slope, rtol=1e-6, atol=1e-8)
    if tail == 0:
        assert not by_tail.any()
        return
    step = tail * 1e-4
    rise = log_density(residual, tail + step) - log_density(residual, tail - step)
    assert_allclose(by_tail, rise / (2 * step), rtol=1e-5, atol=1e-5)


def test_the_t_runs_into_the_normal():
    y = np.linspace(-3, 3, 7)
    assert_allclose(null_log_density(y, 0, 1, 1e-6), norm.logpdf(y), atol=1e-4)


@pytest.mark.parametrize("vector", [[0.1, -0.3, 0.2], [-0.5, 0.4, 0.006]])
def test_the_gradient_of_the_fit_equals_differences(vector):
    rng = np.random.default_rng(0)
    y, weight = rng.standard_t(4, 50), rng.uniform(0.5, 2, 50)
    found = _null_descent(np.array(vector), y, weight)[1]
    numeric = approx_fprime(
        np.array(vector), lambda at: _null_descent(at, y, weight)[0], 1e-7
    )
    assert_allclose(found, numeric, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dof", [3, 8])
def test_the_fit_recovers_what_was_drawn(dof):
    y = t.rvs(dof, 0.4, 0.6, 20_000, random_state=0)
    mean, scale, tail = fit_null(y, np.ones(y.size))
    assert (mean, scale) == pytest.approx((0.4, 0.6), rel=0.05)
    assert tail == pytest.approx(1 / dof, rel=0.1)
    # so does one side, where the mean is known
    half = y[y < 0.4]
    mean, scale, tail = fit_null(half, np.ones(half.size), 0.4)
    assert (mean, scale) == pytest.approx((0.4, 0.6), rel=0.05)
    assert tail == pytest.approx(1 / dof, rel=0.15)


def test_normal_noise_is_nearly_normal():
    tails = []
    for seed in range(20):
        y = np.random.default_rng(seed).normal(size=300)
        tails.append(fit_null(y, np.ones(y.size))[2])
    assert np.median(tails) < 1 / 30


def test_few_guides_keep_to_the_prior():
    y = np.array([-0.5, 0.2, 0.1, 6.0])
    assert fit_null(y, np.ones(4))[2] < 0.5
    many = np.tile(y, 50)
    assert fit_null(many, np.ones(200))[2] > fit_null(y, np.ones(4))[2]


def test_units_and_weights():
    y = np.random.default_rng(1).standard_t(3, 200)
    weight = np.tile([1.0, 2.0], 100)
    fitted = fit_null(y, weight)
    repeated = np.repeat(y, weight.astype(int))
    assert fit_null(repeated, np.ones(300)) == pytest.approx(fitted, rel=1e-3)
    mean, scale, tail = fit_null(3 * y + 5, weight)
    expected = (3 * fitted[0] + 5, 3 * fitted[1], fitted[2])
    assert (mean, scale, tail) == pytest.approx(expected, rel=1e-3)


def test_equal_values_have_a_scale():
    y = np.array([0.0] * 30 + [1.0])
    mean, scale, tail = fit_null(y, np.ones(31))
    assert np.isfinite([mean, scale, tail]).all()
    assert scale > 0
