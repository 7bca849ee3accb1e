"""The axis of positions: its numbers and the marks of spacer, seed and PAM."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from sgrna_estimator.inspection.effects import LetterEffects
from sgrna_estimator.plotting import BaseEffectsDisplay
from sgrna_estimator.plotting.position_axis import tick_places
from sgrna_estimator.sequences.layout import GuideLayout
from tests.plot_checks import check_texts
from tests.plotting.drawing import make_effects, new_axes, tick_texts


def test_spacer_seed_and_pam_are_marked_where_they_are():
    display = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot()
    middles = {text.get_text(): text.get_position()[0] for text in display.ax_.texts}
    assert middles == {"spacer": 14, "seed": 19, "PAM": 25.5}
    logo = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot(kind="logo")
    middles = {text.get_text(): text.get_position()[0] for text in logo.ax_.texts}
    assert middles == {"spacer": 13.5, "seed": 18.5, "PAM": 25}
    display = BaseEffectsDisplay(effects=make_effects("4+PAM4+23+3")).plot()
    middles = {text.get_text(): text.get_position()[0] for text in display.ax_.texts}
    assert middles == {"PAM": 6, "seed": 13, "spacer": 19.5}
    starts_and_ends = [tuple(line.get_xdata()) for line in display.ax_.lines]
    assert {start for start, end in starts_and_ends if start == end} == {4, 8, 31}


@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_positions_are_numbered_from_the_spacer_or_the_pam(kind):
    def numbers(numbering):
        effects = make_effects("4+20+3+3", numbering)
        display = BaseEffectsDisplay(effects=effects).plot(kind=kind)
        first = display.ax_.get_xticks()[0]
        assert first == (0.5 if kind == "heatmap" else 0)
        return tick_texts(display.ax_.xaxis), display.ax_.get_xlabel()

    ticks, label = numbers("spacer")
    assert ticks == ["\N{MINUS SIGN}4", "1", "5", "10", "15", "20", "26"]
    assert label.startswith("position (1: first of the spacer)")
    ticks, label = numbers("pam")
    negative = [f"\N{MINUS SIGN}{n}" for n in (24, 20, 15, 10, 5)]
    assert ticks == [*negative, "1", "6"]
    assert label.startswith("position (1: first of the PAM)")


def test_ticks_are_thinned_to_what_there_is_room_for():
    names = GuideLayout.parse("10+20+3+10").position_names()
    assert [names[i] for i in tick_places(names, 3)] == [
        *(-10, -5, 1, 5, 10, 15, 20, 25, 30, 33)
    ]
    for apart in (1, 4, 6, 9, 15, 30, 100):
        places = tick_places(names, apart)
        assert places[0] == 0
        assert (np.diff(places) >= apart).all()
    assert tick_places(["a"], 3) == [0]
    assert tick_places([f"p{i}" for i in range(12)], 2) == [0, 4, 9, 11]


def test_few_positions_are_all_numbered_if_there_is_room():
    names = tuple(f"position {i}" for i in range(8))
    values = np.eye(8)[:, :4]
    effects = LetterEffects(values, "ACGT", names, "coefficient", "activity")
    display = BaseEffectsDisplay(effects=effects).plot(new_axes(12, 2.5))
    assert tick_texts(display.ax_.xaxis) == list(names)
    display.plot(new_axes(3.3, 2.5))
    assert tick_texts(display.ax_.xaxis) == [names[0], names[7]]
    check_texts(display.figure_)


def test_a_dark_style_has_light_brackets_and_no_grid():
    style = {"text.color": "white", "axes.facecolor": "black", "axes.grid": True}
    with plt.rc_context(style):
        ax = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot().ax_
    brackets = [line for line in ax.lines if len(set(line.get_xdata())) == 2]
    assert sorted(to_rgba(line.get_color())[0] for line in brackets)[1:] == [1, 1]
    assert not any(line.get_visible() for line in ax.get_xgridlines())
