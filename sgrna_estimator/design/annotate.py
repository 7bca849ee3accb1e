"""What a lab looks at before it orders a guide, from the letters of its spacer alone."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from sgrna_estimator._typing import Ints
from sgrna_estimator.sequences.alphabet import IUPAC_NUCLEOTIDES, Alphabet
from sgrna_estimator.sequences.codes import encode_sequences

# What ends the transcription of a guide, on the strand of the spacer.
TERMINATORS = {
    # Four T are the least that ends it, more do so more surely: Gao et al. 2018,
    # doi:10.1016/j.omtn.2017.11.006.
    "U6": "TTTT+",
    # He et al. 1998, doi:10.1074/jbc.273.30.18802.
    "T7": "ATCTGTT",
}

# Letters that a hairpin's loop must have at least.
_SHORTEST_LOOP = 4
_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN")


def gc_content(sequences: pd.Series) -> pd.Series:
    """Return the share of G and C in each sequence.

    Parameters
    ----------
    sequences : Series of str of shape (n_guides,)

    Returns
    -------
    Series of float64 of shape (n_guides,)
        From 0 to 1.
    """
    return sequences.str.count("[GC]") / sequences.str.len()


def find_terminators(spacers: pd.Series) -> pd.Series:
    """Return which terminators of transcription each spacer has.

    Parameters
    ----------
    spacers : Series of str of shape (n_guides,)
        In capital letters.

    Returns
    -------
    Series of str of shape (n_guides,)
        Such as ``"U6:TTTTT"`` (a run of four T or more, for RNA polymerase III and its
        promoters U6, H1 and 7SK) or ``"T7:ATCTGTT"``, with commas between; empty if
        there is none.
    """
    return _name_matches(spacers, TERMINATORS)


def find_restriction_sites(spacers: pd.Series, sites: Mapping[str, str]) -> pd.Series:
    """Return which recognition sites each spacer has, on either strand.

    Parameters
    ----------
    spacers : Series of str of shape (n_guides,)
        In capital letters.
    sites : mapping of str to str
        The recognition site of each enzyme, in IUPAC letters: see
        `enzymes.recognition_sites`.

    Returns
    -------
    Series of str of shape (n_guides,)
        Such as ``"BsmBI:GAGACG"``, the site as it stands in the spacer, with commas
        between; empty if there is none.
    """
    patterns = {
        enzyme: f"{_pattern(site)}|{_pattern(site.translate(_COMPLEMENT)[::-1])}"
        for enzyme, site in sites.items()
    }
    return _name_matches(spacers, patterns)


def _pattern(site: str) -> str:
    """Return a regular expression of IUPAC letters."""
    return "".join(f"[{IUPAC_NUCLEOTIDES.get(letter, letter)}]" for letter in site)


def _name_matches(spacers: pd.Series, patterns: Mapping[str, str]) -> pd.Series:
    """Return ``name:letters`` of the first match of each pattern, comma-separated."""
    compiled = {name: re.compile(pattern) for name, pattern in patterns.items()}
    found = []
    for spacer in spacers:
        matches = ((name, each.search(spacer)) for name, each in compiled.items())
        found.append(",".join(f"{name}:{match[0]}" for name, match in matches if match))
    return pd.Series(found, index=spacers.index, dtype=object)


def self_complementarity(spacers: pd.Series) -> Ints:
    """Return how long a hairpin each spacer can form with itself.

    Guides whose spacer pairs with itself cut less, or not at all: Thyme et al. 2016,
    doi:10.1038/ncomms11750.

    Parameters
    ----------
    spacers : Series of str of shape (n_guides,)
        Of one length, of A, C, G and T.

    Returns
    -------
    ndarray of shape (n_guides,), int64
        Base pairs (A with T, C with G) of the longest stem without a bulge, around a
        loop of four letters or more.

    Notes
    -----
    The stem whose innermost pair is positions i and j is one pair longer than that whose
    innermost pair is i - 1 and j + 1, for all guides at once.
    """
    alphabet = Alphabet("ACGT")
    codes = encode_sequences(spacers.tolist(), alphabet, unknown="error")
    # By position first, so that each step reads contiguous memory.
    codes = np.ascontiguousarray(codes.T, dtype=np.int8)
    length, n_guides = codes.shape
    longest = np.zeros(n_guides, dtype=np.int64)
    outer: dict[int, Ints] = {}  # stems whose innermost pair is (i - 1, j), by j
    for i in range(length - _SHORTEST_LOOP - 1):
        stems = {}
        for j in range(i + _SHORTEST_LOOP + 1, length):
            # The codes of A and T, and of C and G, add up to 3.
            pairs = codes[i] + codes[j] == 3
            stems[j] = np.where(pairs, 1 + outer.get(j + 1, 0), 0)
            np.maximum(longest, stems[j], out=longest)
        outer = stems
    return longest
