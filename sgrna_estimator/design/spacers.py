"""Bare spacers -> where they are in sequences, with their PAM and context."""

import numpy as np
import pandas as pd

from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites import Sites, find_sites, iter_sites
from sgrna_estimator.sites.search import Sequences
from sgrna_estimator.sites.table import concatenate


def find_spacers(
    spacers: pd.Series, sequences: Sequences, layout: GuideLayout
) -> Sites:
    """Find spacers beside a PAM, on both strands.

    Parameters
    ----------
    spacers : Series of str of shape (n_spacers,)
        In capital letters, of the layout's spacer length.
    sequences : path, mapping or iterable
        As `iter_sites` takes them.
    layout : GuideLayout
        With the letters of the PAM.

    Returns
    -------
    Sites
        All places of the spacers, in the order of the sequences.

    Notes
    -----
    Memory does not grow with the sequences: they are searched block by block.
    """
    wanted = pd.Index(np.array(spacers.unique().tolist(), dtype=np.bytes_))
    found = [find_sites({}, layout)]  # none
    for sites in iter_sites(sequences, layout):
        places = wanted.get_indexer(pd.Index(sites.sequences(layout.spacer)))
        if (places >= 0).any():
            found.append(sites[places >= 0])
    return concatenate(found)
