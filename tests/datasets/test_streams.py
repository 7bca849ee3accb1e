"""Streams of guides: batches, row numbers and refusals over whole tables."""

import gzip
import io
import sys
import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sgrna_estimator.datasets import TableError, text
from sgrna_estimator.datasets.columns import CellError
from sgrna_estimator.datasets.streams import (
    GuideStream,
    Rejected,
    as_text_column,
    is_text,
)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(text, "_BYTES_A_BLOCK", 40)


def write(folder, **tables):
    """Write tables under the names given, with a dot for each underscore."""
    paths = []
    for name, content in tables.items():
        path = folder / name.replace("_", ".")
        content = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        paths.append(path)
    return paths


def numbered(n, separator="\t"):
    lines = [f"{separator.join([f'g{i}', 'ACGT', str(i)])}\n" for i in range(1, n + 1)]
    return separator.join(["id", "seq", "x"]) + "\n" + "".join(lines)


def read(paths, **options):
    with GuideStream(paths, sequence="seq", **options) as stream:
        return [(batch.file, batch) for batch in stream]


def refused(paths, **options):
    with pytest.raises(TableError) as caught:
        read(paths, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_batches_are_the_tables_in_order(tmp_path, small_blocks):
    paths = write(
        tmp_path, a_tsv=numbered(50), b_csv_gz=numbered(20, ","), c_txt=numbered(5)
    )
    batches = read(paths, covariates=["x"])
    assert len(batches) > 10
    for path, n in zip(paths, (50, 20, 5), strict=True):
        mine = [batch for file, batch in batches if file == str(path)]
        numbers = np.concatenate([batch.numbers for batch in mine])
        np.testing.assert_array_equal(numbers, np.arange(1, n + 1))
        ids = [each for batch in mine for each in batch.table["id"].to_pylist()]
        assert ids == [f"g{i}" for i in range(1, n + 1)]
        x = pd.concat([batch.read_covariates() for batch in mine])["x"]
        np.testing.assert_array_equal(x, np.arange(1, n + 1))
        assert all((batch.sequences == "ACGT").all() for batch in mine)


def test_columns_that_only_some_have_are_left_out(tmp_path):
    frame = pd.DataFrame({"x": [1, 2], "seq": ["AC", "GT"], "only": [1, 2]})
    frame.to_parquet(tmp_path / "b.parquet")
    [first] = write(tmp_path, a_tsv="seq\tid\tx\nAC\t007\t1.50\n")
    with GuideStream([first, tmp_path / "b.parquet"], sequence="seq") as stream:
        assert (stream.names, stream.left_out) == (["seq", "x"], ["id", "only"])
        rows = [row for batch in stream for row in batch.table.to_pylist()]
    assert rows == [
        {"seq": "AC", "x": "1.50"},
        {"seq": "AC", "x": "1"},
        {"seq": "GT", "x": "2"},
    ]
    with GuideStream([tmp_path / "b.parquet"], sequence="seq") as stream:
        assert stream.schema.field("x").type == pa.int64()
        assert not stream.is_fasta


def test_fasta_has_titles_and_sequences(tmp_path, small_blocks):
    content = "".join(f">g{i} of a gene\nAC\nGT\n" for i in range(1, 31))
    for name in ("a_fasta", "b_fa_gz", "c_fna"):
        paths = write(tmp_path, **{name: content})
        with GuideStream(paths, sequence="seq") as stream:
            assert stream.is_fasta
            rows = [row for batch in stream for row in batch.table.to_pylist()]
        assert rows == [
            {"title": f"g{i} of a gene", "seq": "ACGT"} for i in range(1, 31)
        ]


def test_standard_input_is_read_once(monkeypatch, small_blocks):
    for content in (numbered(20).encode(), gzip.compress(numbered(20, ",").encode())):
        buffer = io.BufferedReader(io.BytesIO(content))
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=buffer))
        batches = read(["-"])
        assert {file for file, _ in batches} == {"standard input"}
        assert sum(len(batch) for _, batch in batches) == 20


def test_rows_at_fault_are_named_by_their_numbers(tmp_path, small_blocks):
    [path] = write(tmp_path, a_tsv=numbered(30).replace("\t29\n", "\thigh\n"))
    found = []
    for file, batch in read([path], covariates=["x"]):
        try:
            batch.read_covariates()
        except CellError as error:
            found.append((batch.locate(error.rows), error.problem))
            taken = batch.take(error.rows)
            assert taken.locate([0]) == found[0][0]
            assert taken.reject(0, "why") == Rejected(file, 29, "ACGT", "why")
    assert found == [
        (
            f"{path}, data row 29",
            "the covariate in column 'x' must be a finite number, but it is 'high'",
        )
    ]


def test_ragged_rows(tmp_path, small_blocks):
    content = numbered(40).replace("g30\tACGT\t30", "g30\tACGT").replace("g3\t", "")
    [path] = write(tmp_path, a_tsv=content)
    problem = "has not as many fields as the header (2, not 3)"
    assert refused([path]) == f"{path}: is not a table: data row 3 {problem}"
    rejected = []
    batches = read([path], reject=rejected.append)
    numbers = [n for _, batch in batches for n in batch.numbers.tolist()]
    assert numbers == [n for n in range(1, 41) if n not in (3, 30)]
    assert rejected == [
        Rejected(str(path), 3, "3", problem),
        Rejected(str(path), 30, "ACGT", problem),
    ]
    paths = write(tmp_path, b_tsv="seq\tx\nACGT\n")
    assert read(paths, reject=rejected.append) == []
    assert rejected[-1].row == 1


def test_tables_that_are_refused(tmp_path):
    good, empty, no_column, twice, sheet = write(
        tmp_path,
        good_tsv=numbered(3),
        empty_tsv="seq\tx\n",
        other_tsv="sequence\tx\nA\t1\n",
        twice_tsv="seq\tseq\nA\tC\n",
        sheet_xlsx="",
    )
    assert refused([good, empty]) == f"{empty}: has a header but no rows"
    assert f"{no_column}: there is no column 'seq' for the sequence" in refused(
        [good, no_column]
    )
    assert refused([twice]) == f"{twice}: has two columns 'seq'"
    assert "is a spreadsheet" in refused([sheet])
    assert refused([good, good]) == f"the table {str(good)!r} is given twice"
    assert refused([good], covariates=["seq"]) == "the column 'seq' has two roles"
    assert refused([tmp_path / "none.tsv"]).endswith("none.tsv: there is no such file")
    assert ".parquet, .fasta, .fa, .fna" in refused(write(tmp_path, a_json="{}"))


def test_any_column_as_text():
    for column, expected in (
        (pa.chunked_array([["a", None]]), ["a", ""]),
        (pa.chunked_array([[True, False]]), ["True", "False"]),
        (pa.chunked_array([[1, 2]]), ["1", "2"]),
        (pa.chunked_array([[1.5, None]]), ["1.5", ""]),
        (pa.chunked_array([[[1], None]]), ["[1]", ""]),
    ):
        found = as_text_column(column)
        assert is_text(found.type)
        assert found.to_pylist() == expected
