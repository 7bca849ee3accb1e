"""What each letter does at each position of the context, for any model that says so.

A model sees columns of a matrix. Which letter of which position a column is, is read off
the encoder in front of the model, or off the names of the columns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
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

from sgrna_estimator._fractional_logistic import FractionalLogisticRegression
from sgrna_estimator._layout import GuideLayout, Numbering, as_layout
from sgrna_estimator._mixture_logistic import MixtureLogisticRegression
from sgrna_estimator._mixture_target import MixtureTargetRegressor
from sgrna_estimator._network_base import PositionwiseReLUBase
from sgrna_estimator._one_hot import SequenceOneHotTransformer

Floats = NDArray[np.float64]
Name = int | str

_DNA = "ACGT"
_SEQUENCE_COLUMN = re.compile(r"(.*__)?[+-]?\d+_.")
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


# What is returned ---------------------------------------------------------------------


@dataclass(frozen=True)
class LetterEffects:
    """What each letter does at each position of the context.

    Parameters
    ----------
    values : ndarray of shape (n_positions, n_letters)
        The effects. nan where the model cannot know, because the position did not vary
        in training.
    letters : str
        The letters, in the order of the columns.
    position_names : tuple of int or str, of length n_positions
        The names of the positions.
    kind : {"base effect", "coefficient"}
        A base effect is the mean change of the model's read-out when the letter is put
        into guides. A coefficient is that of a linear model, less the mean over the
        letters of its position: only differences between letters mean anything there.
    unit : str
        What the effects are in: "activity" (the target), "transformed activity", "log
        odds", or "P(active)".
    layout : GuideLayout or None, default=None
        Which positions are the spacer and the PAM, if that is known.
    numbering : {"spacer", "pam"}, default="spacer"
        What `position_names` count from, if there is a layout.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> from sgrna_estimator import LetterEffects
    >>> LetterEffects([[0.5, -0.5]], "AC", (1,), "coefficient", "activity").to_frame()
       position letter  effect
    0         1      A     0.5
    1         1      C    -0.5
    """

    values: Floats
    letters: str
    position_names: tuple[Name, ...]
    kind: Literal["base effect", "coefficient"]
    unit: str
    layout: GuideLayout | None = None
    numbering: Numbering = "spacer"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))
        expected = (len(self.position_names), len(self.letters))
        if self.values.shape != expected:
            raise ValueError(
                f"values must have shape {expected}, one row for each of the position "
                f"names and one column for each of the letters, got {self.values.shape}"
            )
        if self.layout is not None:
            self.layout.check_length(len(self.position_names))

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy table.

        Returns
        -------
        DataFrame
            Columns `position`, `letter` and `effect`; a row for each letter of each
            position, also where the effect is nan.
        """
        n_positions, n_letters = self.values.shape
        return pd.DataFrame(
            {
                "position": np.repeat(self.position_names, n_letters),
                "letter": np.tile(list(self.letters), n_positions),
                "effect": self.values.ravel(),
            }
        )


