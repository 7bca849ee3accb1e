"""What a scorer adds up: a network or a linear model, as tables and as it is.

Both forms take letter codes of the positions that the model sees and the covariates of
the model's matrix. Tables know letters only. As it is, a model knows everything that
an encoder makes of a position: a letter, several in part, or none.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator.network.fitted import Network
from sgrna_estimator.network.rows import GuideRows
from sgrna_estimator.scoring.words import (
    Words,
    choose_words,
    tables_of_numbers,
    tables_of_rows,
    units_of_windows,
)
from sgrna_estimator.sequences.one_hot_matrix import one_hot_dense

_FLOAT_BYTES = 4
_CACHE_LINE = 64

# Guides that share a pass over the tables: their sums still fit into the cache.
_GUIDES_A_BATCH = 8192

# How large tables may become by words longer than windows. Those of numbers are to
# stay in the second-level cache. Those of rows come from the third, which is slow
# beyond some size: several networks share it.
_FAST_NUMBERS = 2**19
_FAST_ROWS = 3 * 2**24


class Model(Protocol):
    """A model as it is."""

    def predict(self, codes: NDArray[np.uint8], covariates: Floats) -> Floats:
        """Return z of guides from letter codes (n, n_kept) of any kind."""


class Tables(Protocol):
    """A model as tables of words."""

    def predict(self, codes: NDArray[np.uint8], covariates: Floats) -> Floats:
        """Return z of guides from codes (n_kept, n) of letters."""

    @property
    def n_bytes(self) -> int:
        """Memory of the tables."""


@dataclass(frozen=True, eq=False, repr=False)
class Part:
    """One of the models whose predictions a scorer averages.

    Attributes
    ----------
    model : Model
    tables : Tables or None
        None if they would be too large.
    output : {"identity", "logistic"}
        What makes a prediction of z.
    """

    model: Model
    tables: Tables | None
    output: str


# Models as they are ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class LinearModel:
    """Coefficients of letters.

    Attributes
    ----------
    of_codes : ndarray of shape (n_kept, n_codes)
        What each code adds at each position.
    of_covariates : ndarray of shape (n_covariates,)
    intercept : float
    """

    of_codes: Floats
    of_covariates: Floats
    intercept: float

    def predict(self, codes: NDArray[np.uint8], covariates: Floats) -> Floats:
        """Return z of guides from letter codes (n, n_kept) of any kind."""
        z = self.of_codes[np.arange(len(self.of_codes)), codes].sum(axis=1)
        return z + covariates @ self.of_covariates + self.intercept


@dataclass(frozen=True, eq=False, repr=False)
class NetworkModel:
    """A network that reads letter codes.

    Attributes
    ----------
    network : Network
    weights : ndarray of shape (n_codes, n_letters)
        What the columns of a position hold for each code.
    covariates : ndarray of shape (n_covariates,), intp
        Which of the matrix's covariates the network has as its first, second, ...
    """

    network: Network
    weights: Floats
    covariates: Ints

    def standardise(self, covariates: Floats) -> NDArray[np.float32]:
        """Return the covariates as the network reads them."""
        known = self.network.standardisation
        deviations = covariates[:, self.covariates] - known.covariate_mean
        return (deviations / known.covariate_scale).astype(np.float32)

    def predict(self, codes: NDArray[np.uint8], covariates: Floats) -> Floats:
        """Return z of guides from letter codes (n, n_kept) of any kind."""
        n_letters = self.weights.shape[1]
        letters, values = None, None
        if self.weights[codes[codes >= n_letters]].any():
            values = one_hot_dense(codes, self.weights, np.float32)
        else:
            letters = np.minimum(codes, np.uint8(n_letters))  # which says "none"
        rows = GuideRows(letters, values, self.standardise(covariates))
        return self.network.read_out_rows(rows)


# Tables ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class NumberTables:
    """Tables of a model without hidden layers: a number for each word.

    Attributes
    ----------
    words : Words
    numbers : ndarray of shape (n_words * n_rows,), float32
        In the unit of z, each word's about its mean.
    of_covariates : ndarray of shape (n_covariates,)
        In the order of the matrix.
    intercept : float
    """

    words: Words
    numbers: NDArray[np.float32]
    of_covariates: Floats
    intercept: float

    @property
    def n_bytes(self) -> int:
        """Memory of the tables."""
        return self.numbers.nbytes

    def predict(self, codes: NDArray[np.uint8], covariates: Floats) -> Floats:
        """Return z of guides from codes (n_kept, n) of letters."""
        from sgrna_estimator.scoring import kernels

        sums = np.zeros(codes.shape[1], dtype=np.float32)
        words = self.words
        kernels.add_numbers(codes.ravel(), words.bits, words.steps, self.numbers, sums)
        z = sums.astype(np.float64)
        z += self.intercept
        if covariates.shape[1]:
            z += covariates @ self.of_covariates
        return z


@dataclass(frozen=True, eq=False, repr=False)
class RowTables:
    """Tables of a network with hidden layers: a row of its first one for each word.

    Attributes
    ----------
    words : Words
    rows : ndarray of shape (n_groups * n_words * n_rows * N_COLUMNS,), float32
        With the intercepts of the layer in those of the first word.
    n_columns : int
        Units of the layer, filled up to whole groups.
    model : NetworkModel
        What standardises covariates and z.
    of_covariates : ndarray of shape (n_covariates, n_columns), float32
        What covariates add to the first hidden layer.
    weights : list of ndarray, float32
        Of each hidden layer but the first, and of the read-out.
    intercepts : list of ndarray, float32
        Of each hidden layer but the first.
    """

    words: Words
    rows: NDArray[np.float32]
    n_columns: int
    model: NetworkModel
    of_covariates: NDArray[np.float32]
    weights: list[NDArray[np.float32]]
    intercepts: list[NDArray[np.float32]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", _aligned(self.rows))

    def __reduce__(self) -> tuple:
        # Made anew, because a copy lies elsewhere in memory.
        return RowTables, tuple(getattr(self, each.name) for each in fields(self))

    @property
    def n_bytes(self) -> int:
        """Memory of the tables."""
        return self.rows.nbytes

    def predict(self, codes: NDArray[np.uint8], covariates: Floats) -> Floats:
        """Return z of guides from codes (n_kept, n) of letters."""
        from sgrna_estimator.scoring import kernels

        z = np.zeros(codes.shape[1], dtype=np.float32)
        for rows in gen_batches(len(z), _GUIDES_A_BATCH):
            sums = self._first_layer(codes[:, rows], covariates[rows])
            for weights, intercepts in zip(
                self.weights[:-1], self.intercepts, strict=True
            ):
                sums = np.maximum(sums, 0, out=sums) @ weights
                sums += intercepts
            kernels.read_out(sums.ravel(), self.weights[-1], z[rows])
        network = self.model.network
        known = network.standardisation
        beta0 = float(network.parameters.intercept[0])
        return (z.astype(np.float64) + beta0) * known.target_scale + known.target_mean

    def _first_layer(
        self, codes: NDArray[np.uint8], covariates: Floats
    ) -> NDArray[np.float32]:
        """Return what goes into the first hidden layer, (n, n_columns)."""
        from sgrna_estimator.scoring import kernels

        words, n_columns = self.words, self.n_columns
        sums = np.empty((codes.shape[1], n_columns), dtype=np.float32)
        kernels.add_rows(
            codes.ravel(),
            words.bits,
            words.steps,
            self.rows,
            n_columns // kernels.N_COLUMNS,
            sums.ravel(),
        )
        if len(self.of_covariates):
            sums += self.model.standardise(covariates) @ self.of_covariates
        return sums


# Making them ----------------------------------------------------------------------------


def linear_part(
    coefficients: Floats,
    of_covariates: Floats,
    intercept: float,
    weights: Floats,
    output: str,
    most_bytes: int,
) -> Part:
    """Return a linear model, as it is and as tables.

    Parameters
    ----------
    coefficients : ndarray of shape (n_kept, n_letters)
    of_covariates : ndarray of shape (n_covariates,)
    intercept : float
    weights : ndarray of shape (n_codes, n_letters)
        What the columns of a position hold for each code.
    output : {"identity", "logistic"}
    most_bytes : int
        How large tables may be.

    Returns
    -------
    Part
    """
    of_codes = coefficients @ weights.T
    model = LinearModel(of_codes, of_covariates, intercept)
    words = choose_words(
        *(len(coefficients), 1, weights.shape[1], _FLOAT_BYTES),
        fast_bytes=_FAST_NUMBERS,
        most_bytes=most_bytes,
    )
    tables = None
    if words is not None:
        padded = np.zeros((len(coefficients), 1 << words.bits))
        padded[:, : weights.shape[1]] = coefficients
        tables = _number_tables(words, padded.__getitem__, of_covariates, intercept)
    return Part(model, tables, output)


def network_part(
    network: Network,
    covariates: Ints,
    weights: Floats,
    most_bytes: int,
    n_parts: int,
) -> Part:
    """Return a network, as it is and as tables.

    Parameters
    ----------
    network : Network
    covariates : ndarray of shape (n_covariates,), intp
        Which of the matrix's covariates the network has as its first, second, ...
    weights : ndarray of shape (n_codes, n_letters)
        What the columns of a position hold for each code.
    most_bytes : int
        How large tables may be.
    n_parts : int
        How many networks there are.

    Returns
    -------
    Part
    """
    model = NetworkModel(network, weights, covariates)
    tables: Tables | None
    if network.architecture.hidden_layer_sizes:
        tables = _row_tables(model, most_bytes, _FAST_ROWS // n_parts)
    else:
        tables = _network_numbers(model, most_bytes)
    return Part(model, tables, network.output)


def _network_numbers(model: NetworkModel, most_bytes: int) -> NumberTables | None:
    network = model.network
    sizes, parameters = network.architecture, network.parameters
    known = network.standardisation
    words = choose_words(
        *(network.columns.n_positions, sizes.window_size, sizes.n_channels),
        _FLOAT_BYTES,
        fast_bytes=_FAST_NUMBERS,
        most_bytes=most_bytes,
    )
    if words is None:
        return None
    readout = parameters.readout_weights.astype(np.float64) * known.target_scale
    n_units = sizes.n_windows * sizes.n_units
    of_units = readout[:n_units].reshape(sizes.n_windows, sizes.n_units)
    slopes = readout[n_units:] / known.covariate_scale
    of_covariates = np.zeros(len(slopes))
    of_covariates[model.covariates] = slopes
    intercept = float(parameters.intercept[0]) * known.target_scale + known.target_mean
    intercept -= float(slopes @ known.covariate_mean)
    units = _units_of(network)
    return _number_tables(
        words,
        lambda window: units(window) @ of_units[window],
        of_covariates,
        intercept,
    )


def _number_tables(
    words: Words,
    of_window: Callable[[int], Floats],
    of_covariates: Floats,
    intercept: float,
) -> NumberTables:
    numbers = tables_of_numbers(words, of_window)
    # What a word adds to every guide must not take digits from what it adds to some.
    means = numbers.mean(axis=1)
    numbers = (numbers - means[:, np.newaxis]).astype(np.float32)
    return NumberTables(
        words, numbers.ravel(), of_covariates, intercept + float(means.sum())
    )


def _row_tables(
    model: NetworkModel, most_bytes: int, fast_bytes: int
) -> RowTables | None:
    from sgrna_estimator.scoring.kernels import N_COLUMNS

    network = model.network
    sizes, parameters = network.architecture, network.parameters
    n_hidden = sizes.hidden_layer_sizes[0]
    n_columns = -(-n_hidden // N_COLUMNS) * N_COLUMNS
    words = choose_words(
        *(network.columns.n_positions, sizes.window_size, sizes.n_channels),
        _FLOAT_BYTES * n_columns,
        fast_bytes=fast_bytes,
        most_bytes=most_bytes,
    )
    if words is None:
        return None
    first, n_units = parameters.hidden_weights[0], sizes.n_windows * sizes.n_units
    of_units = first[:n_units].reshape(sizes.n_windows, sizes.n_units, n_hidden)
    units = _units_of(network)
    rows = tables_of_rows(
        words, lambda window: units(window) @ of_units[window], n_hidden, N_COLUMNS
    )
    intercepts = _with_zeros(parameters.hidden_intercepts[0], 0, n_columns)
    rows[:, 0] += intercepts.reshape(-1, 1, N_COLUMNS)
    weights = [*parameters.hidden_weights[1:], parameters.readout_weights]
    return RowTables(
        words,
        rows.ravel(),
        n_columns,
        model,
        _with_zeros(first[n_units:], 1, n_columns),
        [_with_zeros(weights[0], 0, n_columns), *weights[1:]],
        parameters.hidden_intercepts[1:],
    )


def _units_of(network: Network) -> Callable[[int], Floats]:
    """Return what gives the activations of the units of a window, row by row."""
    parameters = network.parameters

    def of_set(number: int) -> Floats:
        return units_of_windows(
            parameters.window_weights[number], parameters.window_intercepts[number]
        )

    if not network.architecture.share_weights:
        return of_set
    of_all = of_set(0)
    return lambda window: of_all


def _aligned(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return numbers that start where a cache line does, so that few rows straddle two.

    A sixth of the time of scoring, on the machine where it was measured.
    """
    offset = -values.ctypes.data % _CACHE_LINE
    if not offset:
        return values
    room = np.empty(values.nbytes + _CACHE_LINE, dtype=np.uint8)
    offset = -room.ctypes.data % _CACHE_LINE
    aligned = room[offset : offset + values.nbytes].view(values.dtype)
    aligned[:] = values
    return aligned


def _with_zeros(values: NDArray, axis: int, length: int) -> NDArray:
    """Return the values with zeros up to a length along an axis."""
    missing = [(0, 0)] * values.ndim
    missing[axis] = (0, length - values.shape[axis])
    return np.pad(values, missing)
