"""Files that are written whole, or not at all."""

import csv
import os
import platform
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

if sys.platform != "win32":
    import fcntl

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip")


class OutputError(OSError):
    """A file that cannot be written, or must not be; the message is one line."""


def check_output(path: Path, inputs: Sequence[Path]) -> None:
    """Find out before the work, not after it, that the result has no place to go."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder, not a file to write to")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: is not a file to write to")
    if path.exists() and any(
        other.exists() and path.samefile(other) for other in inputs
    ):
        raise OutputError(f"{path}: is read from, and would be written over")
    with _writing(path):
        pass


def check_separator(path: Path, others: Sequence[str] = ()) -> str:
    """Return what separates the columns of a table with this name.

    `others` are more names that the message shows as possible.
    """
    name = path.with_suffix("") if path.suffix.lower() in COMPRESSIONS else path
    separator = _SEPARATORS.get(name.suffix.lower())
    if separator is None:
        raise OutputError(
            f"{path}: must end in {', '.join([*others, *_SEPARATORS])}"
            f"{'; a table may then' if others else ', and may then'} have one of "
            f"{', '.join(COMPRESSIONS)}"
        )
    return separator


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside a file, on the same disk; say if that fails."""
    with name_failures(path), temporary_folder(_follow_links(path).parent) as folder:
        yield folder / path.name


def _follow_links(path: Path) -> Path:
    """Return where a path leads to, which need not be there."""
    with suppress(FileNotFoundError):
        path.stat()  # for what cannot be followed, which versions of resolve let pass
    return path.resolve()


@contextmanager
def name_failures(output: Path | str) -> Iterator[None]:
    """Say in one line what could not be written, and why.

    Parameters
    ----------
    output : path or str
        What is written to.

    Raises
    ------
    OutputError
        For an error of the system, unless it is of another output, or of a pipe whose
        reader has left.
    """
    try:
        yield
    except (OutputError, BrokenPipeError):
        raise
    except OSError as error:
        raise OutputError(
            f"{output}: cannot be written ({error.strerror or error})"
        ) from error


@contextmanager
def temporary_folder(place: Path) -> Iterator[Path]:
    """Give a folder that is removed in the end, or by the next one in the same place.

    Parameters
    ----------
    place : Path
        Folder to make it in. What processes have left there that were killed is removed.

    Yields
    ------
    Path

    Raises
    ------
    OSError
        If it cannot be made.
    """
    _remove_abandoned(place)
    with _held_folder(place) as folder:
        yield folder


@contextmanager
def _held_folder(place: Path) -> Iterator[Path]:
    """Give a temporary folder that others leave alone as long as this process lives."""
    while True:
        with tempfile.TemporaryDirectory(dir=place, prefix=_prefix()) as name:
            folder = Path(name)
            with _lock(folder) as is_locked:
                # Between its making and its locking another process may have removed it.
                if is_locked is None or folder.exists():
                    yield folder
                    return


def _remove_abandoned(place: Path) -> None:
    """Remove the temporary folders of processes that were killed.

    The system unlocks what a process held however that ended, so that a folder that
    can be locked is nobody's.
    """
    for folder in place.glob(f"{_prefix()}*"):
        with suppress(OSError), _lock(folder, wait=False) as is_locked:
            if is_locked:
                shutil.rmtree(folder, ignore_errors=True)


def _prefix() -> str:
    """Return what temporary folders of this machine begin with.

    Locks may not be known to other machines that share a disk.
    """
    machine = zlib.crc32(platform.node().encode())
    return f".sgrna-estimator-{machine:08x}-"


@contextmanager
def _lock(folder: Path, wait: bool = True) -> Iterator[bool | None]:
    """Hold a lock on a folder; give whether it is held, None if there are no locks."""
    if sys.platform == "win32":
        yield None
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            is_locked: bool | None = True
        except BlockingIOError:
            is_locked = False
        except OSError:  # not every file system has locks
            is_locked = None
        yield is_locked
    finally:
        os.close(descriptor)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file through a temporary one, so that it is there whole or not at all.

    The file's mode stays as it is; a new one has what the umask leaves. Even if the
    machine stops, there is the old file or the new one. What a process that was killed
    has left beside it is removed.

    Parameters
    ----------
    path : Path
        The file. If it is a link, what it leads to is replaced.

    Yields
    ------
    Path
        What to write to. Without an error, it takes the place of the file in the end.

    Raises
    ------
    OutputError
        If it cannot be written. What was there is there still.
    """
    with _writing(path) as temporary:
        yield temporary
        target = _follow_links(path)  # a link stays a link
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        _sync(temporary)
        temporary.replace(target)
        # The new name, too, is only safe once the folder is on the disk. Not every file
        # system can do that; the file is whole either way.
        with suppress(OSError):
            _sync(target.parent)


def write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all, as `whole_file` does.

    Parameters
    ----------
    path : Path
        The file.
    write : callable
        Given the temporary path, writes the content.

    Raises
    ------
    OutputError
        If it cannot be written. What was there is there still.
    """
    with whole_file(path) as temporary:
        write(temporary)


def _sync(path: Path) -> None:
    """Wait until what was written to a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write a table as its name says, whole or not at all."""
    separator = check_separator(path)
    text = table.select_dtypes(exclude="number")
    has_returns = any(
        column.astype(str).str.contains("\r", regex=False).any()
        for _, column in text.items()
    )
    # A carriage return ends a line, but not every csv module quotes a cell for it.
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL
    write(
        path,
        lambda file: table.to_csv(file, sep=separator, index=False, quoting=quoting),
    )
