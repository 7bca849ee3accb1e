"""Without a penalty a network of width 1 reaches the best additive fit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sgrna_estimator import SequenceOneHotTransformer
from tests.network.networks import classifier, log_loss, mean_squared_error, regressor
from tests.network_reference import least_squares, simulate_screen


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
