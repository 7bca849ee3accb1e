"""Data at the edges of what is sensible: a finite answer, or an error that names it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.network.networks import Callback, classifier, quick, regressor
from tests.network_reference import simulate_screen

N_POSITIONS = 5
SCREEN = simulate_screen(40, N_POSITIONS)
X, Y = SCREEN.X, SCREEN.y
HALF = np.arange(len(Y)) % 2

NETWORKS = {
    "additive": {},
    "least squares": {"init": "least_squares"},
    "row by row": {"solver": "sgd", "batch_size": 1},
    "windows": {"window_size": 3, "n_units": 4, "hidden_layer_sizes": (6,)},
    "windows, sgd": {"window_size": N_POSITIONS, "n_units": 3, "solver": "sgd"},
    "stopped": {"tol": 1e-3, "n_iter_no_change": 1},
    "several": {"n_networks": 2, "n_jobs": 2},
}
# What has not learnt anything says so, as it should.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{category}")
    for category in (
        "sgrna_estimator.exceptions.ConstantPredictionsWarning",
        "sklearn.exceptions.ConvergenceWarning",
    )
]


def assert_finite(network, matrix):
    predicted = network.predict(matrix)
    assert predicted.shape == (matrix.shape[0],)
    for numbers in (predicted, network.loss_curve_, network.base_effects_):
        assert np.isfinite(numbers).all()
    for each in network.networks_:
        assert np.isfinite(each.theta).all()


# ---- finite answers -----------------------------------------------------------------

# Columns and targets
ANSWERED = {
    "a constant target": (X, np.full(len(Y), 2.5)),
    "a target of zeros": (X, np.zeros(len(Y))),
    "a target that is constant but for the last bit": (X, np.nextafter(1.0, 1 + HALF)),
    "one guide": (X[:1], Y[:1]),
    "two guides": (X[:2], Y[:2]),
    "fewer guides than a batch": (X[:10], Y[:10]),
    "equal guides": (np.repeat(X[:1], len(Y), axis=0), Y),
    "one letter at each position": (np.tile([1.0, 0, 0, 0], (len(Y), N_POSITIONS)), Y),
    "no letter at any position": (np.zeros_like(X), Y),
    "targets of 1e-30": (X, 1e-30 * Y),
    "targets of 1e-300": (X, 1e-300 * Y),
    "subnormal targets": (X, 5e-324 * HALF),
    "targets of 1e30": (X, 1e30 * Y),
    "targets of 1e140": (X, 1e140 * Y),
    "targets far from zero": (X, 1e15 + Y),
    "one target far from the others": (X, np.where(np.arange(len(Y)) == 3, 1e30, Y)),
    "float16": (X.astype(np.float16), Y.astype(np.float16)),
    "integers": (X.astype(int), Y.round().astype(int)),
    "bytes": (X.astype(np.uint8), HALF.astype(bool)),
    "objects": (X.astype(object), Y.astype(object)),
}
COUNTS = np.random.default_rng(0).integers(0, 256, X.shape)
# Columns that are not one-hot, for which there is no start from least squares
ANSWERED_IN_NUMBERS = {
    "counts in bytes": COUNTS.astype(np.uint8),
    "counts in signed bytes": (COUNTS - 128).astype(np.int8),
    "several letters at once, as bool": COUNTS % 2 == 0,
    "numbers of 1e-40": 1e-40 * X,
    "numbers of 100": 100 * X,
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("case", ANSWERED)
def test_answers_are_finite(case, name):
    matrix, y = ANSWERED[case]
    network = regressor(max_iter=4, **NETWORKS[name]).fit(matrix, y)
    assert_finite(network, matrix)


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"least squares"}))
@pytest.mark.parametrize("case", ANSWERED_IN_NUMBERS)
def test_answers_to_numbers_are_finite(case, name):
    matrix = ANSWERED_IN_NUMBERS[case]
    options = NETWORKS[name] | {"learning_rate_init": 1e-6}
    assert_finite(regressor(max_iter=4, **options).fit(matrix, Y), matrix)


# Least squares would need a matrix of 40,000 columns squared.
@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"least squares"}))
def test_ten_thousand_positions(name):
    letters = np.random.default_rng(0).integers(0, 4, (20, 10_000))
    matrix = np.eye(4, dtype=np.uint8)[letters].reshape(20, -1)
    network = regressor(max_iter=1, **NETWORKS[name]).fit(matrix, Y[:20])
    assert np.isfinite(network.predict(matrix)).all()


@pytest.mark.parametrize(
    "weight",
    [
        np.eye(len(Y))[0],
        np.where(HALF, 0.0, 1.0),
        np.full(len(Y), 1e300),
        np.where(HALF, 1e-30, 1e30),
        np.full(len(Y), 1e-30),
    ],
    ids=["one guide's", "of every second", "1e300", "1e-30 and 1e30", "1e-30"],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", NETWORKS)
def test_answers_to_extreme_weights_are_finite(name, method, weight):
    network = regressor(max_iter=4, **NETWORKS[name] | {"alpha": 1e-30})
    getattr(network, method)(X, Y, sample_weight=weight)
    assert_finite(network, X)


@pytest.mark.parametrize("rows", [[0, 1], range(10)], ids=["two", "ten"])
def test_classes_of_few_guides(rows):
    rows = list(rows)
    network = classifier(max_iter=4).fit(X[rows], HALF[rows])
    assert np.isfinite(network.predict_proba(X)).all()


def test_single_guides_one_after_the_other():
    network = quick()
    for row in range(5):
        network.partial_fit(X[[row]], Y[[row]])
    assert_finite(network, X)


# ---- errors -------------------------------------------------------------------------

REFUSED = {
    "targets of 1e300": (X, 1e300 * Y, {}, {}, "y must"),
    "targets and weights whose products overflow": (
        X, 1e140 * Y, {"sample_weight": np.full(len(Y), 1e100)}, {},
        r"y must have a weighted variance .* as 6\.\d+e\+140 and sample_weight as 1e\+100",
    ),
    "targets that are not standardised": (
        X, 1e20 * Y, {}, {"standardize_target": False},
        r"y must be at (least -|most )1\.84467e\+19, but it is .* in rows ",
    ),
    "weights of 1e308": (
        X, Y, {"sample_weight": np.full(len(Y), 1e308)}, {},
        r"sample_weight must have a sum .* as large as 1e\+308",
    ),
    "subnormal weights": (
        X, Y, {"sample_weight": np.full(len(Y), 5e-324)}, {},
        "sample_weight must have a sum .* as small as 4.9",
    ),
    "weights of 1e-300": (
        X, Y, {"sample_weight": np.full(len(Y), 1e-300)}, {},
        "alpha=1 is too large for guides whose sample weights add up to 4e-299",
    ),
    "weights of 0": (X, Y, {"sample_weight": np.zeros(len(Y))}, {}, "non-zero"),
    "a penalty of 1e300": (
        X, Y, {}, {"alpha": 1e300},
        r"alpha=1e\+300 is too large for guides whose sample weights add up to 40",
    ),
    "a step of 1e300": (
        X, Y, {}, {"learning_rate_init": 1e300}, r"learning_rate_init=1e\+300"
    ),
    "columns of 1e30": (
        1e30 * X, Y, {}, {}, "diverged in epoch 1.* numbers that are not one-hot"
    ),
    "columns of 1e39": (1e39 * X, Y, {}, {}, r"X must not exceed 3\.4e\+38"),
    "a covariate of 1e300": (
        np.column_stack([X, 1e300 * Y]), Y, {}, {"covariates": [-1]},
        "the covariate in column 20 must have a weighted variance",
    ),
    "equal covariates of 1e308": (
        np.column_stack([X, np.full(len(Y), 1e308)]), Y, {}, {"covariates": [-1]},
        r"the covariate in column 20 must .* as large as 1e\+308",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"least squares"}))
@pytest.mark.parametrize("case", REFUSED)
def test_what_float_cannot_hold_is_named(case, name):
    matrix, y, given, options, message = REFUSED[case]
    network = regressor(max_iter=4, **NETWORKS[name] | options)
    with pytest.raises(ValueError, match=message):
        network.fit(matrix, y, **given)


def test_a_covariate_is_called_by_its_name(with_distance):
    table, y = with_distance
    table = table.assign(distance=1e300 * table["distance"])
    with pytest.raises(ValueError, match="the covariate 'distance' must have"):
        regressor(covariates=["distance"]).fit(table, y)


@pytest.mark.parametrize("options", [{}, NETWORKS["windows"]])
def test_new_guides_far_from_all_others_are_named(options):
    distance = np.arange(len(Y), dtype=float)
    network = regressor(max_iter=4, covariates=[-1], **options)
    network.fit(np.column_stack([X, distance]), Y)
    distance[[3, 7]] = 1e300
    with pytest.raises(ValueError, match="X holds numbers in rows 4, 8 that are so la"):
        network.predict(np.column_stack([X, distance]))


def test_sums_that_overflow_are_named_by_their_row():
    network = quick().fit(X, Y)
    matrix = X.copy()
    matrix[5] *= 3e38
    with pytest.raises(ValueError, match="X holds numbers in row 6 that are so large"):
        network.predict(matrix)


def test_a_network_that_is_no_number_halfway_is_what_it_was_an_epoch_before():
    class Spoil(Callback):
        def on_fit_task_end(self, estimator, context):
            if context.task_name == "epoch" and estimator.n_iter_ == 2:
                for each in estimator.networks_:
                    each.theta[0] = np.nan

    network = quick().set_callbacks(Spoil())
    with pytest.raises(ValueError, match="training diverged in epoch 3"):
        network.fit(X, Y)
    assert len(network.loss_curve_) == 2


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_spoilt_part_leaves_what_was_learnt(method):
    numbers = X + np.random.default_rng(0).normal(scale=0.1, size=X.shape)
    network = quick(warm_start=True).fit(numbers, Y)
    before = network.predict(numbers)
    with pytest.raises(ValueError, match="diverged"):
        getattr(network, method)(1e30 * numbers, Y)
    assert_array_equal(network.predict(numbers), before)


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"stopped"}))
@pytest.mark.parametrize("value", [0.0, 1e-30, 0.1, 1e30, -1e150])
def test_a_constant_target_is_predicted_in_any_unit(value, name):
    network = regressor(**NETWORKS[name]).fit(X, np.full(len(Y), value))
    assert_allclose(network.predict(X), value, rtol=1e-4, atol=0.05)
