"""Tables of words hold what their windows add."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.scoring.words import (
    Words,
    choose_words,
    n_bits,
    tables_of_numbers,
    tables_of_rows,
    units_of_windows,
)


def row_of(letters, bits):
    """Return the row of a table that these letters are."""
    row = 0
    for letter in letters:
        row = (row << bits) | int(letter)
    return row


@given(
    n_positions=st.integers(1, 9),
    data=st.data(),
    n_letters=st.sampled_from([2, 4, 5]),
    seed=st.integers(0, 9),
)
def test_words_add_up_to_windows(n_positions, data, n_letters, seed):
    window_size = data.draw(st.integers(1, min(n_positions, 3)))
    length = data.draw(st.integers(window_size, min(n_positions, 4)))
    words = Words(n_positions, window_size, length, n_bits(n_letters))
    rng = np.random.default_rng(seed)
    shape = (words.n_windows, 1 << words.bits * window_size, 3)
    windows = rng.normal(size=shape)
    letters = rng.integers(0, n_letters, n_positions)
    expected = sum(
        windows[p, row_of(letters[p : p + window_size], words.bits)]
        for p in range(words.n_windows)
    )
    rows = [
        row_of(letters[start : start + length], words.bits) for start in words.starts
    ]
    assert_array_equal(np.cumsum(words.steps), words.starts + length)
    numbers = tables_of_numbers(words, lambda p: windows[p, :, 0])
    assert_allclose(sum(map(np.take, numbers, rows)), expected[0])
    table = tables_of_rows(words, windows.__getitem__, 3, 2)
    assert table.shape == (2, words.n_words, words.n_rows, 2)
    found = table[:, np.arange(words.n_words), rows].sum(axis=1).ravel()
    assert_allclose(found, [*expected, 0], rtol=1e-5, atol=1e-5)


def test_units_of_windows():
    rng = np.random.default_rng(0)
    weights, intercepts = rng.normal(size=(2, 5, 3)), rng.normal(size=3)
    units = units_of_windows(weights, intercepts)
    assert units.shape == (64, 3)
    for a, b in product(range(5), repeat=2):
        expected = np.maximum(intercepts + weights[0, a] + weights[1, b], 0)
        assert_allclose(units[row_of((a, b), 3)], expected)


@pytest.mark.parametrize(("n_letters", "bits"), [(2, 1), (4, 2), (5, 3), (20, 5)])
def test_bits(n_letters, bits):
    assert n_bits(n_letters) == bits


@pytest.mark.parametrize(
    ("fast_bytes", "most_bytes", "length"),
    [
        (0, 10**9, 3),  # windows, whatever is fast
        (10**9, 0, None),  # not even these
        (4**5 * 4 * 10, 10**9, 5),  # words as long as is fast
        (10**9, 4**5 * 4 * 10, 5),  # or as there is memory for
        (10**9, 10**9, 12),  # no longer than a sequence
    ],
)
def test_choice_of_words(fast_bytes, most_bytes, length):
    words = choose_words(12, 3, 4, 4, fast_bytes=fast_bytes, most_bytes=most_bytes)
    assert (words and words.length) == length


def test_short_words_where_longer_ones_are_no_fewer():
    words = choose_words(12, 1, 4, 4, fast_bytes=2**19, most_bytes=2**30)
    assert (words.length, words.n_words) == (6, 2)


def test_rows_are_numbered_in_32_bits():
    words = choose_words(40, 1, 4, 0, fast_bytes=1, most_bytes=1)
    assert words.bits * words.length < 32
