"""What the networks learn, against models whose best fit is known."""

import pickle
import warnings
from threading import Event, Thread

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import Parallel, delayed
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_info, threadpool_limits

from sgrna_estimator import (
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.exceptions import ConstantPredictionsWarning, InterruptedFitWarning
from sgrna_estimator.network import kernels as kernels
from tests.network_reference import group_lasso, least_squares, simulate_screen

HIDDEN = {"window_size": 3, "n_units": 4, "hidden_layer_sizes": (6,)}


def regressor(**options):
    return PositionwiseReLURegressor(**{"alpha": 1.0, "random_state": 0} | options)


def classifier(**options):
    return PositionwiseReLUClassifier(**{"alpha": 1.0, "random_state": 0} | options)


def quick(**options):
    """Return a network of every kind of layer that takes few steps."""
    return regressor(**HIDDEN | {"max_iter": 5} | options)


def mean_squared_error(y, predicted):
    return np.mean((y - predicted) ** 2)


def log_loss(y, z):
    """Return the mean log loss of log odds; y may be a probability."""
    y = np.asarray(y, dtype=float)
    return -np.mean(y * log_expit(z) + (1 - y) * log_expit(-z))


class Callback:
    """A callback that does nothing."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        pass


@pytest.fixture(scope="module")
def screen():
    return simulate_screen()


@pytest.fixture(scope="module")
def probabilities(screen):
    """Soft labels, as the mixture models make them."""
    noise = np.random.default_rng(1).normal(size=len(screen.y))
    return expit(screen.y - screen.y.mean() + noise)


@pytest.fixture(scope="module")
def labels(probabilities):
    return probabilities > np.random.default_rng(2).random(len(probabilities))


# ---- without a penalty a network of width 1 is least squares ------------------------


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "n_positions"), [(400, 8), (2000, 20)])
@pytest.mark.parametrize(("solver", "gap"), [("adam", 0.001), ("sgd", 0.01)])
def test_width_1_reaches_the_least_squares_fit(solver, gap, n, n_positions, seed):
    screen = simulate_screen(n, n_positions, seed=seed)
    best = mean_squared_error(screen.y, least_squares(screen.X, screen.y))
    network = regressor(alpha=0, solver=solver, random_state=seed)
    network.fit(screen.X, screen.y)
    reached = mean_squared_error(screen.y, network.predict(screen.X))
    assert best * (1 - 1e-6) <= reached <= best * (1 + gap)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n", "n_positions"), [(400, 8), (2000, 20)])
def test_positions_without_a_letter_are_one_more_level(n, n_positions, seed):
    # Unknown letters, and the ends that shorter spacers lack
    screen = simulate_screen(n, n_positions, seed=seed, share_unknown=0.15)
    best = mean_squared_error(screen.y, least_squares(screen.X, screen.y))
    network = regressor(alpha=0, random_state=seed).fit(screen.X, screen.y)
    reached = mean_squared_error(screen.y, network.predict(screen.X))
    assert reached <= 1.05 * best


def check_gap_on(table, seed, gap, **options):
    X = SequenceOneHotTransformer().fit_transform(table.sequences)
    y = table.target.to_numpy()
    best = mean_squared_error(y, least_squares(X, y))
    network = regressor(alpha=0, random_state=seed, **options).fit(X, y)
    assert mean_squared_error(y, network.predict(X)) <= best * (1 + gap)


@pytest.mark.parametrize("seed", range(5))
def test_width_1_reaches_the_least_squares_fit_of_crispra_screens(crispra_tiling, seed):
    check_gap_on(crispra_tiling, seed, 0.001)


def test_sgd_reaches_the_least_squares_fit_of_crispra_screens(crispra_tiling):
    check_gap_on(crispra_tiling, 0, 0.01, solver="sgd")


@pytest.mark.parametrize("seed", range(2))
def test_width_1_reaches_the_least_squares_fit_of_indel_frequencies(kim2019, seed):
    check_gap_on(kim2019, seed, 0.001)


def test_starting_at_the_least_squares_fit_stays_there(screen):
    best = least_squares(screen.X, screen.y)
    still = regressor(
        alpha=0, init="least_squares", learning_rate_init=1e-10, max_iter=1
    ).fit(screen.X, screen.y)
    assert_allclose(still.predict(screen.X), best, atol=1e-5)
    assert still.loss_curve_[0] == pytest.approx(
        mean_squared_error(screen.y, best), rel=1e-5
    )
    trained = regressor(alpha=0, init="least_squares").fit(screen.X, screen.y)
    assert mean_squared_error(screen.y, trained.predict(screen.X)) <= 1.001 * (
        mean_squared_error(screen.y, best)
    )


def test_the_classifier_reaches_logistic_regression(screen, labels):
    best = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    best.fit(screen.X, labels)
    network = classifier(alpha=0).fit(screen.X, labels)
    assert log_loss(labels, network.decision_function(screen.X)) <= 1.001 * (
        log_loss(labels, best.decision_function(screen.X))
    )


@pytest.mark.parametrize("loss", ["squared_error", "log_loss"])
def test_the_logistic_output_reaches_its_best_additive_fit(screen, probabilities, loss):
    design = np.column_stack([np.ones(len(screen.X)), screen.X])

    def value(coefficients):
        z = design @ coefficients
        if loss == "log_loss":
            return log_loss(probabilities, z)
        return mean_squared_error(probabilities, expit(z))

    def slope(coefficients):
        p = expit(design @ coefficients)
        error = p - probabilities
        error *= 1 if loss == "log_loss" else 2 * p * (1 - p)
        return design.T @ error / len(p)

    best = minimize(value, np.zeros(design.shape[1]), jac=slope, tol=1e-12).fun
    network = regressor(alpha=0, output="logistic", loss=loss)
    predicted = network.fit(screen.X, probabilities).predict(screen.X)
    if loss == "log_loss":
        # of a soft label even the true probability has a loss: its entropy
        least = log_loss(probabilities, np.log(probabilities / (1 - probabilities)))
        z = np.log(predicted / (1 - predicted))
        assert log_loss(probabilities, z) - least <= 1.001 * (best - least)
    else:
        assert mean_squared_error(probabilities, predicted) <= 1.001 * best


# ---- the unit of alpha --------------------------------------------------------------


def penalised_sum(network, sum_of_losses):
    squares = (network.window_weights_**2).sum() + (
        (network.readout_weights_ / getattr(network, "target_scale_", 1)) ** 2
    ).sum()
    return sum_of_losses + network.alpha * squares


@pytest.mark.parametrize("alpha", [5.0, 30.0])
@pytest.mark.parametrize("options", [{}, {"batch_size": 16}, {"max_iter": 500}])
def test_alpha_penalises_the_sum_of_squared_errors(screen, alpha, options):
    y = (screen.y - screen.y.mean()) / screen.y.std()
    z, effects = group_lasso(screen.X, y, alpha, lambda z, y: 2 * (z - y), 2)
    assert 0.3 < np.std(z) < 0.9  # the penalty matters, and leaves something
    best = ((z - y) ** 2).sum() + 2 * alpha * np.linalg.norm(effects, axis=1).sum()
    network = regressor(alpha=alpha, **options).fit(screen.X, screen.y)
    predicted = (network.predict(screen.X) - screen.y.mean()) / screen.y.std()
    assert penalised_sum(network, ((predicted - y) ** 2).sum()) <= 1.03 * best
    assert_allclose(predicted, z, atol=0.1)


def test_alpha_penalises_the_deviance_of_classes(screen, labels):
    alpha = 5.0
    z, effects = group_lasso(
        screen.X, labels.astype(float), alpha, lambda z, y: 2 * (expit(z) - y), 0.5
    )
    n = len(labels)
    best = 2 * n * log_loss(labels, z)
    best += 2 * alpha * np.linalg.norm(effects, axis=1).sum()
    network = classifier(alpha=alpha).fit(screen.X, labels)
    reached = network.decision_function(screen.X)
    assert penalised_sum(network, 2 * n * log_loss(labels, reached)) <= 1.01 * best
    assert_allclose(reached, z, atol=0.25)
    assert np.std(z) > 1


def test_alpha_penalises_the_deviance_of_probabilities(screen, probabilities):
    alpha, mean = 5.0, probabilities.mean()
    factor = 2 * mean * (1 - mean) / probabilities.var()
    z, _ = group_lasso(
        screen.X, probabilities, alpha, lambda z, y: factor * (expit(z) - y), factor / 4
    )
    network = regressor(alpha=alpha, output="logistic", loss="log_loss")
    predicted = network.fit(screen.X, probabilities).predict(screen.X)
    assert np.std(expit(z)) > 0.1
    assert_allclose(predicted, expit(z), atol=0.03)


def test_twice_the_rows_with_twice_alpha_is_the_same_problem(screen):
    once = regressor(alpha=20).fit(screen.X, screen.y)
    twice = regressor(alpha=40).fit(np.tile(screen.X, (2, 1)), np.tile(screen.y, 2))
    other = regressor(alpha=20).fit(np.tile(screen.X, (2, 1)), np.tile(screen.y, 2))
    expected, scale = once.predict(screen.X), screen.y.std()
    assert_allclose(twice.predict(screen.X), expected, atol=0.06 * scale)
    assert np.abs(other.predict(screen.X) - expected).max() > 0.2 * scale


@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_a_weight_of_two_counts_like_two_rows(screen, options):
    doubled = regressor(alpha=2.0, max_iter=5, **options).fit(
        screen.X, screen.y, sample_weight=np.full(len(screen.y), 2.0)
    )
    plain = regressor(alpha=1.0, max_iter=5, **options).fit(screen.X, screen.y)
    assert_array_equal(doubled.predict(screen.X), plain.predict(screen.X))


@pytest.mark.parametrize(("options", "alpha"), [({}, 0.6 * 20), (HIDDEN, 8.0)])
def test_auto_alpha_grows_with_additive_screens_only(screen, options, alpha):
    auto = regressor(alpha="auto", max_iter=3, **options).fit(screen.X, screen.y)
    given = regressor(alpha=alpha, max_iter=3, **options).fit(screen.X, screen.y)
    assert len(screen.y) == 400
    assert_array_equal(auto.predict(screen.X), given.predict(screen.X))


# ---- sample weights -----------------------------------------------------------------


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


# ---- the same bits ------------------------------------------------------------------

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
    "DataFrame": lambda X: pd.DataFrame(
        X, columns=[f"{i // 4 + 1}_{'ACGT'[i % 4]}" for i in range(X.shape[1])]
    ),
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


def n_blas_threads():
    return {
        library["num_threads"]
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }


def set_blas_threads(n_threads):
    """Set the number from a thread that ends, and so leaves the control to others."""
    thread = Thread(target=lambda: threadpool_limits(n_threads, user_api="blas"))
    thread.start()
    thread.join()


@pytest.fixture
def two_blas_threads():
    before = max(n_blas_threads())
    set_blas_threads(2)
    if n_blas_threads() != {2}:
        set_blas_threads(before)
        pytest.skip("BLAS on this machine cannot be told to use two threads")
    yield
    set_blas_threads(before)


def test_fits_that_overlap_leave_the_threads_of_blas_as_they_were(
    screen, two_blas_threads
):
    first_is_in, second_is_in = Event(), Event()

    class First(Callback):
        def on_fit_task_end(self, estimator, context):
            first_is_in.set()
            second_is_in.wait(10)

    class Second(Callback):
        def on_fit_task_end(self, estimator, context):
            second_is_in.set()
            threads[0].join(10)

    def fit_first():
        quick().set_callbacks(First()).fit(screen.X, screen.y)

    def fit_second():
        first_is_in.wait(10)
        quick().set_callbacks(Second()).fit(screen.X, screen.y)

    threads = [Thread(target=fit_first), Thread(target=fit_second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n_blas_threads() == {2}


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


@settings(deadline=None, max_examples=15)
@given(
    st.floats(0.001, 1000),
    st.floats(-1000, 1000),
    st.sampled_from([{}, HIDDEN, {"early_stopping": True}, {"solver": "sgd"}]),
)
def test_predictions_are_equivariant(a, c, options):
    screen = simulate_screen(100, 4)
    network = regressor(max_iter=8, **options)
    plain = clone(network).fit(screen.X, screen.y).predict(screen.X)
    moved = clone(network).fit(screen.X, a * screen.y + c).predict(screen.X)
    assert_allclose((moved - c) / a, plain, atol=2e-4 + 1e-9 * abs(c / a))


def test_predictions_of_a_target_times_a_power_of_two_have_the_same_digits(screen):
    plain = quick().fit(screen.X, screen.y).predict(screen.X)
    times_8 = quick().fit(screen.X, 8 * screen.y).predict(screen.X)
    assert_array_equal(times_8, 8 * plain)


def test_losses_are_in_units_of_the_target(screen):
    plain = quick().fit(screen.X, screen.y, X_val=screen.X, y_val=screen.y)
    times_8 = quick().fit(screen.X, 8 * screen.y, X_val=screen.X, y_val=8 * screen.y)
    assert_allclose(times_8.loss_curve_, 64 * np.array(plain.loss_curve_))
    assert_allclose(
        times_8.validation_loss_curve_, 64 * np.array(plain.validation_loss_curve_)
    )
    assert plain.validation_loss_curve_[-1] == pytest.approx(
        mean_squared_error(screen.y, plain.predict(screen.X))
    )


def test_tol_stops_alike_in_any_unit_of_the_target(screen):
    options = {"tol": 0.05, "n_iter_no_change": 2, "max_iter": 100}
    plain = regressor(**options).fit(screen.X, screen.y)
    assert plain.n_iter_ < 100
    scaled = regressor(**options).fit(screen.X, 1000 * screen.y)
    assert scaled.n_iter_ == plain.n_iter_


def test_the_target_can_be_left_as_it_is(screen):
    network = regressor(standardize_target=False).fit(screen.X, screen.y)
    assert (network.target_mean_, network.target_scale_) == (0, 1)
    assert network.score(screen.X, screen.y) > 0.7
    standardised = quick().fit(screen.X, screen.y)
    assert standardised.target_mean_ == pytest.approx(screen.y.mean())
    assert standardised.target_scale_ == pytest.approx(screen.y.std())


@pytest.mark.parametrize("value", [0.0, 0.1, -1000.0, 1e6])
@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_a_constant_target_is_predicted(screen, value, options):
    network = regressor(**options).fit(screen.X, np.full(len(screen.y), value))
    assert_allclose(network.predict(screen.X), value, rtol=1e-4, atol=0.05)


# ---- going on -----------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"solver": "sgd"}, HIDDEN])
def test_partial_fit_goes_on_from_a_fit(screen, options):
    network = regressor(alpha=0, dropout=0, **options).fit(screen.X, screen.y)
    n_epochs, before = (
        network.n_iter_,
        mean_squared_error(screen.y, network.predict(screen.X)),
    )
    for _ in range(5):
        network.partial_fit(screen.X, screen.y)
    assert network.n_iter_ == n_epochs + 5 == len(network.loss_curve_)
    after = mean_squared_error(screen.y, network.predict(screen.X))
    assert after < before + 0.2 * screen.y.var()
    assert max(network.loss_curve_[-5:]) < 0.5 * network.loss_curve_[0]


def test_partial_fit_learns_by_itself(screen):
    best = mean_squared_error(screen.y, least_squares(screen.X, screen.y))
    network = regressor(alpha=0, learning_rate="invscaling", learning_rate_init=0.05)
    for _ in range(60):
        network.partial_fit(screen.X, screen.y)
    assert mean_squared_error(screen.y, network.predict(screen.X)) < 1.1 * best
    assert network.n_iter_ == len(network.loss_curve_) == 60
    assert network.validation_loss_curve_ == []


def test_partial_fit_does_not_anneal_a_cosine_that_has_no_end(screen):
    networks = [regressor(learning_rate=name) for name in ("cosine", "constant")]
    for network in networks:
        for _ in range(40):
            network.partial_fit(screen.X, screen.y)
    assert_array_equal(*(network.predict(screen.X) for network in networks))


def test_partial_fit_keeps_what_the_first_call_fixed(screen):
    network = regressor(covariates=[-1])
    X = np.column_stack([screen.X, screen.y])
    network.partial_fit(X[:200], screen.y[:200])
    fixed = (network.target_mean_, network.target_scale_, *network.covariate_scale_)
    network.partial_fit(X[200:], 1000 * screen.y[200:])
    assert fixed == (
        network.target_mean_, network.target_scale_, *network.covariate_scale_,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"32 features, but .* 33"):
        network.partial_fit(screen.X, screen.y)


def test_partial_fit_after_a_change_of_solver(screen, monkeypatch):
    network = regressor(solver="sgd", dropout=0, **HIDDEN).fit(screen.X, screen.y)
    before = mean_squared_error(screen.y, network.predict(screen.X))
    train = kernels.train

    def guarded(*arguments):
        solver, theta, moments = arguments[3], arguments[9], arguments[10]
        # Adam would read and write behind the end of shorter moments.
        assert solver == kernels.SGD or moments.shape == (2, theta.size)
        return train(*arguments)

    monkeypatch.setattr(kernels, "train", guarded)
    network.set_params(solver="adam")
    for _ in range(5):
        network.partial_fit(screen.X, screen.y)
    after = mean_squared_error(screen.y, network.predict(screen.X))
    assert after < before + 0.2 * screen.y.var()


def test_a_warm_start_goes_on_from_the_fit_before(screen):
    network = regressor(alpha=0, warm_start=True).fit(screen.X, screen.y)
    first = network.loss_curve_
    network.set_params(max_iter=5).fit(screen.X, screen.y)
    assert network.n_iter_ == len(network.loss_curve_) == 5
    assert network.loss_curve_[0] < 0.2 * first[0]
    assert network.loss_curve_[-1] < 1.2 * first[-1]
    cold = clone(network).set_params(warm_start=False).fit(screen.X, screen.y)
    assert cold.loss_curve_[0] > 0.8 * first[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"window_size": 2},
        {"n_units": 3},
        {"share_weights": True},
        {"hidden_layer_sizes": (6, 2)},
        {"n_channels": 1},
        {"covariates": [0, 1, 2, 3]},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_another_network_cannot_go_on(screen, changed, method):
    network = quick(warm_start=True).fit(screen.X, screen.y)
    network.set_params(**changed)
    with pytest.raises(ValueError, match="continued with its own sizes"):
        getattr(network, method)(screen.X, screen.y)


def test_a_pickled_network_goes_on_like_the_original(screen):
    network = quick().fit(screen.X, screen.y)
    restored = pickle.loads(pickle.dumps(network))
    for each in (network, restored):
        each.partial_fit(screen.X, screen.y)
    assert_array_equal(restored.predict(screen.X), network.predict(screen.X))


# ---- when a fit ends ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "batch_size", "n_epochs"),
    [(400, 64, 215), (40, 64, 1500), (40, 8, 300), (400, 8, 30), (400, 7, 30)],
)
def test_auto_is_30_epochs_but_no_fewer_than_1500_steps(n, batch_size, n_epochs):
    screen = simulate_screen(n, 3)
    network = regressor(batch_size=batch_size).fit(screen.X, screen.y)
    assert network.n_iter_ == n_epochs == len(network.loss_curve_)


def test_early_stopping_keeps_the_weights_of_the_lowest_validation_loss(screen):
    train, held_out = slice(0, 150), slice(150, None)
    network = quick(
        early_stopping=True, max_iter=400, alpha=0, dropout=0, n_iter_no_change=5
    )
    network.fit(
        screen.X[train], screen.y[train],
        X_val=screen.X[held_out], y_val=screen.y[held_out],
    )  # fmt: skip
    curve = network.validation_loss_curve_
    assert len(curve) == network.n_iter_ < 400
    assert np.argmin(curve) == network.n_iter_ - 1 - 5
    predicted = network.predict(screen.X[held_out])
    assert mean_squared_error(screen.y[held_out], predicted) == pytest.approx(
        min(curve), rel=1e-6
    )


@pytest.mark.parametrize("fraction", [0.1, 0.25])
def test_early_stopping_sets_a_share_of_the_guides_aside(screen, fraction):
    seen = []

    class Watch(Callback):
        def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
            seen.append((X, y))

    network = quick(early_stopping=True, validation_fraction=fraction)
    network.set_callbacks(Watch()).fit(screen.X, screen.y)
    X, y = seen[0]
    assert len(X) == len(y) == round(len(screen.y) * (1 - fraction))
    assert set(y) < set(screen.y)
    assert len(network.validation_loss_curve_) == network.n_iter_


def test_validation_guides_are_followed_without_early_stopping(screen):
    followed = quick().fit(screen.X, screen.y, X_val=screen.X[:50], y_val=screen.y[:50])
    plain = quick().fit(screen.X, screen.y)
    assert_array_equal(followed.predict(screen.X), plain.predict(screen.X))
    assert len(followed.validation_loss_curve_) == followed.n_iter_ == 5
    assert plain.validation_loss_curve_ == []


def test_the_validation_loss_of_classes_is_the_log_loss(screen, labels):
    network = classifier(max_iter=5).fit(screen.X, labels, X_val=screen.X, y_val=labels)
    assert network.validation_loss_curve_[-1] == pytest.approx(
        log_loss(labels, network.decision_function(screen.X))
    )


def test_the_validation_loss_of_a_sure_and_wrong_network_is_finite(screen):
    y, far_out = screen.letters[:, 0] == 0, 80 * screen.X
    network = classifier(alpha=0, max_iter=30)
    network.fit(screen.X, y, X_val=far_out, y_val=~y)
    z = network.decision_function(far_out)
    assert z.max() > 40  # 1 - p is 0
    assert network.validation_loss_curve_[-1] == pytest.approx(log_loss(~y, z))


def test_the_validation_loss_of_a_logistic_output_is_that_of_its_probabilities(
    screen, probabilities
):
    network = regressor(output="logistic", max_iter=5).fit(
        screen.X, probabilities, X_val=screen.X, y_val=probabilities
    )
    assert network.validation_loss_curve_[-1] == pytest.approx(
        mean_squared_error(probabilities, network.predict(screen.X))
    )


def test_tol_ends_a_fit_that_has_stopped_learning(screen):
    y = (screen.y - screen.y.mean()) / screen.y.std()
    network = regressor(tol=0.002, n_iter_no_change=3, max_iter=1000, alpha=0)
    curve = np.array(network.fit(screen.X, y).loss_curve_)
    assert 4 <= len(curve) == network.n_iter_ < 1000
    falls = np.minimum.accumulate(curve)[:-1] - curve[1:]
    assert (falls[-3:] <= 0.002).all()
    assert falls[-4] > 0.002
    longer = clone(network).set_params(n_iter_no_change=20).fit(screen.X, y)
    assert longer.n_iter_ > network.n_iter_
    unending = clone(network).set_params(tol=None, max_iter=50).fit(screen.X, y)
    assert unending.n_iter_ == 50


def test_learning_rates_make_a_difference_and_all_learn(screen):
    predictions = {}
    for schedule in ("constant", "invscaling", "cosine"):
        network = regressor(learning_rate=schedule, max_iter=40)
        predictions[schedule] = network.fit(screen.X, screen.y).predict(screen.X)
        assert network.loss_curve_[-1] < 0.9 * network.loss_curve_[0]
    assert (predictions["constant"] != predictions["cosine"]).any()
    assert (predictions["constant"] != predictions["invscaling"]).any()


def test_the_cosine_anneals_to_zero(screen):
    """The last epochs hardly move the network, which a constant step still does."""

    def last_moves(schedule):
        network = regressor(learning_rate=schedule, max_iter=100)
        weights = []

        class Watch(Callback):
            def on_fit_task_end(self, estimator, context):
                weights.append(estimator.window_weights_)

        network.set_callbacks(Watch()).fit(screen.X, screen.y)
        return np.abs(weights[99] - weights[97]).max()

    assert last_moves("cosine") < 0.02 * last_moves("constant")


def test_the_first_loop_can_be_written_with_parameters():
    """N(0, 1) start, single guides, step 0.05 / sqrt(t + 1), no intercepts."""
    screen = simulate_screen(300, 5)
    network = regressor(
        solver="sgd", learning_rate_init=0.05, learning_rate="invscaling", power_t=0.5,
        batch_size=1, alpha=0, init="normal", window_bias=False,
        standardize_target=False, max_iter=3, shuffle=False,
    ).fit(screen.X, screen.y)  # fmt: skip
    start = regressor(
        solver="sgd", learning_rate_init=1e-30, batch_size=1, alpha=0, init="normal",
        window_bias=False, standardize_target=False, max_iter=1,
    ).fit(screen.X, screen.y)  # fmt: skip
    W, beta = start.window_weights_[:, 0, :, 0].copy(), start.readout_weights_.copy()
    beta0 = start.intercept_
    positions = np.arange(5)
    draws = [*zip(screen.letters, screen.y, strict=True)] * 3
    for t, (letters, y) in enumerate(draws):
        size = 0.05 / np.sqrt(t + 1)
        s = W[positions, letters]
        h = np.maximum(0, s)
        error = beta0 + beta @ h - y
        W[positions, letters] -= size * error * beta * (s > 0)
        beta = beta - size * error * h
        beta0 -= size * error
    assert_allclose(network.window_weights_[:, 0, :, 0], W, atol=1e-4)
    assert_allclose(network.readout_weights_, beta, atol=1e-4)
    assert network.intercept_ == pytest.approx(beta0, abs=1e-4)
    assert not network.window_intercepts_.any()


# ---- when a fit goes wrong ----------------------------------------------------------


class Interrupt(Callback):
    """Press Ctrl-C at the end of an epoch (counted from 1)."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and estimator.n_iter_ == self.epoch:
            raise KeyboardInterrupt


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize(("output", "loss"), [
    ("identity", "squared_error"), ("logistic", "squared_error"), ("logistic", "log_loss"),
])  # fmt: skip
def test_a_diverging_fit_names_its_step_size(
    screen, probabilities, output, loss, solver
):
    network = quick(output=output, loss=loss, solver=solver, learning_rate_init=1e25)
    with pytest.raises(
        ValueError, match=r"diverged in epoch 1.*learning_rate_init=1e\+25"
    ):
        network.fit(screen.X, probabilities)


def test_a_diverging_partial_fit_names_its_step_size(screen):
    network = quick(learning_rate_init=1e25)
    with pytest.raises(ValueError, match=r"learning_rate_init=1e\+25"):
        network.partial_fit(screen.X, screen.y)


def test_a_fit_after_a_diverged_one_starts_anew(screen):
    network = quick(learning_rate_init=1e25)
    with pytest.raises(ValueError, match="diverged"):
        network.fit(screen.X, screen.y)
    network.set_params(learning_rate_init="auto").fit(screen.X, screen.y)
    assert_array_equal(
        network.predict(screen.X), quick().fit(screen.X, screen.y).predict(screen.X)
    )


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_smaller_step_after_divergence_goes_on_from_what_was_learnt(screen, method):
    network = quick(warm_start=True, dropout=0, max_iter=20).fit(screen.X, screen.y)
    before = mean_squared_error(screen.y, network.predict(screen.X))
    network.set_params(learning_rate_init=1e25)
    with pytest.raises(ValueError, match="diverged"):
        getattr(network, method)(screen.X, screen.y)
    network.set_params(learning_rate_init="auto")
    getattr(network, method)(screen.X, screen.y)
    after = mean_squared_error(screen.y, network.predict(screen.X))
    assert after < before + 0.2 * screen.y.var()


def test_ctrl_c_keeps_what_was_learnt(screen):
    network = quick(max_iter=20).set_callbacks(Interrupt(3))
    with pytest.warns(InterruptedFitWarning, match="after 3 of 20 epochs"):
        network.fit(screen.X, screen.y)
    assert network.n_iter_ == len(network.loss_curve_) == 3
    start = quick(max_iter=1, learning_rate_init=1e-30).fit(screen.X, screen.y)
    assert mean_squared_error(screen.y, network.predict(screen.X)) < (
        mean_squared_error(screen.y, start.predict(screen.X))
    )


def test_ctrl_c_under_early_stopping_keeps_the_best_weights(screen):
    network = quick(
        early_stopping=True, max_iter=400, alpha=0, dropout=0, n_iter_no_change=100
    )
    train, held_out = slice(0, 150), slice(150, None)
    network.set_callbacks(Interrupt(150))
    with pytest.warns(InterruptedFitWarning, match="after 150 of 400"):
        network.fit(
            screen.X[train], screen.y[train],
            X_val=screen.X[held_out], y_val=screen.y[held_out],
        )  # fmt: skip
    curve = network.validation_loss_curve_
    assert min(curve) < 0.95 * curve[-1]
    predicted = network.predict(screen.X[held_out])
    assert mean_squared_error(screen.y[held_out], predicted) == pytest.approx(
        min(curve), rel=1e-6
    )


@pytest.mark.parametrize("make", [regressor, classifier])
def test_far_too_much_alpha_is_warned_of(screen, labels, make):
    with pytest.warns(
        ConstantPredictionsWarning, match=r"alpha=1(e\+06|0{6}).* is too large"
    ):
        make(alpha=1e6).fit(screen.X, labels)


def test_warnings_point_at_the_line_that_fits(screen):
    with pytest.warns(ConstantPredictionsWarning) as caught:
        regressor(alpha=1e6).fit(screen.X, screen.y)
    assert caught[0].filename == __file__


def test_penalised_weights_of_dead_units_become_exact_zeros(screen):
    network = regressor(init="normal", n_units=8, alpha=300, max_iter=400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantPredictionsWarning)
        network.fit(screen.X, screen.y)
    weights = np.abs(network.window_weights_)
    assert (weights == 0).any()
    assert weights[weights > 0].min() > 1e-13


# ---- covariates ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_distance(screen):
    """Return the one-hot frame with a distance last, and a target that depends on it."""
    X = CONTAINERS["DataFrame"](screen.X)
    X["distance"] = np.random.default_rng(4).normal(200, 50, len(X))
    return X, screen.y + 0.05 * (X["distance"].to_numpy() - 200)


@pytest.mark.parametrize("options", [{}, HIDDEN | {"dropout": 0}])
def test_a_covariate_explains_what_it_should(with_distance, options):
    X, y = with_distance
    network = regressor(covariates=["distance"], alpha=0.1, **options).fit(X, y)
    without = regressor(alpha=0.1, **options).fit(X.drop(columns="distance"), y)
    assert network.score(X, y) > without.score(X.drop(columns="distance"), y) + 0.2
    assert network.covariate_mean_ == pytest.approx(X["distance"].mean())
    assert network.covariate_scale_ == pytest.approx(X["distance"].std(ddof=0))
    if not options:
        slope = network.readout_weights_[-1] / network.covariate_scale_[0]
        assert slope == pytest.approx(0.05, rel=0.1)
        moved = X.assign(distance=X["distance"] + 10)
        assert_allclose(
            network.predict(moved) - network.predict(X), 10 * slope, atol=1e-4
        )


def test_covariates_by_name_and_number_give_the_same_bits(with_distance):
    X, y = with_distance
    expected = quick(covariates=["distance"]).fit(X, y).predict(X)
    first = X[["distance", *X.columns[:-1]]]
    for covariates, frame in (
        ([X.shape[1] - 1], X),
        ([-1], X),
        (np.array([-1]), X.to_numpy()),
        (("distance",), first),
        ([0], first.to_numpy()),
        ([0], sparse.csr_array(first.to_numpy())),
    ):
        network = quick(covariates=covariates).fit(frame, y)
        assert_array_equal(network.predict(frame), expected)


@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_the_unit_of_a_covariate_does_not_matter(with_distance, options):
    X, y = with_distance
    network = regressor(covariates=["distance"], max_iter=10, **options)
    expected = clone(network).fit(X, y).predict(X)
    in_kb = X.assign(distance=X["distance"] / 1024)
    assert_array_equal(clone(network).fit(in_kb, y).predict(in_kb), expected)
    moved = X.assign(distance=3 * X["distance"] - 1000)
    assert_allclose(clone(network).fit(moved, y).predict(moved), expected, atol=1e-3)


def test_a_column_transformer_names_its_columns(with_distance, screen):
    X, y = with_distance
    letters = np.array(list("ACGT"))[screen.letters]
    table = pd.DataFrame(
        {"seq": ["".join(row) for row in letters], "distance": X["distance"]}
    )
    model = make_pipeline(
        ColumnTransformer(
            [("seq", SequenceOneHotTransformer(), ["seq"])], remainder="passthrough"
        ).set_output(transform="pandas"),
        quick(covariates=["remainder__distance"]),
    ).fit(table, y)
    expected = quick(covariates=["distance"]).fit(X, y).predict(X)
    assert_array_equal(model.predict(table), expected)


@pytest.mark.parametrize("value", [0.1, 7.0])
def test_a_covariate_that_is_constant_in_training_is_harmless(screen, value):
    n = 399  # the mean of so many 0.1 is not 0.1
    X = np.column_stack([screen.X, np.full(len(screen.X), value)])
    network = regressor(covariates=[-1], max_iter=5).fit(X[:n], screen.y[:n])
    without = regressor(max_iter=5).fit(screen.X[:n], screen.y[:n])
    X[:, -1] = 2 * value
    assert_allclose(
        network.predict(X), without.predict(screen.X), atol=5 * screen.y.std()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"covariates": ["gc"]}, "'gc', which X does not have"),
        ({"covariates": [99]}, "names column 99, but X has 33 columns"),
        ({"covariates": "distance"}, "must be an array-like"),
        ({"window_size": 2}, "33 sequence columns are not a whole number"),
        ({"covariates": [-1], "window_size": 9}, "window_size=9 is more than the 8"),
        ({"covariates": list(range(33))}, "all 33 columns are covariates"),
    ],
)
def test_columns_that_do_not_fit_are_refused(with_distance, options, message):
    X, y = with_distance
    with pytest.raises(ValueError, match=message):
        regressor(**options).fit(X, y)


