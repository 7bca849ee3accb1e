import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.datasets import load_table
from sgrna_estimator.datasets.columns import guess_type
from tests.datasets.tables import refused


def test_text_is_read_verbatim(write):
    names = [
        "NA",
        "nan",
        "None",
        "SEPT2",
        "1e5",
        "TRUE",
        "007",
        " x ",
        "A,B",
        "-",
    ]
    rows = "".join(f"ACGT\t{name}\t{name}\n" for name in names)
    table = load_table(write("seq\tgene\tnote\n" + rows), sequence="seq", groups="gene")
    assert table.groups.tolist() == names
    assert table.frame["note"].tolist() == names


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["10", "2"], [10, 2]),
        (["01", "2"], ["01", "2"]),
        (["1.0", "2"], ["1.0", "2"]),
        (["+1", "2"], ["+1", "2"]),
        (["-1", "0"], [-1, 0]),
        (["1" * 18, "2"], [int("1" * 18), 2]),
        (["1" * 30, "2"], ["1" * 30, "2"]),
        (["1", "NA"], ["1", "NA"]),
    ],
)
def test_groups_are_numbers_if_that_loses_nothing(write, cells, expected):
    text = "seq\tgene\n" + "".join(f"ACGT\t{cell}\n" for cell in cells)
    assert load_table(write(text), sequence="seq", groups="gene").groups.tolist() == (
        expected
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2"], [1, 2]),
        (["1", ""], [1.0, np.nan]),
        (["0.5", " NA "], [0.5, np.nan]),
        (["0.5", "inf"], [0.5, np.inf]),
        (["0", "-0.5"], [0.0, -0.5]),
        (["007", "8"], ["007", "8"]),
        (["NA", ""], ["NA", ""]),
        (["1_0", "2"], ["1_0", "2"]),
        (["+1", " 2 "], [1, 2]),
        (["1", "x"], ["1", "x"]),
    ],
)
def test_other_columns_are_numbers_if_that_loses_nothing(write, cells, expected):
    text = "seq\tother\n" + "".join(f"ACGT\t{cell}\n" for cell in cells)
    other = load_table(write(text), sequence="seq").frame["other"]
    assert len(other) == 2
    np.testing.assert_equal(other.tolist(), expected)


@given(st.lists(st.floats(-1e150, 1e150), min_size=1))
def test_numbers_are_read_exactly(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("numbers") / "table.csv"
    path.write_text("score\n" + "".join(f"{number!r}\n" for number in numbers))
    assert load_table(path, sequence=None, target="score").target.tolist() == numbers


def test_a_decimal_comma_is_recognised(write):
    path = write("seq\ty\nACGT\t1.5\nACGA\t-0,25\n")
    assert refused(path, target="y").endswith("it is '-0,25', with a decimal comma")


def test_genes_that_became_dates_are_warned_of(write):
    path = write("seq\tgene\nACGT\tTP53\nACGA\t2-Sep\nACGC\tMar-01\n")
    with pytest.warns(UserWarning, match=r"data rows 2, 3: the group .* '2-Sep'"):
        table = load_table(path, sequence="seq", groups="gene")
    assert table.groups.tolist() == ["TP53", "2-Sep", "Mar-01"]


def test_long_values_are_cut(write):
    path = write("seq,score\nACGT," + "x" * 1000 + "\n", "table.csv")
    assert len(refused(path, target="score")) < 250


@pytest.mark.parametrize(
    ("cells", "place", "reason"),
    [
        (["1", "x", "2", "y"], "data row 2", "it is 'x'"),
        (["1", "", "NA", "x"], "data rows 2, 3", "it is missing"),
        (["inf", "1", "1", "-inf"], "data row 1", "it is 'inf'"),
        (["1", "1", "1", "1,5"], "data row 4", "it is '1,5', with a decimal comma"),
        (["1", "1.7e308", "1", "x"], "data row 2", "it is '1.7e308', beyond 1e+150"),
        (["1", "0x1F", "1_000", "TRUE"], "data row 2", "it is '0x1F'"),
    ],
)
@pytest.mark.parametrize("role", ["target", "covariate"])
def test_numbers_that_are_none(write, role, cells, place, reason):
    path = write("seq\tscore\n" + "".join(f"ACGT\t{cell}\n" for cell in cells))
    roles = {"target": "score"} if role == "target" else {"covariates": ["score"]}
    assert refused(path, **roles) == (
        f"{path}, {place}: the {role} in column 'score' must be a finite number, but "
        f"{reason}"
    )


def test_missing_numbers_and_groups_of_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame(
        {
            "seq": ["ACGT", None],
            "score": pd.array([1, None], dtype="Int64"),
            "float": [np.nan, 1.0],
            "gene": [None, "A"],
        }
    ).to_parquet(path)
    where = f"{path}, data row"
    assert refused(path).startswith(f"{where} 2: in the sequence column 'seq'")
    for roles, place in (
        ({"target": "score"}, f"{where} 2: the target in"),
        ({"target": "float"}, f"{where} 1: the target in"),
        ({"groups": "gene"}, f"{where} 1: the group in column 'gene' is missing"),
        ({"groups": "float"}, f"{where} 1: the group in column 'float' is missing"),
    ):
        assert refused(path, sequence=None, **roles).startswith(place)


@pytest.mark.parametrize("cell", ["", " "])
def test_missing_group(write, cell):
    path = write(f"seq\tgene\nACGT\tA\nACGT\t{cell}\n")
    assert refused(path, groups="gene") == (
        f"{path}, data row 2: the group in column 'gene' is missing"
    )


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "every sequence must be a non-empty string, but there is an empty string"),
        (
            "ACG",
            "every sequence must have the same length (the commonest is 4; for "
            "several lengths set align, on the command line --align), but there "
            "is one of length 3",
        ),
        (
            "ACNT",
            "every letter must be one of 'ACGT', but there is another (first 'N', at "
            "position 3)",
        ),
        (
            "ACG ",
            "every letter must be one of 'ACGT', but there is another (first ' ', at "
            "position 4)",
        ),
    ],
)
def test_wrong_sequences(write, cell, reason):
    path = write(f"seq\tgene\nACGT\tA\n\nACGT\tB\n{cell}\tC\n")
    assert refused(path) == (
        f"{path}, data row 3: in the sequence column 'seq' {reason}"
    )


