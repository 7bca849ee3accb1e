"""The estimators that are compared: by name, with seeds, the constant among them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.dummy import DummyRegressor

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
    for where, part in _parts("", estimator):
        if _stays_fitted(part):
            of_it = f" ({where})" if where else ""
            raise ValueError(
                f"estimator {name!r}{of_it} is a {type(part).__name__}: it was fitted "
                "before, perhaps to guides that it would be tested on. Compare it "
                "unfitted, or score it on guides that it has not seen with "
                "evaluate_predictions"
            )


def _parts(where: str, part: Any) -> Iterator[tuple[str, Any]]:
    """Yield an estimator and all within it, with their places, but no priors.

    Steps are in lists, with their names, and what a search tries is in mappings of lists.
    """
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from _parts(_place(where, key), value)
    elif isinstance(part, list | tuple):
        for value in part:
            match value:
                case (str(step), *rest):
                    yield from _parts(_place(where, step), rest)
                case _:
                    yield from _parts(where, value)
    elif hasattr(part, "get_params") and not isinstance(part, type):
        yield where, part
        for key, value in part.get_params(deep=False).items():
            if key != "prior":
                is_named = isinstance(value, list | tuple | Mapping)
                yield from _parts(where if is_named else _place(where, key), value)


def _place(where: str, name: object) -> str:
    """Return the place of a part in the language of ``set_params``."""
    return f"{where}__{name}" if where else str(name)


def _stays_fitted(part: Any) -> bool:
    """Tell whether `clone` returns an estimator as it is, and it is fitted."""
    clones_itself = getattr(type(part), "__sklearn_clone__", None)
    if clones_itself in (None, BaseEstimator.__sklearn_clone__):
        return False
    return part.__sklearn_clone__() is part


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
