"""Columns of a matrix -> positions of a sequence, and rows in the form the kernels read.

The network is told nothing but the matrix: which columns belong to one position is read
off here, and a one-hot matrix is turned back into one letter code a position, which is
what makes the first layer fast.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sgrna_estimator.network.columns import Columns

# Rows handled at once: few enough to stay in cache as floats, enough to hide the calls.
CHUNK_ROWS = 8192

# What joblib maps into memory is read-only, for which numba would compile again.
_AS_COMPILED: tuple[Literal["C"], Literal["W"], Literal["E"]] = ("C", "W", "E")
_MOST_LETTERS = 254  # letter codes are bytes, and one code says "none"

# What matrices may hold: 0 and 1 in a byte are not made eight times as large.
MATRIX_TYPES = (np.float64, np.float32, np.uint8, np.int8, np.bool_)


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

    def subset(self, rows: slice | NDArray[np.intp]) -> "GuideRows":
        """Return some of the rows, in the same form."""
        return GuideRows(
            None if self.letters is None else self.letters[rows],
            None if self.values is None else self.values[rows],
            self.covariates[rows],
        )

    def take(self, rows: slice | NDArray[np.intp]) -> Any:
        """Return these rows as the kernels' ``Rows``."""
        from sgrna_estimator.network.kernels import Rows

        covariates = as_compiled(self.covariates[rows])
        if self.letters is not None:
            no_values = np.empty((0, 0), dtype=np.float32)
            if isinstance(rows, slice):
                letters = as_compiled(self.letters[rows])
            else:  # several times as fast as self.letters[rows]
                letters = self.letters.take(rows, axis=0)
            return Rows(letters, no_values, covariates, True)
        values = self.values[rows]
        if sparse.issparse(values):
            values = values.toarray()
        values = np.require(values, np.float32, _AS_COMPILED)
        return Rows(np.empty((0, 0), dtype=np.uint8), values, covariates, False)


def as_compiled(numbers: NDArray) -> NDArray:
    """Return numbers in the form that kernels are compiled for, copied if they must be.

    Parameters
    ----------
    numbers : ndarray
        Of any order, read-only, or mapped from a file.

    Returns
    -------
    ndarray
        In C order, and writable.
    """
    return np.require(numbers, requirements=_AS_COMPILED)


def chunks(n_rows: int) -> Iterator[slice]:
    """Yield slices that cover ``n_rows`` rows."""
    for start in range(0, n_rows, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, n_rows))


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
    if sparse.issparse(sequence) and sequence.dtype.itemsize == 1:
        sequence = sequence.astype(np.float32)  # in which entries of one cell add up
    values = sequence.data if sparse.issparse(sequence) else sequence
    largest = np.finfo(np.float32).max
    is_wide = values.dtype == np.float64
    if is_wide and values.size and max(values.max(), -values.min()) > largest:
        raise ValueError(f"X must not exceed {largest:.3g}: the network is float32")
    return GuideRows(None, sequence, covariates)


def _letters(X: Any, columns: Columns) -> NDArray[np.uint8] | None:
    """Return the letter codes of a one-hot matrix, or None if it is not one-hot."""
    from sgrna_estimator.network.one_hot_kernels import (
        letters_from_csr,
        letters_from_dense,
    )

    A = columns.n_channels
    if A > _MOST_LETTERS:
        return None
    letters = np.empty((X.shape[0], columns.n_positions), dtype=np.uint8)
    if sparse.issparse(X):
        indices, indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
        data = _bytes_unsigned(as_compiled(X.data))
        one_hot = letters_from_csr(indptr, indices, data, A, letters)
        return letters if one_hot else None
    for rows in chunks(X.shape[0]):
        block = _bytes_unsigned(as_compiled(X[rows]))
        if not letters_from_dense(block, A, letters[rows]):
            return None
    return letters


def as_values(rows: GuideRows, n_channels: int) -> NDArray:
    """Return rows as numbers.

    Parameters
    ----------
    rows : GuideRows
    n_channels : int
        Letters a position.

    Returns
    -------
    ndarray of shape (n_guides, n_positions, n_channels)
        Zeros where no letter is known.
    """
    if rows.letters is not None:
        one_hot = np.vstack([np.eye(n_channels), np.zeros(n_channels)])
        return one_hot[np.minimum(rows.letters, n_channels)]
    values = rows.take(slice(None)).values
    return values.reshape(len(values), -1, n_channels)


def _bytes_unsigned(numbers: NDArray) -> NDArray:
    """Return numbers of one byte as uint8: 0 and 1 are the same, others are others."""
    return numbers.view(np.uint8) if numbers.dtype.itemsize == 1 else numbers
