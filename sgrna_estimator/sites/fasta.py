"""Records of a FASTA file, one after the other."""

import zlib
from collections.abc import Iterator
from os import PathLike, fspath

import dnaio


class FastaError(ValueError):
    """A FASTA file that cannot be read, or holds what it must not; one line."""


def read_fasta(path: str | PathLike) -> Iterator[tuple[str, str]]:
    """Read the records of a FASTA file, one at a time.

    Parameters
    ----------
    path : str or path-like
        The file, plain or compressed (gzip, bgzip, bzip2, xz; told by its name
        or else by its first bytes).
        ``"-"`` is standard input.

    Yields
    ------
    name : str
        The first word after ``>``.
    sequence : str
        As it is written, lower case included, without line ends.

    Raises
    ------
    FastaError
        If the file cannot be read or is no FASTA, if it ends early, if two records have
        the same name or one has none, or if there is no record. What was read before
        has been yielded by then.

    Notes
    -----
    The file is read once from its beginning to its end, and no index is written beside
    it. Memory is that of the longest record: while it is put together, three to four
    bytes a base.

    Examples
    --------
    >>> from sgrna_estimator.sites import read_fasta
    >>> for name, sequence in read_fasta("genome.fa"):  # doctest: +SKIP
    ...     print(name, len(sequence))
    """
    shown = fspath(path)
    names: set[str] = set()
    try:
        with dnaio.open(shown, fileformat="fasta", mode="r") as records:
            for record in records:
                name = _name_of(record.name, shown, len(names) + 1)
                if name in names:
                    raise FastaError(f"{shown}: two records have the name {name!r}")
                names.add(name)
                yield name, record.sequence
    except dnaio.FastaFormatError as error:
        # It quotes the letter at fault, which may be one that ends a line.
        problem = " ".join(str(error).splitlines())
        raise FastaError(f"{shown}: {problem}") from None
    except UnicodeDecodeError:
        raise FastaError(
            f"{shown}: is not text, after {len(names)} whole records"
        ) from None
    except (EOFError, zlib.error, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FastaError(f"{shown}: cannot be read ({reason})") from None
    if not names:
        raise FastaError(f"{shown}: has no record, a line that begins with '>'")


def _name_of(header: str, shown: str, number: int) -> str:
    words = header.split(maxsplit=1)
    if not words:
        raise FastaError(f"{shown}: record {number} has no name after '>'")
    return words[0]
