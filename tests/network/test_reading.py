"""Reading a fitted network: its attributes and its effects."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from tests.network.networks import classifier, quick, regressor
from tests.network_reference import simulate_screen


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
