"""Files that are written whole, or not at all."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip")


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
    name = path.with_suffix("") if path.suffix.lower() in _COMPRESSIONS else path
    separator = _SEPARATORS.get(name.suffix.lower())
    if separator is None:
        raise OutputError(
            f"{path}: must end in {', '.join([*others, *_SEPARATORS])}"
            f"{'; a table may then' if others else ', and may then'} have one of "
            f"{', '.join(_COMPRESSIONS)}"
        )
    return separator


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside a file, on the same disk; say if that fails."""
    try:
        with tempfile.TemporaryDirectory(
            dir=path.resolve().parent, prefix=".sgrna-estimator-"
        ) as folder:
            yield Path(folder) / path.name
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error})"
        ) from error


def write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file through a temporary one, so that it is there whole or not at all.

    The file's mode stays as it is; a new one has what the umask leaves. Even if the
    machine stops, there is the old file or the new one.

    Parameters
    ----------
    path : Path
        The file. If it is a link, what it leads to is replaced.
    write : callable
        Given the temporary path, writes the content.

    Raises
    ------
    OutputError
        If it cannot be written. What was there is there still.
    """
    with _writing(path) as temporary:
        write(temporary)
        target = path.resolve()  # a link stays a link
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        _sync(temporary)
        temporary.replace(target)
        # The new name, too, is only safe once the folder is on the disk. Not every file
        # system can do that; the file is whole either way.
        with suppress(OSError):
            _sync(target.parent)


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
    write(path, lambda file: table.to_csv(file, sep=separator, index=False))
