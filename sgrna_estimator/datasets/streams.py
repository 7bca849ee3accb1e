"""Tables of guides of any size -> batches of guides, in the memory of one batch."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sgrna_estimator._validation import name_row_numbers
from sgrna_estimator.datasets.covariates import (
    as_numbers,
    find_wrong_covariates,
    read_covariate,
)
from sgrna_estimator.datasets.fasta import FastaTable
from sgrna_estimator.datasets.files import (
    as_text,
    check_distinct,
    check_ending,
    clean_name,
    clean_names,
)
from sgrna_estimator.datasets.loading import check_columns
from sgrna_estimator.datasets.opening import (
    STANDARD_INPUT,
    StrPath,
    TableError,
    is_passing,
    open_file,
)
from sgrna_estimator.datasets.parquet import ParquetTable
from sgrna_estimator.datasets.text import Reject, Rows, TextTable

_SEPARATORS = {".tsv": "\t", ".csv": ",", ".txt": None}
FASTA_ENDINGS = (".fasta", ".fa", ".fna")
_ENDINGS = (*_SEPARATORS, ".parquet", *FASTA_ENDINGS)


class Table(Protocol):
    """A table that is read once, from its beginning to its end."""

    schema: pa.Schema

    def rows(self, reject: Reject | None = None) -> Iterator[Rows]:
        """Yield rows that follow each other; tell of those that cannot be used."""


class Rejected(NamedTuple):
    """A row that cannot be used.

    Attributes
    ----------
    file : str
    row : int
        Its data row, counting from 1.
    sequence : str
    reason : str
    """

    file: str
    row: int
    sequence: str
    reason: str


@dataclass(frozen=True, eq=False)
class GuideBatch:
    """Guides that follow each other in a table.

    Attributes
    ----------
    file : str
        What messages call the table.
    numbers : ndarray of shape (n_guides,), int64
        Their data rows there, counting from 1.
    table : pyarrow.Table
        The columns that all tables have, of the types of `GuideStream.schema`.
    sequence : str
        Column of the sequences.
    covariates : list of str
        Columns of the covariates.
    categories : mapping of str to sequence of str
        The categories of those that are text.
    """

    file: str
    numbers: NDArray[np.int64]
    table: pa.Table
    sequence: str
    covariates: list[str]
    categories: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def sequences(self) -> pd.Series:
        """The sequences, in the memory of the table if they are text."""
        column = self.table.column(self.sequence)
        if is_text(column.type):
            # Where scoring wants it, so that nothing is converted.
            dtype = pd.ArrowDtype(pa.large_string())
            return pd.Series(column.cast(pa.large_string()), dtype=dtype)
        return column.to_pandas()

    def read_covariates(self) -> pd.DataFrame:
        """Return the covariates.

        Returns
        -------
        DataFrame of float64, shape (n_guides, n_covariates)

        Raises
        ------
        CellError
            If a cell is missing, no finite number or none of the categories.
        """
        columns = {
            name: read_covariate(self.column(name), self.categories)
            for name in self.covariates
        }
        read = pd.DataFrame(columns, index=range(len(self)))
        return as_numbers(read, self.categories)

    def find_wrong_covariates(self) -> list[dict[int, str]]:
        """Return which guides have covariates that cannot be used.

        Returns
        -------
        list of dict of int to str
            For each column why each of them has, by its row, counting from 0.
        """
        return [
            find_wrong_covariates(self.column(name), self.categories.get(name))
            for name in self.covariates
        ]

    def column(self, name: str) -> pd.Series:
        """Return a column as pandas has it.

        Parameters
        ----------
        name : str

        Returns
        -------
        Series
        """
        return self.table.column(name).to_pandas().rename(name)

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return some of the guides.

        Parameters
        ----------
        rows : ndarray of int
            Counting from 0.

        Returns
        -------
        GuideBatch
        """
        return type(self)(
            self.file,
            self.numbers[rows],
            self.table.take(pa.array(rows, pa.int64())),
            self.sequence,
            self.covariates,
            self.categories,
        )

    def locate(self, rows: Sequence[int] | NDArray[np.intp]) -> str:
        """Return where rows come from, for a message.

        Parameters
        ----------
        rows : sequence of int
            Counting from 0.

        Returns
        -------
        str
            For example ``"screen.tsv, data rows 3 and 8"``.
        """
        return f"{self.file}, data {name_row_numbers(self.numbers[list(rows)])}"

    def reject(self, row: int, reason: str) -> Rejected:
        """Return a row as one that cannot be used.

        Parameters
        ----------
        row : int
            Counting from 0.
        reason : str

        Returns
        -------
        Rejected
        """
        sequence = self.table.column(self.sequence)[row].as_py()
        text = "" if sequence is None else str(sequence)
        return Rejected(self.file, int(self.numbers[row]), text, reason)


