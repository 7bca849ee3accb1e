"""Containers of sequences -> bytes that the kernels read, a block of guides at a time.

Most text needs no conversion: NumPy's bytes (mapped from a file, perhaps) and Arrow's
strings of one length are in memory as the kernels want them. Everything else is a list
of strings, which are joined.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._typing import Ints
from sgrna_estimator.sequences.alphabet import to_ascii
from sgrna_estimator.sequences.codes import read_texts
from sgrna_estimator.sequences.encoding import Encoding


class Bytes(NamedTuple):
    """Bytes of guides.

    Attributes
    ----------
    flat : ndarray of shape (n_guides * width,), uint8, read-only
    width : int
        Bytes from a guide to the next.
    length : int
        Bytes of these that are a guide's.
    filled : bool
        Whether text that is shorter is filled up with NUL.
    """

    flat: NDArray[np.uint8]
    width: int
    length: int
    filled: bool = False


class Source(Protocol):
    """A container of sequences."""

    def __len__(self) -> int:
        """Return the number of sequences."""

    def bytes_of(self, rows: slice) -> Bytes:
        """Return the bytes of some sequences that follow each other."""

    def codes_of(self, rows: Ints, encoding: Encoding) -> NDArray[np.uint8]:
        """Return letter codes of some sequences, or raise a `SequenceError`."""


def as_source(sequences: Any) -> Source:
    """Return sequences as a source of bytes.

    Parameters
    ----------
    sequences : Series, list, ndarray, Arrow array or one-column DataFrame

    Returns
    -------
    Source

    Raises
    ------
    TypeError, ValueError
        As `read_texts`.
    """
    if _is_bytes(sequences):
        return NumPyBytes(sequences)
    arrow = _as_arrow(sequences)
    if arrow is not None and len(arrow):
        return ArrowStrings(arrow)
    if isinstance(sequences, list | tuple) and len(sequences):
        return Strings(sequences)
    if getattr(sequences, "ndim", 0) == 1 and len(sequences):
        return Strings(sequences.tolist())  # what it holds is looked at block by block
    return Strings(read_texts(sequences))


def _is_bytes(sequences: Any) -> bool:
    if not isinstance(sequences, np.ndarray) or not sequences.size:
        return False
    return sequences.ndim == 1 and sequences.dtype.kind == "S"


@dataclass(frozen=True, eq=False)
class NumPyBytes:
    """A one-dimensional array of NumPy's bytes."""

    values: NDArray[np.bytes_]

    def __len__(self) -> int:
        return len(self.values)

    def bytes_of(self, rows: slice) -> Bytes:
        """Return the bytes of some sequences that follow each other."""
        values = np.ascontiguousarray(self.values[rows])  # no copy of a plain array
        width = values.dtype.itemsize
        return Bytes(_read_only(values.view(np.uint8)), width, width, filled=True)

    def codes_of(self, rows: Ints, encoding: Encoding) -> NDArray[np.uint8]:
        """Return letter codes of some sequences as the encoder makes them."""
        texts = read_texts(self.values[rows])
        return encoding.encode(texts)


@dataclass(frozen=True, eq=False)
class ArrowStrings:
    """An array of pyarrow's, of type ``large_string``."""

    values: Any

    def __len__(self) -> int:
        return len(self.values)

    def bytes_of(self, rows: slice) -> Bytes:
        """Return the bytes of some sequences that follow each other."""
        values = self.values[rows]
        _, ends, text = values.buffers()
        ends = np.frombuffer(ends, np.int64)[values.offset :][: len(values) + 1]
        width = int(ends[1] - ends[0])
        if values.null_count or not width or (np.diff(ends) != width).any():
            return _join(values.to_pylist())
        flat = np.frombuffer(text, np.uint8)[ends[0] : ends[-1]]
        return Bytes(_read_only(flat), width, width)

    def codes_of(self, rows: Ints, encoding: Encoding) -> NDArray[np.uint8]:
        """Return letter codes of some sequences as the encoder makes them."""
        texts = read_texts(self.values.take(rows))
        return encoding.encode(texts)


@dataclass(frozen=True, eq=False)
class Strings:
    """A list of strings, or of what should be."""

    values: list | tuple

    def __len__(self) -> int:
        return len(self.values)

    def bytes_of(self, rows: slice) -> Bytes:
        """Return the bytes of some sequences that follow each other."""
        return _join(self.values[rows])

    def codes_of(self, rows: Ints, encoding: Encoding) -> NDArray[np.uint8]:
        """Return letter codes of some sequences as the encoder makes them."""
        texts = read_texts([self.values[row] for row in rows])
        return encoding.encode(texts)


@dataclass(frozen=True, eq=False)
class LetterCodes:
    """Letter codes, (n_sequences, length)."""

    values: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.values)

    def bytes_of(self, rows: slice) -> Bytes:
        """Return the codes of some sequences that follow each other."""
        values = np.ascontiguousarray(self.values[rows])
        return Bytes(_read_only(values.ravel()), values.shape[1], values.shape[1])

    def codes_of(self, rows: Ints, encoding: Encoding) -> NDArray[np.uint8]:
        """Return the codes of some sequences, if the encoder could have made them."""
        codes = self.values[rows]
        encoding.check_codes(codes)
        return codes


def _join(texts: list | tuple) -> Bytes:
    """Return strings as bytes, each filled up with NUL to the longest."""
    try:
        # A line each: where the lines end says at once whether all are of one length.
        joined = "\n".join(texts) + "\n"
    except TypeError:
        texts = read_texts(texts)  # it may hold bytes, and says what it must not hold
        joined = "\n".join(texts) + "\n"
    encoded = _as_ascii(joined)
    width = encoded.index(b"\n") + 1
    flat = np.frombuffer(encoded, dtype=np.uint8)
    is_end = flat == ord("\n")
    if (
        len(flat) == width * len(texts)
        and np.count_nonzero(is_end) == len(texts)
        and is_end[width - 1 :: width].all()
    ):
        return Bytes(_read_only(flat), width, width - 1)
    return NumPyBytes(np.array([_as_ascii(text) for text in texts])).bytes_of(
        slice(None)
    )


def _as_ascii(text: str) -> bytes:
    """Return text as bytes, a "?" for each character that has none, a blank for NUL.

    NUL is what shorter texts are filled up with. Neither of the two is a letter.
    """
    return to_ascii(text).replace(b"\0", b" ")


def _as_arrow(sequences: Any) -> Any:
    """Return the sequences as one array of pyarrow's, if they are strings of Arrow."""
    if isinstance(sequences, pd.Series):
        dtype = sequences.dtype
        is_arrow = isinstance(dtype, pd.ArrowDtype) or (
            isinstance(dtype, pd.StringDtype) and dtype.storage == "pyarrow"
        )
        if not is_arrow:
            return None
        array: Any = sequences.array
        sequences = array.__arrow_array__()
    elif type(sequences).__module__.startswith("polars"):
        sequences = sequences.to_arrow() if hasattr(sequences, "to_arrow") else None
    if not type(sequences).__module__.startswith("pyarrow"):
        return None
    import pyarrow as pa

    if not isinstance(sequences, pa.Array | pa.ChunkedArray):
        return None
    kind = sequences.type
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if not any(is_kind(kind) for is_kind in kinds):
        return None
    large = sequences.cast(pa.large_string())
    return large.combine_chunks() if isinstance(large, pa.ChunkedArray) else large


def _read_only(flat: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a view that numba compiles for once, be the array writable or not."""
    flat = flat.view()
    flat.flags.writeable = False
    return flat
