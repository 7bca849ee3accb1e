"""The flat vector of parameters and its parts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sgrna_estimator.network.architecture import Architecture
from tests import network_reference as reference

architectures = st.builds(
    Architecture,
    n_windows=st.integers(1, 5),
    window_size=st.integers(1, 4),
    n_channels=st.integers(1, 5),
    n_units=st.integers(1, 4),
    n_covariates=st.integers(0, 3),
    share_weights=st.booleans(),
    hidden_layer_sizes=st.lists(st.integers(1, 5), max_size=3).map(tuple),
)


@given(architectures)
def test_parts_are_views_in_the_kernels_order(architecture):
    shape, hidden_sizes = architecture.for_kernels()
    theta = np.arange(architecture.n_parameters, dtype=np.float32)
    parts = architecture.split(theta)
    expected = reference.layers(shape, hidden_sizes, theta)
    n_sets, k_times_A, U = expected.W.shape
    assert architecture.n_sets == n_sets
    assert parts.window_weights.shape == (
        n_sets, architecture.window_size, architecture.n_channels, U,
    )  # fmt: skip
    assert_array_equal(parts.window_weights.reshape(n_sets, k_times_A, U), expected.W)
    assert_array_equal(parts.window_intercepts, expected.b)
    for V, d, (reference_V, reference_d) in zip(
        parts.hidden_weights, parts.hidden_intercepts, expected.hidden, strict=True
    ):
        assert_array_equal(V, reference_V)
        assert_array_equal(d, reference_d)
    assert_array_equal(parts.readout_weights, expected.beta)
    assert_array_equal(parts.intercept, expected.beta0)
    for part in (parts.window_weights, parts.readout_weights, parts.intercept):
        assert np.shares_memory(part, theta)


def test_what_makes_a_network_additive():
    sizes = {
        "n_windows": 3, "n_channels": 4, "n_units": 2, "n_covariates": 1,
        "share_weights": False,
    }  # fmt: skip
    assert Architecture(window_size=1, hidden_layer_sizes=(), **sizes).is_additive
    assert not Architecture(window_size=2, hidden_layer_sizes=(), **sizes).is_additive
    assert not Architecture(window_size=1, hidden_layer_sizes=(3,), **sizes).is_additive
