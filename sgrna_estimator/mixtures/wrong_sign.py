"""Guides that a fit calls active although they changed against its direction.

Activity has one sign, so that they are inactive, and the fitted null says how many there
should be. More mean that the noise has heavier tails than the null, and that about as many
guides on the other side are wrongly called active.
"""

import warnings
from typing import Any

import numpy as np
from scipy.stats import norm, poisson

from sgrna_estimator._typing import Floats
from sgrna_estimator.mixtures.null import null_log_density
from sgrna_estimator.mixtures.objective import MixtureObjective

# Enough for what is on the wrong side: distances from the null mean in its scale.
_STEP, _N_STEPS = 0.25, 80

# Fewer calls could be a few guides that went wrong, of which nothing follows.
_FEWEST_CALLS = 5
_SIGNIFICANCE = 1e-3


def count_wrong_sign(objective: MixtureObjective, vector: Floats) -> tuple[int, float]:
    """Count guides with P(active) > 0.5 on the wrong side of their null.

    Parameters
    ----------
    objective : MixtureObjective
        Fitted; guides of positive spread, whose wrong side is below the null mean.
    vector : ndarray
        Its maximum.

    Returns
    -------
    count : int
        Among the guides of screens whose null is not that of negative controls.
    expected : float
        How many the null expects among as many guides, each with the mean gate that the
        fit finds for it and the mean effect that it finds for its gene. What the active
        component spreads over the wrong side is left out: it would excuse itself.
    """
    guides, components = objective.guides, objective.components(vector)
    _, _, cells, sums = objective.evaluate(vector, move_grid=False)
    screen, scale = guides.screen, components.null_scale
    # negative controls are believed
    weight = np.where(np.isnan(objective.known.null_mean)[screen], guides.weight, 0.0)
    below = guides.y < components.null_mean[screen]
    count = round(float(weight @ (below & (sums.active > 0.5))))

    effect = np.sum(sums.posterior.sum(axis=1) * cells.effect, axis=1)[guides.gene]
    expected = 0.0
    for step in range(_N_STEPS):
        residual = -(step + 0.5) * _STEP
        y = components.null_mean + residual * scale
        log_null = null_log_density(
            y, components.null_mean, scale, components.null_tail
        )
        null = (1 - sums.gate) * np.exp(log_null)[screen]
        active = sums.gate * norm.pdf(
            y[screen], effect, components.active_scale[screen]
        )
        mass = np.where(active > null, null, 0.0) * scale[screen] * _STEP
        expected += float(weight @ mass)
    return count, expected


def warn_of_wrong_sign(mixture: Any) -> None:
    """Warn if a fitted mixture has far more such calls than its null explains."""
    count, expected = mixture.wrong_sign_calls_, mixture.expected_wrong_sign_calls_
    if count >= _FEWEST_CALLS and poisson.sf(count - 1.0, expected) < _SIGNIFICANCE:
        side = "below" if mixture.direction_ == "positive" else "above"
        warnings.warn(
            f"{count} guides {side} the null look active, where the fitted null explains "
            f"{expected:.1f}: the noise has heavier tails, and about as many guides are "
            "wrongly called active on the other side",
            UserWarning,
            stacklevel=4,  # past the estimator and the wrapper of its fit
        )
