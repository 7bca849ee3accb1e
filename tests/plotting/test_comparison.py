"""Displays of comparisons."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.plotting import ComparisonDisplay
from tests.plot_checks import check_texts
from tests.plotting.drawing import WIDTHS, legend_labels, new_axes


@pytest.fixture(scope="module")
def crowd(one_hot, small_screen):
    """Fifteen estimators with long names, and the constant predictor."""
    models = {
        f"{kind}, penalty_{10**power} on the {part}": Ridge(10.0**power)
        for power in range(5)
        for kind, part in (
            ("ridge", "one-hot sequence of the guide"),
            ("ridge_regression", "sequence and its_context"),
            ("penalised_least_squares", "same, for $10"),
        )
    }
    return compare_estimators(
        *(models, one_hot, small_screen.target),
        groups=small_screen.groups,
        cv=2,
        random_state=0,
    )


@pytest.mark.parametrize("metric", ["spearman", "within_group_spearman", "mse"])
@pytest.mark.parametrize("width", WIDTHS)
def test_comparison(result, metric, width):
    display = ComparisonDisplay.from_result(result, metric=metric, ax=new_axes(width))
    table = result.summary(metric)
    rows = result.scores_[result.scores_["metric"] == metric]
    for place, row in enumerate(table.to_dict("records")):
        shown = display.points_[place].get_offsets()
        expected = rows.loc[rows["estimator"] == row["estimator"], "value"]
        np.testing.assert_array_equal(shown[:, 0].filled(np.nan), expected)
        np.testing.assert_array_equal(
            display.intervals_[place].get_xdata(),
            [row["lower"], row["mean"], row["upper"]],
        )
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == table["estimator"].tolist()
    assert ("within genes" in display.ax_.get_xlabel()) == ("group" in metric)
    assert (display.constant_line_ is not None) == (metric == "mse")
    # what chance does is 0 for a rank correlation, and the constant for an error
    assert (display.chance_line_ is None) == (metric == "mse")
    if metric != "mse":
        assert list(display.chance_line_.get_xdata()) == [0, 0]
        low, high = display.ax_.get_xlim()
        assert low < 0 < high
        assert "0: chance" in legend_labels(display.ax_)
    check_texts(display.figure_)


@pytest.mark.parametrize("metric", ["within_group_spearman", "mse"])
@pytest.mark.parametrize(("width", "height"), [(6.4, 4.8), (3.3, 7.0)])
def test_comparison_of_many_estimators_with_long_names(crowd, metric, width, height):
    ax = new_axes(width, height)
    display = ComparisonDisplay.from_result(crowd, metric=metric, ax=ax)
    check_texts(display.figure_)
    names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    expected = crowd.summary(metric)["estimator"]
    # a line may also be broken after an underscore or a hyphen
    assert [name.replace(" ", "") for name in names] == [
        name.replace(" ", "") for name in expected
    ]
    assert min(label.get_fontsize() for label in ax.get_yticklabels()) >= 6
    assert ax.get_position().width * width > 1.0
    legend = ax.get_legend().get_window_extent()
    assert legend.y0 >= ax.get_window_extent().y1 - 1


def test_own_figure_of_a_comparison_grows_with_the_estimators(result, crowd):
    few, many = (ComparisonDisplay.from_result(each) for each in (result, crowd))
    assert many.figure_.get_figheight() > 2 * few.figure_.get_figheight()
    check_texts(few.figure_)
    check_texts(many.figure_)


def test_comparison_without_a_metric_says_why(one_hot):
    equal = compare_estimators({"ridge": Ridge()}, one_hot, np.ones(240))
    ax = ComparisonDisplay.from_result(equal).ax_
    notes = {text.get_text() for text in ax.texts}
    assert notes == {"not defined: equal measurements"}
    with pytest.raises(ValueError, match="metric must be one of"):
        ComparisonDisplay.from_result(equal, metric="accuracy")


def test_plot_of_a_result_is_the_display(result):
    ax = new_axes(6.4)
    assert result.plot(ax, metric="mse") is ax
    again = ComparisonDisplay.from_result(result, metric="mse").ax_
    assert ax.get_xlabel() == again.get_xlabel()
    assert len(ax.collections) == len(again.collections)
