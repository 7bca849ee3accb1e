"""Files and pipes: what is in them, whatever they are compressed with."""

import bz2
import gzip
import io
import lzma
import os
import sys
import threading
import types

import pyarrow as pa
import pytest

from sgrna_estimator.datasets.opening import TableError, is_passing, open_file
from tests.datasets.tables import zipped

CONTENT = "seq\nACGT\n" * 1000
COMPRESSED = {
    ".gz": gzip.compress(CONTENT.encode()),
    ".bz2": bz2.compress(CONTENT.encode()),
    ".xz": lzma.compress(CONTENT.encode()),
    ".zst": pa.compress(CONTENT.encode(), "zstd", asbytes=True),
    ".zip": zipped(CONTENT, "table.tsv"),
}


def read(path, n_bytes=100):
    with open_file(path) as file:
        parts = list(iter(lambda: file.read(n_bytes), b""))
        return file.ending, b"".join(parts).decode()


@pytest.mark.parametrize("ending", COMPRESSED)
def test_what_is_inside_a_file(tmp_path, ending):
    path = tmp_path / f"table.tsv{ending}"
    path.write_bytes(COMPRESSED[ending])
    assert read(path) == (".tsv", CONTENT)


@pytest.mark.parametrize("ending", ["", *COMPRESSED])
def test_what_comes_through_a_pipe(tmp_path, monkeypatch, ending):
    content = COMPRESSED.get(ending, CONTENT.encode())
    # what is in an archive has a name, but not what comes through a pipe
    stream = types.SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdin", stream)
    assert read("-") == (".txt", CONTENT)
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        writer = threading.Thread(
            target=lambda: (tmp_path / "pipe").write_bytes(content)
        )
        writer.start()
        assert read(tmp_path / "pipe") == (".txt", CONTENT)
        writer.join()


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"PAR1...", ".parquet"),
        (b">1\nA\n", ".fasta"),
        (b"seq\n", ".txt"),
        (b"", ".txt"),
    ],
)
def test_what_a_pipe_holds_is_told_by_its_beginning(monkeypatch, content, ending):
    for whole in (content, gzip.compress(content)):
        stream = types.SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(whole)))
        monkeypatch.setattr(sys, "stdin", stream)
        assert read("-") == (ending, content.decode())


@pytest.mark.parametrize("ending", COMPRESSED)
def test_what_is_cut_short_is_refused(tmp_path, ending):
    path = tmp_path / f"table.tsv{ending}"
    path.write_bytes(COMPRESSED[ending][:-9])
    with pytest.raises(TableError, match=f"is not a valid {ending} file"):
        read(path)


def test_a_stream_that_can_be_read_anywhere(tmp_path):
    plain, packed = tmp_path / "a.tsv", tmp_path / "a.tsv.gz"
    plain.write_text(CONTENT)
    packed.write_bytes(COMPRESSED[".gz"])
    for path in (plain, packed):
        with open_file(path) as file, file.seekable() as stream:
            stream.seek(4)
            assert stream.read(4) == b"ACGT"


def test_what_can_be_read_once_only(tmp_path):
    (tmp_path / "file").touch()
    assert is_passing("-")
    assert not is_passing(tmp_path / "file")
    assert not is_passing(tmp_path)
    assert not is_passing(tmp_path / "none")


def test_zips_whose_directory_is_damaged(tmp_path):
    whole = zipped("seq\n", "t.tsv")
    directory = whole.index(b"PK\x01\x02")
    place = directory + 42  # of the member, counted from the beginning
    before = whole[directory - 11 :]  # so that it seems to begin before the file
    in_utf8 = directory + 9  # a bit of the flags
    not_utf8 = (
        whole[:in_utf8] + b"\x08" + whole[in_utf8 + 1 :].replace(b"t.t", b"\xff.t")
    )
    no_name = whole[: directory + 28] + b"\0" + whole[directory + 29 :]
    assert whole[place : place + 4] == bytes(4)
    for content in (before, not_utf8, no_name):
        path = tmp_path / "table.tsv.zip"
        path.write_bytes(content)
        with pytest.raises(TableError, match=r"^is not a valid \.zip file$"):
            read(path)
