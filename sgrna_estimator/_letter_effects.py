"""What each letter does at each position of the context, for any model that says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._layout import GuideLayout, Numbering, as_layout
from sgrna_estimator._sequence_models import (
    LetterColumns,
    Name,
    SequenceModel,
    is_network,
    sequence_models,
)

Floats = NDArray[np.float64]


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
    parts = list(sequence_models(model))
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
        kind="base effect" if is_network(parts[0].model) else "coefficient",
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
    parts = list(sequence_models(model))
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


# From models to effects of the whole context -------------------------------------------


@dataclass(frozen=True)
class _Context:
    """The whole context: all positions, dropped ones included."""

    length: int
    letters: str
    position_names: tuple[Name, ...]
    layout: GuideLayout | None


def _context(
    columns: list[LetterColumns], layout: GuideLayout | str | None, numbering: Numbering
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


def _effects_of_columns(part: SequenceModel) -> Floats:
    """Return the effects by position and letter, of the positions that have columns."""
    if is_network(part.model):
        return part.model.base_effects_
    coefficients = np.ravel(part.model.coef_).astype(float)[part.columns.numbers]
    return coefficients - coefficients.mean(axis=1, keepdims=True)


def _check_interacts(model: Any) -> None:
    if not is_network(model):
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
    part: SequenceModel, distance: int
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
