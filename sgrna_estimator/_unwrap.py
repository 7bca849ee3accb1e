"""What a fitted model predicts with: a registry of the models that hold others."""

from functools import singledispatch
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline


@singledispatch
def inside(model: Any) -> list[Any]:
    """Return the fitted estimators that a fitted model predicts with.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    list of estimator
        Several for a bagged model; none if it holds no other. Types that are not in the
        registry are asked for ``best_estimator_``, as searches have it.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator._unwrap import inside
    >>> inside(make_pipeline(Ridge()))
    [Ridge()]
    """
    for name in ("best_estimator_", "regressor_"):
        if hasattr(model, name):
            return [getattr(model, name)]
    return []


@inside.register
def _(model: Pipeline) -> list[Any]:
    return [model[-1]]


@inside.register
def _(model: FrozenEstimator) -> list[Any]:
    return [model.estimator]


@inside.register
def _(model: TransformedTargetRegressor) -> list[Any]:
    return [model.regressor_]


@inside.register(BaggingRegressor)
@inside.register(BaggingClassifier)
def _(model: Any) -> list[Any]:
    return list(model.estimators_)


def innermost(model: Any) -> list[Any]:
    """Return the estimators that hold no other.

    Parameters
    ----------
    model : estimator
        Fitted.

    Returns
    -------
    list of estimator
    """
    found = inside(model)
    if not found:
        return [model]
    return [each for inner in found for each in innermost(inner)]
