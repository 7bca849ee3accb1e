"""Text tables -> cells as they are written, all at once or a block of lines at a time.

pyarrow reads the rows, several times as fast as the csv module of Python, which reads
the headers and has the last word: on every block that pyarrow refuses, and on every one
that the two would read differently.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Literal, NamedTuple, Protocol, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from sgrna_estimator.datasets.opening import TableError

NOT_UTF8 = "is not a table of text in UTF-8 (spreadsheets call it CSV UTF-8)"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_QUOTE = ord('"')
_RETURN, _NEWLINE = ord("\r"), ord("\n")
_ROWS_A_BLOCK = 10_000
_BYTES_A_BLOCK = 2**23

# A header that has not ended by then, or has no row below it, is taken as it is.
_MOST_BYTES_OF_A_HEAD = 2**26

# What is told of a row with too many or too few cells: its number, the cells, and why.
Reject = Callable[[int, list[str], str], object]


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, n_bytes: int = -1) -> bytes:
        """Return bytes that follow; nothing at the end only."""


class Rows(NamedTuple):
    """Rows of a table that follow each other.

    Attributes
    ----------
    table : pyarrow.Table
    numbers : ndarray of shape (n_rows,), int64
        Their data rows, counting from 1.
    """

    table: pa.Table
    numbers: NDArray[np.int64]


class LineBlocks:
    """A stream of text in UTF-8, cut where lines end.

    Parameters
    ----------
    file : Readable

    Attributes
    ----------
    at_end : bool
        Whether nothing follows what was read.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._rest = b""
        self._ahead = file.read(_BYTES_A_BLOCK)
        self._mark = codecs.BOM_UTF8
        self.at_end = False

    def read(self, before: bytes = b"") -> bytes:
        """Return lines that follow, as many as make a block or more.

        Parameters
        ----------
        before : bytes, default=b""
            What was read before, and is returned again in front of them.

        Returns
        -------
        bytes
            Nothing at the end only.

        Raises
        ------
        TableError
            If it is not text in UTF-8.
        """
        data = self._rest
        while True:
            data += self._ahead
            self._ahead = self._file.read(_BYTES_A_BLOCK)
            # A lone carriage return may be half of a line end, unless more follows.
            stop = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
            if stop or not self._ahead:
                break
        self.at_end = not self._ahead
        stop = len(data) if self.at_end else stop
        self._rest = data[stop:]
        block = data[:stop].removeprefix(self._mark)
        self._mark = b""
        _check_text(block)
        return before + block


