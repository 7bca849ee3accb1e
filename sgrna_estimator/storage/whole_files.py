"""Files that are written whole, or not at all."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    """Write a file through a temporary one, so that it is there whole or not at all."""
    with _writing(path) as temporary:
        write(temporary)
        temporary.replace(path.resolve())  # a link stays a link


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write a table as its name says, whole or not at all."""
    separator = check_separator(path)
    write(path, lambda file: table.to_csv(file, sep=separator, index=False))
