"""Letter codes -> one-hot matrices, and back."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import DTypeLike, NDArray


def common_letters(
    codes: NDArray[np.uint8], letter_sets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return, for each position, the letters that every sequence may have there.

    Parameters
    ----------
    codes : ndarray of shape (n_sequences, n_positions), uint8
        Indices of `letter_sets`.
    letter_sets : ndarray of shape (n_codes,), int64
        The letters that each code is compatible with, as bits.

    Returns
    -------
    ndarray of shape (n_positions,), int64
        The intersections, as bits. Zero where the position is known to vary.
    """
    n_codes = len(letter_sets)
    present = np.array([np.bincount(p, minlength=n_codes) > 0 for p in codes.T])
    every = np.bitwise_or.reduce(letter_sets)
    return np.bitwise_and.reduce(np.where(present, letter_sets, every), axis=1)


def one_hot_dense(
    codes: NDArray[np.uint8], weights: NDArray, dtype: DTypeLike
) -> NDArray:
    """Return the encoding as a dense matrix.

    Parameters
    ----------
    codes : ndarray of shape (n_sequences, n_positions), uint8
        Rows of `weights`.
    weights : ndarray of shape (n_codes, n_letters)
        What the columns of a position hold for each code; codes below `n_letters` are
        the letters, one-hot.
    dtype : dtype
        Of the result.

    Returns
    -------
    ndarray of shape (n_sequences, n_positions * n_letters)
        Position after position, letter after letter.
    """
    n_letters = weights.shape[1]
    encoded = np.empty((*codes.shape, n_letters), dtype=dtype)
    for letter in range(n_letters):  # no index array of 8 bytes a letter
        np.equal(codes, letter, out=encoded[:, :, letter])
    others = codes >= n_letters
    if others.any():
        encoded[others] = weights[codes[others]]
    return encoded.reshape(len(codes), -1)


def one_hot_csr(
    codes: NDArray[np.uint8], weights: NDArray, dtype: DTypeLike
) -> sp.csr_matrix:
    """Return the encoding as a CSR matrix, without a dense one on the way.

    Parameters
    ----------
    codes : ndarray of shape (n_sequences, n_positions), uint8
        Rows of `weights`.
    weights : ndarray of shape (n_codes, n_letters)
        As in `one_hot_dense`.
    dtype : dtype
        Of the result.

    Returns
    -------
    csr_matrix of shape (n_sequences, n_positions * n_letters)
        With sorted indices and no stored zeros.
    """
    n_sequences, n_positions = codes.shape
    n_letters = weights.shape[1]
    n_columns = n_positions * n_letters
    index_dtype = sp.get_index_dtype(maxval=max(codes.size * n_letters, n_columns))
    first_columns = np.arange(0, n_columns, n_letters, dtype=index_dtype)
    if codes.max() < n_letters:
        indices = (first_columns + codes).ravel()
        stored = np.ones(codes.size, dtype=dtype)
        row_ends = np.arange(0, codes.size + 1, n_positions, dtype=index_dtype)
    else:
        # The table of non-zero weights, code after code, and where each code starts.
        table_codes, table_letters = np.nonzero(weights)
        table_starts = np.searchsorted(table_codes, np.arange(len(weights)))
        cell_codes = codes.ravel()
        cell_sizes = np.count_nonzero(weights, axis=1)[cell_codes]
        cells = np.repeat(np.arange(codes.size), cell_sizes)
        ranks = np.arange(cells.size) - (np.cumsum(cell_sizes) - cell_sizes)[cells]
        entries = table_starts[cell_codes[cells]] + ranks
        columns = first_columns[cells % n_positions] + table_letters[entries]
        indices = columns.astype(index_dtype)
        stored = weights[weights != 0][entries].astype(dtype)
        row_sizes = cell_sizes.reshape(codes.shape).sum(axis=1)
        row_ends = np.concatenate([[0], np.cumsum(row_sizes)]).astype(index_dtype)
    encoded = sp.csr_matrix(
        (stored, indices, row_ends), shape=(n_sequences, n_columns), copy=False
    )
    encoded.has_sorted_indices = True
    return encoded


def decode_positions(
    encoded: NDArray, weights: NDArray
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the code that each position of an encoding stands for.

    Parameters
    ----------
    encoded : ndarray of shape (n_sequences, n_positions, n_letters)
        The columns, by position.
    weights : ndarray of shape (n_codes, n_letters)
        What the columns of a position hold for each code. An empty position is read
        as the last code.

    Returns
    -------
    codes : ndarray of shape (n_sequences, n_positions), uint8
        The code that has weight on the same letters.
    valid : ndarray of shape (n_sequences, n_positions), bool
        Whether there is one, and with these weights.
    """
    bits = 1 << np.arange(weights.shape[1])
    code_supports = (weights != 0) @ bits
    by_support = np.argsort(code_supports, kind="stable")
    supports = (encoded != 0) @ bits
    ranks = np.searchsorted(code_supports[by_support], supports, side="right") - 1
    codes = by_support[ranks].astype(np.uint8)
    # The tolerance is that of a third in the shortest floating type.
    valid = np.isclose(encoded, weights[codes], rtol=1e-3, atol=0).all(axis=-1)
    return codes, valid
