"""Ranks, picks and reasons, against a slow definition."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgrna_estimator.design.choose import choose_guides


def guides(**columns):
    n = len(next(iter(columns.values())))
    given = {
        "region": ["a"] * n,
        "chromosome": ["chr1"] * n,
        "start": [50 * row for row in range(n)],
        "strand": ["+"] * n,
        "spacer": [f"spacer{row}" for row in range(n)],
        "terminators": [""] * n,
        "prediction": np.arange(n, 0, -1.0),
    }
    table = pd.DataFrame({**given, **columns})
    if "cut_position" not in table:
        table["cut_position"] = table["start"] + 17
    return table


def picks(table, **options):
    chosen = choose_guides(table, **options)
    return chosen[chosen["pick"].notna()].sort_values(["region", "pick"])


def test_the_best_of_each_region_are_picked():
    table = guides(
        region=["b", "a", "b", "a", "b"],
        prediction=[1, 5, 3, 2, 2.5],
    )
    chosen = choose_guides(table, top=2)
    # regions in the order of the table, ranks within them
    assert chosen["region"].tolist() == ["b", "b", "b", "a", "a"]
    assert chosen["prediction"].tolist() == [3, 2.5, 1, 5, 2]
    assert chosen["rank"].tolist() == [1, 2, 3, 1, 2]
    assert chosen["pick"].tolist() == [1, 2, pd.NA, 1, 2]
    assert (chosen["notes"] == "").all()


def test_equal_predictions_are_ranked_by_place_whatever_the_order_of_the_table():
    table = guides(
        prediction=[1.0] * 4, start=[9, 3, 3, 1], strand=["+", "-", "+", "+"]
    )
    shuffled = table.iloc[[2, 0, 3, 1]].reset_index(drop=True)
    for each in (table, shuffled):
        chosen = choose_guides(each)
        assert chosen["start"].tolist() == [1, 3, 3, 9]
        assert chosen["strand"].tolist() == ["+", "+", "-", "+"]


def test_reasons():
    table = guides(
        terminators=["U6:TTTT", "", "T7:ATCTGTT", "", "", ""],
        restriction_sites=["", "BsmBI:CGTCTC", "", "", "", ""],
        occurrences=[1, 3, 1, 1, 1, 1],
        spacer=["a", "b", "c", "c", "d", "e"],
        start=[0, 50, 100, 500, 108, 900],
    )
    chosen = choose_guides(table, top=2, spacing=10)
    assert chosen["notes"].tolist() == [
        "Terminator U6:TTTT",
        "Restriction site BsmBI:CGTCTC; Occurs 3 times in the genome",
        "",
        "Same spacer as pick 1",
        "Spacing: cuts 8 nt from pick 1",
        "",
    ]
    assert chosen["pick"].tolist() == [pd.NA, pd.NA, 1, pd.NA, pd.NA, 2]
    allowed = choose_guides(table, top=1, allow_terminators=True)
    assert allowed["pick"].tolist() == [1, *[pd.NA] * 5]


def test_cuts_on_other_chromosomes_are_not_close():
    table = guides(start=[0, 0], chromosome=["chr1", "chr2"])
    assert len(picks(table, spacing=100)) == 2


def choose_slowly(table, top, spacing):
    """Take the best that is far from all taken, again and again."""
    taken = []
    for region in dict.fromkeys(table["region"]):
        left = [row for row in table.to_dict("records") if row["region"] == region]
        left = [row for row in left if not row["terminators"]]
        of_region = []
        while left and len(of_region) < top:
            best = min(
                left, key=lambda row: (-row["prediction"], row["start"], row["strand"])
            )
            of_region.append(best)
            left = [
                row
                for row in left
                if abs(row["cut_position"] - best["cut_position"]) >= spacing
                and row["spacer"] != best["spacer"]
            ]
        taken += [(row["region"], row["start"], row["strand"]) for row in of_region]
    return taken


ROWS = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 60),
    st.sampled_from("+-"),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.sampled_from(["", "", "", "U6:TTTT"]),
    st.sampled_from("uvwxyz"),
)


@settings(max_examples=50)
@given(
    st.lists(ROWS, min_size=1, max_size=20, unique_by=lambda row: row[:3]),
    st.integers(1, 4),
    st.integers(1, 30),
)
def test_picks_are_those_of_the_definition(rows, top, spacing):
    columns = ["region", "start", "strand", "prediction", "terminators", "spacer"]
    table = pd.DataFrame(rows, columns=columns).assign(chromosome="chr1")
    table["cut_position"] = table["start"] + np.where(table["strand"] == "+", 17, 3)
    chosen = choose_guides(table, top=top, spacing=spacing)
    order = dict.fromkeys(table["region"])
    picked = chosen[chosen["pick"].notna()]
    found = [
        (row.region, row.start, row.strand)
        for region in order
        for row in picked[picked["region"] == region].sort_values("pick").itertuples()
    ]
    assert found == choose_slowly(table, top, spacing)
    # picks are in the order of ranks, and no other guide is without a reason before them
    for region, of_region in chosen.groupby("region"):
        last = of_region["rank"][of_region["pick"].notna()].max()
        before = of_region[(of_region["rank"] < last) & of_region["pick"].isna()]
        assert (before["notes"] != "").all(), region


@pytest.mark.parametrize("top", [1, 3])
def test_a_table_keeps_its_columns_and_rows(top):
    table = guides(extra=["x", "y", "z"])
    chosen = choose_guides(table, top=top)
    assert set(chosen) == {*table, "rank", "pick", "notes"}
    assert sorted(chosen["extra"]) == ["x", "y", "z"]
