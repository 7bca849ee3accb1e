"""Tables of guides in files: text in, checked columns out.

Files are read as the text that they hold. Nothing is taken for a missing value or a
number until the caller's choice of columns says what it should be, so that a gene
called "NA" or an identifier "007" stays what it is.
"""

import difflib
import os
import re
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._validation import name_rows
from sgrna_estimator.datasets.files import (
    StrPath,
    TableError,
    _as_text,
    _check_distinct,
    _clean_name,
    _is_numbers,
    read_table,
)
from sgrna_estimator.sequences.alphabet import Alphabet, Unknown
from sgrna_estimator.sequences.codes import (
    Align,
    SequenceError,
    encode_sequences,
    read_texts,
)

# What the programs that write tables of numbers put for a number that is missing.
_MISSING_NUMBERS = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None"]


# Roles whose columns hold labels, and what a message calls one of them.
_LABELS = {"groups": "group", "screens": "screen"}


# What other fields than tabs and commas are separated by, or those in the wrong file.
_SEPARATORS = (";", ",", "|")


_DECIMAL_COMMA = re.compile("[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")


_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"


# Ziemann, Eren and El-Osta, "Gene name errors are widespread in the scientific
# literature", Genome Biology 17, 177 (2016).
_SPREADSHEET_DATE = f"[0-9]{{1,2}}-{_MONTH}|{_MONTH}-[0-9]{{1,2}}"


_N_COLUMNS_NAMED = 20


_N_CHARACTERS_SHOWN = 60


@dataclass(frozen=True)
class GuideTable:
    """The guides of one or several tables, as `load_table` returns them.

    All parts have the same rows, numbered from 0.

    Parameters
    ----------
    frame : DataFrame of shape (n_guides, n_columns)
        All columns of one table, or those that all of several tables have.
    sequences : Series of str or None
        The sequences, as written in the table.
    target : Series of float64 or None
        The measured activities.
    groups : Series or None
        The group (gene) of each guide: whole numbers if all are, else text.
    screens : Series or None
        The screen of each guide, likewise.
    covariates : DataFrame of float64 or None
        The covariates, one column each.
    source : DataFrame with columns "file" and "row"
        The file that each guide comes from, and its data row there, counting from 1.
    """

    frame: pd.DataFrame
    sequences: pd.Series | None
    target: pd.Series | None
    groups: pd.Series | None
    screens: pd.Series | None
    covariates: pd.DataFrame | None
    source: pd.DataFrame

    def locate(self, rows: Sequence[int] | NDArray[np.intp]) -> str:
        """Return where rows of this table come from, for a message.

        Parameters
        ----------
        rows : sequence of int
            0-based row numbers.

        Returns
        -------
        str
            For example ``"screen.tsv, data rows 3 and 8"``; of several files, the
            first with such rows.
        """
        return locate(self.source, rows)


def locate(source: pd.DataFrame, rows: Sequence[int] | NDArray[np.intp]) -> str:
    """Return the file and the data rows that rows of a table come from.

    Parameters
    ----------
    source : DataFrame with columns "file" and "row"
        As in `GuideTable`.
    rows : sequence of int
        0-based row numbers.

    Returns
    -------
    str
        Only the first file with such rows is named.
    """
    places = source.iloc[list(rows)]
    file = places["file"].iloc[0]
    return f"{file}, data {name_rows(places.loc[places['file'] == file, 'row'])}"


