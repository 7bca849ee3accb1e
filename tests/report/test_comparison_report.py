"""Reports as users make them: from a result and its sequences, to a file or a cell."""

import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import RepeatedKFold, ShuffleSplit

from sgrna_estimator import ComparisonReport, compare_estimators
from tests.command_line import files
from tests.report.pages import Page


@pytest.fixture
def guides():
    """40 guides of 8 genes, each sequence with a length of its own."""
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGT"), 10 + i)) for i in range(40)]
    return sequences, rng.normal(size=40), np.repeat(list("abcdefgh"), 5)


def without_time(page):
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", page)


def test_what_the_result_knows_need_not_be_said_again(guides):
    sequences, y, genes = guides
    result = compare_estimators(
        {"mean": DummyRegressor()}, sequences, y, groups=genes, random_state=0
    )
    rows = Page(ComparisonReport(result, sequences=sequences).to_html()).rows()
    assert rows["Guides"] == ["40"]
    assert rows["Genes"] == ["8"]
    assert rows["Guides of a gene"] == ["5 each"]
    assert f"mean {y.mean():.4g}" in rows["Measured activity"][0]
    assert "seed" not in rows
    assert not any(label.startswith("Column of") for label in rows)


def test_a_guide_that_is_tested_often_is_counted_once(guides):
    sequences, y, _ = guides
    cv = RepeatedKFold(n_splits=4, n_repeats=3, random_state=0)
    result = compare_estimators({"mean": DummyRegressor()}, sequences, y, cv=cv)
    rows = Page(ComparisonReport(result, sequences=sequences).to_html()).rows()
    assert rows["Guides"] == ["40"]
    assert f"mean {y.mean():.4g}" in rows["Measured activity"][0]


def test_guides_that_no_split_tests_are_not_counted(guides):
    sequences, y, _ = guides
    cv = ShuffleSplit(1, test_size=0.25, random_state=0)
    result = compare_estimators({"mean": DummyRegressor()}, sequences, y, cv=cv)
    rows = Page(ComparisonReport(result, sequences=sequences).to_html()).rows()
    [(_, test)] = result.splits_
    lengths = sorted(len(sequences[row]) for row in test)
    assert rows["Sequence length"] == [", ".join(f"{n} nt (1 guide)" for n in lengths)]
    assert f"mean {y[test].mean():.4g}" in rows["Measured activity"][0]


@pytest.mark.parametrize(
    "container", [list, np.array, pd.Series, lambda x: pd.DataFrame({"seq": x})]
)
def test_any_container_of_sequences(guides, container):
    sequences, y, _ = guides
    result = compare_estimators({"mean": DummyRegressor()}, sequences, y)
    pages = [
        ComparisonReport(result, sequences=each).to_html()
        for each in (sequences, container(sequences))
    ]
    assert without_time(pages[0]) == without_time(pages[1])


def test_sequences_that_do_not_fit_are_refused_at_once(guides):
    sequences, y, _ = guides
    result = compare_estimators({"mean": DummyRegressor()}, sequences, y)
    with pytest.raises(ValueError, match=r"one entry a guide.*expected 40, got 39"):
        ComparisonReport(result, sequences=sequences[:-1])
    with pytest.raises(ValueError, match="row 4"):
        ComparisonReport(result, sequences=[*sequences[:3], None, *sequences[4:]])


def test_save_writes_the_page_whole_or_not_at_all(content, tmp_path, monkeypatch):
    report = ComparisonReport(content["result"], sequences=content["sequences"])
    path = tmp_path / "report.html"
    report.save(str(path))
    assert without_time(path.read_text("utf-8")) == without_time(report.to_html())
    path.write_text("old")

    def fail(self, *args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match=r"report.html: cannot be written \(No space"):
        report.save(path)
    assert path.read_text() == "old"
    assert files(tmp_path) == ["report.html"]


def test_a_notebook_shows_it_in_a_frame_of_its_own(content):
    report = ComparisonReport(**content)
    cell = report._repr_html_()
    [frame] = Page(cell).all("iframe")
    assert frame["attributes"]["title"]
    inner = frame["attributes"]["srcdoc"]
    assert '<base href="about:srcdoc">' in inner
    inner = inner.replace('<base href="about:srcdoc">\n', "")
    assert without_time(inner) == without_time(report.to_html())
    # nothing of the page is mark-up of the notebook
    assert unescape(cell).count("<style>") == 1
    assert "<style>" not in cell


def test_positional_arguments_are_the_result_alone(guides):
    sequences, y, _ = guides
    result = compare_estimators({"ridge": Ridge()}, np.eye(40), y)
    with pytest.raises(TypeError, match="positional"):
        ComparisonReport(result, sequences)
