"""Which guides are one guide to a model: those that no letter tells apart.

A model sees a table of letters, not text. A letter that is unknown, or that a shorter
sequence lacks at its open end, tells nothing: two guides that differ in such positions
only, as a 20-mer and the same with a G before it do, are as good as equal.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import gen_batches

from sgrna_estimator._typing import Ints
from sgrna_estimator.sequences.alphabet import Alphabet, Unknown
from sgrna_estimator.sequences.codes import Align, encode_sequences

# Patterns of known positions that are compared pattern by pattern, the commonest first:
# more than the lengths of a table. Guides of other patterns are compared one by one.
_MOST_PATTERNS = 32
_CELLS_A_BLOCK = 2**22


def label_guides(
    texts: list[str], *, unknown: Unknown, align: Align, alphabet: str = "ACGT"
) -> Ints:
    """Give guides that an encoding does not tell apart the same number.

    Parameters
    ----------
    texts : list of str
        Sequences.
    unknown, align, alphabet
        As in `SequenceOneHotTransformer`.

    Returns
    -------
    ndarray of shape (n_guides,)
        As `same_guides` has it.

    Raises
    ------
    SequenceError
        If such an encoder refuses one of the sequences.

    Examples
    --------
    >>> from sgrna_estimator.sequences.same_guides import label_guides
    >>> guides = ["ACGTT", "GACGTT", "acguu", "TCGTT"]
    >>> label_guides(guides, unknown="error", align="right")
    array([0, 0, 0, 1])
    >>> label_guides(["ACGTT", "ACGTN", "TCGTT"], unknown="zero", align=None)
    array([0, 0, 1])
    """
    letters = Alphabet(alphabet)
    codes = encode_sequences(texts, letters, unknown=unknown, align=align)
    return same_guides(codes, letters.n_letters)


def same_guides(codes: NDArray[np.uint8], n_letters: int) -> Ints:
    """Give guides that no letter tells apart the same number.

    Parameters
    ----------
    codes : ndarray of shape (n_guides, n_positions), uint8
        Letter codes: 0 to ``n_letters - 1``; anything above is no known letter.
    n_letters : int

    Returns
    -------
    ndarray of shape (n_guides,)
        Numbers from 0 on, in the order in which they first occur. Two guides have the
        same if they are tied, or are both tied to the same guides.

    Notes
    -----
    Guides are tied if their known letters are the same, position by position; or if no
    position at which both have one shows two letters, and there are so many of these
    positions that they may hold more different sequences than there are guides. Without
    that, a row of unknown letters would tie all guides to each other.

    The time is linear in the number of guides, times the number of patterns of known
    positions (such as lengths) or, where there are more than 32, of guides with a rare one.
    """
    letters = np.minimum(codes, np.uint8(n_letters))
    number_of_guide = _number_rows(letters)
    _, firsts = np.unique(number_of_guide, return_index=True)
    distinct = letters[firsts]
    pattern_of_row = _number_rows(distinct < n_letters)
    n_needed = _letters_to_tell(len(codes), n_letters)
    labels = np.arange(len(distinct))
    if pattern_of_row.max() > 0:
        commonest = np.argsort(-np.bincount(pattern_of_row), kind="stable")
        common = commonest[:_MOST_PATTERNS]
        labels = _tie_patterns(distinct, pattern_of_row, common, n_letters, n_needed)
        rare = np.flatnonzero(~np.isin(pattern_of_row, common))
        labels = _tie_one_by_one(labels, distinct, rare, n_letters, n_needed)
    return pd.factorize(labels[number_of_guide])[0]


def _letters_to_tell(n_guides: int, n_letters: int) -> int:
    """Return how many letters have as many sequences as there are guides."""
    n_positions = 1
    while n_letters**n_positions < n_guides:
        n_positions += 1
    return n_positions


def _number_rows(rows: NDArray) -> Ints:
    """Give equal rows of small integers the same number, from 0 on."""
    # as strings of bytes, of which those at the end that are 0 do not count
    width = rows.shape[1]
    texts = np.ascontiguousarray(rows).view(f"S{width}").ravel()
    return np.unique(texts, return_inverse=True)[1]


def _merge(labels: Ints, left: Ints, right: Ints) -> Ints:
    """Return the labels of rows after some rows were tied to others."""
    n_labels = len(labels)
    edges = sparse.coo_array(
        (np.ones(len(left), dtype=bool), (labels[left], labels[right])),
        shape=(n_labels, n_labels),
    )
    return sparse.csgraph.connected_components(edges, directed=False)[1][labels]


def _tie_patterns(
    letters: NDArray[np.uint8],
    pattern_of_row: Ints,
    common: Ints,
    n_letters: int,
    n_needed: int,
) -> Ints:
    """Label distinct rows, of which those of some patterns are tied to each other.

    Where both of two patterns have letters, equal letters are found by sorting.
    """
    rows_of = {pattern: np.flatnonzero(pattern_of_row == pattern) for pattern in common}
    known = {pattern: letters[rows[0]] < n_letters for pattern, rows in rows_of.items()}
    left, right = [], []
    for first, second in combinations(common, 2):
        shared = known[first] & known[second]
        if shared.sum() < n_needed:
            continue
        rows = np.concatenate([rows_of[first], rows_of[second]])
        keys = _number_rows(letters[rows][:, shared])
        n_first = len(rows_of[first])
        # equal letters here tie rows of one pattern only through one of the other
        in_both = np.isin(keys, keys[:n_first]) & np.isin(keys, keys[n_first:])
        keys, rows = keys[in_both], rows[in_both]
        _, firsts, places = np.unique(keys, return_index=True, return_inverse=True)
        left.append(rows)
        right.append(rows[firsts][places])
    labels = np.arange(len(letters))
    if not left:
        return labels
    return _merge(labels, np.concatenate(left), np.concatenate(right))


def _tie_one_by_one(
    labels: Ints,
    letters: NDArray[np.uint8],
    rare: Ints,
    n_letters: int,
    n_needed: int,
) -> Ints:
    """Return the labels after each of some rows was compared with all."""
    if not rare.size:
        return labels
    n_rows = len(letters)
    known = (letters < n_letters).astype(np.float32)
    one_hot = letters[:, :, np.newaxis] == np.arange(n_letters)
    one_hot = one_hot.reshape(n_rows, -1).astype(np.float32)
    for block in gen_batches(len(rare), max(1, _CELLS_A_BLOCK // n_rows)):
        rows = rare[block]
        n_shared = known[rows] @ known.T  # positions at which both have a letter
        n_equal = one_hot[rows] @ one_hot.T
        left, right = np.nonzero((n_equal == n_shared) & (n_shared >= n_needed))
        labels = _merge(labels, rows[left], right)
    return labels