# ---- other bad input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([0, 1, np.nan, 0.5], {}, r"finite.*missing.*in row 2$"),
        ([0, np.inf, -np.inf, 0.5], {}, r"infinite.*in rows 1, 2$"),
        (pd.Series([0, "high", 1, 2]), {}, r"'high' is not one, in row 1$"),
        ([0, 1.5, 0.5, -1], {"output": "logistic"}, r"least 0, but it is -1 in row 3$"),
        ([0, 1.5, 0.5, 1], {"output": "logistic"}, r"most 1, but it is 1\.5 in row 1$"),
        ([0, 1, 0, 1], {"loss": "log_loss"}, "needs output='logistic'"),
        ([0, 1, 0], {}, "inconsistent numbers of samples"),
    ],
)
def test_bad_targets_are_named(y, options, message):
    with pytest.raises(ValueError, match=message):
        regressor(**options).fit(np.eye(4), y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_columns_that_are_not_finite_are_refused(screen, value):
    X = screen.X.copy()
    X[7, 3] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        regressor().fit(X, screen.y)
    network = quick().fit(screen.X, screen.y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        network.predict(X)


def test_validation_guides_come_with_their_target(screen):
    with pytest.raises(ValueError, match="only X_val was given"):
        regressor().fit(screen.X, screen.y, X_val=screen.X)
    with pytest.raises(ValueError, match="only y_val was given"):
        regressor().fit(screen.X, screen.y, y_val=screen.y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        regressor().fit(screen.X, screen.y, X_val=screen.X, y_val=screen.y[:-1])
    with pytest.raises(ValueError, match="28 features"):
        regressor().fit(screen.X, screen.y, X_val=screen.X[:, 4:], y_val=screen.y)


def test_a_bad_validation_target_is_called_by_its_name(screen, labels):
    y_val = screen.y.copy()
    y_val[3] = np.nan
    with pytest.raises(ValueError, match=r"y_val must be finite.* in row 3$"):
        regressor().fit(screen.X, screen.y, X_val=screen.X, y_val=y_val)
    with pytest.raises(ValueError, match="y_val has labels"):
        classifier().fit(screen.X, labels, X_val=screen.X, y_val=screen.y)


@pytest.mark.parametrize(
    "sizes", [[6], (6,), np.array([6]), pd.Series([6])], ids=lambda sizes: type(sizes)
)
def test_hidden_layers_in_any_sequence(screen, sizes):
    options = HIDDEN | {"hidden_layer_sizes": sizes}
    network = regressor(max_iter=5, **options).fit(screen.X, screen.y)
    assert_array_equal(
        network.predict(screen.X), quick().fit(screen.X, screen.y).predict(screen.X)
    )


def test_several_hidden_layers_in_an_array(screen):
    sizes = np.array([6, 3])
    network = regressor(max_iter=3, hidden_layer_sizes=sizes).fit(screen.X, screen.y)
    assert [weights.shape for weights in network.hidden_weights_] == [(8, 6), (6, 3)]
    regressor(max_iter=3, hidden_layer_sizes=np.array([], int)).fit(screen.X, screen.y)


@pytest.mark.parametrize("sizes", [(0,), (3, -1), (2.5,), ("4",)])
def test_hidden_layers_of_no_size_are_refused(screen, sizes):
    with pytest.raises(ValueError, match="whole numbers above 0, got"):
        regressor(hidden_layer_sizes=sizes).fit(screen.X, screen.y)


def test_classes_are_two(screen, labels):
    with pytest.raises(ValueError, match="Only binary classification"):
        classifier().fit(screen.X, np.arange(len(labels)) % 3)
    with pytest.raises(ValueError, match=r"1 class: .*'dead'"):
        classifier().fit(screen.X, ["dead"] * len(labels))


MISSING_LABELS = {
    "None": ["active", "dead", None, "dead"],
    "nan": [0.0, 1.0, np.nan, 1.0],
    "NA": pd.Series(["active", "dead", pd.NA, "dead"], dtype="string"),
    "nullable": pd.Series([True, False, None, True], dtype="boolean"),
    "category": pd.Series(["active", "dead", None, "dead"], dtype="category"),
    "infinite": [0.0, 1.0, np.inf, 1.0],
}


@pytest.mark.parametrize("kind", MISSING_LABELS)
def test_missing_labels_are_named(kind):
    with pytest.raises(ValueError, match=r"y .*row 2$"):
        classifier().fit(np.eye(4), MISSING_LABELS[kind])


@pytest.mark.parametrize(
    "classes", [("active", "inactive"), (-1, 1), (2.0, 5.0), (False, True)]
)
def test_labels_of_any_kind(screen, labels, classes):
    y = np.array(classes)[labels.astype(int)]
    network = classifier(max_iter=20).fit(screen.X, y)
    expected = classifier(max_iter=20).fit(screen.X, labels)
    assert network.classes_.tolist() == list(classes)
    probabilities = network.predict_proba(screen.X)
    assert_array_equal(probabilities, expected.predict_proba(screen.X))
    assert_allclose(probabilities.sum(axis=1), 1)
    assert_array_equal(
        network.predict(screen.X), np.array(classes)[(probabilities[:, 1] > 0.5) * 1]
    )
    assert network.score(screen.X, y) > 0.7


def test_classes_of_partial_fit(screen, labels):
    y = np.where(labels, "active", "dead")
    with pytest.raises(ValueError, match="classes must be given in the first call"):
        classifier().partial_fit(screen.X, y)
    with pytest.raises(ValueError, match="3 classes"):
        classifier().partial_fit(screen.X, y, classes=["active", "dead", "other"])
    network = classifier()
    only_dead = y == "dead"
    network.partial_fit(screen.X[only_dead], y[only_dead], classes=["active", "dead"])
    for _ in range(30):
        network.partial_fit(screen.X, y)
    assert network.score(screen.X, y) > 0.7
    with pytest.raises(ValueError, match=r"'dead'\], in rows 0, 2$"):
        network.partial_fit(screen.X[:3], ["unknown", "dead", "other"])
    with pytest.raises(ValueError, match="classes"):
        network.partial_fit(screen.X, y, classes=["alive", "dead"])


# ---- the switches -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["letters", "numbers"])
def test_windows_without_intercepts(screen, kind):
    X = screen.X if kind == "letters" else screen.X - 0.2
    network = quick(window_bias=False).fit(X, screen.y)
    assert not network.window_intercepts_.any()
    assert regressor(max_iter=3).fit(X, screen.y).window_intercepts_.any()
    additive = regressor(max_iter=3, window_bias=False).fit(X, screen.y)
    assert not additive.window_intercepts_.any()


@pytest.mark.parametrize(
    ("n", "options", "dropout"),
    [
        (500, {"window_size": 2}, 0.5),
        (8000, {"window_size": 2}, 0.25),
        (200_000, {"hidden_layer_sizes": (3,)}, 0.2),
        (500, {}, 0.0),
        (500, {"window_size": 2, "dropout": 0.1}, 0.1),
        (500, {"dropout": 0.1}, 0.1),
    ],
)
def test_auto_dropout_falls_with_the_number_of_guides(n, options, dropout):
    screen = simulate_screen(50, 3)
    network = regressor(max_iter=1, **options).fit(screen.X, screen.y)
    assert network._dropout(n) == pytest.approx(dropout)


def test_dropout_matters_in_training_only(screen):
    without = quick(dropout=0.0).fit(screen.X, screen.y)
    dropped = quick(dropout=0.5).fit(screen.X, screen.y)
    assert (dropped.predict(screen.X) != without.predict(screen.X)).any()
    assert_array_equal(dropped.predict(screen.X), dropped.predict(screen.X))


def test_without_shuffling_the_order_of_the_guides_counts(screen):
    reverse = slice(None, None, -1)
    network = quick(shuffle=False, dropout=0, batch_size=7)
    forward = clone(network).fit(screen.X, screen.y).predict(screen.X)
    backward = clone(network).fit(screen.X[reverse], screen.y[reverse])
    assert (backward.predict(screen.X) != forward).any()
    # one batch of all guides: no order is left but that of the sums
    network.set_params(batch_size=len(screen.y))
    forward = clone(network).fit(screen.X, screen.y).predict(screen.X)
    backward = clone(network).fit(screen.X[reverse], screen.y[reverse])
    assert_allclose(backward.predict(screen.X), forward, atol=1e-3)


def test_verbose_prints_the_losses(screen, capsys):
    network = quick(verbose=True, max_iter=3).fit(screen.X, screen.y)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"Epoch {i + 1} of 3, training loss {loss:.6g}"
        for i, loss in enumerate(network.loss_curve_)
    ]
    network.fit(screen.X, screen.y, X_val=screen.X, y_val=screen.y)
    loss = network.validation_loss_curve_[-1]
    assert capsys.readouterr().out.endswith(f", validation loss {loss:.6g}\n")
    quick().fit(screen.X, screen.y)
    assert capsys.readouterr().out == ""


# ---- reading a network --------------------------------------------------------------


def prediction_by_hand(network, X, covariates):
    """Compute z from the public attributes, as their docstrings say."""
    n_sets, k, A, _ = network.window_weights_.shape
    positions = X.reshape(len(X), -1, A)
    n_windows = positions.shape[1] - k + 1
    units = []
    for p in range(n_windows):
        at = p if n_sets > 1 else 0
        window = positions[:, p : p + k]
        s = np.einsum("noa,oau->nu", window, network.window_weights_[at])
        units.append(np.maximum(0, s + network.window_intercepts_[at]))
    standardised = (covariates - network.covariate_mean_) / network.covariate_scale_
    h = np.column_stack([*units, standardised])
    for V, d in zip(network.hidden_weights_, network.hidden_intercepts_, strict=True):
        h = np.maximum(0, h @ V + d)
    return h @ network.readout_weights_ + network.intercept_


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"n_units": 3},
        {"window_size": 3, "n_units": 2},
        {"window_size": 3, "n_units": 2, "share_weights": True},
        {"window_size": 2, "hidden_layer_sizes": (5, 3)},
    ],
    ids=str,
)
@pytest.mark.parametrize("output", ["identity", "logistic"])
def test_attributes_are_all_it_takes_to_predict(
    with_distance, probabilities, options, output
):
    X, y = with_distance
    target = y if output == "identity" else probabilities
    network = regressor(covariates=["distance"], output=output, max_iter=5, **options)
    network.fit(X, target)
    z = prediction_by_hand(network, X.to_numpy()[:, :-1], X[["distance"]].to_numpy())
    expected = z if output == "identity" else expit(z)
    assert_allclose(network.predict(X), expected, rtol=1e-4, atol=1e-4)
    n_sets = 1 if network.share_weights else 8 - network.window_size + 1
    assert network.window_weights_.shape == (
        n_sets, network.window_size, 4, network.n_units,
    )  # fmt: skip
    assert network.window_intercepts_.shape == (n_sets, network.n_units)
    assert isinstance(network.intercept_, float)


