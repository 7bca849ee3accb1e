"""The one way inside a fitted model: what it predicts with, and its columns' letters.

A model sees columns of a matrix. Which letter of which position a column is, is read off
the encoder in front of the model, or off the names of the columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.linear_model import (
    GammaRegressor,
    LogisticRegression,
    PoissonRegressor,
    TweedieRegressor,
)
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._typing import Ints
from sgrna_estimator._unwrap import inside
from sgrna_estimator.baselines.fractional_logistic import FractionalLogisticRegression
from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression
from sgrna_estimator.mixtures.target import MixtureTargetRegressor
from sgrna_estimator.network.base import PositionwiseReLUBase
from sgrna_estimator.network.bounded_target import BoundedTargetRegressor
from sgrna_estimator.sequences.column_names import (
    ColumnNamesError,
    Name,
    PositionColumns,
    as_names,
    is_sequence_column,
    places_of,
    read_names,
)
from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer

_DNA = "ACGT"
_LOG_ODDS = (
    FractionalLogisticRegression,
    MixtureLogisticRegression,
    LogisticRegression,
)
# Their coefficients are in the logarithm of the target.
_LOG_LINKED = (PoissonRegressor, GammaRegressor, TweedieRegressor)
_HAVE_EFFECTS = (
    "effects of letters are known for PositionwiseReLURegressor, "
    "PositionwiseReLUClassifier and linear models of a one-hot sequence (RidgeCV, "
    "LassoCV, LogisticRegression, FractionalLogisticRegression, "
    "MixtureLogisticRegression)"
)


@dataclass(frozen=True)
class LetterColumns:
    """What the sequence columns of a matrix stand for.

    Attributes
    ----------
    numbers : ndarray of shape (n_kept, n_letters)
        The columns, a row for each position.
    letters : str
    places : ndarray of shape (n_kept,)
        Where these positions are in the context, from 0.
    length : int
        Positions of the context.
    names : tuple of int or str
        Names of all positions of the context.
    may_go_on : bool
        Whether the context may be longer than `length`: dropped at its end.
    """

    numbers: Ints
    letters: str
    places: Ints
    length: int
    names: tuple[Name, ...]
    may_go_on: bool = False


@dataclass(frozen=True)
class SequenceModel:
    """A network or linear model without its wrappers."""

    model: Any
    columns: LetterColumns
    unit: str


def sequence_models(
    model: Any,
    columns: LetterColumns | None = None,
    target: str = "activity",
    names: NDArray | None = None,
) -> Iterator[SequenceModel]:
    """Yield the models inside, several for a bagged one.

    Parameters
    ----------
    model : estimator
        Fitted, perhaps wrapped.
    columns : LetterColumns or None
        What an encoder in front of the model says of its columns.
    target : str
        What the model predicts.
    names : ndarray of str or None
        Names of the columns, where the model was given them without.

    Yields
    ------
    SequenceModel

    Raises
    ------
    ValueError
        If a model has no effects of letters, or its columns cannot be told.
    """
    check_is_fitted(model)
    if is_network(model) or _is_linear(model):
        if columns is None:
            names = getattr(model, "feature_names_in_", names)
            columns = _columns_of_names(model, names)
        elif is_network(model):
            _check_network_columns(model, columns)
        yield SequenceModel(
            model, columns, "log odds" if _is_logistic(model) else target
        )
        return
    found = inside(model)
    if not found:
        raise ValueError(
            f"{type(model).__name__} has no effect of each letter: {_HAVE_EFFECTS}"
        )
    names = None
    if isinstance(model, Pipeline):
        for _, step in model.steps[:-1]:
            columns = _after_step(step, columns)
    elif isinstance(model, BaggingRegressor | BaggingClassifier):
        _check_sees_all_columns(model)
        names = getattr(model, "feature_names_in_", None)
    elif hasattr(model, "regressor_"):
        target = _inner_target(model, target)
    for inner in found:
        yield from sequence_models(inner, columns, target, names)


def _check_sees_all_columns(bagged: Any) -> None:
    everything = np.arange(bagged.n_features_in_)
    if any(
        not np.array_equal(used, everything) for used in bagged.estimators_features_
    ):
        raise ValueError(
            f"the estimators of this {type(bagged).__name__} see different columns: "
            "effects of letters need max_features=1.0 and bootstrap_features=False"
        )


def _inner_target(model: Any, target: str) -> str:
    """Return what the regressor inside a model predicts."""
    if isinstance(model, MixtureTargetRegressor):
        return "P(active)"
    if isinstance(model, BoundedTargetRegressor):
        low, high = model.bounds_
        return f"share of {target} from {low:g} to {high:g}"
    if isinstance(model, TransformedTargetRegressor) and (
        model.func is None and model.transformer is None
    ):
        return target
    return f"transformed {target}"


def is_network(model: Any) -> bool:
    """Tell whether a model is an estimator of networks.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    bool
    """
    return isinstance(model, PositionwiseReLUBase)


def _is_linear(model: Any) -> bool:
    shape = np.shape(getattr(model, "coef_", 0.0))
    if isinstance(model, LogisticRegression):
        return shape[0] == 1  # two classes
    return len(shape) == 1 and not isinstance(model, _LOG_LINKED)


def _is_logistic(model: Any) -> bool:
    if is_network(model):
        return model.networks_[0].output == "logistic"
    return isinstance(model, _LOG_ODDS)


def _after_step(step: Any, columns: LetterColumns | None) -> LetterColumns | None:
    """Return what is known of the columns after a step of a pipeline."""
    if step is None or step == "passthrough":
        return columns
    if columns is not None:
        raise ValueError(
            f"after {_names_of(step)} the columns are no longer one letter each, so the "
            f"effect of a letter cannot be told: {_HAVE_EFFECTS}"
        )
    return _columns_of_encoder(step)


def _names_of(step: Any) -> str:
    """Return the class of a step, and those inside a ColumnTransformer."""
    if isinstance(step, ColumnTransformer):
        transformers = [t for _, t, _ in step.transformers_ if not isinstance(t, str)]
        return f"a ColumnTransformer of {', '.join(map(_names_of, transformers))}"
    return type(step).__name__


def _columns_of_encoder(step: Any) -> LetterColumns | None:
    """Return the columns of the encoder that a step is or holds, or None."""
    if isinstance(step, SequenceOneHotTransformer):
        check_is_fitted(step)
        encoding = step.encoding_
        letters, kept = encoding.alphabet.letters, encoding.kept
        return LetterColumns(
            numbers=np.arange(len(kept) * len(letters)).reshape(len(kept), -1),
            letters=letters,
            places=kept,
            length=encoding.length,
            names=as_names(encoding.position_names),
        )
    if isinstance(step, Pipeline):
        columns = None
        for _, inner in step.steps:
            columns = _after_step(inner, columns)
        return columns
    if isinstance(step, ColumnTransformer):
        found = [
            (name, columns)
            for name, inner, _ in step.transformers_
            if (columns := _columns_of_encoder(inner)) is not None
        ]
        if len(found) > 1:
            raise ValueError(
                "the effects of letters can be told for one encoded sequence, but the "
                f"ColumnTransformer encodes {len(found)}: "
                f"{', '.join(name for name, _ in found)}"
            )
        for name, columns in found:
            start = step.output_indices_[name].start
            return replace(columns, numbers=columns.numbers + start)
    return None


def _columns_of_names(model: Any, names: NDArray | None) -> LetterColumns:
    """Return what the columns of a bare model stand for."""
    numbers = _sequence_columns(model, names)
    named = None
    if names is not None:
        try:
            named = read_names(names[numbers])
        except ColumnNamesError:
            named = None
    elif len(numbers) % len(_DNA) == 0:
        counted = tuple(range(1, len(numbers) // len(_DNA) + 1))
        named = PositionColumns(counted, _DNA)
    if named is None or (
        is_network(model) and model.columns_.n_channels != len(named.letters)
    ):
        raise ValueError(
            f"which letters the {len(numbers)} columns of this {type(model).__name__} "
            "stand for cannot be told: fit it in a pipeline after a "
            "SequenceOneHotTransformer, or to a DataFrame with columns named such as "
            "'7_A'"
        )
    n_positions = len(named.positions)
    numbers = numbers.reshape(n_positions, -1)
    places = None if names is None else places_of(named.positions)
    if places is None:
        return LetterColumns(
            numbers,
            named.letters,
            np.arange(n_positions),
            n_positions,
            named.positions,
        )
    start = min(0, int(places[0]))
    whole = tuple(place + (place >= 0) for place in range(start, int(places[-1]) + 1))
    return LetterColumns(
        numbers, named.letters, places - start, len(whole), whole, may_go_on=start == 0
    )


def _sequence_columns(model: Any, names: NDArray | None) -> Ints:
    """Return the numbers of the columns that are not covariates."""
    if is_network(model):
        return model.columns_.sequence_numbers.ravel()
    numbers = np.arange(model.n_features_in_)
    if names is None:
        return numbers
    named = [is_sequence_column(name) for name in names]
    return numbers[named] if any(named) else numbers


def _check_network_columns(network: Any, columns: LetterColumns) -> None:
    """Check that a network takes the encoded columns, and no others, for sequence."""
    own = network.columns_
    if not np.array_equal(own.sequence_numbers, columns.numbers):
        raise ValueError(
            f"the network reads {own.n_positions} positions of {own.n_channels} "
            f"channels, but {len(columns.numbers)} positions of {len(columns.letters)} "
            "letters are encoded: name the other columns in covariates="
        )
