"""Sites as a table of text and numbers."""

import pandas as pd
import pytest

from sgrna_estimator.design.frames import COLUMNS, frame_of, region_name, regions_of
from sgrna_estimator.sites import Region, find_sites
from tests.design.designs import LAYOUT, find_by_hand, random_sequences


def test_a_table_has_the_sites_of_a_search_by_hand():
    sequences = random_sequences(2, 300)
    frame = frame_of(find_sites(sequences, LAYOUT))
    order = ["chromosome", "start", "strand"]
    expected = find_by_hand(sequences).sort_values(order, ignore_index=True)
    assert tuple(frame) == COLUMNS
    found = frame.sort_values(order, ignore_index=True)
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
    assert all(isinstance(each, str) for each in frame["strand"])
    assert not any(isinstance(t, pd.CategoricalDtype) for t in frame.dtypes)


@pytest.mark.parametrize(
    ("region", "name"),
    [(Region("a", 0, 9, "GENE"), "GENE"), (Region("a", 0, 9), "a:1-9")],
)
def test_the_name_of_a_region(region, name):
    assert region_name(region) == name


def test_the_region_of_each_site():
    sequences = random_sequences(1, 900)
    regions = [Region("region1", 0, 300, "GENE"), Region("region1", 300, 900)]
    sites = find_sites(sequences, LAYOUT, regions=regions)
    found = regions_of(sites)
    assert found.tolist() == [
        "GENE" if start < 300 else "region1:301-900" for start in sites.start
    ]
    assert len(regions_of(sites[:0])) == 0
