"""Displays of interactions: what is drawn equals the numbers, and can be read."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
from sgrna_estimator.plotting import InteractionDisplay
from sgrna_estimator.plotting.interactions import pair_name
from tests.plot_checks import check_texts
from tests.plotting.drawing import make_interactions, new_axes, tick_texts


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
