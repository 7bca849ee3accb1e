"""Files -> tables of text: every cell as it is written.

pyarrow reads text tables, several times as fast as the csv module of Python, which reads
the headers and has the last word: on every table that pyarrow refuses, and on every one
that the two would read differently.
"""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

StrPath = str | os.PathLike[str]
_SPREADSHEETS = (".xlsx", ".xls", ".ods")
_NOT_UTF8 = "is not a table of text in UTF-8 (spreadsheets call it CSV UTF-8)"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_QUOTE = ord('"')
_RETURN, _NEWLINE = ord("\r"), ord("\n")
_ROWS_A_BLOCK = 10_000


class TableError(ValueError):
    """A table that cannot be used, with the file, row and column at fault.

    The message is one line. Data rows count from 1, the first row after the header;
    blank lines do not count.
    """


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
        name, data = _decompress(Path(path).name, _read_bytes(Path(path)))
        parse = _PARSERS.get(PurePath(name).suffix.lower())
        if PurePath(name).suffix.lower() in _SPREADSHEETS:
            raise TableError(
                "is a spreadsheet: save it as CSV UTF-8, or as text with tabs"
            )
        if parse is None:
            raise TableError(
                f"is not a table by its name, which must end in {', '.join(_PARSERS)}, "
                f"and may then have one of {', '.join(['.zip', *_DECOMPRESSORS])}"
            )
        frame = parse(data)
        if not len(frame):
            raise TableError("has a header but no rows")
        frame.columns = pd.Index(
            clean_name(str(name)) or f"Unnamed: {index}"
            for index, name in enumerate(frame.columns)
        )
        check_distinct(frame.columns, "has two columns {!r}")
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    return frame


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


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise TableError("is a folder, not a table")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TableError("there is no such file") from None
    except OSError as error:
        raise TableError(f"cannot be read ({error.strerror})") from None


def _decompress(name: str, data: bytes) -> tuple[str, bytes]:
    """Return the name and the content of the file that is inside, if any is."""
    stem, suffix = PurePath(name).stem, PurePath(name).suffix.lower()
    try:
        if suffix == ".zip":
            return _unzip(data)
        if suffix in _DECOMPRESSORS:
            return stem, _DECOMPRESSORS[suffix](data)
    except ModuleNotFoundError as error:
        raise TableError(f"reading {suffix} needs the package {error.name}") from None
    except _DECOMPRESSION_ERRORS:
        raise TableError(f"is not a valid {suffix} file") from None
    return name, data


def _unzip(data: bytes) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        # macOS adds a shadow of each file in a folder of its own.
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not member.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise TableError(f"must hold one file, but holds {len(members)}")
        return members[0].filename, archive.read(members[0])


def _decompress_zstandard(data: bytes) -> bytes:
    zstandard = import_module("zstandard")  # optional, as it is for pandas
    try:
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    except zstandard.ZstdError:
        raise EOFError from None


_DECOMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zst": _decompress_zstandard,
}

