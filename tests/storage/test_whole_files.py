"""Files are written whole, or not at all, and say why not in one line."""

import pandas as pd
import pytest

from sgrna_estimator.storage.whole_files import (
    OutputError,
    check_output,
    check_separator,
    write,
    write_table,
)
from tests.command_line import files


def test_a_failure_halfway_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half(file):
        file.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"a.txt: cannot be written \(No space left"):
        write(path, half)
    assert path.read_text() == "old"
    assert files(tmp_path) == ["a.txt"]


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    write(path, lambda file: file.write_text("new"))
    assert path.read_text() == "new"
    assert files(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "separator"),
    [("a.csv", ","), ("a.TSV", "\t"), ("a.txt.gz", "\t"), ("a.b.csv.zip", ",")],
)
def test_the_name_says_what_separates_columns(tmp_path, name, separator):
    assert check_separator(tmp_path / name) == separator
    table = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    write_table(table, tmp_path / name)
    again = pd.read_csv(tmp_path / name, sep=separator)
    pd.testing.assert_frame_equal(again, table, check_dtype=False)


def test_an_error_of_output_is_an_error_of_the_system_in_one_line(tmp_path):
    for failing in (
        lambda: check_output(tmp_path, []),
        lambda: check_output(tmp_path / "none" / "a.csv", []),
        lambda: check_separator(tmp_path / "a.png"),
    ):
        with pytest.raises(OSError, match=str(tmp_path)) as refused:
            failing()
        assert "\n" not in str(refused.value)
