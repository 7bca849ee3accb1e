"""Messages that name the rows at fault."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.exceptions import DataConversionWarning

from sgrna_estimator._validation import (
    check_groups,
    check_sums,
    check_target,
    name_row_numbers,
    name_rows,
)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([3], "row 4"),
        ([3, 8], "rows 4, 9"),
        ([3, 8, 9, 11, 15], "rows 4, 9, 10, 12, 16"),
        ([3, 8, 9, 11, 15, 16], "rows 4, 9, 10, 12, 16 and 1 more"),
        (range(100), "rows 1, 2, 3, 4, 5 and 95 more"),
        (np.array([2, 5]), "rows 3, 6"),
    ],
)
def test_rows_are_named(rows, named):
    assert name_rows(rows) == named
    # of numbers that count from 1
    assert name_row_numbers(np.asarray(rows) + 1) == named


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200))
def test_no_row_is_left_out_of_the_count(rows):
    text = name_rows(rows)
    hidden = int(text.split(" and ")[1].split()[0]) if "more" in text else 0
    shown = text.split(" and ")[0].removeprefix("rows ").removeprefix("row ")
    assert [int(row) for row in shown.split(", ")] == [
        row + 1 for row in rows[: len(rows) - hidden]
    ]


NUMBERS = {
    "list": [0, 1, 0.5],
    "tuple": (0, 1, 0.5),
    "float32": np.array([0, 1, 0.5], dtype=np.float32),
    "series": pd.Series([0, 1, 0.5], index=[7, 7, 8]),
    "arrow": pd.Series([0, 1, 0.5], dtype="float64[pyarrow]"),
    "nullable": pd.Series([0, 1, 0.5], dtype="Float64"),
    "object": np.array([0, True, 0.5], dtype=object),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_any_kind_become_float64(kind):
    target = check_target(NUMBERS[kind])
    assert target.dtype == np.float64
    np.testing.assert_array_equal(target, [0, 1, 0.5])


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64])
def test_whole_numbers_and_truth_values_are_numbers(dtype):
    target = check_target(np.array([0, 1], dtype=dtype))
    assert target.dtype == np.float64
    np.testing.assert_array_equal(target, [0, 1])


@given(
    npst.arrays(
        np.float64, st.integers(1, 20), elements=st.floats(-1e150, 1e150, width=64)
    )
)
def test_a_good_target_is_returned_as_a_copy(y):
    target = check_target(y)
    np.testing.assert_array_equal(target, y)
    assert not np.shares_memory(target, y)


def test_a_column_vector_is_taken_with_scikit_learn_s_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        target = check_target([[1.0], [2.0]])
    np.testing.assert_array_equal(target, [1, 2])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1, np.nan, 2, np.nan], r"finite, but .* in rows 2, 4$"),
        ([1, 2, -np.inf], r"finite, but .* in row 3$"),
        ([1, None, 2], r"missing .* in row 2$"),
        (np.array([1, None, 2], dtype=object), r"missing .* in row 2$"),
        (["1", "2"], r"numbers, but '1' is not one, in rows 1, 2$"),
        (pd.Series([1.0, "high", 2.0]), r"'high' is not one, in row 2$"),
        (np.array([1, [2], 3], dtype=object), r"\[2\] is not one, in row 2$"),
        (pd.Series(["active", "dead"], dtype="category"), "'active' is not one"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "not one, in row 1"),
        (np.array([1 + 1j]), "Complex data not supported"),
        ([[1.0, 2.0]], "should be a 1d array"),
        (None, "y is None"),
        (3.0, r"[Ee]xpected|scalar|array"),
    ],
)
def test_a_bad_target_is_refused(y, message):
    with pytest.raises((ValueError, TypeError), match=message):
        check_target(y)


@pytest.mark.parametrize("dtype", ["Float64", "float64[pyarrow]", "Int64"])
def test_missing_values_of_nullable_columns_are_called_missing(dtype):
    with pytest.raises(ValueError, match=r"missing .* in row 2$"):
        check_target(pd.Series([1, None, 2], dtype=dtype))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            [0.5, -0.25, 0.5, -3],
            r"^y must be at least 0, but it is -0\.25 in rows 2, 4$",
        ),
        ([0.5, 1.5], r"^y must be at most 1, but it is 1\.5 in row 2$"),
        ([np.nan, 1.5], r"finite.* in row 1$"),
    ],
)
def test_a_target_out_of_bounds_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        check_target(y, lower=0, upper=1)


def test_bounds_are_inclusive_and_optional():
    np.testing.assert_array_equal(check_target([0, 1], lower=0, upper=1), [0, 1])
    np.testing.assert_array_equal(check_target([0, 5], lower=0), [0, 5])
    np.testing.assert_array_equal(check_target([-5, 1], upper=1), [-5, 1])


def test_the_message_takes_a_name():
    with pytest.raises(ValueError, match=r"^log2fc must be finite"):
        check_target([np.inf], name="log2fc")
    with pytest.raises(ValueError, match="log2fc"):
        check_target(None, name="log2fc")


@pytest.mark.parametrize(
    "groups",
    [
        ["b", "a", "b"],
        np.array(["b", "a", "b"]),
        pd.Series(["b", "a", "b"], dtype="category"),
        pd.Series(["b", "a", "b"], dtype="string[pyarrow]"),
        pd.Series(["b", "a", "b"], index=[9, 9, 9]),
    ],
)
def test_groups_become_codes_of_sorted_labels(groups):
    labels, codes = check_groups(groups, 3)
    assert labels.tolist() == ["a", "b"]
    assert codes.tolist() == [1, 0, 1]
    assert codes.dtype == np.intp


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_labels_of_the_codes_are_the_groups(groups):
    labels, codes = check_groups(groups, len(groups))
    assert labels[codes].tolist() == groups
    assert labels.tolist() == sorted(set(groups))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a", "b"], "gene must hold one label a guide: expected 3, got 2"),
        (["a", None, "b"], "gene is missing in row 2"),
        ([1.0, np.nan, np.nan], "gene is missing in rows 2, 3"),
        (pd.Series(["a", pd.NA, "b"], dtype="string"), "gene is missing in row 2"),
        ([["a", "b"]] * 3, "1d array"),
        (["Tp53", "TP53", "a"], "'TP53' and 'Tp53' differ only in case"),
        (["TP53", "TP53 ", "a"], "'TP53' and 'TP53 ' differ only in case, blanks"),
        (["TP53", "TP53\u200b", "a"], "are they one"),
        (["\ufeffTP53", "TP53", "a"], "are they one"),
        (["\uff34P53", "TP53", "a"], "are they one"),
        (["NKX2-1", "NKX2\u20111", "a"], "are they one"),
        (["NKX2-1", "nkx2\u20131", "a"], "are they one"),
        (["e\u0301", "\u00e9", "a"], "are they one"),
        (["TP53", '"TP53"', "a"], "are they one"),
        (["TP53", "' TP53'", "a"], "are they one"),
        (["7", "007", "a"], "are they one"),
        (["0.5", "0.50", "a"], "are they one"),
        (["100", "+0100.", "a"], "are they one"),
        (["0", "0.0", "a"], "are they one"),
        (["TP53\u00a0a", "TP53 a", "a"], "are they one"),
        (["1", "1.0", "10"], "'1' and '1.0' differ only in case"),
    ],
)
def test_bad_groups_are_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        check_groups(groups, 3, name="gene")


def test_labels_that_are_not_spellings_of_one():
    groups = ["1", "10", "1.5", "NKX2-1", "NKX2-10", "NKX2.0", "V1.0.0", "a b", "ab"]
    groups += [
        "ENSG01.1",
        "ENSG01.10",
        "1.05",
        "-1",
        "100",
        "5'",
        "'",
        '"',
        "2\u22121",
        "21",
    ]
    labels, _ = check_groups(groups, len(groups))
    assert labels.tolist() == sorted(groups)
    check_groups([1.0, 10.0, 1.5], 3)


@pytest.mark.parametrize("value", [1.7e308, -1e151])
def test_targets_whose_squares_overflow_are_refused(value):
    with pytest.raises(ValueError, match=r"between -1e\+150 and 1e\+150, .* in row 3$"):
        check_target([0.0, 1.0, value])
    assert check_target([0.0, 1e150])[1] == 1e150


def test_sums_that_overflow_are_named():
    check_sums(np.array([1e308, -1e308]), "z overflow")
    with pytest.raises(
        ValueError, match=r"in rows 2, 3 that are .* sums of z overflow$"
    ):
        check_sums(np.array([1.0, np.nan, -np.inf]), "z overflow")