@dataclass(frozen=True)
class InteractionEffects:
    """What two letters do together beyond the sum of their base effects.

    Parameters
    ----------
    values : ndarray of shape (n_positions - distance, n_letters, n_letters)
        ``[p, a, b]`` is for letter a at position p and letter b at position
        ``p + distance`` of the context. nan where one of the two positions did not vary
        in training.
    letters : str
        The letters.
    position_names : tuple of int or str, of length n_positions
        The names of the positions.
    distance : int
        How many positions of the context are from the first letter to the second.
    unit : str
        What the effects are in.
    layout : GuideLayout or None, default=None
        Which positions are the spacer and the PAM, if that is known.
    numbering : {"spacer", "pam"}, default="spacer"
        What `position_names` count from, if there is a layout.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """

    values: Floats
    letters: str
    position_names: tuple[Name, ...]
    distance: int
    unit: str
    layout: GuideLayout | None = None
    numbering: Numbering = "spacer"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float64))
        n_letters = len(self.letters)
        n_pairs = len(self.position_names) - self.distance
        expected = (n_pairs, n_letters, n_letters)
        if self.values.shape != expected:
            raise ValueError(
                f"values must have shape {expected}, one row for each pair of positions "
                f"{self.distance} apart, got {self.values.shape}"
            )
        if self.layout is not None:
            self.layout.check_length(len(self.position_names))

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy table.

        Returns
        -------
        DataFrame
            Columns `position`, `letter`, `other_position`, `other_letter` and `effect`;
            a row for each pair of letters at each pair of positions.
        """
        n_pairs, n_letters, _ = self.values.shape
        first = np.asarray(self.position_names[:n_pairs])
        second = np.asarray(self.position_names[self.distance :])
        letters = list(self.letters)
        return pd.DataFrame(
            {
                "position": np.repeat(first, n_letters**2),
                "letter": np.tile(np.repeat(letters, n_letters), n_pairs),
                "other_position": np.repeat(second, n_letters**2),
                "other_letter": np.tile(letters, n_pairs * n_letters),
                "effect": self.values.ravel(),
            }
        )


def letter_effects(
    model: Any,
    *,
    layout: GuideLayout | str | None = None,
    numbering: Numbering = "spacer",
) -> LetterEffects:
    """Return what each letter does at each position, for a fitted model.

    Parameters
    ----------
    model : estimator
        A fitted network or linear model of one-hot sequences, bare, at the end of a
        pipeline that starts with a :class:`SequenceOneHotTransformer` (in a
        ColumnTransformer beside covariates, perhaps), or in a GridSearchCV, a
        TransformedTargetRegressor, a MixtureTargetRegressor, or a BaggingRegressor, of
        which the mean is taken.
    layout : GuideLayout or str, default=None
        Which positions are the spacer and the PAM, such as ``"4+20+3+3"``.
    numbering : {"spacer", "pam"}, default="spacer"
        Where the numbers of the positions start, with a layout. Without one they are
        the encoder's names, or those in the names of the model's columns, or count from
        1.

    Returns
    -------
    LetterEffects
        Over the whole context; nan for the positions that the encoder dropped because
        they did not vary. Covariates are left out.

    Raises
    ------
    ValueError
        If the model has no such effects, its columns cannot be told, or the layout does
        not fit.

    Notes
    -----
    Columns of a bare model named ``"7_A"`` say that the letter is A and the position
    the 7th; positions below the highest that have no columns are taken as dropped. There
    may be negative numbers, without 0, as a layout counts; then those between the lowest
    and the highest are.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import SequenceOneHotTransformer, letter_effects
    >>> guides, activity = ["AGG", "CGG", "GGG", "TGG"], [5.0, 2.0, 1.0, 0.0]
    >>> model = make_pipeline(SequenceOneHotTransformer(), LinearRegression())
    >>> effects = letter_effects(model.fit(guides, activity), layout="0+1+2+0")
    >>> effects.values.round(1) + 0.0  # not -0.0
    array([[ 3.,  0., -1., -2.],
           [nan, nan, nan, nan],
           [nan, nan, nan, nan]])
    """
    parts = list(_parts(model))
    context = _context([part.columns for part in parts], layout, numbering)
    values = []
    for part in parts:
        of_all = np.full((context.length, len(context.letters)), np.nan)
        of_all[part.columns.places] = _effects_of_columns(part)
        values.append(of_all)
    return LetterEffects(
        values=_mean_of_known(values),
        letters=context.letters,
        position_names=context.position_names,
        kind="base effect" if _is_network(parts[0].model) else "coefficient",
        unit=parts[0].unit,
        layout=context.layout,
        numbering=numbering,
    )


def interaction_effects(
    model: Any,
    distance: int = 1,
    *,
    layout: GuideLayout | str | None = None,
    numbering: Numbering = "spacer",
) -> InteractionEffects:
    """Return what pairs of letters do beyond the sum of their effects, for a network.

    Parameters
    ----------
    model : estimator
        A fitted network, bare or wrapped as in `letter_effects`.
    distance : int, default=1
        How many positions of the context are from the first letter to the second: 1 for
        dinucleotides. Positions on both sides of a dropped one are not neighbours.
    layout : GuideLayout or str, default=None
        As in `letter_effects`.
    numbering : {"spacer", "pam"}, default="spacer"
        As in `letter_effects`.

    Returns
    -------
    InteractionEffects
        Over the whole context; nan where one of the two positions was dropped.

    Raises
    ------
    ValueError
        If the model is not a network, if it is additive or has windows too short for
        the distance, so that all interactions are zero, or if no two positions are that
        far apart.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import (
    ...     PositionwiseReLURegressor,
    ...     SequenceOneHotTransformer,
    ...     interaction_effects,
    ... )
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> screen = make_guide_screen(n_guides=100, random_state=0)
    >>> model = make_pipeline(
    ...     SequenceOneHotTransformer(),
    ...     PositionwiseReLURegressor(window_size=2, n_units=4, random_state=0),
    ... ).fit(screen.sequences, screen.data["activity"])
    >>> interaction_effects(model, layout="10+20+3+10").values.shape
    (42, 4, 4)
    """
    parts = list(_parts(model))
    context = _context([part.columns for part in parts], layout, numbering)
    if distance not in range(1, context.length):
        raise ValueError(
            "distance must be a whole number, at least 1 and below the "
            f"{context.length} positions of the context, got {distance!r}"
        )
    n_letters = len(context.letters)
    values = []
    for part in parts:
        _check_interacts(part.model)
        of_all = np.full((context.length - distance, n_letters, n_letters), np.nan)
        for first, effects in _interactions_of_columns(part, distance):
            of_all[first] = effects
        values.append(of_all)
    mean = _mean_of_known(values)
    if np.isnan(mean).all():
        raise ValueError(
            f"no two positions that vary in training are {distance} apart in the context"
        )
    if not np.nan_to_num(mean).any():
        raise ValueError(
            f"no interactions: letters {distance} apart are in no common window of this "
            f"network (window_size={parts[0].model.window_size} and no hidden layer)"
        )
    return InteractionEffects(
        values=mean,
        letters=context.letters,
        position_names=context.position_names,
        distance=distance,
        unit=parts[0].unit,
        layout=context.layout,
        numbering=numbering,
    )


# From a model to its parts ------------------------------------------------------------


@dataclass(frozen=True)
class _Columns:
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
class _Part:
    """A network or linear model without its wrappers."""

    model: Any
    columns: _Columns
    unit: str


def _parts(
    model: Any,
    columns: _Columns | None = None,
    target: str = "activity",
    names: NDArray | None = None,
) -> Iterator[_Part]:
    """Yield the models inside, several for a bagged one.

    Parameters
    ----------
    model : estimator
    columns : _Columns or None
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
        yield from _parts(model[-1], columns, target)
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
            yield from _parts(estimator, columns, target, names)
    elif hasattr(model, "best_estimator_"):
        yield from _parts(model.best_estimator_, columns, target)
    elif hasattr(model, "regressor_"):
        yield from _parts(model.regressor_, columns, _inner_target(model, target))
    elif _is_network(model) or _is_linear(model):
        if columns is None:
            names = getattr(model, "feature_names_in_", names)
            columns = _columns_of_names(model, names)
        elif _is_network(model):
            _check_network_columns(model, columns)
        yield _Part(model, columns, "log odds" if _is_logistic(model) else target)
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