def load_table(
    paths: StrPath | Sequence[StrPath],
    *,
    sequence: str | None,
    target: str | None = None,
    groups: str | None = None,
    screens: str | None = None,
    covariates: Sequence[str] = (),
    alphabet: str = "ACGT",
    unknown: Unknown = "error",
    align: Align = None,
) -> GuideTable:
    r"""Read guides from one or several tables, and check the columns that are needed.

    Parameters
    ----------
    paths : path or sequence of paths
        Text tables (``.tsv``, ``.csv``, or ``.txt`` with tabs or commas) in UTF-8 with
        a header, or ``.parquet``; as they are, or compressed (``.gz``, ``.bz2``,
        ``.xz``, ``.zip`` of one file, and ``.zst`` if the package zstandard is
        installed). Several are put one below the other, and must all have the columns
        that are named here.
    sequence : str or None
        Column of the sequences. None reads no sequences.
    target : str or None, default=None
        Column of the measured activities, finite numbers.
    groups : str or None, default=None
        Column of the group of each guide, such as its gene.
    screens : str or None, default=None
        Column of the screen that each guide was measured in.
    covariates : sequence of str, default=()
        Columns of covariates, finite numbers.
    alphabet : str, default="ACGT"
        Letters of the sequences.
    unknown : {"error", "zero", "spread"}, default="error"
        Which other characters a sequence may have.
    align : {None, "left", "right"}, default=None
        Whether sequences may have several lengths. These three are the parameters of
        `SequenceOneHotTransformer`; the sequences are checked and returned as they
        are.

    Returns
    -------
    GuideTable
        The table and its columns by role.

    Raises
    ------
    TableError
        If a file cannot be read as a table, a column does not exist, or a cell of a
        needed column is missing or cannot be used. One line that says where.

    Warns
    -----
    UserWarning
        If a group looks like a date that a spreadsheet made of a gene's name.

    See Also
    --------
    fetch_crispra_tiling, fetch_kim2019, fetch_doench2016 : Published tables.

    Notes
    -----
    Any run of white space in a column name, such as a line break in a quoted header,
    counts as one space: the name ``Indel read count (Day 0)`` fits a header that is
    broken before the parenthesis. A column without a name is called ``Unnamed: 0``,
    by its index; a header that is one name short, as R writes it, lacks the first.

    Groups and screens are text exactly as it is written, unless all are whole numbers.
    Other columns of `GuideTable.frame` become numbers if all their cells are numbers,
    empty or a common mark of a missing number (``NA``), and stay text otherwise.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sgrna_estimator.datasets import load_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "screen.tsv"
    ...     _ = path.write_text("seq\tgene\tlfc\nACGT\tNA\t1.5\nACGA\tTP53\t0\n")
    ...     table = load_table(path, sequence="seq", target="lfc", groups="gene")
    >>> table.target.tolist()
    [1.5, 0.0]
    >>> table.groups.tolist()
    ['NA', 'TP53']
    """
    paths = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    covariates = [covariates] if isinstance(covariates, str) else covariates
    covariates = [_clean_name(name) for name in covariates]
    named = {
        role: _clean_name(name)
        for role, name in (
            ("sequence", sequence),
            ("target", target),
            ("groups", groups),
            ("screens", screens),
        )
        if name is not None
    }
    roles = [*named.items(), *(("covariate", name) for name in covariates)]
    _check_distinct([name for _, name in roles], "the column {!r} has two roles")
    files = [os.fspath(path) for path in paths]
    _check_distinct(files, "the table {!r} is given twice")
    if not files:
        raise TableError("no table was given")
    frames = [read_table(file) for file in files]
    _check_columns(files, frames, roles)
    frame, source = _concatenate(files, frames)

    known: dict[Hashable, pd.Series] = {}
    if "sequence" in named:
        name = named["sequence"]
        _check_sequences(frame[name], source, Alphabet(alphabet), unknown, align)
        known[name] = frame[name]
    for role, what in _LABELS.items():
        if role in named:
            known[named[role]] = _check_labels(frame[named[role]], source, what)
    for role, name in roles:
        if role in ("target", "covariate"):
            known[name] = _check_numbers(frame[name], source, role)
    frame = pd.DataFrame(
        {
            name: known[name] if name in known else _guess_type(column)
            for name, column in frame.items()
        }
    )
    by_role = {role: frame[name] for role, name in named.items()}
    return GuideTable(
        frame=frame,
        sequences=by_role.get("sequence"),
        target=by_role.get("target"),
        groups=by_role.get("groups"),
        screens=by_role.get("screens"),
        covariates=frame[covariates] if covariates else None,
        source=source,
    )


def _check_columns(
    files: list[str], frames: list[pd.DataFrame], roles: list[tuple[str, str]]
) -> None:
    """Refuse tables that lack a column, and show what they have instead."""
    for file, frame in zip(files, frames, strict=True):
        for role, name in roles:
            if name in frame:
                continue
            columns = [str(column) for column in frame.columns]
            shown = ", ".join(map(_quote, columns[:_N_COLUMNS_NAMED]))
            more = f" and {len(columns) - _N_COLUMNS_NAMED} more"
            message = (
                f"{file}: there is no column {name!r} for the {role}; the columns are "
                f"{shown}{more if len(columns) > _N_COLUMNS_NAMED else ''}"
            )
            raise TableError(
                message + (_hint_of_separator(columns) or _hint_of_name(name, columns))
            )


def _hint_of_separator(columns: list[str]) -> str:
    """Say that fields seem to be separated by something else, if they do."""
    for separator in _SEPARATORS:
        if len(columns) <= 2 and any(separator in column for column in columns):
            return (
                f"; the header has {separator!r} in it: fields must be separated by "
                "commas in a .csv and by tabs in a .tsv"
            )
    return ""


