"""Guides that tests of the comparison share."""

import numpy as np
import pandas as pd
import pytest

from tests.comparison.models import LETTERS


@pytest.fixture
def screen():
    """120 guides of 12 genes; their first two letters matter, the rest is noise."""
    rng = np.random.default_rng(0)
    letters = rng.choice(LETTERS, (120, 8))
    y = (letters[:, 0] == "G") - 1.0 * (letters[:, 1] == "T") + rng.normal(0, 0.5, 120)
    genes = np.repeat([f"gene{i}" for i in range(12)], 10)
    return pd.Series(["".join(row) for row in letters]), y, genes


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 4))
    return X, X[:, 0] + rng.normal(size=100), np.repeat(np.arange(10), 10)
