"""Whole designs, against the same thing done slowly by hand."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.enzymes import recognition_sites
from sgrna_estimator.design.guides import design_guides, locate_guides
from sgrna_estimator.sequences.codes import SequenceError
from sgrna_estimator.sites import Region, RegionError
from tests.design.designs import (
    LAYOUT,
    find_by_hand,
    fit,
    random_sequences,
    reverse_complement,
)
from tests.design.test_annotate import longest_stem

PLACE = ["chromosome", "start", "strand"]


def by_hand(fitted, sequences, *, top, spacing):
    """Return what `design_guides` should, one guide after the other."""
    guides = find_by_hand(sequences)
    spacers = guides["spacer"].tolist()
    frame = guides[["context"]].set_axis(["seq"], axis="columns")
    guides["prediction"] = fitted.pipeline.predict(frame)
    guides["gc"] = [sum(letter in "GC" for letter in each) / 20 for each in spacers]
    guides["self_complementarity"] = [longest_stem(each) for each in spacers]
    guides["has_terminator"] = ["TTTT" in each for each in spacers]
    guides["is_cut"] = [
        bool(re.search("CGTCTC|GAGACG|GAAGAC|GTCTTC", each)) for each in spacers
    ]
    both = " ".join([*sequences.values(), *map(reverse_complement, sequences.values())])
    guides["occurrences"] = [
        len(re.findall(f"(?={each}[ACGT]GG)", both)) for each in spacers
    ]
    rows = []
    for _, region in guides.groupby("chromosome", sort=False):
        region = region.sort_values(
            ["prediction", "start", "strand"], ascending=[False, True, True]
        )
        cuts = []
        for rank, row in enumerate(region.to_dict("records"), 1):
            can = not (row["has_terminator"] or row["is_cut"] or row["occurrences"] > 1)
            far = all(abs(cut - row["cut_position"]) >= spacing for cut in cuts)
            is_pick = can and far and len(cuts) < top
            if is_pick:
                cuts.append(row["cut_position"])
            pick = len(cuts) if is_pick else None
            rows.append({**row, "rank": rank, "expected_pick": pick})
    return pd.DataFrame(rows)


def test_ten_regions_agree_guide_by_guide(ridge):
    sequences = random_sequences()
    # the same guide three times over, a terminator and a site of an enzyme
    copied = sequences["region1"][300:360]
    sequences["region2"] = copied + sequences["region2"][60:]
    sequences["region3"] = sequences["region3"][:-60] + reverse_complement(copied)
    expected = by_hand(ridge, sequences, top=4, spacing=30)
    found = design_guides(
        ridge,
        sequences.items(),
        LAYOUT,
        genome=sequences.items(),
        avoid=recognition_sites(["BsmBI", "BbsI"]),
        top=4,
        spacing=30,
    )
    guides = found.guides
    assert len(guides) == len(expected) > 2000
    assert (expected["occurrences"] > 1).any()
    assert expected["is_cut"].any()
    columns = [*PLACE, "end", "cut_position", "spacer", "pam", "context", "rank"]
    columns += ["occurrences", "self_complementarity"]
    for column in columns:
        assert guides[column].tolist() == expected[column].tolist(), column
    assert guides["region"].tolist() == expected["chromosome"].tolist()
    assert_allclose(guides["prediction"], expected["prediction"], atol=1e-6)
    assert_allclose(guides["gc"], expected["gc"])
    has_u6 = guides["terminators"].str.contains("U6")
    assert has_u6.tolist() == expected["has_terminator"].tolist()
    is_cut = guides["restriction_sites"] != ""
    assert is_cut.tolist() == expected["is_cut"].tolist()
    picks = guides["pick"].astype(float)
    assert_allclose(picks, expected["expected_pick"].astype(float))
    assert guides["pick"].notna().sum() == 40


def test_sequences_in_lower_case_with_unknown_letters(ridge):
    [(name, sequence)] = random_sequences(1, 600).items()
    sequence = sequence[:200].lower() + "N" * 7 + sequence[200:]
    expected = find_by_hand({name: sequence})
    found = design_guides(ridge, [(name, sequence)], LAYOUT)
    order = found.guides.sort_values(["start", "strand"])
    assert order["start"].tolist() == sorted(expected["start"])
    assert set(order["context"]) == set(expected["context"])
    assert found.n_ambiguous > 0


def test_regions_are_ranked_each_for_itself(ridge):
    sequences = random_sequences(2, 1500)
    regions = [
        Region("region2", 100, 400, "GENE"),
        Region("region1", 0, 300),
        Region("region2", 350, 700, "GENE"),  # overlaps the first exon
        Region("region1", 500, 510, "tiny"),
    ]
    found = design_guides(ridge, sequences.items(), LAYOUT, regions=regions, top=2)
    guides = found.guides
    assert found.empty_regions == ["tiny"]
    assert set(guides["region"]) == {"GENE", "region1:1-300"}
    one = find_by_hand({"region1": sequences["region1"]}, start=0, end=300)
    exons = [
        find_by_hand({"region2": sequences["region2"]}, start=start, end=end)
        for start, end in ((100, 400), (350, 700))
    ]
    both = pd.concat(exons).drop_duplicates(PLACE)
    for region, expected in (("GENE", both), ("region1:1-300", one)):
        of_region = guides[guides["region"] == region]
        places = set(of_region[PLACE].itertuples(index=False, name=None))
        assert places == set(expected[PLACE].itertuples(index=False, name=None))
        assert of_region["rank"].tolist() == list(range(1, len(of_region) + 1))
        assert of_region["prediction"].is_monotonic_decreasing
        assert of_region["pick"].notna().sum() == 2


def test_a_region_that_is_not_there(ridge):
    sequences = random_sequences(1, 500)
    for region in (Region("chrX", 0, 10), Region("region1", 400, 501)):
        with pytest.raises(RegionError):
            design_guides(ridge, sequences.items(), LAYOUT, regions=[region])


def test_covariates_are_refused_before_anything_is_read(ridge):
    def sequences():
        raise AssertionError
        yield

    fitted = dataclasses.replace(ridge, covariates=["distance2TSS"])
    with pytest.raises(ValueError, match="needs distance2TSS"):
        design_guides(fitted, sequences(), LAYOUT)
    with pytest.raises(ValueError, match="needs distance2TSS"):
        locate_guides(fitted, pd.Series(["A" * 20]), sequences(), LAYOUT)


def test_no_guide_at_all(ridge):
    with pytest.raises(ValueError, match=r"no guide of the layout 4\+20\+NGG\+3"):
        design_guides(ridge, [("a", "AT" * 100)], LAYOUT)


def test_a_pam_in_front():
    layout = GuideLayout.parse("4+TTTV+19+3")
    fitted = fit("ridge", layout=str(layout))
    sequences = random_sequences(1, 3000)
    guides = design_guides(fitted, sequences.items(), layout).guides
    expected = find_by_hand(sequences, layout)
    assert len(guides) == len(expected) > 10
    columns = [*PLACE, "end", "cut_position", "spacer", "pam", "context"]
    found = guides.sort_values(["start", "strand"])[columns]
    slow = expected.sort_values(["start", "strand"])[columns]
    assert found.to_numpy().tolist() == slow.to_numpy().tolist()


# Spacers ------------------------------------------------------------------------------


def test_spacers_get_their_place_back(ridge):
    sequences = random_sequences(3)
    every = design_guides(ridge, sequences.items(), LAYOUT).guides
    some = every.sample(40, random_state=0).reset_index(drop=True)
    spacers = some["spacer"].where(some.index != 5, some["spacer"].str.lower())
    spacers[7] = "A" * 20
    spacers[9] = spacers[9].replace("T", "U")
    found = locate_guides(
        ridge, spacers, sequences.items(), LAYOUT, groups=some["chromosome"]
    ).guides
    assert sorted(found["row"]) == list(range(40))
    by_row = found.set_index("row").sort_index()
    columns = [*PLACE, "end", "cut_position", "spacer", "pam", "context"]
    columns += ["prediction", "self_complementarity"]
    others = some.index != 7
    for column in columns:
        assert by_row[column][others].tolist() == some[column][others].tolist(), column
    assert by_row.loc[7, ["chromosome", "start", "prediction", "rank"]].isna().all()
    assert by_row.loc[7, "notes"] == "Not found beside a PAM with its context"
    for _, of_gene in found.groupby("region"):
        ranks = of_gene["rank"].dropna()
        assert ranks.tolist() == list(range(1, len(ranks) + 1))


def test_a_spacer_in_two_places_has_two_rows(ridge):
    sequences = random_sequences(2, 500)
    part = sequences["region1"][100:200]
    sequences["region2"] = sequences["region2"] + reverse_complement(part) + "ACGTA"
    guides = find_by_hand({"part": part})
    found = locate_guides(
        ridge, guides["spacer"], sequences.items(), LAYOUT, genome=sequences.items()
    ).guides
    assert len(found) == 2 * len(guides)
    assert (found.groupby("row").size() == 2).all()
    assert (found["occurrences"] == 2).all()
    assert found["notes"].str.contains("Occurs 2 times in the genome").all()


def test_no_spacer_is_found(ridge):
    sequences = random_sequences(1, 500)
    with pytest.raises(ValueError, match="none of the spacers"):
        locate_guides(ridge, pd.Series(["A" * 20]), sequences.items(), LAYOUT)


@pytest.mark.parametrize("spacer", ["ACGT", "A" * 21, "ACGTACGTACGTACGTACGN"])
def test_spacers_that_are_none(ridge, spacer):
    spacers = pd.Series(["A" * 20, spacer])
    with pytest.raises(SequenceError) as refusal:
        locate_guides(ridge, spacers, random_sequences(1).items(), LAYOUT)
    assert list(refusal.value.rows) == [1]


def test_the_spread_is_that_of_the_networks():
    fitted = fit("network", n_networks=3)
    guides = design_guides(fitted, random_sequences(1).items(), LAYOUT).guides
    frame = guides[["context"]].set_axis(["seq"], axis="columns")
    network = fitted.pipeline[-1]
    mean, sd = network.predict(fitted.pipeline[:-1].transform(frame), return_std=True)
    assert_allclose(guides["prediction"], mean, atol=1e-5)
    assert_allclose(guides["prediction_sd"], sd, atol=1e-5)
    assert np.all(sd > 0)
