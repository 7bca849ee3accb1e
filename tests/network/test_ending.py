"""When a fit ends: epochs, early stopping, tol and Ctrl-C."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sgrna_estimator.exceptions import InterruptedFitWarning
from tests.network.networks import (
    Callback,
    classifier,
    log_loss,
    mean_squared_error,
    quick,
    regressor,
)
from tests.network_reference import simulate_screen


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


class Interrupt(Callback):
    """Press Ctrl-C at the end of an epoch (counted from 1)."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and estimator.n_iter_ == self.epoch:
            raise KeyboardInterrupt


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
