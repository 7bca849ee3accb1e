"""Fitted models and results that several displays show."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from sklearn.linear_model import Ridge

from sgrna_estimator import (
    GuideEffectMixture,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
    compare_estimators,
)

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="package")
def one_hot(small_screen):
    return SequenceOneHotTransformer().fit_transform(small_screen.sequences)


@pytest.fixture(scope="package")
def watched(one_hot, small_screen):
    """A network whose validation loss was followed."""
    network = PositionwiseReLURegressor(max_iter=6, random_state=0)
    y = small_screen.target
    return network.fit(one_hot[:180], y[:180], X_val=one_hot[180:], y_val=y[180:])


@pytest.fixture(scope="package")
def result(one_hot, small_screen):
    return compare_estimators(
        {"ridge": Ridge(10), "weak ridge": Ridge(0.1)},
        one_hot,
        small_screen.target,
        groups=small_screen.groups,
        repeats=1,
        random_state=0,
    )


@pytest.fixture(scope="package")
def guides(small_screen):
    return small_screen.data["log2fc"].to_numpy(), np.asarray(small_screen.groups)


@pytest.fixture(scope="package")
def mixture(guides):
    return GuideEffectMixture().fit(guides[0], groups=guides[1])
