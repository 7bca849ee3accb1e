"""Candidates of the wrong strand, or cut at another offset."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.scoring.cut import doubt_of_cut

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