class GuideStream:
    """Guides of one or several tables, one below the other, a batch at a time.

    Is to be closed, as a context.

    Parameters
    ----------
    paths : sequence of paths
        Tables as `load_table` reads them, or FASTA (``.fasta``, ``.fa``, ``.fna``) with
        a sequence a record, whose columns are ``title`` and that of the sequences.
        ``-`` is standard input; what comes through a pipe is known by what it begins
        with.
    sequence : str
        Column of the sequences.
    covariates : sequence of str, default=()
        Columns of covariates.
    categories : mapping of str to sequence of str, default={}
        The categories of those that are text.
    reject : callable, default=None
        Called with a `Rejected` for each row of a text table that has too many or too
        few cells, which is then left out. By default such a row is an error.

    Attributes
    ----------
    files : list of str
        What messages call the tables.
    names : list of str
        The columns that all tables have, in the order of the first.
    left_out : list of str
        The columns that only some have.
    schema : pyarrow.Schema
        Names and types of the former.
    is_fasta : bool
        Whether all tables are FASTA.

    Raises
    ------
    TableError
        If a table cannot be read, or has not the columns that are needed.
    """

    def __init__(
        self,
        paths: Sequence[StrPath],
        *,
        sequence: str,
        covariates: Sequence[str] = (),
        categories: Mapping[str, Sequence[str]] = MappingProxyType({}),
        reject: Callable[[Rejected], object] | None = None,
    ) -> None:
        self.sequence = clean_name(sequence)
        self.covariates = [clean_name(name) for name in covariates]
        self.categories = categories
        self._paths = [os.fspath(path) for path in paths]
        self._reject = reject
        self._passing: dict[str, Table] = {}
        self.is_fasta = True
        check_distinct(self._paths, "the table {!r} is given twice")
        self.files = [
            "standard input" if path == STANDARD_INPUT else path for path in self._paths
        ]
        roles = [
            ("sequence", self.sequence),
            *(("covariate", name) for name in self.covariates),
        ]
        check_distinct([name for _, name in roles], "the column {!r} has two roles")
        with ExitStack() as stack:
            schemas = [
                self._look_at(path, file, stack)
                for path, file in zip(self._paths, self.files, strict=True)
            ]
            check_columns(self.files, [schema.names for schema in schemas], roles)
            self._stack = stack.pop_all()
        self.schema = _shared_schema(schemas)
        self.names = self.schema.names
        left_out = dict.fromkeys(name for schema in schemas for name in schema.names)
        for name in self.names:
            del left_out[name]
        self.left_out = list(left_out)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[GuideBatch]:
        """Yield the guides in order.

        Yields
        ------
        GuideBatch
            Of one table each.

        Raises
        ------
        TableError
            If a table cannot be read further, or has no rows.
        """
        for path, file in zip(self._paths, self.files, strict=True):
            with ExitStack() as stack, _naming(file):
                table = self._passing.get(path) or self._open(path, stack)
                yield from self._read(table, file)

    def _read(self, table: "Table", file: str) -> Iterator[GuideBatch]:
        names = clean_names(table.schema.names)
        place = names.index(self.sequence)
        n_rejected = n_batches = 0

        def reject_cells(number: int, cells: list[str], reason: str) -> None:
            nonlocal n_rejected
            n_rejected += 1
            sequence = cells[place] if place < len(cells) else ""
            if self._reject is not None:
                self._reject(Rejected(file, number, sequence, reason))

        for rows in table.rows(reject_cells if self._reject else None):
            n_batches += 1
            yield GuideBatch(
                file,
                rows.numbers,
                self._conform(rows.table.rename_columns(names)),
                self.sequence,
                self.covariates,
                self.categories,
            )
        if not n_batches and not n_rejected:
            raise TableError("has a header but no rows")

    def _conform(self, table: pa.Table) -> pa.Table:
        """Return the columns that all tables have, in the types that all have."""
        columns = [
            column if column.type == kind else as_text_column(column)
            for name, kind in zip(self.names, self.schema.types, strict=True)
            for column in [table.column(name)]
        ]
        return pa.table(columns, schema=self.schema)

    def _look_at(self, path: str, file: str, stack: ExitStack) -> pa.Schema:
        """Return the columns of a table; keep one open that cannot be opened twice."""
        with _naming(file), ExitStack() as for_now:
            if is_passing(path):
                table = self._passing[path] = self._open(path, stack)
            else:
                table = self._open(path, for_now)
            self.is_fasta &= isinstance(table, FastaTable)
            names = clean_names(table.schema.names)
        return pa.schema(list(zip(names, table.schema.types, strict=True)))

    def _open(self, path: str, stack: ExitStack) -> "Table":
        file = stack.enter_context(open_file(path))
        check_ending(file.ending, _ENDINGS)
        if file.ending == ".parquet":
            return ParquetTable(stack.enter_context(file.seekable()))
        if file.ending in FASTA_ENDINGS:
            return FastaTable(file, self.sequence)
        return TextTable(file, _SEPARATORS[file.ending])


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Let errors begin with the name of the file."""
    try:
        yield
    except TableError as error:
        raise TableError(f"{file}: {error}") from None


def _shared_schema(schemas: list[pa.Schema]) -> pa.Schema:
    """Return the columns that all have; of several types, or of none, they are text."""
    types = [dict(zip(schema.names, schema.types, strict=True)) for schema in schemas]
    shared = []
    for name in types[0]:
        if all(name in types_of_one for types_of_one in types):
            kinds = {types_of_one[name] for types_of_one in types}
            kind = kinds.pop() if len(kinds) == 1 else pa.large_string()
            shared.append((name, pa.large_string() if pa.types.is_null(kind) else kind))
    return pa.schema(shared)


# Columns ------------------------------------------------------------------------------


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type is one of text.

    Parameters
    ----------
    kind : pyarrow.DataType

    Returns
    -------
    bool
    """
    types = pa.types
    return (
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
    )


def as_text_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of any type as text, missing cells as empty text.

    Parameters
    ----------
    column : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.ChunkedArray of large_string
    """
    if is_text(column.type):
        return column.cast(pa.large_string()).fill_null("")
    text = as_text(column.to_pandas())
    return pa.chunked_array([pa.array(text.tolist(), pa.large_string())])
