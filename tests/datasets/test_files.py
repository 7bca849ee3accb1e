import bz2
import csv
import gzip
import io
import lzma

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgrna_estimator.datasets import TableError, load_table
from sgrna_estimator.datasets.files import _parse_text, read_table
from sgrna_estimator.datasets.opening import OpenFile
from tests.datasets.tables import TEXT, refused, zipped

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
    "table.tsv.zst": pa.compress(TEXT.encode(), "zstd", asbytes=True),
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


LINE_BREAK = (
    "is not a table: in data row {} a quoted cell has a line break, or its quote is not "
    "closed"
)


def expected_of(path, cells):
    """Return these rows, or why they are refused: a cell has a line break."""
    for number, row in enumerate(cells, start=1):
        if any(set(cell) & set("\r\n") for cell in row):
            return f"{path}: {LINE_BREAK.format(number)}"
    return [list(row) for row in cells]


def read_or_refuse(path):
    try:
        return read_table(path).to_numpy().tolist()
    except TableError as error:
        return str(error)


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
    assert read_or_refuse(path) == expected_of(path, rows)


def parse_slowly(text):
    """Return header and rows as the csv module reads them, None if it refuses."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, n_lines = [], 0
    try:
        for cells in reader:
            if rows and reader.line_num > n_lines + 1:
                return None  # a line break in a cell of a data row
            n_lines = reader.line_num
            if len(cells) > 1 or "".join(cells).strip():
                rows.append(cells)
    except csv.Error:
        return None
    if len(rows) < 2:
        return None
    header, first = rows[0], rows[1]
    if len(first) == len(header) + 1 and first[-1]:
        header = ["", *header]
    return (header, rows[1:]) if all(len(r) == len(header) for r in rows[1:]) else None


CELLS = st.sampled_from(
    ["a", "", " ", "NA", "null", "007", "\ufeffa", '"a"', '""', '"a,b"', '"a""b"']
) | st.sampled_from(['"\n"', '"\r"', '5"', '"a"b', 'a""b', '"', '"a'])
TABLES_OF_CELLS = st.builds(
    lambda rows, end, last: end.join(map(",".join, rows)) + last,
    st.integers(1, 3).flatmap(
        lambda width: st.lists(
            st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5
        )
    ),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.sampled_from(["", "\n", "\r\n \r\n", "\n,\n"]),
)


@given(TABLES_OF_CELLS | st.text('a,"\n\r\t \ufeff', max_size=20))
@example("a,b\n\ufeffc,d\n")  # pyarrow would drop the mark
@example('a,b\n"c"d,e\n')  # pyarrow would read cd
@example("a\nb\n  \n\nc\n")
def test_rows_are_those_of_the_csv_module(text):
    expected = parse_slowly(text.removeprefix("\ufeff"))
    try:
        frame = _parse_text(OpenFile(io.BytesIO(text.encode()), ".csv"), ",")
    except TableError:
        assert expected is None
        return
    if not len(frame):  # refused later, with its own message
        assert expected is None
        return
    assert (frame.columns.tolist(), frame.to_numpy().tolist()) == expected


@pytest.mark.parametrize(
    "row", ["a,b,c", '"a","b","c"', '"a, ""b""",,"c"', "5\",6',NA", ' ,"007",\ufeff']
)
def test_what_pyarrow_reads(row, monkeypatch):
    """Tables as programs write them must not need the slow reader."""
    text = f'one,"two\r\n2",three\n{row}\n\n{row}\n'
    slow = parse_slowly(text)

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr("sgrna_estimator.datasets.text._parse_exactly", refuse)
    frame = _parse_text(OpenFile(io.BytesIO(text.encode()), ".csv"), ",")
    assert (frame.columns.tolist(), frame.to_numpy().tolist()) == slow


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ('1,"a\nb"\n2,c\n', 1),
        ('1,a\n2,"b\rc"\n', 2),
        ('1,a\n\n2,b\n3,"c\r\n4,"\n5,e\n', 3),  # would swallow row 4
        ('1,a\n2,"b\n3,c\n4,d\n', 2),  # never closed
        ('1,"' + "a" * 100 + "\n" + "2,b\n" * 50_000, 1),  # longer than csv's limit
    ],
)
def test_line_breaks_in_cells_are_refused(write, rows, number):
    path = write("score,note\n" + rows, "table.csv")
    assert refused(path, sequence=None, target="score") == (
        f"{path}: {LINE_BREAK.format(number)}"
    )


NOT_UTF8 = "is not a table of text in UTF-8 (spreadsheets call it CSV UTF-8)"


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "table.tsv", "is empty"),
        (b" \n\n", "table.csv", "is empty"),
        (b"\xef\xbb\xbf", "table.csv", "is empty"),
        (b'""\n', "table.txt", "is empty"),
        (gzip.compress(b"", mtime=0), "table.csv.gz", "is empty"),
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
        (
            gzip.compress(b"seq\nACGT\n", mtime=0)[:-9],
            "t.tsv.gz",
            "is not a valid .gz file",
        ),
        (b"text", "table.tsv.bz2", "is not a valid .bz2 file"),
        (b"text", "table.tsv.zst", "is not a valid .zst file"),
        (b"text", "table.tsv.xz", "is not a valid .xz file"),
        (b"PAR1", "table.parquet", "is not a valid .parquet file"),
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


def test_a_ragged_row_beyond_the_first_block_is_numbered(write, monkeypatch):
    monkeypatch.setattr("sgrna_estimator.datasets.text._ROWS_A_BLOCK", 2)
    path = write("seq,a\n" + "ACGT,1\n" * 4 + "ACGT\n", "table.csv")
    assert "data row 5 " in refused(path)
    text = 'seq,a\nACGT,"1"\n' + 'A"CGT,1\n' * 4  # which pyarrow does not get
    assert len(read_table(write(text, "table.csv"))) == 5


def test_files_that_are_not_there(tmp_path, write, monkeypatch):
    assert refused(tmp_path / "none.tsv").endswith("none.tsv: there is no such file")
    assert refused(tmp_path).endswith("is a folder, not a table")
    assert refused([]) == "no table was given"
    path = write(TEXT)
    assert refused([path, str(path)]) == f"the table {str(path)!r} is given twice"

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert refused(path) == f"{path}: cannot be read (Permission denied)"
