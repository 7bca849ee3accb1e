"""A block of guides -> letter codes, the rare guides that are not all letters apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Ints
from sgrna_estimator.scoring.reading import Bytes, LetterCodes, Source
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.sequences.encoding import Encoding


@dataclass(frozen=True, eq=False)
class Block:
    """Guides that follow each other.

    Attributes
    ----------
    codes : ndarray of shape (n_kept, n_guides), uint8
        Letter codes; without meaning for the special guides.
    special : ndarray of shape (n_special,), intp
        The guides that are not all letters.
    special_codes : ndarray of shape (n_special, length), uint8
        Their codes.
    differing : ndarray of shape (n_differing,), intp
        The guides that have another letter than those of training where that was
        dropped, counted from the start of all guides.
    first_differing : ndarray of shape (length,), uint8
        Codes of the first of these, if there is one.
    """

    codes: NDArray[np.uint8]
    special: Ints
    special_codes: NDArray[np.uint8]
    differing: Ints
    first_differing: NDArray[np.uint8]

    def all_codes(self, kept: Ints) -> NDArray[np.uint8]:
        """Return the codes of all guides at the kept positions, (n_guides, n_kept)."""
        codes = self.codes.T.copy()
        codes[self.special] = self.special_codes[:, kept]
        return codes


class BlockReader:
    """What reads blocks of a source, made once for all of them.

    Parameters
    ----------
    encoding : Encoding
    source : Source
    """

    def __init__(self, encoding: Encoding, source: Source) -> None:
        from sgrna_estimator.scoring.kernels import DIFFERS, SPECIAL

        self._encoding, self._source = encoding, source
        table = np.arange(256, dtype=np.uint8)
        if not isinstance(source, LetterCodes):
            text = encoding.alphabet.translation(encoding.unknown)
            table = np.frombuffer(text, dtype=np.uint8)
        is_letter = table < encoding.alphabet.n_letters
        self._table = table
        self._lookup = np.where(is_letter, table, np.uint8(SPECIAL))
        self._checks = np.full((len(encoding.dropped), 256), SPECIAL, dtype=np.uint8)
        for check, differs in zip(
            self._checks, encoding.letters_that_differ, strict=True
        ):
            check[is_letter] = np.where(differs[table[is_letter]], DIFFERS, 0)
        self._fill = np.full((1, 256), SPECIAL, dtype=np.uint8)
        self._fill[0, 0] = 0

    def read(self, rows: slice) -> Block:
        """Return a block of guides.

        Parameters
        ----------
        rows : slice
            Which guides.

        Returns
        -------
        Block

        Raises
        ------
        SequenceError
            If one cannot be read.
        """
        from sgrna_estimator.scoring.kernels import DIFFERS, SPECIAL

        encoding = self._encoding
        numbers = np.arange(rows.start, rows.stop)
        with _renumbered(numbers):
            found = self._source.bytes_of(rows)
        codes, marks = self._translate(found, len(numbers))
        special = np.flatnonzero(marks & SPECIAL)
        special_codes = self._read_again(numbers[special])
        differs = (marks & DIFFERS).astype(bool)
        if len(special):
            differs[special] = encoding.differs(special_codes).any(axis=1)
        differing = np.flatnonzero(differs)
        first = np.empty(0, dtype=np.uint8)
        if len(differing):
            row = differing[0]
            first = self._table[found.flat[row * found.width :][: encoding.length]]
            if row in special:
                first = special_codes[np.searchsorted(special, row)]
        return Block(codes, special, special_codes, rows.start + differing, first)

    def _translate(
        self, found: Bytes, n_guides: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return the codes of letters, (n_kept, n_guides), and the guides' marks."""
        from sgrna_estimator.scoring import kernels

        encoding = self._encoding
        codes = np.empty((len(encoding.kept), n_guides), dtype=np.uint8)
        marks = np.full(n_guides, kernels.SPECIAL, dtype=np.uint8)
        n_more = found.length - encoding.length
        if n_more < 0 or (n_more > 0 and not found.filled):
            codes[:] = 0
            return codes, marks
        checked, checks = encoding.dropped, self._checks
        if n_more:
            more = np.arange(encoding.length, found.length)
            checked = np.concatenate([checked, more])
            checks = np.concatenate([checks, np.repeat(self._fill, n_more, axis=0)])
        kernels.read_codes(
            found.flat,
            found.width,
            encoding.kept,
            self._lookup,
            checked,
            checks.ravel(),
            codes.ravel(),
            marks,
        )
        return codes, marks

    def _read_again(self, rows: Ints) -> NDArray[np.uint8]:
        """Return the codes of some guides as the encoder makes them."""
        if not len(rows):
            return np.empty((0, self._encoding.length), dtype=np.uint8)
        with _renumbered(rows):
            return self._source.codes_of(rows, self._encoding)


@contextmanager
def _renumbered(rows: Ints) -> Iterator[None]:
    """Let an error name rows of the whole, not of the part that was read."""
    try:
        yield
    except SequenceError as error:
        numbers = [int(rows[row]) for row in error.rows]
        raise SequenceError(error.expected, error.found, numbers) from None
