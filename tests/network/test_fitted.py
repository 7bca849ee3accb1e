"""The fitted network reads z out of rows by itself."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.network.rows import CHUNK_ROWS
from tests.network.networks import HIDDEN, quick


@pytest.fixture(scope="module")
def fitted(screen):
    return quick(n_channels=4).fit(screen.X, screen.y)


def test_it_reads_what_the_estimator_predicts(fitted, screen):
    (network,) = fitted.networks_
    assert_array_equal(network.read_out(screen.X), fitted.predict(screen.X))
    rows = network.rows(screen.X[:20])
    assert_array_equal(network.read_out_rows(rows), fitted.predict(screen.X[:20]))


def test_chunks_make_no_difference(fitted, screen):
    (network,) = fitted.networks_
    many = np.tile(screen.X, (CHUNK_ROWS // len(screen.X) + 2, 1))
    expected = np.tile(network.read_out(screen.X), len(many) // len(screen.X))
    assert_allclose(network.read_out(many), expected, rtol=1e-6)


def test_other_parameters_are_another_network(fitted, screen):
    (network,) = fitted.networks_
    other = network.with_parameters(np.zeros_like(network.theta))
    mean = network.standardisation.target_mean
    assert_allclose(other.read_out(screen.X), mean)
    assert network.theta.any()


def test_it_needs_no_estimator_to_be_kept(fitted, screen):
    copy = pickle.loads(pickle.dumps(fitted.networks_[0]))
    assert_array_equal(copy.read_out(screen.X), fitted.predict(screen.X))
    assert copy.architecture.hidden_layer_sizes == HIDDEN["hidden_layer_sizes"]


def test_what_it_has_seen_adds_up_or_is_not_known(fitted):
    (network,) = fitted.networks_
    some, more = np.array([3, 1], np.uint64), np.array([2, 3], np.uint64)
    assert network.having_seen(some, more).seen.tolist() == [1, 2, 3]
    assert network.having_seen(some, None).seen is None
