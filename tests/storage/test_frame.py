"""Files that are not models, or not whole, or changed, are refused in one line."""

import io
import os
import pickle
import subprocess
import sys
import zipfile

import joblib
import numpy as np
import pytest

from sgrna_estimator.storage import ModelFileError, read_model
from sgrna_estimator.storage.frame import FORMAT, pack, unpack

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
NOT_WHOLE = "is a model file that is not whole"


def refusal(path):
    """Return what is said of a file, without its name."""
    with pytest.raises(ModelFileError) as error:
        read_model(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.sgrna"


@pytest.mark.parametrize(
    ("text", "arrays"), [(b"", b""), (b"{}\n", b""), (b"[1]\n", bytes(range(256)))]
)
def test_a_file_gives_back_its_parts(path, text, arrays):
    path.write_bytes(pack(text, arrays))
    assert unpack(path) == (text, arrays)


# Other files --------------------------------------------------------------------------


def zip_file():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", "{}")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; a model is a file that `sgrna-estimator fit` wrote"),
        (PNG, "is not a model file; a model is"),
        (zip_file(), "is not a model file; a model is"),
        (b"seq\tactivity\nACGT\t1\n", "is not a model file; a model is"),
        (b"\x00" * 1000, "is not a model file; a model is"),
        (b"sgrna_estimator models are\n", "is not a model file; a model is"),
        (b"sgrna_estimator model of mine\n", f"{NOT_WHOLE}, or damaged: its first"),
        (b"sgrna_estimator model 1 0 0 \n", f"{NOT_WHOLE}, or damaged: its first"),
    ],
)
def test_other_files_are_refused(path, content, message):
    path.write_bytes(content)
    assert refusal(path).startswith(message)


def test_what_is_not_a_file_is_refused(tmp_path):
    assert refusal(tmp_path) == "is a folder"
    assert refusal(tmp_path / "none") == "there is no such file"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "is not a file"  # at once: nobody writes to it


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("compress", [None, 0, 3])
def test_a_pickle_is_refused_and_does_not_run(path, tmp_path, compress):
    marker = tmp_path / "marker"
    kept = {"format": "sgrna_estimator model 1", "pipeline": Touch(marker)}
    if compress is None:
        path.write_bytes(pickle.dumps(kept))
    else:
        joblib.dump(kept, path, compress=compress)
    said = refusal(path)
    assert said.startswith("is a pickle, as earlier versions of sgrna_estimator wrote")
    assert said.endswith("run `sgrna-estimator fit` again")
    assert not marker.exists()
    joblib.load(path)["pipeline"].close()
    assert marker.exists()  # it would have run


def test_a_later_format_is_refused(path, content):
    later = content.replace(b"model %d " % FORMAT, b"model %d " % (FORMAT + 1), 1)
    path.write_bytes(later)
    assert refusal(path).startswith(
        f"is a model file of format {FORMAT + 1}, but this version of sgrna_estimator "
        f"reads format {FORMAT}: a later version wrote it"
    )
    # whatever the rest of its first line says
    path.write_bytes(b"sgrna_estimator model 10 zstd\n")
    assert refusal(path).startswith("is a model file of format 10, but")


# Changed files ------------------------------------------------------------------------


def test_a_file_that_is_cut_short_is_refused(path, content):
    n_first = content.index(b"\n") + 1
    lengths = [*range(1, n_first + 2), *range(n_first, len(content), 97)]
    for length in [*lengths, len(content) - 1]:
        path.write_bytes(content[:length])
        said = refusal(path)
        if length < len(b"sgrna_estimator model "):
            assert (
                said == "is a model file that is not whole: it ends in its first line"
            )
        else:
            assert said.startswith(f"{NOT_WHOLE}, or damaged: ")


def test_a_file_with_something_after_it_is_refused(path, content):
    path.write_bytes(content + b"\n")
    assert refusal(path) == (
        f"{NOT_WHOLE}, or damaged: it has {len(content) + 1} bytes and should have "
        f"{len(content)}"
    )


def test_a_file_with_a_flipped_bit_is_refused(path, content):
    rng = np.random.default_rng(0)
    n_first = content.index(b"\n") + 1
    # every bit of the first line, and some of the rest
    bits = [*range(8 * n_first), *rng.integers(8 * n_first, 8 * len(content), 100)]
    for bit in bits:
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        assert refusal(path).startswith("is ")


def test_bytes_that_move_from_one_part_to_the_other_are_noticed(path, content):
    first, rest = content.split(b"\n", 1)
    *start, n_text, n_arrays, digest = first.split()
    moved = [*start, b"%d" % (int(n_text) - 1), b"%d" % (int(n_arrays) + 1), digest]
    path.write_bytes(b" ".join(moved) + b"\n" + rest)
    assert refusal(path).startswith(
        "is a model file that is damaged: its content is not"
    )


# Sizes --------------------------------------------------------------------------------

LIMITED = """
import resource, sys
from pathlib import Path
import numpy, sklearn.pipeline, sgrna_estimator.storage.checks
from sgrna_estimator.storage import ModelFileError, read_model
status = Path("/proc/self/status").read_text()
used = int(status.split("VmSize:")[1].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (used + 2**27, used + 2**27))
try:
    read_model(sys.argv[1])
except ModelFileError as error:
    assert not isinstance(error.__cause__, MemoryError)
    print(error)
"""


def sizes_in_first_line(text, arrays):
    return b"sgrna_estimator model 2 %d %d %b\n" % (text, arrays, b"0" * 64)


def model_of(scores, arrays=(), content=b""):
    """Return a file whose checksum is right and whose description is a lie."""
    described = {"model": {"scores": scores}, "objects": [], "arrays": list(arrays)}
    text = repr(described).replace("'", '"').encode() + b"\n"
    return pack(text, content)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory")
@pytest.mark.parametrize(
    ("content", "length", "message"),
    [
        (sizes_in_first_line(10**11, 0), None, "claims 100000000000 bytes of text"),
        (sizes_in_first_line(0, 10**11), None, "claims 0 bytes of text and 10000"),
        (sizes_in_first_line(0, 10**11), 2**36, "claims 0 bytes of text and 10000"),
        (sizes_in_first_line(10, 2**30), None, "bytes and should have 10737419"),
        (
            model_of(
                {"@array": 0},
                [{"dtype": "<f8", "shape": [10**6, 10**6], "order": "C"}],
                b"12345678",
            ),
            None,
            "arrays of 8000000000000 bytes in 8",
        ),
        (
            model_of(
                {"@array": 0}, [{"dtype": "<U99999999", "shape": [9], "order": "C"}]
            ),
            None,
            "arrays of 3599999964 bytes in 0",
        ),
        (
            model_of({"@array": 0}, [{"dtype": "|O", "shape": [10**10], "order": "C"}]),
            None,
            "an array of object",
        ),
        (model_of({"@object_array": [[10**10], []]}), None, "0 values for an array of"),
    ],
)
def test_sizes_that_are_not_true_take_no_memory(path, content, length, message):
    path.write_bytes(content)
    if length is not None:
        os.truncate(path, length)  # a hole: it takes no place on the disk
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert message in done.stdout


def test_a_model_that_could_not_be_read_is_not_written(monkeypatch):
    monkeypatch.setattr("sgrna_estimator.storage.frame._MOST_ARRAYS", 9)
    with pytest.raises(
        ModelFileError, match="too large for a file: 3 bytes of text and"
    ):
        pack(b"{}\n", bytes(10))
