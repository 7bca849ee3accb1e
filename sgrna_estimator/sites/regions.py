"""Stretches of chromosomes: from BED, or as genome browsers write them."""

import gzip
import re
import zlib
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Self

# Far more digits than any chromosome has, and fewer than Python refuses to read.
_MOST_DIGITS = 30
_NUMBER = rf"\d[\d,]{{0,{_MOST_DIGITS - 1}}}"
_TEXT = re.compile(rf"(?P<chromosome>\S+):(?P<first>{_NUMBER})-(?P<last>{_NUMBER})")
_NO_REGIONS = ("#", "track", "browser")


class RegionError(ValueError):
    """What is no region, or lies outside of its chromosome; one line."""


@dataclass(frozen=True)
class Region:
    """A stretch of a chromosome.

    Parameters
    ----------
    chromosome : str
        Name of a FASTA record.
    start, end : int
        0-based and half-open, as in BED: the first 100 bases are 0 to 100.
    name : str, default=""
        What it is: a gene, say.

    Raises
    ------
    RegionError
        If it is empty or begins before its chromosome.

    Examples
    --------
    >>> from sgrna_estimator.sites import Region
    >>> Region.parse("chr1:1-100") == Region("chr1", 0, 100)
    True
    >>> str(Region("chr1", 999, 2000, "GENE1"))
    'chr1:1000-2000'
    """

    chromosome: str
    start: int
    end: int
    name: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise RegionError(
                f"a region starts at 0 or later and ends behind its start, but {self} "
                f"(start {self.start}, end {self.end}) does not"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a region as genome browsers and samtools write it.

        Parameters
        ----------
        text : str
            ``"chr1:1000-2000"``, perhaps with commas: 1-based, the last base included.

        Returns
        -------
        Region

        Raises
        ------
        RegionError
            If it is not written so.
        """
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise RegionError(
                "a region is written as chromosome:first-last, for example "
                f"chr1:1000-2000; got {text!r}"
            )
        first, last = (int(found[part].replace(",", "")) for part in ("first", "last"))
        if not 1 <= first <= last:
            raise RegionError(
                f"the bases of a region count from 1, and the last is not before the "
                f"first; got {text!r}"
            )
        return cls(found["chromosome"], first - 1, last)

    def __str__(self) -> str:
        return f"{self.chromosome}:{self.start + 1}-{self.end}"


def read_regions(source: str | PathLike) -> list[Region]:
    """Read the regions of a BED file, or the one that a text is.

    Parameters
    ----------
    source : str or path-like
        A BED file, plain or gzip (0-based, half-open; the fourth column, if there is
        one, is the name; further columns, the strand too, are not looked at), or text
        such as ``"chr1:1000-2000"`` (1-based, the last base included).

    Returns
    -------
    list of Region
        In the order of the file, with those that overlap.

    Raises
    ------
    RegionError
        If it is neither, or a line is no region; the message names file and line.
    """
    text = fspath(source)
    if (
        isinstance(source, str)
        and _TEXT.fullmatch(text.strip())
        and not Path(text).exists()
    ):
        return [Region.parse(text)]
    regions = []
    for number, line in enumerate(_lines_of(text), 1):
        if line.strip() and not line.startswith(_NO_REGIONS):
            regions.append(_parse_line(line, f"{text}: line {number}"))
    if not regions:
        raise RegionError(f"{text}: has no region")
    return regions


def _lines_of(path: str) -> list[str]:
    try:
        content = Path(path).read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        return content.decode().splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RegionError(
            f"{path}: cannot be read ({reason}); regions are a BED file, or text such as "
            "chr1:1000-2000"
        ) from None


def _parse_line(line: str, where: str) -> Region:
    fields = line.split("\t") if "\t" in line else line.split()
    try:
        chromosome, start, end = fields[0].strip(), *map(_as_int, fields[1:3])
    except ValueError:
        raise RegionError(
            f"{where}: expected a chromosome, a start and an end (whole numbers), got "
            f"{line!r}"
        ) from None
    try:
        return Region(chromosome, start, end, fields[3].strip() if fields[3:] else "")
    except RegionError as error:
        raise RegionError(f"{where}: {error}") from None


def _as_int(text: str) -> int:
    if len(text.strip()) > _MOST_DIGITS:
        raise ValueError("too many digits")
    return int(text)
