"""The maximum of the objective, and the curvature there."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sgrna_estimator.mixtures.guides import (
    Guides,
)
from sgrna_estimator.mixtures.maximum import assess, maximise, thin
from tests.mixtures.objectives import (
    draw_guides,
    effect_objective,
    gating_objective,
    top,
)


def test_starts_end_at_the_same_maximum():
    rng = np.random.default_rng(7)
    guides = draw_guides(rng, 20, largest=30)
    values = []
    for share, shift in ((0.1, 0.5), (0.3, 2.0), (0.6, 1.0)):
        objective = effect_objective(guides)
        optimum = top(objective, objective.start(share, shift), 200, 1e-12)
        values.append(optimum.value)
    assert_allclose(values, values[0], atol=1e-5)


def test_the_better_direction_is_taken():
    rng = np.random.default_rng(8)
    guides = draw_guides(rng, 10, largest=30)

    def make_objective(rows, factor):
        return effect_objective(guides.take(rows).scaled(factor))

    factor, objective, optimum = maximise(
        make_objective, guides.gene, [-1.0, 1.0], 100, 1e-9
    )
    assert factor == 1.0
    assert_array_equal(objective.guides.y, guides.y)
    assert optimum.converged


def test_genes_are_thinned_evenly():
    gene = np.repeat([0, 1, 2], [3, 10, 8])
    rows = thin(gene, 4)
    assert_array_equal(np.bincount(gene[rows]), [3, 4, 4])
    assert_array_equal(rows[gene[rows] == 1], 3 + np.array([0, 3, 6, 9]))
    assert_array_equal(thin(gene, 10), np.arange(21))


def test_many_genes_are_tried_on_some():
    gene, seen = np.repeat(np.arange(3000), 2), []
    y = np.random.default_rng(0).normal(size=6000)
    guides = Guides(y, np.ones(6000), gene, np.zeros(3000, int), 1)

    def make_objective(rows, factor):
        seen.append(rows.size)
        return effect_objective(guides.take(rows).scaled(factor))

    maximise(make_objective, gene, [1.0], 1, 1e-8)
    # two starts on a third of the genes, then all of them
    assert seen == [2000, 2000, 6000]


def test_information_is_the_second_derivative():
    rng = np.random.default_rng(9)
    objective = effect_objective(draw_guides(rng, 20, largest=30))
    vector = top(objective, objective.start(0.3, 1.5), 200, 1e-14).vector
    assessed = assess(objective, vector, lambda gate: gate)
    assert_array_equal(assessed.free, np.arange(6))
    curvature, step = np.linalg.inv(assessed.covariance), 2e-3
    for i, unit in enumerate(np.eye(6) * step):
        around = [
            objective.evaluate(vector + k * unit, move_grid=False).value
            for k in (-1, 0, 1)
        ]
        second = -(around[0] - 2 * around[1] + around[2]) / step**2
        assert curvature[i, i] == pytest.approx(
            second * objective.total_weight, rel=1e-2
        )


def test_no_information_is_no_standard_error():
    rng = np.random.default_rng(10)
    guides = draw_guides(rng, 6, largest=20)
    objective = gating_objective(guides, rng, None)
    objective.features[:, 2] = objective.features[:, 1]  # the same feature twice
    optimum = top(objective, objective.start(0.3, 1.5), 80, 1e-9)
    assessed = assess(objective, optimum.vector, lambda gate: gate)
    assert np.isnan(assessed.covariance).all()
    assert np.isfinite(assessed.effect_error).all()
