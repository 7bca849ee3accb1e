"""How often the spacer of a site occurs beside a PAM, in a genome."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sgrna_estimator._typing import Ints
from sgrna_estimator.sites.regions import Region
from sgrna_estimator.sites.search import Sequences, iter_sites
from sgrna_estimator.sites.table import Sites

_MOST_LETTERS = 32  # of two bits each


def count_occurrences(
    sites: Sites, sequences: Sequences, *, regions: Iterable[Region] | None = None
) -> Ints:
    """Count where else in a genome the spacers of sites occur beside a PAM.

    Parameters
    ----------
    sites : Sites
        Candidates, such as those of a gene.
    sequences : path, mapping or iterable
        The genome, as `iter_sites` takes it.
    regions : iterable of Region, default=None
        Where to count; everywhere by default.

    Returns
    -------
    ndarray of shape (n_sites,), intp
        On both strands, the site itself included where the genome holds it: 1 is a
        guide with no other perfect match.

    Raises
    ------
    FastaError, RegionError
        As `iter_sites`.
    ValueError
        If spacers have more than 32 letters, or as `iter_sites`.

    Notes
    -----
    Only perfect matches of the whole spacer are counted, beside any PAM that the pattern
    of the layout allows; the flanks may differ, or be missing at an end. Guides cut at
    imperfect matches too: a count of 1 is needed for a specific guide, not enough.
    Memory is that of a block and of the candidates, whatever the genome.

    Examples
    --------
    >>> from sgrna_estimator.sites import count_occurrences, find_sites
    >>> genome = {"chr1": "GATTACAAGG" + "TTTT" + "GATTACACGG", "chr2": "CCTTGTAATC"}
    >>> sites = find_sites({"gene": "GATTACATGG"}, "0+7+NGG+0")
    >>> count_occurrences(sites, genome)
    array([3])
    """
    if sites.layout.spacer_length > _MOST_LETTERS:
        raise ValueError(
            f"spacers of up to {_MOST_LETTERS} letters can be counted, but the layout "
            f"{sites.layout} has {sites.layout.spacer_length}"
        )
    spacer_and_pam = replace(sites.layout, upstream_length=0, downstream_length=0)
    wanted, which = np.unique(_keys_of(sites), return_inverse=True)
    counts = np.zeros(len(wanted), dtype=np.intp)
    for block in iter_sites(sequences, spacer_and_pam, regions=regions):
        keys = _keys_of(block)
        places = np.searchsorted(wanted, keys)
        is_wanted = places < len(wanted)
        is_wanted[is_wanted] = wanted[places[is_wanted]] == keys[is_wanted]
        counts += np.bincount(places[is_wanted], minlength=len(wanted))
    return counts[which]


def _keys_of(sites: Sites) -> NDArray[np.uint64]:
    """Return a number for each spacer, two bits a letter."""
    keys = np.zeros(len(sites), dtype=np.uint64)
    for letters in sites.codes[:, sites.layout.spacer].T:
        keys = keys << np.uint64(2) | letters
    return keys
