"""Which columns belong together."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

from sgrna_estimator.network.columns import split_covariates
from tests.network.networks import group


def names_of(positions, letters="ACGT", prefix=""):
    return [
        f"{prefix}{position}_{letter}" for position in positions for letter in letters
    ]


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
        ({"names": names_of([1, 2], "AC"), "n_channels": 1}, 4, 1),
        ({"names": ["1_A", "1_C", "gc"], "n_channels": 1}, 3, 1),
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
        ["dose_A", "dose_B", *(f"x{i}" for i in range(6))],
    ],
    ids=["letters", "x0, x1, ...", "feature_0, ...", "two doses"],
)
def test_names_that_tell_no_positions_count_as_no_names(names):
    columns = group(names=names)
    assert (columns.n_positions, columns.n_channels) == (2, 4)


@pytest.mark.parametrize(
    ("names", "strays"),
    [
        # four covariates that were passed through became position 41
        (
            [*names_of([1, 2], prefix="s__"), *(f"c__{i}" for i in range(4))],
            "c__0, c__1, c__2, c__3",
        ),
        # one made positions of one column each
        ([*names_of([1, 2]), "distance"], "distance"),
        # what a selection of columns left was read as positions of four
        (["2_G", "3_G", "3_T", "4_T"], "2_G, 4_T"),
        # pairs of letters in a FeatureUnion became positions
        (
            [*names_of([1, 2], prefix="letters__"), "pairs__1A_2A", "pairs__1A_2C"],
            "pairs__1A_2A, pairs__1A_2C",
        ),
        (["1_A", "1_C", "1_G", "2_A", "2_C", "2_G", "2_T", "3_A"], "1_A, 1_C, 1_G"),
        (["1_A", "2_A", "1_C", "2_C"], "1_A, 2_A, 1_C, 2_C"),
        ([*names_of([1]), *names_of([2], "ACGU")], "2_A, 2_C, 2_G, 2_U"),
    ],
)
def test_columns_are_never_guessed_against_their_names(names, strays):
    with pytest.raises(ValueError, match=re.escape(strays)) as refused:
        group(names=names)
    assert "covariates=" in str(refused.value)


def test_channels_that_contradict_the_names_are_refused():
    with pytest.raises(ValueError, match=r"n_channels=4 contradicts.*letters AC"):
        group(names=names_of([1, 2], "AC"), n_channels=4)


def test_columns_say_what_they_were_taken_for():
    named = group(names=[*names_of([-1, 1, 2], prefix="seq__"), "tss"], covariates=[-1])
    assert str(named) == "3 positions (-1 to 2) of the letters ACGT, 1 covariate"
    assert named.positions == (-1, 1, 2)
    assert named.covariate_names == ("tss",)
    assert str(group(n_features=8)) == "2 positions of 4 columns each"


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
