"""Columns of features, and penalties that leave their effects no room."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from sgrna_estimator import MixtureLogisticRegression
from sgrna_estimator.mixtures.columns import (
    column_scale,
    divide_columns,
    prior_is_too_narrow,
)
from tests.mixtures.logistic_data import simulate


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_divided_columns_have_a_mean_square_of_1(container):
    rng = np.random.default_rng(0)
    features, weight = rng.normal(0, [1, 5, 0], (50, 3)), rng.uniform(1, 2, 50)
    scale = column_scale(container(features), weight)
    divided = divide_columns(container(features), scale)
    assert_allclose(column_scale(divided, weight), 1)
    assert scale[2] == 1


def test_coefficients_of_the_prior_are_no_surprise():
    flagged = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth, error = rng.normal(0, 0.5, 40), 0.3
        shrinkage = 0.25 / (0.25 + error**2)
        coef = shrinkage * (truth + rng.normal(0, error, 40))
        sd = np.full(40, np.sqrt(0.25 * (1 - shrinkage)))
        flagged.append(prior_is_too_narrow(coef, sd, 0.25))
    assert np.mean(flagged) < 0.02


def test_coefficients_beyond_the_prior_are():
    assert prior_is_too_narrow(np.full(20, 0.5), np.full(20, 0.1), 0.02)
    assert not prior_is_too_narrow(np.zeros(20), np.full(20, np.sqrt(0.02)), 0.02)
    assert not prior_is_too_narrow(np.ones(2), np.full(2, np.nan), 0.02)


def test_a_fit_says_so():
    X, y, gene, *_ = simulate(1000, 10, 8, seed=3)
    flags = {
        C: MixtureLogisticRegression(C=C)
        .fit(X, y, groups=gene)
        .coef_std_errors_too_small_
        for C in (0.005, 4.0)
    }
    assert flags == {0.005: True, 4.0: False}