def test_attributes_are_copies(screen):
    network = quick().fit(screen.X, screen.y)
    before = network.predict(screen.X)
    for array in (
        network.window_weights_, network.window_intercepts_, network.readout_weights_,
        *network.hidden_weights_, *network.hidden_intercepts_,
    ):  # fmt: skip
        array[:] = 7
    assert_array_equal(network.predict(screen.X), before)


def test_base_effects_of_an_additive_network_add_up_to_the_prediction(screen):
    network = regressor(max_iter=20).fit(screen.X, screen.y)
    effects = network.base_effects_
    assert effects.shape == (8, 4)
    z = network.predict(screen.X)  # 400 guides: all of them are the background
    sums = effects[np.arange(8), screen.letters].sum(axis=1)
    assert_allclose(sums, z - z.mean(), atol=1e-5)
    for distance in (1, 7):
        interactions = network.interaction_effects(distance)
        assert interactions.shape == (8 - distance, 4, 4)
        assert_allclose(interactions, 0, atol=1e-5)


def test_base_effects_are_those_of_the_simulation():
    screen = simulate_screen(3000, 8, noise=0.5)
    effects = regressor(alpha=0.1).fit(screen.X, screen.y).base_effects_
    centred = effects - effects.mean(axis=1, keepdims=True)
    truth = screen.effects - screen.effects.mean(axis=1, keepdims=True)
    assert_allclose(centred, truth, atol=0.15)


