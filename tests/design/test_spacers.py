"""Where spacers are, against a search by hand."""

import functools

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sgrna_estimator import GuideLayout
from sgrna_estimator.design.frames import frame_of
from sgrna_estimator.design.spacers import find_spacers
from sgrna_estimator.sites import iter_sites
from tests.design.designs import LAYOUT, find_by_hand, random_sequences

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
    expected = sites[sites["spacer"].isin(spacers)]
    found = frame_of(find_spacers(pd.Series(spacers), named(sequences), layout))
    order = ["chromosome", "start", "strand"]
    assert (
        found.sort_values(order)[list(sites)].to_numpy().tolist()
        == expected.sort_values(order).to_numpy().tolist()
    )


def test_blocks_make_no_difference(monkeypatch):
    sequences = random_sequences(2, 400)
    spacers = find_by_hand(sequences)["spacer"][::3]
    whole = frame_of(find_spacers(spacers, sequences, LAYOUT))
    small = functools.partial(iter_sites, block_size=37)
    monkeypatch.setattr("sgrna_estimator.design.spacers.iter_sites", small)
    blocks = frame_of(find_spacers(spacers, sequences, LAYOUT))
    assert whole.equals(blocks)
    assert len(whole) == len(spacers)
