"""Targets of tables of different scales."""

import pandas as pd
import pytest

from sgrna_estimator.datasets import TableError, load_table
from sgrna_estimator.datasets.standardized import spreads_by_table, standardize_tables


@pytest.fixture
def read(tmp_path):
    """Put a table for each list of targets one below the other."""

    def read_targets(*targets):
        paths = []
        for number, values in enumerate(targets):
            paths.append(tmp_path / f"{number}.csv")
            rows = {"seq": ["ACGT", "ACGA", "CCCC"][: len(values)], "y": values}
            pd.DataFrame(rows).to_csv(paths[-1], index=False)
        return load_table(paths, sequence="seq", target="y")

    return read_targets


def test_each_table_has_the_same_mean_and_scale(read):
    table = read([1, 2, 3], [100, 400])
    found = standardize_tables(table)
    assert found.target.tolist() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5, -1, 1])
    assert found.data["y"].tolist() == found.target.tolist()
    assert (found.is_standardized, table.is_standardized) == (True, False)
    assert table.target.tolist() == [1, 2, 3, 100, 400]
    assert spreads_by_table(found).tolist() == pytest.approx([1, 1])


def test_spreads(read):
    spreads = spreads_by_table(read([1, 3], [5], [-2, -2, -2]))
    assert spreads.tolist() == [1, 0, 0]
    assert [name[-5:] for name in spreads.index] == ["0.csv", "1.csv", "2.csv"]


@pytest.mark.parametrize("flat", [[7], [7, 7, 7]])
def test_a_target_that_does_not_vary_has_no_scale(read, flat):
    match = r"1\.csv: the target in column 'y' must vary .*, but all guides have 7"
    with pytest.raises(TableError, match=match):
        standardize_tables(read([1, 2], flat))


def test_log2_fold_changes_keep_their_0(small_screen):
    table = small_screen
    with pytest.raises(TableError, match="0 must stay"):
        standardize_tables(type(table)(**{**vars(table), "is_log2fc": True}))
