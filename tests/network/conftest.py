"""Screens that the tests of the room share."""

import numpy as np
import pytest
from scipy.special import expit

from tests.network.networks import as_frame
from tests.network_reference import simulate_screen


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


@pytest.fixture(scope="module")
def with_distance(screen):
    """Return the one-hot frame with a distance last, and a target that depends on it."""
    X = as_frame(screen.X)
    X["distance"] = np.random.default_rng(4).normal(200, 50, len(X))
    return X, screen.y + 0.05 * (X["distance"].to_numpy() - 200)
