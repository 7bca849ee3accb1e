"""Files -> streams of the bytes that are inside, and the ending that says of what."""

import bz2
import gzip
import io
import lzma
import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from typing import IO, Any

import pyarrow as pa

StrPath = str | os.PathLike[str]

# What standard input is called on the command line, and in messages.
STANDARD_INPUT = "-"


class TableError(ValueError):
    """A table that cannot be used, with the file, row and column at fault.

    The message is one line. Data rows count from 1, the first row after the header;
    blank lines do not count.
    """


def _open_zip(raw: IO[bytes]) -> IO[bytes]:
    with _valid_directory():
        archive = zipfile.ZipFile(raw)
    # macOS adds a shadow of each file in a folder of its own. A damaged member may have
    # no name, for which is_dir has no answer.
    members = [
        member
        for member in archive.infolist()
        if not member.filename.endswith("/")
        and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise TableError(f"must hold one file, but holds {len(members)}")
    with _valid_directory():
        return archive.open(members[0])


@contextmanager
def _valid_directory() -> Iterator[None]:
    """Take what zipfile raises of places before the file, and of names, as damage."""
    try:
        yield
    except ValueError as error:
        raise zipfile.BadZipFile(str(error)) from None


def _open_zstandard(raw: IO[bytes]) -> Any:
    return pa.CompressedInputStream(raw, "zstd")


DECOMPRESSORS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".zip": _open_zip,
    ".gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _open_zstandard,
}

# What these raise on bytes of another kind, cut short or encrypted.
_DECOMPRESSION_ERRORS = (
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)

# What files begin with that come through a pipe, without a name.
_MARKS = {
    b"PK\x03\x04": ".zip",
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\xfd7zXZ\x00": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"PAR1": ".parquet",
    b">": ".fasta",
}
_N_BYTES_OF_MARKS = max(map(len, _MARKS))
_TEXT = ".txt"  # with tabs or commas, as the header tells


class OpenFile:
    """What is inside a file, as a stream of bytes.

    Made by `open_file`.

    Parameters
    ----------
    stream : binary file
        Without compression.
    ending : str
        What says the format: ``".tsv"``, in lower case.
    compression : str
        The ending of a compressed file, or nothing.
    """

    def __init__(self, stream: Any, ending: str, compression: str = "") -> None:
        self.stream = stream
        self.ending = ending
        self._compression = compression

    def read(self, n_bytes: int = -1) -> bytes:
        """Return bytes that follow, all of them by default.

        Parameters
        ----------
        n_bytes : int, default=-1
            At most so many.

        Returns
        -------
        bytes
            Nothing at the end only.

        Raises
        ------
        TableError
            If they cannot be read.
        """
        with _readable(self._compression):
            return self.stream.read() if n_bytes < 0 else self.stream.read(n_bytes)

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes]]:
        """Give the stream, or a copy on the disk, as one that can be read anywhere.

        Yields
        ------
        binary file

        Raises
        ------
        TableError
            If it cannot be read.
        """
        if not self._compression and self.stream.seekable():
            yield self.stream
            return
        with _copied(self) as copy:
            yield copy


def is_passing(path: StrPath) -> bool:
    """Tell whether what a path leads to can be read only once, as a pipe can.

    Parameters
    ----------
    path : path
        ``-`` is standard input.

    Returns
    -------
    bool
    """
    return os.fspath(path) == STANDARD_INPUT or (
        Path(path).exists() and not Path(path).is_file() and not Path(path).is_dir()
    )


@contextmanager
def open_file(path: StrPath) -> Iterator[OpenFile]:
    """Open a file, and what is compressed in it.

    Parameters
    ----------
    path : path
        ``-`` is standard input. What comes through a pipe is known by what it begins
        with, everything else by its name.

    Yields
    ------
    OpenFile

    Raises
    ------
    TableError
        If it cannot be read. The message does not name the file.
    """
    with ExitStack() as stack:
        raw, name = _open_raw(path, stack)
        ending = _ending_of(raw, name)
        if ending not in DECOMPRESSORS:
            yield OpenFile(raw, ending)
            return
        with _readable(ending):
            if ending == ".zip" and not raw.seekable():
                raw = stack.enter_context(_copied(raw))
            inside = stack.enter_context(DECOMPRESSORS[ending](raw))
        member = getattr(inside, "name", None) if ending == ".zip" else None
        if name is not None:
            name = member or PurePath(name).stem
        else:
            inside = stack.enter_context(_Peekable(inside, ending))
        yield OpenFile(inside, _ending_of(inside, name), ending)


def _open_raw(path: StrPath, stack: ExitStack) -> tuple[Any, str | None]:
    """Return a stream of a file as it is, and its name if that tells the format."""
    if os.fspath(path) == STANDARD_INPUT:
        return sys.stdin.buffer, None
    if Path(path).is_dir():
        raise TableError("is a folder, not a table")
    try:
        raw = open(path, "rb")  # noqa: SIM115, the stack closes it
        stack.enter_context(raw)
    except FileNotFoundError:
        raise TableError("there is no such file") from None
    except OSError as error:
        raise TableError(f"cannot be read ({error.strerror})") from None
    return raw, None if is_passing(path) else Path(path).name


def _ending_of(stream: Any, name: str | None) -> str:
    if name is not None:
        return PurePath(name).suffix.lower()
    begin = stream.peek(_N_BYTES_OF_MARKS)
    found = (ending for mark, ending in _MARKS.items() if begin.startswith(mark))
    return next(found, _TEXT)


class _Peekable(io.BufferedReader):
    """A decompressed stream whose beginning can be looked at."""

    def __init__(self, stream: Any, compression: str) -> None:
        super().__init__(_Raw(stream))
        self._compression = compression

    def peek(self, n_bytes: int = 0) -> bytes:
        with _readable(self._compression):
            return super().peek(n_bytes)


class _Raw(io.RawIOBase):
    """What `io.BufferedReader` asks of a stream, for any that reads."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


@contextmanager
def _copied(raw: Any) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(raw, copy)
        copy.seek(0)
        yield copy


@contextmanager
def _readable(compression: str) -> Iterator[None]:
    """Say in one line why bytes cannot be read."""
    try:
        yield
    except _DECOMPRESSION_ERRORS as error:
        if compression:
            raise TableError(f"is not a valid {compression} file") from None
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"cannot be read ({reason})") from None
