"""Parquet: columns with their types, in batches."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sgrna_estimator.datasets import parquet
from sgrna_estimator.datasets.opening import TableError


def opened(frame, **options):
    stream = io.BytesIO()
    frame.to_parquet(stream, **options)
    return parquet.ParquetTable(stream)


def test_rows_are_numbered_over_the_batches(monkeypatch):
    monkeypatch.setattr(parquet, "_ROWS_A_BATCH", 7)
    frame = pd.DataFrame({"seq": ["A"] * 30, "n": np.arange(1, 31)})
    parts = list(opened(frame, row_group_size=10).rows())
    assert len(parts) > 3
    for part in parts:
        np.testing.assert_array_equal(part.numbers, part.table["n"].to_numpy())
    assert sum(len(part.numbers) for part in parts) == 30


def test_types_stay_and_categories_are_their_labels():
    frame = pd.DataFrame({"gene": pd.Categorical(["a", "b"]), "x": [1.5, np.nan]})
    table = opened(frame)
    assert table.schema.field("x").type == pa.float64()
    [rows] = table.rows()
    assert rows.table["gene"].to_pylist() == ["a", "b"]


def test_an_index_with_a_name_is_the_first_column():
    frame = pd.DataFrame({"x": [1, 2]}, index=["a", "b"])
    assert opened(frame).schema.names == ["x"]
    assert opened(frame.rename_axis("id")).schema.names == ["id", "x"]


def test_what_is_no_parquet():
    with pytest.raises(TableError, match=r"is not a valid .parquet"):
        parquet.ParquetTable(io.BytesIO(b"PAR1"))
    stream = io.BytesIO()
    pd.DataFrame({"x": np.random.default_rng(0).random(1000)}).to_parquet(stream)
    content = bytearray(stream.getvalue())
    content[4:100] = bytes(96)
    with pytest.raises(TableError, match=r"is not a valid .parquet"):
        list(parquet.ParquetTable(io.BytesIO(bytes(content))).rows())
