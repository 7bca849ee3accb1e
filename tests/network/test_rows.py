"""Which columns belong together, and rows in the form that the kernels read."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

from sgrna_estimator.network import rows as _positions
from sgrna_estimator.network.columns import group_columns, split_covariates
from sgrna_estimator.network.rows import CHUNK_ROWS, as_guide_rows, chunks


def group(n_features=8, names=None, n_channels="auto", covariates=None, window_size=1):
    names = None if names is None else np.array(names, dtype=object)
    n_features = n_features if names is None else len(names)
    return group_columns(n_features, names, n_channels, covariates, window_size)


def names_of(positions, letters="ACGT", prefix=""):
    return [
        f"{prefix}{position}_{letter}" for position in positions for letter in letters
    ]


# ---- which columns are what ---------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "n_positions", "n_channels"),
    [
        ({"n_features": 8}, 2, 4),
        ({"n_features": 6}, 6, 1),
        ({"n_features": 8, "n_channels": 2}, 4, 2),
        ({"n_features": 8, "n_channels": 1}, 8, 1),
        ({"n_features": 8, "n_channels": np.int64(8)}, 1, 8),
        ({"n_features": 8, "window_size": 2}, 2, 4),
        ({"names": names_of([1, 2])}, 2, 4),
        ({"names": names_of([-2, -1, 1], "AC")}, 3, 2),
        ({"names": names_of(["a_b", "a_c"], "ACGTN")}, 2, 5),
        ({"names": names_of([1, 2, 3], "ACG", prefix="seq__")}, 3, 3),
        ({"names": names_of([1, 2], "AC"), "n_channels": 4}, 1, 4),
    ],
)
def test_columns_become_positions(options, n_positions, n_channels):
    columns = group(**options)
    assert (columns.n_positions, columns.n_channels) == (n_positions, n_channels)
    assert columns.sequence is None
    assert columns.covariates.size == 0


@pytest.mark.parametrize(
    "names",
    [
        list("abcdefgh"),
        [f"x{i}" for i in range(8)],
        [f"feature_{i}" for i in range(8)],
        ["1_A", "1_C", "1_G", "2_A", "2_C", "2_G", "2_T", "3_A"],
        ["1_A", "2_A", "1_C", "2_C", "1_G", "2_G", "1_T", "2_T"],
    ],
    ids=["letters", "x0, x1, ...", "feature_0, ...", "uneven", "letter by letter"],
)
def test_names_that_tell_no_positions_count_as_no_names(names):
    columns = group(names=names)
    assert (columns.n_positions, columns.n_channels) == (2, 4)


@pytest.mark.parametrize(
    ("covariates", "expected"),
    [
        ([8], [8]),
        ([-1], [8]),
        ([0, -1], [0, 8]),
        (["tss"], [8]),
        (np.array(["tss"]), [8]),
        (np.array([8]), [8]),
        (("tss", 0), [8, 0]),
        (pd.Index(["tss"]), [8]),
        (pd.Series([8]), [8]),
    ],
)
def test_covariates_by_name_and_number(covariates, expected):
    columns = group(
        names=[*names_of([1, 2]), "tss"], n_channels=1, covariates=covariates
    )
    assert columns.covariates.tolist() == expected
    assert columns.sequence.tolist() == [i for i in range(9) if i not in expected]
    assert columns.n_positions == 9 - len(expected)


def test_covariates_may_stand_anywhere():
    names = names_of([1, 2])
    names.insert(3, "tss")
    columns = group(names=names, covariates=["tss"])
    assert (columns.n_positions, columns.n_channels) == (2, 4)
    assert columns.covariates.tolist() == [3]
    assert columns.sequence.tolist() == [0, 1, 2, 4, 5, 6, 7, 8]


def test_no_covariates_in_a_list():
    columns = group(covariates=[])
    assert columns.sequence is None
    assert columns.covariates.size == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"n_features": 10, "window_size": 2},
            r"^10 sequence columns .* of 4 channels",
        ),
        ({"n_features": 10, "n_channels": 4}, r"^10 sequence columns .* of 4 channels"),
        ({"n_features": 8, "n_channels": 16}, r"^8 sequence columns .* of 16 channels"),
        (
            {"n_features": 9, "covariates": [0, 1], "window_size": 3},
            r"^7 sequence columns .*covariates=, or set n_channels=",
        ),
        (
            {"n_features": 8, "window_size": 3},
            r"window_size=3 is more than the 2 positions \(8 columns of 4 channels\)",
        ),
        ({"n_features": 2, "covariates": [0, 1]}, "^all 2 columns are covariates"),
        ({"covariates": ["tss"]}, r"'tss', but X has no column names"),
        (
            {"names": names_of([1, 2]), "covariates": ["tss"]},
            r"the column 'tss', which X does not have",
        ),
        ({"covariates": [8]}, r"names column 8, but X has 8 columns"),
        ({"covariates": [-9]}, r"names column -9, but X has 8 columns"),
        ({"covariates": [3, 3]}, r"a column twice: \[3, 3\]"),
        ({"covariates": [-1, 7]}, r"a column twice: \[-1, 7\]"),
        (
            {"names": names_of([1, 2]), "covariates": ["1_A", 0]},
            r"a column twice: \['1_A', 0\]",
        ),
        ({"covariates": [True]}, r"names or numbers, got True"),
        ({"covariates": [np.True_]}, r"names or numbers, got np.True_"),
        ({"covariates": [1.0]}, r"names or numbers, got 1\.0"),
        ({"covariates": [None]}, r"names or numbers, got None"),
        (
            {"covariates": "tss"},
            r"must be a list of column names or numbers, got 'tss'",
        ),
        ({"covariates": 3}, r"must be a list of column names or numbers, got 3"),
    ],
)
def test_columns_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        group(**options)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 3), st.randoms())
def test_every_column_is_used_once(n_positions, n_channels, n_covariates, random):
    n_features = n_positions * n_channels + n_covariates
    covariates = random.sample(range(n_features), n_covariates)
    columns = group(n_features, n_channels=n_channels, covariates=covariates)
    X = np.arange(2 * n_features, dtype=float).reshape(2, -1)
    sequence, values = split_covariates(X, columns)
    assert_array_equal(values, X[:, covariates])
    assert sequence.shape == (2, n_positions * n_channels)
    assert_array_equal(np.sort(np.hstack([sequence, values])), X)
    assert (np.diff(sequence) > 0).all()
    from_sparse = split_covariates(sparse.csr_array(X), columns)
    assert_array_equal(from_sparse[0].toarray(), sequence)
    assert_array_equal(from_sparse[1], values)


# ---- rows ---------------------------------------------------------------------------


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
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
    halves = sparse.csr_array(([0.5, 0.5], [2, 2], [0, 2]), shape=(1, 4))
    rows = as_guide_rows(halves, np.zeros((1, 0), dtype=np.float32), columns)
    assert_array_equal(rows.take(slice(None)).values, [[0, 0, 1, 0]])


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


@settings(deadline=None)
@given(st.integers(0, 25))
def test_chunks_cover_every_row_once(n_rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_positions, "CHUNK_ROWS", 7)
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
