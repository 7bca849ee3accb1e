"""The shape of a network, its parameters by name, and where training starts."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.network.architecture import Architecture, Parameters
from sgrna_estimator.network.rows import GuideRows, chunks


class TrainingSet(NamedTuple):
    """What a start may look at: rows, targets as the network sees them, weights.

    ``train_window_bias`` is False when window intercepts must stay zero.
    """

    rows: GuideRows
    y: NDArray[np.float64]
    weight: NDArray[np.float64]
    output: str
    train_window_bias: bool = True


def _start_he(
    parameters: Parameters, training: TrainingSet, rng: np.random.RandomState
) -> None:
    """Draw weights whose variance keeps the size of the signal (He et al. 2015)."""
    # Of the k * A inputs of a window, k are 1.
    k = parameters.window_weights.shape[1]
    parameters.window_weights[:] = rng.normal(
        scale=np.sqrt(2 / k), size=parameters.window_weights.shape
    )
    _start_upper_layers(parameters, rng)


def _start_upper_layers(parameters: Parameters, rng: np.random.RandomState) -> None:
    for weights in parameters.hidden_weights:
        weights[:] = rng.normal(scale=np.sqrt(2 / len(weights)), size=weights.shape)
    readout = parameters.readout_weights
    readout[:] = rng.normal(scale=np.sqrt(1 / len(readout)), size=readout.shape)


def _start_active(
    parameters: Parameters, training: TrainingSet, rng: np.random.RandomState
) -> None:
    """Put every first-layer unit above zero on every training row: none is dead.

    Both factors of a unit's contribution start at a similar size, so that both learn at a
    similar pace under plain SGD too.
    """
    weights, intercepts = parameters.window_weights, parameters.window_intercepts
    n_windows = len(parameters.readout_weights) // weights.shape[-1]
    if parameters.hidden_weights:
        n_windows = len(parameters.hidden_weights[0]) // weights.shape[-1]
    # The sum over the units has a curvature that grows with their number and their
    # size, which bounds the step that plain SGD can take.
    height = 3 / np.sqrt(n_windows * weights.shape[-1])
    if not training.train_window_bias:
        weights[:] = height * rng.uniform(0.9, 1.1, size=weights.shape)
    else:  # half of it in the intercept: a missing letter is above zero too
        weights[:] = height / 2 * rng.uniform(0.9, 1.1, size=weights.shape)
        intercepts[:] = height / 2
        if training.rows.letters is None:
            lowest = _lowest_window_sums(weights, training.rows)
            intercepts[:] = np.maximum(height / 2, height / 2 - lowest)
    _start_upper_layers(parameters, rng)
    if not parameters.hidden_weights:
        readout = parameters.readout_weights
        readout[:] = rng.choice([-0.3, 0.3], size=readout.shape)


def _lowest_window_sums(weights: NDArray, rows: GuideRows) -> NDArray:
    n_sets, k, A, U = weights.shape
    lowest = np.full((n_sets, U), np.inf)
    for chunk in chunks(len(rows)):
        values = rows.take(chunk).values
        positions = values.reshape(len(values), -1, A)
        windows = np.lib.stride_tricks.sliding_window_view(positions, k, axis=1)
        for window in range(windows.shape[1]):
            at = window if n_sets > 1 else 0
            sums = np.einsum("nak,kau->nu", windows[:, window], weights[at])
            lowest[at] = np.minimum(lowest[at], sums.min(axis=0))
    return lowest


def _start_normal(
    parameters: Parameters, training: TrainingSet, rng: np.random.RandomState
) -> None:
    """Draw every weight from N(0, 1): the start of the first loop."""
    parameters.window_weights[:] = rng.normal(size=parameters.window_weights.shape)
    for weights in parameters.hidden_weights:
        weights[:] = rng.normal(size=weights.shape)
    parameters.readout_weights[:] = rng.normal(size=parameters.readout_weights.shape)


def _start_least_squares(
    parameters: Parameters, training: TrainingSet, rng: np.random.RandomState
) -> None:
    """Write the additive least-squares fit, exactly, as a network of width 1.

    The coefficients of a position are shifted to be at least 0, the shift goes to the
    intercept, and every read-out weight is 1.
    """
    weights = parameters.window_weights
    n_sets, k, A, U = weights.shape
    letters = training.rows.letters
    if (
        letters is None
        or (n_sets, k, U) != (letters.shape[1], 1, 1)
        or parameters.hidden_weights
        or training.output != "identity"
    ):
        raise ValueError(
            "init='least_squares' needs one-hot input, output='identity', "
            "window_size=1, n_units=1, share_weights=False and no hidden layer"
        )
    if not training.train_window_bias and (letters >= A).any():
        raise ValueError(
            "init='least_squares' needs window_bias=True where letters are missing"
        )
    gram, moment = _normal_equations(training, n_sets, A)
    coefficients = np.linalg.lstsq(gram, moment, rcond=None)[0]
    by_position = coefficients[1 : 1 + n_sets * A].reshape(n_sets, A)
    parameters.readout_weights[:n_sets] = 1
    parameters.readout_weights[n_sets:] = coefficients[1 + n_sets * A :]
    if training.train_window_bias:  # a missing letter, which adds 0, is a level too
        shift = np.minimum(by_position.min(axis=1), 0)
        weights[:, 0, :, 0] = by_position
        parameters.window_intercepts[:, 0] = -shift
    else:
        shift = by_position.min(axis=1)
        weights[:, 0, :, 0] = by_position - shift[:, None]
    parameters.intercept[:] = coefficients[0] + shift.sum()


def _normal_equations(
    training: TrainingSet, n_positions: int, n_channels: int
) -> tuple[NDArray, NDArray]:
    """Return X'WX and X'Wy of [1, one-hot, covariates], a chunk of rows at a time."""
    size = 1 + n_positions * n_channels + training.rows.covariates.shape[1]
    gram, moment = np.zeros((size, size)), np.zeros(size)
    one_hot = np.vstack([np.eye(n_channels), np.zeros(n_channels)])
    for chunk in chunks(len(training.rows)):
        rows = training.rows.take(chunk)
        n = len(rows.letters)
        design = np.hstack(
            [np.ones((n, 1)), one_hot[rows.letters].reshape(n, -1), rows.covariates]
        )
        weighted = design * training.weight[chunk, None]
        gram += weighted.T @ design
        moment += weighted.T @ training.y[chunk]
    return gram, moment


STARTS: dict[str, Callable[[Parameters, TrainingSet, np.random.RandomState], None]] = {
    "active": _start_active,
    "he": _start_he,
    "normal": _start_normal,
    "least_squares": _start_least_squares,
}


def starting_parameters(
    architecture: Architecture,
    init: str,
    training: TrainingSet,
    rng: np.random.RandomState,
) -> NDArray[np.float32]:
    """Return the flat vector that training starts from.

    Parameters
    ----------
    architecture : Architecture
    init : str
        A key of ``STARTS``, or "auto": "active" for an additive network, else "he".
    training : TrainingSet
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_parameters,), float32
    """
    if init == "auto":
        init = "active" if architecture.is_additive else "he"
    theta = np.zeros(architecture.n_parameters)
    STARTS[init](architecture.split(theta), training, rng)
    return theta.astype(np.float32)
