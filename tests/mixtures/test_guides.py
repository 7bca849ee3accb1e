"""Measured guides: their spread, density and direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from sgrna_estimator.mixtures.guides import (
    normal_log_density,
    robust_spread,
    turning_factors,
    weighted_quantile,
)
from tests.mixtures.objectives import (
    draw_guides,
)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.data())
def test_weighted_quantiles_count_guides(values, data):
    weight = data.draw(
        st.lists(st.integers(1, 4), min_size=len(values), max_size=len(values))
    )
    levels = [0.25, 0.5, 0.9]
    assert_array_equal(
        weighted_quantile(np.array(values, float), np.array(weight, float), levels),
        np.quantile(np.repeat(values, weight), levels, method="inverted_cdf"),
    )


def test_spread_of_a_normal_sample_with_outliers():
    y = np.append(np.random.default_rng(0).normal(0, 2, 10_000), [1e6] * 10)
    assert robust_spread(y, np.ones(y.size)) == pytest.approx(2, rel=0.05)


def test_spread_of_mostly_equal_values():
    y = np.array([0.0] * 9 + [1.0])
    assert robust_spread(y, np.ones(10)) == pytest.approx(y.std())


def test_log_density_is_scipys():
    y = np.array([-1.0, 0.5, 3.0])
    assert_allclose(normal_log_density(y, 0.3, 2.0), norm.logpdf(y, 0.3, 2.0))


def test_directions():
    guides = draw_guides(np.random.default_rng(0))
    assert [np.sign(f) for f in turning_factors(guides, "auto")] == [1, -1]
    assert [np.sign(f) for f in turning_factors(guides, "negative")] == [-1]
    assert [np.sign(f) for f in turning_factors(guides, "auto", -2.0)] == [-1]
    with pytest.raises(ValueError, match="'positive' contradicts mu1=-2"):
        turning_factors(guides, "positive", -2.0)
