"""Covariates that are numbers, and those that are categories."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.datasets import load_table
from sgrna_estimator.datasets.columns import CellError
from sgrna_estimator.datasets.covariates import (
    as_numbers,
    covariate_names,
    find_wrong_covariates,
    found_categories,
    listed,
    read_covariate,
    source_columns,
)
from tests.datasets.tables import refused

TEXT = (
    "seq\tgc\tcells\nACGT\t0.5\tK562\nACGA\t0.4\tHEK 293 \nACGG\t1\tK562\n"
    "ACCC\t1\tHEK 293\n"
)
NAMES = ["gc", "cells=HEK 293", "cells=K562"]


def test_each_category_of_a_text_is_a_covariate(write):
    table = load_table(write(TEXT), sequence="seq", covariates=["gc", "cells"])
    assert table.categories == {"cells": ["HEK 293", "K562"]}
    expected = pd.DataFrame(
        [[0.5, 0, 1], [0.4, 1, 0], [1, 0, 1], [1, 1, 0]], columns=NAMES, dtype=float
    )
    pd.testing.assert_frame_equal(table.covariates, expected)
    assert list(table.features) == ["seq", *NAMES]
    assert table.frame["cells"].tolist() == ["K562", "HEK 293", "K562", "HEK 293"]
    # the categories stay those of the whole table
    assert table.take([0, 2]).covariates["cells=HEK 293"].tolist() == [0, 0]
    assert table.take([0, 2]).categories == table.categories


def test_categories_that_are_known_are_the_only_ones(write):
    path, known = write(TEXT), {"cells": ["A375", "HEK 293", "K562"]}
    reading = {"covariates": ["cells"], "categories": known}
    table = load_table(path, sequence="seq", **reading)
    assert table.categories == known
    assert list(table.covariates) == [f"cells={each}" for each in known["cells"]]
    assert table.covariates["cells=A375"].tolist() == [0] * 4
    reading["categories"] = {"cells": ["HEK 293", "k562"]}
    assert refused(path, **reading) == (
        f"{path}, data rows 1, 3: the covariate in column 'cells' must be one of the "
        "categories of training, 'HEK 293', 'k562', but it is 'K562'"
    )
    reading["categories"] = {}
    assert refused(path, **reading).endswith(
        "the covariate in column 'cells' must be a finite number, but it is 'K562'"
    )


@pytest.mark.parametrize(
    ("cells", "rows", "problem"),
    [
        (["a", "", "a", "b"], [1], "is missing"),
        (["a", "NA", "nan", "b"], [1, 2], "is missing"),
        (["a", "a", "A", "a"], [0], "must be written in one way, but 'a' and 'A'"),
        (["a", "b", "c", "b"], [0], "is text, 'a', and there are 3 such texts for 4"),
        (["1", "x", "x", "y"], [1, 2], "must be a finite number, but it is 'x'"),
        (["inf", "x", "x", "x"], [0], "must be a finite number, but it is 'inf'"),
    ],
)
def test_what_is_neither_numbers_nor_categories_is_refused(cells, rows, problem):
    with pytest.raises(CellError, match="the covariate in column 'x'") as caught:
        read_covariate(pd.Series(cells, name="x"), None)
    assert problem in caught.value.problem
    assert caught.value.rows.tolist() == rows


def test_one_guide_has_one_category():
    column = read_covariate(pd.Series(["a"], name="x"), None)
    assert found_categories(column.to_frame()) == {"x": ["a"]}


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d=e"]), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_numbers_say_which_category_it_was(cells, random):
    known = ["a", "b", "c", "d=e"]
    random.shuffle(known)
    column = read_covariate(pd.Series(cells, name="x"), {"x": known})
    numbers = as_numbers(column.to_frame(), {"x": known})
    assert list(numbers) == covariate_names(["x"], {"x": known})
    assert source_columns(list(numbers), {"x": known}) == ["x"]
    assert (numbers.sum(axis=1) == 1).all()
    assert [known[place] for place in numbers.to_numpy().argmax(axis=1)] == cells


def test_a_name_that_is_there_twice_is_refused(write):
    text = TEXT.replace("gc", "cells=K562")
    path = write(text)
    assert refused(path, covariates=["cells", "cells=K562"]) == (
        f"{path}: there are two covariates 'cells=K562': rename a column"
    )


def test_rows_without_a_category_can_be_left_out(write):
    text = TEXT.replace("HEK 293\n", "\n").replace("HEK 293 \n", "NA\n")
    options = {"sequence": "seq", "covariates": "cells", "drop_incomplete": True}
    table = load_table(write(text), **options)
    assert table.n_incomplete == 2
    assert table.categories == {"cells": ["K562"]}


def test_categories_of_parquet(tmp_path):
    frame = pd.DataFrame({"seq": ["ACGT", "ACGA"] * 2, "cells": ["K", "H", "H", "K"]})
    frame["cells"] = frame["cells"].astype("category")
    frame.to_parquet(tmp_path / "table.parquet")
    table = load_table(tmp_path / "table.parquet", sequence="seq", covariates="cells")
    assert table.covariates["cells=H"].tolist() == [0, 1, 1, 0]


def test_cells_that_are_wrong_are_all_found():
    column = pd.Series(["a", "", "z"], name="x")
    found = find_wrong_covariates(column, list("abcdefgh"))
    assert list(found) == [1, 2]
    assert found[1].endswith(
        "'a', 'b', 'c', 'd', 'e', 'f' and 2 more, but it is missing"
    )
    numbers = pd.Series([1.0, np.nan, 2.0], name="x")
    assert list(find_wrong_covariates(numbers, None)) == [1]
    assert find_wrong_covariates(numbers, ["1.0"])[1].endswith("but it is missing")


def test_few_categories_are_listed_whole():
    assert listed(["a", "b"]) == "'a', 'b'"
