"""Tables of guides in files -> checked columns by role."""

import difflib
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sgrna_estimator._validation import check_spellings
from sgrna_estimator.datasets.columns import (
    CellError,
    check_sequences,
    find_dates,
    find_missing,
    guess_type,
    quote,
    read_labels,
    read_numbers,
)
from sgrna_estimator.datasets.covariates import (
    as_numbers,
    found_categories,
    read_covariate,
)
from sgrna_estimator.datasets.files import (
    StrPath,
    TableError,
    as_text,
    check_distinct,
    clean_name,
    is_numbers,
    read_table,
)
from sgrna_estimator.datasets.guide_table import GuideTable, locate
from sgrna_estimator.sequences.alphabet import Alphabet, Unknown
from sgrna_estimator.sequences.codes import Align

# What other fields than tabs and commas are separated by, or those in the wrong file.
_SEPARATORS = (";", ",", "|")
_N_COLUMNS_NAMED = 20

# Roles whose columns hold labels, and what a message calls one of them.
_LABELS = {"groups": "group", "screens": "screen"}


def load_table(
    paths: StrPath | Sequence[StrPath],
    *,
    sequence: str | None,
    target: str | None = None,
    groups: str | None = None,
    screens: str | None = None,
    covariates: Sequence[str] = (),
    categories: Mapping[str, Sequence[str]] | None = None,
    alphabet: str = "ACGT",
    unknown: Unknown = "error",
    align: Align = None,
    drop_incomplete: bool = False,
) -> GuideTable:
    r"""Read guides from one or several tables, and check the columns that are needed.

    Parameters
    ----------
    paths : path or sequence of paths
        Text tables (``.tsv``, ``.csv``, or ``.txt`` with tabs or commas) in UTF-8 with
        a header, or ``.parquet``; as they are, or compressed (``.gz``, ``.bz2``,
        ``.xz``, ``.zst``, and ``.zip`` of one file). Several are put one below the
        other, and must all have the columns that are named here.
    sequence : str or None
        Column of the sequences. None reads no sequences.
    target : str or None, default=None
        Column of the measured activities, finite numbers.
    groups : str or None, default=None
        Column of the group of each guide, such as its gene.
    screens : str or None, default=None
        Column of the screen that each guide was measured in.
    covariates : sequence of str, default=()
        Columns of covariates: finite numbers, or text (a cell line, a promoter), of which
        each category is a covariate that is 1 or 0. A column with a number in it must
        hold numbers only.
    categories : mapping of str to sequence of str, default=None
        The categories that covariates of text can have, by column, such as those that a
        model was fitted with; other covariates are numbers then. By default they are
        found.
    alphabet : str, default="ACGT"
        Letters of the sequences.
    unknown : {"error", "zero", "spread"}, default="error"
        Which other characters a sequence may have.
    align : {None, "left", "right"}, default=None
        Whether sequences may have several lengths. These three are the parameters of
        `SequenceOneHotTransformer`; the sequences are checked and returned as they
        are.
    drop_incomplete : bool, default=False
        Whether to leave out the rows in which a cell of a named column is missing (empty
        or, for a number, a mark such as ``NA``), rather than to raise.
        `GuideTable.n_incomplete` is their number.

    Returns
    -------
    GuideTable
        The table and its columns by role.

    Raises
    ------
    TableError
        If a file cannot be read as a table, a column does not exist, or a cell of a
        needed column is missing or cannot be used. One line that says where, for every
        column at fault.

    Warns
    -----
    UserWarning
        If a group looks like a date that a spreadsheet made of a gene's name.

    See Also
    --------
    fetch_kim2019, fetch_crispron2021, fetch_crispra_tiling : Published tables.

    Notes
    -----
    Any run of white space in a column name, such as a line break in a quoted header,
    counts as one space: the name ``Indel read count (Day 0)`` fits a header that is
    broken before the parenthesis. A column without a name is called ``Unnamed: 0``,
    by its index; a header that is one name short, as R writes it, lacks the first.
    Cells of text tables must not have line breaks: a quote that is not closed would
    make one cell of the rows that follow.

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
    files = [os.fspath(path) for path in _as_list(paths)]
    covariates = [clean_name(name) for name in _as_list(covariates)]
    expected = None
    if categories is not None:
        expected = {clean_name(name): [*each] for name, each in categories.items()}
    named = {
        role: clean_name(name)
        for role, name in (
            ("sequence", sequence),
            ("target", target),
            ("groups", groups),
            ("screens", screens),
        )
        if name is not None
    }
    roles = [*named.items(), *(("covariate", name) for name in covariates)]
    check_distinct([name for _, name in roles], "the column {!r} has two roles")
    check_distinct(files, "the table {!r} is given twice")
    if not files:
        raise TableError("no table was given")
    frames = [read_table(file) for file in files]
    check_columns(files, [list(map(str, frame)) for frame in frames], roles)
    cells, source = _concatenate(files, frames)
    del frames
    n_rows = len(cells)
    if drop_incomplete:
        cells, source = _without_incomplete(cells, source, roles)
    known = _read_roles(
        *(cells, source, roles),
        categories=expected,
        alphabet=Alphabet(alphabet),
        unknown=unknown,
        align=align,
    )
    if "groups" in named:
        _check_groups(known[named["groups"]], source)
    frame = pd.DataFrame(
        {
            name: (known[name] if name in known else guess_type(column)).array
            for name, column in cells.items()
        }
    )
    if expected is None:
        expected = found_categories(frame[covariates])
    try:
        numbers = as_numbers(frame[covariates], expected)
    except TableError as error:
        raise TableError(f"{', '.join(files)}: {error}") from None
    by_role = {role: frame[name] for role, name in named.items()}
    return GuideTable(
        frame=frame,
        sequences=by_role.get("sequence"),
        target=by_role.get("target"),
        groups=by_role.get("groups"),
        screens=by_role.get("screens"),
        covariates=numbers if covariates else None,
        source=source,
        n_incomplete=n_rows - len(cells),
        categories=expected,
    )


def _without_incomplete(
    cells: pd.DataFrame, source: pd.DataFrame, roles: list[tuple[str, str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the rows in which a cell of a column that has a role is missing."""
    incomplete = np.zeros(len(cells), dtype=bool)
    for role, name in roles:
        is_label = role == "sequence" or role in _LABELS
        incomplete |= find_missing(cells[name], is_number=not is_label)
    if incomplete.all():
        files = ", ".join(source["file"].unique())
        raise TableError(f"{files}: a cell is missing in each of {len(cells)} rows")
    kept = np.flatnonzero(~incomplete)
    cells, source = (part.iloc[kept].reset_index(drop=True) for part in (cells, source))
    return cells, source


