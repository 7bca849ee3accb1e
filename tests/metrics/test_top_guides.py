"""How good the best-scored guides of each gene are."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.metrics.top_guides import (
    share_of_best_in_better_half,
    shares_in_better_half,
    shares_of_genes,
)

small = st.integers(0, 3)


def slow_share(y, predicted, k):
    """Try all orders of the guides: a stable sort of each breaks ties in its way."""
    shares = []
    for order in permutations(range(len(y))):
        taken = sorted(order, key=lambda guide: -predicted[guide])[:k]
        median = np.median(y)
        shares += [
            np.mean([1.0 if y[i] > median else 0.5 * (y[i] == median) for i in taken])
        ]
    return np.mean(shares)


@given(st.lists(st.tuples(small, small), min_size=4, max_size=5))
def test_ties_are_averaged_over(guides):
    y, predicted = zip(*guides, strict=True)
    shares = shares_in_better_half(y, predicted, ["a"] * len(y), most=2)
    for k in (1, 2):
        assert shares.loc["a", k] == pytest.approx(slow_share(y, predicted, k))
    everything = slow_share(y, predicted, len(y))
    assert shares.loc["a", "random"] == pytest.approx(everything)


def test_genes_without_a_choice_are_left_out():
    groups = ["a"] * 3 + ["b"] * 4
    shares = shares_in_better_half(np.arange(7), np.arange(7), groups, most=2)
    assert shares.index.tolist() == ["b"]
    assert shares.loc["b"].tolist() == [1, 1, 0.5]
    none = shares_in_better_half(np.arange(7), np.arange(7), groups, most=3)
    assert none.empty
    assert list(none) == [1, 2, 3, "random"]


def test_genes_come_in_the_order_of_the_guides():
    table = pd.DataFrame({"split": 0, "group": list("bbaa"), "y": [0.0, 1, 0, 1]})
    table["model"] = table["y"]
    assert shares_of_genes(table, "model", most=1).index.tolist() == ["b", "a"]
    arguments = table["y"], table["model"], table["group"]
    assert shares_in_better_half(*arguments, most=1).index.tolist() == ["b", "a"]


def test_order_of_the_guides_does_not_matter():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.integers(0, 5, (60, 2)), columns=["y", "p"])
    table["gene"] = np.repeat(list("abcdef"), 10)
    mixed = table.sample(frac=1, random_state=0)
    first, second = (
        shares_in_better_half(each["y"], each["p"], each["gene"], most=4)
        for each in (table, mixed)
    )
    pd.testing.assert_frame_equal(first, second.sort_index())


def test_shares_of_genes_are_averaged_over_the_splits_of_a_gene():
    table = pd.DataFrame(
        {
            "split": np.repeat([0, 1], 4),
            "group": "a",
            "y": [1.0, 2, 3, 4] * 2,
            "model": [1.0, 2, 3, 4, 4, 3, 2, 1],
        }
    )
    shares = shares_of_genes(table, "model", most=4)
    assert list(shares) == [1, 2, "random"]  # of four guides no more than two
    assert shares.loc["a"].tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [
        ([1, 1], None),  # no choice in any
        ([2, 1, 1], 1),  # the genes of one guide say nothing of how many to take
        ([2, 2, 8], 1),
        ([4, 4, 1, 1, 1], 2),
        ([2, 6, 6], 3),
        ([2, 5, 9], 2),
        ([20, 20], 4),
    ],
)
def test_half_of_the_genes_have_a_choice(sizes, taken):
    groups = np.repeat([f"gene {i}" for i in range(len(sizes))], sizes)
    y = np.arange(len(groups), dtype=float)
    table = pd.DataFrame({"split": 0, "group": groups, "y": y, "model": y})
    shares = shares_of_genes(table, "model", most=4)
    assert list(shares) == ([] if taken is None else [*range(1, taken + 1), "random"])


def test_guides_of_a_gene_are_ranked_within_their_split():
    table = pd.DataFrame(
        {
            "split": [1, 0, 1, 0],
            "group": ["b", "a", "b", "a"],
            "y": [1.0, 4, 2, 3],
            "model": [1.0, 1, 2, 2],
        }
    )
    shares = shares_of_genes(table, "model", most=1)
    assert shares[1].to_dict() == {"b": 1.0, "a": 0.0}


@given(st.lists(st.tuples(small, small), min_size=2, max_size=5))
def test_the_share_of_the_best_half_is_that_of_so_many_guides(guides):
    y, predicted = zip(*guides, strict=True)
    of_best, of_all = share_of_best_in_better_half(y, predicted, share=0.5)
    assert of_best == pytest.approx(slow_share(y, predicted, max(1, round(len(y) / 2))))
    assert of_all == pytest.approx(slow_share(y, predicted, len(y)))
