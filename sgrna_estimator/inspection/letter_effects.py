"""What each letter does at each position of the context, for any model that says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats
from sgrna_estimator.inspection.effects import InteractionEffects, LetterEffects
from sgrna_estimator.inspection.unwrap import (
    LetterColumns,
    SequenceModel,
    is_network,
    sequence_models,
)
from sgrna_estimator.network.rows import GuideRows
from sgrna_estimator.sequences.column_names import Name
from sgrna_estimator.sequences.layout import GuideLayout, Numbering, as_layout

_ALL = 1 - 1e-6  # of the guides, but for rounding


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
        TransformedTargetRegressor, a MixtureTargetRegressor, a BoundedTargetRegressor,
        or a BaggingRegressor, of which the mean is taken.
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
        they did not vary. Covariates are left out. Where some guides of a network lack
        the position, effects are less the mean of those that have it.

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
    lacking: set[int] = set()
    for part in parts:
        of_all = np.full((context.length, len(context.letters)), np.nan)
        of_all[part.columns.places], lack = _effects_of_columns(part)
        values.append(of_all)
        lacking.update(part.columns.places[lack].tolist())
    return LetterEffects(
        values=_mean_of_known(values),
        letters=context.letters,
        position_names=context.position_names,
        kind="base effect" if is_network(parts[0].model) else "coefficient",
        unit=parts[0].unit,
        layout=context.layout,
        numbering=numbering,
        lacking=tuple(context.position_names[place] for place in sorted(lacking)),
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


def _effects_of_columns(part: SequenceModel) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the effects by position and letter, of the positions that have columns.

    And which of these positions some guides of a network lack.
    """
    if not is_network(part.model):
        coefficients = np.ravel(part.model.coef_).astype(float)[part.columns.numbers]
        centred = coefficients - coefficients.mean(axis=1, keepdims=True)
        return centred, np.zeros(len(centred), dtype=bool)
    effects = part.model.base_effects_
    shares = _letter_shares(part.model.networks_[0].background, effects.shape)
    have = shares.sum(axis=1, keepdims=True)
    lacking = (have < _ALL) & (have > 0)
    # Any letter there makes a guide longer: that is no effect of the letter.
    of_having = (shares * effects).sum(axis=1, keepdims=True) / np.where(
        lacking, have, 1
    )
    return np.where(lacking, effects - of_having, effects), lacking[:, 0]


def _letter_shares(background: GuideRows, shape: tuple[int, ...]) -> Floats:
    """Return the share of guides that have each letter, (n_positions, n_letters)."""
    if background.letters is None:
        values = background.take(slice(None)).values
        return np.asarray(values, dtype=float).mean(axis=0).reshape(shape)
    has = background.letters[:, :, np.newaxis] == np.arange(shape[1])
    return has.mean(axis=0)


def _check_interacts(model: Any) -> None:
    if not is_network(model):
        raise ValueError(
            f"{type(model).__name__} has no interactions of letters: they are known for "
            "PositionwiseReLURegressor and PositionwiseReLUClassifier with windows or a "
            "hidden layer"
        )
    if model.networks_[0].architecture.is_additive:
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
    architecture = part.model.networks_[0].architecture
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
