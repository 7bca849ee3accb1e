"""Files -> tables of text: every cell as it is written."""

import bz2
import csv
import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path, PurePath

import pandas as pd

StrPath = str | os.PathLike[str]


_SPREADSHEETS = (".xlsx", ".xls", ".ods")


_NOT_UTF8 = "is not a table of text in UTF-8 (spreadsheets call it CSV UTF-8)"


_ROWS_A_BLOCK = 100_000


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
            _clean_name(str(name)) or f"Unnamed: {index}"
            for index, name in enumerate(frame.columns)
        )
        _check_distinct(frame.columns, "has two columns {!r}")
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    return frame


def _clean_name(name: str) -> str:
    return " ".join(name.split())


def _check_distinct(names: Iterable[str], message: str) -> None:
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


def _parse_text(data: bytes, separator: str | None) -> pd.DataFrame:
    """Return the cells of a text table, as they are written."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(_NOT_UTF8) from None
    if "\0" in text:
        raise TableError(_NOT_UTF8)
    if not text.strip():
        raise TableError("is empty")
    if separator is None:
        first_line = next(iter(io.StringIO(text, newline="")))
        separator = "," if "," in first_line and "\t" not in first_line else "\t"
    # No translation of line ends: a quoted name may hold a carriage return.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = (row for row in reader if len(row) > 1 or "".join(row).strip())
    blocks: list[pd.DataFrame] = []
    try:
        header = next(rows)
        while block := list(islice(rows, _ROWS_A_BLOCK)):
            if not blocks and len(block[0]) == len(header) + 1 and block[0][-1]:
                header = ["", *header]  # R does not name a column of row names
            _check_widths(block, len(header), sum(map(len, blocks)))
            columns = dict(enumerate(zip(*block, strict=True)))
            blocks.append(pd.DataFrame(columns, dtype=str))
    except csv.Error as error:
        raise TableError(f"is not a table: {error} (line {reader.line_num})") from None
    if not blocks:
        return pd.DataFrame(columns=header)
    return pd.concat(blocks, ignore_index=True).set_axis(header, axis="columns")


def _check_widths(block: list[list[str]], n_columns: int, n_before: int) -> None:
    for row, cells in enumerate(block, start=n_before + 1):
        if len(cells) != n_columns:
            raise TableError(
                f"is not a table: data row {row} has not as many fields as the header "
                f"({len(cells)}, not {n_columns})"
            )


def _parse_parquet(data: bytes) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(data))
    except ImportError:
        raise TableError("reading .parquet needs the package pyarrow") from None
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


def _is_numbers(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype)


def _as_text(column: pd.Series) -> pd.Series:
    """Return a column as text, missing cells as empty text."""
    missing = column.isna()
    return column.astype(object).where(~missing, "").map(str).astype(str)


def _as_text_unless_numbers(column: pd.Series) -> pd.Series:
    return column if _is_numbers(column) else _as_text(column)
