"""Sequences -> sites: every protospacer that has a PAM, on both strands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.layout import GuideLayout, as_layout
from sgrna_estimator.sites.fasta import read_fasta
from sgrna_estimator.sites.regions import Region, RegionError
from sgrna_estimator.sites.table import Sites, concatenate

Sequences = (
    str | PathLike | Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]]
)

_DNA = Alphabet("ACGT")
_TRANSLATION = _DNA.translation("spread")
_FOREIGN = np.uint8(255)
# Protospacers searched at once: some 0.5 million sites of an NGG PAM, 25 MB.
_BLOCK_SIZE = 2**22


def iter_sites(
    sequences: Sequences,
    layout: GuideLayout | str,
    *,
    regions: Iterable[Region] | None = None,
    block_size: int = _BLOCK_SIZE,
) -> Iterator[Sites]:
    """Find the sites of sequences, block by block.

    What it needs beside the longest sequence does not grow with their length.

    Parameters
    ----------
    sequences : path, mapping or iterable
        A FASTA file (as `read_fasta` takes it), or sequences by their names: a mapping,
        or pairs of a name and a sequence, one after the other.
    layout : GuideLayout or str
        With the letters of the PAM: ``"SpCas9"``, ``"Cas12a"``, ``"4+20+NGG+3"``.
    regions : iterable of Region, default=None
        Where to search, as `read_regions` gives them: sites whose protospacer lies
        whole in a region. The PAM and the context may reach beyond it. A site of two
        regions is found in each. None: everywhere.
    block_size : int, default=2**22
        Protospacers that are searched at once.

    Yields
    ------
    Sites
        Of one region, or of one sequence; perhaps none at all. Blocks come in the order
        of the sequences, then of the regions, then of the starts.

    Raises
    ------
    FastaError
        If the file cannot be read.
    RegionError
        If a region is in none of the sequences, or goes beyond the end of one.
    ValueError
        If the layout has no letters of a PAM, or a sequence holds what is no IUPAC
        nucleotide; the message names sequence and position.

    See Also
    --------
    find_sites : All sites at once.

    Notes
    -----
    A site is a protospacer with a PAM, both within the sequence. Lower case (soft
    masking) is read as upper case, and U as T. An ambiguous letter is never a letter of
    a PAM, whatever the pattern; where it is elsewhere in the context the site is left
    out and counted, as are sites whose context goes beyond an end of the sequence.
    """
    search = _Search(_checked(layout))
    if block_size < 1:
        raise ValueError(f"block_size must be 1 or more, got {block_size}")
    if isinstance(sequences, str | PathLike):
        sequences = read_fasta(sequences)
    elif isinstance(sequences, Mapping):
        sequences = sequences.items()
    wanted = None if regions is None else _by_chromosome(regions)
    for name, sequence in sequences:
        here = [Region(name, 0, len(sequence))] if len(sequence) else []
        if wanted is not None:
            here = wanted.pop(name, [])
        for region in here:
            yield from _search_region(search, sequence, region, block_size)
        if wanted is not None and not wanted:
            return
    if wanted:
        missing = next(iter(wanted.values()))[0]
        raise RegionError(
            f"there is no sequence named {missing.chromosome!r} ({missing})"
        )


def find_sites(
    sequences: Sequences,
    layout: GuideLayout | str,
    *,
    regions: Iterable[Region] | None = None,
) -> Sites:
    """Find all sites of sequences.

    Parameters
    ----------
    sequences : path, mapping or iterable
        A FASTA file (as `read_fasta` takes it), or sequences by their names: a mapping,
        or pairs of a name and a sequence.
    layout : GuideLayout or str
        With the letters of the PAM: ``"SpCas9"``, ``"Cas12a"``, ``"4+20+NGG+3"``.
    regions : iterable of Region, default=None
        Where to search, as `read_regions` gives them: sites whose protospacer lies
        whole in a region. None: everywhere.

    Returns
    -------
    Sites
        Some 45 bytes each.

    Raises
    ------
    FastaError, RegionError, ValueError
        As `iter_sites`.

    See Also
    --------
    iter_sites : Block by block, for a genome; says what a site is.

    Examples
    --------
    >>> from sgrna_estimator.sites import find_sites
    >>> sequence = "ttttGATTACAGATTACAGATTACcggaaa"
    >>> sites = find_sites({"chr1": sequence}, "4+20+NGG+3")
    >>> sites
    Sites(1 of 4+20+NGG+3, without 0 too near an end and 0 with ambiguous letters)
    >>> sites.to_frame()[["start", "end", "strand", "cut_position", "pam"]]
       start  end strand  cut_position  pam
    0      4   24      +            21  CGG
    """
    layout = _checked(layout)
    blocks = list(iter_sites(sequences, layout, regions=regions))
    return concatenate([_Search(layout).nothing, *blocks])


def _checked(layout: GuideLayout | str) -> GuideLayout:
    checked = as_layout(layout)
    if checked is None or checked.pam_pattern is None:
        raise ValueError(
            f"to find sites, a layout must have the letters of the PAM, such as "
            f"4+20+NGG+3 or Cas12a, got {layout}"
        )
    return checked


def _by_chromosome(regions: Iterable[Region]) -> dict[str, list[Region]]:
    found: dict[str, list[Region]] = {}
    for region in regions:
        found.setdefault(region.chromosome, []).append(region)
    return found


@dataclass(frozen=True)
class _Search:
    """Where the parts of a site are, seen from the first base of its protospacer."""

    layout: GuideLayout

    @cached_property
    def offsets(self) -> tuple[int, int]:
        """From the first code needed to the context, on either strand."""
        before = self.before
        return (
            before - self.layout.spacer.start,
            before - (self.layout.length - self.layout.spacer.stop),
        )

    @property
    def before(self) -> int:
        """Bases needed before the protospacer."""
        spacer = self.layout.spacer
        return max(spacer.start, self.layout.length - spacer.stop)

    @property
    def pam_offsets(self) -> tuple[int, int]:
        """From the first code needed to the PAM, on either strand."""
        forward, reverse = self.offsets
        pam = self.layout.pam
        return forward + pam.start, reverse + self.layout.length - pam.stop

    @cached_property
    def pam_sets(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The letters of the PAM as bits, in the order of the forward strand."""
        symbols = [
            _DNA.symbols.index(letter) for letter in self.layout.pam_pattern or ""
        ]
        sets = _DNA.letter_sets[symbols].astype(np.uint8)
        # A and T are the outer bits of four, C and G the inner ones.
        swapped = [int(f"{bits:04b}"[::-1], 2) for bits in sets.tolist()]
        return sets, np.array(swapped[::-1], dtype=np.uint8)

    @property
    def nothing(self) -> Sites:
        """No site."""
        return Sites(
            self.layout,
            (),
            np.empty(0, dtype=np.int32),
            np.empty(0, dtype=np.int64),
            np.empty(0, dtype=np.int8),
            np.empty((0, self.layout.length), dtype=np.uint8),
            0,
            0,
        )


