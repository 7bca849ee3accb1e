"""Candidates of the wrong strand, or cut at another offset."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator._validation import name_rows
from sgrna_estimator.scoring.cut import common_letters, doubt_of_cut, warn_of_letters

COMPLEMENT = str.maketrans("ACGT", "TGCA")
UPSTREAM, LENGTH = 4, 30


def genome_sites(n, seed, shift=0):
    """Return contexts 4+20+NGG+3 that are cut some letters too late."""
    rng = np.random.default_rng(seed)
    sites = []
    for _ in range(n):
        text = list(rng.choice(list("ACGT"), LENGTH + 10))
        text[5 + 25 : 5 + 27] = "GG"
        sites.append("".join(text[5 + shift : 5 + shift + LENGTH]))
    return sites


def summary(guides):
    seen = ["".join(sorted(set(column))) for column in zip(*guides, strict=True)]
    return {"n_guides": len(guides), "letters_by_position": seen}


TRAINING = summary(genome_sites(300, 0))
LACKED = "what all guides of training had, G at position 26, G at position 27"


@given(st.integers(0, 100), st.booleans())
def test_guides_cut_alike_are_not_doubted(seed, lower):
    sites = genome_sites(50, seed)
    assert (
        doubt_of_cut([s.lower() for s in sites] if lower else sites, TRAINING) is None
    )


@pytest.mark.parametrize(
    ("shift", "how"),
    [
        (1, "; all have 1 letter before: was the context cut too late?"),
        (-2, "; all have 2 letters further on: was the context cut too early?"),
        (3, "; all have 3 letters before: was the context cut too late?"),
        (-4, ""),
    ],
)
def test_another_offset(shift, how):
    doubt = doubt_of_cut(genome_sites(200, 1, shift), TRAINING)
    assert doubt.endswith(LACKED + how)
    assert doubt.startswith("only ")


def test_the_other_strand():
    sites = [site.translate(COMPLEMENT)[::-1] for site in genome_sites(40, 2)]
    assert doubt_of_cut(sites, TRAINING).endswith(
        f"{LACKED}; all have on the other strand"
    )


def test_some_without_the_pam_are_for_other_warnings():
    sites = genome_sites(60, 3) + ["A" * LENGTH] * 40
    assert doubt_of_cut(sites, TRAINING) is None
    assert doubt_of_cut(sites[:10] + ["A" * LENGTH] * 40, TRAINING).startswith(
        "only 20 %"
    )


def test_what_cannot_be_told():
    far = ["A" * LENGTH]
    assert doubt_of_cut(far, TRAINING).startswith("none of the guides has")
    assert doubt_of_cut(["A" * 29, "", None], TRAINING) is None
    assert doubt_of_cut([], TRAINING) is None
    assert doubt_of_cut(far, summary(genome_sites(19, 0))) is None
    assert doubt_of_cut(far, {"n_guides": 900, "letters_by_position": None}) is None
    varied = {"n_guides": 900, "letters_by_position": ["ACGT"] * LENGTH}
    assert doubt_of_cut(far, varied) is None


def test_many_positions_are_not_all_named():
    same = {"n_guides": 900, "letters_by_position": ["A"] * 6}
    assert doubt_of_cut(["CCCCCC"], same).endswith("A at position 4 and 2 more")


# A few guides without the letters of training ---------------------------------------------


def slow_rows(sequences, common):
    """Return which guides have another nucleotide, and the first position."""
    return {
        row: next(place for place, letter in common.items() if s[place] != letter)
        for row, s in enumerate((s or "").upper().replace("U", "T") for s in sequences)
        if len(s) == LENGTH
        and any(s[p] != letter and s[p] in "ACGT" for p, letter in common.items())
    }


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, 4), st.sampled_from("ACGTUNacgtn.")),
            st.sampled_from([None, "ACGT"]),
        ),
        max_size=12,
    )
)
def test_guides_with_other_letters_are_those_of_a_slow_reference(changes):
    common = common_letters(TRAINING)
    assert common == {25: "G", 26: "G"}
    sites = []
    for change, site in zip(changes, genome_sites(12, 3), strict=False):
        if isinstance(change, tuple):
            place, letter = 23 + change[0], change[1]
            site = site[:place] + letter + site[place + 1 :]
        else:
            site = change
        sites.append(site)
    expected = slow_rows(sites, common)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_letters(sites, LENGTH, common)
    assert len(caught) == (len(expected) > 0)
    if expected:
        row, place = min(expected.items())
        message = str(caught[0].message)
        assert message.startswith(f"row {row + 1} has ")
        assert (
            f"at position {place + 1}, where all guides of training had 'G'" in message
        )
        assert message.endswith(name_rows(list(expected)))


def test_without_common_letters_there_is_nothing_to_say():
    warn_of_letters(["ACGT"], 4, {})
    warn_of_letters([], 4, {1: "C"})
    assert common_letters({"n_guides": 900, "letters_by_position": None}) == {}
    assert common_letters({"n_guides": 19, "letters_by_position": ["A"]}) == {}
