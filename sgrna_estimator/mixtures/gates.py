"""The two gates: what the log odds that a guide is active depend on.

They depend on the guide's features and its gene, or on its gene alone.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

from sgrna_estimator._typing import Floats
from sgrna_estimator.mixtures.grids import (
    NORMAL_LIMITS,
    NORMAL_RANGE,
    cell_centres,
    logit_beta_log_mass,
    normal_log_mass,
)
from sgrna_estimator.mixtures.guides import Components, Guides
from sgrna_estimator.mixtures.maximum import Uncertainty
from sgrna_estimator.mixtures.objective import MixtureObjective, log_gamma_prior

if TYPE_CHECKING:
    from sgrna_estimator.mixtures.kernels import Sums

# Weak prior of each screen's intercept: between 0.4 % and 93 % of guides are active.
_INTERCEPT_PRIOR = (float(logit(0.2)), 2.0)

_GATE_SCALE_PRIOR_MEAN = 1.0  # log odds
_LOG_GATE_SCALE_BOUNDS = (np.log(1e-2), np.log(1e2))


class GatingObjective(MixtureObjective):
    """The objective whose gate is a logistic regression with gene intercepts.

    The gate's value is the gene's intercept, ``v`` times a standard normal variable.
    Its parameters are an intercept a screen, ``log v``, and the coefficients of the
    features; for an L1 penalty first all their positive, then all their negative parts.

    Parameters
    ----------
    guides, known, null_mean_scale
        As in `MixtureObjective`.
    features : {ndarray, CSR array} of shape (n_guides, n_features)
        Features of the guides, scaled to a mean square of 1 or thereabouts.
    penalty : {"l2", "l1"} or None
        Norm of the coefficients that is penalised.
    strength : ndarray of shape (n_features,)
        Weight of the penalty of each coefficient.
    gate_scale : float
        ``v``, nan to estimate it.
    """

    def __init__(
        self,
        guides: Guides,
        known: Components,
        null_mean_scale: float,
        features: Any,
        penalty: str | None,
        strength: Floats,
        gate_scale: float,
    ) -> None:
        self.features = features
        self.penalty = penalty
        self.strength = strength
        self.gate_scale = gate_scale
        ranges, limits = (
            np.tile(extent, (guides.n_genes, 1))
            for extent in (NORMAL_RANGE, NORMAL_LIMITS)
        )
        super().__init__(guides, known, null_mean_scale, ranges, limits)

    @property
    def _n_intercepts(self) -> int:
        return self.guides.n_screens

    def split(self, vector: Floats) -> tuple[Floats, float, Floats]:
        """Return intercepts, ``v`` and the entries that the coefficients have."""
        start = self.n_screen_parameters
        stop = start + self._n_intercepts
        return vector[start:stop], float(np.exp(vector[stop])), vector[stop + 1 :]

    def coefficients(self, vector: Floats) -> Floats:
        """Return the coefficients of the features."""
        parts = self.split(vector)[2]
        if self.penalty != "l1":
            return parts
        positive, negative = np.split(parts, 2)
        return positive - negative

    def coefficient_covariance(self, assessed: Uncertainty) -> Floats:
        """Return the covariance of the coefficients, nan for those held at 0."""
        n_features = self.features.shape[1]
        entry = assessed.free - (len(self.bounds()) - self._n_parts)
        feature, sign = entry % n_features, np.where(entry < n_features, 1, -1)
        mine = entry >= 0
        covariance = np.full((n_features, n_features), np.nan)
        covariance[np.ix_(feature[mine], feature[mine])] = assessed.covariance[
            np.ix_(mine, mine)
        ] * np.outer(sign[mine], sign[mine])
        return covariance

    def gate(self, vector: Floats) -> tuple[Floats, Floats, Floats]:
        """Return eta of each guide, then values and log masses of each gene's gate."""
        intercepts, scale, _ = self.split(vector)
        eta = intercepts[self.guides.screen]
        eta = eta + self.features @ self.coefficients(vector)
        standardised = cell_centres(self.gate_ranges, self.n_gates)
        log_mass = normal_log_mass(self.gate_ranges, self.n_gates)
        return eta, scale * standardised, log_mass

    def gate_gradient(self, vector: Floats, sums: "Sums") -> Floats:
        """Return the derivative of the log likelihood by the gate's parameters."""
        guides, scale = self.guides, self.split(vector)[1]
        surprise = guides.weight * (sums.active - sums.gate)
        standardised = cell_centres(self.gate_ranges, self.n_gates)
        by_coefficient = self.features.T @ surprise
        if self.penalty == "l1":
            by_coefficient = np.concatenate([by_coefficient, -by_coefficient])
        return np.concatenate(
            [
                np.bincount(guides.screen, surprise, guides.n_screens),
                [scale * np.sum(sums.gate_gradient * standardised)],
                by_coefficient,
            ]
        )

    def gate_log_prior(self, vector: Floats) -> tuple[float, Floats]:
        """Return minus the penalty, and weak log priors of the rest."""
        intercepts, scale, parts = self.split(vector)
        mean, width = _INTERCEPT_PRIOR
        deviation = (intercepts - mean) / width
        value, slope = log_gamma_prior(np.log(scale), _GATE_SCALE_PRIOR_MEAN)
        value -= 0.5 * np.sum(deviation**2)
        if self.penalty == "l2":
            value -= 0.5 * np.sum(self.strength * parts**2)
            by_part = -self.strength * parts
        elif self.penalty == "l1":
            by_part = -np.concatenate([self.strength, self.strength])
            value += np.sum(by_part * parts)
        else:
            by_part = np.zeros_like(parts)
        return float(value), np.concatenate([-deviation / width, [slope], by_part])

    def gate_start(self, share_active: float) -> Floats:
        """Return intercepts of this share and no effect of any feature."""
        return np.concatenate(
            [
                np.full(self._n_intercepts, logit(share_active)),
                [np.log(_GATE_SCALE_PRIOR_MEAN / 2)],
                np.zeros(self._n_parts),
            ]
        )

    def gate_bounds(self) -> Floats:
        """Return the lowest and highest value of each gate parameter."""
        if np.isnan(self.gate_scale):
            log_scale = _LOG_GATE_SCALE_BOUNDS
        else:
            log_scale = (np.log(self.gate_scale), np.log(self.gate_scale))
        lowest_part = 0.0 if self.penalty == "l1" else -np.inf
        return np.array(
            [(-np.inf, np.inf)] * self._n_intercepts
            + [log_scale]
            + [(lowest_part, np.inf)] * self._n_parts
        )

    @property
    def _n_parts(self) -> int:
        n_features = self.features.shape[1]
        return 2 * n_features if self.penalty == "l1" else n_features


