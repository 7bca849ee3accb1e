"""Columns of a matrix -> positions of a sequence, and covariates.

The network is told nothing but the matrix. Which of its columns belong to one position
is read off their names, and never guessed against them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator.sequences.column_names import (
    ColumnNamesError,
    Name,
    PositionColumns,
    read_names,
)

_DNA_CHANNELS = 4


@dataclass(frozen=True, eq=False)
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
    names : PositionColumns or None
        Positions and letters, where the columns have names that say so.
    covariate_names : tuple of str or None
        Names of the covariates, where the columns have names.
    """

    n_positions: int
    n_channels: int
    sequence: Ints | None
    covariates: Ints
    names: PositionColumns | None = None
    covariate_names: tuple[str, ...] | None = None

    @property
    def positions(self) -> tuple[Name, ...] | None:
        """Names of the positions, where the columns have them."""
        return None if self.names is None else self.names.positions

    @property
    def sequence_numbers(self) -> Ints:
        """Numbers of the sequence columns, (n_positions, n_channels)."""
        numbers = self.sequence
        if numbers is None:
            numbers = np.arange(self.n_positions * self.n_channels)
        return numbers.reshape(self.n_positions, self.n_channels)

    def covariate_label(self, number: int) -> str:
        """Return what a message calls one of the covariates."""
        if self.covariate_names is None:
            return f"in column {self.covariates[number]}"
        return repr(self.covariate_names[number])

    def agree_with(self, other: "Columns") -> bool:
        """Whether the other columns are these."""
        return self.n_channels == other.n_channels and np.array_equal(
            self.covariates, other.covariates
        )

    def __str__(self) -> str:
        covariates = len(self.covariates)
        if self.names is None:
            text = f"{self.n_positions} positions of {self.n_channels} columns each"
        else:
            positions = self.names.positions
            text = (
                f"{self.n_positions} positions ({positions[0]} to {positions[-1]}) of "
                f"the letters {self.names.letters}"
            )
        if covariates:
            text += f", {covariates} covariate{'s' if covariates > 1 else ''}"
        return text


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
        Columns of the matrix.
    feature_names : ndarray of str or None
        Their names. Names such as ``"7_A"`` say which columns are a position.
    n_channels : int or "auto"
        Columns a position. ``"auto"`` reads it from the names. Without such names it
        takes 4, else lets each column be a position, which only makes sense without
        windows.
    covariates : None, or a sequence of int or str
        Column numbers or names.
    window_size : int
        Positions of a window.

    Returns
    -------
    Columns

    Raises
    ------
    ValueError
        If a covariate does not exist or is named twice, if names speak of positions that
        are not whole, if the columns left are not a whole number of positions, or if
        they are fewer positions than a window has.
    """
    taken = _find_columns(covariates, n_features, feature_names)
    kept = np.setdiff1d(np.arange(n_features), taken)
    if not len(kept):
        raise ValueError(
            f"all {n_features} columns are covariates: the network needs at least one "
            "column of sequence"
        )
    names = None
    if feature_names is not None and n_channels != 1:
        names = _read_names(feature_names[kept])  # of 1, each column is on its own
    channels = _channels(n_channels, names, len(kept), window_size)
    n_positions = len(kept) // channels
    if n_positions < window_size:
        raise ValueError(
            f"window_size={window_size} is more than the {n_positions} positions "
            f"({len(kept)} columns of {channels} channels)"
        )
    return Columns(
        n_positions,
        channels,
        kept if len(taken) else None,
        taken,
        names,
        None
        if feature_names is None
        else tuple(str(name) for name in feature_names[taken]),
    )


def _read_names(names: NDArray) -> PositionColumns | None:
    try:
        return read_names(names)
    except ColumnNamesError as error:
        raise ValueError(
            f"{error}: name the columns that are not sequence in covariates= (by number "
            "where the names get lost on the way), or set n_channels=1 if no columns "
            "belong together"
        ) from None


def _channels(
    n_channels: int | str, names: PositionColumns | None, n_kept: int, window_size: int
) -> int:
    """Return the number of columns of a position."""
    if names is not None:
        if n_channels not in ("auto", len(names.letters)):
            raise ValueError(
                f"n_channels={n_channels} contradicts the names of the columns, which "
                f"are of the {len(names.letters)} letters {names.letters}"
            )
        return len(names.letters)
    if n_channels == "auto":
        channels = 1 if n_kept % _DNA_CHANNELS and window_size == 1 else _DNA_CHANNELS
    else:
        channels = int(n_channels)
    if n_kept % channels:
        raise ValueError(
            f"{n_kept} sequence columns are not a whole number of positions of "
            f"{channels} channels: name the columns that are not "
            "sequence in covariates=, or set n_channels="
        )
    return channels


def _find_columns(
    covariates: Any, n_features: int, feature_names: NDArray | None
) -> Ints:
    """Return the numbers of the covariates' columns."""
    if covariates is None:
        return np.empty(0, dtype=np.intp)
    if isinstance(covariates, str | bytes) or not np.iterable(covariates):
        raise ValueError(
            f"covariates must be a list of column names or numbers, got {covariates!r}"
        )
    known = [] if feature_names is None else feature_names.tolist()
    numbers = [_find_column(column, n_features, known) for column in covariates]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"covariates names a column twice: {list(covariates)!r}")
    return np.asarray(numbers, dtype=np.intp)


def _find_column(column: Any, n_features: int, known: list[str]) -> int:
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
        return known.index(column)
    if isinstance(column, int | np.integer) and not isinstance(column, bool):
        if not -n_features <= column < n_features:
            raise ValueError(
                f"covariates names column {column}, but X has {n_features} columns"
            )
        return int(column) % n_features
    raise ValueError(f"covariates must hold column names or numbers, got {column!r}")


def split_covariates(X: Any, columns: Columns) -> tuple[Any, Floats]:
    """Return the sequence columns and the covariates, as they are in X.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_guides, n_features)
    columns : Columns

    Returns
    -------
    sequence : {ndarray, CSR matrix} of shape (n_guides, n_positions * n_channels)
    covariates : ndarray of shape (n_guides, n_covariates)
    """
    if columns.sequence is None:
        return X, np.empty((X.shape[0], 0))
    covariates = X[:, columns.covariates]
    first, last = columns.sequence[0], columns.sequence[-1]
    if last - first + 1 == len(columns.sequence):  # a view, not a copy
        sequence = X[:, first : last + 1]
    else:
        sequence = X[:, columns.sequence]
    if sparse.issparse(covariates):
        covariates = covariates.astype(np.float64).toarray()
    return sequence, np.asarray(covariates, dtype=np.float64)
