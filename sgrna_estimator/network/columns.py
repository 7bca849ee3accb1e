"""Columns of a matrix -> positions of a sequence, and covariates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sgrna_estimator.sequences.column_names import _channels_from_names

_DNA_CHANNELS = 4


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