def _search_region(
    search: _Search, sequence: str | bytes, region: Region, block_size: int
) -> Iterator[Sites]:
    if region.end > len(sequence):
        raise RegionError(
            f"{region} goes beyond the end of {region.chromosome}, which has "
            f"{len(sequence)} bases"
        )
    stop = region.end - search.layout.spacer_length + 1
    for start in range(region.start, stop, block_size):
        yield _search_block(
            search, sequence, region, start, min(start + block_size, stop)
        )


def _search_block(
    search: _Search, sequence: str | bytes, region: Region, start: int, stop: int
) -> Sites:
    """Return the sites whose protospacers begin from start to stop."""
    from sgrna_estimator.sites import kernels

    length = search.layout.length
    first = start - search.before
    last = stop - 1 + max(search.offsets) - search.before + length
    codes, inside = _codes_of(sequence, region.chromosome, first, last)
    letters = np.where(codes < _DNA.n_letters, np.uint8(1) << (codes & 3), np.uint8(0))
    marks = np.zeros(stop - start, dtype=np.uint8)
    for mark, offset, sets in zip(
        (kernels.FORWARD, kernels.REVERSE),
        search.pam_offsets,
        search.pam_sets,
        strict=True,
    ):
        kernels.mark_pams(letters, offset, sets, mark, marks)
    n_marks = int(np.bitwise_count(marks).sum())
    numbers = np.empty(n_marks, dtype=np.int64)
    strands = np.empty(n_marks, dtype=np.int8)
    contexts = np.empty(n_marks * length, dtype=np.uint8)
    left_out = np.empty(2, dtype=np.int64)
    n_sites = kernels.collect_sites(
        codes,
        inside,
        search.offsets,
        length,
        marks,
        numbers,
        strands,
        contexts,
        left_out,
    )
    return Sites(
        search.layout,
        (region,),
        np.zeros(n_sites, dtype=np.int32),
        numbers[:n_sites] + start,
        strands[:n_sites],
        contexts[: n_sites * length].reshape(n_sites, length),
        int(left_out[0]),
        int(left_out[1]),
    )


def _codes_of(
    sequence: str | bytes, name: str, first: int, last: int
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Return letter codes from first to last, and which of them the sequence has.

    Beyond the ends of the sequence there is the code of an absent letter.
    """
    start, stop = max(first, 0), min(last, len(sequence))
    text = sequence[start:stop]
    if isinstance(text, str):
        text = text.encode("ascii", "replace")  # "?" is no nucleotide
    found = np.frombuffer(text.translate(_TRANSLATION), dtype=np.uint8)
    if len(found) and found.max() == _FOREIGN:
        position = start + int(found.argmax())
        letter = sequence[position : position + 1]
        shown = letter.decode("latin-1") if isinstance(letter, bytes) else letter
        raise ValueError(
            f"{name}: base {position + 1} is {shown!r}, expected a nucleotide "
            f"({_DNA.symbols}, upper or lower case)"
        )
    codes = np.full(last - first, _DNA.absent, dtype=np.uint8)
    codes[start - first : stop - first] = found
    return codes, (start - first, stop - first)
