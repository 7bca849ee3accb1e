"""Scores on the guides of each of several tables."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import spearmanr, t
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.comparison.table_scores import scores_by_table
from sgrna_estimator.metrics import within_group_spearman

MODELS = {"weak": Ridge(1e4), "ridge": Ridge()}


@pytest.fixture(scope="module")
def guides():
    """Features, measurements and genes of 240 guides."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(240, 4))
    return X, X[:, 0] + X[:, 1] + rng.normal(size=240), np.repeat(np.arange(40), 6)


def compare(guides, *, grouped, **options):
    X, y, genes = guides
    return compare_estimators(
        MODELS, X, y, groups=genes if grouped else None, random_state=0, **options
    )


@pytest.mark.parametrize("grouped", [False, True])
def test_the_mean_and_the_interval_are_those_of_the_splits(guides, grouped):
    result = compare(guides, grouped=grouped, cv=4, repeats=2)
    # guides of a table need not be side by side
    tables = np.resize(["a", "a", "b"], 240)
    found = scores_by_table(result, tables).set_index(["table", "estimator"])
    assert found.index.levels[0].tolist() == ["a", "b"]
    assert found["n_guides"].tolist() == [160] * 3 + [80] * 3
    assert found["n_splits"].unique().tolist() == [8]
    ratio = np.mean([len(test) / len(train) for train, test in result.splits_])
    predictions = result.predictions_.assign(table=tables[result.predictions_.index])
    for table in "ab":
        values = []
        for _, rows in predictions.query("table == @table").groupby("split"):
            if grouped:
                score = within_group_spearman(rows["y"], rows["ridge"], rows["group"])
            else:
                score = spearmanr(rows["y"], rows["ridge"]).statistic
            values.append(score)
        mean, variance = np.mean(values), np.var(values, ddof=1)
        half = t.ppf(0.975, 6) * np.sqrt((1 / 8 + ratio) * variance)
        row = found.loc[(table, "ridge")]
        assert_allclose(row[["mean", "lower", "upper"]].astype(float), [
            mean, mean - half, min(mean + half, 1),
        ])  # fmt: skip


def test_one_table_is_the_whole_comparison(guides):
    result = compare(guides, grouped=True)
    found = scores_by_table(result, ["all"] * 240)
    columns = ["estimator", "mean", "lower", "upper"]
    expected = result.summary(result.primary)[columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(found[columns], expected)
    assert found["estimator"].iloc[-1] == "constant"
    assert np.isnan(found["mean"].iloc[-1])


def test_a_table_that_is_not_in_every_fold_has_no_interval(guides):
    halves = [np.arange(120), np.arange(120, 240)]
    result = compare(guides, grouped=False, cv=[halves, halves[::-1]])
    tables = np.array(["both", "first"]).repeat([60, 180])
    tables[180:] = "both"
    tables[179] = "alone"  # a single guide has no rank
    found = scores_by_table(result, tables).set_index(["table", "estimator"])
    n_splits = found.xs("ridge", level="estimator")["n_splits"]
    assert n_splits.to_dict() == {"both": 2, "first": 2, "alone": 0}
    tables[60:120] = "both"
    found = scores_by_table(result, tables).set_index(["table", "estimator"])
    assert found.loc[("first", "ridge"), "n_splits"] == 1
    first = result.predictions_.iloc[120:179]
    expected = spearmanr(first["y"], first["ridge"]).statistic
    assert found.loc[("first", "ridge"), "mean"] == pytest.approx(expected)
    assert found.loc["first", ["lower", "upper"]].isna().all(axis=None)
    assert found.loc["alone", ["mean", "lower", "upper"]].isna().all(axis=None)
    assert found.loc[("both", "ridge"), "lower"] < found.loc[("both", "ridge"), "mean"]


def test_every_guide_is_of_a_table(guides):
    result = compare(guides, grouped=False)
    with pytest.raises(ValueError, match="expected at least 240, got 239"):
        scores_by_table(result, ["a"] * 239)
