"""Whether own guides encompass a prior: on guides of which it is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import linregress

from sgrna_estimator.network import encompassing
from sgrna_estimator.network.encompassing import is_encompassed, slope_t_values
from sgrna_estimator.network.rows import GuideRows, as_values
from sgrna_estimator.network.starts import TrainingSet

N_GUIDES = 300


def screen(signal, seed=0, n_guides=N_GUIDES):
    """Return guides whose letters make this share of the target's spread, and that part."""
    rng = np.random.default_rng(seed)
    letters = rng.integers(4, size=(n_guides, 10)).astype(np.uint8)
    effects = rng.normal(size=(10, 4))
    additive = effects[np.arange(10), letters].sum(axis=1)
    additive = (additive - additive.mean()) / additive.std()
    y = signal * additive + np.sqrt(1 - signal**2) * rng.normal(size=n_guides)
    rows = GuideRows(letters, None, np.zeros((n_guides, 0), dtype=np.float32))
    return TrainingSet(rows, y, np.ones(n_guides), "identity"), additive


def noise(seed=1, n_guides=N_GUIDES):
    return np.random.default_rng(seed).normal(size=n_guides)


def test_own_guides_that_tell_what_a_prior_does_not():
    training, _ = screen(0.7)
    assert is_encompassed(noise(), training, 4)


def test_a_prior_that_knows_more_than_own_guides_tell_is_needed():
    training, additive = screen(0.7)
    assert not is_encompassed(additive, training, 4)
    # letters that act together, of which ridge regression knows nothing
    together = np.where(np.logical_xor(*(training.rows.letters[:, :2] > 1).T), 1, -1)
    acting = training._replace(y=training.y + together)
    assert not is_encompassed(together + noise(), acting, 4)
    assert is_encompassed(noise(), acting, 4)


def test_a_prior_whose_part_of_the_target_is_of_the_wrong_sign_adds_nothing():
    training, additive = screen(0.7)
    assert is_encompassed(additive - 1.5 * training.y, training, 4)


@pytest.mark.parametrize("seed", range(5))
def test_own_guides_that_tell_nothing_keep_any_prior(seed):
    training, _ = screen(0.0, seed)
    assert not is_encompassed(noise(seed + 10), training, 4)


@pytest.mark.parametrize(("n_guides", "expected"), [(24, False), (60, True)])
def test_too_few_guides_keep_any_prior(n_guides, expected):
    training, _ = screen(0.99, n_guides=n_guides)
    assert is_encompassed(noise(n_guides=n_guides), training, 4) is expected


def test_a_target_that_does_not_vary_keeps_any_prior():
    training, _ = screen(0.7)
    assert not is_encompassed(noise(), training._replace(y=np.ones(N_GUIDES)), 4)


def test_guides_without_weight_do_not_count():
    training, _ = screen(0.7)
    # what the prior knows is of guides that do not count
    half = np.arange(N_GUIDES) < N_GUIDES // 2
    z = np.where(half, noise(), 3 * training.y)
    assert not is_encompassed(z, training, 4)
    assert is_encompassed(z, training._replace(weight=half * 2.0), 4)


def test_of_many_guides_some_are_asked_from_all_over_the_table(monkeypatch):
    training, additive = screen(0.7, n_guides=400)
    monkeypatch.setattr(encompassing, "_MOST_GUIDES", 100)
    asked = []

    def t_values(X, y, weight):
        asked.append(y)
        return slope_t_values(X, y, weight)

    monkeypatch.setattr(encompassing, "slope_t_values", t_values)
    assert is_encompassed(noise(n_guides=400), training, 4)
    assert not is_encompassed(additive, training, 4)
    for y in asked:
        assert len(y) == 100
        assert set(training.y[[0, -1]]) < set(y)


def test_numbers_are_read_as_letters_are():
    training, _ = screen(0.7)
    letters = training.rows.letters.copy()
    letters[::7, 3] = 4  # unknown
    covariates = training.rows.covariates
    by_letter = GuideRows(letters, None, covariates)
    values = as_values(by_letter, 4)
    expected = letters[:, :, None] == np.arange(4)
    assert_array_equal(values, expected)
    by_number = GuideRows(None, values.reshape(N_GUIDES, -1), covariates)
    assert_array_equal(as_values(by_number, 4), expected)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(6, 60), st.floats(1e-3, 1e3))
def test_slopes_are_those_of_partial_correlations(seed, n, factor):
    rng = np.random.default_rng(seed)
    X, weight = rng.normal(size=(n, 2)), np.full(n, factor)
    y = X @ [0.5, 0] + rng.normal(size=n)
    for this, other in ((0, 1), (1, 0)):
        left = []
        for values in (X[:, this], y):
            line = linregress(X[:, other], values)
            left.append(values - line.intercept - line.slope * X[:, other])
        r = np.corrcoef(*left)[0, 1]
        expected = r * np.sqrt((n - 3) / (1 - r**2))
        assert slope_t_values(X, y, weight)[this] == pytest.approx(expected, rel=1e-6)


def test_weights_are_those_of_the_squared_errors():
    rng = np.random.default_rng(0)
    X, y, weight = rng.normal(size=(40, 1)), rng.normal(size=40), rng.uniform(1, 2, 40)
    repeated = np.repeat(np.arange(40), 3)
    once = slope_t_values(X, y, weight)
    assert_allclose(slope_t_values(X, y, 10 * weight), once, rtol=1e-9)
    thrice = slope_t_values(X[repeated], y[repeated], weight[repeated])
    assert_allclose(thrice, once * np.sqrt((120 - 2) / (40 - 2)), rtol=1e-9)


def test_of_two_columns_that_say_the_same_neither_adds_anything():
    X = np.repeat(noise()[:, None], 2, axis=1)
    assert_array_equal(slope_t_values(X, noise(3), np.ones(N_GUIDES)), [0, 0])
