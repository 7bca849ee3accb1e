"""Guides of a few genes, and objectives of both gates on them."""

import numpy as np

from sgrna_estimator.mixtures.gates import GatingObjective, GuideEffectObjective
from sgrna_estimator.mixtures.guides import (
    Components,
    Guides,
)
from sgrna_estimator.mixtures.maximum import climb


def draw_guides(rng, n_genes=4, n_screens=1, largest=12, weighted=False):
    """Guides of a few genes in units of their spread, some genes with one guide."""
    gene = np.repeat(np.arange(n_genes), rng.integers(1, largest + 1, n_genes))
    active = rng.random(gene.size) < 0.4
    y = np.where(active, rng.normal(2, 1, gene.size), rng.normal(0, 0.7, gene.size))
    weight = rng.integers(1, 4, gene.size) if weighted else np.ones(gene.size)
    screen_of_gene = np.arange(n_genes) * n_screens // n_genes
    return Guides(y, weight.astype(float), gene, screen_of_gene, n_screens)


def nothing_known(n_screens=1, null_tail=0.0):
    """Nothing but the tail of the null; nan leaves it to be learnt."""
    unknown = np.full(n_screens, np.nan)
    return Components(*[unknown] * 5, np.full(n_screens, null_tail))


def effect_objective(guides, known=None, q0=np.nan):
    return GuideEffectObjective(
        guides, known or nothing_known(guides.n_screens), 0.1, q0
    )


def gating_objective(guides, rng, penalty="l2", known=None, v=np.nan, container=None):
    features = rng.normal(size=(guides.y.size, 3))
    return GatingObjective(
        guides,
        known or nothing_known(guides.n_screens),
        0.1,
        container(features) if container else features,
        penalty,
        rng.uniform(0.5, 2, 3),
        v,
    )


def draw_vector(objective, rng):
    """A vector inside the bounds, not at any optimum."""
    bounds = objective.bounds()
    start = objective.start(rng.uniform(0.2, 0.6), rng.uniform(1, 2))
    return np.clip(start + rng.uniform(0.01, 0.3, start.size), *bounds.T)


def top(objective, start, max_iter, tol):
    """Climb on a grid that follows the posterior, then on a grid at rest."""
    bounds = objective.bounds()
    vector = climb(
        objective, np.clip(start, *bounds.T), max_iter, tol, move_grid=True
    ).vector
    objective.evaluate(vector)
    return climb(objective, vector, max_iter, tol, move_grid=False)
