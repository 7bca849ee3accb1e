"""The result as an object: its picture, its text, its copies."""

import pickle
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib as mpl
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, Ridge

from sgrna_estimator.comparison.compare import compare_estimators
from sgrna_estimator.comparison.result import ComparisonResult


def test_a_result_says_what_is_better_and_who_is_best(features):
    X, y, groups = features
    result = compare_estimators(
        {"ridge": Ridge()}, X, y, groups=groups, scoring={"max": "neg_max_error"}
    )
    assert result.greater_is_better_ == {
        **dict.fromkeys(("spearman", "within_group_spearman", "pearson", "r2"), True),
        "mse": False,
        "within_group_mse": False,
        "max": True,
    }
    assert result.best == result.summary("spearman")["estimator"].iloc[0] == "ridge"


def test_a_result_needs_no_drawing_until_it_is_drawn():
    code = (
        "import sys, sgrna_estimator.comparison.result;"
        "print(any(name.startswith('sgrna_estimator.plotting') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_repr_and_pickle(features):
    X, y, _ = features
    result = compare_estimators({"ridge": Ridge()}, X, y)
    assert repr(result) == "ComparisonResult(2 estimators x 25 splits: constant, ridge)"
    restored = pickle.loads(pickle.dumps(result))
    assert isinstance(restored, ComparisonResult)
    pd.testing.assert_frame_equal(restored.summary(), result.summary())


def test_a_notebook_shows_the_summary_of_the_primary_metric(features):
    X, y, groups = features
    result = compare_estimators({"<ridge>": Ridge()}, X, y, groups=groups)
    page = ElementTree.fromstring(result._repr_html_())
    assert page.find("p").text.startswith(f"{result!r}. ")
    assert page.find("p").text.endswith("difference to constant")
    rows = [[cell.text for cell in row] for row in page.iter("tr")]
    summary = result.summary(result.primary)
    assert [row[0] for row in rows] == ["estimator", *summary["estimator"]]
    mean = rows[1][rows[0].index("mean")]
    assert mean == f"{summary['mean'].iloc[0]:.3g}"


@pytest.fixture
def agg():
    backend = mpl.get_backend()
    mpl.use("Agg")
    yield
    from matplotlib import pyplot as plt

    plt.close("all")
    mpl.use(backend)


@pytest.mark.usefixtures("agg")
@pytest.mark.parametrize("metric", ["spearman", "within_group_spearman", "mse", "max"])
def test_plot_shows_what_the_summary_says(features, metric):
    from matplotlib import pyplot as plt

    X, y, groups = features
    result = compare_estimators(
        {"ridge": Ridge(), "lasso": Lasso(0.3)},
        X,
        y,
        groups=groups,
        scoring={"max": "neg_max_error"},
        repeats=1,
        random_state=0,
    )
    ax = result.plot(metric=metric)
    ax.figure.canvas.draw()
    table = result.summary(metric)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == table[
        "estimator"
    ].tolist()
    assert len(ax.collections) == 3
    assert len(ax.collections[0].get_offsets()) == 5
    defined = metric in ("mse", "max")
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == defined
    if defined:
        constant = table.set_index("estimator").loc["constant", "mean"]
        assert dashed[0].get_xdata()[0] == constant
    notes = [text.get_text() for text in ax.texts]
    assert notes == ([] if defined else ["not defined: equal predictions"])
    assert "better)" in ax.get_xlabel()
    _, given_ax = plt.subplots()
    assert result.plot(given_ax, metric=metric) is given_ax
    with pytest.raises(ValueError, match="metric must be one of"):
        result.plot(metric="accuracy")
