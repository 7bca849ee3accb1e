"""The sizes that a network is given."""

import numpy as np
import pytest

from sgrna_estimator.network.sizes import architecture_of, chosen_sizes
from tests.network.networks import group, quick, regressor


def sizes_of(**params):
    return chosen_sizes(regressor(**params).get_params(), [])


@pytest.mark.parametrize("given", [6, [6], (6,), np.array([6])])
def test_one_hidden_layer_in_any_form(given):
    assert sizes_of(hidden_layer_sizes=given)["hidden_layer_sizes"] == (6,)


@pytest.mark.parametrize("given", [[0], [2.5], ["8"], [4, -1]])
def test_hidden_layers_are_numbers_of_units(given):
    with pytest.raises(ValueError, match="hidden_layer_sizes must hold whole numbers"):
        sizes_of(hidden_layer_sizes=given)


def test_sizes_left_at_their_defaults_are_those_of_a_prior(screen):
    prior = quick().fit(screen.X, screen.y).networks_
    params = regressor(n_units=4).get_params()
    assert chosen_sizes(params, prior) == {
        "window_size": 3, "n_units": 4, "share_weights": False,
        "hidden_layer_sizes": (6,),
    }  # fmt: skip
    with pytest.raises(ValueError, match="prior"):
        chosen_sizes(regressor(n_units=5).get_params(), prior)


def test_windows_are_as_many_as_fit_into_the_columns():
    columns = group(n_features=33, covariates=[32])
    architecture = architecture_of(columns, sizes_of(window_size=3, n_units=2))
    assert (architecture.n_windows, architecture.n_channels) == (6, 4)
    assert (architecture.n_units, architecture.n_covariates) == (2, 1)
