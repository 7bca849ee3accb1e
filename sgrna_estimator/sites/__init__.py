"""Sequences of a genome -> the sites that guides can be made for, block by block.

In come records of FASTA, a layout that says what a guide's context and its PAM look like,
and perhaps regions. Out come arrays: where each protospacer is, on which strand, where it
is cut, and the letter codes of its context, which a compiled model scores as they are.
Positions are 0-based and half-open, on the forward strand.
"""

from sgrna_estimator.sites.fasta import FastaError, read_fasta
from sgrna_estimator.sites.occurrences import count_occurrences
from sgrna_estimator.sites.regions import Region, RegionError, read_regions
from sgrna_estimator.sites.search import find_sites, iter_sites
from sgrna_estimator.sites.table import Sites

__all__ = [
    "FastaError",
    "Region",
    "RegionError",
    "Sites",
    "count_occurrences",
    "find_sites",
    "iter_sites",
    "read_fasta",
    "read_regions",
]
