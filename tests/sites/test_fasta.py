"""Records of FASTA files, and what is said of files that are none."""

import bz2
import gzip
import subprocess
import sys

import pytest

from sgrna_estimator.sites import FastaError, find_sites, read_fasta

TEXT = b">chr1 of something\nACGTN\nacgt\n\n>chr2\n>chr3\r\nRY\r\nAC"
RECORDS = [("chr1", "ACGTNacgt"), ("chr2", ""), ("chr3", "RYAC")]


@pytest.mark.parametrize(
    "compress",
    [
        bytes,
        gzip.compress,
        bz2.compress,
        lambda text: gzip.compress(text[:9]) + gzip.compress(text[9:]),  # as bgzip does
    ],
    ids=["plain", "gzip", "bzip2", "members"],
)
def test_records_are_read_as_they_are_written(tmp_path, compress):
    path = tmp_path / "genome.fa"  # how it is compressed is seen in its first bytes
    path.write_bytes(compress(TEXT))
    assert list(read_fasta(path)) == list(read_fasta(str(path))) == RECORDS
    assert [file.name for file in tmp_path.iterdir()] == ["genome.fa"]  # no index


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_standard_input_is_read(compress):
    code = "from sgrna_estimator.sites import read_fasta; print(list(read_fasta('-')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=compress(TEXT),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == str(RECORDS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no record, a line that begins with '>'"),
        (b"ACGT\n>a\nACGT\n", "line 1.*Expected '>'.*'ACGT'"),
        (b"@read\nACGT\n+\nIIII\n", "line 1.*Expected '>'.*'@read'"),
        (b">a\nAC\n>\nGT\n", "record 2 has no name after '>'"),
        (b">a\nAC\n>b\nAC\n>a x\nGT\n", "two records have the name 'a'"),
        (b">a\nAC\n>b\n\xff\xfe\n", "is not text"),
        (">a\u2028b\nAC\n".encode(), "ASCII encoded, but found ' ' at index 1"),
        (gzip.compress(TEXT, mtime=0)[:-12], "cannot be read .*ended"),
        (gzip.compress(TEXT, mtime=0)[:-8] + b"12345678", "cannot be read .*CRC"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path, content, message):
    path = tmp_path / "genome.fa"
    path.write_bytes(content)
    with pytest.raises(FastaError, match=f"^{path}: .*{message}") as caught:
        list(read_fasta(path))
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FastaError, match=r"none.fa: cannot be read \(No such file"):
        list(read_fasta(tmp_path / "none.fa"))
    with pytest.raises(FastaError, match="cannot be read"):
        list(read_fasta(tmp_path))


def test_sites_are_found_in_a_file(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_bytes(b">chr1\nACTAA\nAGG\n")
    sites = find_sites(path, "0+5+NGG+0")
    assert sites.sequences().tolist() == [b"ACTAAAGG"]
    assert sites.chromosome.tolist() == ["chr1"]
