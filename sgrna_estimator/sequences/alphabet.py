"""The letters of a sequence: the only module that knows about A, C, G and T."""

import re
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Unknown = Literal["error", "zero", "spread"]

# Nomenclature Committee of the IUB (1985), doi:10.1093/nar/13.9.3021.
IUPAC_NUCLEOTIDES = {
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}

# A character that no sequence may hold; it never leaves `encode_sequences`.
_FOREIGN = 255

# White space that ASCII lacks, and characters without a width.
_BLANK = re.compile(r"(?![\x00-\x7f])[\s\u200b-\u200d\u2060\ufeff]")


def to_ascii(text: str) -> bytes:
    """Return text as ASCII, one byte a character.

    Parameters
    ----------
    text : str

    Returns
    -------
    bytes
        A space for a blank that ASCII lacks (a no-break space, say), and ``?``, which no
        letter is, for any other character.
    """
    if not text.isascii():
        text = _BLANK.sub(" ", text)
    return text.encode("ascii", "replace")


class Alphabet:
    """The letters of a sequence, and the symbols that stand for several of them.

    Parameters
    ----------
    letters : str
        Distinct letters (A to Z), ``-`` or ``*``, in the order of their columns; lower
        case means the same. An alphabet of the four nucleotides (and perhaps ``N`` or
        ``-``) reads U and T as whichever of them it has, and knows the IUPAC ambiguity
        codes; any other knows ``X``, any letter.

    Attributes
    ----------
    letters : str
        The letters, in upper case. Their codes are 0 to ``n_letters - 1``.
    n_letters : int
        Number of letters, the columns of a position.
    ambiguous : dict of str to str
        Symbols outside the alphabet and the letters that each may stand for; the last
        one may stand for any.
    symbols : str
        What each code is written as: the letters, then the ambiguous symbols.
    unknown : int
        Code of a letter of which nothing is known, the last symbol.
    absent : int
        Code of a position that a shorter sequence lacks; it has no symbol.
    letter_sets : ndarray of shape (n_letters + n_ambiguous + 1,), int64
        The letters that each code is compatible with, as bits. `absent` has a bit of
        its own, and so is compatible with no letter.

    Raises
    ------
    ValueError
        If there are fewer than two letters, a letter twice, or another character.

    Examples
    --------
    >>> from sgrna_estimator.sequences.alphabet import Alphabet
    >>> dna = Alphabet("ACGT")
    >>> dna.symbols
    'ACGTRYSWKMBDHVN'
    >>> dna.weights("spread")[dna.symbols.index("R")]
    array([0.5, 0. , 0.5, 0. ])
    """

    def __init__(self, letters: str) -> None:
        self.letters = letters.upper()
        self.n_letters = len(set(self.letters))
        if not re.fullmatch("[A-Z*-]{2,}", self.letters) or self.n_letters < len(
            self.letters
        ):
            raise ValueError(
                "alphabet must be two or more distinct letters (A to Z, '-' or '*'), "
                f"got {letters!r}"
            )
        thymine = "T" if "T" in self.letters else "U"
        nucleotides = {"A", "C", "G", thymine}
        self._is_nucleotide = (
            nucleotides <= set(self.letters) <= nucleotides | {"N", "U", "-"}
        )
        self.ambiguous = {}
        if self._is_nucleotide:
            self.ambiguous = {
                code: letters.replace("T", thymine)
                for code, letters in IUPAC_NUCLEOTIDES.items()
                if code not in self.letters
            }
        if "N" not in self.ambiguous:
            any_letter = "?" if self._is_nucleotide or "X" in self.letters else "X"
            self.ambiguous[any_letter] = self.letters
        self.symbols = self.letters + "".join(self.ambiguous)
        self.unknown = len(self.symbols) - 1
        self.absent = len(self.symbols)
        bits = {letter: 1 << column for column, letter in enumerate(self.letters)}
        self.letter_sets = np.array(
            [
                *bits.values(),
                *(
                    sum(bits[letter] for letter in letters)
                    for letters in self.ambiguous.values()
                ),
                1 << self.n_letters,
            ],
            dtype=np.int64,
        )

    def weights(self, unknown: Unknown) -> NDArray[np.float64]:
        """Return what the columns of a position hold, for each code.

        Parameters
        ----------
        unknown : {"error", "zero", "spread"}
            With "spread" an ambiguous symbol is spread evenly over its letters;
            otherwise its position is empty.

        Returns
        -------
        ndarray of shape (n_letters + n_ambiguous + 1, n_letters)
            One-hot for a letter, all zero for `absent`.
        """
        weights = np.zeros((len(self.letter_sets), self.n_letters))
        weights[: self.n_letters] = np.eye(self.n_letters)
        if unknown == "spread":
            for code, letters in enumerate(self.ambiguous.values(), self.n_letters):
                columns = [self.letters.index(letter) for letter in letters]
                weights[code, columns] = 1 / len(columns)
        return weights

    def translation(self, unknown: Unknown) -> bytes:
        """Return the code of each of the 256 bytes, for ``bytes.translate``.

        Parameters
        ----------
        unknown : {"error", "zero", "spread"}
            Whether characters outside the alphabet have no code, that of an unknown
            letter (but for blanks), or that of the ambiguous symbol that they are.

        Returns
        -------
        bytes
            One code for each byte.
        """
        table = np.full(256, _FOREIGN, dtype=np.uint8)
        if unknown == "zero":
            table[:] = self.unknown
            # A blank is a slip of the reading that shifts positions, not a letter.
            table[[byte for byte in range(256) if chr(byte).isspace()]] = _FOREIGN
        known = self.symbols if unknown == "spread" else self.letters
        codes = {letter: code for code, letter in enumerate(known) if letter != "?"}
        if self._is_nucleotide:
            codes.setdefault("U", codes.get("T", _FOREIGN))
            codes.setdefault("T", codes["U"])
        for letter, code in codes.items():
            table[[ord(letter), ord(letter.lower())]] = code
        return table.tobytes()
