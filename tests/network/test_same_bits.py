"""The same guides and the same seed give the same bits."""

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

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
    "uint8": lambda X: X.astype(np.uint8),
    "CSR array of uint8": lambda X: sparse.csr_array(X.astype(np.uint8)),
    "CSR array of bool": lambda X: sparse.csr_array(X.astype(bool)),
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


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.uint8, bool])
def test_covariates_beside_bytes_are_the_numbers_they_are(screen, dtype, container):
    marks = np.arange(len(screen.y)) % (2 if dtype is bool else 200)
    X = np.column_stack([screen.X, marks])
    network = quick(covariates=[-1])
    expected = network.fit(X, screen.y).predict(X)
    X = container(X.astype(dtype))
    assert_array_equal(network.fit(X, screen.y).predict(X), expected)


@pytest.mark.parametrize("dtype", [np.uint8, bool])
def test_bytes_are_not_made_into_floats(dtype):
    n = 20_000
    letters = np.random.default_rng(0).integers(0, 4, (n, 30))
    X = np.eye(4, dtype=dtype)[letters].reshape(n, -1)
    network = quick(max_iter=1, batch_size=1000)
    network.fit(X[:100], letters[:100, 0])  # compiles
    tracemalloc.start()
    try:
        network.fit(X, letters[:, 0]).predict(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * X.nbytes  # as float64 it is 8 times as large


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


FIT = """
import sys
from tests.network.networks import quick
from tests.network_reference import simulate_screen

screen = simulate_screen()
network = quick(hidden_layer_sizes=(64,), n_networks=2, n_jobs=2)
sys.stdout.buffer.write(network.fit(screen.X, screen.y).predict(screen.X).tobytes())
"""


def test_another_process_with_other_threads_gives_the_same_bits(screen):
    network = quick(hidden_layer_sizes=(64,), n_networks=2, n_jobs=1)
    expected = network.fit(screen.X, screen.y).predict(screen.X)
    threads = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
    for n_threads in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", FIT],
            cwd=Path(__file__).parents[2],
            env=os.environ | dict.fromkeys(threads, n_threads),
            capture_output=True,
            check=True,
        ).stdout
        assert_array_equal(np.frombuffer(found), expected)


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
