"""The estimators that are compared: by name, with seeds, the constant among them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.frozen import FrozenEstimator

from sgrna_estimator.baselines.catalogue import CONSTANT

# Columns of `ComparisonResult.predictions_` beside those of the estimators.
RESERVED_COLUMNS = ("y", "group", "split", "repeat")


def check_estimators(
    estimators: Mapping[str, Any] | Sequence[tuple[str, Any]],
) -> tuple[dict[str, Any], str]:
    """Return the estimators by name, and the name of the constant predictor."""
    pairs = list(estimators.items() if isinstance(estimators, Mapping) else estimators)
    if not pairs:
        raise ValueError("estimators is empty: there is nothing to compare")
    for pair in pairs:
        if not (isinstance(pair, tuple | list) and len(pair) == 2):
            raise ValueError(
                f"estimators must be a dict or a list of (name, estimator), got {pair!r}"
            )
        name, estimator = pair
        if not isinstance(name, str):
            raise ValueError(f"an estimator's name must be text, got {name!r}")
        if name in RESERVED_COLUMNS:
            raise ValueError(
                f"an estimator cannot be called {name!r}: predictions_ has a column "
                "of that name"
            )
        if not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
            raise ValueError(
                f"estimator {name!r} must have fit and predict, got {estimator!r}"
            )
        _check_unfitted(name, estimator)
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two estimators are called {twice!r}")
    for name, estimator in pairs:
        if type(estimator) is DummyRegressor and estimator.strategy == "mean":
            return named, name
    if CONSTANT in named:
        raise ValueError(
            f"the name {CONSTANT!r} is kept for the constant predictor, but estimator "
            f"{CONSTANT!r} is a {type(named[CONSTANT]).__name__}"
        )
    constant = DummyRegressor()
    if get_config()["enable_metadata_routing"]:
        constant.set_fit_request(sample_weight=False)  # or routing would ask
    return {CONSTANT: constant, **named}, CONSTANT


def _check_unfitted(name: str, estimator: Any) -> None:
    """Raise if a part of an estimator was fitted before, and is not fitted again.

    The prior of a network may be: which guides it has learnt from is known, and these are
    not tested.
    """
    parts = {"": estimator}
    if hasattr(estimator, "get_params"):
        parts |= estimator.get_params(deep=True)
    priors = [where for where in parts if _is_prior(where, parts)]
    for where, part in parts.items():
        in_prior = any(f"{where}__".startswith(f"{prior}__") for prior in priors)
        if isinstance(part, FrozenEstimator) and not in_prior:
            of_it = f" ({where})" if where else ""
            raise ValueError(
                f"estimator {name!r}{of_it} is a FrozenEstimator: it was fitted before, "
                "perhaps to guides that it would be tested on. Compare it unfitted, or "
                "score it on guides that it has not seen with evaluate_predictions"
            )


def _is_prior(where: str, parts: Mapping[str, Any]) -> bool:
    """Tell whether a parameter is the prior of a network, and no step of that name."""
    holder, _, parameter = where.rpartition("__")
    return parameter == "prior" and hasattr(parts.get(holder), "prior")


def with_seeds(estimator: Any, random_state: np.random.RandomState) -> Any:
    """Return a clone whose random states that are None are seeds."""
    estimator = clone(estimator)
    unset = [
        name
        for name, value in sorted(estimator.get_params().items())
        if value is None and name.rpartition("__")[2] == "random_state"
    ]
    seeds = random_state.randint(np.iinfo(np.int32).max, size=len(unset))
    return estimator.set_params(**dict(zip(unset, seeds.tolist(), strict=True)))
