"""What holds of every display, of importing them, and of the checker of texts."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib import pyplot as plt

from sgrna_estimator.plotting import (
    BaseEffectsDisplay,
    ComparisonDisplay,
    InteractionDisplay,
    LossCurveDisplay,
    MixtureDisplay,
    ObservedVsPredictedDisplay,
)
from tests.plot_checks import check_texts, text_problems
from tests.plotting.drawing import (
    legend_labels,
    make_effects,
    make_interactions,
    new_axes,
)


def test_plot_draws_again_on_other_axes(watched, result, guides, mixture):
    displays = [
        LossCurveDisplay.from_estimator(watched),
        ComparisonDisplay.from_result(result),
        ObservedVsPredictedDisplay.from_result(result, "ridge"),
        MixtureDisplay.from_estimator(mixture, guides[0], groups=guides[1]),
    ]
    figure, axes = plt.subplots(2, 2, figsize=(9, 7), layout="constrained")
    for display, ax in zip(displays, axes.flat, strict=True):
        first = display.ax_
        assert display.plot(ax) is display
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert ax.get_xlabel().split() == first.get_xlabel().split()
        assert ax.get_legend() is not None
    check_texts(figure)


def test_pictures_follow_the_settings_of_matplotlib(watched, result, guides, mixture):
    for size in (8, 14):
        with plt.rc_context({"font.size": size, "text.color": "darkcyan"}):
            loss = LossCurveDisplay.from_estimator(watched, name="network")
            comparison = ComparisonDisplay.from_result(result)
            predictions = ObservedVsPredictedDisplay.from_result(result, "ridge")
            mixed = MixtureDisplay.from_estimator(mixture, guides[0], groups=guides[1])
        for display in (loss, comparison, predictions, mixed):
            check_texts(display.figure_)
        names = comparison.ax_.get_yticklabels()
        assert {name.get_fontsize() for name in names} == {size}
        assert comparison.intervals_[0].get_color() == "darkcyan"
        assert mixed.sum_line_.get_color() == "darkcyan"


def test_figures_in_parts_are_known_whole(watched, result, guides, mixture):
    figure = plt.figure(figsize=(9, 7), layout="constrained")
    parts = figure.subfigures(2, 2).flat
    axes = [part.subplots() for part in parts]
    for display in (
        LossCurveDisplay.from_estimator(watched, ax=axes[0]),
        ComparisonDisplay.from_result(result, ax=axes[1]),
        ObservedVsPredictedDisplay.from_result(result, "ridge", ax=axes[2]),
        MixtureDisplay.from_estimator(mixture, guides[0], groups=guides[1], ax=axes[3]),
    ):
        assert display.figure_ is figure
    check_texts(figure)


def test_options_reach_the_artists(watched, result, guides, mixture):
    loss = LossCurveDisplay.from_estimator(
        watched, training_kwargs={"color": "k"}, validation_kwargs={"label": "held"}
    )
    assert loss.training_line_.get_color() == "k"
    assert "held" in legend_labels(loss.ax_)
    comparison = ComparisonDisplay.from_result(
        result, points_kwargs={"alpha": 1.0}, intervals_kwargs={"color": "red"}
    )
    assert comparison.points_[0].get_alpha() == 1
    assert comparison.intervals_[0].get_color() == "red"
    few = ObservedVsPredictedDisplay.from_result(
        result, "ridge", points_kwargs={"alpha": 0.25}
    )
    assert few.guides_.get_alpha() == 0.25
    y = np.arange(1500.0)
    many = ObservedVsPredictedDisplay.from_predictions(
        y, y, hexbin_kwargs={"cmap": "magma"}
    )
    assert many.guides_.get_cmap().name == "magma"
    mixed = MixtureDisplay.from_estimator(
        mixture,
        guides[0],
        groups=guides[1],
        histogram_kwargs={"bins": 7},
        line_kwargs={"linewidth": 3},
    )
    assert len(mixed.histogram_) == 7
    assert mixed.sum_line_.get_linewidth() == 3


def test_nothing_that_draws_is_imported_before_it_is_needed():
    code = (
        "import sys, sgrna_estimator.plotting; "
        "print([m for m in ('matplotlib.pyplot', 'seaborn') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_plotting_is_imported_without_the_libraries_that_draw():
    code = (
        "import sys, sgrna_estimator.plotting; "
        "print({'matplotlib.pyplot', 'seaborn', 'logomaker'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_large_letters_make_the_own_figure_higher(kind):
    effects = make_effects("4+20+3+3", unit="log odds")
    pairs = make_interactions("4+20+3+3", 1)
    with plt.rc_context({"font.size": 14}):
        check_texts(BaseEffectsDisplay(effects=effects).plot(kind=kind).figure_)
        check_texts(InteractionDisplay(effects=pairs, name="net").plot().figure_)


def test_the_figure_is_the_whole_one():
    figure = plt.figure(figsize=(6.5, 6))
    for part, kind in zip(figure.subfigures(2), ("heatmap", "logo"), strict=True):
        display = BaseEffectsDisplay(effects=make_effects("4+20+3+3"))
        assert display.plot(part.subplots(), kind=kind).figure_ is figure
    pairs = InteractionDisplay(effects=make_interactions("4+20+3+3", 1))
    assert pairs.plot(figure.subfigures().subplots()).figure_ is figure


def test_the_checker_sees_overlaps_and_texts_outside():
    ax = new_axes(3, 3)
    ax.text(0.5, 0.5, "one word")
    assert text_problems(ax.figure) == []
    ax.text(0.52, 0.51, "another")
    assert text_problems(ax.figure) == ["'one word' overlaps 'another'"]
    ax.figure.set_layout_engine("none")
    ax.text(1.2, 0.2, "beyond the edge", clip_on=False)
    assert "'beyond the edge' is outside the figure" in text_problems(ax.figure)[0]
