"""Displays of losses."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sgrna_estimator import (
    PositionwiseReLUClassifier,
    PositionwiseReLURegressor,
    SequenceOneHotTransformer,
)
from sgrna_estimator.plotting import LossCurveDisplay
from tests.plot_checks import check_texts
from tests.plotting.drawing import WIDTHS, legend_labels, new_axes


@pytest.mark.parametrize("width", WIDTHS)
def test_loss_curves(watched, width):
    display = LossCurveDisplay.from_estimator(
        watched, ax=new_axes(width), name="one unit a position"
    )
    ax = display.ax_
    for line, losses in (
        (display.training_line_, watched.loss_curve_),
        (display.validation_line_, watched.validation_loss_curve_),
    ):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 7))
        np.testing.assert_array_equal(line.get_ydata(), losses)
    best = int(np.argmin(watched.validation_loss_curve_)) + 1
    assert display.lowest_.get_xdata() == [best]
    assert display.lowest_.get_ydata() == [min(watched.validation_loss_curve_)]
    assert sorted(legend_labels(ax)) == sorted(
        ["training", "validation", f"lowest, epoch {best}"]
    )
    assert ax.get_xlabel() == "Epoch"
    assert "squared error" in ax.get_ylabel()
    assert ax.get_legend().get_title().get_text() == "one unit a position"
    check_texts(display.figure_)


@pytest.mark.parametrize("width", WIDTHS)
def test_loss_against_guides(watched, width):
    display = LossCurveDisplay.from_estimator(
        watched, x="guides", n_guides=180, ax=new_axes(width)
    )
    np.testing.assert_array_equal(
        display.validation_line_.get_xdata(), 180 * np.arange(1, 7)
    )
    assert display.lowest_.get_xdata()[0] % 180 == 0
    assert display.ax_.get_xlabel() == "Guides drawn"
    check_texts(display.figure_)


def test_loss_against_guides_needs_their_number(watched):
    with pytest.raises(ValueError, match="needs n_guides"):
        LossCurveDisplay.from_estimator(watched, x="guides")
    with pytest.raises(ValueError, match="x must be 'epochs' or 'guides', got 'steps'"):
        LossCurveDisplay.from_estimator(watched, x="steps")


def test_loss_without_validation_is_one_line(one_hot, small_screen):
    labels = small_screen.target > np.median(small_screen.target)
    network = PositionwiseReLUClassifier(max_iter=1, random_state=0)
    display = LossCurveDisplay.from_estimator(network.fit(one_hot, labels))
    assert display.validation_line_ is None
    assert display.lowest_ is None
    assert "log loss" in display.ax_.get_ylabel()
    assert legend_labels(display.ax_) == ["training"]
    # a line of one epoch is seen, and no tick is at half an epoch
    assert display.training_line_.get_marker() == "o"
    display.figure_.canvas.draw()
    assert all(tick == int(tick) for tick in display.ax_.get_xticks())
    check_texts(display.figure_)


def test_log_loss_of_a_regressor():
    network = PositionwiseReLURegressor(
        output="logistic", loss="log_loss", max_iter=2, random_state=0
    )
    network.fit(np.eye(4), [0.0, 0.2, 0.7, 1.0])
    display = LossCurveDisplay.from_estimator(network)
    assert "log loss" in display.ax_.get_ylabel()


def test_loss_of_networks_inside_other_estimators(small_screen):
    network = PositionwiseReLURegressor(max_iter=2, random_state=0)
    pipeline = make_pipeline(SequenceOneHotTransformer(), network)
    search = GridSearchCV(
        TransformedTargetRegressor(pipeline),
        {"regressor__positionwisereluregressor__alpha": [1.0]},
        cv=2,
    )
    X, y = small_screen.sequences, small_screen.target
    nested = search.fit(X, y).best_estimator_.regressor_
    for estimator in (search, search.best_estimator_, nested, nested[-1]):
        display = LossCurveDisplay.from_estimator(estimator)
        assert display.loss_curve == nested[-1].loss_curve_


def test_loss_without_an_epoch_is_refused():
    with pytest.raises(ValueError, match="no epoch was finished"):
        LossCurveDisplay(loss_curve=[]).plot()


def test_loss_of_another_kind_is_called_what_it_is():
    display = LossCurveDisplay(loss_curve=[2.0, 1.0], loss="Huber loss").plot()
    assert display.ax_.get_ylabel() == "Huber loss"


def test_loss_needs_a_fitted_network(one_hot, small_screen):
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(PositionwiseReLURegressor())
    other = make_pipeline(Ridge()).fit(one_hot, small_screen.target)
    with pytest.raises(ValueError, match="must be a PositionwiseReLURegressor"):
        LossCurveDisplay.from_estimator(other)
