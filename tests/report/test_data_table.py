"""The table of what the guides are."""

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.report.data_summary import summarise_data
from sgrna_estimator.report.data_table import data_rows, quantile_cells


def test_sequences_of_several_lengths_have_no_common_positions():
    data = summarise_data(pd.Series(["GA", "GAC", "NN"]), pd.Series([0.0, 1.0, 2.0]))
    assert data.lengths == {2: 2, 3: 1}
    assert data.constant_positions is None
    assert data.gc == pytest.approx((0.5, 7 / 12, 2 / 3))  # of two: NN has none
    rows = dict(data_rows(data))
    assert rows["Sequence length"] == "2 nt (2 guides), 3 nt (1 guide)"
    assert (
        rows["Positions with one letter only, from the first"]
        == "not looked for, as lengths differ"
    )
    assert rows["Letters other than A, C, G, T, U"] == "N 2 times, in 1 guide"
    assert rows["Genes"] == "no column named"


def test_sequences_without_a_known_letter_have_no_gc_content():
    data = summarise_data(pd.Series(["NN", "NN"]), pd.Series([0.0, 1.0]))
    assert np.isnan(data.gc).all()
    assert dict(data_rows(data))["GC content"] == "not known"


def test_rows_of_the_data_table():
    sequences = pd.Series(["GACAGG", "GATCGG", "GTTCGG", "GTTCGG"])
    data = summarise_data(
        sequences, pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series(list("abbb"))
    )
    rows = dict(data_rows(data))
    assert rows["Guides"] == "4"
    assert rows["Guides of a gene"] == "1 to 3, median 2; most for b"
    assert (
        rows["Positions with one letter only, from the first"]
        == "1 G, 5\N{EN DASH}6 GG"
    )
    assert rows["Repeated sequences"] == "1, of 2 guides"
    assert rows["Repeated with different measurements"] == "1"
    assert rows["Letters other than A, C, G, T, U"] == "none"
    assert quantile_cells(data)[0] == ("least", "1")
    assert ("25 %", "1.75") in quantile_cells(data)
