"""Where training starts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.network import kernels
from sgrna_estimator.network.architecture import Architecture
from sgrna_estimator.network.rows import GuideRows
from sgrna_estimator.network.starts import STARTS, TrainingSet, starting_parameters
from tests import network_reference as reference

L, A = 6, 4


def describe(**sizes):
    defaults = {
        "n_windows": L, "window_size": 1, "n_channels": A, "n_units": 1,
        "n_covariates": 0, "share_weights": False, "hidden_layer_sizes": (),
    }  # fmt: skip
    sizes = defaults | sizes
    return Architecture(**sizes | {"n_windows": L - sizes["window_size"] + 1})


def training_set(
    *, n=120, n_covariates=0, share_unknown=0.0, is_one_hot=True, output="identity"
):
    rng = np.random.default_rng(0)
    letters = rng.integers(0, A, (n, L))
    letters[rng.random(letters.shape) < share_unknown] = A
    covariates = rng.normal(size=(n, n_covariates)).astype(np.float32)
    y = rng.normal(size=(L, A + 1))[np.arange(L), letters].sum(axis=1)
    y += rng.normal(size=n) + covariates.sum(axis=1)
    weight = rng.uniform(0, 2, n)
    if is_one_hot:
        rows = GuideRows(letters.astype(np.uint8), None, covariates)
    else:
        rows = GuideRows(None, rng.normal(size=(n, L * A)), covariates)
    return TrainingSet(rows, y, weight, output)


def start(architecture, init, training, seed=0):
    theta = starting_parameters(
        architecture, init, training, np.random.RandomState(seed)
    )
    assert theta.dtype == np.float32
    return theta


def as_values(rows):
    if rows.letters is None:
        return rows.values
    return reference.one_hot(rows.letters, A)


def first_layer(architecture, theta, rows):
    """Return the units of the windows of every row."""
    shape, hidden_sizes = architecture.for_kernels()
    n_units = architecture.n_windows * architecture.n_units
    return np.array(
        [
            reference.forward(shape, hidden_sizes, theta, x, c)[0][0][:n_units]
            for x, c in zip(as_values(rows), rows.covariates, strict=True)
        ]
    )


@pytest.mark.parametrize("is_one_hot", [True, False], ids=["letters", "values"])
@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"n_units": 3, "n_covariates": 2},
        {"window_size": 3, "n_units": 2, "share_weights": True},
        {"window_size": 2, "hidden_layer_sizes": (3,)},
    ],
)
def test_the_active_start_has_no_dead_unit(sizes, is_one_hot):
    architecture = describe(**sizes)
    training = training_set(
        n_covariates=architecture.n_covariates, is_one_hot=is_one_hot
    )
    theta = start(architecture, "active", training)
    units = first_layer(architecture, theta, training.rows)
    assert units.min() > 0.1
    # both signs of the read-out occur, so that effects of either sign can grow
    assert set(np.sign(architecture.split(theta).readout_weights)) == {-1, 1}


def test_half_of_the_units_of_a_normal_start_are_dead():
    # The start of the first loop, which is why its training failed.
    architecture = describe(n_units=50)
    training = training_set()
    theta = start(architecture, "normal", training)
    weights = np.concatenate(
        [
            architecture.split(theta).window_weights.ravel(),
            architecture.split(theta).readout_weights,
        ]
    )
    assert weights.std() == pytest.approx(1, abs=0.05)
    units = first_layer(architecture, theta, training.rows)
    assert (units == 0).mean() == pytest.approx(0.5, abs=0.05)
    deep = describe(hidden_layer_sizes=(200,))
    (weights,) = deep.split(start(deep, "normal", training)).hidden_weights
    assert weights.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("window_size", [1, 3])
def test_the_he_start_keeps_the_size_of_the_signal(window_size):
    architecture = describe(
        window_size=window_size, n_units=64, hidden_layer_sizes=(256, 256)
    )
    parts = architecture.split(start(architecture, "he", training_set()))
    assert parts.window_weights.std() == pytest.approx(
        np.sqrt(2 / window_size), rel=0.05
    )
    for weights in parts.hidden_weights:
        assert weights.std() == pytest.approx(np.sqrt(2 / len(weights)), rel=0.05)
    # (1, 256): looser, as there are fewer of them
    assert parts.readout_weights.std() == pytest.approx(np.sqrt(1 / 256), rel=0.15)
    for intercepts in (parts.window_intercepts, *parts.hidden_intercepts):
        assert not intercepts.any()


@pytest.mark.parametrize("init", STARTS)
def test_starts_depend_on_the_seed_only(init):
    architecture, training = describe(), training_set()
    first = start(architecture, init, training, seed=1)
    assert_array_equal(first, start(architecture, init, training, seed=1))
    if init != "least_squares":
        assert (first != start(architecture, init, training, seed=2)).any()


@pytest.mark.parametrize(
    ("sizes", "init"),
    [({}, "active"), ({"window_size": 2}, "he"), ({"hidden_layer_sizes": (3,)}, "he")],
)
def test_auto_is_active_for_additive_networks(sizes, init):
    architecture, training = describe(**sizes), training_set()
    assert_array_equal(
        start(architecture, "auto", training), start(architecture, init, training)
    )


def weighted_least_squares(training):
    n = len(training.y)
    X = np.hstack([np.ones((n, 1)), as_values(training.rows), training.rows.covariates])
    root = np.sqrt(training.weight)
    return X @ np.linalg.lstsq(X * root[:, None], training.y * root, rcond=None)[0]


@pytest.mark.parametrize("share_unknown", [0.0, 0.2], ids=["known", "unknown letters"])
@pytest.mark.parametrize("n_covariates", [0, 2])
def test_the_least_squares_start_is_exact(n_covariates, share_unknown):
    architecture = describe(n_covariates=n_covariates)
    training = training_set(n_covariates=n_covariates, share_unknown=share_unknown)
    theta = start(architecture, "least_squares", training)
    z = np.empty(len(training.y), dtype=np.float32)
    kernels.predict(
        *architecture.for_kernels(), theta, training.rows.take(slice(None)), 64, z
    )
    assert_allclose(z, weighted_least_squares(training), atol=1e-5)


def test_the_least_squares_start_needs_no_intercepts_of_windows():
    architecture = describe(n_covariates=1)
    training = training_set(n_covariates=1)._replace(train_window_bias=False)
    theta = start(architecture, "least_squares", training)
    assert not architecture.split(theta).window_intercepts.any()
    shape, hidden_sizes = architecture.for_kernels()
    z = reference.read_out(
        shape, hidden_sizes, theta, as_values(training.rows), training.rows.covariates
    )
    assert_allclose(z, weighted_least_squares(training), atol=1e-5)


@pytest.mark.parametrize(
    ("sizes", "options"),
    [
        ({"window_size": 2}, {}),
        ({"n_units": 2}, {}),
        ({"share_weights": True}, {}),
        ({"hidden_layer_sizes": (3,)}, {}),
        ({}, {"is_one_hot": False}),
        ({}, {"output": "logistic"}),
    ],
)
def test_a_network_that_cannot_hold_the_least_squares_fit_is_refused(sizes, options):
    with pytest.raises(ValueError, match="init='least_squares' needs one-hot input"):
        start(describe(**sizes), "least_squares", training_set(**options))
