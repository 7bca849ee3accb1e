"""Where spacers are and how often, against a search by hand."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.spacers import count_in_genome, find_spacers
from tests.design.designs import find_by_hand

# So short that they are found often.
SHORT = [GuideLayout.parse(text) for text in ("1+3+NGG+2", "2+TTV+3+1", "0+2+G+0")]
SEQUENCES = st.lists(
    st.text("ACGTNacgt", min_size=1, max_size=40), min_size=1, max_size=3
)


def spacers_of(layout, letters="ACGT"):
    size = layout.spacer_length
    return st.lists(
        st.text(letters, min_size=size, max_size=size), min_size=1, max_size=8
    )


def named(sequences):
    return {f"chr{number}": each for number, each in enumerate(sequences)}


@settings(max_examples=60)
@given(st.data(), SEQUENCES, st.sampled_from(SHORT))
def test_places_are_those_of_a_search_by_hand(data, sequences, layout):
    spacers = data.draw(spacers_of(layout))
    sites = find_by_hand(named(sequences), layout)
    found = find_spacers(pd.Series(spacers), named(sequences).items(), layout)
    columns = list(sites)
    expected = [
        (row, *site)
        for row, spacer in enumerate(spacers)
        for site in sites[sites["spacer"] == spacer]
        .sort_values(["chromosome", "start", "strand"])[columns]
        .itertuples(index=False, name=None)
    ]
    places = found[["row", *columns]].itertuples(index=False, name=None)
    assert list(places) == expected


@settings(max_examples=60)
@given(st.data(), SEQUENCES, st.sampled_from(SHORT))
def test_counts_are_those_of_a_search_by_hand(data, sequences, layout):
    spacers = data.draw(spacers_of(layout))
    bare = replace(layout, upstream_length=0, downstream_length=0)
    everywhere = find_by_hand(named(sequences), bare)["spacer"].tolist()
    found = count_in_genome(pd.Series(spacers), named(sequences).items(), layout)
    assert found.tolist() == [everywhere.count(spacer) for spacer in spacers]


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_spacer_at_the_end_counts_although_its_context_is_cut_off(strand):
    layout = GuideLayout.parse("4+20+NGG+3")
    spacer = "GATTACAGATTACAGATTAC"
    sequence = spacer + "CGG"
    if strand == "-":
        sequence = sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
    spacers = pd.Series([spacer, "A" * 20])
    assert count_in_genome(spacers, [("chr", sequence)], layout).tolist() == [1, 0]
    assert not len(find_spacers(spacers, [("chr", sequence)], layout))