def _as_list(values: Any) -> list[Any]:
    return [values] if isinstance(values, str | os.PathLike) else list(values)


def check_columns(
    files: list[str], names: list[list[str]], roles: list[tuple[str, str]]
) -> None:
    """Refuse tables that lack a column, and show what they have instead.

    Parameters
    ----------
    files : list of str
        What messages call the tables.
    names : list of list of str
        The columns of each.
    roles : list of (str, str)
        What each column is needed for, and its name.

    Raises
    ------
    TableError
        If one is not there.
    """
    for file, columns in zip(files, names, strict=True):
        for role, name in roles:
            if name in columns:
                continue
            shown = ", ".join(map(quote, columns[:_N_COLUMNS_NAMED]))
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


def _concatenate(
    files: list[str], frames: list[pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put tables one below the other, and say where each row comes from."""
    lengths = [len(frame) for frame in frames]
    source = pd.DataFrame(
        {
            "file": pd.Series(files, dtype=str).repeat(lengths).array,
            "row": np.concatenate([np.arange(1, length + 1) for length in lengths]),
        }
    )
    if len(frames) == 1:  # which may have tens of thousands of columns
        return frames[0].reset_index(drop=True), source
    shared = [name for name in frames[0] if all(name in frame for frame in frames)]
    columns = {name: [frame[name] for frame in frames] for name in shared}
    for name, parts in columns.items():
        if not all(map(is_numbers, parts)):
            columns[name] = [
                as_text(part) if is_numbers(part) else part for part in parts
            ]
    stacked = {
        name: pd.concat(parts, ignore_index=True) for name, parts in columns.items()
    }
    return pd.DataFrame(stacked), source


def _read_roles(
    cells: pd.DataFrame,
    source: pd.DataFrame,
    roles: list[tuple[str, str]],
    **reading: Any,
) -> dict[Any, pd.Series]:
    """Return the columns that have a role, by name; one message for all that cannot be."""
    known, problems, last_file = {}, [], None
    for role, name in roles:
        try:
            known[name] = _read_role(cells[name], role, **reading)
        except CellError as error:
            place, file = locate(source, error.rows), source["file"][error.rows[0]]
            if file == last_file:
                place = place.removeprefix(f"{file}, ")
            problems.append(f"{place}: {error.problem}")
            last_file = file
    if problems:
        raise TableError("; ".join(problems))
    return known


def _read_role(
    column: pd.Series,
    role: str,
    *,
    categories: Mapping[str, list[str]] | None,
    alphabet: Alphabet,
    unknown: Unknown,
    align: Align,
) -> pd.Series:
    if role == "sequence":
        return check_sequences(column, alphabet, unknown, align)
    if role in _LABELS:
        return read_labels(column, _LABELS[role])
    if role == "covariate":
        return read_covariate(column, categories)
    return read_numbers(column, role)


def _check_groups(groups: pd.Series, source: pd.DataFrame) -> None:
    """Refuse a gene that is written in two ways, and doubt one that is a date."""
    role = f"the group in column {groups.name!r}"
    try:
        check_spellings(groups.unique(), role)
    except ValueError as error:
        raise TableError(f"{', '.join(source['file'].unique())}: {error}") from None
    dates = find_dates(groups)
    if dates.size:
        warnings.warn(
            f"{locate(source, dates)}: {role} looks like a "
            f"date, {groups.iloc[dates[0]]!r}: spreadsheets make dates of genes such as "
            "SEPT2 and MARCH1",
            UserWarning,
            stacklevel=3,
        )
