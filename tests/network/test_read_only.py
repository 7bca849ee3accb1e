"""Data and networks that are read-only, as those that joblib maps from files are."""

import copy

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.frozen import FrozenEstimator

from sgrna_estimator.network import kernels, one_hot_kernels
from tests.network.networks import as_frame, quick, regressor
from tests.network_reference import simulate_screen

X, Y = simulate_screen(40, 5)[1:3]
NETWORKS = {
    "windows": {"window_size": 3, "n_units": 4, "hidden_layer_sizes": (6,)},
    "row by row": {"solver": "sgd", "batch_size": 1},
    "several": {"n_networks": 2, "n_jobs": 2},
}


def n_compiled():
    functions = [*vars(kernels).values(), *vars(one_hot_kernels).values()]
    return sum(len(getattr(each, "signatures", ())) for each in functions)


@pytest.fixture
def mapped(tmp_path):
    """Return a function that gives what joblib maps from a file, read-only."""

    def map_from_file(*things):
        joblib.dump(things, tmp_path / "things")
        return joblib.load(tmp_path / "things", mmap_mode="r")

    return map_from_file


KINDS = {
    "letters": X,
    "float32 letters": X.astype(np.float32),
    "bytes": X.astype(np.uint8),
    "CSR": sparse.csr_array(X),
    "numbers": X - 0.25,
    "CSR of numbers": sparse.csr_array(1.5 * X),
}


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("kind", KINDS)
def test_mapped_data_are_read_as_they_are(mapped, kind, method):
    weight = np.linspace(0, 2, len(Y))

    def predicted(matrix, y, weight):
        network = quick(max_iter=2)
        getattr(network, method)(matrix, y, sample_weight=weight)
        return np.r_[network.predict(matrix), network.base_effects_.ravel()]

    expected = predicted(KINDS[kind], Y, weight)
    before = n_compiled()
    assert_array_equal(predicted(*mapped(KINDS[kind], Y, weight)), expected)
    assert n_compiled() == before


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", ["windows", "row by row", "several", "prior"])
def test_a_mapped_network_goes_on_and_leaves_its_file_alone(mapped, name, method):
    matrix, y = as_frame(X), Y
    options = NETWORKS.get(name, {})
    if name == "prior":
        options = {"prior": FrozenEstimator(quick().fit(matrix, y))}
        matrix, y = matrix[:20], y[:20]  # too few to set a prior aside
    network = regressor(max_iter=3, warm_start=True, **options).fit(matrix, y)
    network.partial_fit(matrix, y)
    first = network.predict(matrix)
    getattr(copy.deepcopy(network), method)(matrix, y)  # compiles
    before = n_compiled()
    (on_file,) = mapped(network)
    assert not on_file.networks_[0].theta.flags.writeable
    assert_array_equal(on_file.predict(matrix), first)
    assert_array_equal(on_file.base_effects_, network.base_effects_)
    for each in (network, on_file):
        getattr(each, method)(matrix, y)
    assert_array_equal(on_file.predict(matrix), network.predict(matrix))
    assert (on_file.predict(matrix) != first).any()
    assert n_compiled() == before
