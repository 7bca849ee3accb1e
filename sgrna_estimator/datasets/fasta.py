"""FASTA -> rows of titles and sequences, a block at a time."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from sgrna_estimator.datasets.opening import TableError
from sgrna_estimator.datasets.text import LineBlocks, Readable, Reject, Rows

# Column of what follows the ">" of a record.
FASTA_TITLE = "title"


class FastaTable:
    """FASTA: a sequence a record, on one line or several.

    Parameters
    ----------
    file : Readable
    sequence : str
        What the column of the sequences is called.

    Attributes
    ----------
    schema : pyarrow.Schema
        What follows the ``>``, and the sequence.

    Raises
    ------
    TableError
        If it is empty, or not FASTA.
    """

    def __init__(self, file: Readable, sequence: str) -> None:
        self.schema = pa.schema(
            [(FASTA_TITLE, pa.large_string()), (sequence, pa.large_string())]
        )
        self._blocks = LineBlocks(file)
        self._first = self._read()
        while not self._first.strip() and not self._blocks.at_end:
            self._first = self._read()
        self._first = self._first.lstrip("\n")
        if not self._first:
            raise TableError("is empty")
        if not self._first.startswith(">"):
            raise TableError(
                "is not FASTA: it must begin with '>', but it begins with "
                f"{self._first[0]!r}"
            )

    def rows(self, reject: Reject | None = None) -> Iterator[Rows]:
        """Yield records that follow each other.

        Parameters
        ----------
        reject : callable, default=None
            Not needed.

        Yields
        ------
        Rows

        Raises
        ------
        TableError
            If it is not text.
        """
        text, n_rows = self._first, 0
        self._first = ""
        while True:
            stop = len(text) if self._blocks.at_end else text.rfind("\n>") + 1
            records = text[1:stop].split("\n>") if stop else []
            parts = [record.partition("\n") for record in records]
            if parts:
                titles = pa.array([title for title, _, _ in parts], pa.large_string())
                lines = [lines.replace("\n", "") for _, _, lines in parts]
                table = pa.table(
                    [titles, pa.array(lines, pa.large_string())], schema=self.schema
                )
                yield Rows(table, np.arange(n_rows + 1, n_rows + len(parts) + 1))
            n_rows += len(parts)
            if self._blocks.at_end:
                return
            text = text[stop:] + self._read()

    def _read(self) -> str:
        text = self._blocks.read().decode()
        return text.replace("\r\n", "\n").replace("\r", "\n")
