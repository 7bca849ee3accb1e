"""Sites as arrays: what a search gives, and what is scored and written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites.regions import Region

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)


@dataclass(frozen=True, eq=False, repr=False)
class Sites:
    """Sites that guides can be made for, in the order of their regions and starts.

    Made by `find_sites` and `iter_sites`. Of two sites with the same start the one on
    the forward strand is first.

    Parameters
    ----------
    layout : GuideLayout
        What was searched for.
    regions : tuple of Region
        Where; each record is one region if none were asked for.
    region : ndarray of shape (n_sites,), int32
        Number of each site's region in `regions`.
    start : ndarray of shape (n_sites,), int64
        First base of the protospacer on the forward strand, 0-based.
    strand : ndarray of shape (n_sites,), int8
        1 if the PAM and the context are read on the forward strand, else -1.
    codes : ndarray of shape (n_sites, layout.length), uint8
        Letters of the context, 5' to 3' on the site's strand: 0 to 3 for A, C, G, T.
    n_near_end : int
        Protospacers with a PAM that are left out because their context goes beyond an
        end of the chromosome.
    n_ambiguous : int
        Those left out because their context holds an N, or another letter that is not
        A, C, G or T.
    """

    layout: GuideLayout
    regions: tuple[Region, ...]
    region: NDArray[np.int32]
    start: NDArray[np.int64]
    strand: NDArray[np.int8]
    codes: NDArray[np.uint8]
    n_near_end: int
    n_ambiguous: int

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, rows: Any) -> Self:
        """Return some of the sites: a slice, a mask, or row numbers.

        What was left out of the search stays counted.
        """
        return type(self)(
            self.layout,
            self.regions,
            self.region[rows],
            self.start[rows],
            self.strand[rows],
            self.codes[rows],
            self.n_near_end,
            self.n_ambiguous,
        )

    def __repr__(self) -> str:
        return (
            f"Sites({len(self)} of {self.layout}, without {self.n_near_end} too near an "
            f"end and {self.n_ambiguous} with ambiguous letters)"
        )

    @property
    def chromosome(self) -> NDArray[np.object_]:
        """Name of each site's chromosome, (n_sites,)."""
        names = np.array([region.chromosome for region in self.regions], dtype=object)
        return names[self.region]

    @property
    def end(self) -> NDArray[np.int64]:
        """End of each protospacer on the forward strand, not included, (n_sites,)."""
        return self.start + self.layout.spacer_length

    @property
    def cut(self) -> NDArray[np.int64]:
        """Where each site is cut: just before this base, 0-based, (n_sites,).

        The cut of the strand that the PAM is on, where it is staggered
        (`GuideLayout.cut`).
        """
        forward = self.start + self.layout.cut
        return np.where(self.strand > 0, forward, self.end - self.layout.cut)

    def sequences(self, part: slice = slice(None)) -> NDArray[np.bytes_]:
        """Return contexts as text, or a part of each.

        Parameters
        ----------
        part : slice, default=slice(None)
            Such as ``layout.spacer``.

        Returns
        -------
        ndarray of shape (n_sites,), bytes
            Upper case, 5' to 3' on the site's strand.
        """
        letters = _LETTERS[self.codes[:, part]]
        if not letters.shape[1]:
            return np.zeros(len(self), dtype="S1")
        return letters.view(f"S{letters.shape[1]}").reshape(len(self))

    def to_arrow(self) -> "pa.Table":
        """Return the sites as a table of Arrow, for Parquet.

        Returns
        -------
        pyarrow.Table
            With the columns of `to_frame`.
        """
        import pyarrow as pa

        names = [region.chromosome for region in self.regions]
        columns = {
            "chromosome": _categories(self.region, names),
            "start": pa.array(self.start),
            "end": pa.array(self.end),
            "strand": _categories((self.strand < 0).astype(np.int32), ["+", "-"]),
            "cut_position": pa.array(self.cut),
            "spacer": _strings(self.sequences(self.layout.spacer)),
            "pam": _strings(self.sequences(self.layout.pam)),
            "context": _strings(self.sequences()),
        }
        if any(region.name for region in self.regions):
            names = [region.name for region in self.regions]
            columns["region"] = _categories(self.region, names)
        return pa.table(columns)

    def to_frame(self) -> "pd.DataFrame":
        """Return the sites as a data frame.

        Returns
        -------
        DataFrame
            ``chromosome``, ``start``, ``end`` (of the protospacer, 0-based, half-open),
            ``strand`` (``+`` or ``-``), ``cut_position`` (the base behind the cut,
            0-based), ``spacer``, ``pam``, ``context``, and ``region`` if regions have
            names.
        """
        return self.to_arrow().to_pandas()


def concatenate(blocks: Sequence[Sites]) -> Sites:
    """Return blocks of one search as one.

    Parameters
    ----------
    blocks : sequence of Sites
        One or more, of one layout.

    Returns
    -------
    Sites
    """
    regions = [region for block in blocks for region in block.regions]
    numbers = {region: number for number, region in enumerate(dict.fromkeys(regions))}
    renumbered = [
        np.array([numbers[region] for region in block.regions], dtype=np.int32)[
            block.region
        ]
        for block in blocks
    ]
    return Sites(
        blocks[0].layout,
        tuple(numbers),
        np.concatenate(renumbered),
        np.concatenate([block.start for block in blocks]),
        np.concatenate([block.strand for block in blocks]),
        np.concatenate([block.codes for block in blocks]),
        sum(block.n_near_end for block in blocks),
        sum(block.n_ambiguous for block in blocks),
    )


def _categories(numbers: NDArray[np.int32], names: list[str]) -> "pa.DictionaryArray":
    """Return names by their numbers, each name kept once."""
    import pyarrow as pa

    distinct = {name: number for number, name in enumerate(dict.fromkeys(names))}
    renumbered = np.array([distinct[name] for name in names], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(
        renumbered[numbers], pa.array(list(distinct), pa.string())
    )


def _strings(texts: NDArray[np.bytes_]) -> "pa.Array":
    """Return text of one length as strings of Arrow, which take the bytes as they are."""
    import pyarrow as pa

    width = texts.dtype.itemsize
    offsets = np.arange(len(texts) + 1, dtype=np.int64) * width
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(texts)]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers)
