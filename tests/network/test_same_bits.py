"""The same guides and the same seed give the same bits."""

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone

from tests.network.networks import as_frame, quick

CONTAINERS = {
    "float32": lambda X: X.astype(np.float32),
    "int8": lambda X: X.astype(np.int8),
    "bool": lambda X: X.astype(bool),
    "column order": np.asfortranarray,
    "CSR array": sparse.csr_array,
    "CSR matrix": sparse.csr_matrix,
    "CSC": sparse.csc_array,
    "COO": sparse.coo_array,
    "list": lambda X: X.tolist(),
    "DataFrame": as_frame,
    "frame without positions in its names": lambda X: pd.DataFrame(
        X, columns=[f"feature{i}" for i in range(X.shape[1])]
    ),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_any_container_gives_the_same_bits(screen, kind):
    X = CONTAINERS[kind](screen.X)
    expected = quick().fit(screen.X, screen.y).predict(screen.X)
    assert_array_equal(quick().fit(X, screen.y).predict(X), expected)


def test_other_numbers_give_the_same_bits_dense_and_sparse(screen):
    X = screen.X * np.random.default_rng(0).uniform(0.5, 1.5, screen.X.shape)
    dense = quick().fit(X, screen.y).predict(X)
    csr = sparse.csr_array(X)
    assert_array_equal(quick().fit(csr, screen.y).predict(csr), dense)


def test_letters_and_numbers_predict_alike(screen):
    """A row's prediction does not depend on whether the other rows are one-hot."""
    network = quick().fit(screen.X, screen.y)
    mixed = np.vstack([screen.X, np.full((1, screen.X.shape[1]), 0.25)])
    assert_allclose(network.predict(mixed)[:-1], network.predict(screen.X), rtol=1e-5)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_the_same_seed_gives_the_same_bits_in_parallel(screen, backend):
    networks = [quick(random_state=seed) for seed in (0, 1, 0)]
    alone = [clone(network).fit(screen.X, screen.y) for network in networks]
    together = Parallel(n_jobs=2, backend=backend)(
        delayed(network.fit)(screen.X, screen.y) for network in networks
    )
    predictions = [network.predict(screen.X) for network in (*alone, *together)]
    for same in (predictions[2], predictions[3], predictions[5]):
        assert_array_equal(same, predictions[0])
    assert_array_equal(predictions[4], predictions[1])
    assert (predictions[0] != predictions[1]).any()


def test_refitting_and_random_states(screen):
    def predicted(network):
        return network.fit(screen.X, screen.y).predict(screen.X)

    network = quick()
    first = predicted(network)
    assert_array_equal(predicted(network), first)
    generator = quick(random_state=np.random.RandomState(0))
    assert (predicted(generator) != predicted(generator)).any()
    assert_array_equal(
        predicted(quick(random_state=np.random.RandomState(0))),
        predicted(quick(random_state=np.random.RandomState(0))),
    )
    assert (predicted(quick(random_state=None)) != first).any()
