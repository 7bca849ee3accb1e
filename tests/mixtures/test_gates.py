"""The two gates."""

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import beta

from tests.mixtures.objectives import (
    draw_guides,
    effect_objective,
    gating_objective,
)


def test_shares_of_starts_are_shares():
    objective = gating_objective(
        draw_guides(np.random.default_rng(0)), np.random.default_rng(0)
    )
    assert objective.start(0.2, 1.0)[5] == pytest.approx(logit(0.2))


@pytest.mark.parametrize("q0", [0.05, 0.3, 0.9])
def test_q0_is_the_mean_of_its_prior(q0):
    objective = effect_objective(draw_guides(np.random.default_rng(0)), q0=q0)
    log_a = objective.gate_bounds()[0, 0]  # known: both bounds are its value
    assert beta(np.exp(log_a), 4.0).mean() == pytest.approx(q0)
    assert objective.mean_mixing(np.array([log_a])) == pytest.approx(q0)
