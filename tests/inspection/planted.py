"""Guides whose letters have known effects, and the check that these are found."""

import numpy as np
from numpy.testing import assert_allclose

from sgrna_estimator import PositionwiseReLURegressor

# Positions 4 and 5 (a G each) do not vary: the encoder drops them.
LENGTH, DROPPED, LAYOUT = 7, [3, 4], "0+2+3+2"
KEPT = [0, 1, 2, 5, 6]
EFFECTS = np.zeros((LENGTH, 4))
EFFECTS[KEPT] = np.random.default_rng(0).normal(size=(len(KEPT), 4))
EFFECTS -= EFFECTS.mean(axis=1, keepdims=True)


def make_guides(n=400, seed=1):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, LENGTH))
    codes[:, DROPPED] = 2
    y = EFFECTS[np.arange(LENGTH), codes].sum(axis=1)
    return ["".join("ACGT"[c] for c in row) for row in codes], y


GUIDES, ACTIVITY = make_guides()
PROBABILITY = 1 / (1 + np.exp(-ACTIVITY))


def network(**settings):
    return PositionwiseReLURegressor(
        **{"alpha": 0.01, "random_state": 0, "max_iter": 60} | settings
    )


def check_known(effects, atol=1e-4):
    """Assert that these are the effects that made the activities."""
    assert effects.letters == "ACGT"
    assert np.isnan(effects.values[DROPPED]).all()
    centred = effects.values - effects.values.mean(axis=1, keepdims=True)
    assert_allclose(centred[KEPT], EFFECTS[KEPT], atol=atol)
