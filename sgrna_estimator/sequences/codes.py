"""Text to letter codes: the only module that knows about A, C, G and T.

A sequence becomes a row of small integers, one a position, which index the symbols of
an `Alphabet`: first its letters, then the ambiguity codes, then the symbol of an
unknown letter, then "no letter here" (``Alphabet.absent``, for a position that an
aligned shorter sequence lacks).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._validation import name_rows
from sgrna_estimator.sequences.alphabet import _FOREIGN, Alphabet, Unknown, to_ascii

Align = Literal["left", "right"] | None


class SequenceError(ValueError):
    """Sequences that cannot be read, with the rows at fault.

    Parameters
    ----------
    expected : str
        What a sequence must be.
    found : str
        What the first of the rows holds instead.
    rows : sequence of int
        All rows at fault, counting from 0 as `DataFrame.iloc` does, so that a reader of
        files can say where they come from. The message counts them from 1, as it
        does positions.
    """

    def __init__(self, expected: str, found: str, rows: Sequence[int]) -> None:
        super().__init__(expected, found, rows)
        self.expected = expected
        self.found = found
        self.rows = rows

    def __str__(self) -> str:
        return f"{self.expected}, but {self.found} in {name_rows(self.rows)}"


def read_texts(X: Any) -> list[str]:
    """Return the sequences that a container holds.

    Parameters
    ----------
    X : Series, Index, list, tuple, ndarray or one-column DataFrame
        Strings, of Python, NumPy, pandas, polars or pyarrow. Bytes are read as ASCII.

    Returns
    -------
    list of str
        As they are written.

    Raises
    ------
    TypeError
        If it is not a container of values in a given order.
    ValueError
        If it is one string, is empty or has several columns.
    SequenceError
        If a value is missing, is not text or is empty.
    """
    values = _list_values(X)
    if not values:
        raise ValueError(
            "Found no sequences (0 sample(s)), while a minimum of 1 is required"
        )
    try:
        "".join(values)  # the quickest check that every value is text
    except TypeError:
        values = [_decode_bytes(value) for value in values]
        missing = pd.isna(np.fromiter(values, dtype=object, count=len(values)))
        _refuse(np.flatnonzero(missing), "there is a missing value")
        other = [row for row, value in enumerate(values) if not isinstance(value, str)]
        if other:
            value = values[other[0]]
            _refuse(other, f"there is {value!r} ({type(value).__name__})")
    if not all(values):
        empty = [row for row, value in enumerate(values) if not value]
        _refuse(empty, "there is an empty string")
    return values


def _list_values(X: Any) -> list:
    if isinstance(X, str | bytes):
        raise ValueError(
            f"X must be several sequences, got the single string {X!r}: put it in a "
            "list"
        )
    if len(getattr(X, "shape", (0,))) == 2:
        X = _only_column(X)
    if isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype.kind == "S":
        X = np.char.decode(X, "latin-1")
    if isinstance(X, list | tuple):
        return list(X)
    if len(getattr(X, "shape", (0,))) == 1:
        for method in ("tolist", "to_list"):  # NumPy and pandas, polars
            if hasattr(X, method):
                return getattr(X, method)()
    if hasattr(X, "to_pylist"):  # pyarrow
        return X.to_pylist()
    raise TypeError(
        "X must be a list, a Series, a one-dimensional array or a one-column DataFrame "
        f"of sequences, got {type(X).__name__}"
    )


def _only_column(X: Any) -> Any:
    if X.shape[1] != 1:
        columns = list(getattr(X, "columns", []))
        raise ValueError(
            f"X must hold one column of sequences, got {X.shape[1]} columns"
            + (f" {columns}: select one" if columns else "")
        )
    if isinstance(X, np.ndarray):
        return X[:, 0]
    if hasattr(X, "iloc"):  # pandas
        return X.iloc[:, 0]
    if hasattr(X, "to_series"):  # polars
        return X.to_series()
    return X.column(0) if hasattr(X, "column") else X  # pyarrow


def _decode_bytes(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _refuse(rows: Sequence[int] | NDArray, found: str, expected: str = "") -> None:
    """Raise a `SequenceError` if there are rows at fault."""
    if len(rows):
        expected = expected or "every sequence must be a non-empty string"
        raise SequenceError(expected, found, [int(row) for row in rows])


def encode_sequences(
    texts: list[str],
    alphabet: Alphabet,
    *,
    unknown: Unknown = "error",
    align: Align = None,
    length: int | None = None,
) -> NDArray[np.uint8]:
    """Return the letter codes of sequences.

    Parameters
    ----------
    texts : list of str
        As `read_texts` returns them.
    alphabet : Alphabet
        The letters and their codes.
    unknown : {"error", "zero", "spread"}, default="error"
        Whether to refuse characters outside the alphabet, to take all of them (but not
        blanks) as unknown letters, or to take the ambiguity codes.
    align : {None, "left", "right"}, default=None
        The end at which sequences of several lengths are lined up.
    length : int or None, default=None
        Number of positions. None takes the longest sequence's.

    Returns
    -------
    ndarray of shape (n_sequences, length), uint8
        Indices of ``alphabet.symbols``; ``alphabet.absent`` where an aligned sequence
        has no letter.

    Raises
    ------
    SequenceError
        If lengths differ from `length` (without `align`) or exceed it, or if a
        character cannot be read.

    Examples
    --------
    >>> from sgrna_estimator.sequences.alphabet import Alphabet
    >>> from sgrna_estimator.sequences.codes import encode_sequences
    >>> encode_sequences(["ACGT", "uuga"], Alphabet("ACGT"))
    array([[0, 1, 2, 3],
           [3, 3, 2, 0]], dtype=uint8)
    """
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    length = _check_lengths(lengths, align, length)
    letters = to_ascii("".join(texts))
    flat = np.frombuffer(
        letters.translate(alphabet.translation(unknown)), dtype=np.uint8
    )
    if flat.max() == _FOREIGN:
        _refuse_letters(texts, lengths, flat == _FOREIGN, alphabet, unknown)
    if align is None or lengths.min() == length:
        return flat.reshape(len(texts), length)
    codes = np.full((len(texts), length), alphabet.absent, dtype=np.uint8)
    column = np.arange(length)
    if align == "left":
        codes[column < lengths[:, np.newaxis]] = flat
    else:
        codes[column >= length - lengths[:, np.newaxis]] = flat
    return codes


def write_sequences(codes: NDArray[np.uint8], alphabet: Alphabet) -> list[str]:
    """Return the text of letter codes, the inverse of `encode_sequences`.

    Parameters
    ----------
    codes : ndarray of shape (n_sequences, length), uint8
        Indices of ``alphabet.symbols``, or ``alphabet.absent``.
    alphabet : Alphabet
        The letters and their codes.

    Returns
    -------
    list of str
        In upper case, without the absent positions.

    Examples
    --------
    >>> import numpy as np
    >>> from sgrna_estimator.sequences.alphabet import Alphabet
    >>> from sgrna_estimator.sequences.codes import write_sequences
    >>> write_sequences(np.array([[0, 1, 2, 3], [15, 3, 2, 0]]), Alphabet("ACGT"))
    ['ACGT', 'TGA']
    """
    present = codes != alphabet.absent
    symbols = np.frombuffer(alphabet.symbols.encode(), dtype=np.uint8)
    text = symbols[codes[present]].tobytes().decode()
    stops = np.cumsum(present.sum(axis=1)).tolist()
    return [text[start:stop] for start, stop in pairwise([0, *stops])]


def _check_lengths(lengths: NDArray[np.intp], align: Align, length: int | None) -> int:
    if align is None:
        if length is None:
            counts = np.bincount(lengths)
            length = int(lengths[np.argmax(counts[lengths])])
            expected = (
                f"every sequence must have the same length (the commonest is {length}; "
                "for several lengths set align, on the command line --align)"
            )
        else:
            expected = f"every sequence must have the length seen in fit, {length}"
        wrong = np.flatnonzero(lengths != length)
    else:
        length = int(lengths.max()) if length is None else length
        expected = f"no sequence may be longer than the longest in fit, {length}"
        wrong = np.flatnonzero(lengths > length)
    if wrong.size:
        _refuse(wrong, f"there is one of length {lengths[wrong[0]]}", expected)
    return length


def _refuse_letters(
    texts: list[str],
    lengths: NDArray[np.intp],
    foreign: NDArray[np.bool_],
    alphabet: Alphabet,
    unknown: Unknown,
) -> None:
    """Raise the error that shows the first foreign character and all its rows."""
    ends = np.cumsum(lengths)
    where = np.flatnonzero(foreign)
    rows = np.searchsorted(ends, where, side="right")
    position = where[0] - (ends - lengths)[rows[0]]
    if unknown == "zero":
        expected, found = "no letter may be a blank", "there is one"
    else:
        expected = f"every letter must be one of {alphabet.letters!r}"
        if unknown == "spread":
            expected += f" or of the ambiguity codes {''.join(alphabet.ambiguous)!r}"
        found = "there is another"
    character = texts[rows[0]][position]
    _refuse(
        np.unique(rows),
        f"{found} (first {character!r}, at position {position + 1})",
        expected,
    )