def _check_text(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise TableError(NOT_UTF8) from None
    if b"\0" in data:
        raise TableError(NOT_UTF8)


class TextTable:
    """A text table whose rows are read a block of lines at a time.

    Parameters
    ----------
    file : Readable
    separator : str or None
        One character. None takes commas if the header has some, and no tabs.

    Attributes
    ----------
    schema : pyarrow.Schema
        The header, as it is written, and that all is text. A name is added for R's row
        names.

    Raises
    ------
    TableError
        If it is empty, or not a table.
    """

    def __init__(self, file: Readable, separator: str | None) -> None:
        self._blocks = LineBlocks(file)
        data, head = b"", None
        while head is None:
            data = self._blocks.read(data)
            is_all = self._blocks.at_end or len(data) >= _MOST_BYTES_OF_A_HEAD
            head = _read_head(data, separator, is_all)
        self.schema = pa.schema([(name, pa.large_string()) for name in head.names])
        self._first, self._head = data, head

    def rows(self, reject: Reject | None = None) -> Iterator[Rows]:
        """Yield the rows that are not blank; columns are named by their numbers.

        Parameters
        ----------
        reject : callable, default=None
            Called as ``reject(number, cells, reason)`` for each row with too many or too
            few cells, which is then left out. By default such a row is an error.

        Yields
        ------
        Rows
            One or more, all cells text.

        Raises
        ------
        TableError
            If a row has too many or too few cells, or a cell with a line break.
        """
        head = self._head
        # What pyarrow is given begins with a line end, as every block but the first.
        data, start, n_lines = self._first, head.start, 0
        self._first, n_rows = b"", 0
        while True:
            block = _Block(data, start, n_rows, n_lines, self._blocks.at_end)
            rows, n_here = _read_block(block, head.separator, len(head.names), reject)
            if len(rows.numbers):
                yield rows
            if self._blocks.at_end:
                return
            n_rows += n_here
            n_lines += _count_lines(data) - (n_lines > 0)
            data, start = self._blocks.read(b"\n"), 1


class _Head(NamedTuple):
    """A header: its names, what separates them, and where the rows begin, in bytes."""

    names: list[str]
    separator: str
    start: int


def _read_head(data: bytes, separator: str | None, is_all: bool) -> _Head | None:
    """Return the header; None if more is needed to tell, and there is more."""
    if separator is None:
        first_line = next(_Lines(data), "")
        separator = "," if "," in first_line and "\t" not in first_line else "\t"
    lines = _Lines(data)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = next(filter(_is_not_blank, reader), None)
        start = lines.offset
        first = next(_read_rows(reader, 0), None) if header else None
    except (csv.Error, TableError) as error:
        if not is_all:
            return None
        if isinstance(error, csv.Error):
            raise _not_a_table(error, reader.line_num) from None
        raise
    if first is None and not is_all:
        return None
    if header is None:
        raise TableError("is empty")
    if first and len(first) == len(header) + 1 and first[-1]:
        header = ["", *header]  # R does not name a column of row names
    return _Head(header, separator, start)


def _not_a_table(error: csv.Error, line: int) -> TableError:
    return TableError(f"is not a table: {error} (line {line})")


class _Lines:
    """The lines of a text in UTF-8, with their ends, one after the other.

    Attributes
    ----------
    offset : int
        Where the next line begins, in bytes.
    """

    def __init__(self, data: bytes, start: int = 0) -> None:
        self.offset = start
        self._matches = _LINE.finditer(data, start)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        match = next(self._matches)
        self.offset = match.end()
        return match[0].decode()


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _is_not_blank(cells: list[str]) -> bool:
    return len(cells) > 1 or bool("".join(cells).strip())


class _Block(NamedTuple):
    """Lines of a table, from a byte on that follows a line end."""

    data: bytes
    start: int
    n_rows_before: int
    n_lines_before: int
    is_last: bool


def _read_block(
    block: _Block, separator: str, n_columns: int, reject: Reject | None
) -> tuple[Rows, int]:
    """Return the rows of a block, and how many there are with those rejected."""
    n_before = block.n_rows_before
    table = _parse_fast(block.data, block.start, separator, n_columns)
    if table is not None:
        n_rows = table.num_rows
        return Rows(table, np.arange(n_before + 1, n_before + n_rows + 1)), n_rows
    lines: Iterator[str] = _Lines(block.data, block.start)
    if not block.is_last:
        # A quote that is open still is one that holds a line break.
        lines = chain(lines, ["\n"])
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        return _parse_exactly(_read_rows(reader, n_before), n_columns, n_before, reject)
    except csv.Error as error:
        n_lines = block.n_lines_before + _count_lines(block.data[: block.start])
        n_lines -= block.n_lines_before > 0
        raise _not_a_table(error, n_lines + reader.line_num) from None


def _read_rows(reader: Any, n_rows: int) -> Iterator[list[str]]:
    """Yield the data rows that are not blank, each of which must be on one line.

    A quote that is not closed would make one cell of the rows that follow.
    """
    line = reader.line_num
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


def _parse_exactly(
    rows: Iterator[list[str]], n_columns: int, n_before: int, reject: Reject | None
) -> tuple[Rows, int]:
    """Return rows as a table, and how many there are with those rejected."""
    names = [str(number) for number in range(n_columns)]
    tables = [pa.table([pa.array([], pa.large_string())] * n_columns, names=names)]
    numbers = [np.empty(0, dtype=np.int64)]
    counted = _Counted(rows)
    kept = (
        (n_before + counted.n, cells)
        for cells in counted
        if _has_width(n_before + counted.n, cells, n_columns, reject)
    )
    while block := list(islice(kept, _ROWS_A_BLOCK)):
        numbers.append(np.array([number for number, _ in block]))
        columns = zip(*(cells for _, cells in block), strict=True)
        arrays = [pa.array(cells, pa.large_string()) for cells in columns]
        tables.append(pa.table(arrays, names=names))
    return Rows(pa.concat_tables(tables), np.concatenate(numbers)), counted.n


class _Counted:
    """Rows, and how many were taken."""

    def __init__(self, rows: Iterator[list[str]]) -> None:
        self.n = 0
        self._rows = rows

    def __iter__(self) -> Iterator[list[str]]:
        for cells in self._rows:
            self.n += 1
            yield cells


def _has_width(
    number: int, cells: list[str], n_columns: int, reject: Reject | None
) -> bool:
    """Tell whether a row has a cell a column, and what to do about one that has not."""
    if len(cells) == n_columns:
        return True
    reason = f"has not as many fields as the header ({len(cells)}, not {n_columns})"
    if reject is None:
        raise TableError(f"is not a table: data row {number} {reason}")
    reject(number, cells, reason)
    return False


def _parse_fast(
    data: bytes, start: int, separator: str, n_columns: int
) -> pa.Table | None:
    """Return the rows that begin at a byte, which follows a line end, as a table.

    None if pyarrow refuses them, or would not read them as the csv module does.
    """
    if start >= len(data):
        return None
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
            arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(rows)
            ),
            arrow_csv.ParseOptions(delimiter=separator, quote_char=quote),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,  # it is checked already
            ),
        )
    except pa.ArrowInvalid:
        return None
    if n_columns == 1:  # pyarrow knows an empty line, but not a blank one
        trimmed = pc.utf8_trim_whitespace(table.column(0))
        table = table.filter(pc.not_equal(trimmed, ""))
    return table


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
