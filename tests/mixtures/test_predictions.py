"""What a fitted mixture says of guides of genes that it saw, and of others."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from scipy.stats import norm, t

from sgrna_estimator.mixtures.guides import Components
from sgrna_estimator.mixtures.kernels import N_EFFECTS, N_GATES, Cells
from sgrna_estimator.mixtures.logistic import MixtureLogisticRegression
from sgrna_estimator.mixtures.predictions import (
    FittedScreens,
    expect,
    gate_of_unseen_genes,
    judge,
)
from tests.mixtures.logistic_data import two_screens


def certain_of_a_gene():
    """Return a fit of one screen that knows its gene: intercept 1, effect 3."""
    gate, effect = np.full((1, N_GATES), -9.0), np.full((1, N_EFFECTS), -9.0)
    gate[0, 2], effect[0, 5] = 1.0, 3.0
    posterior = np.zeros((1, N_GATES, N_EFFECTS))
    posterior[0, 2, 5] = 1.0
    components = Components(*np.array([[0.1], [0.5], [0.8], [2.0], [0.6], [0.2]]))
    cells = Cells(gate, effect, np.zeros_like(gate), np.zeros_like(effect))
    return FittedScreens(
        components, np.array([-0.5]), 0.7, np.array([0]), cells, posterior
    )


def test_a_gene_that_is_known_is_a_mixture_of_two():
    fitted, one = certain_of_a_gene(), np.ones((1, 1))
    log_odds, gene = np.array([0.3]), np.array([0])
    gate = expit(-0.5 + 1.0 + 0.3)
    probability, expected = expect(fitted, log_odds, gene, one)
    assert probability[0] == pytest.approx(gate)
    assert expected[0] == pytest.approx((1 - gate) * 0.1 + gate * 3.0)

    active = gate * norm.pdf(1.5, 3.0, 0.8)
    null = (1 - gate) * t.pdf(1.5, 5, 0.1, 0.5)
    found = judge(fitted, log_odds, np.array([1.5]), gene, one)
    assert found[0] == pytest.approx(active / (active + null))


def test_the_gate_of_other_genes_is_an_average_over_intercepts():
    fitted = certain_of_a_gene()
    draws = np.random.default_rng(0).normal(0, 0.7, 1_000_000)
    for log_odds in (-2.0, 0.0, 3.0):
        gate = gate_of_unseen_genes(fitted, np.array([log_odds]))
        assert gate.shape == (1, 1)
        assert gate[0, 0] == pytest.approx(expit(log_odds - 0.5 + draws).mean(), 2e-3)
    probability, expected = expect(
        fitted, np.array([0.0]), np.array([-1]), np.ones((1, 1))
    )
    assert_allclose(probability, gate_of_unseen_genes(fitted, np.zeros(1))[0])
    assert_allclose(expected, (1 - probability) * 0.1 + probability * 2.0)


def test_posterior_of_guides_whose_screen_or_gene_is_new():
    X, y, gene, screen = two_screens()
    model = MixtureLogisticRegression().fit(X, y, groups=gene, screens=screen)
    x, value = X[:1], np.array([2.0])
    gate = [model.predict_proba(x, screens=[name])[0] for name in "AB"]
    active, null = [], []
    for s in range(2):
        scale = np.hypot(model.active_scale_[s], model.sigma_g_[s])
        active.append(gate[s] * norm.pdf(2, model.mu1_[s], scale))
        null.append(
            (1 - gate[s])
            * t.pdf(2, model.null_dof_[s], model.null_mean_[s], model.null_scale_[s])
        )
        assert model.posterior(x, value, screens=["AB"[s]])[0] == pytest.approx(
            active[s] / (active[s] + null[s])
        )
    assert model.posterior(x, value)[0] == pytest.approx(
        sum(active) / (sum(active) + sum(null))
    )
