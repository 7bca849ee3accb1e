"""Displays of the effects of letters: what is drawn equals the numbers, and can be read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from numpy.testing import assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.inspection.effects import LetterEffects
from sgrna_estimator.plotting import BaseEffectsDisplay
from sgrna_estimator.plotting.style import LETTER_COLOURS
from tests.plot_checks import check_texts
from tests.plotting.drawing import LAYOUTS, make_effects, new_axes, texts_of, tick_texts


def test_the_heatmap_shows_the_numbers():
    effects = make_effects("4+20+3+3")
    display = BaseEffectsDisplay(effects=effects).plot()
    cells = display.heatmap_.get_array()
    assert cells.shape == (4, 30)
    assert_array_equal(np.ma.getmaskarray(cells), np.isnan(effects.values.T))
    assert_array_equal(cells.compressed(), effects.values.T[~cells.mask])
    assert tick_texts(display.ax_.yaxis) == list("ACGT")
    assert display.figure_ is display.ax_.figure


def test_zero_is_in_the_middle_of_the_colours():
    display = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot()
    low, high = display.heatmap_.get_clim()
    assert low == -high == -np.nanmax(np.abs(display.effects.values))
    middle = display.heatmap_.cmap(display.heatmap_.norm(0.0))
    assert min(middle[:3]) > 0.95  # white
    assert display.colorbar_.mappable is display.heatmap_


def test_a_dominating_position_does_not_bleach_the_others():
    values = np.random.default_rng(0).normal(size=(30, 4))
    effects = LetterEffects(
        values, "ACGT", tuple(range(1, 31)), "base effect", "activity"
    )
    usual = BaseEffectsDisplay(effects=effects).plot()
    assert usual.heatmap_.get_clim()[1] == np.abs(values).max()
    assert usual.colorbar_.extend == "neither"
    values[25] *= 100  # of the PAM
    display = BaseEffectsDisplay(effects=effects).plot()
    low, high = display.heatmap_.get_clim()
    peaks = np.abs(values).max(axis=1)
    assert low == -high
    assert np.median(peaks) < high == 2 * np.percentile(peaks, 90) < peaks.max()
    assert display.colorbar_.extend == "both"


def test_dropped_positions_are_grey_and_the_picture_says_so():
    display = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot()
    r, g, b, _ = display.ax_.get_facecolor()
    assert r == g == b < 0.9
    assert "grey: did not vary in training" in display.ax_.get_xlabel()
    logo = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot(kind="logo")
    spans = [patch for patch in logo.ax_.patches if isinstance(patch, Rectangle)]
    grey = [(span.get_x(), span.get_width()) for span in spans]
    assert sorted(grey) == [(24.5, 1), (25.5, 1)]
    complete = make_effects("0+20+0+0")
    for kind in ("heatmap", "logo"):
        display = BaseEffectsDisplay(effects=complete).plot(kind=kind)
        assert "grey" not in display.ax_.get_xlabel()


@pytest.mark.parametrize(
    ("unit", "target", "label"),
    [
        ("activity", None, "base effect (activity)"),
        ("activity", "indels, %", "base effect (indels, %)"),
        ("log odds", "indels, %", "base effect (log odds)"),
        ("transformed activity", "log2fc", "base effect (transformed log2fc)"),
    ],
)
def test_the_scale_has_a_unit(unit, target, label):
    effects = make_effects("4+20+3+3", unit=unit)
    display = BaseEffectsDisplay(effects=effects, target_name=target).plot()
    assert display.colorbar_.ax.get_ylabel().replace("\n", " ") == label
    logo = BaseEffectsDisplay(effects=effects, target_name=target).plot(kind="logo")
    assert logo.ax_.get_ylabel().replace("\n", " ") == label


def test_the_logo_has_letters_as_tall_as_their_effects():
    effects = make_effects("4+20+3+3")
    display = BaseEffectsDisplay(effects=effects).plot(kind="logo")
    shown = display.logo_.df
    assert_array_equal(shown.to_numpy(), np.nan_to_num(effects.values))
    glyphs = display.logo_.glyph_df
    for letter, colour in LETTER_COLOURS.items():
        glyph = glyphs.loc[3, letter]
        assert to_rgba(glyph.color) == to_rgba(colour)
        value = effects.values[3, "ACGT".index(letter)]
        assert glyph.ceiling - glyph.floor == pytest.approx(abs(value))
        assert (glyph.floor >= 0) == (value > 0)
        assert not glyph.flip


def test_letters_of_other_alphabets_have_colours():
    effects = LetterEffects(np.eye(3), "UXA", (1, 2, 3), "coefficient", "activity")
    display = BaseEffectsDisplay(effects=effects).plot(kind="logo")
    glyph = display.logo_.glyph_df.loc[0, "U"]
    assert to_rgba(glyph.color) == to_rgba(LETTER_COLOURS["T"])


@pytest.mark.parametrize("width", [3.3, 6.5])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_the_texts_of_effects_can_be_read(kind, layout, width):
    effects = make_effects(layout, unit="log odds")
    display = BaseEffectsDisplay(effects=effects, name="network_windows")
    display.plot(new_axes(width, 2.5), kind=kind)
    check_texts(display.figure_)
    texts = texts_of(display)
    assert {"spacer", "seed", "network_windows"} <= set(texts)
    assert ("PAM" in texts) == (layout != "0+20+0+0")


def test_displays_share_a_figure():
    figure, axes = plt.subplots(2, 1, figsize=(6.5, 5), layout="constrained")
    display = BaseEffectsDisplay(effects=make_effects("4+20+3+3"))
    first = display.plot(axes[0]).heatmap_
    assert display.ax_ is axes[0]
    display.plot(axes[1])
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert display.heatmap_ is not first
    check_texts(figure)


def test_options_reach_the_artists():
    display = BaseEffectsDisplay(effects=make_effects("4+20+3+3"))
    display.plot(heatmap_kwargs={"cmap": "PiYG", "cbar": False})
    assert display.heatmap_.get_cmap().name == "PiYG"
    assert display.colorbar_ is None
    display.plot(kind="logo", logo_kwargs={"flip_below": True})
    assert display.logo_.flip_below
    with pytest.raises(ValueError, match="'heatmap' or 'logo', got 'bars'"):
        display.plot(kind="bars")


@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_effects_without_size_can_be_drawn(kind):
    effects = LetterEffects(
        np.zeros((5, 4)), "ACGT", tuple("abcde"), "coefficient", "activity"
    )
    display = BaseEffectsDisplay(effects=effects).plot(kind=kind)
    check_texts(display.figure_)
    assert tick_texts(display.ax_.xaxis) == list("abcde")


def test_effects_of_a_fitted_model(small_screen):
    model = make_pipeline(SequenceOneHotTransformer(), Ridge())
    model.fit(small_screen.sequences, small_screen.data["log2fc"])
    display = BaseEffectsDisplay.from_estimator(
        model, layout="10+20+3+10", name="ridge", target_name="log2 fold change"
    )
    assert display.ax_.get_title() == "ridge"
    assert display.effects.position_names[0] == -10
    shown = display.heatmap_.get_array()[:, model[0].kept_positions_]
    expected = model[-1].coef_.reshape(-1, 4).T
    np.testing.assert_allclose(
        shown, expected - expected.mean(axis=0), rtol=0, atol=1e-6
    )
    check_texts(display.figure_)


@pytest.mark.parametrize("kind", ["heatmap", "logo"])
def test_a_long_name_of_the_target_is_broken(kind):
    name = "Background subtracted indel (%), three replicates"
    effects = make_effects("4+20+3+3", unit="activity")
    display = BaseEffectsDisplay(effects=effects, target_name=name).plot(kind=kind)
    check_texts(display.figure_)


@pytest.mark.parametrize("kind", ["heatmap", "logo"])
@pytest.mark.parametrize("lacking", [(1,), (1, 2, 3)])
def test_positions_that_some_guides_lack_are_told(kind, lacking):
    values = np.random.default_rng(0).normal(size=(20, 4))
    effects = LetterEffects(
        values,
        *("ACGT", tuple(range(1, 21)), "base effect", "activity"),
        lacking=lacking,
    )
    display = BaseEffectsDisplay(effects=effects).plot(new_axes(3.3), kind=kind)
    check_texts(display.figure_)
    label = display.ax_.get_xlabel().replace("\n", " ")
    assert "against guides that have" in label
    assert ("1 to 3" in label) == (len(lacking) > 1)
