"""Perfect matches counted slowly, and by keys."""

import functools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites import Region, count_occurrences, find_sites, occurrences
from tests.sites import reference

GENOME = "".join(np.random.default_rng(0).choice(list("ACGT"), 2000))


def count_slowly(spacer, pam_first, pattern, sequence):
    """Count a spacer beside a PAM, at every place of both strands."""
    count, n = 0, len(spacer)
    for text in (sequence, reference.reverse_complement(sequence)):
        for place in range(len(text) - n + 1):
            pam = text[place + n : place + n + len(pattern)]
            if pam_first:
                pam = text[max(place - len(pattern), 0) : place]
            if text[place : place + n] == spacer and reference.has_pam(pam, pattern):
                count += 1
    return count


@settings(max_examples=40)
@given(
    st.lists(st.text("ACGTN", min_size=1, max_size=150), min_size=1, max_size=3),
    st.sampled_from(["2+3+NG+1", "1+TV+3+2", "0+1+N+0"]),
)
def test_spacers_are_counted_wherever_a_pam_is(chromosomes, text):
    layout = GuideLayout.parse(text)
    genome = {str(number): each for number, each in enumerate(chromosomes)}
    sites = find_sites({"gene": GENOME[:60]}, layout)
    expected = [
        sum(
            count_slowly(spacer.decode(), layout.pam_first, layout.pam_pattern, each)
            for each in chromosomes
        )
        for spacer in sites.sequences(layout.spacer)
    ]
    assert count_occurrences(sites, genome).tolist() == expected


def test_a_site_occurs_where_it_is_and_in_no_other_region():
    sites = find_sites({"chr1": GENOME}, "SpCas9")
    assert len(sites) > 100
    assert (count_occurrences(sites, {"chr1": GENOME}) == 1).all()
    assert (count_occurrences(sites, {"chr1": GENOME, "chr2": GENOME}) == 2).all()
    region = Region("chr1", 0, 1000)
    counts = count_occurrences(sites, {"chr1": GENOME}, regions=[region])
    assert (counts == (sites.end <= 1000)).all()


def test_blocks_make_no_difference(monkeypatch):
    sites = find_sites({"chr1": GENOME}, "2+3+NG+1")
    expected = count_occurrences(sites, {"chr1": GENOME})
    whole = occurrences.iter_sites
    monkeypatch.setattr(
        occurrences, "iter_sites", functools.partial(whole, block_size=7)
    )
    assert expected.max() > 1
    assert (count_occurrences(sites, {"chr1": GENOME}) == expected).all()


def test_all_letters_of_the_longest_spacer_count():
    spacer = "T" * 32
    genome = {"a": spacer + "AGG", "b": "G" + spacer[1:] + "AGG"}
    sites = find_sites({"gene": spacer + "TGG"}, "0+32+NGG+0")
    assert count_occurrences(sites, genome).tolist() == [1]


def test_no_site_occurs_nowhere():
    sites = find_sites({"gene": "A"}, "SpCas9")
    assert count_occurrences(sites, {"chr1": GENOME}).shape == (0,)


def test_longer_spacers_are_refused():
    sites = find_sites({"gene": GENOME}, "0+33+NGG+0")
    with pytest.raises(ValueError, match=r"up to 32 letters .* 0\+33\+NGG\+0 has 33"):
        count_occurrences(sites, {"chr1": GENOME})