def _is_network(model: Any) -> bool:
    return isinstance(model, PositionwiseReLUBase)


def _is_linear(model: Any) -> bool:
    shape = np.shape(getattr(model, "coef_", 0.0))
    if isinstance(model, LogisticRegression):
        return shape[0] == 1  # two classes
    return len(shape) == 1 and not isinstance(model, _LOG_LINKED)


def _is_logistic(model: Any) -> bool:
    if _is_network(model):
        return model._output_and_loss()[0] == "logistic"
    return isinstance(model, _LOG_ODDS)


def _after_step(step: Any, columns: _Columns | None) -> _Columns | None:
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


def _columns_of_encoder(step: Any) -> _Columns | None:
    """Return the columns of the encoder that a step is or holds, or None."""
    if isinstance(step, SequenceOneHotTransformer):
        check_is_fitted(step)
        letters = step.alphabet.upper()
        n_kept, length = len(step.kept_positions_), step.sequence_length_
        names = step.position_names
        return _Columns(
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


def _columns_of_names(model: Any, names: NDArray | None) -> _Columns:
    """Return what the columns of a bare model stand for."""
    numbers = _sequence_columns(model, names)
    if names is not None:
        table = _table_of_names(names[numbers])
    elif len(numbers) % len(_DNA) == 0:
        table = tuple(range(1, len(numbers) // len(_DNA) + 1)), _DNA
    else:
        table = None
    if table is None or (
        _is_network(model) and model._columns.n_channels != len(table[1])
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
        return _Columns(numbers, letters, places, n_positions, position_names)
    start = min(0, int(places[0]))
    counted = tuple(place + (place >= 0) for place in range(start, int(places[-1]) + 1))
    return _Columns(
        numbers, letters, places - start, len(counted), counted, may_go_on=start == 0
    )


def _sequence_columns(model: Any, names: NDArray | None) -> NDArray[np.intp]:
    """Return the numbers of the columns that are not covariates."""
    numbers = np.arange(model.n_features_in_)
    if _is_network(model):
        sequence = model._columns.sequence
        return numbers if sequence is None else sequence
    if names is None:
        return numbers
    named = [bool(_SEQUENCE_COLUMN.fullmatch(str(name))) for name in names]
    return numbers[named] if any(named) else numbers


def _table_of_names(columns: NDArray) -> tuple[tuple[Name, ...], str] | None:
    """Return positions and letters of names like "7_A", None if they are not such."""
    split = [str(name).rpartition("__")[2].rpartition("_") for name in columns]
    positions = list(dict.fromkeys(position for position, _, _ in split))
    letters = "".join(dict.fromkeys(letter for _, _, letter in split))
    expected = [(position, "_", letter) for position in positions for letter in letters]
    if split != expected or not re.fullmatch("[A-Z*-]{2,}", letters):
        return None
    return _as_names(positions), letters


def _places_of_names(names: tuple[Name, ...]) -> NDArray[np.intp] | None:
    """Return the places of whole numbers: 0 for 1, and -1 for -1 as there is no 0."""
    if not all(isinstance(name, int) for name in names):
        return None
    places = np.array([int(name) - (int(name) > 0) for name in names])
    return places if (np.diff(places) > 0).all() else None


def _as_names(names: Any) -> tuple[Name, ...]:
    """Return names as whole numbers if they all are, else as text."""
    texts = [str(name) for name in names]
    if all(re.fullmatch(r"[+-]?\d+", text) for text in texts):
        return tuple(int(text) for text in texts)
    return tuple(texts)


def _check_network_columns(network: Any, columns: _Columns) -> None:
    """Check that a network takes the encoded columns, and no others, for sequence."""
    own = network._columns
    numbers = _sequence_columns(network, None).reshape(-1, own.n_channels)
    if not np.array_equal(numbers, columns.numbers):
        raise ValueError(
            f"the network reads {own.n_positions} positions of {own.n_channels} "
            f"channels, but {len(columns.numbers)} positions of {len(columns.letters)} "
            "letters are encoded: name the other columns in covariates="
        )


# From parts to effects of the whole context -------------------------------------------


@dataclass(frozen=True)
class _Context:
    """The whole context: all positions, dropped ones included."""

    length: int
    letters: str
    position_names: tuple[Name, ...]
    layout: GuideLayout | None


def _context(
    columns: list[_Columns], layout: GuideLayout | str | None, numbering: Numbering
) -> _Context:
    layout = as_layout(layout)
    first = columns[0]
    lengths = sorted({one.length for one in columns})
    if len(lengths) > 1:
        raise ValueError(
            "the bagged estimators were fitted to sequences of different lengths: "
            f"{', '.join(map(str, lengths))}"
        )
    if layout is None:
        if numbering != "spacer":
            raise ValueError(
                f"numbering={numbering!r} needs a layout, such as layout='4+20+3+3'"
            )
        return _Context(first.length, first.letters, first.names, None)
    if not first.may_go_on or first.length > layout.length:
        layout.check_length(first.length)
    return _Context(
        layout.length, first.letters, layout.position_names(numbering), layout
    )


def _effects_of_columns(part: _Part) -> Floats:
    """Return the effects by position and letter, of the positions that have columns."""
    if _is_network(part.model):
        return part.model.base_effects_
    coefficients = np.ravel(part.model.coef_).astype(float)[part.columns.numbers]
    return coefficients - coefficients.mean(axis=1, keepdims=True)


def _check_interacts(model: Any) -> None:
    if not _is_network(model):
        raise ValueError(
            f"{type(model).__name__} has no interactions of letters: they are known for "
            "PositionwiseReLURegressor and PositionwiseReLUClassifier with windows or a "
            "hidden layer"
        )
    if model._architecture.is_additive:
        raise ValueError(
            "no interactions: this network is additive (window_size=1 and no hidden "
            "layer)"
        )


def _interactions_of_columns(
    part: _Part, distance: int
) -> Iterator[tuple[int, Floats]]:
    """Yield the place of the first letter, and the interactions with the second.

    Dropped positions bring columns together, so letters that far apart in the context
    are up to that far apart in the matrix.
    """
    row_of = {int(place): row for row, place in enumerate(part.columns.places)}
    pairs = [
        (place, row, row_of[place + distance] - row)
        for place, row in row_of.items()
        if place + distance in row_of
    ]
    architecture = part.model._architecture
    for apart in sorted({apart for _, _, apart in pairs}):
        effects = part.model.interaction_effects(apart)
        if not architecture.hidden_layer_sizes and apart >= architecture.window_size:
            effects = np.zeros_like(effects)  # but for rounding
        for place, row, this in pairs:
            if this == apart:
                yield place, effects[row]


def _mean_of_known(values: list[Floats]) -> Floats:
    """Return the mean, of those that know an effect; nan if none does."""
    stacked = np.array(values)
    known = ~np.isnan(stacked)
    count = known.sum(axis=0)
    total = np.where(known, stacked, 0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
