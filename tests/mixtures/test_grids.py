"""Grids that hold what is unknown about each gene."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from sgrna_estimator.mixtures.grids import (
    cell_centres,
    fit_ranges,
    logit_beta_log_mass,
    normal_log_mass,
)


def test_cells_fill_their_range():
    centres = cell_centres(np.array([[0.0, 8.0], [-1.0, 1.0]]), 4)
    assert_allclose(centres, [[1, 3, 5, 7], [-0.75, -0.25, 0.25, 0.75]])


def test_normal_masses_integrate_a_polynomial_exactly():
    ranges = np.array([[-6.0, 6.0]])
    mass, x = np.exp(normal_log_mass(ranges, 16))[0], cell_centres(ranges, 16)[0]
    assert_allclose(
        [mass.sum(), mass @ x, mass @ x**2, mass @ x**4], [1, 0, 1, 3], atol=1e-5
    )


@pytest.mark.parametrize("a", [0.02, 0.3, 1.0, 4.0, 30.0])
def test_logit_beta_masses_add_up_whatever_the_tail(a):
    # E[q] = a / (a + b), although for a = 0.02 three quarters are below exp(-14)
    ranges, b = np.array([[-14.0, 14.0]]), 4.0
    log_mass, _ = logit_beta_log_mass(ranges, 64, a, b, ranges[:, 0])
    mass, q = np.exp(log_mass)[0], 1 / (1 + np.exp(-cell_centres(ranges, 64)[0]))
    assert_allclose([mass.sum(), mass @ q], [1, a / (a + b)], rtol=3e-4)


def test_only_ranges_that_go_on_below_stand_for_what_is_there():
    ranges, a = np.array([[-3.0, 3.0]]), 0.5
    closed, _ = logit_beta_log_mass(ranges, 4, a, 4.0, np.array([-9.0]))
    opened, _ = logit_beta_log_mass(ranges, 4, a, 4.0, np.array([-3.0]))
    assert_array_equal(closed[:, 1:], opened[:, 1:])
    assert opened[0, 0] - closed[0, 0] == pytest.approx(
        np.log(np.sum(np.exp(-a * 1.5 * np.arange(200))))
    )


def test_logit_beta_slope_is_the_derivative_by_a():
    ranges, lowest = np.array([[-9.0, 4.0], [-2.0, 2.0]]), np.array([-9.0, -9.0])
    step = 1e-6
    ahead, behind = (
        logit_beta_log_mass(ranges, 16, 0.8 + sign * step, 4.0, lowest)[0]
        for sign in (1, -1)
    )
    slope = logit_beta_log_mass(ranges, 16, 0.8, 4.0, lowest)[1]
    assert_allclose((ahead - behind) / (2 * step), slope, rtol=1e-6)


def test_ranges_follow_the_posterior():
    ranges = np.tile([0.0, 16.0], (4, 1))
    limits = np.tile([-4.0, 100.0], (4, 1))
    mass = np.zeros((4, 16))
    mass[0, 7:9] = 0.5  # narrow: shrinks to it and a cell to either side
    mass[1, :] = 1 / 16  # cut off at both ends: doubles as far as the limits let it
    mass[2, 2:14] = 1 / 12  # fits: stays
    mass[3, 0] = 1.0  # all at the low end, where more of it may be
    after = fit_ranges(ranges, mass, limits)
    assert_array_equal(after, [[6, 10], [-4, 32], [0, 16], [-4, 16]])


def test_ranges_that_end_at_their_limit_are_not_cut_off():
    ranges = limits = np.array([[0.0, 16.0]])
    mass = np.full((1, 16), 1 / 16)
    assert_array_equal(fit_ranges(ranges, mass, limits), ranges)


@pytest.mark.parametrize("mean", [-0.3, 20.0])
@pytest.mark.parametrize("scale", [1e-4, 0.1, 1.0, 8.0])
def test_ranges_find_any_posterior_and_come_to_rest(mean, scale):
    ranges, limits = np.array([[-5.5, 5.5]]), np.array([[-60.0, 60.0]])
    for _ in range(40):
        centres = cell_centres(ranges, 16)
        log_mass = norm.logpdf(centres, mean, scale)
        mass = np.exp(log_mass - log_mass.max())
        before, ranges = ranges, fit_ranges(ranges, mass / mass.sum(), limits)
        if np.array_equal(before, ranges):
            break
    assert_array_equal(before, ranges)
    low, high = ranges[0]
    assert max(mean - 4.5 * scale, -60) >= low >= mean - 15 * scale
    assert min(mean + 4.5 * scale, 60) <= high <= mean + 15 * scale
