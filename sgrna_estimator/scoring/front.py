"""What is in front of a model: the encoder of its sequences, and its covariates.

Models are taken apart as for their effects; here is what effects need not know.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._unwrap import inside
from sgrna_estimator._validation import name_rows
from sgrna_estimator.mixtures.target import MixtureTargetRegressor
from sgrna_estimator.network.bounded_target import BoundedTargetRegressor, Bounds
from sgrna_estimator.sequences.encoding import Encoding
from sgrna_estimator.sequences.one_hot import SequenceOneHotTransformer

_EXPECTED = (
    "a model to be compiled is a network or a linear model after a "
    "SequenceOneHotTransformer, alone or in a ColumnTransformer beside covariates that "
    "are passed through or scaled by a StandardScaler"
)


@dataclass(frozen=True, eq=False)
class Covariates:
    """The columns of the matrix beside the sequence, and what scales them.

    Attributes
    ----------
    names : tuple of str or None
        Names of the columns of the data frame; None if it had none.
    mean, scale : ndarray of shape (n_covariates,)
    """

    names: tuple[str, ...] | None
    mean: Floats
    scale: Floats

    def check(self, covariates: Any, n_guides: int) -> Floats:
        """Return covariates as the model's matrix holds them.

        Parameters
        ----------
        covariates : DataFrame, array-like of shape (n_guides, n_covariates) or None
            Of a data frame the columns are taken by name.
        n_guides : int

        Returns
        -------
        ndarray of shape (n_guides, n_covariates)

        Raises
        ------
        ValueError
            If they are missing, not wanted, of another shape, or not finite numbers.
        """
        n_covariates = len(self.mean)
        if covariates is None or not n_covariates:
            if covariates is not None:
                raise ValueError("the model has no covariates, but was given some")
            if n_covariates:
                raise ValueError(f"the model needs {self}: give covariates=")
            return np.empty((n_guides, 0))
        if self.names is not None and hasattr(covariates, "columns"):
            missing = [n for n in self.names if n not in list(covariates.columns)]
            if missing:
                raise ValueError(
                    f"the model needs {self}, but covariates has no column {missing[0]!r}"
                )
            covariates = covariates[list(self.names)]
        values = _as_numbers(covariates)
        if values.shape != (n_guides, n_covariates):
            raise ValueError(
                f"the model needs {self} for each of {n_guides} sequences, but covariates "
                f"has the shape {values.shape}"
            )
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            column = bad[0, 1] if self.names is None else repr(self.names[bad[0, 1]])
            raise ValueError(
                f"covariates must be finite, but column {column} is missing (NaN) or "
                f"infinite (inf) in {name_rows(np.unique(bad[:, 0]))}"
            )
        return (values - self.mean) / self.scale

    def __str__(self) -> str:
        n = len(self.mean)
        text = f"{n} covariate{'s' if n > 1 else ''}"
        return text if self.names is None else f"{text} ({', '.join(self.names)})"


def _as_numbers(covariates: ArrayLike) -> Floats:
    try:
        return np.asarray(covariates, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"covariates must be numbers: {error}") from None


def front_of(model: Any) -> tuple[Encoding, Covariates]:
    """Return what is in front of the models inside a model.

    Parameters
    ----------
    model : estimator
        Fitted.

    Returns
    -------
    Encoding, Covariates

    Raises
    ------
    ValueError
        If there is not one encoder, if it stands beside other things than scaled
        columns, or if predictions are more than what the models inside predict.
    """
    steps = _steps_of(model)
    if len(steps) != 1:
        found = ", ".join(type(step).__name__ for step in steps) or "nothing"
        raise ValueError(f"{_EXPECTED}, but in front of this one there is {found}")
    step = steps[0]
    if isinstance(step, SequenceOneHotTransformer):
        check_is_fitted(step)
        return step.encoding_, Covariates(None, np.empty(0), np.empty(0))
    if isinstance(step, ColumnTransformer):
        return _split(step)
    raise ValueError(f"{_EXPECTED}, but in front of this one there is {step}")


def bounds_of(model: Any) -> Bounds | None:
    """Return the bounds that predictions of the models inside are shares of.

    Parameters
    ----------
    model : estimator
        Fitted.

    Returns
    -------
    (float, float) or None
        None if they are predictions as they are.

    Raises
    ------
    ValueError
        If there are several.
    """
    inner = {bounds_of(each) for each in inside(model)} or {None}
    own = model.bounds_ if isinstance(model, BoundedTargetRegressor) else None
    if len(inner) > 1 or (own is not None and inner != {None}):
        raise ValueError(
            "the model cannot be compiled: there are several BoundedTargetRegressor of "
            "other bounds in it, or one in another"
        )
    return inner.pop() if own is None else own


def first_encoding(model: Any) -> Encoding:
    """Return how the encoder reads letters that a model begins with.

    Parameters
    ----------
    model : estimator
        Fitted; one to be compiled or not.

    Returns
    -------
    Encoding

    Raises
    ------
    ValueError
        If it does not begin with one.
    """
    if isinstance(model, SequenceOneHotTransformer):
        return model.encoding_
    further = inside(model)
    if isinstance(model, ColumnTransformer):
        further = [transformer for _, transformer, _ in model.transformers_]
    elif isinstance(model, Pipeline):
        further = [transformer for _, transformer in model.steps]
    for step in further:
        with suppress(ValueError):
            return first_encoding(step)
    raise ValueError("the model has no SequenceOneHotTransformer")


def _steps_of(model: Any) -> list[Any]:
    """Return the transformers in front of the models inside."""
    _check_passes_on(model)
    steps = []
    if isinstance(model, Pipeline):
        steps = [t for _, t in model.steps[:-1] if t not in (None, "passthrough")]
    found = inside(model)
    further = [_steps_of(inner) for inner in found]
    if len(found) > 1 and any(further):
        raise ValueError(
            f"{_EXPECTED}, but in this {type(model).__name__} there are "
            f"{len(found)} encoders: put one in front of it"
        )
    return steps + further[0] if further else steps


def _check_passes_on(model: Any) -> None:
    """Raise if a model does something to what the models inside predict."""
    if isinstance(model, MixtureTargetRegressor):
        raise ValueError(
            "a MixtureTargetRegressor predicts log2 fold changes, which are as good as "
            "the probability that a guide is active: compile its regressor_"
        )
    if isinstance(model, TransformedTargetRegressor) and not (
        model.func is None and model.transformer is None
    ):
        raise ValueError(
            "a TransformedTargetRegressor transforms what its model predicts: compile "
            "its regressor_, and transform the scores"
        )


def _split(columns: ColumnTransformer) -> tuple[Encoding, Covariates]:
    """Return what a ColumnTransformer does to the sequence and to other columns."""
    encoders, others = [], []
    for name, transformer, chosen in columns.transformers_:
        place = columns.output_indices_[name]
        if place.start == place.stop:
            continue
        if isinstance(transformer, SequenceOneHotTransformer):
            encoders.append(transformer)
        else:
            others.append((place.start, transformer, chosen))
    if len(encoders) != 1:
        raise ValueError(
            f"{_EXPECTED}, but this ColumnTransformer encodes {len(encoders)} sequences"
        )
    others.sort(key=lambda other: other[0])  # in the order of the matrix
    known = getattr(columns, "feature_names_in_", None)
    names: list[str] = []
    affine = []
    for _, transformer, chosen in others:
        numbers = _numbers_of(chosen, columns.n_features_in_, known)
        names += [] if known is None else [str(known[number]) for number in numbers]
        affine.append(_scaling_of(transformer, len(numbers)))
    mean, scale = (
        np.concatenate([np.empty(0), *parts])
        for parts in ([a[0] for a in affine], [a[1] for a in affine])
    )
    return (
        encoders[0].encoding_,
        Covariates(None if known is None else tuple(names), mean, scale),
    )


def _numbers_of(chosen: Any, n_columns: int, names: NDArray | None) -> Ints:
    """Return the numbers of the columns that a ColumnTransformer was told to take."""
    numbers = np.arange(n_columns)
    if isinstance(chosen, slice):
        if isinstance(chosen.start, str) or isinstance(chosen.stop, str):
            raise ValueError(f"{_EXPECTED}; list their columns instead of {chosen}")
        return numbers[chosen]
    chosen = np.atleast_1d(np.asarray(chosen))
    if chosen.dtype.kind in "biu":
        return numbers[chosen]
    known = [] if names is None else names.tolist()
    return np.array([known.index(name) for name in chosen], dtype=np.intp)


def _scaling_of(transformer: Any, n_columns: int) -> tuple[Floats, Floats]:
    """Return what a transformer subtracts from columns, and divides them by."""
    mean, scale = np.zeros(n_columns), np.ones(n_columns)
    if isinstance(transformer, StandardScaler):
        return (
            transformer.mean_ if transformer.with_mean else mean,
            transformer.scale_ if transformer.with_std else scale,
        )
    # "passthrough" is fitted as a function that does nothing.
    if isinstance(transformer, FunctionTransformer) and transformer.func is None:
        return mean, scale
    raise ValueError(f"{_EXPECTED}, not by {transformer}")
