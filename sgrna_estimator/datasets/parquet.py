"""Parquet -> rows, a batch at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from sgrna_estimator.datasets.opening import TableError
from sgrna_estimator.datasets.text import Reject, Rows

_ROWS_A_BATCH = 2**17


class ParquetTable:
    """A Parquet file. What pandas wrote as an index without a name is left out.

    Parameters
    ----------
    stream : binary file
        That can be read anywhere.

    Attributes
    ----------
    schema : pyarrow.Schema
        Of categories, the type of their labels.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        with valid_parquet():
            self._file = parquet.ParquetFile(stream, pre_buffer=False)
            schema = self._file.schema_arrow
            index = (schema.pandas_metadata or {}).get("index_columns", [])
        first = [
            number
            for number, name in enumerate(schema.names)
            if name in index and not name.startswith("__index_level_")
        ]
        others = [
            number for number, name in enumerate(schema.names) if name not in index
        ]
        self._numbers = first + others
        fields = [schema.field(number) for number in self._numbers]
        self.schema = pa.schema(
            [(field.name, _plain_type(field.type)) for field in fields]
        )

    def rows(self, reject: Reject | None = None) -> Iterator[Rows]:
        """Yield rows that follow each other.

        Parameters
        ----------
        reject : callable, default=None
            Not needed: all rows have as many cells.

        Yields
        ------
        Rows

        Raises
        ------
        TableError
            If the file is damaged.
        """
        n_rows = 0
        with valid_parquet():
            for batch in self._file.iter_batches(_ROWS_A_BATCH):
                columns = [batch.column(number) for number in self._numbers]
                table = pa.table(columns, self.schema.names).cast(self.schema)
                table.validate(full=True)  # that text is text, before it is passed on
                numbers = np.arange(n_rows + 1, n_rows + len(batch) + 1)
                n_rows += len(batch)
                if len(batch):
                    yield Rows(table, numbers)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


@contextmanager
def valid_parquet() -> Iterator[None]:
    """Say in one line that a file is damaged.

    Raises
    ------
    TableError
        Whatever was raised, because a damaged file can make pyarrow and pandas raise
        anything.
    """
    try:
        yield
    except MemoryError:
        raise TableError(
            "is not a valid .parquet file, or needs more memory than there is"
        ) from None
    except Exception:
        raise TableError("is not a valid .parquet file") from None
