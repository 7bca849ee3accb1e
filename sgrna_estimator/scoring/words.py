"""Windows of letters -> tables of words, which are longer and so fewer.

After training, what a window of k letters adds is one of A^k rows. What neighbouring
windows add together is a row of one table, of the word of letters that they cover: a
guide then needs fewer rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Floats, Ints

_MOST_BITS = 31  # rows are numbered in 32 bits


@dataclass(frozen=True)
class Words:
    """Words of letters that cover all windows of a sequence.

    Attributes
    ----------
    n_positions : int
        Letters of a sequence.
    window_size : int
        Letters of a window.
    length : int
        Letters of a word: no fewer than of a window, no more than of a sequence.
    bits : int
        Bits of a letter in the number of a row.
    """

    n_positions: int
    window_size: int
    length: int
    bits: int

    @property
    def n_windows(self) -> int:
        """Number of windows of a sequence."""
        return self.n_positions - self.window_size + 1

    @property
    def windows_a_word(self) -> int:
        """Number of windows that lie in a word."""
        return self.length - self.window_size + 1

    @property
    def n_words(self) -> int:
        """Number of words of a sequence."""
        return -(-self.n_windows // self.windows_a_word)

    @property
    def n_rows(self) -> int:
        """Rows of a word's table."""
        return 1 << self.bits * self.length

    @property
    def starts(self) -> Ints:
        """First letter of each word; the last word ends where the sequence does."""
        starts = np.arange(self.n_words) * self.windows_a_word
        return np.minimum(starts, self.n_positions - self.length)

    @cached_property
    def steps(self) -> Ints:
        """Letters by which each word goes on from the one before, (n_words,)."""
        return np.diff(self.starts, prepend=-self.length)


def n_bits(n_letters: int) -> int:
    """Return the bits that number so many letters."""
    return (n_letters - 1).bit_length()


def choose_words(
    n_positions: int,
    window_size: int,
    n_letters: int,
    bytes_a_row: int,
    *,
    fast_bytes: int,
    most_bytes: int,
) -> Words | None:
    """Return the words for which a sequence needs the fewest rows.

    Parameters
    ----------
    n_positions, window_size : int
    n_letters : int
        Letters of the alphabet.
    bytes_a_row : int
    fast_bytes : int
        How large the tables may become by words longer than windows.
    most_bytes : int
        How large they may be at all.

    Returns
    -------
    Words or None
        None if the tables of the windows alone are too large.
    """
    bits = n_bits(n_letters)
    choices = []
    for length in range(window_size, min(n_positions, _MOST_BITS // bits) + 1):
        words = Words(n_positions, window_size, length, bits)
        n_bytes = words.n_words * words.n_rows * bytes_a_row
        if n_bytes <= most_bytes and (length == window_size or n_bytes <= fast_bytes):
            choices.append(words)
    # Of words that are equally many, the first are the shortest.
    return min(choices, key=lambda words: words.n_words, default=None)


def units_of_windows(weights: NDArray, intercepts: NDArray) -> Floats:
    """Return the activation of each unit for each row of letters in a window.

    Parameters
    ----------
    weights : ndarray of shape (window_size, n_letters, n_units)
    intercepts : ndarray of shape (n_units,)

    Returns
    -------
    ndarray of shape (2 ** (window_size * n_bits), n_units)
        Rows that hold a letter beyond the alphabet have no meaning.
    """
    z = np.asarray(intercepts, dtype=np.float64)[np.newaxis]
    for of_letter in weights:
        z = (z[:, np.newaxis] + _padded(of_letter)).reshape(-1, weights.shape[2])
    return np.maximum(z, 0)


def tables_of_numbers(words: Words, of_window: Callable[[int], Floats]) -> Floats:
    """Return what each word adds.

    Parameters
    ----------
    words : Words
    of_window : callable
        Gives the rows of a window, (2 ** (bits * window_size),).

    Returns
    -------
    ndarray of shape (n_words, n_rows)
    """
    table = np.zeros((words.n_words, words.n_rows))
    for window in range(words.n_windows):
        word, rows = _rows_of_window(words, window)
        table[word] += of_window(window)[rows]
    return table


def tables_of_rows(
    words: Words, of_window: Callable[[int], Floats], n_columns: int, group: int
) -> NDArray[np.float32]:
    """Return the rows that each word adds, a group of columns after the other.

    Parameters
    ----------
    words : Words
    of_window : callable
        Gives the rows of a window, (2 ** (bits * window_size), n_columns).
    n_columns : int
    group : int
        Columns that lie side by side; the last group is filled up with zeros.

    Returns
    -------
    ndarray of shape (n_groups, n_words, n_rows, group), float32
    """
    n_groups = -(-n_columns // group)
    shape = (n_groups, words.n_words, words.n_rows, group)
    table = np.zeros(shape, dtype=np.float32)
    for window in range(words.n_windows):
        word, rows = _rows_of_window(words, window)
        values = of_window(window)
        for number in range(n_groups):
            some = values[:, number * group : (number + 1) * group]
            table[number, word, :, : some.shape[1]] += some[rows]
    return table


def _rows_of_window(words: Words, window: int) -> tuple[int, Ints]:
    """Return the word of a window, and the window's row for each row of the word."""
    word = window // words.windows_a_word
    offset = window - words.starts[word]
    shift = words.bits * (words.length - words.window_size - offset)
    n_rows = 1 << words.bits * words.window_size
    return word, (np.arange(words.n_rows) >> shift) & (n_rows - 1)


def _padded(values: NDArray) -> NDArray:
    """Return the values of letters (n_letters, ...), with zeros up to whole bits."""
    n_letters = len(values)
    missing = (1 << n_bits(n_letters)) - n_letters
    return np.concatenate([values, np.zeros((missing, *values.shape[1:]))])
