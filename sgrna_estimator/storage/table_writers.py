"""Batches of guides -> text, FASTA or Parquet, written as they come."""

import bz2
import gzip
import lzma
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, get_args

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from sgrna_estimator.datasets.streams import as_text_column, is_text
from sgrna_estimator.storage.whole_files import COMPRESSIONS, check_separator

Kind = Literal["tsv", "csv", "fasta", "parquet"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_SEPARATORS: dict[str, str] = {"tsv": "\t", "csv": ","}
_KINDS: dict[str, Kind] = {
    ".parquet": "parquet",
    ".fasta": "fasta",
    ".fa": "fasta",
    ".fna": "fasta",
}
# Level 9, the default of the module, takes three times as long for 2 % less.
_GZIP_LEVEL = 6
_BYTES_AT_ONCE = 2**20

Write = Callable[[pa.Table], object]


class Format(NamedTuple):
    """How a table is written.

    Attributes
    ----------
    kind : {"tsv", "csv", "fasta", "parquet"}
    compression : str
        An ending such as ``".gz"``, or nothing.
    member : str
        What the file in an archive is called.
    """

    kind: Kind
    compression: str = ""
    member: str = ""


def format_of(path: Path) -> Format:
    """Return how a file of this name is written.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Format

    Raises
    ------
    OutputError
        If its ending tells no format.
    """
    compression = path.suffix.lower() if path.suffix.lower() in COMPRESSIONS else ""
    inner = path.with_suffix("") if compression else path
    kind = _KINDS.get(inner.suffix.lower())
    if kind is None or (kind == "parquet" and compression):
        separator = check_separator(path, [".parquet", ".fasta"])
        kind = "csv" if separator == "," else "tsv"
    return Format(kind, compression, inner.name)


@contextmanager
def table_writer(
    stream: IO[bytes], form: Format, schema: pa.Schema, *, is_pipe: bool = False
) -> Iterator[Write]:
    """Write batches of a table to a stream.

    Parameters
    ----------
    stream : binary file
    form : Format
        FASTA needs the title and the sequence as the first two columns; the others are
        written after the title.
    schema : pyarrow.Schema
        Of the batches.
    is_pipe : bool, default=False
        Whether what is written before an error cannot be taken back. Parquet is then
        written when it is whole.

    Yields
    ------
    callable
        Writes a batch.
    """
    with ExitStack() as stack:
        if form.kind == "parquet":
            writer = _parquet_pipe if is_pipe else _parquet_writer
            yield stack.enter_context(writer(stream, schema))
            return
        inside = stack.enter_context(_compressed(stream, form))
        if form.kind == "fasta":
            yield stack.enter_context(_fasta_writer(inside, schema))
        else:
            separator = _SEPARATORS[form.kind]
            yield stack.enter_context(_text_writer(inside, schema, separator))


@contextmanager
def _compressed(stream: IO[bytes], form: Format) -> Iterator[Any]:
    if form.compression == ".gz":
        # Without the time, so that the same table gives the same bytes.
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, stream, mtime=0) as inside:
            yield inside
    elif form.compression == ".bz2":
        with bz2.BZ2File(stream, "wb") as packed:
            yield packed
    elif form.compression == ".xz":
        with lzma.LZMAFile(stream, "wb") as squeezed:
            yield squeezed
    elif form.compression == ".zip":
        with (
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(form.member, "w", force_zip64=True) as member,
        ):
            yield member
    else:
        yield stream


@contextmanager
def _text_writer(
    stream: IO[bytes], schema: pa.Schema, separator: str
) -> Iterator[Write]:
    header = pa.table([[name] for name in schema.names], schema.names)
    begun = False

    def write(table: pa.Table) -> None:
        nonlocal begun
        if not begun:
            stream.write(_as_lines(header, separator))
        begun = True
        if len(table):
            stream.write(_as_lines(table, separator))

    yield write
    if not begun:
        write(schema.empty_table())


def _as_lines(table: pa.Table, separator: str) -> Any:
    """Return rows as text, with quotes around those cells only that need them."""
    # Of an empty chunk in front, pyarrow writes what happens to be in its memory.
    columns = [
        pa.chunked_array([chunk for chunk in column.chunks if len(chunk)], column.type)
        for column in map(_as_written, table.columns)
    ]
    table = pa.table(columns, table.schema.names)
    lines = pa.BufferOutputStream()
    options = arrow_csv.WriteOptions(
        include_header=False, delimiter=separator, quoting_style="none"
    )
    try:
        arrow_csv.write_csv(table, lines, options)
    except pa.ArrowInvalid:  # a cell needs quotes; pyarrow would give them to all
        quoted = [_quoted(column, separator) for column in columns]
        between = [separator] * (len(quoted) - 1) + ["\n"]
        return _joined(chain(*zip(quoted, between, strict=True)))
    return lines.getvalue()


def _quoted(column: pa.ChunkedArray, separator: str) -> pa.ChunkedArray:
    """Return a column as text, with quotes around cells that need them."""
    if not is_text(column.type):
        return column
    cells = column.cast(pa.large_string()).fill_null("")
    needs_quotes = pc.match_substring_regex(cells, f'[{separator}"\r\n]')
    doubled = pc.replace_substring(cells, '"', '""')
    mark = pa.scalar('"', pa.large_string())
    nothing = pa.scalar("", pa.large_string())
    quoted = pc.binary_join_element_wise(mark, doubled, mark, nothing)
    return pc.if_else(needs_quotes, quoted, cells)


def _joined(parts: Iterable[pa.ChunkedArray | str]) -> bytes:
    """Return columns, and text between them, row by row."""
    kind = pa.large_string()
    texts = [
        pa.scalar(part, kind)
        if isinstance(part, str)
        else part.cast(kind).fill_null("")
        for part in parts
    ]
    rows = pc.binary_join_element_wise(*texts, pa.scalar("", kind))
    return "".join(rows.to_pylist()).encode()


def _as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column that pyarrow writes as it should be: text or numbers."""
    kind = column.type
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    if is_text(kind) or pa.types.is_integer(kind):
        return column
    return as_text_column(column)


@contextmanager
def _fasta_writer(stream: IO[bytes], schema: pa.Schema) -> Iterator[Write]:
    title, sequence, *others = schema.names

    def write(table: pa.Table) -> None:
        named = chain(*((f" {name}=", table[name]) for name in others))
        stream.write(_joined([">", table[title], *named, "\n", table[sequence], "\n"]))

    yield write


@contextmanager
def _parquet_writer(stream: IO[bytes], schema: pa.Schema) -> Iterator[Write]:
    with parquet.ParquetWriter(stream, schema) as writer:
        yield writer.write_table


@contextmanager
def _parquet_pipe(stream: IO[bytes], schema: pa.Schema) -> Iterator[Write]:
    # Closing a writer makes a whole file of what was written before an error.
    with tempfile.TemporaryFile() as whole:
        with _parquet_writer(whole, schema) as write:
            yield write
        whole.seek(0)
        shutil.copyfileobj(whole, stream, _BYTES_AT_ONCE)
