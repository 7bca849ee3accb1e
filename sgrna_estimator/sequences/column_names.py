"""The language of column names: ``7_A`` is written and read here only.

A column of a one-hot sequence is called ``"{position}_{letter}"``. A position is a whole
number or any other text, a letter one character. Behind a ColumnTransformer names begin
with the name of the transformer and two underscores, which say nothing here unless two
sequences are told apart by them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sgrna_estimator._typing import Ints

Name = int | str  # of a position

_COLUMN = re.compile(r"(?P<prefix>.*__)?(?P<position>.+)_(?P<letter>[A-Z*-])")
_WHOLE_NUMBER = re.compile(r"[+-]?\d+")
_N_NAMED = 5


class ColumnNamesError(ValueError):
    """Names that speak of positions, but not of whole ones.

    Parameters
    ----------
    strays : sequence of str
        The names at fault.
    """

    def __init__(self, strays: Sequence[str]) -> None:
        super().__init__(strays)
        self.strays = strays

    def __str__(self) -> str:
        shown = ", ".join(self.strays[:_N_NAMED])
        hidden = len(self.strays) - _N_NAMED
        return (
            "columns of a sequence come position by position with all letters of each, "
            f"such as 1_A, 1_C, 1_G, 1_T, but not {shown}"
            + (f" and {hidden} more" if hidden > 0 else "")
        )


@dataclass(frozen=True)
class PositionColumns:
    """What the names of sequence columns say.

    Attributes
    ----------
    positions : tuple of int or str
        Names of the positions, whole numbers if all of them are.
    letters : str
        The letters of each position, in the order of its columns.
    """

    positions: tuple[Name, ...]
    letters: str


def as_names(names: Iterable[object]) -> tuple[Name, ...]:
    """Return names of positions as whole numbers if they all are, else as text.

    Parameters
    ----------
    names : iterable
        Numbers or text.

    Returns
    -------
    tuple of int or str
    """
    texts = [str(name) for name in names]
    if all(_WHOLE_NUMBER.fullmatch(text) for text in texts):
        return tuple(int(text) for text in texts)
    return tuple(texts)


def write_names(positions: Iterable[Name], letters: str) -> list[str]:
    """Return the names of the columns of these positions.

    Parameters
    ----------
    positions : iterable of int or str
    letters : str

    Returns
    -------
    list of str
        Position after position, letter after letter.

    Examples
    --------
    >>> from sgrna_estimator.sequences.column_names import write_names
    >>> write_names([-1, 1], "AC")
    ['-1_A', '-1_C', '1_A', '1_C']
    """
    return [f"{position}_{letter}" for position in positions for letter in letters]


def write_pair(left: str, right: str) -> str:
    """Return the name of the product of two columns.

    Parameters
    ----------
    left, right : str
        Their names.

    Returns
    -------
    str
        "1A_2C" for "1_A" and "2_C", with what both begin with; "x0 x5" for other names.
    """
    first, second = _COLUMN.fullmatch(left), _COLUMN.fullmatch(right)
    if not (first and second and is_sequence_column(left)):
        return f"{left} {right}"
    return (
        f"{first['prefix'] or ''}{first['position']}{first['letter']}_"
        f"{second['position']}{second['letter']}"
    )


def is_sequence_column(name: object) -> bool:
    """Tell whether a name is that of a numbered position and a letter.

    Parameters
    ----------
    name : object
        Name of a column.

    Returns
    -------
    bool
    """
    match = _COLUMN.fullmatch(str(name))
    return bool(match and _WHOLE_NUMBER.fullmatch(match["position"]))


def read_names(names: Iterable[object]) -> PositionColumns | None:
    """Return the positions and letters that columns are called after.

    Parameters
    ----------
    names : iterable
        Names of columns that are all sequence, if any of them is.

    Returns
    -------
    PositionColumns or None
        None if the names speak of no positions, as "x0" or "GC content" do not.

    Raises
    ------
    ColumnNamesError
        If some do and others do not, or if a position has not the letters that the
        others have, or not side by side.

    Examples
    --------
    >>> from sgrna_estimator.sequences.column_names import read_names
    >>> read_names(["seq__7_A", "seq__7_C", "seq__8_A", "seq__8_C"])
    PositionColumns(positions=(7, 8), letters='AC')
    """
    texts = [str(name) for name in names]
    if not texts:
        return None
    matches = [_COLUMN.fullmatch(text) for text in texts]
    prefixes = {match["prefix"] or "" for match in matches if match}
    shared = prefixes.pop() if len(prefixes) == 1 else ""
    keys = [
        text[len(shared) :].rpartition("_")[0] if match else None
        for text, match in zip(texts, matches, strict=True)
    ]
    runs = [(key, [*run]) for key, run in groupby(range(len(texts)), keys.__getitem__)]
    letters = ["".join(texts[i][-1] for i in run) if key else "" for key, run in runs]
    commonest = max(letters, key=lambda each: (len(each) > 1, letters.count(each)))
    seen: set[str | None] = set()
    strays = []
    for (key, run), found in zip(runs, letters, strict=True):
        if len(found) < 2 or found != commonest or key in seen:
            strays += [texts[i] for i in run]
        seen.add(key)
    numbered = any(map(is_sequence_column, texts))
    if not numbered and (strays or len(runs) < 2):
        return None
    if strays:
        raise ColumnNamesError(strays)
    return PositionColumns(as_names(key for key, _ in runs), commonest)


def places_of(positions: Sequence[Name]) -> Ints | None:
    """Return how far apart numbered positions are, counted as a layout counts.

    Parameters
    ----------
    positions : sequence of int or str

    Returns
    -------
    ndarray of shape (n_positions,), intp, or None
        0 for position 1, and -1 for -1, as a layout has no 0. None if the positions have
        no numbers, or are not in order.
    """
    if not all(isinstance(name, int) for name in positions):
        return None
    places = np.array([int(name) - (int(name) > 0) for name in positions], np.intp)
    return places if (np.diff(places) > 0).all() else None
