"""The outside of a model file: what it is, how long, and whether it is as it was written.

The first line says the format, the lengths of the two parts that follow, and the SHA-256
of all but itself. The parts are a line of JSON and the bytes of arrays. Nothing is read
before the lengths are what the file has, and nothing is made of it before the checksum
is right.
"""

import hashlib
import re
from pathlib import Path

FORMAT = 2  # 1 was a pickle

_MAGIC = b"sgrna_estimator model "
_FIRST_LINE = re.compile(
    rb"sgrna_estimator model \d+ (\d{1,12}) (\d{1,12}) ([0-9a-f]{64})\n"
)
_LONGEST_FIRST_LINE = 128

# Far more than any model needs, and no more than a small machine has.
_MOST_TEXT = 2**26
_MOST_ARRAYS = 2**30

# How pickle and joblib begin: protocols 2 and later, plain or compressed by zlib.
_PICKLES = (b"\x80", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class ModelFileError(ValueError):
    """A file that is not a model of this package, or not a whole one."""


def pack(text: bytes, arrays: bytes) -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    text, arrays : bytes
        Its parts.

    Returns
    -------
    bytes

    Raises
    ------
    ModelFileError
        If a part is too long to be read again.
    """
    if len(text) > _MOST_TEXT or len(arrays) > _MOST_ARRAYS:
        raise ModelFileError(
            f"the model is too large for a file: {len(text)} bytes of text and "
            f"{len(arrays)} of arrays, of at most {_MOST_TEXT} and {_MOST_ARRAYS}"
        )
    sizes = b"%d %d" % (len(text), len(arrays))
    digest = _digest(sizes, text + arrays).encode()
    return b"%b%d %b %b\n%b%b" % (_MAGIC, FORMAT, sizes, digest, text, arrays)


def unpack(path: Path) -> tuple[bytes, bytes]:
    """Read the parts of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    text, arrays : bytes
        As they were given to `pack`, to the bit.

    Raises
    ------
    ModelFileError
        If it is not a file, of another kind, of a later format, too short or too long,
        or changed.
    """
    if not path.is_file():  # a pipe would be waited for, a device has no end
        what = "is not a file" if path.exists() else "there is no such file"
        raise ModelFileError(f"{path}: {'is a folder' if path.is_dir() else what}")
    with path.open("rb") as file:
        first = file.readline(_LONGEST_FIRST_LINE)
        n_text, n_arrays, digest = _read_first_line(path, first)
        found, expected = path.stat().st_size, len(first) + n_text + n_arrays
        if found != expected:
            raise ModelFileError(
                f"{path}: is a model file that is not whole, or damaged: it has {found} "
                f"bytes and should have {expected}"
            )
        rest = file.read(n_text + n_arrays)
    if _digest(b"%d %d" % (n_text, n_arrays), rest) != digest:
        raise ModelFileError(
            f"{path}: is a model file that is damaged: its content is not what its "
            "checksum says"
        )
    return rest[:n_text], rest[n_text:]


def _digest(sizes: bytes, rest: bytes) -> str:
    digest = hashlib.sha256(b"%d %b\n" % (FORMAT, sizes))
    digest.update(rest)
    return digest.hexdigest()


def _read_first_line(path: Path, line: bytes) -> tuple[int, int, str]:
    """Return the lengths of the parts and the checksum."""
    if not line.startswith(_MAGIC):
        raise ModelFileError(f"{path}: {_say_what_it_is(line)}")
    number = re.match(rb"\d{1,9}(?= )", line[len(_MAGIC) :])
    if number is not None and int(number[0]) > FORMAT:
        raise ModelFileError(
            f"{path}: is a model file of format {int(number[0])}, but this version of "
            f"sgrna_estimator reads format {FORMAT}: a later version wrote it (or it is "
            "damaged)"
        )
    parts = _FIRST_LINE.fullmatch(line)
    if parts is None or number is None or int(number[0]) < FORMAT:
        raise ModelFileError(
            f"{path}: is a model file that is not whole, or damaged: its first line is "
            "not what it should be"
        )
    n_text, n_arrays = int(parts[1]), int(parts[2])
    if n_text > _MOST_TEXT or n_arrays > _MOST_ARRAYS:
        raise ModelFileError(
            f"{path}: is a model file that is damaged: it claims {n_text} bytes of text "
            f"and {n_arrays} of arrays, more than any model has"
        )
    return n_text, n_arrays, parts[3].decode()


def _say_what_it_is(start: bytes) -> str:
    """Return what is wrong with a file that begins otherwise than a model file."""
    if start and _MAGIC.startswith(start):
        return "is a model file that is not whole: it ends in its first line"
    if start.startswith(_PICKLES):
        return (
            "is a pickle, as earlier versions of sgrna_estimator wrote, which could run "
            "any code and is not read: run `sgrna-estimator fit` again"
        )
    return (
        f"is {'empty' if not start else 'not a model file'}; a model is a file that "
        "`sgrna-estimator fit` wrote"
    )
