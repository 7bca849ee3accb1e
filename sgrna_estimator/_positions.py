"""Columns of a matrix -> positions of a sequence, and rows in the form the kernels read.

The network is told nothing but the matrix: which columns belong to one position is read
off here, and a one-hot matrix is turned back into one letter code a position, which is
what makes the first layer fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Rows handled at once: few enough to stay in cache as floats, enough to hide the calls.
CHUNK_ROWS = 8192
_DNA_CHANNELS = 4
# What joblib maps into memory is read-only, for which numba would compile again.
_AS_COMPILED: tuple[Literal["C"], Literal["W"]] = ("C", "W")
_MOST_LETTERS = 254  # letter codes are bytes, and one code says "none"


@dataclass(frozen=True)
class Columns:
    """Which columns are what.

    Attributes
    ----------
    n_positions, n_channels : int
        The sequence columns are ``n_positions`` runs of ``n_channels``.
    sequence : ndarray of intp or None
        Their numbers; None when they are all the columns there are.
    covariates : ndarray of intp
        The numbers of the columns that bypass the windows.
    """

    n_positions: int
    n_channels: int
    sequence: NDArray[np.intp] | None
    covariates: NDArray[np.intp]


def group_columns(
    n_features: int,
    feature_names: NDArray | None,
    n_channels: int | str,
    covariates: Any,
    window_size: int,
) -> Columns:
    """Say which columns belong to one position and which are covariates.

    Parameters
    ----------
    n_features : int
    feature_names : ndarray of str or None
        With names such as ``"7_A"`` the part before the last underscore is the position.
    n_channels : int or "auto"
        Columns a position. ``"auto"`` reads it from the names, else takes 4, else lets
        each column be a position, which only makes sense without windows.
    covariates : None, or a sequence of int or str
        Column numbers or names.
    window_size : int

    Returns
    -------
    Columns

    Raises
    ------
    ValueError
        If a covariate does not exist or is named twice, if the columns left are not a
        whole number of positions, or if they are fewer positions than a window has.
    """
    taken = _find_columns(covariates, n_features, feature_names)
    kept = np.setdiff1d(np.arange(n_features), taken)
    names = None if feature_names is None else feature_names[kept]
    if not len(kept):
        raise ValueError(
            f"all {n_features} columns are covariates: the network needs at least one "
            "column of sequence"
        )
    channels = _channels_from_names(names) if n_channels == "auto" else n_channels
    if channels is None:
        if len(kept) % _DNA_CHANNELS == 0:
            channels = _DNA_CHANNELS
        elif window_size == 1:
            channels = 1
    if channels is None or len(kept) % int(channels):
        raise ValueError(
            f"{len(kept)} sequence columns are not a whole number of positions of "
            f"{channels or _DNA_CHANNELS} channels: name the columns that are not "
            "sequence in covariates=, or set n_channels="
        )
    n_positions = len(kept) // int(channels)
    if n_positions < window_size:
        raise ValueError(
            f"window_size={window_size} is more than the {n_positions} positions "
            f"({len(kept)} columns of {channels} channels)"
        )
    return Columns(
        n_positions, int(channels), kept if len(taken) else None, np.asarray(taken)
    )


def _find_columns(
    covariates: Any, n_features: int, feature_names: NDArray | None
) -> NDArray[np.intp]:
    if covariates is None:
        return np.empty(0, dtype=np.intp)
    if isinstance(covariates, str | bytes) or not np.iterable(covariates):
        raise ValueError(
            f"covariates must be a list of column names or numbers, got {covariates!r}"
        )
    numbers = []
    known = [] if feature_names is None else feature_names.tolist()
    for column in covariates:
        if isinstance(column, str):
            if not known:
                raise ValueError(
                    f"covariates names the column {column!r}, but X has no column "
                    "names: give the column's number, or a DataFrame "
                    "(set_output(transform='pandas') in a pipeline)"
                )
            if column not in known:
                raise ValueError(
                    f"covariates names the column {column!r}, which X does not have"
                )
            numbers.append(known.index(column))
        elif isinstance(column, int | np.integer) and not isinstance(column, bool):
            if not -n_features <= column < n_features:
                raise ValueError(
                    f"covariates names column {column}, but X has {n_features} columns"
                )
            numbers.append(int(column) % n_features)
        else:
            raise ValueError(
                f"covariates must hold column names or numbers, got {column!r}"
            )
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"covariates names a column twice: {list(covariates)!r}")
    return np.asarray(numbers, dtype=np.intp)


def _channels_from_names(names: NDArray | None) -> int | None:
    if names is None:
        return None
    positions = [str(name).rpartition("_")[0] for name in names]
    runs = {len(list(run)) for _, run in groupby(positions)}
    n_positions = len(set(positions))
    # One run of equal length a position; "x0, x1, ..." and "feature_0, ..." are no such
    # names: what comes before their last underscore is the same for all.
    regular = len(runs) == 1 and n_positions * max(runs) == len(positions)
    return runs.pop() if regular and n_positions > 1 and max(runs) > 1 else None


@dataclass(frozen=True)
class GuideRows:
    """Rows in the form the kernels read, taken out a chunk at a time.

    Attributes
    ----------
    letters : ndarray of shape (n_rows, n_positions), uint8, or None
        The channel that is 1 at each position, ``n_channels`` where none is. None when
        the matrix is not one-hot.
    values : ndarray or CSR array of shape (n_rows, n_positions * n_channels), or None
        The matrix itself when it is not one-hot.
    covariates : ndarray of shape (n_rows, n_covariates), float32
        As the network reads them: standardised.
    """

    letters: NDArray[np.uint8] | None
    values: Any
    covariates: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.covariates)

    def take(self, rows: slice | NDArray[np.intp]) -> Any:
        """Return these rows as the kernels' ``Rows``."""
        from sgrna_estimator._network_kernels import Rows

        covariates = np.ascontiguousarray(self.covariates[rows])
        if self.letters is not None:
            no_values = np.empty((0, 0), dtype=np.float32)
            letters = np.ascontiguousarray(self.letters[rows])
            return Rows(letters, no_values, covariates, True)
        values = self.values[rows]
        if sparse.issparse(values):
            values = values.toarray()
        values = np.require(values, np.float32, _AS_COMPILED)
        return Rows(np.empty((0, 0), dtype=np.uint8), values, covariates, False)