# q_g ~ Beta(4 q0 / (1 - q0), 4), whose mean is q0.
_BETA_B = 4.0

# Weak prior Beta(2, 8) of q0: a fifth of the guides are active.
_Q0_PRIOR = (2.0, 8.0)
_Q0_BOUNDS = np.array([1e-4, 1 - 1e-3])

# How much of a surprise, in log odds, an active guide in all of a gene's would be.
_LOG_SURPRISE = 7.0


def beta_a(q0: Any) -> Any:
    """Return the first parameter of the Beta prior with mean ``q0``."""
    return _BETA_B * q0 / (1 - q0)


class GuideEffectObjective(MixtureObjective):
    """The objective whose gate is one mixing proportion a gene.

    The gate's value is the log odds of ``q_g``, its only parameter ``log a`` of the
    prior Beta(a, 4).

    Parameters
    ----------
    guides, known, null_mean_scale
        As in `MixtureObjective`.
    q0 : float
        Mean of the mixing proportions, nan to estimate it.
    """

    def __init__(
        self, guides: Guides, known: Components, null_mean_scale: float, q0: float
    ) -> None:
        self.q0 = q0
        # Below the lowest log odds not one guide of the gene is active, and what they
        # are exactly makes no difference; above the highest all of them are.
        n_guides = np.bincount(guides.gene, guides.weight)
        extent = np.log(n_guides + _BETA_B) + _LOG_SURPRISE
        self._lowest = -extent
        limits = np.column_stack([-extent, extent])
        super().__init__(guides, known, null_mean_scale, limits, limits)

    def gate(self, vector: Floats) -> tuple[Floats, Floats, Floats]:
        """Return eta of each guide, then values and log masses of each gene's gate."""
        log_mass, _ = self._log_mass(vector)
        values = cell_centres(self.gate_ranges, self.n_gates)
        return np.zeros(len(self.guides.y)), values, log_mass

    def gate_gradient(self, vector: Floats, sums: "Sums") -> Floats:
        """Return the derivative of the log likelihood by ``log a``."""
        _, slope = self._log_mass(vector)
        return np.exp(vector[-1:]) * np.sum(sums.posterior.sum(axis=2) * slope)

    def mean_mixing(self, vector: Floats) -> float:
        """Return ``q0``, the mean of the mixing proportions."""
        return float(expit(vector[-1] - np.log(_BETA_B)))

    def gate_log_prior(self, vector: Floats) -> tuple[float, Floats]:
        """Return the log prior of ``q0`` and its derivative by ``log a``."""
        if not np.isnan(self.q0):
            return 0.0, np.zeros(1)
        q0 = self.mean_mixing(vector)
        active, inactive = _Q0_PRIOR[0] - 1, _Q0_PRIOR[1] - 1
        value = active * np.log(q0) + inactive * np.log1p(-q0)
        return float(value), np.array([active * (1 - q0) - inactive * q0])

    def gate_start(self, share_active: float) -> Floats:
        """Return ``log a`` of this share."""
        return np.array([np.log(beta_a(share_active))])

    def gate_bounds(self) -> Floats:
        """Return the lowest and highest ``log a``."""
        if np.isnan(self.q0):
            return np.log(beta_a(_Q0_BOUNDS))[None, :]
        return np.full((1, 2), np.log(beta_a(self.q0)))

    def _log_mass(self, vector: Floats) -> tuple[Floats, Floats]:
        a = float(np.exp(vector[-1]))
        return logit_beta_log_mass(
            self.gate_ranges, self.n_gates, a, _BETA_B, self._lowest
        )
