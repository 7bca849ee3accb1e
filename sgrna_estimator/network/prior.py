"""Begin from a fitted network: its weights, on other columns and for another target.

The network of a published screen, the source, is the prior of that of a small screen,
the target. Training starts at the source's weights, and the penalty pulls towards them.
Three things stand between the two: which windows of the target are windows of the
source, what the windows that the target lacks add on average, and the scale of the
target, which may be another quantity, of either sign.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._typing import Floats
from sgrna_estimator._unwrap import innermost
from sgrna_estimator.network.architecture import Architecture, Parameters
from sgrna_estimator.network.columns import Columns
from sgrna_estimator.network.fitted import Network, Standardisation, read_out_rows
from sgrna_estimator.network.rows import as_values
from sgrna_estimator.network.starts import TrainingSet

# The slope of log odds is hardly penalised; without any penalty a z that tells the
# classes apart would have no slope at all.
_SLOPE_C = 100.0
# What the estimators have where nothing is asked for.
_DEFAULT_SIZES = {
    "window_size": 1,
    "n_units": 1,
    "share_weights": False,
    "hidden_layer_sizes": (),
}
_HOW_TO_NAME = (
    "a prior matches positions by name: encode with "
    "SequenceOneHotTransformer(position_names=layout.position_names(), "
    "drop_constant=False).set_output(transform='pandas'), where layout is a GuideLayout "
    "such as GuideLayout.parse('4+20+3+3')"
)


def networks_of(prior: Any) -> list[Network]:
    """Return the networks of a prior.

    Parameters
    ----------
    prior : FrozenEstimator
        Of a fitted network, or of a pipeline (or a search, or a bag) that ends in one.

    Returns
    -------
    list of Network

    Raises
    ------
    ValueError
        If it is not frozen, is not fitted, or holds no network.
    """
    if not isinstance(prior, FrozenEstimator):
        raise ValueError(
            f"prior must be in a FrozenEstimator, got {type(prior).__name__}: write "
            "prior=FrozenEstimator(model) (sklearn.frozen), or cloning would unfit it"
        )
    try:
        check_is_fitted(prior.estimator)
        found = innermost(prior)
        for each in found:
            check_is_fitted(each)
    except NotFittedError:
        raise ValueError(
            f"the prior, a {type(prior.estimator).__name__}, is not fitted: fit it to "
            "the screen that it should know first"
        ) from None
    for each in found:
        if not hasattr(each, "networks_"):
            raise ValueError(
                "a prior must be a PositionwiseReLURegressor or "
                "PositionwiseReLUClassifier, or end in one, but it is a "
                f"{type(each).__name__}"
            )
    return [network for each in found for network in each.networks_]


def sizes_from(source: Architecture, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sizes of a network that begins from a source.

    Parameters
    ----------
    source : Architecture
    given : mapping of str to object
        The sizes asked for. What is at its default is the source's.

    Returns
    -------
    dict of str to object

    Raises
    ------
    ValueError
        If a size that is given contradicts the source's.
    """
    sizes = {}
    for name, value in given.items():
        of_source = getattr(source, name)
        if value not in (_DEFAULT_SIZES[name], of_source):
            raise ValueError(
                f"{name}={value!r} contradicts the prior, which has {of_source!r}: leave "
                "it at its default"
            )
        sizes[name] = of_source
    return sizes


@dataclass(frozen=True)
class Match:
    """What of a source has a place in a target.

    Attributes
    ----------
    n_positions : int
        Positions that both have.
    windows : list of (int, int)
        Windows that both have: its number in the target, and in the source.
    covariates : list of (int, int)
        Covariates that both have, likewise.
    letters : list of int
        Where each letter of the target is among the source's.
    """

    n_positions: int
    windows: list[tuple[int, int]]
    covariates: list[tuple[int, int]]
    letters: list[int]


