import pandas as pd
import pytest

from sgrna_estimator.datasets import fetch_crispra_tiling, fetch_haeussler2016


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
    assert str(crispra_tiling.layout) == "10+20+3+10"
    assert crispra_tiling.screens.unique().tolist() == ["neuron", "self_renewal"]
    assert crispra_tiling.screens.name == "screen"
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


def test_crispron2021(crispron2021, kim2019):
    frame = crispron2021.data
    assert frame.shape == (11595, 4)
    assert crispron2021.sequences.tolist() == [text[1:] for text in frame["gRNA"]]
    assert crispron2021.sequences.name == "30mer"
    assert crispron2021.target.name == "mean_eff"
    assert crispron2021.target.between(0, 100).all()
    assert crispron2021.target.iloc[0] == 94.0576230492197
    assert crispron2021.groups is None
    assert crispron2021.sequences.isin(kim2019.sequences).sum() == 54  # as DESCR says
    assert "CC BY" in crispron2021.DESCR


@pytest.mark.parametrize(
    ("name", "n_guides", "n_genes"),
    [
        ("doench2014-Hs", 881, 3),
        ("chari2015Train293T", 1234, None),
        ("xu2015TrainHl60", 2076, 220),
    ],
)
def test_haeussler2016(haeussler2016, name, n_guides, n_genes):
    table = haeussler2016[name]
    frame = table.data
    assert len(table) == n_guides
    # The spacer and its PAM, with what stands around them in the genome, once.
    assert table.sequences.str[4:27].tolist() == frame["seq"].tolist()
    for context, around in zip(table.sequences, frame["longSeq100Bp"], strict=True):
        assert around.count(context) == 1
    assert table.target.name == "modFreq"
    if n_genes is None:
        assert table.groups is None
        assert frame["guide"].is_unique
    else:
        assert table.groups.nunique() == n_genes
        expected = [guide[: guide.rindex("-")] for guide in frame["guide"]]
        assert table.groups.tolist() == expected
    scores = {"fusi", "doench", "wuCrispr", "crisprScan", "wang", "ssc"}
    assert not scores & set(frame)
    assert f"{n_guides:,}" in table.DESCR
    assert "CC BY" in table.DESCR


def test_what_descriptions_say(haeussler2016, kim2019):
    doench = haeussler2016["doench2014-Hs"]
    assert doench.sequences.isin(kim2019.sequences).sum() == 770
    assert set(doench.groups) == {"CD13", "CD15", "CD33"}
    assert "LOWER IS MORE ACTIVE" in haeussler2016["xu2015TrainHl60"].DESCR


def test_screen_of_haeussler_that_does_not_exist():
    with pytest.raises(ValueError, match="name must be one of 'doench2014-Hs', 'chari"):
        fetch_haeussler2016("xu2015")


def test_contexts_have_the_layout_of_their_tables(
    crispra_tiling, kim2019, doench2016, crispron2021, haeussler2016
):
    tables = [crispra_tiling, kim2019, doench2016, crispron2021]
    for table in [*tables, *haeussler2016.values()]:
        assert table.sequences.str.len().unique().tolist() == [table.layout.length]
        assert (table.sequences.str[table.layout.pam].str[1:] == "GG").all()
        pd.testing.assert_series_equal(table.sequences, table.features.iloc[:, 0])
