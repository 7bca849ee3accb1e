"""What is written in batches is what would be written at once."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from sgrna_estimator.storage.table_writers import Format, format_of, table_writer
from sgrna_estimator.storage.whole_files import OutputError

TABLE = pa.table(
    {
        "title": ["a", "b b", "c"],
        "seq": pa.array(["AC", "GT", "AA"], pa.large_string()),
        "prediction": [0.5, 1e-9, -3.25],
    }
)


def written(table, form, n_a_batch=2, **options):
    stream = io.BytesIO()
    with table_writer(stream, form, table.schema, **options) as write:
        for start in range(0, len(table), n_a_batch):
            write(table.slice(start, n_a_batch))
    return stream.getvalue()


DECOMPRESS = {
    "": bytes,
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zip": lambda data: zipfile.ZipFile(io.BytesIO(data)).read("table.tsv"),
}


@pytest.mark.parametrize("compression", DECOMPRESS)
def test_text_compressed_or_not(compression):
    data = written(TABLE, Format("tsv", compression, "table.tsv"))
    assert DECOMPRESS[compression](data).decode() == (
        "title\tseq\tprediction\na\tAC\t0.5\nb b\tGT\t1e-9\nc\tAA\t-3.25\n"
    )


def test_the_same_table_gives_the_same_bytes():
    assert written(TABLE, Format("csv", ".gz")) == written(TABLE, Format("csv", ".gz"))


CELLS = st.text('ab,"\t \n\r\N{GREEK SMALL LETTER ALPHA}', max_size=4)


@given(
    st.lists(st.tuples(CELLS, CELLS, st.floats(allow_infinity=False)), max_size=6),
    st.sampled_from(["tsv", "csv"]),
    CELLS.filter(str.strip),
)
def test_text_is_read_again_as_it_was(rows, kind, name):
    texts, more, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [pa.array(texts, pa.large_string()), pa.array(more, pa.large_string())]
    table = pa.table([*arrays, pa.array(numbers, pa.float64())], [name, "b", "c"])
    data = written(table, Format(kind)).decode()
    delimiter = "\t" if kind == "tsv" else ","
    header, *found = csv.reader(io.StringIO(data, newline=""), delimiter=delimiter)
    assert header == [name, "b", "c"]
    assert [tuple(row[:2]) for row in found] == [row[:2] for row in rows]
    again = [float(row[2]) if row[2] else np.nan for row in found]
    np.testing.assert_array_equal(again, numbers)


def test_only_cells_that_need_them_have_quotes():
    table = pa.table(
        {"a": ["x", 'y"z', None], "b": [1, None, 3], "c": [True, False, True]}
    )
    assert written(table, Format("csv")).decode() == (
        'a,b,c\nx,1,True\n"y""z",,False\n,3,True\n'
    )


def test_a_table_without_rows_has_a_header():
    empty = TABLE.slice(0, 0)
    assert written(empty, Format("tsv")) == b"title\tseq\tprediction\n"
    data = written(empty, Format("parquet"))
    assert parquet.read_table(io.BytesIO(data)).schema.names == TABLE.schema.names


def test_empty_chunks_are_nothing():
    chunked = pa.concat_tables([TABLE.slice(0, 0), TABLE, TABLE.slice(0, 0), TABLE])
    lines = written(TABLE, Format("tsv")).splitlines(keepends=True)
    expected = b"".join([*lines, *lines[1:]])
    assert written(chunked, Format("tsv"), n_a_batch=10) == expected


def test_fasta():
    assert written(TABLE, Format("fasta")).decode() == (
        ">a prediction=0.5\nAC\n>b b prediction=1e-9\nGT\n>c prediction=-3.25\nAA\n"
    )


@pytest.mark.parametrize("is_pipe", [False, True])
def test_parquet_keeps_types(is_pipe):
    table = TABLE.append_column("n", pa.array([1, 2, None]))
    data = written(table, Format("parquet"), is_pipe=is_pipe)
    assert parquet.read_table(io.BytesIO(data)).equals(table)


def test_parquet_in_a_pipe_is_whole_or_not_there():
    stream = io.BytesIO()

    def interrupted():
        with table_writer(stream, Format("parquet"), TABLE.schema, is_pipe=True) as w:
            w(TABLE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stream.getvalue() == b""


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.tsv", Format("tsv", "", "a.tsv")),
        ("a.TXT", Format("tsv", "", "a.TXT")),
        ("a.b.csv.zip", Format("csv", ".zip", "a.b.csv")),
        ("a.fa.gz", Format("fasta", ".gz", "a.fa")),
        ("a.parquet", Format("parquet", "", "a.parquet")),
    ],
)
def test_names_tell_formats(name, form):
    assert format_of(Path(name)) == form


@pytest.mark.parametrize("name", ["a.json", "a", "a.parquet.gz", "a.gz"])
def test_names_that_tell_none(name):
    with pytest.raises(OutputError, match=r"must end in \.parquet, \.fasta, \.csv"):
        format_of(Path(name))


def test_pandas_reads_what_is_written():
    data = io.BytesIO(written(TABLE, Format("csv")))
    pd.testing.assert_frame_equal(
        pd.read_csv(data), TABLE.to_pandas(), check_dtype=False
    )
