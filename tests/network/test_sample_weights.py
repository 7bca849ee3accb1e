"""A sample weight counts like repetitions of its guide."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from tests.network.networks import HIDDEN, mean_squared_error, regressor
from tests.network_reference import least_squares


def test_weights_give_the_weighted_least_squares_fit(screen):
    weight = np.random.default_rng(0).integers(0, 4, len(screen.y))
    rows = np.repeat(np.arange(len(weight)), weight)
    best = mean_squared_error(
        screen.y[rows], least_squares(screen.X[rows], screen.y[rows])
    )
    network = regressor(alpha=0).fit(screen.X, screen.y, sample_weight=weight)
    reached = mean_squared_error(screen.y[rows], network.predict(screen.X[rows]))
    assert reached <= 1.005 * best
    unweighted = regressor(alpha=0).fit(screen.X, screen.y)
    assert reached < mean_squared_error(
        screen.y[rows], unweighted.predict(screen.X[rows])
    )


@pytest.mark.parametrize("options", [{}, {"covariates": [-1]} | HIDDEN])
def test_guides_of_weight_zero_have_no_influence(screen, options):
    rng = np.random.default_rng(3)
    ignored = rng.random(len(screen.y)) < 0.3
    weight = np.where(ignored, 0.0, rng.uniform(0.5, 2, len(screen.y)))
    X = np.column_stack([screen.X, rng.normal(size=len(screen.X))])
    if not options:
        X = X[:, :-1]
    spoilt, y = X.copy(), screen.y.copy()
    spoilt[ignored] = np.roll(X[ignored], 1, axis=0)
    y[ignored] += 1000
    network = regressor(max_iter=5, **options)
    first = clone(network).fit(X, screen.y, sample_weight=weight).predict(X)
    second = clone(network).fit(spoilt, y, sample_weight=weight).predict(X)
    assert_array_equal(first, second)


def test_weights_of_zero_for_all_guides_are_refused(screen):
    with pytest.raises(ValueError, match=r"non-zero|0 for every guide"):
        regressor().fit(screen.X, screen.y, sample_weight=np.zeros(len(screen.y)))


@pytest.mark.parametrize("options", [{}, HIDDEN | {"dropout": 0}])
@pytest.mark.parametrize("kind", ["letters", "numbers"])
def test_in_one_batch_weights_are_repetitions(screen, options, kind):
    X = screen.X if kind == "letters" else screen.X - 0.1
    weight = np.random.default_rng(0).integers(0, 4, len(screen.y))
    network = regressor(batch_size=10_000, max_iter=30, **options)
    weighted = clone(network).fit(X, screen.y, sample_weight=weight)
    repeated = network.fit(X.repeat(weight, axis=0), screen.y.repeat(weight))
    assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-4)
    assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-4)