def match_columns(target: Columns, source: Columns, window_size: int) -> Match:
    """Find the windows and covariates of a source among those of a target, by name.

    Parameters
    ----------
    target, source : Columns
    window_size : int

    Returns
    -------
    Match

    Raises
    ------
    ValueError
        If one of them has no names of positions, if they are of other letters, or if
        they have no window in common.
    """
    for columns, whose in ((target, "X"), (source, "what the prior was fitted to")):
        if columns.names is None:
            raise ValueError(
                f"{whose} has no columns named such as '7_A': {_HOW_TO_NAME}"
            )
    assert target.names is not None and source.names is not None  # noqa: PT018
    new, old = target.names, source.names
    if sorted(new.letters) != sorted(old.letters):
        raise ValueError(
            f"the prior knows the letters {old.letters}, but the columns of X are of "
            f"{new.letters}: encode with the prior's alphabet"
        )
    place_of = {w: number for number, w in _windows(old.positions, window_size)}
    windows = [
        (number, place_of[w])
        for number, w in _windows(new.positions, window_size)
        if w in place_of
    ]
    if not windows:
        raise ValueError(
            f"no {window_size} neighbouring positions of X are neighbours in the prior: "
            f"X has {new.positions[0]} to {new.positions[-1]}, the prior "
            f"{old.positions[0]} to {old.positions[-1]}; {_HOW_TO_NAME}"
        )
    number_of = {name: i for i, name in enumerate(source.covariate_names or ())}
    return Match(
        n_positions=len(set(new.positions) & set(old.positions)),
        windows=windows,
        covariates=[
            (i, number_of[name])
            for i, name in enumerate(target.covariate_names or ())
            if name in number_of
        ],
        letters=[old.letters.index(letter) for letter in new.letters],
    )


def _windows(positions: tuple, size: int) -> Iterable[tuple[int, tuple]]:
    """Return numbers of the windows, and the names of their positions."""
    return enumerate(zip(*(positions[i:] for i in range(size)), strict=False))


def with_covariates_of(
    own: Standardisation, source: Standardisation, match: Match
) -> Standardisation:
    """Standardise covariates that both have as the source did.

    Parameters
    ----------
    own, source : Standardisation
    match : Match

    Returns
    -------
    Standardisation
    """
    mean, scale = own.covariate_mean.copy(), own.covariate_scale.copy()
    for new, old in match.covariates:
        mean[new] = source.covariate_mean[old]
        scale[new] = source.covariate_scale[old]
    return Standardisation(mean, scale, own.target_mean, own.target_scale)


def transplant(
    source: Network, architecture: Architecture, match: Match
) -> NDArray[np.float64]:
    """Write a source's parameters as those of a network with other columns.

    A window or covariate that only the target has enters the next layer with zeros. One
    that only the source has is dropped, and what it adds on average over the source's
    guides goes to the intercepts of the next layer.

    Parameters
    ----------
    source : Network
    architecture : Architecture
        Of the target: the source's but for windows and covariates.
    match : Match

    Returns
    -------
    ndarray of shape (n_parameters,)
    """
    theta = np.zeros(architecture.n_parameters)
    new, old = architecture.split(theta), source.parameters
    weights = old.window_weights[:, :, match.letters]
    pairs = [(0, 0)] if architecture.share_weights else match.windows
    for here, there in pairs:
        new.window_weights[here] = weights[there]
        new.window_intercepts[here] = old.window_intercepts[there]

    (inputs, intercepts), (from_inputs, from_intercepts) = _next(new), _next(old)
    intercepts[:] = from_intercepts
    U, n_new, n_old = (
        architecture.n_units,
        architecture.n_windows,
        source.architecture.n_windows,
    )
    for here, there in match.windows:
        inputs[here * U : (here + 1) * U] = from_inputs[there * U : (there + 1) * U]
    for here, there in match.covariates:
        inputs[n_new * U + here] = from_inputs[n_old * U + there]
    dropped = sorted(set(range(n_old)) - {there for _, there in match.windows})
    for window, activation in zip(dropped, _mean_units(source, dropped), strict=True):
        intercepts += activation @ from_inputs[window * U : (window + 1) * U]

    for mine, theirs in zip(
        [*new.hidden_weights[1:], *new.hidden_intercepts[1:]],
        [*old.hidden_weights[1:], *old.hidden_intercepts[1:]],
        strict=True,
    ):
        mine[:] = theirs
    if new.hidden_weights:
        new.readout_weights[:] = old.readout_weights
        new.intercept[:] = old.intercept
    return theta


