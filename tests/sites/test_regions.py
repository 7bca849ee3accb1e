"""Regions: two ways to write them, and what counts from where."""

import gzip

import hypothesis.strategies as st
import pytest
from hypothesis import given

from sgrna_estimator.sites import Region, RegionError, read_regions


@given(start=st.integers(0, 10**9), length=st.integers(1, 10**6))
def test_text_counts_from_one_and_bed_from_zero(start, length):
    region = Region("chr1", start, start + length)
    assert Region.parse(str(region)) == region
    assert str(region) == f"chr1:{start + 1}-{start + length}"
    assert region.end - region.start == length


@pytest.mark.parametrize("text", ["chr1:1,000-2,000", " chr1:1000-2000 "])
def test_a_region_is_read_from_text(text):
    assert Region.parse(text) == Region("chr1", 999, 2000)
    assert read_regions(text) == [Region("chr1", 999, 2000)]


def test_names_of_chromosomes_may_have_colons():
    assert Region.parse("HLA:01:01:5-6") == Region("HLA:01:01", 4, 6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chr1", "written as chromosome:first-last"),
        ("chr1:5", "written as chromosome:first-last"),
        ("chr1:0-5", "count from 1"),
        ("chr1:6-5", "the last is not before the first"),
        ("chr1:,-5", "written as chromosome:first-last"),
        ("chr1:5-" + 5000 * "9", "written as chromosome:first-last"),
    ],
)
def test_other_texts_are_refused(text, message):
    with pytest.raises(RegionError, match=message):
        Region.parse(text)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_bed_file_is_read(tmp_path, compress):
    path = tmp_path / "genes.bed"
    text = "track name=x\n# a comment\nchr1\t0\t100\tGENE 1\t0\t-\n\nchr2 5 9\n"
    path.write_bytes(compress(text.encode()))
    expected = [Region("chr1", 0, 100, "GENE 1"), Region("chr2", 5, 9)]
    assert read_regions(path) == read_regions(str(path)) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"# nothing\n", "has no region"),
        (b"chr1\t5\t9\nchr1\t5\n", "line 2: expected a chromosome, a start and an end"),
        (b"chr1\t5\t9.5\n", "line 1: expected .* got 'chr1\\\\t5\\\\t9.5'"),
        (b"chr1\t9\t9\n", r"line 1: a region starts at 0 .*start 9, end 9"),
        (b"chr1\t-1\t9\n", r"line 1: a region starts at 0 .*start -1, end 9"),
        (b"chr1\t" + 4300 * b"9" + b"\t5\n", "line 1: expected a chromosome"),
        (b"\xff\xfe\n", "cannot be read"),
        (b"\x1f\x8bgarbage", "cannot be read"),
    ],
)
def test_bad_lines_are_named(tmp_path, content, message):
    path = tmp_path / "genes.bed"
    path.write_bytes(content)
    with pytest.raises(RegionError, match=f"^{path}: {message}"):
        read_regions(path)


def test_a_missing_file_is_named():
    with pytest.raises(RegionError, match=r"none.bed: cannot be read .*chr1:1000-2000"):
        read_regions("none.bed")
