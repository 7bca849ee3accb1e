"""Columns of text -> columns of sequences, numbers and labels, or why they are none.

Nothing is taken for a missing value or a number until the caller says what a column should
be, so that a gene called "NA" or an identifier "007" stays what it is.
"""

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sgrna_estimator._validation import LARGEST_TARGET
from sgrna_estimator.datasets.files import as_text, is_numbers
from sgrna_estimator.sequences.alphabet import Alphabet, Unknown
from sgrna_estimator.sequences.codes import (
    Align,
    SequenceError,
    encode_sequences,
    read_texts,
)

# What the programs that write tables of numbers put for a number that is missing.
_MISSING_NUMBERS = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None"]
_MISSING_CELLS = pa.array(_MISSING_NUMBERS, pa.large_string())
_DECIMAL_COMMA = re.compile("[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"

# Ziemann, Eren and El-Osta, "Gene name errors are widespread in the scientific
# literature", Genome Biology 17, 177 (2016).
_SPREADSHEET_DATE = f"[0-9]{{1,2}}-{_MONTH}|{_MONTH}-[0-9]{{1,2}}"
_N_CHARACTERS_SHOWN = 60


class CellError(ValueError):
    """Cells of a column that cannot be used.

    Parameters
    ----------
    problem : str
        What they must be, and what they are.
    rows : ndarray of int
        Their 0-based rows.
    """

    def __init__(self, problem: str, rows: NDArray[np.intp]) -> None:
        super().__init__(problem, rows)
        self.problem = problem
        self.rows = rows


def quote(value: object) -> str:
    """Return a value as it is shown in a message: quoted, and not too long.

    Parameters
    ----------
    value : object
        A cell, or a name.

    Returns
    -------
    str
    """
    text = repr(value)
    return (
        text
        if len(text) <= _N_CHARACTERS_SHOWN
        else text[: _N_CHARACTERS_SHOWN - 3] + "..."
    )


def check_sequences(
    column: pd.Series, alphabet: Alphabet, unknown: Unknown, align: Align
) -> pd.Series:
    """Return a column of sequences, as it is.

    Parameters
    ----------
    column : Series
        Cells of a table.
    alphabet, unknown, align
        As in `encode_sequences`.

    Returns
    -------
    Series

    Raises
    ------
    CellError
        If a sequence cannot be read.
    """
    try:
        encode_sequences(read_texts(column), alphabet, unknown=unknown, align=align)
    except SequenceError as error:
        raise CellError(
            f"in the sequence column {column.name!r} {error.expected}, but {error.found}",
            np.array(error.rows),
        ) from None
    return column


def read_numbers(column: pd.Series, role: str) -> pd.Series:
    """Return a column as finite numbers.

    Parameters
    ----------
    column : Series
        Cells of a table.
    role : str
        What a message calls one of them.

    Returns
    -------
    Series of float64

    Raises
    ------
    CellError
        If a cell is missing, no finite number or one beyond 1e150. All rows whose cells
        have what the first such cell has.
    """
    numbers = _to_floats(column)
    wrong = find_wrong_numbers(column, role, numbers)
    if wrong:
        problem = next(iter(wrong.values()))
        rows = [row for row, found in wrong.items() if found == problem]
        raise CellError(problem, np.array(rows))
    return pd.Series(numbers, name=column.name)


def holds_a_number(column: pd.Series) -> bool:
    """Return whether a cell of a column is a number.

    Parameters
    ----------
    column : Series
        Cells of a table.

    Returns
    -------
    bool
    """
    return not np.isnan(_to_floats(column)).all()


def as_cells(column: pd.Series) -> pd.Series:
    """Return a column as text without white space around it, missing cells as empty.

    Parameters
    ----------
    column : Series
        Cells of a table.

    Returns
    -------
    Series of str
    """
    return as_text(column).str.strip()


def find_missing(column: pd.Series, *, is_number: bool) -> NDArray[np.bool_]:
    """Return which cells of a column are missing.

    Parameters
    ----------
    column : Series
        Cells of a table.
    is_number : bool
        Whether they should be numbers: ``NA`` is a missing number, but may be a gene.

    Returns
    -------
    ndarray of shape (n_rows,), bool
    """
    missing = column.isna().to_numpy(dtype=bool, copy=True)
    if not is_numbers(column):
        marks = _MISSING_NUMBERS if is_number else [""]
        missing |= column.str.strip().isin(marks).to_numpy(dtype=bool)
    return missing


def find_wrong_numbers(
    column: pd.Series, role: str, numbers: NDArray[np.float64] | None = None
) -> dict[int, str]:
    """Find the cells that are missing, no finite numbers, or beyond 1e150.

    Parameters
    ----------
    column : Series
        Cells of a table.
    role : str
        What a message calls one of them.
    numbers : ndarray of float64, default=None
        The cells as numbers, if they are known.

    Returns
    -------
    dict of int to str
        What each must be, and what it is, by its 0-based row.
    """
    numbers = _to_floats(column) if numbers is None else numbers
    expected = f"the {role} in column {column.name!r} must be a finite number, but "
    rows = np.flatnonzero(~(np.abs(numbers) <= LARGEST_TARGET))
    cells = column.iloc[rows]
    return {
        int(row): expected + _describe_number(cell, numbers[row])
        for row, cell in zip(rows, cells, strict=True)
    }


def _describe_number(value: Any, number: float) -> str:
    """Say what is wrong with a cell that is not a finite number, or too large a one."""
    if np.isfinite(number):
        return f"it is {quote(value)}, beyond {LARGEST_TARGET:g}"
    if pd.isna(value) or str(value).strip() in _MISSING_NUMBERS:
        return "it is missing"
    comma = _DECIMAL_COMMA.fullmatch(str(value).strip())
    return f"it is {quote(value)}" + (", with a decimal comma" if comma else "")


def read_labels(column: pd.Series, role: str) -> pd.Series:
    """Return a column of labels: whole numbers if all are, else text as it is written.

    Parameters
    ----------
    column : Series
        Cells of a table.
    role : str
        What a message calls one of them.

    Returns
    -------
    Series

    Raises
    ------
    CellError
        If a cell is missing.
    """
    labels = column
    if is_numbers(column):
        missing = column.isna().to_numpy()
    else:
        codes, distinct = _factorize(column)
        missing = (distinct.str.strip() == "").to_numpy()[codes]
        if distinct.str.fullmatch("0|-?[1-9][0-9]{0,17}").all():
            whole = distinct.to_numpy(dtype=np.int64)
            labels = pd.Series(whole[codes], name=column.name)
    if missing.any():
        raise CellError(
            f"the {role} in column {column.name!r} is missing", np.flatnonzero(missing)
        )
    return labels


def find_dates(labels: pd.Series) -> NDArray[np.intp]:
    """Return the rows of labels that look like dates which spreadsheets make of genes.

    Parameters
    ----------
    labels : Series
        As `read_labels` returns them.

    Returns
    -------
    ndarray of int
        0-based.
    """
    if is_numbers(labels):
        return np.array([], dtype=np.intp)
    codes, distinct = _factorize(labels)
    are_dates = distinct.str.fullmatch(_SPREADSHEET_DATE).to_numpy(dtype=bool)
    return np.flatnonzero(are_dates[codes])


def _factorize(column: pd.Series) -> tuple[NDArray[np.intp], pd.Series]:
    codes, distinct = pd.factorize(column)
    return codes, pd.Series(distinct)


def guess_type(column: pd.Series) -> pd.Series:
    """Return a column that nobody asked for as numbers if that loses nothing.

    Parameters
    ----------
    column : Series
        Cells of a table.

    Returns
    -------
    Series
        Of int64 or float64, where cells that are missing are NaN, or the same.
    """
    if is_numbers(column):
        return column
    # by pyarrow: pandas takes several times as long, for which wide tables have to wait
    cells = pc.utf8_trim_whitespace(pa.array(column, pa.large_string()))
    present = pc.invert(pc.is_in(cells, _MISSING_CELLS))
    some = cells.filter(present)
    if not len(some) or np.isnan(_to_float(some[0].as_py())):  # quick for text
        return column
    numbers = _cells_to_floats(some)
    if np.isnan(numbers).any() or _any_match(some, "^[+-]?0[0-9]+$"):
        return column  # 007 is an identifier
    values: NDArray
    if len(some) == len(cells) and _all_match(cells, "^[+-]?[0-9]{1,18}$"):
        values = _cells_to_integers(cells)
    else:
        values = np.full(len(cells), np.nan)
        values[np.asarray(present)] = numbers
    return pd.Series(values, index=column.index, name=column.name)


def _any_match(cells: pa.Array, pattern: str) -> bool:
    return pc.any(pc.match_substring_regex(cells, pattern)).as_py()


def _all_match(cells: pa.Array, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(cells, pattern)).as_py()


def _to_floats(column: pd.Series) -> NDArray[np.float64]:
    """Return a column as float64, NaN where it holds none."""
    if is_numbers(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _cells_to_floats(pa.array(column, pa.large_string()))


def _cells_to_floats(cells: pa.Array) -> NDArray[np.float64]:
    """Return cells as float64, NaN where they hold none."""
    try:  # exact, as float is; pandas does not promise that
        return np.asarray(cells.cast(pa.float64()))
    except pa.ArrowInvalid:
        return np.array([_to_float(cell) for cell in cells.to_pylist()])


def _cells_to_integers(cells: pa.Array) -> NDArray[np.int64]:
    """Return cells of at most 18 digits as int64."""
    try:
        return np.array(cells.cast(pa.int64()))
    except pa.ArrowInvalid:  # a plus sign
        return np.array([int(cell) for cell in cells.to_pylist()], dtype=np.int64)


def _to_float(text: str) -> float:
    """Return the double nearest to a number in text, NaN if it is none."""
    try:
        return np.nan if "_" in text else float(text)
    except ValueError:
        return np.nan