def with_new_windows(
    architecture: Architecture,
    theta: NDArray[np.float64],
    match: Match,
    drawn: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Give windows that only the target has weights to learn from.

    They count for nothing yet: what comes out of them has weights of zero.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        From the prior.
    match : Match
    drawn : ndarray of shape (n_parameters,)
        Starting weights of a network without a prior.

    Returns
    -------
    ndarray of shape (n_parameters,), float32
    """
    started = theta.astype(np.float32)
    if not architecture.share_weights:
        known = [window for window, _ in match.windows]
        new = np.setdiff1d(np.arange(architecture.n_windows), known)
        weights = architecture.split(started).window_weights
        weights[new] = architecture.split(drawn).window_weights[new]
    return started


def _next(parameters: Parameters) -> tuple[NDArray, NDArray]:
    """Return weights (n_inputs, n_outputs) and intercepts of the layer after windows."""
    if parameters.hidden_weights:
        return parameters.hidden_weights[0], parameters.hidden_intercepts[0]
    return parameters.readout_weights[:, None], parameters.intercept


def _mean_units(network: Network, windows: list[int]) -> list[NDArray]:
    """Return the mean of each unit of these windows over the network's guides."""
    shape = network.architecture
    values = as_values(network.background, shape.n_channels)
    weights, intercepts = network.parameters[:2]
    means = []
    for window in windows:
        at = 0 if shape.share_weights else window
        seen = values[:, window : window + shape.window_size]
        sums = np.einsum("nka,kau->nu", seen, weights[at]) + intercepts[at]
        means.append(np.maximum(sums, 0).mean(axis=0))
    return means


def scale_to_target(
    architecture: Architecture, theta: NDArray[np.float64], training: TrainingSet
) -> float:
    """Regress the target on z, and write the line into the parameters, in place.

    Its slope is shared out evenly among the layers that have weights, so that all of
    them are of the size that training expects.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        Overwritten.
    training : TrainingSet
        Guides of the target.

    Returns
    -------
    float
        The slope: standard deviations of the target (or log odds) a unit of z.

    Raises
    ------
    ValueError
        If z is the same for all guides.
    """
    z = read_out_rows(architecture, theta.astype(np.float32), training.rows)
    slope, intercept = _line(z.astype(np.float64), training)
    parameters = architecture.split(theta)
    factor = abs(slope) ** (1 / (2 + len(architecture.hidden_layer_sizes)))
    so_far = factor
    parameters.window_weights[:] *= factor
    parameters.window_intercepts[:] *= factor
    n_units = architecture.n_windows * architecture.n_units
    # Covariates do not come through the windows, so they take all of the scale at once.
    inputs, _ = _next(parameters)
    inputs[n_units:] *= so_far
    for weights, intercepts in zip(
        parameters.hidden_weights, parameters.hidden_intercepts, strict=True
    ):
        weights *= factor
        so_far *= factor
        intercepts *= so_far
    parameters.readout_weights[:] *= factor * np.sign(slope)
    parameters.intercept[:] = slope * parameters.intercept + intercept
    return slope


def _line(z: Floats, training: TrainingSet) -> tuple[float, float]:
    """Return slope and intercept of the target, or of its log odds, by z."""
    if np.ptp(z) <= 1e-6 * max(1.0, np.abs(z).max()):
        raise ValueError(
            "the prior predicts the same value for all of these guides, so that it says "
            "nothing about them: are the positions numbered alike, and is the prior not "
            "a constant?"
        )
    weight, y = training.weight, training.y
    if training.output == "identity":
        deviation = z - np.average(z, weights=weight)
        scatter = np.sum(weight * deviation**2)
        slope = float(np.sum(weight * deviation * y) / scatter)
        return slope, float(np.average(y - slope * z, weights=weight))
    mean, spread = z.mean(), z.std()
    both = np.tile((z - mean) / spread, 2)[:, None]
    labels = np.repeat([1, 0], len(z))
    model = LogisticRegression(C=_SLOPE_C).fit(
        both, labels, sample_weight=np.concatenate([weight * y, weight * (1 - y)])
    )
    slope = float(model.coef_[0, 0] / spread)
    return slope, float(model.intercept_[0] - slope * mean)
