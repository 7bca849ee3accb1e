"""partial_fit over parts of a table: the problem, and its solution, of the whole."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.network import kernels
from tests.network.networks import HIDDEN, classifier, log_loss, regressor
from tests.network_reference import simulate_screen

N_PASSES = 100
# A penalty that matters: over the guides of a small part it would leave nothing.
PENALISED = {
    "alpha": 4.0,
    "dropout": 0,
    "learning_rate_init": 0.01,
    "max_iter": N_PASSES,
    "standardize_target": False,
}


@pytest.fixture(scope="module")
def standard(screen):
    """The screen with a target that needs no standardising, which a part would do."""
    return screen._replace(y=(screen.y - screen.y.mean()) / screen.y.std())


def in_parts(network, X, y, size, *, n_passes=N_PASSES, weight=None, **first):
    for _ in range(n_passes):
        for start in range(0, len(y), size):
            part = slice(start, start + size)
            given = None if weight is None else weight[part]
            network.partial_fit(X[part], y[part], sample_weight=given, **first)
    return network


def squared_weights(network):
    layers = network.networks_[0].parameters
    weights = layers.window_weights, layers.readout_weights, *layers.hidden_weights
    return sum((each.astype(float) ** 2).sum() for each in weights)


def objective(network, X, y, weight=1):
    """Return what a network minimises whose target is not standardised."""
    errors = weight * (network.predict(X) - y) ** 2
    return errors.sum() + network.alpha * squared_weights(network)


# 130: the last of four parts has 10 guides, which must not count more than others.
@pytest.mark.parametrize(
    ("options", "size"), [({}, 50), ({}, 130), ({"batch_size": 8}, 400), (HIDDEN, 130)]
)
def test_parts_minimise_what_the_whole_minimises(standard, size, options):
    X, y, options = standard.X, standard.y, PENALISED | options
    least = objective(regressor(**options).fit(X, y), X, y)
    assert least < 0.3 * (y**2).sum()  # the penalty leaves something to learn
    reached = objective(in_parts(regressor(**options), X, y, size), X, y)
    assert reached < 1.1 * least


def test_weights_are_relative_to_the_whole(standard):
    X, y = standard.X, standard.y
    weight = np.repeat([1.0, 9.0], 200)  # the parts differ in their mean
    options = PENALISED | {"alpha": 20.0}
    least = objective(regressor(**options).fit(X, y, weight), X, y, weight)
    parts = in_parts(regressor(**options), X, y, 200, weight=weight)
    assert objective(parts, X, y, weight) < 1.03 * least
    unweighted = in_parts(regressor(**options), X, y, 200)
    assert objective(unweighted, X, y, weight) > 1.06 * least


def test_classes_in_parts(screen, labels):
    X = screen.X
    options = {name: PENALISED[name] for name in ("alpha", "dropout", "max_iter")}

    def deviance(network):
        loss = log_loss(labels, network.decision_function(X))
        return 2 * len(X) * loss + network.alpha * squared_weights(network)

    least = deviance(classifier(**options).fit(X, labels))
    parts = in_parts(classifier(**options), X, labels, 130, classes=[False, True])
    assert least < 0.9 * 2 * len(X) * log_loss(labels, np.zeros(len(X)))
    assert deviance(parts) < 1.03 * least


@pytest.mark.parametrize("options", [{}, HIDDEN])
def test_the_first_pass_is_taken_at_the_full_step(screen, options):
    X, y = screen.X, screen.y
    networks = [
        in_parts(regressor(learning_rate=name, **options), X, y, 130, n_passes=1)
        for name in ("cosine", "constant")
    ]
    assert_array_equal(*(network.predict(X) for network in networks))


def test_annealing_ends_with_max_iter_and_begins_again(screen):
    network = regressor(max_iter=10, **HIDDEN)
    moved = []
    for _ in range(11):
        before = network.networks_[0].theta.copy() if moved else 0
        in_parts(network, screen.X, screen.y, 130, n_passes=1)
        moved.append(np.abs(network.networks_[0].theta - before).mean())
    assert moved[9] < 0.1 * moved[1]
    assert moved[10] > 5 * moved[9]


def test_the_penalty_follows_the_guides_seen_so_far(screen, monkeypatch):
    # not those of the part, nor all that were given: a guide is one guide in any pass
    penalties = []
    train = kernels.train

    def recording(shape, hidden, objective, *others):
        penalties.append(objective.penalty)
        return train(shape, hidden, objective, *others)

    monkeypatch.setattr(kernels, "train", recording)
    in_parts(regressor(alpha=8.0), screen.X, screen.y, 200, n_passes=2)
    assert_allclose(penalties, [8 / 200, 8 / 400, 8 / 400, 8 / 400])


def test_guides_of_a_fit_are_part_of_the_whole(screen):
    network = regressor(max_iter=2).fit(screen.X, screen.y)
    other = simulate_screen(100, seed=1)
    network.partial_fit(other.X, other.y)
    assert network._stream.n_guides == 500
    network.partial_fit(screen.X, screen.y)
    assert network._stream.n_guides == 500
    assert network.fit(other.X, other.y)._stream.n_guides == 100


def test_a_network_that_is_pickled_amid_a_pass_goes_on_like_the_original(screen):
    X, y = screen.X, screen.y
    network = in_parts(regressor(max_iter=4), X, y, 130, n_passes=2)
    network.partial_fit(X[:130], y[:130])
    copy = pickle.loads(pickle.dumps(network))
    for each in (network, copy):
        each.partial_fit(X[130:], y[130:])
        in_parts(each, X, y, 130, n_passes=1)
    assert_array_equal(copy.predict(X), network.predict(X))


def test_a_diverging_part_is_not_counted(screen):
    X, y = screen.X, screen.y
    network = in_parts(regressor(max_iter=4, solver="sgd"), X, y, 100, n_passes=1)
    before = network._stream.n_taken
    network.set_params(learning_rate_init=1e30)
    with pytest.raises(ValueError, match="diverged"):
        network.partial_fit(X, y)
    assert network._stream.n_taken == before == 400
