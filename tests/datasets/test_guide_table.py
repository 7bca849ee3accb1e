import bz2
import gzip
import io
import lzma
import sys
import types
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.datasets.files import TableError, read_table
from sgrna_estimator.datasets.guide_table import GuideTable, load_table

TEXT = "seq\tgene\tscore\nACGT\tTP53\t0.5\nACGA\tNA\t-1\n"


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def write_file(content, name="table.tsv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def zipped(text, *names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return buffer.getvalue()


NOT_UTF8 = "is not a table of text in UTF-8 (spreadsheets call it CSV UTF-8)"


def refused(paths, **roles):
    """Return the one line that says why a table is refused."""
    with pytest.raises(TableError) as caught:
        load_table(paths, **{"sequence": "seq", **roles})
    message = str(caught.value)
    assert "\n" not in message
    assert "\r" not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message


# What is read --------------------------------------------------------------------


def test_parts_of_a_table(write):
    path = write(TEXT)
    table = load_table(path, sequence="seq", target="score", groups="gene")
    assert isinstance(table, GuideTable)
    assert table.sequences.tolist() == ["ACGT", "ACGA"]
    assert table.target.tolist() == [0.5, -1.0]
    assert table.target.dtype == np.float64
    assert table.groups.tolist() == ["TP53", "NA"]
    assert table.covariates is None
    assert table.source["file"].tolist() == [str(path)] * 2
    assert table.source["row"].tolist() == [1, 2]
    assert list(table.frame) == ["seq", "gene", "score"]
    assert table.locate([1]) == f"{path}, data row 2"


def test_roles_that_are_not_asked_for(write):
    table = load_table(write(TEXT), sequence=None, covariates=["score"])
    assert table.sequences is None
    assert table.target is None
    assert table.groups is None
    pd.testing.assert_frame_equal(
        table.covariates, pd.DataFrame({"score": [0.5, -1.0]})
    )


def test_one_covariate_may_be_a_string(write):
    table = load_table(write(TEXT), sequence="seq", covariates="score")
    assert list(table.covariates) == ["score"]


COMMAS = TEXT.replace("\t", ",")
FILES = {
    "table.tsv": TEXT.encode(),
    "table.TSV": TEXT.encode(),
    "table.csv": COMMAS.encode(),
    "tabs.txt": TEXT.encode(),
    "commas.txt": COMMAS.encode(),
    "mark.csv": b"\xef\xbb\xbf" + COMMAS.encode(),
    "windows.csv": COMMAS.replace("\n", "\r\n").encode(),
    "carriage_returns.tsv": TEXT.replace("\n", "\r").encode(),
    "no_last_line_end.tsv": TEXT.rstrip().encode(),
    "blank_lines.tsv": TEXT.replace("\n", "\n\n").encode() + b"  \n\n",
    "table.tsv.gz": gzip.compress(TEXT.encode()),
    "table.tsv.bz2": bz2.compress(TEXT.encode()),
    "table.csv.xz": lzma.compress(COMMAS.encode()),
    "table.csv.zip": zipped(COMMAS, "other_name.csv"),
    "table.zip": zipped(TEXT, "folder/table.tsv", "__MACOSX/._table.tsv"),
    "quoted.csv": b'"seq","gene","score"\n"ACGT","TP53","0.5"\n"ACGA","NA","-1"\n',
}


@pytest.mark.parametrize("name", FILES)
def test_types_of_files(write, name):
    path = write(FILES[name], name)
    table = load_table(path, sequence="seq", target="score", groups="gene")
    assert table.sequences.tolist() == ["ACGT", "ACGA"]
    assert table.groups.tolist() == ["TP53", "NA"]
    assert table.target.tolist() == [0.5, -1.0]


def test_zstandard_is_read_if_its_package_is_there(write, monkeypatch):
    class ZstdError(Exception):
        pass

    class Decompressor:
        def stream_reader(self, stream):
            if stream.read() != b"compressed":
                raise ZstdError
            return io.BytesIO(TEXT.encode())

    module = types.SimpleNamespace(ZstdDecompressor=Decompressor, ZstdError=ZstdError)
    monkeypatch.setitem(sys.modules, "zstandard", module)
    path = write(b"compressed", "table.tsv.zst")
    assert len(load_table(path, sequence="seq").frame) == 2
    assert "not a valid .zst file" in refused(write(b"else", "table.tsv.zst"))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert "needs the package zstandard" in refused(path)


def test_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame(
        {
            "seq": ["ACGT", "ACGA"],
            "gene": pd.Categorical(["NA", "TP53"]),
            "score": [1, 2],
            "day": pd.to_datetime(["2020-01-01", "2020-01-02"]),
        },
        index=pd.Index([7, 8], name="guide"),
    ).to_parquet(path)
    table = load_table(path, sequence="seq", target="score", groups="gene")
    assert table.groups.tolist() == ["NA", "TP53"]
    assert table.target.tolist() == [1.0, 2.0]
    assert table.frame["guide"].tolist() == [7, 8]
    assert refused(path, target="day").endswith("but it is '2020-01-01 00:00:00'")


def test_parquet_without_its_package(tmp_path, monkeypatch):
    def read_parquet(*_):
        raise ImportError("no engine")

    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1")
    assert refused(path).endswith("is not a valid .parquet file")
    monkeypatch.setattr(pd, "read_parquet", read_parquet)
    assert refused(path).endswith("reading .parquet needs the package pyarrow")


def test_white_space_in_column_names_counts_as_one_space(write):
    text = '" seq\r(30 nt)  ",a\nACGT,1\n'
    for name in ("seq (30 nt)", "seq\n(30  nt)"):
        table = load_table(write(text, "table.csv"), sequence=name)
        assert list(table.frame) == ["seq (30 nt)", "a"]


def test_column_without_a_name_keeps_its_place(write):
    table = load_table(write("\tseq\tscore\n9\tACGT\t1\n"), sequence="seq")
    assert table.frame.to_dict("list") == {
        "Unnamed: 0": [9],
        "seq": ["ACGT"],
        "score": [1],
    }


def test_header_that_is_one_name_short_as_r_writes_it(write):
    table = load_table(
        write("seq\tscore\nrow1\tACGT\t1\nrow2\tACGA\t\n"), sequence="seq"
    )
    assert table.frame["Unnamed: 0"].tolist() == ["row1", "row2"]
    assert table.sequences.tolist() == ["ACGT", "ACGA"]


def test_text_is_read_verbatim(write):
    names = [
        "NA",
        "NAN",
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


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_exactly(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("numbers") / "table.csv"
    path.write_text("score\n" + "".join(f"{number!r}\n" for number in numbers))
    assert load_table(path, sequence=None, target="score").target.tolist() == numbers


@given(
    st.lists(
        st.tuples(
            st.text("ab,\t\"' \r\n", min_size=1, max_size=5).filter(str.strip),
            st.text("ab,\t\"' \r\n\N{GREEK SMALL LETTER ALPHA}", max_size=5),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_quoted_text_is_read_as_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("quoted") / "table.csv"
    text = io.StringIO(newline="")
    pd.DataFrame(rows, columns=["first", "second"]).to_csv(text, index=False, quoting=1)
    path.write_bytes(text.getvalue().encode())
    assert read_table(path).to_numpy().tolist() == [list(row) for row in rows]


# Several tables ------------------------------------------------------------------


def test_several_tables(write):
    first = write("seq\tscore\textra\nACGT\t1\tx\nACGA\t2\ty\n", "first.tsv")
    second = write("score,other,seq\n3,z,ACGC\n", "second.csv")
    table = load_table([first, second], sequence="seq", target="score")
    assert table.frame.to_dict("list") == {
        "seq": ["ACGT", "ACGA", "ACGC"],
        "score": [1.0, 2.0, 3.0],
    }
    assert table.frame.index.tolist() == [0, 1, 2]
    assert table.source["file"].tolist() == [str(first), str(first), str(second)]
    assert table.source["row"].tolist() == [1, 2, 1]
    assert table.locate([2]) == f"{second}, data row 1"
    assert table.locate([1, 2]) == f"{first}, data row 2"


def test_text_and_parquet_together(write, tmp_path):
    first = write("seq\tgene\tscore\nACGT\t1\t1\n", "first.tsv")
    second = tmp_path / "second.parquet"
    pd.DataFrame({"seq": ["ACGA"], "gene": ["TP53"], "score": [0.5]}).to_parquet(second)
    third = tmp_path / "third.parquet"
    pd.DataFrame({"seq": ["ACGC"], "gene": [3], "score": [2]}).to_parquet(third)
    table = load_table(
        [first, second, third], sequence="seq", target="score", groups="gene"
    )
    assert table.groups.tolist() == ["1", "TP53", "3"]
    assert table.target.tolist() == [1.0, 0.5, 2.0]


def test_tables_with_different_columns(write):
    first = write(TEXT, "first.tsv")
    second = write("guide\tgene\nACGT\tA\n", "second.tsv")
    message = refused([first, second])
    assert message == (
        f"{second}: there is no column 'seq' for the sequence; the columns are 'guide', "
        "'gene'"
    )


def test_lengths_are_compared_across_tables(write):
    first = write("seq\nACGT\nACGA\n", "first.tsv")
    second = write("seq\nACG\n", "second.tsv")
    assert refused([first, second]) == (
        f"{second}, data row 1: in the sequence column 'seq' every sequence must have "
        "the same length (the commonest is 4), but there is one of length 3"
    )
    load_table([first, second], sequence="seq", align="right")


# What is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "table.tsv", "is empty"),
        (b" \n\n", "table.csv", "is empty"),
        (b"\xef\xbb\xbf", "table.csv", "is empty"),
        (gzip.compress(b""), "table.csv.gz", "is empty"),
        (b"seq\tscore\n", "table.tsv", "has a header but no rows"),
        (b"seq\n\n \n", "table.tsv", "has a header but no rows"),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "table.csv",
            NOT_UTF8,
        ),
        (
            b"seq\nA\x00\n",
            "table.csv",
            NOT_UTF8,
        ),
        (
            "seq\nACGT\n".encode("utf-16"),
            "table.csv",
            NOT_UTF8,
        ),
        (
            b"seq,a\nACGT,1\nACGT\n",
            "table.csv",
            "is not a table: data row 2 has not as many fields as the header (1, not 2)",
        ),
        (
            b"seq,a\nACGT,1,2,3\n",
            "table.csv",
            "is not a table: data row 1 has not as many fields as the header (4, not 2)",
        ),
        (
            b"seq,a\nACGT,1,\n",
            "table.csv",
            "is not a table: data row 1 has not as many fields as the header (3, not 2)",
        ),
        (
            b'seq,a\n"ACGT,1\n',
            "table.csv",
            "is not a table: unexpected end of data (line 2)",
        ),
        (b"seq,seq\nA,C\n", "table.csv", "has two columns 'seq'"),
        (b"PK\x03\x04", "table.zip", "is not a valid .zip file"),
        (b"text", "table.tsv.gz", "is not a valid .gz file"),
        (gzip.compress(b"seq\nACGT\n")[:-9], "t.tsv.gz", "is not a valid .gz file"),
        (b"text", "table.tsv.bz2", "is not a valid .bz2 file"),
        (b"text", "table.tsv.xz", "is not a valid .xz file"),
        (zipped("a", "a.tsv", "b.tsv"), "t.zip", "must hold one file, but holds 2"),
        (
            b"text",
            "table.json",
            "is not a table by its name, which must end in .tsv, .csv, .txt, .parquet, "
            "and may then have one of .zip, .gz, .bz2, .xz, .zst",
        ),
        (
            b"text",
            "table.xlsx",
            "is a spreadsheet: save it as CSV UTF-8, or as text with tabs",
        ),
    ],
)
def test_files_that_are_no_tables(write, content, name, reason):
    path = write(content, name)
    assert refused(path) == f"{path}: {reason}"


@pytest.mark.parametrize(
    ("text", "name", "separator"),
    [
        ("seq;y\nACGT;1.5\n", "table.csv", ";"),
        ("seq;y\nACGT;1,5\n", "table.csv", ";"),
        ("seq,y\nACGT,1.5\n", "table.tsv", ","),
    ],
)
def test_other_separators_are_recognised(write, text, name, separator):
    message = refused(write(text, name))
    assert "there is no column 'seq' for the sequence" in message
    assert f"the header has {separator!r} in it: fields must be separated by" in message


def test_a_decimal_comma_is_recognised(write):
    path = write("seq\ty\nACGT\t1.5\nACGA\t-0,25\n")
    assert refused(path, target="y").endswith("it is '-0,25', with a decimal comma")


def test_genes_that_became_dates_are_warned_of(write):
    path = write("seq\tgene\nACGT\tTP53\nACGA\t2-Sep\nACGC\tMar-01\n")
    with pytest.warns(UserWarning, match=r"data rows 2, 3: the group .* '2-Sep'"):
        table = load_table(path, sequence="seq", groups="gene")
    assert table.groups.tolist() == ["TP53", "2-Sep", "Mar-01"]


def test_a_ragged_row_beyond_the_first_block_is_numbered(write, monkeypatch):
    monkeypatch.setattr("sgrna_estimator.datasets.files._ROWS_A_BLOCK", 2)
    path = write("seq,a\n" + "ACGT,1\n" * 4 + "ACGT\n", "table.csv")
    assert "data row 5 " in refused(path)
    assert len(read_table(write("seq,a\n" + "ACGT,1\n" * 5, "table.csv"))) == 5


def test_files_that_are_not_there(tmp_path, write, monkeypatch):
    assert refused(tmp_path / "none.tsv").endswith("none.tsv: there is no such file")
    assert refused(tmp_path).endswith("is a folder, not a table")
    assert refused([]) == "no table was given"
    path = write(TEXT)
    assert refused([path, str(path)]) == f"the table {str(path)!r} is given twice"

    def read_bytes(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", read_bytes)
    assert refused(path) == f"{path}: cannot be read (Permission denied)"


def test_column_that_does_not_exist(write):
    path = write(TEXT)
    assert refused(path, target="Scores") == (
        f"{path}: there is no column 'Scores' for the target; the columns are 'seq', "
        "'gene', 'score'; did you mean 'score'?"
    )
    assert refused(path, groups="zzz").endswith("are 'seq', 'gene', 'score'")
    assert "for the covariate" in refused(path, covariates=["zzz"])


def test_many_columns_are_not_all_named(write):
    names = [f"column{i}" for i in range(25)] + ["n" * 100]
    path = write(",".join(names) + "\n" + ",".join("1" * 26) + "\n", "table.csv")
    message = refused(path)
    assert "'column19' and 6 more" in message
    assert "column20" not in message


def test_long_values_are_cut(write):
    path = write("seq,score\nACGT," + "x" * 1000 + "\n", "table.csv")
    assert len(refused(path, target="score")) < 250


def test_column_with_two_roles(write):
    assert refused(write(TEXT), target="score", covariates=["score"]) == (
        "the column 'score' has two roles"
    )


@pytest.mark.parametrize(
    ("cells", "place", "reason"),
    [
        (["1", "x", "2", "y"], "data row 2", "it is 'x'"),
        (["1", "", "NA", "x"], "data rows 2, 3", "it is missing"),
        (["inf", "1", "1", "-inf"], "data row 1", "it is 'inf'"),
        (["1", "1", "1", "1,5"], "data row 4", "it is '1,5', with a decimal comma"),
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
            "every sequence must have the same length (the commonest is 4), but there "
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


def test_sequences_follow_the_settings_of_the_transformer(write):
    path = write("seq\nACGN\nacgu\n")
    for unknown in ("zero", "spread"):
        table = load_table(path, sequence="seq", unknown=unknown)
        assert table.sequences.tolist() == ["ACGN", "acgu"]  # as they are written
    with pytest.raises(ValueError, match="alphabet must be"):
        load_table(path, sequence="seq", alphabet="A")


def test_numbers_are_no_sequences(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"seq": [1, 2]}).to_parquet(path)
    assert "there is 1 (int)" in refused(path)
