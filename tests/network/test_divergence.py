"""A step that is too large is named, and does no harm."""

import pytest
from numpy.testing import assert_array_equal

from tests.network.networks import mean_squared_error, quick


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
