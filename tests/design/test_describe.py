"""What is said of a design as a whole."""

import pandas as pd

from sgrna_estimator.design.describe import describe_design
from sgrna_estimator.design.guides import Design, design_guides, locate_guides
from tests.design.designs import LAYOUT, fit, random_sequences


def test_a_plain_design_has_one_sentence(ridge):
    found = design_guides(
        ridge,
        {"a": "A" * 30 + random_sequences(1)["region1"] + "A" * 30}.items(),
        LAYOUT,
    )
    n = len(found.guides)
    assert describe_design(found, 4)[0] == f"{n} guides in 1 region, 4 of them picked"


def test_what_is_missing_is_said(ridge):
    sequence = random_sequences(1, 300)["region1"]
    at_the_end = "C" * 20 + "AGG"  # a PAM, but nothing behind it
    sequences = {"a": sequence + "NNNNNN" + sequence + at_the_end, "tiny": "ACGT"}
    found = design_guides(ridge, sequences.items(), LAYOUT, top=500)
    text = "\n".join(describe_design(found, 500))
    assert found.n_near_end > 0
    assert f"{found.n_near_end} site" in text
    assert "too near an end of their sequence" in text
    assert "no guide at all in tiny" in text
    assert "fewer than 500 picked in a: Picking Notes say why" in text


def test_spacers_that_are_nowhere_are_counted(ridge):
    sequences = random_sequences(1, 500)
    guides = design_guides(ridge, sequences.items(), LAYOUT).guides
    spacers = pd.Series([*guides["spacer"][:5], "A" * 20, "C" * 20])
    found = locate_guides(ridge, spacers, sequences.items(), LAYOUT)
    assert any(
        each.startswith("2 spacers not found beside a PAM")
        for each in describe_design(found, 1)
    )


def test_picks_unlike_training_are_counted():
    fitted = fit("ridge", begins_with_g=True)
    found = design_guides(fitted, random_sequences(1, 500).items(), LAYOUT)
    picks = found.guides[found.guides["pick"].notna()]
    n = int((~picks["spacer"].str.startswith("G")).sum())
    assert n > 0
    assert describe_design(found, 4)[-1].startswith(f"{n} of the picks are unlike")
    assert (picks["unlike_training"].str.contains("at 1\\b").sum()) == n


def test_picks_that_the_genome_does_not_have_are_counted(ridge):
    exons = random_sequences(2, 300)
    transcript = {"mRNA": "".join(exons.values())}
    found = design_guides(ridge, transcript.items(), LAYOUT, genome=exons, top=1000)
    picks = found.guides[found.guides["pick"].notna()]
    n_across = int((picks["occurrences"] == 0).sum())
    assert 0 < n_across < len(picks)
    assert describe_design(found, 1)[-1].startswith(
        f"{n_across} of the picks are not in the genome"
    )
    whole = design_guides(ridge, transcript.items(), LAYOUT, genome=transcript)
    assert "not in the genome" not in " ".join(describe_design(whole, 1))


def test_many_regions_are_not_all_named(ridge):
    found = design_guides(ridge, random_sequences(1, 500).items(), LAYOUT)
    empty = Design(found.guides, LAYOUT, empty_regions=[f"r{n}" for n in range(9)])
    assert "no guide at all in r0, r1, r2, r3, r4 and 4 more regions" in (
        describe_design(empty, 4)
    )
