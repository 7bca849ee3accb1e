"""One-hot matrices -> letters, dense and sparse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

from sgrna_estimator.network.one_hot_kernels import (
    letters_from_csr,
    letters_from_dense,
)
from tests.network_reference import one_hot


@st.composite
def one_hot_letters(draw):
    """Draw the number of channels, and letters of which the last code is none."""
    n_channels, n_positions = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    row = st.lists(
        st.integers(0, n_channels), min_size=n_positions, max_size=n_positions
    )
    return n_channels, draw(st.lists(row, min_size=1, max_size=6))


def letters_of(X, n_channels, n_positions):
    """Return the codes by both readers, or None where X is not one-hot."""
    found = []
    for is_sparse in (False, True):
        codes = np.full((len(X), n_positions), 77, dtype=np.uint8)
        if is_sparse:
            csr = sparse.csr_array(X)
            is_one_hot = letters_from_csr(
                csr.indptr.astype(np.int64),
                csr.indices.astype(np.int64),
                csr.data,
                n_channels,
                codes,
            )
        else:
            is_one_hot = letters_from_dense(X, n_channels, codes)
        found.append(codes if is_one_hot else None)
    return found


@given(one_hot_letters())
def test_letters_of_a_one_hot_matrix(drawn):
    n_channels, letters = drawn
    X = one_hot(np.array(letters), n_channels)
    for codes in letters_of(X, n_channels, len(letters[0])):
        assert_array_equal(codes, letters)


@given(one_hot_letters(), st.data())
def test_what_is_not_one_hot_is_refused(drawn, data):
    n_channels, letters = drawn
    X = one_hot(np.array(letters), n_channels)
    row = data.draw(st.integers(0, len(letters) - 1))
    column = data.draw(st.integers(0, X.shape[1] - 1))
    X[row, column] = data.draw(st.sampled_from([0.5, -1.0, 2.0, 1.0]))
    is_one_hot = (
        set(X.flat) <= {0, 1} and X.reshape(-1, n_channels).sum(axis=1).max() <= 1
    )
    for codes in letters_of(X, n_channels, len(letters[0])):
        assert (codes is not None) == is_one_hot


@pytest.mark.parametrize("n_channels", [3, 4])
@pytest.mark.parametrize("position", [[1, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
def test_two_letters_at_a_position_are_refused(position, n_channels):
    X = np.zeros((3, 2 * n_channels))
    X[1, n_channels : n_channels + len(position)] = position
    assert letters_of(X, n_channels, 2) == [None, None]


def test_explicit_zeros_and_split_entries_of_a_sparse_matrix():
    indptr = np.array([0, 3, 4])
    codes = np.empty((2, 2), dtype=np.uint8)
    indices = np.array([0, 1, 5, 2])
    assert letters_from_csr(indptr, indices, np.array([0.0, 1, 1, 1]), 4, codes)
    assert_array_equal(codes, [[1, 1], [2, 4]])
    # 1 + 1 in one cell is 2
    indices = np.array([1, 1, 5, 2])
    assert not letters_from_csr(indptr, indices, np.ones(4), 4, codes)
