"""Networks, losses, callbacks and columns that several tests of the room use."""

import numpy as np
import pandas as pd
from scipy.special import log_expit

from sgrna_estimator import PositionwiseReLUClassifier, PositionwiseReLURegressor
from sgrna_estimator.network.columns import group_columns

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


def as_frame(X):
    """Return one-hot columns under the names that the encoder gives them."""
    return pd.DataFrame(
        X, columns=[f"{i // 4 + 1}_{'ACGT'[i % 4]}" for i in range(X.shape[1])]
    )


def group(n_features=8, names=None, n_channels="auto", covariates=None, window_size=1):
    """Group so many columns, or those of the names."""
    names = None if names is None else np.array(names, dtype=object)
    n_features = n_features if names is None else len(names)
    return group_columns(n_features, names, n_channels, covariates, window_size)