# What these raise on bytes of another kind, cut short or encrypted.
_DECOMPRESSION_ERRORS = (
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


class _Lines:
    """The lines of a text in UTF-8, with their ends, one after the other.

    Attributes
    ----------
    offset : int
        Where the next line begins, in bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.offset = 0
        self._matches = _LINE.finditer(data)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        match = next(self._matches)
        self.offset = match.end()
        return match[0].decode()


def _parse_text(data: bytes, separator: str | None) -> pd.DataFrame:
    """Return the cells of a text table, as they are written."""
    data = data.removeprefix(codecs.BOM_UTF8)
    _check_text(data)
    if separator is None:
        first_line = next(_Lines(data), "")
        separator = "," if "," in first_line and "\t" not in first_line else "\t"
    lines = _Lines(data)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = next(filter(_is_not_blank, reader), None)
        if header is None:
            raise TableError("is empty")
        start = lines.offset
        rows = _read_rows(reader)
        first = next(rows, None)
        if first is None:
            return pd.DataFrame(columns=header)
        if len(first) == len(header) + 1 and first[-1]:
            header = ["", *header]  # R does not name a column of row names
        frame = _parse_fast(data, start, separator, len(header))
        if frame is None:
            frame = _parse_exactly(chain([first], rows), len(header))
    except csv.Error as error:
        raise TableError(f"is not a table: {error} (line {reader.line_num})") from None
    return frame.set_axis(header, axis="columns")


def _check_text(data: bytes) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise TableError(_NOT_UTF8) from None
    if "\0" in text:
        raise TableError(_NOT_UTF8)


def _is_not_blank(cells: list[str]) -> bool:
    return len(cells) > 1 or bool("".join(cells).strip())


def _read_rows(reader: Any) -> Iterator[list[str]]:
    """Yield the data rows that are not blank, each of which must be on one line.

    A quote that is not closed would make one cell of the rows that follow.
    """
    n_rows, line = 0, reader.line_num
    try:
        for cells in reader:
            if reader.line_num > line + 1:
                break
            line = reader.line_num
            if _is_not_blank(cells):
                yield cells
                n_rows += 1
    except csv.Error:
        if reader.line_num <= line + 1:
            raise
    if reader.line_num > line + 1:
        raise TableError(
            f"is not a table: in data row {n_rows + 1} a quoted cell has a line break, "
            "or its quote is not closed"
        )


def _parse_exactly(rows: Iterator[list[str]], n_columns: int) -> pd.DataFrame:
    """Return rows as a table, or say which is too long or too short."""
    blocks: list[pd.DataFrame] = []
    while block := list(islice(rows, _ROWS_A_BLOCK)):
        _check_widths(block, n_columns, sum(map(len, blocks)))
        columns = dict(enumerate(zip(*block, strict=True)))
        blocks.append(pd.DataFrame(columns, dtype=str))
    return pd.concat(blocks, ignore_index=True)


def _check_widths(block: list[list[str]], n_columns: int, n_before: int) -> None:
    for row, cells in enumerate(block, start=n_before + 1):
        if len(cells) != n_columns:
            raise TableError(
                f"is not a table: data row {row} has not as many fields as the header "
                f"({len(cells)}, not {n_columns})"
            )


def _parse_fast(
    data: bytes, start: int, separator: str, n_columns: int
) -> pd.DataFrame | None:
    """Return the rows that begin at a byte, which follows a line end, as a table.

    None if pyarrow refuses them, or would not read them as the csv module does.
    """
    # From the line end on: of what it begins with, pyarrow drops a byte-order mark.
    rows = pa.py_buffer(data).slice(start - 1)
    quote: str | bool | None = False
    if data.find(b'"', start) >= 0:
        quote = _find_quote_character(np.frombuffer(rows, dtype=np.uint8), separator)
    if quote is None:
        return None
    names = [str(number) for number in range(n_columns)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(rows),
            arrow_csv.ReadOptions(column_names=names, use_threads=False),
            arrow_csv.ParseOptions(delimiter=separator, quote_char=quote),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,  # it is checked already
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame = table.to_pandas(use_threads=False).astype(str)
    if n_columns == 1:  # pyarrow knows an empty line, but not a blank one
        frame = frame[[bool(cell.strip()) for cell in frame["0"]]]
    return frame.reset_index(drop=True)


def _find_quote_character(
    text: np.ndarray, separator: str
) -> Literal['"', False] | None:
    """Return what pyarrow must take for the quotes of rows, to read them as csv does.

    Both let a quote open a cell only where the cell begins. Where no quote does, all
    are letters like any other. What may follow the quote that closes a cell they do
    not agree on: a table in which anything but the end of the cell does is not for
    pyarrow, nor is one with a line break between quotes, which has to be refused.

    Parameters
    ----------
    text : ndarray of uint8
        The rows, beginning with a line end.
    separator : str
        One character.

    Returns
    -------
    str, False or None
        False if no cell is quoted, None if the rows are not for pyarrow.
    """
    quotes = np.flatnonzero(text == _QUOTE)
    is_border = np.zeros(256, dtype=bool)
    is_border[[_RETURN, _NEWLINE, ord(separator)]] = True
    if not is_border[text[quotes - 1]].any():
        return False
    # A quote within a quoted cell is doubled: it closes the cell, and opens it again.
    is_border[_QUOTE] = True
    opening, closing = quotes[0::2], quotes[1::2]
    are_paired = (
        len(opening) == len(closing)
        and is_border[text[opening - 1]].all()
        and is_border[text.take(closing + 1, mode="clip")].all()
    )
    if not are_paired:
        return None
    line_ends = np.flatnonzero((text == _RETURN) | (text == _NEWLINE))
    are_quoted = np.searchsorted(quotes, line_ends) % 2 == 1
    return None if are_quoted.any() else '"'


def _parse_parquet(data: bytes) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(data))
    except (OSError, ValueError):
        raise TableError("is not a valid .parquet file") from None
    if frame.index.name is not None:
        frame = frame.reset_index()
    return frame.apply(_as_text_unless_numbers)


_PARSERS: dict[str, Callable[[bytes], pd.DataFrame]] = {
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
