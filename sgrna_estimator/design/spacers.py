"""Bare spacers -> where they are in sequences, with their PAM and context."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator._typing import Ints
from sgrna_estimator.design.frames import COLUMNS, frame_of
from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites import Sites, iter_sites

Records = Iterable[tuple[str, str]]


def find_spacers(
    spacers: pd.Series, sequences: Records, layout: GuideLayout
) -> pd.DataFrame:
    """Find each spacer beside a PAM, on both strands.

    Parameters
    ----------
    spacers : Series of str of shape (n_spacers,)
        In capital letters, of the layout's spacer length.
    sequences : iterable of (str, str)
        Names and sequences, from `read_fasta`.
    layout : GuideLayout
        With the letters of the PAM.

    Returns
    -------
    DataFrame
        The columns of `frame_of`, a row a place, and ``row``, the number of the spacer
        in `spacers`: in their order, and for each by chromosome and start. A spacer that
        is nowhere has no row.

    Notes
    -----
    Memory does not grow with the sequences: they are searched block by block.
    """
    wanted, numbers = _distinct(spacers)
    found = [
        frame_of(sites[rows]).assign(_spacer=which)
        for sites, rows, which in _matches(wanted, iter_sites(sequences, layout))
        if len(rows)
    ]
    if not found:
        return pd.DataFrame(columns=["row", *COLUMNS])
    places = pd.concat(found, ignore_index=True)
    rows = pd.DataFrame({"row": np.arange(len(spacers)), "_spacer": numbers})
    return rows.merge(places, on="_spacer", how="inner").drop(columns="_spacer")


def count_in_genome(
    spacers: pd.Series, sequences: Records, layout: GuideLayout
) -> Ints:
    """Count how often each spacer stands beside a PAM, on both strands.

    Parameters
    ----------
    spacers : Series of str of shape (n_spacers,)
        In capital letters, of the layout's spacer length.
    sequences : iterable of (str, str)
        Names and sequences of a genome, from `read_fasta`.
    layout : GuideLayout
        With the letters of the PAM. A spacer counts wherever letters beside it match
        them, be they those of its own site or others.

    Returns
    -------
    ndarray of shape (n_spacers,), int64
    """
    wanted, numbers = _distinct(spacers)
    counts = np.zeros(len(wanted), dtype=np.int64)
    # What is around spacer and PAM makes no difference here.
    bare = replace(layout, upstream_length=0, downstream_length=0)
    for _, _, which in _matches(wanted, iter_sites(sequences, bare)):
        np.add.at(counts, which, 1)
    return counts[numbers]


def _distinct(spacers: pd.Series) -> tuple[NDArray[np.bytes_], Ints]:
    """Return the distinct spacers, sorted, and the number of each among them."""
    return np.unique(np.array(spacers.tolist(), dtype=np.bytes_), return_inverse=True)


def _matches(
    wanted: NDArray[np.bytes_], blocks: Iterable[Sites]
) -> Iterator[tuple[Sites, Ints, Ints]]:
    """Yield of each block the rows that are wanted, and the number of their spacer."""
    index = pd.Index(wanted)
    for sites in blocks:
        which = index.get_indexer(pd.Index(sites.sequences(sites.layout.spacer)))
        rows = np.flatnonzero(which >= 0)
        yield sites, rows, which[rows]
