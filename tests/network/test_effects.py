"""Effects of letters, against read-outs whose effects are known."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from sgrna_estimator.network.columns import group_columns
from sgrna_estimator.network.effects import base_effects, interaction_effects
from sgrna_estimator.network.rows import GuideRows

L, A = 5, 3
COLUMNS = group_columns(L * A, None, A, None, 1)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def random_guides(rng, n=40):
    """Return background rows, some of their letters unknown, with one covariate."""
    letters = rng.integers(0, A + 1, (n, L)).astype(np.uint8)
    return GuideRows(letters, None, rng.normal(size=(n, 1)).astype(np.float32))


def one_hot(letters):
    return np.vstack([np.eye(A), np.zeros(A)])[letters].reshape(len(letters), -1)


def additive(table):
    """Return a read-out that adds up a table, the covariate and a constant."""
    with_unknown = np.hstack([table, np.zeros((L, 1))])

    def read_out(rows):
        terms = with_unknown[np.arange(L), rows.letters]
        return terms.sum(axis=1) + 2 * rows.covariates[:, 0] + 7

    return read_out


def test_base_effects_of_an_additive_read_out_add_up(rng):
    guides, table = random_guides(rng), rng.normal(size=(L, A))
    read_out = additive(table)
    effects = base_effects(read_out, guides, COLUMNS)
    known = GuideRows(
        rng.integers(0, A, (20, L)).astype(np.uint8),
        None,
        np.full((20, 1), guides.covariates.mean(), dtype=np.float32),
    )
    z = read_out(known) - read_out(guides).mean()
    assert_allclose(effects[np.arange(L), known.letters].sum(axis=1), z, atol=1e-6)
    assert_allclose(np.diff(effects), np.diff(table), atol=1e-12)


def test_interactions_of_an_additive_read_out_are_zero(rng):
    guides, read_out = random_guides(rng), additive(rng.normal(size=(L, A)))
    for distance in range(1, L):
        effects = interaction_effects(read_out, guides, COLUMNS, distance)
        assert effects.shape == (L - distance, A, A)
        assert_allclose(effects, 0, atol=1e-12)


def any_function(rng):
    """Return a read-out in which every letter interacts with every other."""
    table = rng.normal(size=(A + 1,) * L)
    return lambda rows: table[tuple(rows.letters.T)] * (1 + rows.covariates[:, 0])


def test_base_effects_are_means_over_the_background(rng):
    guides, read_out = random_guides(rng), any_function(rng)
    effects = base_effects(read_out, guides, COLUMNS)
    for position, letter in product(range(L), range(A)):
        letters = guides.letters.copy()
        letters[:, position] = letter
        replaced = GuideRows(letters, None, guides.covariates)
        expected = read_out(replaced).mean() - read_out(guides).mean()
        assert effects[position, letter] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("distance", [1, 2, L - 1])
def test_interactions_are_what_two_letters_add_beyond_their_sum(rng, distance):
    guides, read_out = random_guides(rng), any_function(rng)
    single = base_effects(read_out, guides, COLUMNS)
    effects = interaction_effects(read_out, guides, COLUMNS, distance)
    for position, a, b in product(range(L - distance), range(A), range(A)):
        letters = guides.letters.copy()
        letters[:, position], letters[:, position + distance] = a, b
        replaced = GuideRows(letters, None, guides.covariates)
        joint = read_out(replaced).mean() - read_out(guides).mean()
        expected = joint - single[position, a] - single[position + distance, b]
        assert effects[position, a, b] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_rows_of_numbers_give_the_effects_of_their_letters(rng, container):
    guides = random_guides(rng)
    values = container(one_hot(guides.letters))
    as_numbers = GuideRows(None, values, guides.covariates)
    weights = rng.normal(size=(L * A, 4))

    def read_out(rows):
        X = rows.values if rows.letters is None else one_hot(rows.letters)
        return np.maximum(0, X @ weights).sum(axis=1)

    for effects, more in ((base_effects, ()), (interaction_effects, (2,))):
        assert_allclose(
            effects(read_out, as_numbers, COLUMNS, *more),
            effects(read_out, guides, COLUMNS, *more),
            atol=1e-5,
        )


def test_the_background_is_not_changed(rng):
    guides = random_guides(rng)
    before = guides.letters.copy()
    interaction_effects(any_function(rng), guides, COLUMNS, 1)
    np.testing.assert_array_equal(guides.letters, before)
    values = one_hot(before).astype(np.float32)
    as_numbers = GuideRows(None, values.copy(), guides.covariates)
    base_effects(lambda rows: rows.values.sum(axis=1), as_numbers, COLUMNS)
    np.testing.assert_array_equal(as_numbers.values, values)
