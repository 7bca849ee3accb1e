"""Displays of predictions."""

import matplotlib as mpl
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from sgrna_estimator import compare_estimators
from sgrna_estimator.metrics import spearman_score
from sgrna_estimator.plotting import ObservedVsPredictedDisplay
from tests.plot_checks import check_texts
from tests.plotting.drawing import WIDTHS, legend_labels, new_axes


@pytest.mark.parametrize("width", WIDTHS)
def test_points_of_few_guides(width):
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    predicted = y + rng.normal(size=200)
    display = ObservedVsPredictedDisplay.from_predictions(
        y,
        predicted,
        ax=new_axes(width),
        name="ridge",
        target_name="indel frequency (%)",
    )
    np.testing.assert_array_equal(
        display.guides_.get_offsets(), np.column_stack([predicted, y])
    )
    assert display.colorbar_ is None
    assert display.ax_.get_xlabel() == "Predicted indel frequency (%)"
    assert display.ax_.get_ylabel() == "Observed indel frequency (%)"
    title = display.ax_.get_legend().get_title().get_text()
    assert title.replace("\n", " ") == (
        f"ridge Spearman {spearman_score(y, predicted):.3f}, n = 200"
    )
    assert legend_labels(display.ax_) == ["predicted = observed"]
    check_texts(display.figure_)


@pytest.mark.parametrize("width", WIDTHS)
def test_hexagons_of_many_guides(width):
    rng = np.random.default_rng(0)
    y = rng.normal(size=5000)
    display = ObservedVsPredictedDisplay.from_predictions(
        y, 2 * y + rng.normal(size=5000), ax=new_axes(width)
    )
    counts = display.guides_.get_array()
    assert counts.sum() == 5000
    assert counts.min() >= 1
    norm_ = display.guides_.norm
    assert isinstance(norm_, mpl.colors.LogNorm)
    assert (norm_.vmin, norm_.vmax) == (1, counts.max())
    assert display.colorbar_.ax.get_ylabel() == "Guides per hexagon"
    check_texts(display.figure_)
    ticks = [tick.get_text() for tick in display.colorbar_.ax.get_yticklabels()]
    assert {"1", "10"} <= set(ticks)


@pytest.mark.parametrize("width", WIDTHS)
def test_hexagons_are_regular(width):
    y = np.random.default_rng(0).normal(size=5000)
    ax = new_axes(width, 4.2)
    display = ObservedVsPredictedDisplay.from_predictions(y, y, ax=ax)
    display.figure_.canvas.draw()
    corners = ax.transData.transform(display.guides_.get_paths()[0].vertices)
    across, along = np.ptp(corners, axis=0)
    assert across / along == pytest.approx(np.sqrt(3) / 2, rel=0.3)


@pytest.mark.parametrize("n_guides", [30, 5000])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_unit_is_as_long_on_both_axes(n_guides, width):
    y = np.random.default_rng(0).normal(size=n_guides)
    ax = new_axes(width, 4.2)
    display = ObservedVsPredictedDisplay.from_predictions(y, 0.2 * y, ax=ax)
    display.figure_.canvas.draw()
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] < y.min() < y.max() < ax.get_xlim()[1]
    box = ax.get_window_extent()
    assert box.width == pytest.approx(box.height, rel=1e-3)
    check_texts(display.figure_)
    # scores in units of their own are as wide as they are
    scores = ObservedVsPredictedDisplay.from_predictions(y, 40 * y, same_units=False)
    assert scores.ax_.get_xlim() != scores.ax_.get_ylim()


def test_single_guides_are_quieter_than_crowds():
    y = np.random.default_rng(0).normal(size=5000)
    hexagons = ObservedVsPredictedDisplay.from_predictions(y, y).guides_
    shades = [
        np.mean(hexagons.cmap(hexagons.norm(n))[:3]) for n in (1, 5, hexagons.norm.vmax)
    ]
    assert shades == sorted(shades, reverse=True)
    assert shades[0] > 0.8


