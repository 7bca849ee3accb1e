"""Pictures of effects: what is drawn equals the numbers, and can be read."""

import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from numpy.testing import assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.inspection.effects import InteractionEffects, LetterEffects
from sgrna_estimator.plotting import BaseEffectsDisplay, InteractionDisplay
from sgrna_estimator.plotting.interactions import pair_name
from sgrna_estimator.plotting.position_axis import tick_places
from sgrna_estimator.plotting.style import LETTER_COLOURS
from sgrna_estimator.sequences.layout import GuideLayout
from tests.plot_checks import check_texts, drawn_texts, text_problems

LAYOUTS = ["4+20+3+3", "10+20+3+10", "4+PAM4+23+3", "0+20+0+0"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def make_effects(layout, numbering="spacer", unit="activity"):
    layout = GuideLayout.parse(layout)
    values = np.random.default_rng(0).normal(size=(layout.length, 4))
    values[layout.pam.start + 1 : layout.pam.stop] = np.nan
    return LetterEffects(
        values,
        "ACGT",
        layout.position_names(numbering),
        "base effect",
        unit,
        layout,
        numbering,
    )


def make_interactions(layout, distance):
    layout = GuideLayout.parse(layout)
    shape = (layout.length - distance, 4, 4)
    values = np.random.default_rng(0).normal(size=shape)
    values[layout.pam.start : layout.pam.stop] = np.nan
    names = layout.position_names()
    return InteractionEffects(values, "ACGT", names, distance, "activity", layout)


def new_axes(width, height):
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def texts_of(display):
    return [text.get_text() for text, _ in drawn_texts(display.figure_)]


def tick_texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


# Letters ------------------------------------------------------------------------------


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
def test_large_letters_make_the_own_figure_higher(kind):
    effects = make_effects("4+20+3+3", unit="log odds")
    pairs = make_interactions("4+20+3+3", 1)
    with plt.rc_context({"font.size": 14}):
        check_texts(BaseEffectsDisplay(effects=effects).plot(kind=kind).figure_)
        check_texts(InteractionDisplay(effects=pairs, name="net").plot().figure_)


def test_a_dark_style_has_light_brackets_and_no_grid():
    style = {"text.color": "white", "axes.facecolor": "black", "axes.grid": True}
    with plt.rc_context(style):
        ax = BaseEffectsDisplay(effects=make_effects("4+20+3+3")).plot().ax_
    brackets = [line for line in ax.lines if len(set(line.get_xdata())) == 2]
    assert sorted(to_rgba(line.get_color())[0] for line in brackets)[1:] == [1, 1]
    assert not any(line.get_visible() for line in ax.get_xgridlines())


def test_the_figure_is_the_whole_one():
    figure = plt.figure(figsize=(6.5, 6))
    for part, kind in zip(figure.subfigures(2), ("heatmap", "logo"), strict=True):
        display = BaseEffectsDisplay(effects=make_effects("4+20+3+3"))
        assert display.plot(part.subplots(), kind=kind).figure_ is figure
    pairs = InteractionDisplay(effects=make_interactions("4+20+3+3", 1))
    assert pairs.plot(figure.subfigures().subplots()).figure_ is figure


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


# Pairs of letters ---------------------------------------------------------------------


def test_the_interactions_show_the_numbers():
    effects = make_interactions("4+20+3+3", 1)
    display = InteractionDisplay(effects=effects).plot()
    cells = display.heatmap_.get_array()
    assert cells.shape == (16, 29)
    rows = tick_texts(display.ax_.yaxis)
    row = rows.index("GT")
    assert_array_equal(cells[row].filled(np.nan), effects.values[:, 2, 3])
    low, high = display.heatmap_.get_clim()
    assert low == -high
    assert display.colorbar_.ax.get_ylabel() == "interaction (activity)"


def test_columns_are_pairs_of_positions():
    display = InteractionDisplay(effects=make_interactions("4+20+3+3", 1)).plot()
    minus = "\N{MINUS SIGN}"
    assert tick_texts(display.ax_.xaxis) == [
        *(f"{minus}4/{minus}3", "1/2", "5/6", "10/11", "15/16", "20/21", "25/26")
    ]
    middles = {text.get_text(): text.get_position()[0] for text in display.ax_.texts}
    # 19 of the spacer's pairs, 9 of the seed's, 2 of the PAM's
    assert middles == {"spacer": 4 + 19 / 2, "seed": 14 + 9 / 2, "PAM": 25}
    far = InteractionDisplay(effects=make_interactions("4+20+3+3", 3)).plot()
    assert "PAM" not in [text.get_text() for text in far.ax_.texts]


def test_pairs_are_named_by_what_is_between():
    assert [pair_name("A", "C", distance) for distance in (1, 2, 3, 10)] == [
        *("AC", "ANC", "AN2C", "AN9C")
    ]


@pytest.mark.parametrize("width", [3.3, 6.5])
@pytest.mark.parametrize("layout", ["4+20+3+3", "10+20+3+10"])
@pytest.mark.parametrize("distance", [1, 4])
def test_the_texts_of_interactions_can_be_read(layout, distance, width):
    effects = make_interactions(layout, distance)
    display = InteractionDisplay(effects=effects, name="network", target_name="log2fc")
    display.plot(new_axes(width, 3.8))
    check_texts(display.figure_)
    assert display.colorbar_.ax.get_ylabel() == "interaction (log2fc)"


def test_interactions_of_a_fitted_network(small_screen):
    settings = {"window_size": 2, "n_units": 2, "max_iter": 2, "random_state": 0}
    network = PositionwiseReLURegressor(**settings)
    model = make_pipeline(SequenceOneHotTransformer(), network)
    model.fit(small_screen.sequences, small_screen.data["log2fc"])
    display = InteractionDisplay.from_estimator(model, layout="10+20+3+10")
    # 1 and the GG of the PAM are dropped
    empty = np.ma.getmaskarray(display.heatmap_.get_array()).all(axis=0)
    assert empty.nonzero()[0].tolist() == [9, 10, 30, 31, 32]
    check_texts(display.figure_)
    plain = InteractionDisplay.from_estimator(model)
    assert not plain.ax_.texts
    assert plain.ax_.get_xlabel().startswith("positions\n")
    assert tick_texts(plain.ax_.xaxis)[0] == "1/2"


# The checker itself, and imports ------------------------------------------------------


def test_the_checker_sees_overlaps_and_texts_outside():
    ax = new_axes(3, 3)
    ax.text(0.5, 0.5, "one word")
    assert text_problems(ax.figure) == []
    ax.text(0.52, 0.51, "another")
    assert text_problems(ax.figure) == ["'one word' overlaps 'another'"]
    ax.figure.set_layout_engine("none")
    ax.text(1.2, 0.2, "beyond the edge", clip_on=False)
    assert "'beyond the edge' is outside the figure" in text_problems(ax.figure)[0]


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
def test_a_long_name_of_the_target_is_broken(kind):
    name = "Background subtracted indel (%), three replicates"
    effects = make_effects("4+20+3+3", unit="activity")
    display = BaseEffectsDisplay(effects=effects, target_name=name).plot(kind=kind)
    check_texts(display.figure_)
