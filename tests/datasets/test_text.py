"""Text tables in blocks: the same rows and the same errors as all at once."""

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgrna_estimator.datasets import text
from sgrna_estimator.datasets.opening import TableError

LINES = st.sampled_from(
    [
        "a,b",
        "1,2",
        '"a","b"',
        '"a,""",b',
        " ",
        "",
        ",",
        "a",
        "a,b,c",
        "\ufeffa,\N{GREEK SMALL LETTER ALPHA}",
    ]
) | st.sampled_from(['"a\nb",c', 'a,"b', '"a"b,c', 'a"b,c', '"'])
TEXTS = st.builds(
    lambda lines, end, last: "header,b" + end + end.join(lines) + last,
    st.lists(LINES, max_size=8),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.sampled_from(["", "\n", "\r\n\r\n"]),
)


def read(content, n_bytes, separator=",", reject=None):
    """Return names, rows and their numbers, or why the table is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_BYTES_A_BLOCK", n_bytes)
        try:
            table = text.TextTable(io.BytesIO(content.encode()), separator)
            parts = list(table.rows(reject))
        except TableError as error:
            return str(error)
    cells = [
        row
        for part in parts
        for row in zip(*part.table.to_pydict().values(), strict=True)
    ]
    return (
        table.schema.names,
        cells,
        [n for part in parts for n in part.numbers.tolist()],
    )


@given(TEXTS | st.text('a,"\n\r \ufeff', max_size=30), st.integers(1, 12))
@example('header,b\n1,2\n3,"4\n5,6\n', 15)
@example('header,b\n1,2\n"3,4\n', 19)
@example('header,b\n1,2\n3,"4"x\n', 2)
@example('"long\nheader",b\n1,2\n', 4)
@example("a,b\r\n1,2\r\n", 4)
@example("\ufeff", 1)
@example("\ufeffa,b\n1,2", 1)
def test_where_blocks_are_cut_makes_no_difference(content, n_bytes):
    assert read(content, n_bytes) == read(content, 10_000)


@given(TEXTS, st.integers(1, 12))
def test_rows_that_are_rejected_are_those_of_another_width(content, n_bytes):
    found = []
    kept = read(content, n_bytes, reject=lambda *row: found.append(row))
    if isinstance(kept, str):  # for another reason
        assert "not as many fields" not in kept
        return
    names, cells, numbers = kept
    assert all(len(row) == len(names) for row in cells)
    assert all(len(row) != len(names) for _, row, _ in found)
    rejected = [number for number, _, _ in found]
    assert sorted(numbers + rejected) == list(range(1, len(cells) + len(found) + 1))
    assert numbers == sorted(numbers)


def test_what_is_said_of_a_row_that_is_rejected():
    found = []
    names, cells, numbers = read(
        "seq,a\nA,1\nC\n\nG,2\nT,3,4\n", 3, reject=lambda *row: found.append(row)
    )
    assert (names, cells, numbers) == (["seq", "a"], [("A", "1"), ("G", "2")], [1, 3])
    reason = "has not as many fields as the header ({}, not 2)"
    assert found == [
        (2, ["C"], reason.format(1)),
        (4, ["T", "3", "4"], reason.format(3)),
    ]


def test_numbers_count_over_the_whole_table():
    rows = [f"{number},x" for number in range(1, 101)]
    rows[79] = "80"
    assert "data row 80 " in read("n,a\n" + "\n".join(rows), 20)
    rows[79] = '80,"x"x'
    assert read("n,a\n" + "\n\n".join(rows), 20).endswith("(line 160)")
    rows[79] = "80,é"
    _, cells, numbers = read("n,a\n" + "\n".join(rows), 7)
    assert [int(cell) for cell, _ in cells] == numbers == list(range(1, 101))


def test_a_header_that_does_not_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(text, "_MOST_BYTES_OF_A_HEAD", 100)
    content = '"seq,a\n' + "A,1\n" * 1000
    assert "is not a table: " in read(content, 10)


def test_the_separator_is_that_of_the_header():
    assert read("a,b\n1,2\n", 3, separator=None)[1] == [("1", "2")]
    assert read("a,b\tc\n1,2\t3\n", 3, separator=None)[1] == [("1,2", "3")]


def test_blocks_are_text_of_arrow():
    rows = next(text.TextTable(io.BytesIO(b"a\nNA\n"), ",").rows())
    assert rows.table.schema.types == [pa.large_string()]
    assert rows.numbers.dtype == np.int64
