"""The language of column names: ``7_A`` is written and read here only."""

import re
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_POSITION_AND_LETTER = re.compile(r"(?P<position>[+-]?\d+)_(?P<letter>.+)")


def _numbered_positions(names: ArrayLike | None, n_channels: int) -> list[int] | None:
    """Read the number of each position from names like ``"7_A"``, if all have one.

    Parameters
    ----------
    names : array-like of str of shape (n_positions * n_channels,) or None
        Feature names.
    n_channels : int
        Columns of a position.

    Returns
    -------
    list of int of length n_positions, or None
        None if a name has no number or the columns of a position differ in theirs.
    """
    if names is None:
        return None
    matches = [_POSITION_AND_LETTER.fullmatch(name) for name in np.asarray(names)]
    numbers = [int(match["position"]) for match in matches if match]
    if len(numbers) < len(matches):
        return None
    table = np.reshape(numbers, (-1, n_channels))
    return table[:, 0].tolist() if (table == table[:, :1]).all() else None


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


Name = int | str  # of a position


_DNA = "ACGT"


_SEQUENCE_COLUMN = re.compile(r"(.*__)?[+-]?\d+_.")


def _table_of_names(columns: NDArray) -> tuple[tuple[Name, ...], str] | None:
    """Return positions and letters of names like "7_A", None if they are not such."""
    split = [str(name).rpartition("__")[2].rpartition("_") for name in columns]
    positions = list(dict.fromkeys(position for position, _, _ in split))
    letters = "".join(dict.fromkeys(letter for _, _, letter in split))
    expected = [(position, "_", letter) for position in positions for letter in letters]
    if split != expected or not re.fullmatch("[A-Z*-]{2,}", letters):
        return None
    return _as_names(positions), letters


def _places_of_names(names: tuple[Name, ...]) -> NDArray[np.intp] | None:
    """Return the places of whole numbers: 0 for 1, and -1 for -1 as there is no 0."""
    if not all(isinstance(name, int) for name in names):
        return None
    places = np.array([int(name) - (int(name) > 0) for name in names])
    return places if (np.diff(places) > 0).all() else None


def _as_names(names: Any) -> tuple[Name, ...]:
    """Return names as whole numbers if they all are, else as text."""
    texts = [str(name) for name in names]
    if all(re.fullmatch(r"[+-]?\d+", text) for text in texts):
        return tuple(int(text) for text in texts)
    return tuple(texts)
