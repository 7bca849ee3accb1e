"""Corrected t test and Holm's adjustment, against formulas and simulations."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sgrna_estimator.comparison.corrected_tests import (
    corrected_t_test,
    differences,
    holm,
)


def test_corrected_t_test_equals_the_formula():
    differences = np.array([0.02, 0.05, 0.01, 0.04, 0.03])
    estimate = corrected_t_test(differences[None], 0.25, 0.95)
    mean, variance = 0.03, 0.00025
    error = ((1 / 5 + 0.25) * variance) ** 0.5
    assert estimate.mean[0] == pytest.approx(mean)
    assert estimate.sd[0] == pytest.approx(variance**0.5)
    t = stats.t(4)
    assert estimate.p_value[0] == pytest.approx(2 * t.sf(mean / error))
    assert estimate.lower[0] == pytest.approx(mean - t.ppf(0.975) * error)
    assert estimate.upper[0] == pytest.approx(mean + t.ppf(0.975) * error)


def test_without_overlap_it_is_the_ordinary_t_test():
    values = np.random.default_rng(0).normal(0.3, 1, (4, 9))
    estimate = corrected_t_test(values, 0.0, 0.9, most_freedom=8)
    ordinary = stats.ttest_1samp(values, 0, axis=1)
    np.testing.assert_allclose(estimate.p_value, ordinary.pvalue)
    interval = ordinary.confidence_interval(0.9)
    np.testing.assert_allclose(estimate.lower, interval.low)
    np.testing.assert_allclose(estimate.upper, interval.high)


def test_more_splits_of_the_same_guides_are_not_more_degrees_of_freedom():
    values = np.random.default_rng(0).normal(0.3, 1, (4, 25))
    estimate = corrected_t_test(values, 0.25, 0.95)
    error = np.sqrt((1 / 25 + 0.25) * values.var(axis=1, ddof=1))
    t = stats.t(6)
    np.testing.assert_allclose(estimate.p_value, 2 * t.sf(abs(estimate.mean) / error))
    np.testing.assert_allclose(estimate.upper - estimate.mean, t.ppf(0.975) * error)
    few = corrected_t_test(values[:, :5], 0.25, 0.95)
    error = np.sqrt((1 / 5 + 0.25) * values[:, :5].var(axis=1, ddof=1))
    np.testing.assert_allclose(few.upper - few.mean, stats.t(4).ppf(0.975) * error)


def test_edges_of_the_corrected_t_test():
    values = np.array([[0.0, 0, 0], [0.5, 0.5, 0.5], [np.nan, 1, 2], [-np.inf, 1, 2]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate = corrected_t_test(values, 0.5, 0.95)
        one_split = corrected_t_test(values[:2, :1], 0.5, 0.95)
        no_split = corrected_t_test(values[:, :0], 0.5, 0.95)
    np.testing.assert_array_equal(estimate.p_value[:2], [1.0, 0.0])
    assert np.isnan([field[2] for field in estimate]).all()
    np.testing.assert_array_equal(one_split.mean, [0.0, 0.5])
    assert np.isnan(one_split.p_value).all()
    assert np.isnan(one_split.lower).all()
    assert np.isnan(no_split.mean).all()


@given(
    st.lists(
        st.one_of(st.just(np.nan), st.floats(0, 1, allow_subnormal=False)), max_size=8
    )
)
def test_holm_equals_its_definition(values):
    p_values = np.array(values, dtype=float)
    adjusted = holm(p_values)
    tested = p_values[~np.isnan(p_values)]
    for p, found in zip(p_values, adjusted, strict=True):
        if np.isnan(p):
            assert np.isnan(found)
            continue
        # reject at level found means: at each smaller p, found >= (number not smaller) p
        expected = max(q * (tested >= q).sum() for q in tested if q <= p)
        assert found == pytest.approx(min(expected, 1.0))


def test_differences_of_rounding_are_none():
    reference = np.full(5, 0.1)
    values = np.array([np.full(5, np.nextafter(0.1, 1)), np.full(5, 0.1001)])
    difference = differences(values, reference)
    assert (difference[0] == 0).all()
    assert (difference[1] > 0).all()


def test_the_correction_keeps_false_positives_rare():
    # Of two features that are equally good, each predicts alone. The ordinary t test
    # over random splits finds a difference far too often, the corrected one does not.
    rng = np.random.default_rng(0)
    n_guides, n_test, n_splits, n_screens = 60, 15, 15, 200
    differences = np.empty((n_screens, n_splits))
    for screen in range(n_screens):
        X = rng.normal(size=(n_guides, 2))
        y = X.sum(axis=1) + rng.normal(size=n_guides)
        for split in range(n_splits):
            test, train = np.split(rng.permutation(n_guides), [n_test])
            slope = (X[train] * y[train, None]).sum(axis=0) / (X[train] ** 2).sum(
                axis=0
            )
            errors = ((y[test, None] - X[test] * slope) ** 2).mean(axis=0)
            differences[screen, split] = errors[0] - errors[1]
    ordinary = stats.ttest_1samp(differences, 0, axis=1).pvalue
    corrected = corrected_t_test(differences, n_test / (n_guides - n_test), 0.95)
    assert (ordinary < 0.05).mean() > 0.25
    assert (corrected.p_value < 0.05).mean() < 0.12
