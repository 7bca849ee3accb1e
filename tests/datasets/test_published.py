import pandas as pd
import pytest

from sgrna_estimator.datasets import (
    fetch_crispra_tiling,
    fetch_doench2016,
    fetch_kim2019,
)

FETCHERS = [fetch_crispra_tiling, fetch_kim2019, fetch_doench2016]


def test_crispra_tiling(crispra_tiling):
    frame = crispra_tiling.data
    assert frame.shape == (2073, 14)
    assert crispra_tiling.frame is frame
    assert frame["screen"].value_counts().to_dict() == {
        "self_renewal": 1364,
        "neuron": 709,
    }
    assert frame.groupby("screen")["gene"].nunique().to_dict() == {
        "neuron": 18,
        "self_renewal": 24,
    }
    assert crispra_tiling.sequences.str.len().unique().tolist() == [43]
    assert (crispra_tiling.sequences.str[10:30] == frame["guide"]).all()
    assert crispra_tiling.target.name == "mixture_probs"
    assert crispra_tiling.target.between(0, 1).all()
    assert crispra_tiling.groups.nunique() == 42
    assert pd.api.types.is_integer_dtype(frame["distance2TSS"])
    assert "Source: github.com/timydaley" in crispra_tiling.DESCR


@pytest.mark.parametrize(
    ("screen", "n_guides"), [("neuron", 709), ("self_renewal", 1364)]
)
def test_one_crispra_screen(crispra_tiling, screen, n_guides):
    alone = fetch_crispra_tiling(screen, download_if_missing=False).data
    assert len(alone) == n_guides
    both = crispra_tiling.data
    expected = both[both["screen"] == screen].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


def test_screen_that_does_not_exist():
    with pytest.raises(ValueError, match="screen must be 'both', 'neuron' or"):
        fetch_crispra_tiling("neurons")


def test_kim2019(kim2019):
    assert kim2019.data.shape == (12832, 9)
    assert kim2019.sequences.name == "Target context sequence (4+20+3+3)"
    assert kim2019.sequences.str.len().unique().tolist() == [30]
    assert (kim2019.sequences.str[25:27] == "GG").all()
    assert kim2019.sequences.is_unique
    assert kim2019.target.name == "Background subtracted indel (%)"
    assert kim2019.target.iloc[0] == 24.28780504
    assert kim2019.groups is None
    assert "Indel read count (Day 2.9)" in kim2019.data
    assert "MIT" in kim2019.DESCR


def test_doench2016(doench2016):
    assert doench2016.data.shape == (5310, 7)
    assert "predictions" not in doench2016.data
    assert doench2016.sequences.str.len().unique().tolist() == [30]
    assert doench2016.sequences.nunique() == 4379
    assert doench2016.target.between(0, 1).all()
    assert doench2016.groups.nunique() == 17
    assert "BSD" in doench2016.DESCR
