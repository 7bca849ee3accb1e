"""How good the best-scored guides of each gene are."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgrna_estimator.metrics.top_guides import shares_in_better_half

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
