"""Numbers as the page shows them."""

import math

import pytest

from sgrna_estimator.report.wording import counted, interval, number, percent


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0.12345, 3, "0.123"),
        (-0.0001, 3, "0.000"),
        (12345.6, 0, "12,346"),
        (-3e9, 3, "-3.000e+09"),
        (math.nan, 3, "n/a"),
    ],
)
def test_numbers(value, decimals, shown):
    assert number(value, decimals) == shown


def test_intervals():
    assert interval(-0.1, 0.25, 2) == "-0.10 to 0.25"
    assert interval(math.nan, math.nan, 2) == "n/a"


def test_shares_and_counts():
    assert percent(0.1234) == "12.3 %"
    assert [counted(n, "gene") for n in (0, 1, 1200)] == [
        *("0 genes", "1 gene", "1,200 genes")
    ]
