"""What spacers are annotated with, against slow definitions."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.design.annotate import (
    find_restriction_sites,
    find_terminators,
    gc_content,
    self_complementarity,
)

SPACERS = st.lists(st.text("ACGT", min_size=20, max_size=20), min_size=1, max_size=5)
COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


def reverse_complement(text):
    return "".join(COMPLEMENT[letter] for letter in reversed(text))


def longest_stem(spacer):
    """Look at every two parts of a spacer with four letters or more between them."""
    return max(
        (
            size
            for size in range(1, len(spacer))
            for left in range(len(spacer) - size)
            for right in range(left + size + 4, len(spacer) - size + 1)
            if spacer[right : right + size]
            == reverse_complement(spacer[left : left + size])
        ),
        default=0,
    )


def test_gc_content():
    found = gc_content(pd.Series(["ACGT", "GGGG", "ATTA"], index=[3, 5, 7]))
    assert_allclose(found, [0.5, 1, 0])
    assert found.index.tolist() == [3, 5, 7]


@given(SPACERS)
def test_stems_are_those_of_the_definition(spacers):
    found = self_complementarity(pd.Series(spacers))
    assert_array_equal(found, [longest_stem(spacer) for spacer in spacers])


@pytest.mark.parametrize(
    ("spacer", "pairs"),
    [
        ("A" * 20, 0),
        ("GCGCAAAAAAAAAAAAGCGC", 4),  # the ends pair
        ("AAGGGCAAAAGCCCAAAAAA", 4),
        ("AAAGGGCAAAGCCCAAAAAA", 3),  # not 4: a loop has four letters at least
        ("GGACGAAAACGTCCAAAAAA", 5),  # GGACG and CGTCC
    ],
)
def test_stems_of_known_hairpins(spacer, pairs):
    assert longest_stem(spacer) == pairs
    assert_array_equal(self_complementarity(pd.Series([spacer])), [pairs])


@given(SPACERS)
def test_terminators_are_runs_of_t_and_that_of_t7(spacers):
    for spacer, found in zip(
        spacers, find_terminators(pd.Series(spacers)), strict=True
    ):
        runs = [run for run in re.split("[^T]+", spacer) if len(run) >= 4]
        expected = [f"U6:{runs[0]}"] if runs else []
        expected += ["T7:ATCTGTT"] if "ATCTGTT" in spacer else []
        assert found.split(",") == (expected or [""])


def test_terminators_are_those_of_the_strand_of_the_spacer():
    spacers = pd.Series(["GATCTGTTTTTGACGACGAC", "AACAGATCGAAAACGACGAC"])
    assert find_terminators(spacers).tolist() == ["U6:TTTTT,T7:ATCTGTT", ""]


@pytest.mark.parametrize(
    ("spacer", "found"),
    [
        ("AACGTCTCAAAAAAAAAAAA", "BsmBI:CGTCTC"),
        ("AAGAGACGAAAAAAAAAAAA", "BsmBI:GAGACG"),
        ("AACCAGGGGGGTGGAAAAAA", "BstXI:CCAGGGGGGTGG"),
        ("AACGTCTAAAAAAAAAAAAA", ""),
        ("CGTCTCCCAGGGGGGTGGAA", "BsmBI:CGTCTC,BstXI:CCAGGGGGGTGG"),
        ("AAAAAAAAAAAAAACGTCTC", "BsmBI:CGTCTC"),  # where it cuts is outside
    ],
)
def test_restriction_sites_of_both_strands(spacer, found):
    sites = {"BsmBI": "CGTCTC", "BstXI": "CCANNNNNNTGG"}
    assert find_restriction_sites(pd.Series([spacer]), sites).tolist() == [found]


@given(SPACERS, st.text("ACGTRYSWKMBDHVN", min_size=2, max_size=5))
def test_a_site_is_there_if_it_is_on_a_strand(spacers, site):
    from sgrna_estimator.sequences.alphabet import IUPAC_NUCLEOTIDES

    def is_in(text):
        sets = [IUPAC_NUCLEOTIDES.get(letter, letter) for letter in site]
        return any(
            all(text[start + n] in letters for n, letters in enumerate(sets))
            for start in range(len(text) - len(site) + 1)
        )

    found = find_restriction_sites(pd.Series(spacers), {"enzyme": site})
    expected = [is_in(text) or is_in(reverse_complement(text)) for text in spacers]
    assert (found != "").tolist() == expected
