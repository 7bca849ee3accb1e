"""The networks and linear models of sequences inside a fitted model.

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

from sgrna_estimator.baselines.fractional_logistic import FractionalLogisticRegression
from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression
from sgrna_estimator.mixtures.target import MixtureTargetRegressor
from sgrna_estimator.network.base import PositionwiseReLUBase
from sgrna_estimator.sequences.column_names import (
    _DNA,
    _SEQUENCE_COLUMN,
    Name,
    _as_names,
    _places_of_names,
    _table_of_names,
)
from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer

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

    numbers: NDArray[np.intp]
    letters: str
    places: NDArray[np.intp]
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
    columns : LetterColumns or None
        What an encoder in front of the model says of its columns.
    target : str
        What the model predicts.
    names : ndarray of str or None
        Names of the columns, where the model was given them without.
    """
    check_is_fitted(model)
    if isinstance(model, Pipeline):
        for _, step in model.steps[:-1]:
            columns = _after_step(step, columns)
        yield from sequence_models(model[-1], columns, target)
    elif isinstance(model, BaggingRegressor | BaggingClassifier):
        everything = np.arange(model.n_features_in_)
        if any(
            not np.array_equal(used, everything) for used in model.estimators_features_
        ):
            raise ValueError(
                f"the estimators of this {type(model).__name__} see different columns: "
                "effects of letters need max_features=1.0 and bootstrap_features=False"
            )
        names = getattr(model, "feature_names_in_", None)
        for estimator in model.estimators_:
            yield from sequence_models(estimator, columns, target, names)
    elif hasattr(model, "best_estimator_"):
        yield from sequence_models(model.best_estimator_, columns, target)
    elif hasattr(model, "regressor_"):
        yield from sequence_models(
            model.regressor_, columns, _inner_target(model, target)
        )
    elif is_network(model) or _is_linear(model):
        if columns is None:
            names = getattr(model, "feature_names_in_", names)
            columns = _columns_of_names(model, names)
        elif is_network(model):
            _check_network_columns(model, columns)
        yield SequenceModel(
            model, columns, "log odds" if _is_logistic(model) else target
        )
    else:
        raise ValueError(
            f"{type(model).__name__} has no effect of each letter: {_HAVE_EFFECTS}"
        )


def _inner_target(model: Any, target: str) -> str:
    """Return what the regressor inside a model predicts."""
    if isinstance(model, MixtureTargetRegressor):
        return "P(active)"
    if isinstance(model, TransformedTargetRegressor) and (
        model.func is None and model.transformer is None
    ):
        return target
    return f"transformed {target}"


def is_network(model: Any) -> bool:
    """Tell whether a model is a network of this package."""
    return isinstance(model, PositionwiseReLUBase)


def _is_linear(model: Any) -> bool:
    shape = np.shape(getattr(model, "coef_", 0.0))
    if isinstance(model, LogisticRegression):
        return shape[0] == 1  # two classes
    return len(shape) == 1 and not isinstance(model, _LOG_LINKED)


def _is_logistic(model: Any) -> bool:
    if is_network(model):
        return model._output_and_loss()[0] == "logistic"
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
        inside = [t for _, t, _ in step.transformers_ if not isinstance(t, str)]
        return f"a ColumnTransformer of {', '.join(map(_names_of, inside))}"
    return type(step).__name__


def _columns_of_encoder(step: Any) -> LetterColumns | None:
    """Return the columns of the encoder that a step is or holds, or None."""
    if isinstance(step, SequenceOneHotTransformer):
        check_is_fitted(step)
        letters = step.alphabet.upper()
        n_kept, length = len(step.kept_positions_), step.sequence_length_
        names = step.position_names
        return LetterColumns(
            numbers=np.arange(n_kept * len(letters)).reshape(n_kept, -1),
            letters=letters,
            places=step.kept_positions_,
            length=length,
            names=_as_names(range(1, length + 1) if names is None else names),
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
    if names is not None:
        table = _table_of_names(names[numbers])
    elif len(numbers) % len(_DNA) == 0:
        table = tuple(range(1, len(numbers) // len(_DNA) + 1)), _DNA
    else:
        table = None
    if table is None or (
        is_network(model) and model._columns.n_channels != len(table[1])
    ):
        raise ValueError(
            f"which letters the {len(numbers)} columns of this {type(model).__name__} "
            "stand for cannot be told: fit it in a pipeline after a "
            "SequenceOneHotTransformer, or to a DataFrame with columns named such as "
            "'7_A'"
        )
    position_names, letters = table
    n_positions = len(position_names)
    numbers = numbers.reshape(n_positions, -1)
    places = None if names is None else _places_of_names(position_names)
    if places is None:
        places = np.arange(n_positions)
        return LetterColumns(numbers, letters, places, n_positions, position_names)
    start = min(0, int(places[0]))
    counted = tuple(place + (place >= 0) for place in range(start, int(places[-1]) + 1))
    return LetterColumns(
        numbers, letters, places - start, len(counted), counted, may_go_on=start == 0
    )


def _sequence_columns(model: Any, names: NDArray | None) -> NDArray[np.intp]:
    """Return the numbers of the columns that are not covariates."""
    numbers = np.arange(model.n_features_in_)
    if is_network(model):
        sequence = model._columns.sequence
        return numbers if sequence is None else sequence
    if names is None:
        return numbers
    named = [bool(_SEQUENCE_COLUMN.fullmatch(str(name))) for name in names]
    return numbers[named] if any(named) else numbers


def _check_network_columns(network: Any, columns: LetterColumns) -> None:
    """Check that a network takes the encoded columns, and no others, for sequence."""
    own = network._columns
    numbers = _sequence_columns(network, None).reshape(-1, own.n_channels)
    if not np.array_equal(numbers, columns.numbers):
        raise ValueError(
            f"the network reads {own.n_positions} positions of {own.n_channels} "
            f"channels, but {len(columns.numbers)} positions of {len(columns.letters)} "
            "letters are encoded: name the other columns in covariates="
        )
