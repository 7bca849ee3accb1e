"""Rows in the form that the kernels read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

from sgrna_estimator.network.rows import (
    CHUNK_ROWS,
    MATRIX_TYPES,
    as_guide_rows,
    chunks,
)
from tests.network.networks import group


def random_letters(rng, n, columns, share_unknown=0.2):
    letters = rng.integers(0, columns.n_channels, (n, columns.n_positions))
    unknown = rng.random(letters.shape) < share_unknown
    return np.where(unknown, columns.n_channels, letters)


def one_hot(letters, n_channels, dtype=np.float64):
    return (
        np.vstack([np.eye(n_channels), np.zeros(n_channels)])[letters]
        .reshape(len(letters), -1)
        .astype(dtype)
    )


def as_is(X):
    return X


@pytest.mark.parametrize("dtype", MATRIX_TYPES)
@pytest.mark.parametrize(
    "container", [as_is, np.asfortranarray, sparse.csr_array, sparse.csr_matrix]
)
def test_one_hot_matrices_become_letters(container, dtype):
    columns = group(20)
    letters = random_letters(np.random.default_rng(0), 30, columns)
    X = container(one_hot(letters, 4, dtype))
    rows = as_guide_rows(X, np.zeros((30, 0), dtype=np.float32), columns)
    assert rows.letters.dtype == np.uint8
    assert rows.values is None
    assert len(rows) == 30
    assert_array_equal(rows.letters, letters)
    taken = rows.take(np.array([3, 1]))
    assert taken.one_hot
    assert_array_equal(taken.letters, letters[[3, 1]])


@pytest.mark.parametrize("container", [as_is, sparse.csr_array])
@pytest.mark.parametrize("spoilt", [0.5, -1.0, 2.0])
def test_other_matrices_stay_numbers(container, spoilt):
    columns = group(20)
    X = one_hot(random_letters(np.random.default_rng(0), 30, columns), 4)
    X[-1, -1] = spoilt
    covariates = np.ones((30, 2), dtype=np.float32)
    rows = as_guide_rows(container(X), covariates, columns)
    assert rows.letters is None
    for part in (slice(20, None), np.array([29, 0])):
        taken = rows.take(part)
        assert not taken.one_hot
        assert taken.values.dtype == np.float32
        assert taken.values.flags.c_contiguous
        assert_array_equal(taken.values, X[part])
        assert_array_equal(taken.covariates, covariates[part])


def test_split_entries_of_a_sparse_matrix_are_summed():
    columns = group(4)
    no_covariates = np.zeros((1, 0), dtype=np.float32)
    halves = sparse.csr_array(([0.5, 0.5], [2, 2], [0, 2]), shape=(1, 4))
    rows = as_guide_rows(halves, no_covariates, columns)
    assert_array_equal(rows.take(slice(None)).values, [[0, 0, 1, 0]])
    for dtype, total in ((np.uint8, 400), (bool, 2)):  # more than the type can hold
        parts = sparse.csr_array(
            (np.array([200, 200], dtype=dtype), [2, 2], [0, 2]), shape=(1, 4)
        )
        rows = as_guide_rows(parts, no_covariates, columns)
        assert_array_equal(rows.take(slice(None)).values, [[0, 0, total, 0]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.bool_])
@pytest.mark.parametrize("container", [as_is, sparse.csr_array])
def test_bytes_that_are_not_one_hot_stay_the_numbers_they_are(container, dtype):
    X = np.random.default_rng(0).integers(-128, 128, (30, 8)).astype(dtype)
    rows = as_guide_rows(container(X), np.zeros((30, 0), dtype=np.float32), group(8))
    assert rows.letters is None
    assert_array_equal(rows.take(slice(None)).values, X.astype(float))


@pytest.mark.parametrize(("n_channels", "is_letters"), [(254, True), (255, False)])
def test_letters_are_bytes(n_channels, is_letters):
    columns = group(2 * n_channels, n_channels=n_channels)
    X = one_hot(np.array([[n_channels - 1, 0], [n_channels, 3]]), n_channels)
    rows = as_guide_rows(X, np.zeros((2, 0), dtype=np.float32), columns)
    if is_letters:
        assert_array_equal(rows.letters, [[n_channels - 1, 0], [n_channels, 3]])
    else:
        assert rows.letters is None
        assert_array_equal(rows.take(slice(None)).values, X)


@pytest.mark.parametrize("container", [as_is, sparse.csr_array])
@pytest.mark.parametrize("value", [1e39, -1e39])
def test_numbers_beyond_float32_are_refused(container, value):
    X = np.zeros((3, 4))
    X[1, 2] = value
    with pytest.raises(ValueError, match=r"X must not exceed 3\.4e\+38"):
        as_guide_rows(container(X), np.zeros((3, 0), dtype=np.float32), group(4))


@given(st.integers(0, 25))
def test_chunks_cover_every_row_once(n_rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sgrna_estimator.network.rows.CHUNK_ROWS", 7)
        rows = np.arange(n_rows)
        parts = [rows[part] for part in chunks(n_rows)]
    assert all(0 < len(part) <= 7 for part in parts)
    assert_array_equal(np.concatenate([rows[:0], *parts]), rows)


def test_letters_are_read_a_chunk_at_a_time():
    columns = group(8)
    n = CHUNK_ROWS + 3
    letters = random_letters(np.random.default_rng(0), n, columns)
    X = one_hot(letters, 4, np.float32)
    covariates = np.zeros((n, 0), dtype=np.float32)
    assert_array_equal(as_guide_rows(X, covariates, columns).letters, letters)
    X[-1, -1] = 0.5  # only the second chunk tells that it is not one-hot
    assert as_guide_rows(X, covariates, columns).letters is None
