"""The fitted encoding: text -> letter codes -> the columns that a model sees."""

import warnings
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import gen_batches

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator._validation import name_rows
from sgrna_estimator.sequences.alphabet import Alphabet, Unknown
from sgrna_estimator.sequences.codes import (
    Align,
    SequenceError,
    encode_sequences,
    write_sequences,
)
from sgrna_estimator.sequences.column_names import write_names
from sgrna_estimator.sequences.one_hot_matrix import (
    common_letters,
    decode_positions,
    one_hot_csr,
    one_hot_dense,
)

_ROWS_A_BLOCK = 65_536


@dataclass(frozen=True, eq=False)
class Encoding:
    """How sequences of one screen become columns, and back.

    Attributes
    ----------
    alphabet : Alphabet
    unknown : {"error", "zero", "spread"}
    align : {None, "left", "right"}
    dtype : dtype
        Of the columns.
    position_names : tuple of str, of length n_positions
        Of all positions of a sequence.
    dropped_letters : dict of int to str
        The positions (0-based) that held one letter only in training, and which.
    """

    alphabet: Alphabet
    unknown: Unknown
    align: Align
    dtype: np.dtype
    position_names: tuple[str, ...]
    dropped_letters: dict[int, str]

    @classmethod
    def of(
        cls,
        codes: NDArray[np.uint8],
        alphabet: Alphabet,
        *,
        unknown: Unknown,
        align: Align,
        dtype: np.dtype,
        position_names: tuple[str, ...],
        drop_constant: bool,
    ) -> Self:
        """Return the encoding that training sequences ask for.

        Parameters
        ----------
        codes : ndarray of shape (n_sequences, n_positions), uint8
            Their letter codes.
        alphabet, unknown, align, dtype, position_names
            As the attributes.
        drop_constant : bool
            Whether to drop the positions at which all of them may have one letter.

        Raises
        ------
        ValueError
            If no position is left.
        """
        common = common_letters(codes, alphabet.letter_sets)
        constant = (common != 0) & drop_constant
        if constant.all():
            raise ValueError(
                f"no position varies among the {len(codes)} sequences, so there is "
                "nothing to encode: pass more sequences or set drop_constant=False"
            )
        symbols_of = dict(zip(alphabet.letter_sets, alphabet.symbols, strict=False))
        dropped_letters = {
            int(position): symbols_of[common[position]]
            for position in np.flatnonzero(constant)
        }
        return cls(alphabet, unknown, align, dtype, position_names, dropped_letters)

    @property
    def length(self) -> int:
        """Number of positions of a sequence."""
        return len(self.position_names)

    @property
    def dropped(self) -> Ints:
        """The positions that are no columns, (n_dropped,)."""
        return np.array(list(self.dropped_letters), dtype=np.intp)

    @property
    def kept(self) -> Ints:
        """The positions that are, (n_kept,)."""
        return np.delete(np.arange(self.length), self.dropped)

    @property
    def weights(self) -> Floats:
        """What the columns of a position hold for each code, (n_codes, n_letters)."""
        weights = self.alphabet.weights(self.unknown)
        return weights.astype(self.dtype).astype(np.float64)

    def column_names(self) -> list[str]:
        """Return the names of the columns, ``"{position}_{letter}"``."""
        kept = [self.position_names[position] for position in self.kept]
        return write_names(kept, self.alphabet.letters)

    # Text <-> codes -------------------------------------------------------------------

    def encode(self, texts: list[str]) -> NDArray[np.uint8]:
        """Return the letter codes of texts, (n_sequences, length).

        Raises
        ------
        SequenceError
            If one is of another length or holds a character that cannot be read.
        """
        return encode_sequences(
            texts,
            self.alphabet,
            unknown=self.unknown,
            align=self.align,
            length=self.length,
        )

    def check_codes(self, codes: NDArray[np.uint8]) -> None:
        """Raise if letter codes are not such as `encode` makes.

        Parameters
        ----------
        codes : ndarray of shape (n_sequences, length), uint8

        Raises
        ------
        SequenceError
            If a code is not one of the symbols that the encoding takes.
        """
        alphabet = self.alphabet
        legal = np.arange(256) < (
            alphabet.n_letters if self.unknown == "error" else alphabet.absent
        )
        legal[alphabet.absent] = self.align is not None
        wrong = np.argwhere(~legal[codes])
        if len(wrong):
            row, position = wrong[0]
            numbers = np.flatnonzero(legal)
            raise SequenceError(
                f"every letter code must be one of {numbers.tolist()}",
                f"there is another (first {codes[row, position]}, at position "
                f"{position + 1})",
                np.unique(wrong[:, 0]).tolist(),
            )

    def write(self, codes: NDArray[np.uint8]) -> list[str]:
        """Return the sequences that codes stand for.

        Parameters
        ----------
        codes : ndarray of shape (n_sequences, length), uint8
            An empty position is written as an unknown letter, because a letter is
            there or was; at the open end of aligned sequences as none.
        """
        absent = codes == self.alphabet.absent
        if self.align == "left":
            absent &= ~np.logical_and.accumulate(absent[:, ::-1], axis=1)[:, ::-1]
        elif self.align == "right":
            absent &= ~np.logical_and.accumulate(absent, axis=1)
        written = np.where(absent, np.uint8(self.alphabet.unknown), codes)
        return write_sequences(written, self.alphabet)

    # Codes <-> columns ----------------------------------------------------------------

    def columns(
        self, codes: NDArray[np.uint8], *, sparse: bool
    ) -> NDArray | sp.csr_matrix:
        """Return the one-hot columns of codes, (n_sequences, n_kept * n_letters)."""
        encode = one_hot_csr if sparse else one_hot_dense
        return encode(codes[:, self.kept], self.weights, self.dtype)

    def codes(self, columns: NDArray | sp.csr_matrix) -> NDArray[np.uint8]:
        """Return the codes that columns stand for, (n_sequences, length).

        Parameters
        ----------
        columns : {ndarray, CSR matrix} of shape (n_sequences, n_kept * n_letters)

        Raises
        ------
        ValueError
            If a position holds numbers that encode no letter.
        """
        kept = self.kept
        weights = self.alphabet.weights(self.unknown)
        codes = np.empty((columns.shape[0], self.length), dtype=np.uint8)
        for position, symbol in self.dropped_letters.items():
            codes[:, position] = self.alphabet.symbols.index(symbol)
        for rows in gen_batches(len(codes), _ROWS_A_BLOCK):  # bounds the memory
            block = columns[rows].toarray() if sp.issparse(columns) else columns[rows]
            block = block.reshape(len(block), -1, self.alphabet.n_letters)
            codes[rows, kept], valid = decode_positions(block, weights)
            if not valid.all():
                row, place = np.argwhere(~valid)[0]
                raise ValueError(
                    f"X must hold encoded sequences, but position {kept[place] + 1} "
                    f"of row {rows.start + row + 1} holds {block[row, place].tolist()}"
                )
        return codes

    # What columns cannot show ---------------------------------------------------------

    @property
    def letters_that_differ(self) -> NDArray[np.bool_]:
        """Which codes are no letter that training had, (n_dropped, n_codes)."""
        sets, symbols = self.alphabet.letter_sets, self.alphabet.symbols
        seen = sets[[symbols.index(s) for s in self.dropped_letters.values()]]
        return (sets & seen[:, np.newaxis]) == 0

    def differs(self, codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return where a dropped position has not the letter of training.

        Parameters
        ----------
        codes : ndarray of shape (n_sequences, length), uint8

        Returns
        -------
        ndarray of shape (n_sequences, n_dropped), bool
        """
        dropped = self.dropped
        return self.letters_that_differ[np.arange(len(dropped)), codes[:, dropped]]

    def warn_of_dropped(self, rows: Ints, first: NDArray[np.uint8]) -> None:
        """Warn of sequences that differ from training where there are no columns.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,), intp
            Which, counting from 0.
        first : ndarray of shape (length,), uint8
            Letter codes of the first of them.
        """
        position = self.dropped[self.differs(first[np.newaxis])[0].argmax()]
        code, row = first[position], name_rows(rows[:1])
        held = (
            f"position {position + 1} held {self.dropped_letters[int(position)]!r} in "
            "all training sequences and was dropped"
        )
        letters = self.alphabet.letters
        if len(letters) <= code < self.alphabet.absent:
            # What is wrong is the letter: that the position was dropped comes second.
            problem = (
                f"{row} has {self.alphabet.symbols[code]!r} at position {position + 1}, "
                f"which is none of the letters {letters!r}: {held}, so that the encoding "
                "cannot show it"
            )
        else:
            found = "no letter"
            if code < self.alphabet.absent:
                found = repr(self.alphabet.symbols[code])
            problem = (
                f"{held}, but {row} has {found}: the encoding cannot show such a "
                "difference from training"
            )
        warnings.warn(
            f"{problem}, found in {name_rows(rows)}", UserWarning, stacklevel=3
        )
