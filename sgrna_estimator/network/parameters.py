"""What the parameters of the network's estimators may be."""

from numbers import Integral, Real
from typing import Any

from sgrna_estimator._sklearn_private import HasMethods, Interval, StrOptions
from sgrna_estimator.network.optimizers import SCHEDULES
from sgrna_estimator.network.starts import STARTS

CONSTRAINTS: dict[str, list[Any]] = {
    "window_size": [Interval(Integral, 1, None, closed="left")],
    "n_units": [Interval(Integral, 1, None, closed="left")],
    "share_weights": ["boolean"],
    "hidden_layer_sizes": [
        "array-like",
        Interval(Integral, 1, None, closed="left"),
    ],
    "n_channels": [
        StrOptions({"auto"}),
        Interval(Integral, 1, None, closed="left"),
    ],
    "covariates": ["array-like", None],
    "solver": [StrOptions({"adam", "sgd"})],
    "learning_rate_init": [
        StrOptions({"auto"}),
        Interval(Real, 0, None, closed="neither"),
    ],
    "learning_rate": [StrOptions(set(SCHEDULES))],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "batch_size": [Interval(Integral, 1, None, closed="left")],
    "max_iter": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
    "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
    "dropout": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
    "init": [StrOptions({"auto", *STARTS})],
    "window_bias": ["boolean"],
    "shuffle": ["boolean"],
    "tol": [Interval(Real, 0, None, closed="left"), None],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "warm_start": ["boolean"],
    "prior": [HasMethods("fit"), None],
    "n_networks": [Interval(Integral, 1, None, closed="left")],
    "n_jobs": [Integral, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}