def chunks(n_rows: int) -> Iterator[slice]:
    """Yield slices that cover ``n_rows`` rows."""
    for start in range(0, n_rows, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, n_rows))


def split_covariates(X: Any, columns: Columns) -> tuple[Any, NDArray[np.float64]]:
    """Return the sequence columns and the covariates, as they are in X."""
    if columns.sequence is None:
        return X, np.empty((X.shape[0], 0))
    covariates = X[:, columns.covariates]
    first, last = columns.sequence[0], columns.sequence[-1]
    if last - first + 1 == len(columns.sequence):  # a view, not a copy
        sequence = X[:, first : last + 1]
    else:
        sequence = X[:, columns.sequence]
    if sparse.issparse(covariates):
        covariates = covariates.toarray()
    return sequence, np.asarray(covariates, dtype=np.float64)


def as_guide_rows(
    sequence: Any, covariates: NDArray[np.float32], columns: Columns
) -> GuideRows:
    """Return the rows, as letter codes if the sequence columns are one-hot.

    Parameters
    ----------
    sequence : ndarray or CSR matrix of shape (n_rows, n_positions * n_channels)
    covariates : ndarray of shape (n_rows, n_covariates), float32
    columns : Columns

    Returns
    -------
    GuideRows

    Raises
    ------
    ValueError
        If a value does not fit into float32.
    """
    letters = _letters(sequence, columns)
    if letters is not None:
        return GuideRows(letters, None, covariates)
    values = sequence.data if sparse.issparse(sequence) else sequence
    largest = np.finfo(np.float32).max
    if values.size and max(values.max(), -values.min()) > largest:
        raise ValueError(f"X must not exceed {largest:.3g}: the network is float32")
    return GuideRows(None, sequence, covariates)


def _letters(X: Any, columns: Columns) -> NDArray[np.uint8] | None:
    """Return the letter codes of a one-hot matrix, or None if it is not one-hot."""
    from sgrna_estimator import _network_kernels as kernels

    A = columns.n_channels
    if A > _MOST_LETTERS:
        return None
    letters = np.empty((X.shape[0], columns.n_positions), dtype=np.uint8)
    if sparse.issparse(X):
        indices, indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
        data = np.require(X.data, requirements=_AS_COMPILED)
        one_hot = kernels.letters_from_csr(indptr, indices, data, A, letters)
        return letters if one_hot else None
    for rows in chunks(X.shape[0]):
        block = np.require(X[rows], requirements=_AS_COMPILED)
        if not kernels.letters_from_dense(block, A, letters[rows]):
            return None
    return letters
