"""What a model file says of the guides that the model learnt from."""

import numpy as np
import pandas as pd
import pytest

from sgrna_estimator.storage.summary import summarise_guides


def test_the_summary_of_guides(guides):
    frame, target = guides
    sequences = frame["seq"].where(frame.index != 7, "ccggnu")
    found = summarise_guides(sequences, target)
    gc = [sum(letter in "GCgc" for letter in each) / len(each) for each in sequences]
    assert found == {
        "n_guides": 60,
        "shortest": 6,
        "longest": 12,
        "letters": "ACGNTU",
        "letters_by_position": None,
        "gc_min": min(gc),
        "gc_max": max(gc),
        "target_mean": pytest.approx(np.mean(target)),
        "target_sd": pytest.approx(np.std(target)),
        "target_min": target.min(),
        "target_max": target.max(),
    }


def test_the_letters_at_each_position():
    found = summarise_guides(
        pd.Series(["ACGG", "ccgg", "ATGG"]), pd.Series([0, 1, 2.0])
    )
    assert found["letters_by_position"] == ["AC", "CT", "G", "G"]
