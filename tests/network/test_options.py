"""What the options of a network switch: layers, intercepts, dropout, order, printing."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sgrna_estimator.network import defaults
from tests.network.networks import HIDDEN, quick, regressor
from tests.network_reference import simulate_screen


@pytest.mark.parametrize(
    "sizes", [[6], (6,), np.array([6]), pd.Series([6])], ids=lambda sizes: type(sizes)
)
def test_hidden_layers_in_any_sequence(screen, sizes):
    options = HIDDEN | {"hidden_layer_sizes": sizes}
    network = regressor(max_iter=5, **options).fit(screen.X, screen.y)
    assert_array_equal(
        network.predict(screen.X), quick().fit(screen.X, screen.y).predict(screen.X)
    )


def test_several_hidden_layers_in_an_array(screen):
    sizes = np.array([6, 3])
    network = regressor(max_iter=3, hidden_layer_sizes=sizes).fit(screen.X, screen.y)
    assert [weights.shape for weights in network.hidden_weights_] == [(8, 6), (6, 3)]
    regressor(max_iter=3, hidden_layer_sizes=np.array([], int)).fit(screen.X, screen.y)


@pytest.mark.parametrize("sizes", [(0,), (3, -1), (2.5,), ("4",)])
def test_hidden_layers_of_no_size_are_refused(screen, sizes):
    with pytest.raises(ValueError, match="whole numbers above 0, got"):
        regressor(hidden_layer_sizes=sizes).fit(screen.X, screen.y)


@pytest.mark.parametrize("kind", ["letters", "numbers"])
def test_windows_without_intercepts(screen, kind):
    X = screen.X if kind == "letters" else screen.X - 0.2
    network = quick(window_bias=False).fit(X, screen.y)
    assert not network.window_intercepts_.any()
    assert regressor(max_iter=3).fit(X, screen.y).window_intercepts_.any()
    additive = regressor(max_iter=3, window_bias=False).fit(X, screen.y)
    assert not additive.window_intercepts_.any()


@pytest.mark.parametrize(
    ("n", "options", "dropout"),
    [
        (500, {"window_size": 2}, 0.5),
        (8000, {"window_size": 2}, 0.25),
        (200_000, {"hidden_layer_sizes": (3,)}, 0.2),
        (500, {}, 0.0),
        (500, {"window_size": 2, "dropout": 0.1}, 0.1),
        (500, {"dropout": 0.1}, 0.1),
    ],
)
def test_auto_dropout_falls_with_the_number_of_guides(n, options, dropout):
    screen = simulate_screen(50, 3)
    network = regressor(max_iter=1, **options).fit(screen.X, screen.y)
    architecture = network.networks_[0].architecture
    found = defaults.share_dropped(network.dropout, architecture, n)
    assert found == pytest.approx(dropout)


def test_dropout_matters_in_training_only(screen):
    without = quick(dropout=0.0).fit(screen.X, screen.y)
    dropped = quick(dropout=0.5).fit(screen.X, screen.y)
    assert (dropped.predict(screen.X) != without.predict(screen.X)).any()
    assert_array_equal(dropped.predict(screen.X), dropped.predict(screen.X))


def test_without_shuffling_the_order_of_the_guides_counts(screen):
    reverse = slice(None, None, -1)
    network = quick(shuffle=False, dropout=0, batch_size=7)
    forward = clone(network).fit(screen.X, screen.y).predict(screen.X)
    backward = clone(network).fit(screen.X[reverse], screen.y[reverse])
    assert (backward.predict(screen.X) != forward).any()
    # one batch of all guides: no order is left but that of the sums
    network.set_params(batch_size=len(screen.y))
    forward = clone(network).fit(screen.X, screen.y).predict(screen.X)
    backward = clone(network).fit(screen.X[reverse], screen.y[reverse])
    assert_allclose(backward.predict(screen.X), forward, atol=1e-3)


def test_verbose_prints_the_losses(screen, capsys):
    network = quick(verbose=True, max_iter=3).fit(screen.X, screen.y)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"Epoch {i + 1} of 3, training loss {loss:.6g}"
        for i, loss in enumerate(network.loss_curve_)
    ]
    network.fit(screen.X, screen.y, X_val=screen.X, y_val=screen.y)
    loss = network.validation_loss_curve_[-1]
    assert capsys.readouterr().out.endswith(f", validation loss {loss:.6g}\n")
    quick().fit(screen.X, screen.y)
    assert capsys.readouterr().out == ""