def test_a_planted_pair_is_found():
    screen = simulate_screen(2000, 6, noise=0.5)
    pair = (screen.letters[:, 2] == 1) & (screen.letters[:, 3] == 3)
    y = screen.y + 4 * pair
    network = regressor(window_size=2, n_units=8, dropout=0.1, alpha=1).fit(screen.X, y)
    effects = network.interaction_effects()
    assert np.unravel_index(effects.argmax(), effects.shape) == (2, 1, 3)
    # 4 times (1 - 1/4) squared is left after the base effects have had their share
    assert effects[2, 1, 3] == pytest.approx(4 * 9 / 16, abs=0.4)
    others = effects.copy()
    others[2] = 0
    assert np.abs(others).max() < 0.5 * effects.max()
    # positions 2 and 4 share no window
    assert_allclose(network.interaction_effects(2), 0, atol=1e-4)


@pytest.mark.parametrize("distance", [0, 8, -1])
def test_there_are_no_letters_that_far_apart(screen, distance):
    network = regressor(max_iter=1).fit(screen.X, screen.y)
    with pytest.raises(ValueError, match=f"below the 8 positions, got {distance}"):
        network.interaction_effects(distance)


def test_effects_of_classes_are_log_odds(screen, labels):
    network = classifier(max_iter=20).fit(screen.X, labels)
    z = network.decision_function(screen.X)
    sums = network.base_effects_[np.arange(8), screen.letters].sum(axis=1)
    assert_allclose(sums, z - z.mean(), atol=1e-5)