@pytest.mark.parametrize("n_guides", [2, 30, 3000])
@pytest.mark.parametrize("constant", ["y_true", "y_pred", "both"])
def test_constant_predictions_have_no_rank_correlation(n_guides, constant):
    varying = np.linspace(0, 1, n_guides)
    y_true = np.ones(n_guides) if constant != "y_pred" else varying
    y_pred = np.ones(n_guides) if constant != "y_true" else varying
    display = ObservedVsPredictedDisplay.from_predictions(y_true, y_pred)
    title = display.ax_.get_legend().get_title().get_text()
    assert title == f"Spearman not defined, n = {n_guides:,}"
    check_texts(display.figure_)


def test_ties_are_drawn_and_ranked():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 3, (2, 2000))
    display = ObservedVsPredictedDisplay.from_predictions(y_true, y_pred)
    assert display.spearman == spearman_score(y_true, y_pred)
    assert len(display.guides_.get_array()) == 9
    check_texts(display.figure_)


def test_identity_line_is_in_view_or_left_out():
    y = np.linspace(0, 1, 20)
    display = ObservedVsPredictedDisplay.from_predictions(y + 50, y)
    centre = (50.5, 50.5)
    assert display.identity_line_.get_xy1() == pytest.approx(centre)
    assert display.ax_.viewLim.contains(*centre)
    scores = ObservedVsPredictedDisplay.from_predictions(y, y * 40, same_units=False)
    assert scores.identity_line_ is None
    assert not scores.ax_.lines
    assert scores.ax_.get_xlabel() == "Prediction (arbitrary units)"
    assert scores.ax_.get_ylabel() == "Observed activity"
    check_texts(scores.figure_)


def test_predictions_of_an_estimator(one_hot, small_screen):
    y = small_screen.target
    ridge = Ridge().fit(one_hot[:100], y[:100])
    display = ObservedVsPredictedDisplay.from_estimator(ridge, one_hot[100:], y[100:])
    np.testing.assert_array_equal(display.y_pred, ridge.predict(one_hot[100:]))
    np.testing.assert_array_equal(display.y_true, y[100:])
    assert display.name == "Ridge"
    with pytest.raises(ValueError, match=r"y_true must be finite.*row 2"):
        ObservedVsPredictedDisplay.from_predictions([1, np.nan], [1, 2])
    with pytest.raises(ValueError, match="inconsistent"):
        ObservedVsPredictedDisplay.from_predictions([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="y_true is empty"):
        ObservedVsPredictedDisplay.from_predictions([], [])


def test_of_several_repeats_the_first_is_shown(one_hot, small_screen):
    options = {"cv": 2, "random_state": 0}
    once, twice = (
        compare_estimators(
            {"ridge": Ridge(10)},
            one_hot,
            small_screen.target,
            repeats=repeats,
            **options,
        )
        for repeats in (1, 2)
    )
    shown = ObservedVsPredictedDisplay.from_result(twice, "ridge")
    first = ObservedVsPredictedDisplay.from_result(once, "ridge")
    np.testing.assert_array_equal(shown.y_pred, first.y_pred)
    np.testing.assert_array_equal(shown.y_true, small_screen.target)
    summary = twice.summary("spearman").set_index("estimator")
    assert shown.spearman == summary.loc["ridge", "mean"]


def test_predictions_of_a_comparison_are_out_of_fold(result):
    display = ObservedVsPredictedDisplay.from_result(result, "ridge")
    np.testing.assert_array_equal(display.y_pred, result.predictions_["ridge"])
    summary = result.summary("spearman").set_index("estimator")
    assert display.spearman == summary.loc["ridge", "mean"]
    title = display.ax_.get_legend().get_title().get_text().replace("\n", " ")
    assert title.startswith("ridge, held-out guides Spearman")
    assert "(mean of 5 splits), n = 240" in title
    check_texts(display.figure_)
    # different constants in different folds still rank nothing
    constant = ObservedVsPredictedDisplay.from_result(result, "constant")
    assert np.ptp(constant.y_pred) > 0
    assert np.isnan(constant.spearman)
    for name in ("lasso", "y"):
        with pytest.raises(ValueError, match=r"must be one of \['constant', 'ridge'"):
            ObservedVsPredictedDisplay.from_result(result, name)
