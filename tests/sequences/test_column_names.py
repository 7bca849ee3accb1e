"""Names of columns are written and read in one place, and read as they were written."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.sequences.column_names import (
    ColumnNamesError,
    PositionColumns,
    places_of,
    read_names,
    write_names,
    write_pair,
)

LETTERS = ("ACGT", "AC", "ACGTN-", "AC*")


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=30, unique=True),
    st.sampled_from(LETTERS),
    st.sampled_from(["", "sequence__", "a__b__"]),
)
def test_numbered_positions_are_read_as_written(positions, letters, prefix):
    names = [prefix + name for name in write_names(positions, letters)]
    assert read_names(names) == PositionColumns(tuple(positions), letters)


@given(
    st.lists(
        st.text("abcxyz_", min_size=1).filter(lambda name: "__" not in f"{name}_"),
        min_size=2,
        unique=True,
    ),
    st.sampled_from(LETTERS),
)
def test_named_positions_are_read_as_written(positions, letters):
    found = read_names(write_names(positions, letters))
    assert found == PositionColumns(tuple(positions), letters)


def test_two_sequences_are_told_apart():
    names = [f"{which}__{name}" for which in "ab" for name in write_names([1], "AC")]
    assert read_names(names) == PositionColumns(("a__1", "b__1"), "AC")


@pytest.mark.parametrize(
    "names",
    [
        *([], ["x0", "x1"], ["GC content"], ["dose_A", "dose_B", "age"], ["1a_2b"]),
        [*write_names(["dose", "cells"], "AC"), "age"],
    ],
)
def test_other_names_say_nothing_of_positions(names):
    assert read_names(names) is None


@given(st.data())
def test_any_column_that_is_taken_away_is_missed(data):
    names = write_names(range(1, 6), "ACGT")
    del names[data.draw(st.integers(0, len(names) - 1))]
    with pytest.raises(ColumnNamesError):
        read_names(names)


def test_many_strays_are_not_all_named():
    strays = [f"c{number}" for number in range(8)]
    with pytest.raises(ColumnNamesError, match="c0, c1, c2, c3, c4 and 3 more"):
        read_names([*write_names([1, 2], "ACGT"), *strays])


def test_few_strays_are_all_named():
    with pytest.raises(
        ColumnNamesError, match=r"but not c0, c1, c2, c3, c4$"
    ) as refused:
        read_names([*write_names([1, 2], "ACGT"), *(f"c{i}" for i in range(5))])
    copy = pickle.loads(pickle.dumps(refused.value))
    assert copy.strays == refused.value.strays
    assert str(copy) == str(refused.value)


@pytest.mark.parametrize("strays", [["GA", "TC"], ["1_A", "1_C"]])
def test_strays_that_end_like_a_position(strays):
    with pytest.raises(ColumnNamesError) as refused:
        read_names([*write_names([1, 2], "AC"), *strays])
    assert refused.value.strays == strays


def test_places_are_counted_as_a_layout_counts():
    assert places_of((-2, -1, 1, 3)).tolist() == [-2, -1, 0, 2]
    assert places_of((-1, 1)).tolist() == [-1, 0]
    assert places_of((2, 1)) is None
    assert places_of((0, 1)) is None  # counted from 0, by no layout
    assert places_of(("up", "down")) is None


def test_names_of_pairs():
    assert write_pair("s__1_A", "s__2_C") == "s__1A_2C"
    assert write_pair("x0", "x5") == "x0 x5"
    assert write_pair("1_A", "age") == "1_A age"
    assert write_pair("age", "1_A") == "age 1_A"
    assert write_pair("cells_A", "cells_C") == "cells_A cells_C"


def test_single_letters_are_the_strays_however_many_there_are():
    names = [*write_names([1, 2], "AC"), *write_names([3, 4, 5], "G")]
    with pytest.raises(ColumnNamesError) as refused:
        read_names(names)
    assert refused.value.strays == ["3_G", "4_G", "5_G"]