def _hint_of_name(name: str, columns: list[str]) -> str:
    by_lower = {column.lower(): column for column in columns}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def _quote(value: object) -> str:
    """Return a value as it is shown in a message: quoted, and not too long."""
    text = repr(value)
    return (
        text
        if len(text) <= _N_CHARACTERS_SHOWN
        else text[: _N_CHARACTERS_SHOWN - 3] + "..."
    )


def _concatenate(
    files: list[str], frames: list[pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put tables one below the other, and say where each row comes from."""
    shared = [name for name in frames[0] if all(name in frame for frame in frames)]
    columns = {name: [frame[name] for frame in frames] for name in shared}
    for name, parts in columns.items():
        if not all(map(_is_numbers, parts)):
            columns[name] = [
                _as_text(part) if _is_numbers(part) else part for part in parts
            ]
    source = pd.DataFrame(
        {
            "file": np.repeat(files, [len(frame) for frame in frames]),
            "row": np.concatenate([np.arange(1, len(frame) + 1) for frame in frames]),
        }
    )
    stacked = {
        name: pd.concat(parts, ignore_index=True) for name, parts in columns.items()
    }
    return pd.DataFrame(stacked), source


def _check_sequences(
    column: pd.Series,
    source: pd.DataFrame,
    alphabet: Alphabet,
    unknown: Unknown,
    align: Align,
) -> None:
    try:
        encode_sequences(read_texts(column), alphabet, unknown=unknown, align=align)
    except SequenceError as error:
        raise TableError(
            f"{locate(source, error.rows)}: in the sequence column {column.name!r} "
            f"{error.expected}, but {error.found}"
        ) from None


def _check_numbers(column: pd.Series, source: pd.DataFrame, role: str) -> pd.Series:
    """Return a column as float64, all of it finite."""
    numbers = _to_floats(column)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if wrong.size:
        problems = np.array([_describe_number(value) for value in column.iloc[wrong]])
        alike = wrong[problems == problems[0]]
        raise TableError(
            f"{locate(source, alike)}: the {role} in column {column.name!r} must be a "
            f"finite number, but {problems[0]}"
        )
    return pd.Series(numbers, name=column.name)


def _describe_number(value: Any) -> str:
    """Say what is wrong with a cell that is not a finite number."""
    if pd.isna(value) or str(value).strip() in _MISSING_NUMBERS:
        return "it is missing"
    comma = _DECIMAL_COMMA.fullmatch(str(value).strip())
    return f"it is {_quote(value)}" + (", with a decimal comma" if comma else "")


def _check_labels(column: pd.Series, source: pd.DataFrame, what: str) -> pd.Series:
    """Return a column without missing cells; whole numbers as such, others as text."""
    if _is_numbers(column):
        missing, labels = column.isna(), column
    else:
        missing = column.str.strip() == ""
        are_whole = column.str.fullmatch("0|-?[1-9][0-9]{0,17}").all()
        labels = column.astype(np.int64) if are_whole else column
    if missing.any():
        raise TableError(
            f"{locate(source, np.flatnonzero(missing))}: the {what} in column "
            f"{column.name!r} is missing"
        )
    dates = np.flatnonzero(labels.astype(str).str.fullmatch(_SPREADSHEET_DATE))
    if what == "group" and dates.size:
        warnings.warn(
            f"{locate(source, dates)}: the {what} in column {column.name!r} looks like a "
            f"date, {labels.iloc[dates[0]]!r}: spreadsheets make dates of genes such as "
            "SEPT2 and MARCH1",
            UserWarning,
            stacklevel=3,
        )
    return labels


def _guess_type(column: pd.Series) -> pd.Series:
    """Return a column that nobody asked for as numbers if that loses nothing."""
    if _is_numbers(column):
        return column
    cells = column.str.strip()
    if cells.str.fullmatch("[+-]?0[0-9]+").any():  # an identifier
        return column
    if cells.str.fullmatch("[+-]?[0-9]{1,18}").all():
        return cells.astype(np.int64)
    numbers = _to_floats(cells)
    are_numbers = ~np.isnan(numbers)
    if are_numbers.any() and (are_numbers | cells.isin(_MISSING_NUMBERS)).all():
        return pd.Series(numbers, name=column.name)
    return column


def _to_floats(column: pd.Series) -> NDArray[np.float64]:
    """Return a column as float64, NaN where it holds none."""
    if _is_numbers(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.fromiter(map(_to_float, column), dtype=np.float64, count=len(column))


def _to_float(text: str) -> float:
    """Return the double nearest to a number in text (pandas does not promise that)."""
    try:
        return np.nan if "_" in text else float(text)
    except ValueError:
        return np.nan
