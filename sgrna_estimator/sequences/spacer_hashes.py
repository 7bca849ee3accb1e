"""Guides as numbers that two layouts share: to tell whether a model has seen a guide."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import encode_sequences
from sgrna_estimator.sequences.column_names import Name
from sgrna_estimator.sequences.layout import GuideLayout

Hashes = NDArray[np.uint64]

# Positions that every context around a spacer has: contexts of other lengths around the
# same spacer are the same guide.
_N_LETTERS = 20
_NUCLEOTIDES = "ACGT"
_NONE = len(_NUCLEOTIDES)  # no letter, or an unknown one


def hash_texts(sequences: Sequence[str], layout: GuideLayout) -> Hashes:
    """Return a number for each guide, the same for contexts of the same spacer.

    Parameters
    ----------
    sequences : sequence of str
        Of the layout's length.
    layout : GuideLayout

    Returns
    -------
    ndarray of shape (n_guides,), uint64

    Examples
    --------
    >>> from sgrna_estimator import GuideLayout
    >>> from sgrna_estimator.sequences.spacer_hashes import hash_texts
    >>> spacer = "GATTACAGATTACAGATTAC"
    >>> short = hash_texts([spacer + "AGG"], GuideLayout.parse("0+20+3+0"))
    >>> long = hash_texts(["TT" + spacer.lower() + "TGGA"], GuideLayout.parse("2+20+3+1"))
    >>> bool(short == long)
    True
    """
    codes = encode_sequences(
        list(sequences), Alphabet(_NUCLEOTIDES), unknown="zero", length=layout.length
    )
    start = layout.spacer.start
    return hash_codes(codes[:, start : start + _N_LETTERS])


def hash_letters(
    letters: NDArray[np.uint8], positions: Sequence[Name], alphabet: str
) -> Hashes | None:
    """Return a number for each guide, from letter codes of named positions.

    Parameters
    ----------
    letters : ndarray of shape (n_guides, n_positions), uint8
        Indices of `alphabet`; any other number is no letter.
    positions : sequence of int or str
        Names of the positions.
    alphabet : str

    Returns
    -------
    ndarray of shape (n_guides,), uint64, or None
        None if the positions do not number a whole spacer, or if the letters are others.
    """
    numbers = [*range(1, _N_LETTERS + 1)]
    spelled = alphabet.replace("U", "T")
    if not set(numbers) <= set(positions) or sorted(spelled) != sorted(_NUCLEOTIDES):
        return None
    code_of = np.full(256, _NONE, dtype=np.uint8)
    code_of[: len(spelled)] = [_NUCLEOTIDES.index(letter) for letter in spelled]
    where = [list(positions).index(number) for number in numbers]
    return hash_codes(code_of[letters[:, where]])


def hash_codes(codes: NDArray[np.uint8]) -> Hashes:
    """Return a number for each row of letter codes.

    Parameters
    ----------
    codes : ndarray of shape (n_guides, n_letters), uint8
        0 to 3; anything above counts as unknown. At most 27 letters.

    Returns
    -------
    ndarray of shape (n_guides,), uint64
        Different rows have different numbers, scattered by the finaliser of SplitMix64
        (Steele, Lea & Flood 2014), so that none shows its letters at a glance.
    """
    x = np.zeros(len(codes), dtype=np.uint64)
    for column in np.minimum(codes, _NONE).T:
        x = x * np.uint64(_NONE + 1) + column
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