def test_numbers_are_no_sequences(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"seq": [1, 2]}).to_parquet(path)
    assert "there is 1 (int)" in refused(path)


@pytest.mark.parametrize(
    "cell",
    [
        "+1",
        " 1",
        "1.",
        ".5",
        "1e400",
        "-inf",
        "0.1",
        "1234567890123456789012",
        "Infinity",
    ],
)
def test_numbers_are_those_of_float(write, cell):
    """Whether pyarrow reads them or not, and whatever stands beside them."""
    for others in ([], ["NA"], ["2", " 3"]):
        cells = [cell, "0.25", *others]
        path = write("x\ty\n" + "".join(f"{each}\t1\n" for each in cells))
        column = load_table(path, sequence=None, target="y").frame["x"]
        expected = [np.nan if each == "NA" else float(each) for each in cells]
        np.testing.assert_array_equal(column.to_numpy(dtype=float), expected)


def test_groups_keep_their_order(write):
    path = write("y\tgene\n" + "".join(f"1\t{g}\n" for g in ["3", "1", "3", "2"]))
    table = load_table(path, sequence=None, target="y", groups="gene")
    assert table.groups.tolist() == [3, 1, 3, 2]
    assert table.groups.name == "gene"


def guess_slowly(cells):
    """Return numbers for cells that are all numbers or missing, else None."""
    missing = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None"]
    stripped = [cell.strip() for cell in cells]
    present = [cell for cell in stripped if cell not in missing]
    try:
        numbers = [float(cell) for cell in present]
    except ValueError:
        return None
    zeros_in_front = [re.fullmatch("[+-]?0[0-9]+", cell) for cell in present]
    if not present or any(zeros_in_front) or np.isnan(numbers).any():
        return None
    if any("_" in cell for cell in present):
        return None
    if all(re.fullmatch("[+-]?[0-9]{1,18}", cell) for cell in stripped):
        return [int(cell) for cell in stripped]
    return [np.nan if cell in missing else float(cell) for cell in stripped]


CELLS = st.sampled_from(
    ["1", "+5", "-0", "007", "0.1", "1e5", "-.5", "1_0", "inf", "-nan", "x", "", "NA"]
) | st.sampled_from(
    ["nan", " 2 ", "\u00a03", "1" * 18, "1" * 19, "0x10", "1,5", "None", "é", "00"]
)


@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from([str, object]))
def test_columns_are_numbers_if_all_their_cells_are(cells, dtype):
    column = pd.Series(cells, name="a", dtype=dtype)
    found, expected = guess_type(column), guess_slowly(cells)
    if expected is None:
        assert found is column
        return
    whole = all(isinstance(number, int) for number in expected)
    assert found.dtype == (np.int64 if whole else np.float64)
    assert found.name == "a"
    np.testing.assert_array_equal(found.to_numpy(), expected)


def test_numbers_of_a_table_can_be_written_to(write):
    table = load_table(write("seq\ta\tb\nACGT\t1\t1.5\n"), sequence="seq")
    for name in ("a", "b"):
        table.frame.loc[0, name] = 7
        assert table.frame[name].tolist() == [7]
