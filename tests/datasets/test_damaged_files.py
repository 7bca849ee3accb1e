"""Files of which a part was lost or changed: one line that names them, or their rows."""

import bz2
import gzip
import io
import lzma
import random
import zipfile

import pyarrow as pa
import pytest

from sgrna_estimator.datasets import load_table
from sgrna_estimator.datasets.opening import TableError
from sgrna_estimator.datasets.streams import GuideStream

N_CHANGES = 60


def as_parquet(frame):
    written = io.BytesIO()
    frame.to_parquet(written)
    return written.getvalue()


def as_zip(text):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("screen.csv", text)
    return written.getvalue()


COMPRESSED = {
    "screen.csv.gz": gzip.compress,
    "screen.csv.bz2": bz2.compress,
    "screen.csv.xz": lzma.compress,
    "screen.csv.zst": lambda text: pa.compress(text, "zstd", asbytes=True),
    "screen.csv.zip": as_zip,
}


def changed(content, rng):
    """Cut a file short, leave some bytes out, or change some, most near its ends."""
    content = bytearray(content)
    how = rng.randrange(4)
    if how == 0:
        return content[: rng.randrange(len(content))]
    if how == 1:
        start = rng.randrange(len(content))
        del content[start : start + rng.randrange(1, 20)]
        return content
    for _ in range(rng.choice([1, 2, 4])):
        if how == 2:
            place = rng.randrange(len(content))
        else:
            place = rng.choice([1, -1]) * rng.randrange(1, min(1500, len(content)))
        content[place] = rng.randrange(256)
    return content


def read_as_stream(path):
    with GuideStream([path], sequence="seq") as stream:
        return [batch.sequences.to_numpy() for batch in stream]


@pytest.mark.parametrize("name", ["screen.parquet", "index.parquet", *COMPRESSED])
def test_what_is_wrong_is_told_with_the_name_of_the_file(tmp_path, small_screen, name):
    frame = small_screen.data[["seq", "gene", "log2fc"]]
    if name in COMPRESSED:
        content = COMPRESSED[name](frame.to_csv(index=False).encode())
    else:
        content = as_parquet(
            frame.set_index("gene") if "index" in name else frame.astype({"gene": str})
        )
    path, rng, told = tmp_path / name, random.Random(0), []
    for _ in range(N_CHANGES):
        path.write_bytes(changed(content, rng))
        for read in (
            lambda: load_table([path], sequence="seq", target="log2fc"),
            lambda: read_as_stream(path),
        ):
            try:
                read()
            except TableError as error:
                told.append(str(error))
    assert len(told) > N_CHANGES / 2
    assert [text for text in told if str(path) not in text or "\n" in text] == []
