"""Interactions of letters, read off networks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sgrna_estimator import SequenceOneHotTransformer
from sgrna_estimator.inspection.letter_effects import interaction_effects
from tests.inspection.planted import ACTIVITY, GUIDES, LAYOUT, LENGTH, network


@pytest.fixture(scope="module")
def windows():
    rng = np.random.default_rng(3)
    y = ACTIVITY + 2 * np.array([guide[1:3] == "AC" for guide in GUIDES])
    y = y + 2 * np.array([guide[5:7] == "TG" for guide in GUIDES])
    y = y + rng.normal(scale=0.1, size=len(y))
    net = network(window_size=2, n_units=16, alpha=1, dropout=0)
    return make_pipeline(SequenceOneHotTransformer(), net).fit(GUIDES, y)


def test_interactions_are_of_neighbours_in_the_sequence(windows):
    effects = interaction_effects(windows, layout=LAYOUT, numbering="pam")
    assert effects.values.shape == (LENGTH - 1, 4, 4)
    # 3/4, 4/5 and 5/6 hold a dropped position, though 3 and 6 are side by side in X
    assert np.isnan(effects.values[[2, 3, 4]]).all()
    by_matrix = windows[-1].interaction_effects(1)
    assert_array_equal(effects.values[[0, 1, 5]], by_matrix[[0, 1, 3]])
    for place, pair in ((1, (0, 1)), (5, (3, 2))):
        found = effects.values[place]
        assert np.unravel_index(np.nanargmax(found), found.shape) == pair
    table = effects.to_frame()
    one = table.query(
        "position == -1 and other_position == 1 and letter == 'A' "
        "and other_letter == 'C'"
    )
    assert one["effect"].item() == effects.values[1, 0, 1]


def test_a_dropped_position_brings_letters_together(windows):
    effects = interaction_effects(windows, 3)
    # 3 and 6 share a window because 4 and 5 were dropped; others are too far apart
    by_matrix = windows[-1].interaction_effects(1)
    assert_array_equal(effects.values[2], by_matrix[2])
    assert np.isnan(effects.values[[0, 1, 3]]).all()


def test_letters_without_a_common_window_have_exactly_none(windows):
    with pytest.raises(ValueError, match=r"no common window .*window_size=2 and no"):
        interaction_effects(windows, 4)  # at least 2 apart in X
    guides = [f"{g[:2]}G{g[2]}{g[5:]}" for g in GUIDES]
    model = clone(windows).fit(guides, ACTIVITY)
    effects = interaction_effects(model, 2).values
    assert np.abs(effects[1]).max() > 0  # 2 and 4, side by side in X
    assert_array_equal(effects[3], np.zeros((4, 4)))  # 4 and 6


def test_bagged_interactions_are_means(windows):
    bagged = BaggingRegressor(network(window_size=2, max_iter=3), 2, random_state=0)
    model = make_pipeline(SequenceOneHotTransformer(), bagged).fit(GUIDES, ACTIVITY)
    each = [one.interaction_effects(1) for one in model[-1].estimators_]
    found = interaction_effects(model).values[[0, 1, 5]]
    assert_allclose(found, np.mean(each, axis=0)[[0, 1, 3]])


def test_models_without_interactions_are_refused(windows):
    ridge = make_pipeline(SequenceOneHotTransformer(), Ridge()).fit(GUIDES, ACTIVITY)
    with pytest.raises(ValueError, match="Ridge has no interactions"):
        interaction_effects(ridge)
    additive = make_pipeline(SequenceOneHotTransformer(), network(max_iter=2))
    with pytest.raises(ValueError, match="no interactions: this network is additive"):
        interaction_effects(additive.fit(GUIDES, ACTIVITY))
    for distance in (0, LENGTH, 1.5, "1"):
        with pytest.raises(ValueError, match="below the 7 positions"):
            interaction_effects(windows, distance)
    alone = make_pipeline(
        SequenceOneHotTransformer(), network(hidden_layer_sizes=(2,), max_iter=2)
    ).fit(["AGC", "CGA", "TGG", "GGT"] * 3, np.arange(12.0))
    with pytest.raises(ValueError, match=r"no two positions .* 1 apart"):
        interaction_effects(alone)
