"""The table of scores."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor

from sgrna_estimator import ComparisonReport, compare_estimators
from sgrna_estimator.comparison.table_scores import scores_by_table
from sgrna_estimator.report.score_table import comparison_rows, rows_by_table
from tests.report.pages import HOSTILE, Page, scores_of


def test_cells_are_the_numbers_of_the_summary(content):
    result = content["result"]
    tables = {table["label"]: table for table in comparison_rows(result)}
    assert len(tables) == len(result.greater_is_better_)
    table = tables["Mean squared error"]
    assert (table["better"], table["reference"]) == ("less", "constant")
    summary = result.summary("mse")
    assert [row["name"] for row in table["rows"]] == summary["estimator"].tolist()
    for cells, row in zip(table["rows"], summary.to_dict("records"), strict=True):
        assert float(cells["mean"]) == pytest.approx(row["mean"], rel=1e-3)
        low, high = map(float, cells["interval"].split(" to "))
        assert (low, high) == (
            pytest.approx(row["lower"], rel=5e-3),
            pytest.approx(row["upper"], rel=5e-3),
        )
        assert ("difference" in cells) == (row["estimator"] != "constant")


def test_a_baseline_without_the_score_is_replaced_by_the_best(content):
    result = content["result"]
    tables = {table["label"]: table for table in comparison_rows(result)}
    table = tables["Spearman correlation"]
    assert table["reference"] == table["rows"][0]["name"]
    summary = result.summary("spearman")
    assert table["reference"] == summary["estimator"].iloc[0]
    # the best was picked for its score: p allows for all pairs
    for cells, row in zip(
        table["rows"][1:-1], summary[1:-1].to_dict("records"), strict=True
    ):
        assert float(cells["p"].lstrip("<")) == pytest.approx(row["p_best"], abs=1e-3)
        assert float(cells["difference"]) == pytest.approx(row["to_best"], abs=1e-3)
    constant = next(row for row in table["rows"] if row["name"] == "constant")
    assert constant["mean"] == constant["difference"] == constant["p"] == "n/a"
    assert constant["words"] == "not defined"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 1.01, 0.99, 1.0], "better"),
        ([3.0, 3.01, 2.99, 3.0], "worse"),
        ([1.9, 2.11, 2.1, 1.91], "within noise"),
    ],
)
def test_differences_in_words(values, words):
    result = scores_of(values, [2.0, 2.01, 2.02, 1.99])
    table = comparison_rows(result)[-1]
    (row,) = (row for row in table["rows"] if row["name"] == "model")
    assert row["words"] == words
    assert (row["p"] == "<0.001") == (words != "within noise")


def test_large_and_tiny_scores_keep_four_digits():
    def mean_of(scale):
        values = np.array([1.0, 1.01, 0.99, 1.0]) * scale
        (row,) = (
            row
            for row in comparison_rows(scores_of(values, values * 2))[-1]["rows"]
            if row["name"] == "model"
        )
        return row["mean"]

    assert mean_of(123_456) == "123,456"
    assert mean_of(1.5) == "1.500"
    assert mean_of(2e20) == "2.000e+20"
    assert mean_of(0) == "0.000"
    assert mean_of(2e-5) == "0.00002000"


def test_without_any_rank_correlation_the_least_error_is_best():
    rng = np.random.default_rng(0)
    result = compare_estimators(
        {"median": DummyRegressor(strategy="median")},
        rng.normal(size=(20, 2)),
        rng.normal(size=20),
        random_state=0,
    )
    assert result.best == "median"


def test_several_tables_have_a_folded_table_of_scores(content):
    result = content["result"]
    tables = np.resize([HOSTILE, "b.csv"], 240)
    cells = rows_by_table(result, tables)
    assert cells["label"] == "Mean Spearman correlation within genes"
    assert cells["tables"] == [(HOSTILE, "120 guides"), ("b.csv", "120 guides")]
    found = scores_by_table(result, tables).set_index(["table", "estimator"])
    for row in cells["rows"]:
        for (table, _), (mean, ends) in zip(
            cells["tables"], row["scores"], strict=True
        ):
            expected = found.loc[(table, row["name"])]
            if row["name"] == "constant":
                assert (mean, ends) == ("n/a", "n/a")
            else:
                assert float(mean) == pytest.approx(expected["mean"], abs=6e-4)
                assert float(ends.split(" to ")[1]) == pytest.approx(
                    expected["upper"], abs=6e-4
                )
    page = ComparisonReport(**content, tables=tables).to_html()
    assert "<script" not in page
    folded = next(text for text in Page(page).texts("details") if HOSTILE in text)
    assert cells["rows"][0]["scores"][1][1] in folded


def test_one_table_is_not_shown_again(content):
    assert rows_by_table(content["result"], None) is None
    assert rows_by_table(content["result"], ["a"] * 240) is None


def test_a_report_needs_the_table_of_each_guide(content):
    with pytest.raises(ValueError, match="expected at least 240, got 2"):
        ComparisonReport(**content, tables=["a", "b"])
