"""Files -> tables of text: every cell as it is written."""

import io
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionDtype

from sgrna_estimator.datasets.opening import (
    DECOMPRESSORS,
    OpenFile,
    StrPath,
    TableError,
    open_file,
)
from sgrna_estimator.datasets.parquet import valid_parquet
from sgrna_estimator.datasets.text import TextTable

# What pandas makes of text by default, from version 3 on without objects on the way.
_TEXT = pd.Series(dtype=str).dtype
_TEXT_TYPES = {pa.large_string(): _TEXT} if isinstance(_TEXT, ExtensionDtype) else {}

_SPREADSHEETS = (".xlsx", ".xls", ".ods")


def read_table(path: StrPath) -> pd.DataFrame:
    """Return a table as it is written, every column as text (of Parquet, or numbers).

    Parameters
    ----------
    path : path
        As in `load_table`.

    Returns
    -------
    DataFrame
        With distinct column names, white space in them collapsed, and at least one row.

    Raises
    ------
    TableError
        If it cannot be read as a table.
    """
    try:
        with open_file(path) as file:
            check_ending(file.ending, _PARSERS)
            frame = _PARSERS[file.ending](file)
        if not len(frame):
            raise TableError("has a header but no rows")
        frame.columns = pd.Index(clean_names(map(str, frame.columns)))
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    return frame


def check_ending(ending: str, endings: Iterable[str]) -> None:
    """Refuse a file whose name does not tell a format that can be read.

    Parameters
    ----------
    ending : str
        Of the name, without that of a compression.
    endings : iterable of str
        Those that can be read.

    Raises
    ------
    TableError
        If it is another.
    """
    if ending in _SPREADSHEETS:
        raise TableError("is a spreadsheet: save it as CSV UTF-8, or as text with tabs")
    if ending not in endings:
        raise TableError(
            f"is not a table by its name, which must end in {', '.join(endings)}, "
            f"and may then have one of {', '.join(DECOMPRESSORS)}"
        )


def clean_names(names: Iterable[str]) -> list[str]:
    """Return the names of a table's columns, each of which has one of its own.

    Parameters
    ----------
    names : iterable of str
        As they are written; what has no name gets one.

    Returns
    -------
    list of str

    Raises
    ------
    TableError
        If a name is there twice.
    """
    cleaned = [
        clean_name(name) or f"Unnamed: {index}" for index, name in enumerate(names)
    ]
    check_distinct(cleaned, "has two columns {!r}")
    return cleaned


def clean_name(name: str) -> str:
    """Return the name of a column with each run of white space as one space.

    Parameters
    ----------
    name : str
        As it is written.

    Returns
    -------
    str
    """
    return " ".join(name.split())


def check_distinct(names: Iterable[str], message: str) -> None:
    """Refuse a name that is there twice.

    Parameters
    ----------
    names : iterable of str
        What must be distinct.
    message : str
        What is wrong, with ``{!r}`` for the name.

    Raises
    ------
    TableError
        With this message.
    """
    for name, count in Counter(names).items():
        if count > 1:
            raise TableError(message.format(name))


def _parse_text(file: OpenFile, separator: str | None) -> pd.DataFrame:
    """Return the cells of a text table, as they are written."""
    table = TextTable(file, separator)
    tables = [rows.table for rows in table.rows()]
    if not tables:
        return pd.DataFrame(columns=table.schema.names)
    # Of many columns, each in many pieces, everything takes as many times as long.
    whole = pa.concat_tables(tables).combine_chunks()
    frame = whole.to_pandas(use_threads=False, types_mapper=_TEXT_TYPES.get).astype(str)
    return frame.set_axis(table.schema.names, axis="columns")


def _parse_parquet(file: OpenFile) -> pd.DataFrame:
    content = file.read()
    with valid_parquet():
        frame = pd.read_parquet(io.BytesIO(content))
        if frame.index.name is not None:
            frame = frame.reset_index()
        return frame.apply(_as_text_unless_numbers)


_PARSERS: dict[str, Callable[[OpenFile], pd.DataFrame]] = {
    ".tsv": partial(_parse_text, separator="\t"),
    ".csv": partial(_parse_text, separator=","),
    ".txt": partial(_parse_text, separator=None),
    ".parquet": _parse_parquet,
}


def is_numbers(column: pd.Series) -> bool:
    """Tell whether a column holds numbers already, as those of Parquet may.

    Parameters
    ----------
    column : Series
        Of a table that `read_table` returned.

    Returns
    -------
    bool
    """
    return pd.api.types.is_numeric_dtype(column.dtype)


def as_text(column: pd.Series) -> pd.Series:
    """Return a column as text, missing cells as empty text.

    Parameters
    ----------
    column : Series
        Of any type.

    Returns
    -------
    Series of str
    """
    missing = column.isna()
    return column.astype(object).where(~missing, "").map(str).astype(str)


def _as_text_unless_numbers(column: pd.Series) -> pd.Series:
    return column if is_numbers(column) else as_text(column)
