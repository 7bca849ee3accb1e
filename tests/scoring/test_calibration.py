"""Intervals of predictions, from guides that were held out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sgrna_estimator.scoring.calibration import (
    COVERAGE,
    FEWEST_HELD_OUT,
    Calibration,
)


def simulate(n, seed, error_of=np.ones_like):
    rng = np.random.default_rng(seed)
    predictions = rng.uniform(-1, 1, n)
    return predictions, predictions + error_of(predictions) * rng.standard_t(4, n)


def covered(calibration, predictions, measured, coverage):
    lower, upper = calibration.interval(predictions, coverage)
    return np.mean((lower <= measured) & (measured <= upper))


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_coverage(coverage):
    calibration = Calibration(*simulate(3000, 0))
    found = covered(calibration, *simulate(20_000, 1), coverage)
    assert found == pytest.approx(coverage, abs=0.02)


def test_coverage_on_average_over_few_guides():
    found = [
        covered(Calibration(*simulate(40, seed)), *simulate(500, 1000 + seed), 0.8)
        for seed in range(60)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.025)


def test_errors_differ_with_the_prediction():
    calibration = Calibration(*simulate(4000, 0, lambda p: 1.2 + p))
    predictions, measured = simulate(40_000, 1, lambda p: 1.2 + p)
    for sign in (-1, 1):
        some = np.abs(sign * predictions - 0.5) < 0.2
        found = covered(calibration, predictions[some], measured[some], 0.8)
        assert found == pytest.approx(0.8, abs=0.04)
    lower, upper = calibration.interval([-1.0, 1.0])
    assert upper[0] - lower[0] < 0.5 * (upper[1] - lower[1])


def interval_slowly(calibration, prediction, coverage):
    """All held-out guides, because there are fewer than 100."""
    errors = np.sort(calibration.measured - calibration.predictions)
    n = len(errors)
    level = (1 - (1 - coverage) / 2) * (n + 1) / n
    return prediction + np.quantile(errors, [1 - level, level])


@given(st.integers(12, 99), st.integers(0, 100), st.floats(-3, 3))
def test_all_guides_where_there_are_few(n, seed, prediction):
    calibration = Calibration(*simulate(n, seed))
    assert_allclose(
        np.ravel(calibration.interval([prediction])),
        interval_slowly(calibration, prediction, 0.8),
    )


@given(st.floats(0.1, 10), st.floats(-10, 10), st.integers(0, 20))
def test_another_unit_of_the_target(scale, shift, seed):
    predictions, measured = simulate(300, seed)
    ours = Calibration(predictions, measured).interval(predictions)
    other = Calibration(scale * predictions + shift, scale * measured + shift)
    theirs = other.interval(scale * predictions + shift)
    assert_allclose(theirs, scale * np.array(ours) + shift, atol=1e-8)


def test_too_few_guides_for_the_coverage():
    calibration = Calibration(*simulate(10, 0))
    with pytest.raises(ValueError, match=r"with 10 held-out guides, below 0\.82"):
        calibration.interval([0.0], 0.95)
    with pytest.raises(ValueError, match=r"coverage must be above 0 .*, got 0"):
        calibration.interval([0.0], 0)


def test_the_fewest_guides_that_are_enough():
    Calibration(*simulate(FEWEST_HELD_OUT, 0)).interval([0.0], COVERAGE)
    with pytest.raises(ValueError, match="with 8 held-out guides"):
        Calibration(*simulate(FEWEST_HELD_OUT - 1, 0)).interval([0.0], COVERAGE)


def test_no_interval_goes_beyond_bounds():
    predictions, measured = simulate(300, 0)
    free = Calibration(predictions, measured)
    bounds = (float(np.median(measured)) - 0.3, float(np.median(measured)) + 0.3)
    lower, upper = Calibration(predictions, measured, bounds).interval(predictions)
    for found, expected in zip((lower, upper), free.interval(predictions), strict=True):
        np.testing.assert_array_equal(found, np.clip(expected, *bounds))
    assert lower.min() == bounds[0]
    assert upper.max() == bounds[1]
