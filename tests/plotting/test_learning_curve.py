"""The display of what a prior brought."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from sgrna_estimator.plotting import PriorGainDisplay
from tests.plot_checks import check_texts
from tests.plotting.drawing import WIDTHS, legend_labels, new_axes, tick_texts

SIZES = [100, 200, 400, 800, 1600]


@pytest.fixture
def summary():
    rows = [("prior", 0, 0.36)]
    rows += [("network_prior", size, 0.3 + size / 1e4) for size in SIZES]
    rows += [("network_windows", size, 0.1 + size / 5e3) for size in SIZES]
    table = pd.DataFrame(rows, columns=["estimator", "size", "mean"])
    return table.assign(lower=table["mean"] - 0.05, upper=table["mean"] + 0.07)


@pytest.mark.parametrize("width", WIDTHS)
def test_curves_intervals_and_the_prior_as_it_is(summary, width):
    display = PriorGainDisplay.from_summary(
        summary, metric="within_group_spearman", ax=new_axes(width)
    )
    ax = display.ax_
    assert list(display.curves_) == ["network_prior", "network_windows"]
    for name, container in display.curves_.items():
        line, _, (bars,) = container
        mean = summary.loc[summary["estimator"] == name, "mean"]
        np.testing.assert_allclose(line.get_xdata().astype(float), SIZES, rtol=0.05)
        np.testing.assert_allclose(line.get_ydata().astype(float), mean)
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose(ends, np.column_stack([mean - 0.05, mean + 0.07]))
    assert set(display.lines_["prior"].get_ydata()) == {0.36}
    band = display.bands_["prior"]
    np.testing.assert_allclose([band.get_y(), band.get_height()], [0.31, 0.12])
    assert ax.get_xscale() == "log"
    assert tick_texts(ax.xaxis)[:5] == ["100", "200", "400", "800", "1,600"]
    assert ax.get_ylabel().split() == [
        "Mean",
        "Spearman",
        "correlation",
        "within",
        "genes",
    ]
    assert sorted(legend_labels(ax)) == [
        *("network_prior", "network_windows", "prior, as it is")
    ]
    check_texts(display.figure_)


def test_without_the_prior_as_it_is_there_is_no_line(summary):
    display = PriorGainDisplay.from_summary(summary[1:])
    assert display.lines_ == {}
    assert legend_labels(display.ax_) == ["network_prior", "network_windows"]
    check_texts(display.figure_)


def test_sizes_may_come_in_any_order_and_be_one(summary):
    shuffled = summary.sample(frac=1, random_state=0)
    line = PriorGainDisplay.from_summary(shuffled).curves_["network_prior"][0]
    assert (np.diff(line.get_xdata().astype(float)) > 0).all()
    one = PriorGainDisplay.from_summary(summary[summary["size"].isin([0, 100])])
    check_texts(one.figure_)


def test_one_split_has_no_intervals(summary):
    alone = summary.assign(lower=np.nan, upper=np.nan)
    display = PriorGainDisplay.from_summary(alone)
    assert len(display.curves_["network_prior"][0].get_ydata()) == 5
    check_texts(display.figure_)


def test_it_draws_again_with_options_and_in_large_letters(summary):
    display = PriorGainDisplay.from_summary(summary)
    ax = new_axes(5)
    assert display.plot(ax, curve_kwargs={"linewidth": 3}) is display
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.curves_["network_prior"][0].get_linewidth() == 3
    with plt.rc_context({"font.size": 14}):
        check_texts(PriorGainDisplay.from_summary(summary).figure_)


def test_nothing_learnt_is_nothing_to_draw(summary):
    with pytest.raises(ValueError, match="no row of a size above 0"):
        PriorGainDisplay.from_summary(summary[:1])
