"""A matrix of which some columns are one-hot -> the letters of its guides."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sgrna_estimator._sklearn_private import _safe_indexing
from sgrna_estimator.sequences.column_names import (
    ColumnNamesError,
    is_sequence_column,
    read_names,
)

_N_NUCLEOTIDES = 4
_LEAST_FILLED = 0.5
_N_ROWS_TRIED = 100


def read_letters(X: Any) -> tuple[NDArray[np.uint8], int] | None:
    """Return the letter codes that one-hot columns of X hold.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame} of shape (n_guides, n_features)
        Columns called as `SequenceOneHotTransformer` calls them (``7_A``), with any
        others beside them; or, without such names, four columns side by side a position,
        with at most one 1 and otherwise 0 in each row.

    Returns
    -------
    codes : ndarray of shape (n_guides, n_positions), uint8
        ``n_letters`` where a row has no letter.
    n_letters : int
        Letters of a position.
        None instead of both if there are no such columns, if they hold fewer sequences
        than there are guides, or if half of the letters are missing, as in columns of
        pairs of letters: then they are not the whole guides.
    """
    found = _find_positions(X)
    if found is None:
        return None
    columns, n_letters = found
    part = X[:, columns] if sparse.issparse(X) else _safe_indexing(X, columns, axis=1)
    values = part.toarray() if sparse.issparse(part) else np.asarray(part)
    blocks = values.reshape(len(values), -1, n_letters)
    is_letter = ((blocks == 0) | (blocks == 1)).all(axis=2) & (blocks.sum(axis=2) == 1)
    codes = np.where(is_letter, blocks.argmax(axis=2), n_letters).astype(np.uint8)
    if n_letters ** codes.shape[1] < len(codes) or is_letter.mean() <= _LEAST_FILLED:
        return None
    return codes, n_letters


def _find_positions(X: Any) -> tuple[list[int], int] | None:
    """Return the numbers of the one-hot columns, and the letters of a position."""
    names = list(getattr(X, "columns", []))
    named = [number for number, name in enumerate(names) if is_sequence_column(name)]
    if named:
        try:
            read = read_names(names[number] for number in named)
        except ColumnNamesError:
            return None
        return None if read is None else (named, len(read.letters))
    if sparse.issparse(X):
        # one of four columns is 1: others are no sequence, and may be too many to unpack
        is_dense = X.nnz * 2 * _N_NUCLEOTIDES >= np.prod(X.shape)
        values = X.toarray() if is_dense else None
    else:
        values = np.asarray(X)
    if values is None or values.ndim != 2 or values.dtype.kind not in "biuf":
        return None
    found = [_blocks(values, start) for start in range(_N_NUCLEOTIDES)]
    columns = max(found, key=len)
    return (columns, _N_NUCLEOTIDES) if columns else None


def _blocks(values: NDArray, start: int) -> list[int]:
    """Return the columns of all blocks of four, from a column on, that are one-hot."""
    starts = range(start, values.shape[1] - _N_NUCLEOTIDES + 1, _N_NUCLEOTIDES)
    return [
        column
        for first in starts
        if _is_position(values[:_N_ROWS_TRIED, first : first + _N_NUCLEOTIDES])
        and _is_position(values[:, first : first + _N_NUCLEOTIDES])
        for column in range(first, first + _N_NUCLEOTIDES)
    ]


def _is_position(block: NDArray) -> bool:
    """Tell whether columns hold 0 and at most one 1 a row."""
    return bool(((block == 0) | (block == 1)).all() and (block.sum(axis=1) <= 1).all())
