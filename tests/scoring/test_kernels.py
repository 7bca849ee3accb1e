"""The arithmetic of scoring, against loops over one guide and one word at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sgrna_estimator.scoring.kernels import (
    DIFFERS,
    N_COLUMNS,
    SPECIAL,
    add_numbers,
    add_rows,
    read_codes,
    read_out,
)
from sgrna_estimator.scoring.words import Words

WORDS = [
    Words(n_positions=5, window_size=1, length=1, bits=2),
    Words(n_positions=7, window_size=2, length=4, bits=2),  # the last step is short
    Words(n_positions=3, window_size=3, length=3, bits=3),  # one word
    Words(n_positions=19, window_size=1, length=2, bits=1),  # more than a pass
]
N_GUIDES = [1, 5, 512, 513]  # about the guides of a block


def draw(words, n, seed=0):
    """Return letter codes, one guide a row; some do not fit into their bits."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 1 << words.bits, (n, words.n_positions), dtype=np.uint8)
    codes[1::3, ::2] = SPECIAL
    return codes


def rows_of(words, codes):
    """Return the row of each word's table, of the guides that are all letters."""
    rows = {}
    for guide, letters in enumerate(codes):
        if (letters != SPECIAL).all():
            texts = [
                "".join(
                    f"{code:0{words.bits}b}" for code in letters[start:][: words.length]
                )
                for start in words.starts
            ]
            rows[guide] = [int(text, 2) for text in texts]
    return rows


@pytest.mark.parametrize("n", N_GUIDES)
@pytest.mark.parametrize("words", WORDS, ids=str)
def test_numbers_of_words_are_added(words, n):
    codes = draw(words, n)
    table = np.random.default_rng(1).integers(-9, 9, (words.n_words, words.n_rows))
    z = np.arange(n, dtype=np.float32)
    add_numbers(
        codes.T.ravel(), words.bits, words.steps, table.ravel().astype(np.float32), z
    )
    for guide, rows in rows_of(words, codes).items():
        assert z[guide] == guide + sum(map(np.take, table, rows))


@pytest.mark.parametrize("n_groups", [1, 3])
@pytest.mark.parametrize("words", WORDS, ids=str)
def test_rows_of_words_are_added(words, n_groups):
    n = 7
    codes = draw(words, n)
    shape = (n_groups, words.n_words, words.n_rows, N_COLUMNS)
    table = np.random.default_rng(1).integers(-9, 9, shape)
    sums = np.full((n, n_groups, N_COLUMNS), np.nan, dtype=np.float32)
    add_rows(
        codes.T.ravel(),
        words.bits,
        words.steps,
        table.ravel().astype(np.float32),
        n_groups,
        sums.ravel(),
    )
    for guide, rows in rows_of(words, codes).items():
        expected = table[:, np.arange(words.n_words), rows].sum(axis=1)
        assert_array_equal(sums[guide], expected)


def test_what_units_do_is_read_out_above_zero():
    sums = np.float32([[1, -2, 3], [-1, -1, -1], [0, 5, 0]])
    z = np.float32([10, 20, 30])
    read_out(sums.ravel(), np.float32([2, 100, -1]), z)
    assert_array_equal(z, [10 + 2 - 3, 20, 30 + 500])


def check_reading(n, width, places, checked, seed=0):
    """Read guides of some letters; compare with a loop over guides."""
    rng = np.random.default_rng(seed)
    text = rng.choice(
        np.frombuffer(b"ACGTN", np.uint8), (n, width), p=[0.24] * 4 + [0.04]
    )
    lookup = np.full(256, SPECIAL, dtype=np.uint8)
    lookup[list(b"ACGT")] = range(4)
    checks = rng.choice([0, DIFFERS, SPECIAL], (len(checked), 256), p=[0.7, 0.2, 0.1])
    codes = np.full((len(places), n), 99, dtype=np.uint8)
    marks = np.full(n, 99, dtype=np.uint8)
    read_codes(
        text.ravel(),
        width,
        np.array(places, dtype=np.intp),
        lookup,
        np.array(checked, dtype=np.intp),
        checks.astype(np.uint8).ravel(),
        codes.ravel(),
        marks,
    )
    assert_array_equal(codes, lookup[text[:, places]].T)
    expected = [
        SPECIAL * any(byte == ord("N") for byte in guide[places])
        | np.bitwise_or.reduce(
            [0, *(checks[j, guide[at]] for j, at in enumerate(checked))]
        )
        for guide in text
    ]
    assert_array_equal(marks, expected)
    return marks


@pytest.mark.parametrize("n", [1, 512, 513, 1100])
@pytest.mark.parametrize("checked", [[], [1, 2, 0]])
def test_blocks_of_guides_are_read_and_marked(n, checked):
    marks = check_reading(n, 3, [2, 0], checked)
    if n > 1:
        assert 0 < np.count_nonzero(marks) < n


@settings(max_examples=20)
@given(st.data(), st.integers(1, 5), st.sampled_from([1, 2, 512, 520]))
def test_bytes_are_read_and_marked(data, width, n):
    seed = data.draw(st.integers(0, 99))
    each_place = st.lists(st.integers(0, width - 1), max_size=3)
    check_reading(n, width, data.draw(each_place), data.draw(each_place), seed)
