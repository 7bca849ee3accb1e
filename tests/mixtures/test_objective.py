"""The objective of both mixtures: its gradient, what is known, its grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse

from sgrna_estimator.mixtures.guides import (
    Components,
    Guides,
)
from sgrna_estimator.mixtures.maximum import climb
from tests.mixtures.objectives import (
    draw_guides,
    draw_vector,
    effect_objective,
    gating_objective,
    nothing_known,
    top,
)

seeds = st.integers(0, 10_000)


def all_objectives(rng):
    one, two = draw_guides(rng, 4), draw_guides(rng, 5, 2, weighted=True)
    half_known = Components(*np.array([[0.1], [0.6], [np.nan], [1.5], [0.4], [0.2]]))
    second_known = Components(
        *np.array([[np.nan, 0.1], [np.nan, 0.6], *[[np.nan] * 2] * 3, [0.4, 0.0]])
    )
    return {
        "effect": effect_objective(one),
        "effect, heavy null": effect_objective(one, nothing_known(null_tail=0.3)),
        "effect, null not learnt": effect_objective(
            one, nothing_known(null_tail=np.nan)
        ),
        "effect, two screens": effect_objective(two),
        "effect, some known": effect_objective(one, half_known, q0=0.3),
        "gating, L2": gating_objective(one, rng),
        "gating, L1, sparse": gating_objective(one, rng, "l1", None, np.nan, csr),
        "gating, no penalty": gating_objective(one, rng, None),
        "gating, two screens": gating_objective(two, rng, "l2", second_known),
        "gating, some known": gating_objective(one, rng, "l2", half_known, v=0.7),
    }


csr = sparse.csr_array


@pytest.mark.parametrize("name", all_objectives(np.random.default_rng(0)))
def test_gradients_equal_central_differences(name):
    rng = np.random.default_rng(5)
    objective = all_objectives(rng)[name]
    vector = draw_vector(objective, rng)
    gradient = objective.evaluate(vector).gradient
    step = 1e-5
    numeric = np.array(
        [
            objective.evaluate(vector + step * unit, move_grid=False).value
            - objective.evaluate(vector - step * unit, move_grid=False).value
            for unit in np.eye(vector.size)
        ]
    ) / (2 * step)
    lowest, highest = objective.bounds().T
    free = lowest < highest
    assert_allclose(gradient[free], numeric[free], rtol=1e-6, atol=1e-9)


def test_what_is_known_stays():
    rng = np.random.default_rng(0)
    objective = all_objectives(rng)["gating, some known"]
    optimum = top(objective, objective.start(0.3, 1.0), 50, 1e-9)
    found = objective.components(optimum.vector)
    assert_allclose(found.null_mean, 0.1)
    assert_allclose(found.null_scale, 0.6)
    assert_allclose(found.effect_mean, 1.5)
    assert_allclose(found.effect_scale, 0.4)
    assert objective.split(optimum.vector)[1] == pytest.approx(0.7)


@settings(max_examples=25)
@given(
    seeds,
    st.sampled_from(["effect", "l2", "l1", "none"]),
    st.sampled_from([0.0, 1.0, 100.0]),
)
def test_the_objective_never_decreases(seed, kind, outlier):
    rng = np.random.default_rng(seed)
    guides = draw_guides(rng, int(rng.integers(1, 6)), weighted=bool(seed % 2))
    guides.y[0] += outlier
    if kind == "effect":
        objective = effect_objective(guides)
    else:
        objective = gating_objective(guides, rng, None if kind == "none" else kind)
    start = draw_vector(objective, rng)
    objective.evaluate(start)
    trace = climb(objective, start, 60, 1e-10, move_grid=False).trace
    assert np.all(np.diff(trace) >= 0)
    assert trace[-1] > trace[0]


def test_no_scale_reaches_zero():
    # pairs of equal values: a component on one of them has an unbounded likelihood
    y = np.repeat([0.0, 0.5, 2.0], 2)
    guides = Guides(y, np.ones(6), np.zeros(6, int), np.zeros(1, int), 1)
    objective = effect_objective(guides)
    optimum = top(objective, objective.start(0.3, 1.0), 200, 0)
    assert np.isfinite(optimum.value)
    assert objective.components(optimum.vector).null_scale >= 0.01 * 0.999


def test_the_grid_hardly_matters():
    rng = np.random.default_rng(6)
    objective = effect_objective(draw_guides(rng, 30, largest=40))
    vector = draw_vector(objective, rng)
    value, gradient, *_ = objective.evaluate(vector)
    again = objective.evaluate(vector, move_grid=False)
    assert again.value == value  # where it was is where it would go
    objective.effect_ranges = objective.effect_ranges * 1.2
    objective.gate_ranges = objective.gate_ranges - 0.1
    other = objective.evaluate(vector, move_grid=False)
    assert other.value == pytest.approx(value, abs=2e-5)
    assert_allclose(other.gradient, gradient, atol=2e-4)


@pytest.mark.parametrize("n_guides", [1, 30, 3000, 100_000])
def test_genes_of_any_size_have_their_posterior(n_guides):
    rng = np.random.default_rng(11)
    active = rng.random(n_guides) < 0.3
    y = np.where(active, rng.normal(2, 0.7, n_guides), rng.normal(0, 0.5, n_guides))
    guides = Guides(y, np.ones(n_guides), np.zeros(n_guides, int), np.zeros(1, int), 1)
    objective = effect_objective(guides)
    vector = np.array([0.0, np.log(0.5), np.log(0.7 / 0.5), 1.5, np.log(0.5), 0.0])
    _, _, cells, sums = objective.evaluate(vector)
    mass = sums.posterior[0].sum(axis=0)
    mean = mass @ cells.effect[0]
    scale = np.sqrt(mass @ (cells.effect[0] - mean) ** 2)
    # nearly that of the mean of the active guides, had they been labelled
    precision = active.sum() / 0.7**2 + 1 / 0.5**2
    labelled = (y[active].sum() / 0.7**2 + 1.5 / 0.5**2) / precision
    assert abs(mean - labelled) < 2.5 * scale
    assert 0.9 / np.sqrt(precision) < scale < 2 / np.sqrt(precision)
