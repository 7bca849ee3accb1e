"""FASTA: records as they are written, wherever blocks are cut."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.datasets import text
from sgrna_estimator.datasets.fasta import FASTA_TITLE, FastaTable
from sgrna_estimator.datasets.opening import TableError


def read(content, n_bytes=10_000):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_BYTES_A_BLOCK", n_bytes)
        try:
            parts = list(FastaTable(io.BytesIO(content.encode()), "seq").rows())
        except TableError as error:
            return str(error)
    numbers = [number for part in parts for number in part.numbers.tolist()]
    rows = [row for part in parts for row in part.table.to_pylist()]
    assert numbers == list(range(1, len(rows) + 1))
    return [(row[FASTA_TITLE], row["seq"]) for row in rows]


@given(
    st.lists(
        st.tuples(
            st.text("a >|", max_size=4),
            st.lists(st.text("ACGT", max_size=4), max_size=3),
        ),
        min_size=1,
    ),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.integers(1, 12),
)
def test_records_are_read_as_written(records, end, n_bytes):
    content = "".join(
        f">{title}{end}" + "".join(f"{line}{end}" for line in lines)
        for title, lines in records
    )
    expected = [(title, "".join(lines)) for title, lines in records]
    assert read(content, n_bytes) == expected
    assert read(content.removesuffix(end), n_bytes) == expected


def test_blank_lines_around_records():
    assert read("\n\n>a\n\nAC\n\nGT\n\n>b\nA\n\n", 3) == [("a", "ACGT"), ("b", "A")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("ACGT\n", "is not FASTA: it must begin with '>', but it begins with 'A'"),
        (">a\nAC\0\n", text.NOT_UTF8),
    ],
)
def test_what_is_no_fasta(content, reason):
    assert read(content) == reason
