"""What a table of guides holds, counted."""

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.report.data_summary import summarise_data


def test_counts_of_a_table_by_hand():
    sequences = pd.Series(["GACN", "GATT", "gauu", "GCGA", "GCGA"])
    target = pd.Series([0.1, 0.5, 0.7, 0.5, 0.5])
    genes = pd.Series(["a", "b", "b", "b", "c"])
    data = summarise_data(sequences, target, genes)
    assert data.n_guides == 5
    assert data.lengths == {4: 5}
    assert data.n_sequences == 3
    assert (data.n_repeated, data.n_repeated_sequences) == (4, 2)
    assert data.n_conflicting_sequences == 1  # GATT; both GCGA have 0.5
    assert data.other_letters == {"N": 1}
    assert data.n_guides_with_other_letters == 1
    assert data.constant_positions == {1: "G"}
    assert data.gc == (0.25, 2 / 3, 0.75)  # N is in no share
    assert data.quantiles[0.0] == 0.1
    assert data.quantiles[0.5] == 0.5
    assert data.quantiles[1.0] == 0.7
    assert (data.mean, data.sd) == (
        pytest.approx(target.mean()),
        pytest.approx(np.std(target)),
    )
    assert (data.commonest_value, data.n_of_commonest_value) == (0.5, 3)
    assert data.n_values == 3
    assert data.group_sizes.to_dict() == {"b": 3, "a": 1, "c": 1}
